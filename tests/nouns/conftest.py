"""A small brand, and the customers that the stories of these tests are told of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random

import pytest

from bot.core.brand import Brand, Pix
from bot.core.ports import Write
from bot.domain import boleto, tax_id
from bot.domain.calendar import add_months
from storage import bulk
from storage.bulk import NewCustomer, NewInvoice
from storage.invoices import InvoiceState, Line
from tests.furnished import Furnished, Rows

from .desk import Desk

BRAND = Brand(
    id="curral", name="Curral Fibra", pix=Pix("pix@curral.example.com", "Curral Fibra", "Atibaia")
)
OTHER = Brand(id="outra", name="Outra Telecom")
_rng = Random(20261120)


@dataclass(frozen=True)
class Folk:
    """Row ids and tax ids of the customers; each is alone in knowing theirs."""

    ids: dict[str, int]
    tax_ids: dict[str, str]

    def __getitem__(self, name: str) -> int:
        return self.ids[name]


TAX_IDS = {name: tax_id.generate_cpf(_rng) for name in ("ana", "bruno", "carla", "davi", "eva")} | {
    "matriz": tax_id.generate_cnpj(_rng, root="12ABC345"),
    "filial": tax_id.generate_cnpj(_rng, root="12ABC345", branch=2),
}
NOBODYS = tax_id.generate_cpf(_rng)


def people() -> list[NewCustomer]:
    return [
        NewCustomer(
            "ana", "PF", "Ana Prado Nogueira", TAX_IDS["ana"], 10,
            plan="Fibra 500", postal_code="12940000", street="Rua das Quaresmeiras",
            street_number="12", district="Jardim Novo", city="Atibaia", state="SP",
            emails=("ana@example.com", "ana.prado@example.org"), phones=("+5511900000012",),
        ),
        NewCustomer("bruno", "PF", "Bruno Teles", TAX_IDS["bruno"], 10, emails=("b@example.com",)),
        NewCustomer("carla", "PF", "Carla Sem Correio", TAX_IDS["carla"], 31),
        NewCustomer("davi", "PF", "Davi Velho", TAX_IDS["davi"], 5, phones=("+5511912345678",)),
        NewCustomer("filial", "PJ", "Oficina Sabiá Ltda", TAX_IDS["filial"], 5, main="matriz"),
        NewCustomer(
            "matriz", "PJ", "Oficina Sabiá Ltda", TAX_IDS["matriz"], 5,
            trade_name="Sabiá Motores", emails=("contas@example.net",),
            phones=("+551140000012",),
        ),
    ]  # fmt: skip


def invoice(customer: int, number: str, months: int, **more: object) -> NewInvoice:
    """One of 99.90, due on the 10th so many months from November 2026."""
    due = add_months(date(2026, 11, 10), months)
    amount = Decimal("99.90")
    made = {
        "lines": (Line("Fibra 500", amount),),
        "barcode": boleto.make_barcode("999", due, amount, f"{customer:05}{int(number[-4:]):020}"),
    } | more
    return NewInvoice(
        customer, number, f"{due:%Y-%m}", add_months(due, -1), due, **made  # type: ignore[arg-type]
    )  # fmt: skip


def bills(ids: dict[str, int]) -> list[NewInvoice]:
    ana, bruno = ids["ana"], ids["bruno"]
    paid = {"state": InvoiceState.PAID}
    return [
        invoice(ana, "A-0010", -2, **paid, paid_on=date(2026, 9, 9), paid_amount=Decimal("99.90")),
        invoice(ana, "A-0011", -1, **paid, paid_on=date(2026, 10, 9), paid_amount=Decimal("99.90")),
        invoice(ana, "A-0012", 0),
        invoice(ana, "A-0013", 1),
        invoice(ana, "A-0009", -3, state=InvoiceState.CANCELLED, cancelled_on=date(2026, 8, 1)),
        invoice(ana, "A-0014", 2, lines=(
            Line("Fibra 500", Decimal("99.90")),
            Line("Roteador extra", Decimal("15.00")),
            Line("Desconto fidelidade", Decimal("-10.00")),
        ), barcode=None),
        invoice(bruno, "B-0020", 0),
        invoice(ids["carla"], "C-0030", 0),
    ]  # fmt: skip


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    opened = Desk(database_url, BRAND)
    yield opened
    opened.close()


@pytest.fixture
def folk(desk: Desk, database_rows: Rows, furnished: Furnished) -> Folk:
    def fill(write: Write) -> dict[str, int]:
        ids = bulk.add_customers(write, people())
        bulk.add_invoices(write, bills(ids))
        return ids

    filled = people, desk.brand.id, desk.now
    return Folk(furnished.once(database_rows, filled, lambda: desk.turn(fill)), TAX_IDS)
