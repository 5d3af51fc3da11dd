"""A file that nobody asked for: it is asked what it is, and goes where it belongs, sent once."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from bot.core.message import FileIn
from storage.tables import payment_claim, received_file

from .conftest import Visit
from .house import House
from .registering import proved
from .talk import Talk
from .town import TAX_IDS, Town

pytestmark = pytest.mark.usefixtures("files_by_phone")

PDF = FileIn("tg-file-1", "comprovante.pdf", "application/pdf", 80_000)


@pytest.fixture
def ana(visit: Visit, house: House, town: Town) -> Talk:
    return proved(visit, house, town, "ana", door="phone")


def kept(house: House) -> int:
    ((number,),) = house.rows(select(func.count(received_file.c.id)))
    return int(number)


def test_a_receipt_out_of_the_blue_becomes_a_claim(ana: Talk, house: House) -> None:
    ana.sends(PDF)
    ana.hears("You sent comprovante.pdf. What is it?")
    ana.presses("A payment receipt")
    ana.hears("Which invoice did you pay?")
    ana.says("11/2026")
    ana.hears("✅ Thank you, I passed it on to our team for invoice 2026-11-A.")

    ((file,),) = house.rows(select(payment_claim.c.file))
    assert file == ["tg-file-1", "comprovante.pdf", "application/pdf", 80_000]


def test_what_is_nothing_is_not_kept(ana: Talk, house: House) -> None:
    ana.sends(PDF)
    ana.presses("Nothing, forget it")
    ana.hears("All right, I did not keep it.")
    assert kept(house) == 0


def test_a_film_is_declined_with_what_can_be_sent(ana: Talk, house: House) -> None:
    ana.sends(FileIn("tg-film", "festa.mp4", "video/mp4", 80_000))
    ana.hears("I can take a PDF or a picture of at most 10 MB.")
    assert kept(house) == 0


def test_who_is_not_known_yet_proves_first_and_the_file_is_not_lost(
    visit: Visit, house: House, town: Town
) -> None:
    ana = visit(locale="en", door="phone")
    ana.sends(PDF)
    ana.says(TAX_IDS["ana"])
    ana.presses("Code by e-mail")
    ana.says(ana.reads_code())
    ana.hears("You sent comprovante.pdf. What is it?")


def test_a_question_at_hand_waits_meanwhile(ana: Talk) -> None:
    ana.says("second copy")
    asked = ana.question
    ana.sends(PDF)
    ana.presses("Nothing, forget it")
    assert asked in ana.question


def test_one_with_nothing_to_pay_is_told_that_no_file_is_needed(
    visit: Visit, house: House, town: Town
) -> None:
    elza = proved(visit, house, town, "elza", door="phone")
    elza.sends(PDF)
    elza.hears("I do not need a file now")
