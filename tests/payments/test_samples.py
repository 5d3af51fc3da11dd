"""What Asaas publishes is understood, and the stand-in takes what the documentation sends."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.core.errors import Permanent
from bot.domain import boleto, pix
from bot.domain.payments import CardSeen, ChargeState, Method
from bot.payments.asaas import Asaas, _charge
from bot.payments.wire import encoded, money
from bot.web.gateway_hook import read_event
from tests.fakes import Clock
from tests.payments.conftest import wanted
from tests.payments.fake_asaas import KEY, FakeAsaas
from tests.payments.fake_wire import Refused

SAMPLES = json.loads(
    (Path(__file__).parent / "samples.json").read_text(encoding="utf-8"), parse_float=Decimal
)


@asynccontextmanager
async def published(answers: dict[str, Any]) -> AsyncIterator[Asaas]:
    """An API that gives these answers, word for word."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=encoded(answers[request.path]), content_type="application/json")

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    asaas = Asaas("main", KEY, url=f"http://127.0.0.1:{runner.addresses[0][1]}")
    try:
        yield asaas
    finally:
        await asaas.close()
        await runner.cleanup()


async def test_a_published_charge_is_read() -> None:
    async with published({"/payments/pay_080225913252": SAMPLES["charge"]}) as asaas:
        charge = await asaas.read("pay_080225913252")
    assert charge is not None
    assert (charge.state, charge.method) == (ChargeState.WAITING, Method.BOLETO)
    assert (charge.reference, charge.amount) == ("056984", Decimal("20.00"))
    assert (charge.due_on, charge.paid) == (date(2017, 6, 10), None)
    assert charge.url == "https://www.asaas.com/i/080225913252"


async def test_a_published_line_and_code_are_read_and_sound() -> None:
    answers = {
        "/payments/pay_080225913252": SAMPLES["charge"],
        "/payments/pay_080225913252/identificationField": SAMPLES["line"],
        "/payments/pay_080225913252/pixQrCode": SAMPLES["qr"],
    }
    async with published(answers) as asaas:
        charge = await asaas.read("pay_080225913252")
        assert charge is not None
        codes = await asaas.codes(charge, wanted())
    assert codes.barcode is not None
    assert boleto.line_from_barcode(codes.barcode) == SAMPLES["line"]["identificationField"]
    assert codes.pix is not None
    assert pix.looks_like_pix(codes.pix)


def test_an_event_of_the_sandbox_names_its_charge_and_the_charge_in_it_is_read() -> None:
    event = read_event(json.dumps(SAMPLES["event"], default=str).encode())
    assert event is not None
    assert (event.name, event.charge) == ("PAYMENT_CONFIRMED", "pay_1dv4bxa80g7o8j2h")

    charge = _charge(SAMPLES["event"]["payment"])
    assert (charge.state, charge.paid) == (ChargeState.PAID, Decimal("50.00"))
    assert charge.paid_on == date(2025, 7, 30)
    token = SAMPLES["event"]["payment"]["creditCard"]["creditCardToken"]
    assert charge.card == CardSeen("VISA", "4444", token)
    assert charge.refunded == 0


def test_the_stand_in_takes_what_the_documentation_sends() -> None:
    clock = Clock()
    fake = FakeAsaas(clock)
    customer = fake._new_customer(SAMPLES["customer"]["request"])
    assert customer.keys() <= SAMPLES["customer"]["response"].keys()
    request = SAMPLES["charge_request"] | {"customer": customer["id"], "dueDate": "2027-07-21"}
    made = fake._new_payment(request)
    shown = {name for name in made if not name.startswith("_")}
    known = SAMPLES["charge"].keys() | SAMPLES["event"]["payment"].keys() | {"subscription"}
    assert shown <= known
    checkout = SAMPLES["checkout"] | {
        "customer": customer["id"],
        "subscription": {"cycle": "MONTHLY", "nextDueDate": "2027-10-31 15:02:38"},
    }
    assert fake._new_checkout(checkout)["link"]


@pytest.mark.parametrize("due", ["2023-07-21", "2026-11-19", "21/07/2027", ""])
def test_the_stand_in_refuses_a_due_date_in_the_past_or_of_no_shape(due: str) -> None:
    fake = FakeAsaas(Clock())
    customer = fake._new_customer(SAMPLES["customer"]["request"])
    with pytest.raises(Refused):
        fake._new_payment(SAMPLES["charge_request"] | {"customer": customer["id"], "dueDate": due})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("0.1") + Decimal("0.2"), "0.3"),
        (Decimal("1E+3"), "1000"),
        ({"a": [Decimal("99.90"), True, None, "ç\"\n"]}, '{"a":[99.90,true,null,"\\u00e7\\"\\n"]}'),
    ],
)  # fmt: skip
def test_amounts_are_written_digit_for_digit(value: Any, text: str) -> None:
    assert encoded(value) == text
    assert json.loads(text) is not None


def test_a_float_is_never_written_nor_read() -> None:
    with pytest.raises(TypeError):
        encoded({"value": 99.9})
    for wrong in (
        99.9,
        True,
        "99.90",
        float("nan"),
        [],
        Decimal("NaN"),
        Decimal("1E+50"),
        Decimal("0.001"),
    ):
        with pytest.raises(Permanent):
            money(wrong)
    assert money(20) == money(Decimal("20.0")) == Decimal("20.00")


@pytest.mark.parametrize(
    "broken",
    [
        {"status": None}, {"value": None}, {"value": "20"}, {"dueDate": "soon"}, {"id": 7},
        {"dueDate": None}, {"status": "NEW"},
    ],
)  # fmt: skip
def test_a_charge_that_cannot_be_read_is_not_guessed(broken: dict[str, Any]) -> None:
    with pytest.raises(Permanent) as refusal:
        _charge(SAMPLES["charge"] | broken)
    assert refusal.value.code == "unreadable"
