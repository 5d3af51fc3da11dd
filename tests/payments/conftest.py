"""Gateways to be tested: the brand's own, and Asaas at its strict stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from random import Random

import pytest

from bot.core.brand import Brand, Payments, Pix
from bot.demo.gateway import DemoGateway
from bot.domain import tax_id
from bot.domain.payments import Method, Payer, Wanted
from bot.payments.asaas import Asaas
from bot.payments.offline import Offline
from bot.payments.port import Gateway
from storage.database import Database
from tests.fakes import Clock
from tests.payments.fake_asaas import KEY, FakeAsaas, asaas_at_loopback
from tests.payments.office import Office

BRAND = Brand(
    id="curral",
    name="Curral Fibra",
    locale="en",
    pix=Pix("pix@curral.example.com", "Curral Fibra", "Atibaia"),
    payments=Payments("main", "asaas", ("boleto", "pix", "card"), ("credit", "debit"), True),
)
CPF = tax_id.generate_cpf(Random(41))
ANA = Payer("Ana Prado Nogueira", CPF, "ana@example.com", "+5511900000012", "12940000", "12")
TODAY = date(2026, 11, 20)


def wanted(reference: str = "curral:A-0012", **changes: object) -> Wanted:
    """A charge of 99.90 by boleto, due in twenty days."""
    usual = Wanted(
        reference=reference,
        payer=ANA,
        method=Method.BOLETO,
        amount=Decimal("99.90"),
        due_on=date(2026, 12, 10),
        today=TODAY,
        amount_today=Decimal("99.90"),
        description="Curral Fibra A-0012",
        fine_percent=Decimal(2),
        interest_percent_month=Decimal(1),
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


@pytest.fixture
def brand() -> Brand:
    return BRAND


@dataclass
class Alarms:
    """What the operator was told."""

    told: list[tuple[str, str | None]] = field(default_factory=list)

    def __call__(self, key: str, words: str | None) -> None:
        self.told.append((key, words))


@pytest.fixture
async def fake(clock: Clock) -> AsyncIterator[FakeAsaas]:
    async with asaas_at_loopback(clock) as fake:
        yield fake


@pytest.fixture
def alarms() -> Alarms:
    return Alarms()


@pytest.fixture
async def asaas(fake: FakeAsaas, alarms: Alarms) -> AsyncIterator[Asaas]:
    gateway = Asaas("main", KEY, url=fake.url, alarm=alarms)
    yield gateway
    await gateway.close()


@pytest.fixture(params=["offline", "asaas", "demo"])
async def gateway(request: pytest.FixtureRequest, clock: Clock) -> AsyncIterator[Gateway]:
    """Each gateway there is."""
    if request.param == "offline":
        yield Offline("offline", {BRAND.id: BRAND}.get)
        return
    if request.param == "demo":
        assert BRAND.pix is not None
        yield DemoGateway("https://demo.example.com", BRAND.pix)
        return
    async with asaas_at_loopback(clock) as fake:
        gateway = Asaas("main", KEY, url=fake.url)
        yield gateway
        await gateway.close()


@pytest.fixture
async def office(
    storage: Database, brand: Brand, clock: Clock, asaas: Asaas, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Office]:
    """A counter whose gateway is Asaas."""
    # Outcomes wait for a group to join, which a lone customer's turns would wait for in vain.
    monkeypatch.setattr("storage.turns.JOIN_SECONDS", 0.0)
    office = Office(storage, brand, clock, {"main": asaas})
    await office.opens()
    await office.comes("ana")
    yield office
    await office.closes()
