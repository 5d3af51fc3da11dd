"""The people of these conversations, and what they owe on Friday, 20 November 2026."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random

from sqlalchemy import select, update

from bot.core.brand import Brand, Pix
from bot.core.ports import Write
from bot.domain import boleto, tax_id
from storage import bulk
from storage.bulk import NewCustomer, NewInvoice
from storage.invoices import InvoiceState, Line
from storage.tables import contact, invoice

_rng = Random(20261121)

FEATURES = dict.fromkeys(
    ("mail", "email_second_copy", "pix", "boleto", "pdf", "already_paid"), True
)
BRAND = Brand(
    id="curral",
    name="Curral Fibra",
    legal_name="Curral Fibra Ltda.",
    tax_id=tax_id.generate_cnpj(_rng, alphanumeric=True),
    address=("Rua das Quaresmeiras, 12", "Atibaia SP"),
    phone="+5511900000099",
    email="gente@example.org",
    hours="seg. a sex., 8h às 18h",
    pix=Pix("pix@curral.example.com", "Curral Fibra", "Atibaia"),
    features=FEATURES,
)
NAMES = ("ana", "bruno", "carla", "davi", "elza")
TAX_IDS: Mapping[str, str] = {name: tax_id.generate_cpf(_rng) for name in NAMES} | {
    "oficina": tax_id.generate_cnpj(_rng, root="12ABC345")
}
NOBODYS = tax_id.generate_cpf(_rng)


@dataclass(frozen=True)
class Town:
    """Row ids: of customers by name, of invoices by number."""

    people: Mapping[str, int]
    invoices: Mapping[str, int]


def _people() -> list[NewCustomer]:
    return [
        NewCustomer(
            "ana", "PF", "Ana Prado Nogueira", TAX_IDS["ana"], 10, plan="Fibra 500",
            postal_code="12940000", street="Rua das Quaresmeiras", street_number="12",
            district="Jardim Novo", city="Atibaia", state="SP",
            emails=("ana@example.com",), phones=("+5511900000012",),
        ),
        NewCustomer(
            "bruno", "PF", "Bruno Teles", TAX_IDS["bruno"], 10,
            emails=("bruno@example.com",), phones=("+5511900000013",),
        ),
        NewCustomer("carla", "PF", "Carla Sem Correio", TAX_IDS["carla"], 10, phones=("+5511900000014",)),
        NewCustomer("davi", "PF", "Davi Caixa Cheia", TAX_IDS["davi"], 10,
                    emails=("davi@example.com",), phones=("+5511900000015",)),
        NewCustomer("elza", "PF", "Elza Novata", TAX_IDS["elza"], 10, emails=("elza@example.com",)),
        NewCustomer(
            "oficina", "PJ", "Oficina Sabiá Ltda", TAX_IDS["oficina"], 14,
            trade_name="Sabiá Motores", emails=("contas@example.net",),
        ),
    ]  # fmt: skip


def _bill(customer: int, number: str, due: date, **more: object) -> NewInvoice:
    """One of 99.90, for the month it is due in."""
    lines = more.pop("lines", (Line("Fibra 500", Decimal("99.90")),))
    amount = sum((line.amount for line in lines), Decimal(0))  # type: ignore[attr-defined]
    free = f"{customer:05}{int(''.join(c for c in number if c.isdigit())):020}"
    made: dict[str, object] = {"barcode": boleto.make_barcode("999", due, amount, free)}
    if more.get("state") is InvoiceState.PAID:
        made |= {"paid_on": due, "paid_amount": amount}
    return NewInvoice(
        customer, number, f"{due:%Y-%m}", due.replace(day=1), due, lines=lines,  # type: ignore[arg-type]
        **made | more,  # type: ignore[arg-type]
    )  # fmt: skip


def _bills(ids: Mapping[str, int]) -> list[NewInvoice]:
    ana = ids["ana"]
    paid = {"state": InvoiceState.PAID}
    extra = (
        Line("Fibra 500", Decimal("99.90")),
        Line("Roteador extra", Decimal("39.60")),
        Line("Desconto", Decimal("-10.00")),
    )
    bills = [_bill(ana, f"2026-{m:02}-A", date(2026, m, 10), **paid) for m in (1, 2, 4, 5, 6, 7, 8)]
    return [
        *bills,
        _bill(ana, "2025-12-A", date(2025, 12, 10), **paid),
        _bill(ana, "2026-03-A", date(2026, 3, 10), **paid, lines=extra),
        _bill(ana, "2026-09-A", date(2026, 9, 10), state=InvoiceState.CANCELLED, cancelled_on=date(2026, 9, 1)),
        _bill(ana, "2026-10-A", date(2026, 10, 10), **paid | {"paid_on": date(2026, 10, 8)}),
        _bill(ana, "2026-11-A", date(2026, 11, 10)),
        _bill(ana, "2026-12-A", date(2026, 12, 10)),
        _bill(ids["bruno"], "B-7731", date(2026, 11, 10)),
        _bill(ids["carla"], "2026-11-C", date(2026, 11, 10)),
        _bill(ids["davi"], "2026-11-D", date(2026, 11, 10)),
        _bill(ids["oficina"], "2026-11-O", date(2026, 11, 14)),
        _bill(ids["oficina"], "2026-12-O", date(2026, 12, 12), barcode=None, lines=extra),
    ]  # fmt: skip


def settle(write: Write) -> Town:
    """Everybody moves in."""
    ids = bulk.add_customers(write, _people())
    bulk.add_invoices(write, _bills(ids))
    write.run(
        update(contact).where(contact.c.value == "davi@example.com").values(bad="bad_address")
    )
    rows = write.all(select(invoice.c.number, invoice.c.id))
    return Town(ids, {row.number: row.id for row in rows})
