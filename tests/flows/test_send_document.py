"""Send a document to the office: filed with who sent it, mailed, renamed, withdrawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.core.brand import DocumentRules
from bot.core.errors import Permanent
from bot.core.message import Address, FileIn
from storage import personal_data, received_files, sent_documents
from storage.tables import audit, document, document_body, received_file, received_file_body

from . import house as houses
from .company import acts, administrator_of, comes_in
from .conftest import Visit
from .filed import FEATURES_ON
from .house import House
from .registering import proved
from .talk import Talk, attached, plain
from .town import Town

SWITCHED_ON = FEATURES_ON | {"send_documents": True}
PNG = b"\x89PNG\r\n\x1a\n the articles of association, photographed"
FILE = FileIn("tg-file-1", "contrato", "application/pdf", 80_000)


@pytest.fixture(autouse=True)
def doors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of the doors take files: one hands them over later, one had them uploaded."""
    for name in ("phone", "web"):
        takes = replace(houses.DOORS[name], files_in=10 * 2**20)
        monkeypatch.setitem(houses.DOORS, name, takes)


@pytest.fixture
def house(open_counter: Callable[..., House]) -> House:
    return open_counter(
        features=SWITCHED_ON, documents=DocumentRules(kinds=("Contrato", "Comprovante"))
    )


@pytest.fixture
def ana(visit: Visit) -> Talk:
    talk = visit(locale="en")
    talk.identifies("ana")
    return talk


def uploads(talk: Talk, name: str = "contrato.png", content: bytes = PNG) -> FileIn:
    """What the page of the web chat does with a file before it is said."""
    return talk.house.writes(lambda tx: received_files.put_down(tx, talk.at, name, content))


def test_one_that_came_unasked_is_asked_for_its_title_alone(
    visit: Visit, house: House, town: Town
) -> None:
    ana = proved(visit, house, town, "ana", door="phone")
    ana.sends(FILE)
    ana.presses("A document for your team")
    ana.hears("What is it? Two or three words")
    ana.says("Articles of association")
    ana.presses("Contrato")
    ana.presses("Yes")
    ana.hears("I am fetching the file of Articles of association")


def sends(talk: Talk, file: FileIn, title: str = "Articles of association") -> None:
    talk.says("send a document")
    talk.hears("a PDF or a picture of at most 10 MB")
    talk.sends(file)
    talk.says(title)
    talk.presses("Contrato")
    talk.presses("Yes")


def filed(house: House) -> list[tuple[str, str, bytes]]:
    rows = house.rows(
        select(document.c.title, document.c.kind, document_body.c.content)
        .join_from(document, document_body)
    )  # fmt: skip
    return [tuple(row) for row in rows]


def test_an_upload_is_filed_at_once_with_who_sent_it_and_the_office_is_told(
    ana: Talk, house: House
) -> None:
    ana.presses("My documents")
    ana.sees("📎 Send a document")
    ana.presses("📎 Send a document")
    assert ana.heard[-1].takes == "file"
    ana.sends(uploads(ana))
    ana.says("Articles of association")
    ana.presses("Contrato")
    ana.hears("Send Articles of association (Contrato, contrato.png) to our team?")
    ana.presses("Yes")
    ana.hears("✅ Thank you! Articles of association is filed among your documents")

    assert filed(house) == [("Articles of association", "Contrato", PNG)]
    assert house.rows(select(received_file_body)) == []  # the bytes are in one place
    (mail,) = ana.gets_mail()
    assert "gente@example.org" in mail["To"]
    assert "Articles of association" in mail["Subject"]
    assert "Ana Prado Nogueira" in plain(mail)
    assert attached(mail) == {"contrato.png": PNG}
    (sent,) = house.reads(sent_documents.queue)
    assert f"`balcao documents look {sent.document} --save" in plain(mail)
    ana.says("my documents")
    assert ana.heard[-1].buttons[1].detail.endswith(" · sent by Ana Prado Nogueira")
    ana.presses("Articles of association")
    ana.hears("Sent by: Ana Prado Nogueira, waiting for our team to look at it")
    customer, person = house.rows(select(received_file.c.customer, received_file.c.person))[0]
    data = house.reads(lambda read: personal_data.collect(read, customer, person, whole=True))
    assert [each["name"] for each in data["customer"]["files_sent"]] == ["contrato.png"]
    what = {row.what for row in house.rows(select(audit.c.what))}
    assert {"file.received", "document.added"} <= what


def test_a_channel_hands_it_over_later_and_then_it_is_filed(
    visit: Visit, house: House, town: Town
) -> None:
    ana = proved(visit, house, town, "ana", door="phone")
    sends(ana, FILE)
    ana.hears(
        "Thank you! I am fetching the file of Articles of association",
        "✅ Articles of association is filed among your documents, and our team has been told.",
    )
    assert filed(house) == [("Articles of association", "Contrato", b"%PDF-1.4 a receipt")]
    (mail,) = ana.gets_mail()
    assert attached(mail) == {"contrato.pdf": b"%PDF-1.4 a receipt"}


