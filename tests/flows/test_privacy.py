"""My data and privacy: the menu of it, one's data as a file, and the way to a correction."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.core.brand import Brand
from bot.core.errors import Permanent
from bot.documents.my_data_words import DEEDS
from bot.edges.disclosing import Disclosing
from storage import personal_data
from storage.tables import audit, audit_body, message_body
from tests.documents.eyes import text as text_of_pdf

from .company import administrator_of, comes_in
from .conftest import Visit
from .filed import file_all, offer
from .house import House
from .keeping import PRIVATE, told
from .registering import identified, proved
from .talk import Talk
from .town import TAX_IDS, Town

WAYS = (
    "My data as a file",
    "Correct something",
    "What I agreed to",
    "Which messages I get",
    "Delete my data",
)


@pytest.fixture
def brand() -> Brand:
    return PRIVATE


@pytest.fixture
def ana(visit: Visit) -> Talk:
    return identified(visit)


def test_it_is_in_the_menu_and_says_what_one_can_do(ana: Talk) -> None:
    ana.says("menu")
    ana.says("my data and privacy")
    ana.hears("Your data is yours")
    ana.sees(*WAYS)


@pytest.mark.parametrize("door", ["web", "lists", "text"])
def test_a_number_chooses_in_every_look(visit: Visit, door: str) -> None:
    ana = identified(visit, door=door)
    ana.says("privacy")
    ana.says("3")
    ana.hears("You have agreed to nothing here so far")


def test_a_typo_is_asked_again(ana: Talk) -> None:
    ana.says("privacy")
    ana.says("qwerty uiop")
    ana.sees(*WAYS)
    ana.says("my data as a file")
    ana.hears("This is everything we keep about you, to read")


class TestSwitchedOff:
    """The brand has it off."""

    @pytest.fixture
    def brand(self) -> Brand:
        return replace(PRIVATE, features={**PRIVATE.features, "privacy": False})

    def test_nobody_finds_it(self, ana: Talk) -> None:
        ana.says("menu")
        ana.says("my data and privacy")
        ana.hears_no("Your data is yours")
        ana.says("export my data")
        assert not ana.documents


def test_a_stranger_proves_who_they_are_first(visit: Visit) -> None:
    stranger = visit(locale="en")
    stranger.says("privacy")
    stranger.hears("I need to know who you are")


# ------------------------------------------------------------------------- the file


def test_the_file_holds_everything_that_is_kept(ana: Talk, house: House, town: Town) -> None:
    file_all(house, town)
    offer(house, town)
    ana.says("privacy")
    ana.presses("My data as a file")

    everything = told(ana)
    of = everything["customer"]
    assert of["registration"]["name"] == "Ana Prado Nogueira"
    assert of["registration"]["tax_id"] == TAX_IDS["ana"]
    assert {each["value"] for each in of["contacts"]} == {"ana@example.com", "+5511900000012"}
    assert "2026-11-A" in {each["number"] for each in of["invoices"]}
    extra = next(each for each in of["invoices"] if each["number"] == "2026-03-A")
    assert extra["lines"][1] == {"description": "Roteador extra", "amount": "39.60"}
    assert "Payslip" in {each["title"] for each in of["documents"]}
    assert "CPF" in of["contracts"][0]["text"]
    assert [each["role"] for each in of["people"]] == ["administrator"]
    assert {each["kind"]: each["required"] for each in everything["person"]["preferences"]} == {
        "invoices": True,
        "payments": True,
        "security": True,
        "contract": True,
        "reminders": False,
        "news": False,
    }
    assert everything["person"]["messages"][0].keys() == {
        "kind", "state", "created_at", "sent_at", "delivered_at", "read_at", "error",
    }  # fmt: skip


def test_the_file_to_read_says_it_in_words(ana: Talk, house: House, town: Town) -> None:
    file_all(house, town)
    ana.says("export my data")

    to_read = ana.documents[0]
    assert to_read.name == "curral-2026-11-20.pdf"
    said = text_of_pdf(to_read.content)
    for words in (
        "My data", "Registration", "Ana Prado Nogueira", "ana@example.com", "2026-11-A",
        "Due on: ", "Nov 10, 2026", "R$99.90", "Open", "Payslip", "administrator",
    ):  # fmt: skip
        assert words in said, words


def test_the_file_to_read_says_what_was_done_in_words(ana: Talk, house: House, town: Town) -> None:
    file_all(house, town)
    ana.says("export my data")

    said = text_of_pdf(ana.documents[0].content)
    assert "Copy of the data handed out" in said
    assert [kind for kind in DEEDS if kind in said] == []


def test_where_there_is_too_much_the_file_has_the_latest(
    ana: Talk, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana.says("export my data")
    monkeypatch.setattr(personal_data, "MOST", 2)
    ana.says("export my data")

    (first, last) = told(ana)["person"]["accesses_and_changes"]
    assert first["at"] <= last["at"]
    assert last["what"] == "personal-data.exported"


def test_the_file_holds_nothing_of_anybody_else(
    ana: Talk, visit: Visit, house: House, town: Town
) -> None:
    file_all(house, town)
    bruno = identified(visit, "bruno")
    bruno.says("export my data")
    ana.says("export my data")

    assert told(bruno)["customer"]["registration"]["name"] == "Bruno Teles"
    text = str(told(ana))
    for word in ("Bruno", "bruno@example.com", TAX_IDS["bruno"], "B-7731", "+5511900000013"):
        assert word not in text


def test_the_file_holds_no_secret(ana: Talk) -> None:
    ana.says("privacy")
    ana.presses("My data as a file")

    text = str(told(ana))
    assert ana.last_code not in text
    for word in ("token", "hash'", "external_secret"):
        assert word not in text


def test_taking_it_is_on_record_and_no_row_holds_it(ana: Talk, house: House) -> None:
    ana.says("export my data")

    rows = house.rows(
        select(audit.c.subject, audit_body.c.after)
        .join_from(audit, audit_body)
        .where(audit.c.what == "personal-data.exported")
    )
    assert [(row.subject[:9], row.after) for row in rows] == [
        ("customer:", {"role": "administrator"})
    ]
    assert not [row for row in house.rows(select(message_body.c.body)) if "2026-11-A" in str(row)]


def test_a_double_tap_hands_it_over_once(ana: Talk) -> None:
    ana.says("privacy")
    ana.presses("My data as a file")
    ana.taps_again()
    ana.hears_nothing()
    assert not ana.documents


def test_somebody_with_an_old_proof_proves_it_again(visit: Visit, house: House, town: Town) -> None:
    ana = proved(visit, house, town, "ana")
    ana.says("export my data")
    ana.hears("I make sure that it is you")
    assert not ana.documents
    ana.says(ana.reads_code())
    ana.hears("This is everything we keep about you, to read")
    assert told(ana)["customer"]["registration"]["name"] == "Ana Prado Nogueira"


def test_a_collaborator_gets_what_is_kept_about_himself_alone(visit: Visit) -> None:
    rosa = administrator_of(visit)
    tito = comes_in(visit, rosa, "Tito Lima")
    tito.says("export my data")
    tito.hears("The company's own data goes to its administrators only.")

    his = told(tito)
    assert his.keys() == {"controller", "made_at", "person"}
    assert his["person"]["name"] == "Tito Lima"
    for word in ("contas@example.net", TAX_IDS["oficina"], "2026-11-O"):
        assert word not in str(his)


def test_who_was_sent_away_meanwhile_does_not_get_it(visit: Visit, house: House) -> None:
    rosa = administrator_of(visit)
    tito = comes_in(visit, rosa, "Tito Lima")
    tito.says("export my data")
    ref = next(message.document for message in tito.heard if message.document)
    rosa.says("menu")
    rosa.presses("People with access")
    rosa.presses("Tito Lima")
    rosa.presses("Remove")
    rosa.presses("Yes")

    with pytest.raises(Permanent):
        house._runner.run(Disclosing(house.app.database, {}, {}).render("curral", ref, "en"))


def test_where_no_file_can_be_sent_another_chat_is_named(
    visit: Visit, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = identified(visit)
    door = house.doors["web"]
    monkeypatch.setattr(door, "limits", replace(door.limits, files_out=0))
    ana.says("export my data")
    ana.hears("Files cannot be sent here")


# ------------------------------------------------------------------------- correction


def test_correction_leads_to_the_registration(ana: Talk) -> None:
    ana.says("privacy")
    ana.presses("Correct something")
    ana.hears("This is your registration:")


class TestWithoutRegistration:
    """The brand lets nobody see a registration here."""

    @pytest.fixture
    def brand(self) -> Brand:
        return replace(PRIVATE, features={**PRIVATE.features, "registration": False})

    def test_correction_leads_to_a_person(self, ana: Talk) -> None:
        ana.says("privacy")
        ana.presses("Correct something")
        ana.hears("Our team corrects it for you", "What is it about?")


# ------------------------------------------------------------------------- em português


def test_em_portugues(visit: Visit) -> None:
    """Words are in the catalogue only once the lead has merged them."""
    ana = visit("ana")
    ana.identifies("ana")
    ana.says("privacidade")
    ana.hears("Seus dados são seus")
    ana.presses("Meus dados em arquivo")
    ana.hears("Aqui está tudo o que guardamos sobre você")
    assert told(ana)["person"]["name"]
