"""The receipt of what was said to be paid before: sent later, sent again, or before it was asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
from sqlalchemy import select, update

from bot.core.errors import Permanent
from bot.core.message import FileIn
from bot.core.ports import Write
from bot.domain import tax_id
from storage import bulk, claims, companies, queue, received_files
from storage.bulk import NewCustomer
from storage.tables import audit, invoice, payment_claim, received_file

from .conftest import Visit
from .house import House
from .registering import proved
from .talk import Talk, attached, plain
from .town import FEATURES, Town

pytestmark = pytest.mark.usefixtures("files_by_phone")

LOST = FileIn("tg-file-1", "perdido.pdf", "application/pdf", 80_000)
PDF = FileIn("tg-file-2", "comprovante.pdf", "application/pdf", 80_000)
SECOND = FileIn("tg-file-3", "verso.jpg", "image/jpeg", 80_000)
FRONT, BACK = b"%PDF-1.4 the receipt", b"\xff\xd8\xff its other side"
WORDS = "I paid it yesterday by PIX at the bank's app"


@pytest.fixture
def ana(visit: Visit, house: House, town: Town) -> Talk:
    talk = proved(visit, house, town, "ana", door="phone")
    house.doors["phone"].files.update(
        {"tg-file-1": Permanent("gone"), "tg-file-2": FRONT, "tg-file-3": BACK}
    )
    return talk


def claims_with_a_lost_file(ana: Talk) -> None:
    ana.says("i already paid")
    ana.says("11/2026")
    ana.sends(LOST)
    ana.hears("✅ Thank you", "You may send it here once more, as a PDF or a picture, or to")
    ana.gets_mail()


def claims_in_words(ana: Talk) -> None:
    ana.says("i already paid")
    ana.says("11/2026")
    ana.says(WORDS)
    ana.gets_mail()


def receipts(house: House) -> list[tuple[str, str]]:
    """(name, state) of what belongs to the one claim."""
    ((claim,),) = house.rows(select(payment_claim.c.id))
    rows = house.rows(
        select(received_file.c.name, received_file.c.state)
        .where(received_file.c.claim == claim)
        .order_by(received_file.c.id)
    )
    return [(row.name, row.state) for row in rows]


@pytest.mark.parametrize("claims_it", [claims_with_a_lost_file, claims_in_words])
def test_a_file_sent_while_the_team_looks_is_asked_for_once_and_added(
    ana: Talk, house: House, claims_it: Callable[[Talk], None]
) -> None:
    claims_it(ana)
    ana.sends(PDF)
    ana.hears("You sent comprovante.pdf. What is it?")
    ana.sees("The receipt for invoice 2026-11-A", "A payment receipt", "Nothing, forget it")
    ana.presses("The receipt for invoice 2026-11-A")
    ana.hears_only(
        "✅ Thank you, I added comprovante.pdf to what you told us of invoice 2026-11-A."
        " Our team is looking at it."
    )

    assert receipts(house)[-1] == ("comprovante.pdf", "kept")
    assert len(house.rows(select(audit.c.id).where(audit.c.what == "payment.receipt_added"))) == 1
    (mail,) = ana.gets_mail()
    assert attached(mail) == {"comprovante.pdf": FRONT}
    (of,) = house.reads(queue.waiting)
    assert f"Na fila: {of.ref}" in plain(mail)
    ana.sends(SECOND)
    ana.hears("You sent verso.jpg. What is it?")
    ana.sees("A payment receipt", "Nothing, forget it")


def test_the_team_finds_the_receipt_that_is_here(ana: Talk, house: House) -> None:
    claims_with_a_lost_file(ana)
    ana.sends(PDF)
    ana.presses("The receipt for invoice 2026-11-A")

    (claim,) = house.reads(claims.queue)
    assert claim.file_id is not None
    id = claim.file_id
    assert house.reads(lambda read: received_files.content(read, id)) == FRONT
    (of,) = house.reads(queue.waiting)
    told = {
        label.source: value.values for label, value in house.reads(lambda r: queue.details(r, of))
    }
    assert told["File"] == {"value": "comprovante.pdf"}


def test_a_second_page_is_added_by_choosing_the_invoice(ana: Talk, house: House) -> None:
    ana.says("i already paid")
    ana.says("11/2026")
    ana.sends(PDF)
    ana.gets_mail()
    ana.sends(SECOND)
    ana.presses("A payment receipt")
    ana.hears("📎 I take verso.jpg as the receipt.", "Which invoice did you pay?")
    ana.says("11/2026")
    ana.hears("✅ Thank you, I added verso.jpg to what you told us of invoice 2026-11-A.")

    assert receipts(house) == [("comprovante.pdf", "kept"), ("verso.jpg", "kept")]
    (of,) = house.reads(queue.waiting)
    told = {
        label.source: value.values for label, value in house.reads(lambda r: queue.details(r, of))
    }
    assert told["File"] == {"value": "comprovante.pdf, verso.jpg"}


def test_who_says_it_again_without_a_receipt_hears_that_it_may_still_come(ana: Talk) -> None:
    claims_in_words(ana)
    ana.says("i already paid")
    ana.says("11/2026")
    ana.hears("our team is looking at it", "If you have the receipt, just send it here.")
    ana.sends(PDF)
    ana.presses("The receipt for invoice 2026-11-A")
    ana.says("i already paid")
    ana.says("11/2026")
    ana.hears("our team is looking at it")
    ana.hears_no("just send it here")


def test_a_file_at_the_question_which_invoice_is_the_receipt(ana: Talk, house: House) -> None:
    ana.says("i already paid")
    ana.hears("Which invoice did you pay?")
    ana.sends(PDF)
    ana.hears("📎 I take comprovante.pdf as the receipt.", "Which invoice did you pay?")
    ana.says("11/2026")
    ana.hears("✅ Thank you, I passed it on to our team for invoice 2026-11-A.")

    assert receipts(house) == [("comprovante.pdf", "kept")]
    (mail,) = ana.gets_mail()
    assert attached(mail) == {"comprovante.pdf": FRONT}
    ana.says("hi")
    ana.hears_no("Which invoice did you pay?")


def test_the_last_of_two_files_at_that_question_counts(ana: Talk, house: House) -> None:
    ana.says("i already paid")
    ana.sends(PDF)
    ana.sends(SECOND)
    ana.hears("📎 I take verso.jpg as the receipt.")
    ana.says("11/2026")
    assert receipts(house) == [("verso.jpg", "kept")]


def test_a_file_at_that_question_that_cannot_be_taken_is_said_so_and_asked_for(ana: Talk) -> None:
    ana.says("i already paid")
    ana.sends(replace(PDF, media_type="application/zip"))
    ana.hears(
        "I did not keep that file: I can take a PDF or a picture", "Which invoice did you pay?"
    )
    ana.says("11/2026")
    ana.hears("Please send the receipt here, a PDF or a picture.")


def test_a_claim_that_was_decided_meanwhile_takes_no_receipt(ana: Talk, house: House) -> None:
    claims_in_words(ana)
    ana.sends(PDF)
    (claim,) = house.reads(claims.queue)
    house.writes(lambda tx: claims.settle(tx, claim.id, "dismissed"))
    ana.presses("The receipt for invoice 2026-11-A")
    ana.hears("That option is not there any more.", "You sent comprovante.pdf. What is it?")
    ana.sees("A payment receipt", "Nothing, forget it")
    assert receipts(house) == []


def test_another_customer_s_claim_is_offered_to_nobody(
    ana: Talk, visit: Visit, house: House, town: Town
) -> None:
    claims_in_words(ana)
    bruno = proved(visit, house, town, "bruno", door="phone")
    bruno.sends(PDF)
    bruno.sees("A payment receipt", "Nothing, forget it")


def test_switched_off_nothing_is_offered(ana: Talk, open_counter: Callable[..., House]) -> None:
    claims_in_words(ana)
    ana.house = open_counter(features={**FEATURES, "already_paid": False})
    ana.sends(PDF)
    ana.hears("Thank you, but I do not need a file now")


def test_of_several_companies_the_file_is_kept_for_the_one_that_is_chosen(
    visit: Visit, house: House, town: Town
) -> None:
    def found(write: Write) -> None:
        cnpj = tax_id.generate_cnpj(Random(9), root="12ABC345", branch=2)
        new = [NewCustomer("norte", "PJ", "Oficina Sabiá Norte", cnpj, 5)]
        (id,) = bulk.add_customers(write, new).values()
        joined = companies.join_group(write, id, town.people["oficina"])
        assert joined is companies.Grouped.DONE
        bill = update(invoice).where(invoice.c.number == "2026-12-O")
        write.run(bill.values(customer=id))

    house.writes(found)
    house.doors["phone"].files["tg-file-2"] = FRONT
    rosa = proved(visit, house, town, "oficina", door="phone")
    rosa.says("companies")
    rosa.presses("All companies")
    rosa.says("i already paid")
    rosa.hears("Of which company?")
    rosa.sends(PDF)
    rosa.hears("Of which company?")
    rosa.presses("Oficina Sabiá Norte")
    rosa.hears("📎 I take comprovante.pdf as the receipt.", "Which invoice did you pay?")
    rosa.says("12/2026")
    rosa.hears("✅ Thank you, I passed it on to our team for invoice 2026-12-O.")
    assert receipts(house) == [("comprovante.pdf", "kept")]
