"""Statements as the tables give them: sums, years, clearance; one customer's, quick, and by mail."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from random import Random

import pytest
from sqlalchemy import select, update

from bot.core.message import Mail
from bot.core.ports import Write
from bot.domain import statements as rules
from bot.domain.periods import Period, month_of, year_of
from bot.domain.statements import Standing, Verdict
from storage import bulk, payments, statements
from storage import statement_papers as papers
from storage.bulk import NewInvoice
from storage.invoices import InvoiceState, Line
from storage.statement_papers import Kind, Mailed
from storage.tables import audit, audit_body, contact, invoice, message, message_body

from .conftest import OTHER, Folk
from .desk import Desk

AUTUMN = Period(date(2026, 8, 1), date(2026, 12, 31))
_rng = Random(12007)


def owed(
    customer: int, number: str, due: date, amount: str = "99.90", **more: object
) -> NewInvoice:
    lines = (Line("Fibra", Decimal(amount)),)
    return NewInvoice(customer, number, f"{due:%Y-%m}", due, due, lines, **more)  # type: ignore[arg-type]


def paid(customer: int, number: str, due: date, on: date | None, amount: str | None) -> NewInvoice:
    given = Decimal(amount) if amount else None
    return owed(customer, number, due, state=InvoiceState.PAID, paid_on=on, paid_amount=given)


def add(desk: Desk, *new: NewInvoice) -> None:
    desk.turn(bulk.add_invoices, list(new))


# ------------------------------------------------------------------ a period


def test_a_statement_has_the_invoices_due_in_the_period_and_no_others(
    desk: Desk, folk: Folk
) -> None:
    found = desk.turn(statements.statement, folk["ana"], AUTUMN)

    assert [each.bill.number for each in found.entries] == [
        "A-0009", "A-0010", "A-0011", "A-0012", "A-0013",
    ]  # fmt: skip
    assert [each.standing for each in found.entries] == [
        Standing.CANCELLED, Standing.PAID, Standing.PAID, Standing.OVERDUE, Standing.OPEN,
    ]  # fmt: skip
    assert found.count == 5
    assert found.totals.charged == Decimal("399.60")
    assert found.totals.paid == Decimal("199.80")
    assert found.totals.owed == Decimal("202.13")  # 99.90 + 102.23


def test_both_ends_of_the_period_count(desk: Desk, folk: Folk) -> None:
    days = Period(date(2026, 9, 10), date(2026, 10, 10))
    numbers = [e.bill.number for e in desk.turn(statements.entries, folk["ana"], days)]
    assert numbers == ["A-0010", "A-0011"]


def test_the_latest_are_kept_where_only_some_are_wanted(desk: Desk, folk: Folk) -> None:
    found = desk.turn(statements.statement, folk["ana"], AUTUMN, most=2)
    assert [each.bill.number for each in found.entries] == ["A-0012", "A-0013"]
    assert found.count == 5
    assert found.totals == desk.turn(statements.statement, folk["ana"], AUTUMN).totals


def test_the_sums_of_the_database_are_those_of_the_rules(desk: Desk, folk: Folk) -> None:
    made = list[NewInvoice]()
    for number in range(120):
        due = date(2023, 1, 1).replace(month=_rng.randrange(1, 13), day=_rng.randrange(1, 29))
        cents = f"{Decimal(_rng.randrange(10**7)).scaleb(-2)}"
        match _rng.randrange(4):
            case 0:
                made.append(owed(folk["carla"], f"R-{number}", due, cents))
            case 1:
                state = InvoiceState.CANCELLED
                made.append(
                    owed(folk["carla"], f"R-{number}", due, cents, state=state, cancelled_on=due)
                )
            case 2:
                made.append(paid(folk["carla"], f"R-{number}", due, due, cents))
            case _:
                made.append(paid(folk["carla"], f"R-{number}", due, due, None))
    add(desk, *made)
    whole = desk.turn(statements.statement, folk["carla"], year_of(2023))

    assert len(whole.entries) == 120
    assert desk.turn(statements.totals, folk["carla"], year_of(2023)) == rules.totals(whole.entries)


def test_thousands_of_invoices_are_summed_in_as_many_queries_as_a_few(
    desk: Desk, folk: Folk
) -> None:
    days = [date.fromordinal(date(2022, 1, 1).toordinal() + n // 3) for n in range(3000)]
    add(desk, *(paid(folk["davi"], f"M-{n}", day, day, "10.00") for n, day in enumerate(days)))
    period = Period(date(2021, 1, 1), date(2025, 12, 31))
    with desk.statements() as seen, desk.begin() as read:
        found = statements.statement(read, folk["davi"], period, most=12)
        year = statements.year_paid(read, folk["davi"], 2022)

    assert (found.count, len(found.entries)) == (3000, 12)
    assert found.totals.paid == Decimal("30000.00")
    assert year.payments == 3 * 365
    assert len(seen) == 6


def test_words_find_an_invoice_of_the_period_only(desk: Desk, folk: Folk) -> None:
    ana = folk["ana"]
    numbers = [e.bill.number for e in desk.turn(statements.find, ana, AUTUMN, "novembro")]
    assert numbers == ["A-0012"]
    assert desk.turn(statements.find, ana, month_of(2026, 9), "novembro") == []
    (first, *_others) = desk.turn(statements.entries, ana, AUTUMN)
    assert desk.turn(statements.entry, ana, AUTUMN, first.bill.id) == first
    assert desk.turn(statements.entry, ana, month_of(2026, 12), first.bill.id) is None


# ------------------------------------------------------------------ a year


def test_a_payment_belongs_to_the_month_in_which_it_was_made(desk: Desk, folk: Folk) -> None:
    carla = folk["carla"]
    add(
        desk,
        paid(carla, "Y-1", date(2024, 12, 10), date(2025, 1, 2), "101.23"),
        paid(carla, "Y-2", date(2025, 1, 10), date(2025, 1, 31), None),
        paid(carla, "Y-3", date(2025, 12, 10), date(2025, 12, 31), "99.90"),
        paid(carla, "Y-4", date(2025, 11, 10), date(2026, 1, 1), "99.90"),
        paid(carla, "Y-5", date(2025, 7, 10), None, None),
        owed(carla, "Y-6", date(2025, 8, 10)),
    )
    found = desk.turn(statements.year_paid, carla, 2025)

    assert {m.month: (m.amount, m.payments) for m in found.months if m.payments} == {
        1: (Decimal("201.13"), 2), 12: (Decimal("99.90"), 1),
    }  # fmt: skip
    assert (found.total, found.undated) == (Decimal("301.03"), 1)
    assert desk.turn(statements.years_paid, carla) == [2026, 2025]
    assert desk.turn(statements.years_due, carla) == [2026, 2025, 2024]


def test_an_invoice_paid_in_parts_counts_where_each_part_was_paid(desk: Desk, folk: Folk) -> None:
    desk.visit()
    carla = folk["carla"]
    add(
        desk,
        owed(carla, "S-1", date(2025, 12, 10), "100.00"),
        owed(carla, "S-2", date(2025, 12, 11), "100.00"),
        owed(carla, "S-3", date(2025, 12, 12), "100.00"),
    )
    ids = {row.number: row.id for row in desk.rows(select(invoice.c.number, invoice.c.id))}

    def pay(number: str, amount: str, on: date) -> None:
        how = {"amount": Decimal(amount), "on": on, "ref": f"{number}-{on}-{amount}"}
        desk.turn(payments.confirm, ids[number], carla, **how)

    pay("S-1", "60.00", date(2025, 12, 10))
    pay("S-1", "40.00", date(2026, 1, 5))  # the rest of it
    pay("S-2", "30.00", date(2026, 1, 6))  # only a part so far
    pay("S-3", "100.00", date(2025, 12, 12))
    pay("S-3", "100.00", date(2025, 12, 13))  # twice: it is owed back

    def of(year: int) -> dict[int, Decimal]:
        found = desk.turn(statements.year_paid, carla, year)
        return {each.month: each.amount for each in found.months if each.payments}

    assert of(2025) == {12: Decimal("160.00")}
    assert of(2026) == {1: Decimal("70.00")}
    assert desk.turn(statements.years_paid, carla) == [2026, 2025]


def test_a_year_without_payments_comes_to_zero(desk: Desk, folk: Folk) -> None:
    assert desk.turn(statements.year_paid, folk["bruno"], 2025).total == 0
    assert desk.turn(statements.years_paid, folk["bruno"]) == []
    assert desk.turn(statements.years_due, folk["bruno"]) == [2026]


def cleared(desk: Desk, customer: int, *more: NewInvoice) -> None:
    """All of 2025 is paid."""
    months = [date(2025, month, 10) for month in range(1, 13)]
    add(desk, *(paid(customer, f"P-{m:%m}", m, m, "99.90") for m in months), *more)


def test_a_year_is_cleared_by_what_was_due_in_it(desk: Desk, folk: Folk) -> None:
    cleared(desk, folk["carla"])
    found = desk.turn(statements.clearance, folk["carla"], 2025)
    assert (found.verdict, len(found.bills)) == (Verdict.CLEARED, 12)
    assert desk.turn(statements.clearance, folk["carla"], 2024).verdict is Verdict.NO_BILLS
    assert desk.turn(statements.clearance, folk["carla"], 2026).verdict is Verdict.NOT_OVER


def test_what_is_open_of_it_is_named_and_what_is_open_before_it_excepted(
    desk: Desk, folk: Folk
) -> None:
    carla = folk["carla"]
    cleared(desk, carla, owed(carla, "OLD", date(2024, 3, 10)))
    found = desk.turn(statements.clearance, carla, 2025)
    assert found.verdict is Verdict.CLEARED
    assert [bill.number for bill in found.earlier] == ["OLD"]

    add(desk, owed(carla, "OPEN", date(2025, 3, 11)))
    found = desk.turn(statements.clearance, carla, 2025)
    assert found.verdict is Verdict.UNPAID
    assert [bill.number for bill in found.unpaid] == ["OPEN"]


# ------------------------------------------------------------------ whose it is


def test_another_customers_and_another_brands_invoices_are_in_no_sum(
    desk: Desk, folk: Folk
) -> None:
    ana = folk["ana"]
    before = desk.turn(statements.statement, ana, AUTUMN)
    add(desk, paid(folk["bruno"], "B-9", date(2026, 9, 10), date(2026, 9, 10), "1000.00"))
    assert desk.turn(statements.statement, ana, AUTUMN) == before

    desk.brand = OTHER
    assert desk.turn(statements.statement, ana, AUTUMN).count == 0
    assert desk.turn(statements.totals, ana, AUTUMN) == rules.Totals()
    assert desk.turn(statements.year_paid, ana, 2026).payments == 0
    assert desk.turn(statements.years_due, ana) == []
    assert desk.turn(statements.clearance, ana, 2025).bills == ()
    ref = papers.reference(OTHER, Kind.STATEMENT, ana, AUTUMN.dump())
    assert desk.turn(papers.paper, ref) is None
    assert desk.turn(papers.note_opened, ana, kind="statement-pdf", of="2026") is False


# ------------------------------------------------------------------ on paper and by mail


def test_a_paper_is_found_again_by_its_reference(desk: Desk, folk: Folk) -> None:
    ana = folk["ana"]
    for kind, of in ((Kind.STATEMENT, AUTUMN.dump()), (Kind.INCOME_TAX, "2026")):
        found = desk.turn(papers.paper, papers.reference(desk.brand, kind, ana, of))
        assert found is not None
        assert found.customer.name == "Ana Prado Nogueira"
    ref = papers.reference(desk.brand, Kind.STATEMENT, ana, AUTUMN.dump())
    assert ref.name == "curral-extrato-2026-08-01-a-2026-12-31.pdf"


def test_a_paper_lists_the_latest_invoices_and_sums_all(
    desk: Desk, folk: Folk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(papers, "MOST_ON_PAPER", 2)
    ref = papers.reference(desk.brand, Kind.STATEMENT, folk["ana"], AUTUMN.dump())
    found = desk.turn(papers.paper, ref)
    assert found is not None
    assert isinstance(found.of, statements.Statement)
    assert [each.bill.number for each in found.of.entries] == ["A-0012", "A-0013"]
    assert found.of.totals == desk.turn(statements.totals, folk["ana"], AUTUMN)


def test_there_is_no_paper_of_a_year_that_is_not_cleared(desk: Desk, folk: Folk) -> None:
    carla = folk["carla"]
    cleared(desk, carla)
    ref = papers.reference(desk.brand, Kind.CLEARANCE, carla, "2025")
    assert desk.turn(papers.paper, ref) is not None
    desk.turn(
        lambda write: write.run(
            update(invoice).where(invoice.c.number == "P-07").values(state="open")
        )
    )
    assert desk.turn(papers.paper, ref) is None


def test_opening_one_is_on_record(desk: Desk, folk: Folk) -> None:
    visitor = desk.visit()
    assert desk.turn(papers.note_opened, folk["ana"], kind="income-tax-pdf", of="2026")
    rows = desk.rows(
        select(audit.c.what, audit.c.subject, audit.c.address, audit_body.c.after).join(
            audit_body, audit_body.c.audit == audit.c.id
        )
    )
    after = {"kind": "income-tax-pdf", "of": "2026"}
    assert rows == [("document.opened", f"customer:{folk['ana']}", visitor.address, after)]


def sends(
    desk: Desk, customer: int, request: str, kind: Kind = Kind.STATEMENT, of: str = ""
) -> str:
    ref = papers.reference(desk.brand, kind, customer, of or AUTUMN.dump())

    def act(write: Write) -> str:
        return papers.send(
            write, customer, ref, request=request, sent=None, failed=None, locale="pt_BR"
        )

    return desk.turn(act)


def test_it_is_mailed_to_the_registered_address_once(desk: Desk, folk: Folk) -> None:
    desk.visit()
    assert sends(desk, folk["ana"], "e1") == Mailed.QUEUED
    assert sends(desk, folk["ana"], "e1") == Mailed.ALREADY
    assert sends(desk, folk["ana"], "e2") == Mailed.ALREADY
    desk.later(minutes=3)
    assert sends(desk, folk["ana"], "e3") == Mailed.QUEUED

    rows = desk.rows(
        select(message.c.subject, message_body.c.body)
        .join_from(message, message_body)
        .where(message.c.kind == "mail")
    )
    assert len(rows) == 2
    mail = Mail.load(rows[0].body)
    assert (mail.template, mail.to, mail.values) == ("statement", "ana@example.com", {})
    assert mail.documents[0].detail == AUTUMN.dump()
    assert len(rows[0].subject) <= 60
    whats = [row.what for row in desk.rows(select(audit.c.what))]
    assert whats == ["statement.mailed"] * 2


def test_another_period_is_another_wish(desk: Desk, folk: Folk) -> None:
    desk.visit()
    assert sends(desk, folk["ana"], "e1") == Mailed.QUEUED
    assert sends(desk, folk["ana"], "e2", of=month_of(2026, 9).dump()) == Mailed.QUEUED
    assert sends(desk, folk["ana"], "e3", Kind.INCOME_TAX, "2026") == Mailed.QUEUED


def test_without_an_address_that_takes_mail_nothing_is_sent(desk: Desk, folk: Folk) -> None:
    desk.visit()
    assert sends(desk, folk["carla"], "e1") == Mailed.NO_EMAIL
    desk.turn(lambda write: write.run(update(contact).values(bad="bad_address")))
    assert sends(desk, folk["ana"], "e2") == Mailed.BAD_EMAIL
    assert desk.rows(select(message.c.id).where(message.c.kind == "mail")) == []


def test_a_clearance_that_is_none_is_not_mailed(desk: Desk, folk: Folk) -> None:
    desk.visit()
    assert sends(desk, folk["ana"], "e1", Kind.CLEARANCE, "2026") == Mailed.UNKNOWN
    desk.brand = OTHER
    assert sends(desk, folk["ana"], "e2") == Mailed.UNKNOWN


def test_one_customers_document_is_never_mailed_to_another(desk: Desk, folk: Folk) -> None:
    desk.visit()
    ref = papers.reference(desk.brand, Kind.STATEMENT, folk["bruno"], AUTUMN.dump())
    with pytest.raises(ValueError, match="its own customer"), desk.begin() as write:
        papers.send(write, folk["ana"], ref, request="e1", sent=None, failed=None, locale="pt_BR")
