"""The demo's rows: believable, valid, nobody's, the same every time, and never out of date."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.demo import seed as demo
from bot.demo.brand import BANK, brand
from bot.demo.cast import CAST
from bot.domain import pix
from bot.domain.charges import days_late
from bot.domain.email import parse_email
from bot.domain.phone import parse_phone
from bot.domain.postal_code import parse_postal_code
from bot.domain.roles import State
from bot.domain.tax_id import parse_cnpj, parse_tax_id
from storage import bulk, customers, documents, invoices, members
from storage.customers import Customer
from storage.invoices import Invoice
from storage.recognition import Verdict, recognise
from storage.tables import contact, customer, invoice, invoice_line
from tests.furnished import FileRows, Furnished
from tests.nouns.desk import Desk

Seeded = Callable[[date], Desk]

DAYS = [
    date(2026, 11, 20), date(2027, 1, 1), date(2027, 2, 28), date(2028, 2, 29), date(2027, 3, 30),
    date(2026, 12, 31), date(2027, 7, 10), date(2027, 8, 11),
]  # fmt: skip
any_day = pytest.mark.parametrize("today", DAYS, ids=str)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 15, tzinfo=UTC)


@pytest.fixture
def seeded(desk: Desk, sqlite_file: Path, sqlite_copies: Path, furnished: Furnished) -> Seeded:
    """Begins the demo on a day: `seeded(today)`."""

    def begin(today: date) -> Desk:
        desk.now = noon(today)
        rows = FileRows(sqlite_file, sqlite_copies)
        furnished.once(rows, (demo.seed, today), lambda: desk.turn(demo.seed))
        return desk

    return begin


def everybody(desk: Desk) -> list[Customer]:
    ids = [row.id for row in desk.rows(select(customer.c.id).order_by(customer.c.id))]
    return [found for id in ids if (found := desk.turn(customers.get, id))]


def bills_of(desk: Desk, who: Customer) -> list[Invoice]:
    return desk.turn(invoices.page, who.id, limit=100)


def everything(desk: Desk) -> list[Sequence[Any]]:
    return [
        [tuple(row) for row in desk.rows(select(table).order_by(*table.primary_key.columns))]
        for table in (customer, contact, invoice, invoice_line)
    ]


# ------------------------------------------------------------------ who is there


def test_forty_customers_of_every_kind(desk: Desk, seeded: Seeded) -> None:
    cast = everybody(seeded(DAYS[0]))
    assert len(cast) == len(CAST) == 40
    assert Counter(each.kind for each in cast) == {"PF": 30, "PJ": 10}
    assert Counter(each.status for each in cast) == {"active": 37, "cancelled": 2, "blocked": 1}
    assert any(each.email is None for each in cast)
    assert any(each.payment_form == "informal" for each in cast)
    assert max(len(each.name) for each in cast) > 80
    assert {each.due_day for each in cast} >= {1, 28, 29, 30, 31}
    assert any(not each.tax_id.isdigit() and parse_cnpj(each.tax_id) for each in cast)


def test_a_matriz_has_two_filiais(desk: Desk, seeded: Seeded) -> None:
    groups = [desk.turn(customers.group_of, each.id) for each in everybody(seeded(DAYS[0]))]
    (group,) = {each for each in groups if len(each) > 1}
    assert len(group) == 3
    assert len({each.tax_id[:8] for each in group}) == 1
    assert [each.main_customer for each in group] == [None, group[0].id, group[0].id]


def test_everything_about_them_is_valid_and_nobodys(desk: Desk, seeded: Seeded) -> None:
    cast = everybody(seeded(DAYS[0]))
    assert [parse_tax_id(each.tax_id) for each in cast] == [each.tax_id for each in cast]
    assert len({each.tax_id for each in cast}) == 40
    for each in cast:
        assert parse_postal_code(each.postal_code or "") == each.postal_code
        assert len(each.address) == 3
    reached = desk.rows(select(contact.c.kind, contact.c.value))
    assert len({row.value for row in reached}) == len(reached)
    for row in reached:
        if row.kind == "phone":
            assert parse_phone(row.value) == row.value
            assert row.value.startswith("+55119000000")
        else:
            assert parse_email(row.value) == row.value
            assert row.value.rpartition("@")[2] in ("example.com", "example.org", "example.net")


def test_the_brand_is_valid_and_nobodys() -> None:
    of = brand()
    assert parse_cnpj(of.tax_id) == of.tax_id
    assert parse_phone(of.phone) == of.phone
    assert of.pix is not None
    assert pix.parse_key(of.pix.key).endswith("example.com")
    assert of.email.endswith("example.com")
    assert of.site.endswith("example.com")


# ------------------------------------------------------------------ what they owe


@any_day
def test_thirteen_months_of_invoices_in_every_state(
    desk: Desk, seeded: Seeded, today: date
) -> None:
    cast = everybody(seeded(today))
    bills = [bill for each in cast for bill in bills_of(desk, each)]
    assert {bill.state for bill in bills} == {"open", "paid", "cancelled"}
    assert max(Counter(bill.customer for bill in bills).values()) == 14  # one of them made anew
    overdue = [b for b in bills if b.state == "open" and days_late(b.due_on, today)]
    assert 6 <= len(overdue) <= 20
    assert all(bill.issued_on <= today for bill in bills)
    assert all(bill.paid_on <= today for bill in bills if bill.paid_on)
    assert len({bill.number for bill in bills}) == len(bills)
    months = {bill.period for bill in bills}
    assert len(months) in (13, 14)


@pytest.mark.parametrize("today", DAYS[:4], ids=str)
def test_every_invoice_can_be_printed_and_every_open_one_paid(
    desk: Desk, seeded: Seeded, today: date
) -> None:
    seeded(today)
    for id, barcode in desk.rows(select(invoice.c.id, invoice.c.barcode)):
        whole = desk.turn(documents.document_data, id)
        assert whole is not None
        of = whole.invoice
        assert sum(line.amount for line in whole.lines) == of.amount > 0
        if of.state != "open":
            continue
        assert whole.pix is not None
        code = pix.decode(whole.pix)
        assert (code.amount, code.txid) == (whole.charges.total, of.number.replace("-", ""))
        assert (whole.boleto is None) == (whole.customer.payment_form == "informal")
        if whole.boleto:
            assert (whole.boleto.bank, whole.boleto.barcode) == (BANK, barcode)
            assert (whole.boleto.amount, whole.boleto.due_on) == (of.amount, of.due_on)


def test_invoices_have_lines_and_discounts(desk: Desk, seeded: Seeded) -> None:
    seeded(DAYS[0])
    rows = desk.rows(select(invoice_line.c.invoice, invoice_line.c.amount))
    assert max(Counter(row.invoice for row in rows).values()) >= 3
    assert min(row.amount for row in rows) < 0


def test_due_days_beyond_a_months_end_fall_on_its_last(desk: Desk, seeded: Seeded) -> None:
    seeded(date(2027, 3, 30))
    last = {
        bill.due_on
        for each in everybody(desk)
        if each.due_day == 31
        for bill in bills_of(desk, each)
    }
    assert {date(2027, 2, 28), date(2026, 11, 30), date(2027, 1, 31)} <= last


def test_who_paid_late_paid_the_charges(desk: Desk, seeded: Seeded) -> None:
    seeded(DAYS[0])
    rows = desk.rows(select(invoice).where(invoice.c.state == "paid"))
    late = [row for row in rows if days_late(row.due_on, row.paid_on)]
    assert late
    assert all(row.paid_amount > row.amount for row in late)
    assert all(row.paid_amount == row.amount for row in rows if row not in late)


def test_a_boleto_of_the_demo_is_recognised_as_its_own(desk: Desk, seeded: Seeded) -> None:
    seeded(DAYS[0])
    ana = everybody(desk)[0]
    (bill,) = desk.turn(invoices.open_of, ana.id)
    assert bill.barcode is not None
    assert desk.turn(recognise, bill.barcode, ana.id).verdict is Verdict.YOURS


# ------------------------------------------------------------------ who one can be


@any_day
def test_whom_one_can_be_is_as_described(desk: Desk, seeded: Seeded, today: date) -> None:
    seeded(today)
    someone = {each.description.source: each for each in desk.turn(demo.who_one_can_be)}
    assert len(someone) == 6
    found = {
        description: (who, bills_of(desk, who))
        for description, each in someone.items()
        if (who := desk.turn(customers.by_tax_id, parse_tax_id(each.tax_id)))
    }

    def open_bills(description: str) -> list[Invoice]:
        return [bill for bill in found[description][1] if bill.state == "open"]

    def late(description: str) -> int:
        return sum(days_late(bill.due_on, today) > 0 for bill in open_bills(description))

    assert len(open_bills("A person with one open invoice")) == 1
    assert late("A person with one open invoice") == 0
    assert late("A person who is late, with fine and interest") >= 1
    assert not found["A company with an alphanumeric CNPJ"][0].tax_id.isdigit()
    matriz = found["A company with two branches of its own"][0]
    assert desk.turn(customers.group_of, matriz.id)[0] == matriz
    assert found["A blocked customer who owes three months"][0].status == "blocked"
    assert late("A blocked customer who owes three months") in (3, 4)
    assert someone["A person without e-mail"].email == ""
    assert all(each.email for each in someone.values() if "without" not in each.description.source)


def test_nobody_of_the_demo_is_in_another_database(desk: Desk) -> None:
    assert desk.turn(demo.who_one_can_be) == []
    assert desk.turn(demo.top_up) == 0


# ------------------------------------------------------------------ the same, and later


def test_the_same_day_gives_the_same_rows(either_desk: Desk) -> None:
    """On both databases, and a second filling is refused whole."""
    made = either_desk.turn(demo.seed)
    assert made == len(everything(either_desk)[2]) > 400
    before = everything(either_desk)
    with pytest.raises(KeyError):
        either_desk.turn(demo.seed)
    assert everything(either_desk) == before


def test_a_second_start_on_the_same_day_changes_nothing(either_desk: Desk) -> None:
    either_desk.turn(demo.seed)
    before = everything(either_desk)
    assert either_desk.turn(demo.top_up) == 0
    assert everything(either_desk) == before


def test_started_later_there_is_again_something_to_pay(desk: Desk, seeded: Seeded) -> None:
    seeded(DAYS[0])
    before = {row.number: row for row in desk.rows(select(invoice))}
    for days in (1, 12, 28, 75, 400):
        desk.later(days=days)
        today = desk.now.date()
        assert desk.turn(demo.top_up) > 0 or days == 1
        assert desk.turn(demo.top_up) == 0
        ana = everybody(desk)[0]
        (bill,) = desk.turn(invoices.open_of, ana.id)
        assert bill.due_on > today
        assert sum(bool(desk.turn(invoices.open_of, each.id)) for each in everybody(desk)) >= 15
    after = {row.number: row for row in desk.rows(select(invoice))}
    assert set(before) < set(after)
    for number, row in before.items():
        assert (row.amount, row.due_on, row.barcode) == (
            after[number].amount, after[number].due_on, after[number].barcode,
        )  # fmt: skip
        assert row.state == after[number].state or row.state == "open"


def test_who_has_gone_gets_no_more_invoices(desk: Desk, seeded: Seeded) -> None:
    seeded(DAYS[0])
    gone = [each for each in everybody(desk) if each.status == "cancelled"]
    before = [len(bills_of(desk, each)) for each in gone]
    desk.later(days=100)
    desk.turn(demo.top_up)
    assert [len(bills_of(desk, each)) for each in gone] == before
    for each in gone:
        assert bills_of(desk, each)[-1].state == "cancelled"
        assert desk.turn(invoices.open_of, each.id) == []


def test_topped_up_from_day_to_day_it_is_what_it_would_be_at_once(
    desk: Desk, seeded: Seeded
) -> None:
    """Months that both know are the same, whether the demo ran all the time or starts now."""
    seeded(DAYS[0])
    for _day in range(40):
        desk.later(days=1)
        desk.turn(demo.top_up)
    slowly = {
        row.number: (row.state, row.paid_on, row.paid_amount)
        for row in desk.rows(select(invoice).where(invoice.c.state != "cancelled"))
    }
    today = desk.now.date()
    of = brand()
    for index, role in enumerate(CAST, start=1):
        if role.gone or role.reissued or role.months < 13:
            continue
        for bill in demo._bills_at_first(index, role, today):
            new = bill.new(1, today, of)
            assert slowly[new.number] == (new.state, new.paid_on, new.paid_amount)


def test_a_number_that_is_not_ours_is_left_alone() -> None:
    for number in ("202611-041", "202611-000", "2026-11", "FAT-1", "", "202611-007-1"):
        assert demo._Bill.read(number) is None
    bill = demo._Bill.read("202611-007-2")
    assert bill is not None
    assert (bill.number, bill.copy, bill.index) == ("202611-007-2", 2, 7)
    assert isinstance(bill.amount, Decimal)


def test_there_is_always_exactly_one_invoice_to_come(desk: Desk) -> None:
    """On each of 800 days: the one before is due when the next is issued."""
    for role, days in itertools.product(CAST, range(800)):
        today = DAYS[0] + timedelta(days=days)
        latest = demo._latest_month(role, today)
        assert demo._due_on(role, latest - 1) <= today < demo._due_on(role, latest)


def test_a_company_has_people_one_of_whom_waits_to_be_let_in(desk: Desk, seeded: Seeded) -> None:
    seeded(DAYS[0])
    with desk.begin() as tx:
        matriz = bulk.customer_ids(tx, "demo-")["demo-04"]
        there = members.page(tx, matriz)
        assert [(each.name, each.state) for each in there] == [
            ("Nivaldo do Caixa", State.WAITING),
            ("Bete da Contabilidade", State.ACTIVE),
        ]
        assert members.administrators_of(tx, matriz) == ()  # whoever enters first
