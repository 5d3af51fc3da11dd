"""My documents: the list, finding one, opening it, having it mailed, and who opened what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from bot.core.errors import Permanent
from storage import customer_documents
from storage.tables import audit, contact, document, membership, message, person

from .conftest import Visit
from .filed import FEATURES_ON, PDF, file, file_all
from .house import NUMBERS, House
from .talk import Talk, plain
from .town import FEATURES, Town

LIST = "Here are your documents, the newest first. Choose one, or write its month or a part of its name."
CONSENT = "Send Tax form to a***@e***.com?"


@pytest.fixture
def house(open_counter: Callable[..., House]) -> House:
    return open_counter(features=FEATURES_ON)


@pytest.fixture
def filed(house: House, town: Town) -> Mapping[str, int]:
    return file_all(house, town)


@pytest.fixture
def ana(visit: Visit, filed: Mapping[str, int]) -> Talk:
    talk = visit(locale="en")
    talk.identifies("ana")
    return talk


def accesses(house: House) -> list[tuple[str, str]]:
    rows = select(audit.c.what, audit.c.subject).where(audit.c.what == "document.opened")
    return [tuple(row) for row in house.rows(rows.order_by(audit.c.id))]


# ------------------------------------------------------------------ the list


def test_from_the_menu_to_the_file_newest_first_and_paged(
    ana: Talk, house: House, filed: Mapping[str, int]
) -> None:
    ana.presses("My documents")
    ana.hears_only(LIST)
    ana.sees(
        "Tax form", "Payslip", "Balance sheet 10", "Balance sheet 09", "Balance sheet 08",
        "Balance sheet 07", "Balance sheet 06", "Balance sheet 05",
    )  # fmt: skip
    assert [b.detail for b in ana.heard[-1].buttons][:3] == ["Nov 2, 2026", "10/2026", "10/2026"]
    ana.presses("More")
    ana.sees("Balance sheet 04", "Balance sheet 03")
    ana.presses("Balance sheet 03")
    ana.hears("Balance sheet 03", "Month: 03/2026", "Issued on: Mar 5, 2026", "File: PDF, 1 KB")
    ana.sees("Open it here", "Send by e-mail", "Who opened it", "Another document")

    ana.presses("Open it here")

    (got,) = ana.documents
    assert (got.name, got.media_type) == ("balance-sheet-03.pdf", "application/pdf")
    assert got.content == PDF + b"Balance sheet 03"
    ana.hears("Balance sheet 03", "Anything else about Balance sheet 03?")
    assert accesses(house) == [("document.opened", f"document:{filed['Balance sheet 03']}")]


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("tax", "Tax form"),
        ("payslp", "Payslip"),
        ("the one of september", "Balance sheet 09"),
        ("balance sheet of october", "Balance sheet 10"),
        ("08/2026", "Balance sheet 08"),
        ("2", "Payslip"),
        ("darf 0561-7", "Tax form"),
    ],
)
def test_typed_words_find_a_document(ana: Talk, said: str, heard: str) -> None:
    ana.says("my documents")
    ana.says(said)

    ana.hears(heard, "File: PDF")


def test_words_that_fit_several_are_asked_about_and_nonsense_is_told(ana: Talk) -> None:
    ana.says("my documents")
    ana.says("october")
    ana.hears("Which of these do you mean?")
    ana.sees("Payslip", "Balance sheet 10")
    ana.says("xyzzy")
    ana.hears("I did not find that option.", LIST)


def test_in_numbers_it_works_as_well(visit: Visit, filed: Mapping[str, int]) -> None:
    talk = visit(door="text", locale="en")
    talk.identifies("ana")
    talk.says("my documents")
    talk.hears("1. Tax form")
    talk.says("1")
    talk.says("1")

    assert [file.name for file in talk.documents] == ["tax-form.pdf"]


def test_there_is_nothing_yet(visit: Visit) -> None:
    talk = visit(locale="en")
    talk.identifies("elza")
    talk.says("my documents")

    talk.hears("There are no documents for you yet.")


def test_it_is_in_no_menu_where_it_is_switched_off(
    open_counter: Callable[..., House], visit: Visit
) -> None:
    talk = visit(at=open_counter(features=FEATURES), locale="en")
    talk.identifies("ana")

    assert "My documents" not in [b.label for b in talk.heard[-1].buttons]
    talk.says("my documents")
    talk.hears_no(LIST)


def test_nobodys_documents_but_ones_own(ana: Talk, house: House, filed: Mapping[str, int]) -> None:
    ana.says("my documents")
    ana.says("Bruno's report")
    ana.hears("I did not find that option.")

    assert house.reads(
        lambda read: customer_documents.get(read, filed["Bruno's report"], ana.town.people["ana"])
    ) is None  # fmt: skip


def test_a_stranger_proves_who_it_is_first(visit: Visit, filed: Mapping[str, int]) -> None:
    talk = visit(locale="en")
    talk.says("my documents")

    talk.hears("What is the CPF or CNPJ of your registration?")
    talk.hears_no("Tax form")


# ------------------------------------------------------------------ opening


def test_a_double_tap_opens_it_once_and_an_old_button_opens_nothing(
    ana: Talk, house: House
) -> None:
    ana.says("my documents")
    ana.presses("Tax form")
    ana.presses("Open it here")
    ana.taps_again()
    ana.hears_nothing()
    ana.comes_again()
    ana.hears_nothing()
    ana.presses("Tax form")
    ana.hears("That button is from an earlier question.")

    assert len(accesses(house)) == 1


def test_one_that_was_taken_out_meanwhile_is_asked_again(
    ana: Talk, house: House, filed: Mapping[str, int]
) -> None:
    ana.says("my documents")
    ana.presses("Tax form")
    house.writes(
        lambda w: customer_documents.remove_document(w, filed["Tax form"], ana.town.people["ana"])
    )
    ana.presses("Open it here")

    ana.hears("What you had chosen is not there any more.", LIST)
    assert ana.documents == []
    assert accesses(house) == []


def test_one_too_large_for_the_channel_is_offered_by_mail_alone(
    open_counter: Callable[..., House], visit: Visit, house: House, town: Town
) -> None:
    house.doors["text"].limits = replace(NUMBERS, files_out=50)
    house.writes(lambda w: file(w, town.people["elza"], "Large", 10))
    talk = visit(door="text", locale="en")
    talk.identifies("elza")
    talk.says("my documents")
    talk.says("large")

    talk.hears("1. Send by e-mail")
    talk.hears_no("Open it here")


# ------------------------------------------------------------------ by mail


@pytest.fixture
def at_consent(ana: Talk) -> Talk:
    ana.says("my documents")
    ana.says("tax form")
    ana.presses("Send by e-mail")
    return ana


def test_it_goes_to_the_registered_address_with_the_file(at_consent: Talk, house: House) -> None:
    at_consent.hears_only(CONSENT)
    at_consent.presses("Yes")
    at_consent.hears("On its way to a***@e***.com.")

    (mail,) = at_consent.gets_mail()

    at_consent.hears("✅ Sent: Tax form went to a***@e***.com.")
    assert mail["To"] == "Ana Prado Nogueira <ana@example.com>"
    assert "Tax form" in mail["Subject"]
    assert "Here is the document you asked for" in plain(mail)
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == "tax-form.pdf"
    assert attached.get_content() == PDF + b"Tax form"
    assert len(accesses(house)) == 1


@pytest.mark.parametrize("said", ["1", "maybe", "ana@another.example.com"])
def test_a_number_or_anything_else_is_no_consent(at_consent: Talk, said: str) -> None:
    at_consent.says(said)

    at_consent.hears("Please answer YES or NO.", CONSENT)
    assert at_consent.gets_mail() == []


def test_a_no_sends_nothing(at_consent: Talk, house: House) -> None:
    at_consent.says("no")

    at_consent.hears("All right, nothing was done.")
    assert at_consent.gets_mail() == []
    assert accesses(house) == []


def test_a_double_tap_is_one_mail_and_a_second_wish_is_on_its_way_already(
    at_consent: Talk, house: House
) -> None:
    at_consent.presses("Yes")
    at_consent.taps_again()
    at_consent.hears_nothing()
    at_consent.presses("Send by e-mail")
    at_consent.presses("Yes")
    at_consent.hears("It is on its way already")

    mails = select(message.c.id).where(message.c.subject.like("document:%"))
    assert len(house.rows(mails)) == 1


def test_an_address_that_takes_no_mail_is_told_and_the_file_opened_here(
    at_consent: Talk, house: House
) -> None:
    at_consent.presses("Yes")
    house.post.refusal = Permanent("bad_address", flag=True)
    at_consent.gets_mail()
    at_consent.hears("I could not send Tax form: a***@e***.com does not take e-mails.")

    at_consent.presses("Open it here")
    at_consent.hears("Tax form", "File: PDF")
    at_consent.presses("Send by e-mail")
    at_consent.hears(
        "E-mails to a***@e***.com come back to us, but you can open the document here."
    )


def test_without_an_address_it_is_said(
    house: House, visit: Visit, filed: Mapping[str, int]
) -> None:
    talk = visit(locale="en")
    talk.identifies("bruno")
    house.writes(lambda w: w.run(update(contact).values(is_primary=False)))
    talk.says("my documents")
    talk.says("1")
    talk.presses("Send by e-mail")

    talk.hears("There is no e-mail in your registration")


def test_one_taken_out_before_the_mail_left_is_not_sent(
    at_consent: Talk, house: House, filed: Mapping[str, int]
) -> None:
    at_consent.presses("Yes")
    id = filed["Tax form"]
    house.writes(lambda w: customer_documents.remove_document(w, id, at_consent.town.people["ana"]))

    assert at_consent.gets_mail() == []
    at_consent.hears("I could not send Tax form")


# ------------------------------------------------------------------ who opened it


def test_an_administrator_sees_who_opened_what_when_and_how(ana: Talk, house: House) -> None:
    ana.says("who opened my documents")
    ana.hears("Nobody has opened a document yet.")
    ana.says("my documents")
    ana.says("tax form")
    ana.presses("Open it here")
    ana.after(minutes=5)
    ana.presses("Send by e-mail")
    ana.presses("Yes")
    ana.says("who opened my documents")

    ana.hears(
        "Who opened which document, the newest first:",
        "• Nov 20, 2026 12:05 · Ana Prado Nogueira · sent to the registered e-mail (web) · Tax form",
        "• Nov 20, 2026 12:00 · Ana Prado Nogueira · in the chat (web) · Tax form",
    )


def test_the_log_has_a_second_page_and_is_narrowed_to_one_document(ana: Talk) -> None:
    for title in ["Payslip"] * 3 + ["Tax form"] * 7:
        ana.says("my documents")
        ana.says(title)
        ana.presses("Open it here")
        ana.after(minutes=1)
    ana.says("access log")
    assert ana.words.count("• ") == 8
    ana.sees(
        "Older ones", "Of one document", "Of a period", "All of it as a file",
        "Back to the documents",
    )  # fmt: skip
    ana.presses("Older ones")
    assert ana.words.count("• ") == 2
    ana.hears("12:01", "Payslip", "12:00", "Payslip")
    ana.hears_no("Tax form")

    ana.presses("Of one document")
    ana.says("payslip")
    ana.hears("Who opened Payslip, the newest first:", "12:02", "12:01", "12:00")
    ana.sees(
        "Of one document", "Of a period", "All of it", "All of it as a file",
        "Back to the documents",
    )  # fmt: skip
    ana.presses("Of a period")
    ana.says("october")
    ana.hears("Nobody opened Payslip in 10/2026.")
    ana.presses("Of a period")
    ana.presses("This month")
    ana.hears("Who opened Payslip in 11/2026, the newest first:", "12:02", "12:01", "12:00")
    ana.presses("All of it")
    ana.hears("Who opened which document")
    ana.presses("Back to the documents")
    ana.hears(LIST)


def test_the_whole_log_comes_as_a_file(ana: Talk, visit: Visit, house: House) -> None:
    bruno = visit("bruno", locale="en")
    bruno.identifies("bruno")
    bruno.says("my documents")
    bruno.says("1")
    bruno.presses("Open it here")
    house.writes(lambda w: w.run(update(person).values(name="=cmd|' /C calc'!A0; Ana")))
    for _time in range(10):
        ana.says("my documents")
        ana.says("payslip")
        ana.presses("Open it here")
    ana.says("access log")
    ana.presses("All of it as a file")

    (got,) = ana.documents
    assert (got.name, got.media_type) == ("curral-2026-11-20.csv", "text/csv")
    head, *lines = got.content.decode("utf-8-sig").splitlines()
    assert head == "Date;Time;Who;By what means;Account;Network;Document"
    assert lines == ["2026-11-20;12:00:00;\"'=cmd|' /C calc'!A0; Ana\";chat;web;;Payslip"] * 10
    assert ana.words.count("• ") == 8


def test_from_a_document_to_its_own_log_and_back(ana: Talk) -> None:
    ana.says("my documents")
    ana.says("payslip")
    ana.presses("Who opened it")
    ana.hears("Nobody has opened Payslip yet.")
    ana.presses("Back to the documents")

    ana.hears("Anything else about Payslip?")


def test_a_collaborator_opens_documents_and_sees_no_log(ana: Talk, house: House) -> None:
    house.writes(lambda w: w.run(update(membership).values(role="collaborator")))
    ana.says("my documents")
    ana.says("payslip")
    ana.sees("Open it here", "Send by e-mail", "Another document")
    ana.says("access log")

    ana.hears("Only administrators see who opened a document.")


def test_the_log_is_ones_own_customers(ana: Talk, visit: Visit) -> None:
    bruno = visit("bruno", locale="en")
    bruno.identifies("bruno")
    bruno.says("my documents")
    bruno.says("1")
    bruno.presses("Open it here")
    ana.says("access log")

    ana.hears("Nobody has opened a document yet.")


def test_what_is_removed_stays_in_the_log_without_its_bytes(
    ana: Talk, house: House, filed: Mapping[str, int]
) -> None:
    ana.says("my documents")
    ana.says("payslip")
    ana.presses("Open it here")
    house.writes(
        lambda w: customer_documents.remove_document(w, filed["Payslip"], ana.town.people["ana"])
    )
    ana.says("/menu")
    ana.says("access log")

    ana.hears("· in the chat (web) · Payslip")
    (row,) = house.rows(select(document.c.removed_at).where(document.c.id == filed["Payslip"]))
    assert row.removed_at is not None


# ------------------------------------------------------------------ in Portuguese


def test_it_speaks_portuguese(visit: Visit, filed: Mapping[str, int]) -> None:
    talk = visit()
    talk.identifies("ana")
    talk.says("meus documentos")
    talk.hears("Estes são os seus documentos, do mais novo ao mais antigo.")
    talk.says("payslip")
    talk.hears("Payslip", "Mês: 10/2026", "Emitido em: 20/10/2026", "Arquivo: PDF")
    talk.presses("Abrir aqui")
    talk.hears("Mais alguma coisa sobre Payslip?")
    talk.says("quem abriu meus documentos")
    talk.hears("Quem abriu qual documento", "no chat (web)")
