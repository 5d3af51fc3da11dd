"""The statement of a period: which one, what it says, having it as a PDF or by mail, paying from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from bot.core.brand import Brand
from bot.core.errors import Permanent
from bot.domain.calendar import add_months
from storage import bulk
from storage.invoices import InvoiceState
from storage.tables import audit, contact, invoice
from tests.documents.eyes import pages
from tests.documents.eyes import text as text_of_pdf

from .conftest import Visit
from .house import House
from .papers import PAPERS, opened
from .talk import Talk, plain
from .town import BRAND, TAX_IDS, Town, _bill

WHICH = "Statement of which period? Choose one, or write it: March, 2025, 01/03 to 30/06/2026."
MORE = ("PDF", "Send by e-mail", "See or pay an invoice", "Another period", "No, thank you")


@pytest.fixture
def brand() -> Brand:
    return replace(BRAND, features=PAPERS)


@pytest.fixture
def ana(visit: Visit) -> Talk:
    """Ana, who reads English, before the menu."""
    ana = visit(locale="en")
    ana.identifies("ana")
    return ana


@pytest.fixture
def asked(ana: Talk) -> Talk:
    """Ana, asked for the period."""
    ana.presses("Statements and declarations")
    ana.hears_only("What would you like to have?")
    ana.presses("Statement of a period")
    return ana


# ------------------------------------------------------------------ which period


def test_the_usual_periods_are_offered_with_their_days(asked: Talk) -> None:
    asked.hears_only(WHICH)
    asked.sees(
        "This month", "Last month", "Last 3 months", "This year", "Last year", "Another period"
    )
    details = [b.detail for b in asked.heard[-1].buttons if b.kind != "nav"]
    assert details == ["11/2026", "10/2026", "09/2026 to 11/2026", "2026", "2025", ""]


def test_a_statement_names_each_invoice_and_says_what_it_comes_to(asked: Talk) -> None:
    asked.presses("Last 3 months")

    asked.hears_only(
        "Statement of Sep 1, 2026 to Nov 30, 2026\n"
        "Sep 10, 2026 · 2026-09-A · R$99.90 · cancelled\n"
        "Oct 10, 2026 · 2026-10-A · R$99.90 · paid on Oct 8, 2026\n"
        "Nov 10, 2026 · 2026-11-A · R$99.90 · 10 days late, R$102.23 today\n"
        "\n"
        "Charged: R$199.80\n"
        "Paid: R$99.90\n"
        "Open: R$99.90\n"
        "Fine and interest: R$2.33\n"
        "To pay today: R$102.23\n"
        "\n"
        "Anything else about the statement of Sep 1, 2026 to Nov 30, 2026?"
    )
    asked.sees(*MORE)


@pytest.mark.parametrize(
    ("said", "name", "count"),
    [
        ("março", "03/2026", 1),
        ("de 01/03 a 30/06/2026", "Mar 1, 2026 to Jun 30, 2026", 4),
        ("2025", "2025", 1),
        ("Last year", "2025", 1),
        ("2", "10/2026", 1),
        ("last month", "10/2026", 1),
        ("10/11/2026", "Nov 10, 2026 to Nov 10, 2026", 1),
        ("novembro", "11/2026", 1),
    ],
)
def test_a_period_is_taken_as_people_write_it(
    asked: Talk, said: str, name: str, count: int
) -> None:
    asked.says(said)

    asked.hears(f"Statement of {name}\n")
    assert asked.words.count(" · R$") == count


def test_what_is_no_period_is_not_found_and_asked_again(asked: Talk) -> None:
    asked.says("the usual one")

    asked.hears("I did not find that option.", WHICH)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("31/02/2026", "There is no such day. Please check the date."),
        ("2010 a 2026", "A statement covers at most five years."),
        ("01/01/1901", "I have no invoices of those years."),
    ],
)
def test_a_period_that_cannot_be_is_told_why_and_can_be_written_again(
    asked: Talk, said: str, reason: str
) -> None:
    asked.says(said)
    asked.hears(reason, "From which day to which? For example: 01/03/2026 to 30/06/2026.")
    asked.says("whenever")
    asked.hears("I could not read a period there.")
    asked.says(said)
    asked.hears(reason)
    asked.says("03/2026")
    asked.hears("Statement of 03/2026\n")


def test_another_period_is_asked_for_in_words_and_back_leads_to_the_list(asked: Talk) -> None:
    asked.presses("Another period")
    asked.hears_only("From which day to which? For example: 01/03/2026 to 30/06/2026.")
    asked.presses("Back")
    asked.hears_only(WHICH)


def test_a_period_without_invoices_says_so_and_offers_another(asked: Talk, house: House) -> None:
    asked.says("2019")
    asked.hears_only("No invoice of yours is due in 2019.")
    asked.sees("Another period", "No, thank you")
    assert opened(house) == []
    asked.presses("Another period")
    asked.hears_only(WHICH)
    asked.says("2018")
    asked.says("no, thank you")
    asked.hears_only("All right! Write whenever you need me.")


def test_a_settled_period_is_told_with_joy(asked: Talk) -> None:
    asked.says("03/2026")

    asked.hears("Charged: R$129.50\nPaid: R$129.50\nNothing is left to pay. 🎉")
    asked.hears_no("To pay today", "Fine and interest", "Open:")


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("statement of 2025", "2025"),
        ("statement of march", "03/2026"),
        ("my statement", None),
        ("account statement", None),
    ],
)
def test_the_wish_in_words_starts_it_with_the_period_that_was_said(
    ana: Talk, said: str, name: str | None
) -> None:
    ana.says(said)

    ana.hears(f"Statement of {name}\n" if name else WHICH)


def test_a_stranger_who_asks_for_march_gets_march_once_known(visit: Visit) -> None:
    ana = visit(locale="en")
    ana.says("statement of march")
    ana.says(TAX_IDS["ana"])
    ana.says(ana.reads_code())

    ana.hears("Statement of 03/2026\n")


# ------------------------------------------------------------------ a long one


def add_bills(house: House, town: Town, count: int) -> None:
    """So many paid invoices of Ana's, monthly up to December 2024."""
    bills = [
        _bill(
            town.people["ana"],
            f"L-{n:04}",
            add_months(date(2024, 12, 10), -n),
            state=InvoiceState.PAID,
        )
        for n in range(count)
    ]
    house.writes(lambda write: bulk.add_invoices(write, bills))


