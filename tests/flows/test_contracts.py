"""My contracts: to read, to accept with a yes to exactly these words, and to have as a page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from bot.core.ports import Read
from bot.domain.contract_text import blocks
from storage import contracts
from storage.tables import audit, contract, contract_acceptance, membership
from tests.documents.eyes import text as text_of_pdf

from .conftest import Visit
from .filed import FEATURES_ON, MODEL, offer
from .house import House
from .talk import Talk
from .town import FEATURES, TAX_IDS, Town

LONG = MODEL + "\n\n".join(f"## {n}. Clause\n\n{'Words that bind. ' * 30}" for n in range(3, 12))


@pytest.fixture
def house(open_counter: Callable[..., House]) -> House:
    return open_counter(features=FEATURES_ON)


@pytest.fixture
def ana(visit: Visit) -> Talk:
    talk = visit(locale="en")
    talk.identifies("ana")
    return talk


def words_of(house: House, id: int) -> tuple[str, str]:
    (row,) = house.rows(select(contract.c.text, contract.c.sha256).where(contract.c.id == id))
    return row.text, row.sha256


def without_marks(text: str) -> str:
    """A contract as a chat shows it: every word, without the marks of titles and headings."""
    return "\n\n".join(words for _kind, words in blocks(text))


def _bold(talk: Talk) -> list[str]:
    message = next(each for each in talk.heard if "Fibre service" in each.text)
    spans = [message.text[start : start + length] for start, length in message.bold]
    return [words for words in spans if words != "Fibre"]


def at_question(ana: Talk) -> None:
    ana.says("my contracts")
    ana.presses("Fibre")
    ana.presses("Accept it")


# ------------------------------------------------------------------ read


def test_from_the_menu_to_the_words_and_the_page(ana: Talk, house: House, town: Town) -> None:
    id = offer(house, town)
    ana.says("/menu")
    ana.presses("My contracts")
    ana.sees("Fibre")
    assert ana.heard[-1].buttons[0].detail == "to be accepted"
    ana.presses("Fibre")
    ana.hears("Fibre", "Version 1, offered on Nov 20, 2026", "To be accepted")
    ana.sees("Accept it", "Read it here", "Open the PDF", "Another contract")

    ana.presses("Read it here")
    text, sha256 = words_of(house, id)
    assert without_marks(text) in ana.words
    assert _bold(ana) == ["Fibre service", "1. What it is", "2. How long"]
    assert "to Ana Prado Nogueira, CPF" in text
    assert "For 12 months, from 20/11/2026 on." in text
    ana.presses("Open the PDF")

    (page,) = ana.documents
    assert page.name == f"curral-Fibre-{id}.pdf"
    seen = text_of_pdf(page.content)
    for part in ("Curral Fibra Ltda.", "For 12 months", "Nobody has accepted", sha256[:12].upper()):
        assert part in seen
    opened = select(audit.c.subject).where(audit.c.what == "contract.opened")
    assert [row.subject for row in house.rows(opened)] == [f"contract:{id}"] * 2


def test_there_is_none_yet_and_none_where_it_is_switched_off(
    ana: Talk, open_counter: Callable[..., House], visit: Visit
) -> None:
    ana.says("my contracts")
    ana.hears("There is no contract for you yet.")

    other = visit("other", at=open_counter(features=FEATURES), locale="en")
    other.identifies("bruno")
    assert "My contracts" not in [b.label for b in other.heard[-1].buttons]


def test_anothers_contract_is_not_there(ana: Talk, house: House, town: Town) -> None:
    id = offer(house, town, "bruno")
    ana.says("my contracts")
    ana.hears("There is no contract for you yet.")

    mine = town.people["ana"]

    def looked(read: Read) -> object:
        return contracts.get(read, id, mine)

    assert house.reads(looked) is None
    assert house.writes(lambda w: contracts.note_opened(w, id, mine)) is False
    assert house.writes(lambda w: contracts.withdraw(w, id, mine)) is False


# ------------------------------------------------------------------ accepted


def test_a_yes_to_exactly_these_words_is_kept_with_who_when_and_through_what(
    ana: Talk, house: House, town: Town
) -> None:
    id = offer(house, town)
    text, sha256 = words_of(house, id)
    at_question(ana)
    question = ana.question
    assert without_marks(text) in question
    assert question.endswith(
        f"Do you accept Fibre, version 1, in exactly these words (code {sha256[:12].upper()})?"
    )
    ana.after(minutes=3)
    ana.presses("Yes")
    ana.hears("✅ Accepted: Fibre.")

    (row,) = house.rows(select(contract_acceptance))
    assert (row.contract, row.sha256, row.at) == (id, sha256, house.clock.now)
    assert (row.person_name, row.through, row.locale) == ("Ana Prado Nogueira", "web", "en")
    assert row.words == question
    told = select(audit.c.subject, audit.c.person).where(audit.c.what == "contract.accepted")
    assert [tuple(each) for each in house.rows(told)] == [(f"contract:{id}", row.person)]
    ana.presses("Open the PDF")
    (page,) = ana.documents
    assert "Ana Prado Nogueira, Nov 20, 2026 12:03, through web" in text_of_pdf(page.content)


def test_once_accepted_it_says_when_and_by_whom(ana: Talk, house: House, town: Town) -> None:
    offer(house, town)
    at_question(ana)
    ana.presses("Yes")
    ana.taps_again()
    ana.hears_nothing()
    ana.says("my contracts")
    ana.presses("Fibre")

    ana.hears("Accepted on Nov 20, 2026 12:00 by Ana Prado Nogueira")
    ana.sees("Read it here", "Open the PDF", "Another contract")
    assert len(house.rows(select(contract_acceptance))) == 1


def test_accepted_in_another_tab_meanwhile_it_says_so(
    visit: Visit, ana: Talk, house: House, town: Town
) -> None:
    offer(house, town)
    other = visit("other", locale="en")
    other.identifies("ana")
    at_question(ana)
    at_question(other)
    other.presses("Yes")
    ana.presses("Yes")

    ana.hears("It was accepted already, on Nov 20, 2026 12:00, by Ana Prado Nogueira.")
    assert len(house.rows(select(contract_acceptance))) == 1


def test_withdrawn_meanwhile_it_is_not_there_any_more(ana: Talk, house: House, town: Town) -> None:
    id = offer(house, town)
    at_question(ana)
    house.writes(lambda w: contracts.withdraw(w, id, town.people["ana"]))
    ana.presses("Yes")

    ana.hears("What you had chosen is not there any more.")
    assert house.rows(select(contract_acceptance)) == []


@pytest.mark.parametrize("said", ["1", "maybe", "I accept?"])
def test_a_number_or_anything_else_accepts_nothing(
    ana: Talk, house: House, town: Town, said: str
) -> None:
    offer(house, town)
    at_question(ana)
    ana.says(said)

    ana.hears("Please answer YES or NO.")
    assert house.rows(select(contract_acceptance)) == []


def test_a_no_accepts_nothing(ana: Talk, house: House, town: Town) -> None:
    offer(house, town)
    at_question(ana)
    ana.says("no")

    ana.hears("All right, nothing was done.")
    assert house.rows(select(contract_acceptance)) == []


def test_a_long_one_is_in_the_pdf_above_the_question(ana: Talk, house: House, town: Town) -> None:
    id = offer(house, town, model=LONG)
    _text, sha256 = words_of(house, id)
    ana.says("my contracts")
    ana.presses("Fibre")
    ana.sees("Accept it", "Open the PDF", "Another contract")
    ana.presses("Accept it")

    (page,) = ana.documents
    assert "11. Clause" in text_of_pdf(page.content)
    ana.hears("Please read the PDF above.", f"(code {sha256[:12].upper()})?")
    ana.says("yes")
    ana.hears("✅ Accepted")
    (row,) = house.rows(select(contract_acceptance))
    assert row.sha256 == sha256


def test_a_collaborator_reads_it_and_cannot_accept_it(ana: Talk, house: House, town: Town) -> None:
    offer(house, town)
    house.writes(lambda w: w.run(update(membership).values(role="collaborator")))
    ana.says("my contracts")
    ana.presses("Fibre")

    ana.hears("To be accepted by an administrator of your company")
    ana.sees("Read it here", "Open the PDF", "Another contract")


def test_an_administrator_demoted_before_the_yes_cannot_accept_it(
    ana: Talk, house: House, town: Town
) -> None:
    offer(house, town)
    at_question(ana)
    house.writes(lambda w: w.run(update(membership).values(role="collaborator")))
    ana.presses("Yes")

    ana.hears("Only an administrator of your company can accept a contract.")
    assert house.rows(select(contract_acceptance)) == []


def test_open_ones_stand_first_and_there_is_a_second_page(
    ana: Talk, house: House, town: Town
) -> None:
    for number in range(10):
        offer(house, town, name=f"Extra {number}")
        house.clock.forward(minutes=1)
    house.writes(
        lambda w: w.run(
            update(contract).where(contract.c.title == "Extra 9").values(accepted_at=w.now)
        )
    )
    ana.says("my contracts")
    ana.sees(*(f"Extra {number}" for number in range(8, 0, -1)))
    ana.presses("More")

    ana.sees("Extra 0", "Extra 9")
    ana.says("extra 3")
    ana.hears("Extra 3", "To be accepted")


def test_a_stranger_proves_who_it_is_first(visit: Visit, house: House, town: Town) -> None:
    offer(house, town)
    talk = visit(locale="en")
    talk.says("my contracts")
    talk.says(TAX_IDS["ana"])
    talk.says(talk.reads_code())

    talk.hears("Which contract?")


# ------------------------------------------------------------------ in Portuguese


def test_it_speaks_portuguese(visit: Visit, house: House, town: Town) -> None:
    offer(house, town)
    talk = visit()
    talk.identifies("ana")
    talk.says("meus contratos")
    talk.presses("Fibre")
    talk.hears("Versão 1, oferecido em 20/11/2026", "Aguardando aceite")
    talk.presses("Aceitar")
    talk.hears("Você aceita Fibre, versão 1, exatamente com estas palavras")
    talk.presses("Sim")
    talk.hears("✅ Aceito: Fibre.")
