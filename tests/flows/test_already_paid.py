"""I already paid: the receipt goes to the team, and nothing is marked as paid."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.core.errors import Permanent, Temporary
from bot.core.message import FileIn
from bot.edges.receiving import LATE_AFTER
from storage import claims, received_files
from storage.tables import audit, invoice, payment, payment_claim

from .conftest import Visit
from .house import House
from .paying import invoice_state
from .registering import proved
from .talk import Talk, attached, plain
from .town import Town

pytestmark = pytest.mark.usefixtures("files_by_phone")

PDF = FileIn("tg-file-1", "comprovante.pdf", "application/pdf", 80_000)
WORDS = "I paid it yesterday by PIX at the bank's app"


@pytest.fixture
def ana(visit: Visit, house: House, town: Town) -> Talk:
    return proved(visit, house, town, "ana", door="phone")


def claimed(house: House) -> list[tuple[str, object, object, str]]:
    rows = house.rows(
        select(invoice.c.number, payment_claim.c.file, payment_claim.c.words, payment_claim.c.state)
        .join(payment_claim, payment_claim.c.invoice == invoice.c.id)
    )  # fmt: skip
    return [tuple(row) for row in rows]


def test_a_receipt_goes_to_the_team_and_nothing_is_paid(ana: Talk, house: House) -> None:
    ana.says("i already paid")
    ana.hears("Which invoice did you pay?")
    ana.says("11/2026")
    ana.hears("Please send the receipt here, a PDF or a picture.")
    ana.sends(PDF)
    ana.hears(
        "✅ Thank you, I passed it on to our team for invoice 2026-11-A.", "still shows as open"
    )

    assert claimed(house) == [
        ("2026-11-A", ["tg-file-1", "comprovante.pdf", "application/pdf", 80_000], None, "waiting")
    ]
    assert invoice_state(house, "2026-11-A") == "open"
    assert house.rows(select(payment.c.id)) == []
    assert len(house.rows(select(audit.c.id).where(audit.c.what == "payment.claimed"))) == 1


def test_the_team_is_mailed_with_what_it_needs_to_look(ana: Talk) -> None:
    ana.says("i already paid")
    ana.says("11/2026")
    ana.sends(PDF)
    (mail,) = ana.gets_mail()
    assert "gente@example.org" in mail["To"]
    assert "ana@example.com" in mail["Reply-To"]
    assert mail["Subject"] == "Cliente diz que já pagou: fatura 2026-11-A"
    words = plain(mail)
    for part in (
        "Ana Prado Nogueira",
        "2026-11-A",
        "comprovante.pdf",
        "O comprovante está anexado.",
        "Nada foi marcado",
    ):
        assert part in words
    assert attached(mail) == {"comprovante.pdf": b"%PDF-1.4 a receipt"}


def asked_again(talk: Talk) -> None:
    """The channel is asked for what it did not hand over."""
    talk.after(minutes=10)
    talk.house.app.dispatcher.wake("gateway:files:phone")
    talk.house.idles()


def test_a_channel_in_trouble_is_asked_again_and_the_team_hears_meanwhile(
    ana: Talk, house: House
) -> None:
    kept = house.doors["phone"].files
    kept["tg-file-1"] = Temporary("server")
    ana.says("i already paid")
    ana.says("11/2026")
    ana.sends(PDF)
    ana.hears("✅ Thank you")
    for _attempt in range(LATE_AFTER - 1):
        assert ana.gets_mail() == []
        asked_again(ana)
    (mail,) = ana.gets_mail()
    assert "Ainda não foi possível buscar o comprovante" in plain(mail)
    assert attached(mail) == {}

    kept["tg-file-1"] = b"%PDF-1.4 here at last"
    asked_again(ana)
    (mail,) = ana.gets_mail()
    assert attached(mail) == {"comprovante.pdf": b"%PDF-1.4 here at last"}
    (claim,) = house.reads(claims.queue)
    assert claim.file_id is not None
    id = claim.file_id
    assert house.reads(lambda read: received_files.content(read, id)) == b"%PDF-1.4 here at last"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (Permanent("gone"), "the channel did not hand it over"),
        (b"MZ\x90\0 a program that calls itself a receipt", "it is neither a PDF nor a picture"),
    ],
)
def test_a_receipt_that_cannot_be_had_is_told_to_both(
    ana: Talk, house: House, given: bytes | Permanent, why: str
) -> None:
    house.doors["phone"].files["tg-file-1"] = given
    ana.says("i already paid")
    ana.says("11/2026")
    ana.sends(PDF)
    ana.hears("✅ Thank you", f"I could not take your receipt: {why}.", "gente@example.org")
    (mail,) = ana.gets_mail()
    assert "Não foi possível buscar o comprovante" in plain(mail)
    assert claimed(house)[0][-1] == "waiting"


@pytest.mark.parametrize("door", ["web", "lists", "text"])
def test_where_no_files_can_be_sent_words_do(
    visit: Visit, house: House, town: Town, door: str
) -> None:
    ana = proved(visit, house, town, "ana", door=door)
    ana.says("i already paid")
    ana.says("11/2026")
    ana.hears("This channel takes no files. Please write when and how you paid")
    ana.says("hmm")
    ana.hears("Please tell us a little more")
    ana.says(WORDS)
    ana.hears("✅ Thank you")
    assert claimed(house) == [("2026-11-A", None, WORDS, "waiting")]
    (mail,) = ana.gets_mail()
    assert WORDS in plain(mail)


def test_words_instead_of_a_file_are_taken_too(ana: Talk, house: House) -> None:
    ana.says("i already paid")
    ana.says("11/2026")
    ana.says(WORDS)
    ana.hears("✅ Thank you")
    assert claimed(house) == [("2026-11-A", None, WORDS, "waiting")]


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (replace(PDF, media_type="application/zip"), "I cannot take this kind of file."),
        (replace(PDF, size=30 * 2**20), "That file is too big."),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_kindly(
    ana: Talk, house: House, file: FileIn, why: str
) -> None:
    ana.says("i already paid")
    ana.says("11/2026")
    ana.sends(file)
    ana.hears(why)
    assert claimed(house) == []
    ana.sends(PDF)
    ana.hears("✅ Thank you")


def test_a_second_claim_is_being_looked_at(ana: Talk, house: House) -> None:
    for _again in range(2):
        ana.says("i already paid")
        ana.says("11/2026")
        if _again == 0:
            ana.sends(PDF)
            ana.comes_again()
    ana.hears("You told us already that invoice 2026-11-A is paid, and our team is looking at it.")
    assert len(claimed(house)) == 1
    assert len(ana.gets_mail()) == 1


def test_two_chats_at_once_are_one_claim(ana: Talk, visit: Visit, house: House, town: Town) -> None:
    other = visit("tablet", locale="en")
    other.identifies("ana")
    for each in (ana, other):
        each.says("i already paid")
        each.says("11/2026")
    ana.sends(PDF)
    other.says(WORDS)
    other.hears("our team is looking at it")
    assert len(claimed(house)) == 1


def test_another_one_is_taken_once_the_team_has_dismissed_the_first(
    ana: Talk, house: House
) -> None:
    ana.says("i already paid")
    ana.says("11/2026")
    ana.sends(PDF)
    (first,) = house.reads(claims.queue)
    assert house.writes(lambda tx: claims.settle(tx, first.id, "dismissed"))
    assert not house.writes(lambda tx: claims.settle(tx, first.id, "confirmed"))
    ana.says("i already paid")
    ana.says("11/2026")
    ana.says(WORDS)
    assert sorted(state for *_rest, state in claimed(house)) == ["dismissed", "waiting"]


def test_who_owes_nothing_is_told_so(visit: Visit, house: House, town: Town) -> None:
    elza = proved(visit, house, town, "elza")
    elza.says("i already paid")
    elza.hears("All your invoices are paid: nothing is open.")


def test_another_s_invoice_is_not_found(ana: Talk, house: House) -> None:
    ana.says("i already paid")
    ana.says("B-7731")
    ana.hears("Which invoice did you pay?")
    assert claimed(house) == []


def test_in_portuguese(visit: Visit, house: House, town: Town) -> None:
    """Its words come with the translations of payments."""
    ana = proved(visit, house, town, "ana", door="phone", locale="pt_BR")
    ana.says("já paguei")
    ana.hears("Qual fatura você pagou?")
    ana.says("11/2026")
    ana.hears("Envie o comprovante aqui")
    ana.sends(PDF)
    ana.hears("✅ Obrigado", "2026-11-A")