def test_a_long_one_is_shortened_in_the_chat_and_whole_in_the_pdf(
    asked: Talk, house: House, town: Town
) -> None:
    add_bills(house, town, 48)
    asked.says("2021 a 2024")

    asked.hears("The last 12 invoices; the PDF has 36 more.", "Charged: R$4,795.20")
    assert asked.words.count(" · L-") == 12
    asked.presses("PDF")
    (paper,) = asked.documents
    assert pages(paper.content) == 2
    assert text_of_pdf(paper.content).count("L-0") == 48


def test_the_invoices_of_a_long_one_are_chosen_page_by_page(
    asked: Talk, house: House, town: Town
) -> None:
    add_bills(house, town, 20)
    asked.says("2023 a 2024")
    asked.presses("See or pay an invoice")
    asked.hears_only("Which invoice?")
    assert len([b for b in asked.heard[-1].buttons if b.kind != "nav"]) == 8
    asked.presses("More")
    asked.says("9")

    asked.hears("Invoice L-0008 (04/2024)")


# ------------------------------------------------------------------ having it


def test_the_pdf_says_what_the_chat_says(asked: Talk, house: House, town: Town) -> None:
    asked.says("2026")
    asked.presses("PDF")

    (paper,) = asked.documents
    assert (paper.name, paper.media_type) == (
        "curral-extrato-2026-01-01-a-2026-12-31.pdf", "application/pdf",
    )  # fmt: skip
    said = text_of_pdf(paper.content).replace("\u00a0", " ")
    for words in ("R$202.13", "Ana Prado Nogueira", "2026-09-A", "10 days late", "Curral Fibra"):
        assert words in said, words
    asked.hears("Statement of 2026", "Anything else about the statement of 2026?")
    whole = {"of": "2026-01-01..2026-12-31"}
    assert opened(house) == [whole | {"kind": "statement-text"}, whole | {"kind": "statement-pdf"}]


def test_the_pdf_is_of_the_day_it_is_delivered(asked: Talk) -> None:
    asked.says("novembro")
    asked.presses("PDF")
    assert "R$102.23" in text_of_pdf(asked.documents[0].content)
    asked.after(minutes=5, days=1)
    asked.says("/menu")
    asked.says("statement of november")
    asked.presses("PDF")
    assert "R$102.27" in text_of_pdf(asked.documents[0].content)


def test_neither_text_nor_pdf_is_said_again_when_a_task_between_ends(
    asked: Talk, house: House
) -> None:
    asked.says("novembro")
    asked.presses("PDF")
    asked.says("language")
    asked.presses("English")

    asked.hears("Anything else about the statement of 11/2026?")
    asked.hears_no("Charged")
    assert asked.documents == []
    assert len(opened(house)) == 2


def test_a_double_tap_and_a_second_delivery_of_the_press_do_nothing(
    asked: Talk, house: House
) -> None:
    asked.says("novembro")
    asked.presses("PDF")
    asked.taps_again()
    asked.hears_nothing()
    asked.comes_again()
    asked.hears_nothing()
    assert len(opened(house)) == 2


