"""What pages and mails about an invoice say, and the record of who opened one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import delete, select

from bot.delivery.variables import VARIABLES
from storage import documents, invoices
from storage.documents import WholeInvoice
from storage.tables import audit, audit_body, invoice_line

from .conftest import OTHER, Folk
from .desk import Desk


def id_of(desk: Desk, folk: Folk, number: str) -> int:
    found = desk.turn(invoices.page, folk["ana"], limit=50)
    return next(each.id for each in found if each.number == number)


def whole(desk: Desk, id: int) -> WholeInvoice:
    found = desk.turn(documents.document_data, id)
    assert found is not None
    return found


def test_a_page_has_all_it_shows_from_three_queries(desk: Desk, folk: Folk) -> None:
    id = id_of(desk, folk, "A-0012")
    with desk.statements() as seen, desk.begin() as read:
        found = documents.document_data(read, id)
    assert found is not None
    assert len(seen) == 3
    assert (found.invoice.number, found.customer.name) == ("A-0012", "Ana Prado Nogueira")
    assert [line.description for line in found.lines] == ["Fibra 500"]
    assert found.charges.total == Decimal("102.23")
    assert found.pix is not None
    assert found.boleto is not None
    assert found.today == date(2026, 11, 20)


def test_a_paid_invoice_shows_no_way_to_pay_it(desk: Desk, folk: Folk) -> None:
    found = whole(desk, id_of(desk, folk, "A-0011"))
    assert (found.pix, found.boleto, found.charges.total) == (None, None, 0)


def test_an_invoice_without_lines_still_has_one_to_print(desk: Desk, folk: Folk) -> None:
    desk.turn(lambda write: write.run(delete(invoice_line)))
    (line,) = whole(desk, id_of(desk, folk, "A-0012")).lines
    assert (line.description, line.amount) == ("A-0012", Decimal("99.90"))


def test_a_page_says_what_is_owed_on_the_day_it_leaves(desk: Desk, folk: Folk) -> None:
    id = id_of(desk, folk, "A-0012")
    desk.later(days=1)
    assert whole(desk, id).charges.total == Decimal("102.27")


def test_a_mail_is_told_the_amounts_and_both_codes(desk: Desk, folk: Folk) -> None:
    values = documents.mail_values(whole(desk, id_of(desk, folk, "A-0012")))
    assert values["first_name"] == "Ana"
    assert values["period"] == date(2026, 11, 1)
    assert (values["amount"], values["total"]) == (Decimal("99.90"), Decimal("102.23"))
    assert str(values["boleto_line"]).startswith("99990.")
    assert str(values["pix_code"]).startswith("000201")


def test_a_mail_has_every_variable_that_its_template_needs(desk: Desk, folk: Folk) -> None:
    for number in ("A-0012", "A-0011", "A-0009"):
        values = documents.mail_values(whole(desk, id_of(desk, folk, number)))
        names = {variable.name for variable in VARIABLES["second-copy"]}
        assert set(values) == names - {"attachment"}
        needed = {variable.name for variable in VARIABLES["second-copy"] if variable.needed}
        assert all(values[name] is not None for name in needed)


def test_another_brand_prints_none_of_our_invoices(desk: Desk, folk: Folk) -> None:
    id = id_of(desk, folk, "A-0012")
    desk.brand = OTHER
    assert desk.turn(documents.document_data, id) is None


def test_opening_a_document_is_on_record_and_anothers_is_not_opened(desk: Desk, folk: Folk) -> None:
    visitor = desk.visit()
    id = id_of(desk, folk, "A-0012")
    assert desk.turn(documents.note_opened, id, folk["bruno"], kind="invoice-pdf") is False
    assert desk.turn(documents.note_opened, id, folk["ana"], kind="invoice-pdf") is True
    rows = desk.rows(
        select(audit.c.what, audit.c.subject, audit.c.address, audit_body.c.after).join(
            audit_body, audit_body.c.audit == audit.c.id
        )
    )
    assert rows == [("document.opened", f"invoice:{id}", visitor.address, {"kind": "invoice-pdf"})]
