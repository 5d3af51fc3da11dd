"""The customers of these stories, on Friday, 20 November 2026: those of the flows' town, and a group with branches."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from random import Random

from sqlalchemy import select

from bot.core.brand import CustomField, Payments, Registration, Trust
from bot.core.ports import Write
from bot.domain import tax_id
from storage import bulk, contracts, customer_documents
from storage.bulk import NewCustomer
from storage.invoices import InvoiceState
from storage.tables import invoice
from tests.flows.filed import MODEL, PDF
from tests.flows.town import BRAND as CURRAL
from tests.flows.town import FEATURES, TAX_IDS, _bill, settle

_rng = Random(20261122)

ROOT = "12ABC346"
TAX_ID = {
    **TAX_IDS,
    "matriz": tax_id.generate_cnpj(_rng, root=ROOT, branch=1),
    "filial": tax_id.generate_cnpj(_rng, root=ROOT, branch=2),
    "devedor": tax_id.generate_cpf(_rng),
}
"""By name: what each writes to be known."""
CAPITAL = CustomField(
    "capital_social", {"pt_BR": "Capital social", "en": "Share capital"}, "money", of=("PJ",)
)
SWITCHES = (
    "registration", "documents", "contracts", "privacy", "statements", "income_tax", "clearance",
)  # fmt: skip
BRAND = replace(
    CURRAL,
    features={**FEATURES, **dict.fromkeys(SWITCHES, True)},
    registration=Registration(custom=(CAPITAL,)),
    payments=Payments("curral", "asaas", ("boleto", "pix", "card"), ("credit", "debit"), True),
    trust=Trust(block_after_days=5, unlock_days=3, unlock_every_days=30, promise_days=7),
)
"""A brand with everything switched on, paid through Asaas."""


@dataclass(frozen=True)
class Town:
    """Row ids: of customers by name, of invoices by number."""

    people: dict[str, int]
    invoices: dict[str, int]


def furnish(write: Write) -> Town:
    """Everybody moves in, with documents and a contract."""
    first = settle(write)
    more = bulk.add_customers(write, _more())
    ids = {**first.people, **more}
    paid = {"state": InvoiceState.PAID}
    bulk.add_invoices(
        write,
        [
            _bill(ids["matriz"], "2026-11-M", date(2026, 11, 25)),
            _bill(ids["filial"], "2026-11-F", date(2026, 11, 25)),
            *(
                _bill(ids["devedor"], f"2025-{m:02}-D", date(2025, m, 10), **paid)
                for m in range(1, 13)
            ),
            _bill(ids["devedor"], "2026-10-D", date(2026, 10, 10)),
        ],
    )
    for name, title, month in (
        ("ana", "Balancete de outubro", 10),
        ("ana", "Informe de março", 3),
        ("bruno", "Relatório do Bruno", 10),
        ("matriz", "Folha de outubro", 10),
        ("filial", "Guia de outubro", 10),
    ):
        customer_documents.add_document(
            write, ids[name], title=title, file_name=f"{title}.pdf", content=PDF + title.encode(),
            issued_on=date(2026, month, 5), period=f"2026-{month:02}",
        )  # fmt: skip
    contracts.add_model(write, "Fibra", MODEL)
    contracts.offer(write, ids["ana"], "Fibra", {"months": "12", "plan": "Fibra 500"})
    rows = write.all(select(invoice.c.number, invoice.c.id))
    return Town(ids, {row.number: row.id for row in rows})


def _more() -> list[NewCustomer]:
    return [
        NewCustomer(
            "matriz", "PJ", "Padaria Sabiá Ltda", TAX_ID["matriz"], 25, trade_name="Sabiá Centro",
            emails=("matriz@example.net",), phones=("+5511900000031",),
        ),
        NewCustomer(
            "filial", "PJ", "Padaria Sabiá Ltda", TAX_ID["filial"], 25, trade_name="Sabiá Bairro",
            main="matriz", emails=("filial@example.net",),
        ),
        NewCustomer(
            "devedor", "PF", "Hugo Devedor", TAX_ID["devedor"], 10, emails=("hugo@example.com",),
            phones=("+5511900000016",),
        ),
    ]  # fmt: skip