def test_what_the_channel_does_not_hand_over_is_asked_for_again(
    visit: Visit, house: House, town: Town
) -> None:
    ana = proved(visit, house, town, "ana", door="phone")
    house.doors["phone"].files["tg-file-1"] = Permanent("gone")
    sends(ana, FILE)
    ana.hears(
        "I could not take the file of Articles of association: the channel did not hand it over."
    )
    assert filed(house) == []
    ana.presses("Send a document")
    ana.hears("Please send the document here")


def test_renamed_and_withdrawn_until_the_office_has_looked_at_it(ana: Talk, house: House) -> None:
    sends(ana, uploads(ana))
    ana.says("my documents")
    ana.presses("Articles of association")
    ana.presses("Rename it")
    ana.says("Articles of 2026")
    ana.hears("✅ Done: it is called Articles of 2026 now.")
    ana.gets_mail()
    ana.presses("Withdraw it")
    ana.hears("Withdraw Articles of 2026? Its file is erased")
    ana.presses("Yes")
    ana.hears("✅ Done: it is withdrawn")
    assert filed(house) == []
    (mail,) = ana.gets_mail()
    assert "retirou o documento Articles of 2026" in plain(mail)

    sends(ana, uploads(ana), "A second one")
    ana.says("my documents")
    ana.presses("A second one")
    ana.presses("Withdraw it")
    (sent,) = house.reads(sent_documents.queue)
    assert house.writes(lambda tx: sent_documents.note_seen(tx, sent.document))
    assert not house.writes(lambda tx: sent_documents.note_seen(tx, sent.document))
    ana.presses("Yes")
    ana.hears("Our team has looked at it already, so it stays as it is.")
    ana.says("my documents")
    ana.presses("A second one")
    ana.hears("looked at by our team")
    assert "Withdraw it" not in [button.label for button in ana.heard[-1].buttons]


def test_an_upload_counts_once_and_for_its_own_chat_alone(
    ana: Talk, visit: Visit, house: House
) -> None:
    file = uploads(ana)
    bruno = visit("bruno", locale="en")
    bruno.identifies("bruno")
    sends(bruno, file)
    bruno.hears("The file is not there any more. Please send it once more.")
    sends(ana, file)
    ana.hears("✅ Thank you!")
    sends(ana, file, "The same again")
    ana.hears("The file is not there any more.")
    assert [title for title, *_rest in filed(house)] == ["Articles of association"]


def test_nobody_s_upload_is_taken_and_nothing_but_papers_and_pictures(
    ana: Talk, visit: Visit, house: House
) -> None:
    def refused(at: Address, content: bytes) -> str:
        with pytest.raises(received_files.Unwanted) as unwanted:
            house.writes(lambda tx: received_files.put_down(tx, at, "x.pdf", content))
        return unwanted.value.code

    stranger = visit("stranger", locale="en")
    stranger.says("hello")
    assert refused(stranger.at, PNG) == "stranger"
    assert refused(Address("web", "never-here"), PNG) == "stranger"
    assert refused(ana.at, b"<html><script>") == "kind"
    assert refused(ana.at, b"") == "empty"
    assert refused(ana.at, b"%PDF-" + bytes(10 * 2**20)) == "too_large"
    for n in range(received_files.MOST_LOOSE + 2):
        uploads(ana, f"{n}.png")
    kept = house.rows(select(received_file.c.name).order_by(received_file.c.id))
    assert [row.name for row in kept] == ["2.png", "3.png", "4.png", "5.png", "6.png"]


def test_where_no_files_can_be_sent_it_says_where_they_can(visit: Visit) -> None:
    ana = visit("ana-2", door="text", locale="en")
    ana.identifies("ana")
    ana.says("i want to send a document")
    ana.hears(
        "This channel takes no files, I am sorry. Please send the document to gente@example.org"
    )


def test_switched_off_it_is_nowhere(visit: Visit, open_counter: Callable[..., House]) -> None:
    ana = visit(at=open_counter(features=FEATURES_ON), locale="en")
    ana.identifies("ana")
    ana.presses("My documents")
    ana.hears("There are no documents for you yet.")
    ana.hears_no("Send a document")


def test_colleagues_send_too_and_only_an_administrator_touches_what_others_sent(
    visit: Visit, house: House
) -> None:
    rosa = administrator_of(visit)
    lia, ivo = comes_in(visit, rosa, "Lia"), comes_in(visit, rosa, "Ivo")
    sends(lia, uploads(lia), "Payroll sheet")
    lia.hears("✅ Thank you!")
    for colleague in (ivo, rosa):
        colleague.says("my documents")
        colleague.presses("Payroll sheet")
        colleague.hears("Sent by: Lia")
    assert "Withdraw it" not in [button.label for button in ivo.heard[-1].buttons]
    (sent,) = house.reads(sent_documents.queue)
    refused = acts(ivo, sent_documents.rename, sent.document, sent.customer, "Mine now")
    assert refused == sent_documents.Changing.NOT_YOURS
    rosa.presses("Withdraw it")
    rosa.presses("Yes")
    rosa.hears("✅ Done: it is withdrawn")
