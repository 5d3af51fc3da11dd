"""The demo's documents and contracts: there for those who are named, once, and readable."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.demo import filed
from bot.demo import seed as demo
from bot.demo.cast import person_tax_id
from storage import contracts, customer_documents, customers
from tests.nouns.desk import Desk


@pytest.mark.parametrize("day", ["2026-11-20", "2027-01-31", "2028-02-29"])
def test_they_are_filed_once_and_never_out_of_date(either_desk: Desk, day: str) -> None:
    desk = either_desk
    desk.now = datetime.fromisoformat(f"{day}T15:00:00").replace(tzinfo=UTC)
    desk.turn(demo.seed)
    assert desk.turn(filed.file_for_cast) == 10
    assert desk.turn(filed.file_for_cast) == 0

    ana = desk.turn(customers.by_tax_id, person_tax_id(101))
    assert ana is not None
    found = desk.turn(customer_documents.page, ana.id)
    assert [each.title.split()[0] for each in found] == ["Nota"] * 4 + ["Laudo"]
    assert all(each.issued_on <= desk.now.date() for each in found)
    (contract,) = desk.turn(contracts.page, ana.id)
    assert "Ana Beatriz Moreira" in desk.turn(contracts.text_of, contract)


def test_a_page_is_a_pdf_whose_table_holds() -> None:
    page = filed.pdf("Laudo (ação)", ["Sinal \\ óptico"])

    assert page.startswith(b"%PDF-1.4")
    at = int(page.split(b"startxref\n")[1].split(b"\n")[0])
    assert page[at:].startswith(b"xref")
    offsets = [int(line[:10]) for line in page[at:].splitlines()[3:8]]
    for number, offset in enumerate(offsets, start=1):
        assert page[offset:].startswith(b"%d 0 obj" % number)
    assert "Laudo \\(ação\\)".encode("cp1252") in page
    assert "Sinal \\\\ óptico".encode("cp1252") in page