def test_by_e_mail_it_goes_to_the_registered_address_with_the_pdf(
    asked: Talk, house: House
) -> None:
    asked.says("2026")
    asked.presses("Send by e-mail")
    asked.hears_only("Send Statement of 2026 to a***@e***.com?")
    asked.says("1")
    asked.hears("Please answer YES or NO.")
    asked.says("yes")
    asked.hears("On its way to", "Anything else about the statement of 2026?")

    (mail,) = asked.gets_mail()
    assert mail["To"].endswith("<ana@example.com>")
    assert mail["Subject"] == "Statement from Jan 1, 2026 to Dec 31, 2026"
    words = plain(mail).replace("\u00a0", " ")
    for part in ("Hello, Ana!", "To pay today: R$202.13", "Amount paid: R$928.70"):
        assert part in words, part
    (paper,) = mail.iter_attachments()
    assert paper.get_filename() == "curral-extrato-2026-01-01-a-2026-12-31.pdf"
    assert "R$202.13" in text_of_pdf(paper.get_content())
    asked.hears("✅ Sent: Statement of 2026 went to")
    assert [row.what for row in house.rows(select(audit.c.what).order_by(audit.c.id))][-1] == (
        "statement.mailed"
    )


def test_a_no_sends_nothing(asked: Talk) -> None:
    asked.says("2026")
    asked.presses("Send by e-mail")
    asked.says("no")

    asked.hears("nothing was done")
    assert asked.gets_mail() == []


def test_asked_for_twice_it_is_on_its_way_already(asked: Talk) -> None:
    asked.says("2026")
    for answer in ("On its way to", "It is on its way already"):
        asked.presses("Send by e-mail")
        asked.presses("Yes")
        asked.hears(answer)
    assert len(asked.gets_mail()) == 1


def test_who_has_no_e_mail_can_have_it_here_or_ask_for_one(visit: Visit, house: House) -> None:
    ana = visit(locale="en")
    ana.identifies("ana")
    house.writes(
        lambda write: write.run(
            update(contact).where(contact.c.value == "ana@example.com").values(bad="bad_address")
        )
    )
    ana.says("statement of 2026")
    ana.presses("Send by e-mail")
    ana.hears("come back to us.", "You can have it here in the chat, or ask our team")
    ana.presses("See it here")
    ana.hears("Statement of 2026\n")
    ana.presses("Send by e-mail")
    ana.presses("Update my e-mail")
    ana.hears("Which e-mail shall be in your registration?")


def test_an_address_that_takes_no_mail_is_told_with_a_way_to_see_it(
    asked: Talk, house: House
) -> None:
    asked.says("2026")
    asked.presses("Send by e-mail")
    asked.says("yes")
    house.post.refusal = Permanent("bad_address", flag=True)
    assert asked.gets_mail() == []
    asked.hears("I could not send Statement of 2026", "does not take e-mails")
    asked.presses("See it here")
    asked.hears("Statement of 2026\n", "Charged")


# ------------------------------------------------------------------ paying from it


def test_an_invoice_of_it_is_paid_by_going_there(asked: Talk) -> None:
    asked.says("last 3 months")
    asked.presses("See or pay an invoice")
    asked.sees("11/2026 · R$99.90", "10/2026 · R$99.90", "09/2026 · R$99.90")
    details = [b.detail for b in asked.heard[-1].buttons if b.kind != "nav"]
    assert details == ["10 days late, R$102.23 today", "paid on Oct 8, 2026", "cancelled"]
    asked.says("november")

    asked.hears("Invoice 2026-11-A (11/2026)", "Total today: R$102.23")
    asked.sees("Pay with PIX", "Boleto line", "PDF", "Send by e-mail", "Another invoice")
    asked.presses("Pay with PIX")
    assert len(asked.copied) == 1


def test_what_was_paid_in_part_is_paid_and_the_rest_is_open(asked: Talk, house: House) -> None:
    part = update(invoice).where(invoice.c.number == "2026-11-A")
    house.writes(lambda write: write.run(part.values(received=Decimal("40.00"))))
    asked.says("november")
    asked.hears("Charged: R$99.90", "Paid: R$40.00", "Open: R$59.90", "To pay today: R$61.30")


def test_an_invoice_of_another_is_not_found_there(asked: Talk, town: Town) -> None:
    asked.says("2026")
    asked.presses("See or pay an invoice")
    for said in ("B-7731", str(town.invoices["B-7731"]), "2025-12-A"):
        asked.says(said)
        asked.hears("I did not find that option.", "Which invoice?")


def test_what_was_paid_meanwhile_is_paid_in_the_next_statement(asked: Talk, house: House) -> None:
    asked.says("novembro")
    asked.hears("To pay today: R$102.23")
    payment = bulk.Payment("2026-11-A", date(2026, 11, 20), Decimal("102.23"))
    house.writes(lambda write: bulk.mark_paid(write, [payment]))
    asked.presses("Another period")
    asked.says("novembro")

    asked.hears("paid on Nov 20, 2026", "Paid: R$102.23", "Nothing is left to pay.")
