"""Documents and contracts of the town's people, and a counter that has them in its menu."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from bot.core.ports import Write
from storage import contracts, customer_documents, document_links

from .house import House
from .town import FEATURES, Town

FEATURES_ON = FEATURES | {"documents": True, "contracts": True}
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
MODEL = """# Fibre service

## 1. What it is

{{ brand_legal_name }} brings **{{ plan }}** to {{ customer_name }}, CPF {{ customer_tax_id }}.

## 2. How long

For {{ months }} months, from {{ today }} on.
"""


def file(write: Write, customer: int, title: str, month: int, day: int = 5, **more: object) -> int:
    """A PDF of 2026, issued on a day of a month."""
    return customer_documents.add_document(
        write, customer, title=title, file_name=f"{title.lower().replace(' ', '-')}.pdf",
        content=PDF + title.encode(), issued_on=date(2026, month, day),
        **{"period": f"2026-{month:02}", **more},  # type: ignore[arg-type]
    )  # fmt: skip


def file_all(house: House, town: Town) -> Mapping[str, int]:
    """Ten of Ana's, one of Bruno's; ids by title."""

    def work(write: Write) -> dict[str, int]:
        ana, bruno = town.people["ana"], town.people["bruno"]
        made = {
            f"Balance sheet {month:02}": file(write, ana, f"Balance sheet {month:02}", month)
            for month in range(3, 11)
        }
        made["Payslip"] = file(write, ana, "Payslip", 10, 20)
        made["Tax form"] = file(write, ana, "Tax form", 11, 2, number="DARF 0561-7", period=None)
        made["Bruno's report"] = file(write, bruno, "Bruno's report", 10)
        return made

    return house.writes(work)


def link_to(house: House, town: Town, document: int, who: str = "ana") -> str:
    """The token of a new link to a document."""
    id = house.writes(lambda w: document_links.make_link(w, document, town.people[who]))
    assert id is not None
    return document_links.token_of(house.app.database.keys.hash, id)


def offer(
    house: House, town: Town, who: str = "ana", model: str = MODEL, name: str = "Fibre"
) -> int:
    """A contract offered to somebody."""

    def work(write: Write) -> int:
        contracts.add_model(write, name, model)
        values = {"months": "12"} if "months" in model else {}
        return contracts.offer(write, town.people[who], name, values | {"plan": "Fibra 500"})

    return house.writes(work)
