"""Contracts as rows: models in versions, offers whose words never change, one acceptance each."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from bot.domain.contract_text import BadModel, digest
from storage import contracts, people
from storage.contracts import Accepting
from storage.tables import contract, contract_acceptance, membership

from .conftest import OTHER, Folk
from .desk import Desk

BODY = (
    "{{ brand_name }} serves {{ customer_name }} ({{ customer_tax_id }}) for {{ months }} months."
)


@pytest.fixture
def offered(desk: Desk, folk: Folk) -> int:
    desk.turn(contracts.add_model, "Fibra", BODY)
    return desk.turn(contracts.offer, folk["ana"], "Fibra", {"months": "12"})


def enters(desk: Desk, folk: Folk, chat: str = "ana") -> None:
    """Somebody proves to be Ana's."""
    visitor = desk.visit(chat)
    desk.turn(people.link, visitor.address, folk["ana"], by="code")


def accepts(desk: Desk, folk: Folk, id: int, sha256: str = "", who: str = "ana") -> str:
    sha256 = sha256 or desk.rows(select(contract.c.sha256).where(contract.c.id == id))[0].sha256
    outcome = desk.turn(
        contracts.accept, id, folk[who], sha256=sha256, words="Do you?", locale="en"
    )
    return str(outcome["result"])


def test_the_same_words_are_the_same_version_and_others_the_next(desk: Desk, folk: Folk) -> None:
    first = desk.turn(contracts.add_model, "Fibra", BODY)
    again = desk.turn(contracts.add_model, " Fibra ", f"{BODY}  \r\n")
    other = desk.turn(contracts.add_model, "Fibra", f"{BODY} Or more.")
    assert (first.version, again.id, other.version) == (1, first.id, 2)
    assert desk.turn(contracts.model, "Fibra") == other
    desk.brand = OTHER
    assert desk.turn(contracts.model, "Fibra") is None


@pytest.mark.parametrize("name", ["", "x" * 121])
def test_a_model_needs_a_name(desk: Desk, name: str) -> None:
    with pytest.raises(BadModel):
        desk.turn(contracts.add_model, name, BODY)


def test_an_offer_is_filled_in_and_hashed(desk: Desk, folk: Folk, offered: int) -> None:
    found = desk.turn(contracts.get, offered, folk["ana"])
    assert found is not None
    text = desk.turn(contracts.text_of, found)
    assert text.startswith("Curral Fibra serves Ana Prado Nogueira (")
    assert text.endswith(") for 12 months.\n")
    assert found.sha256 == digest(text)
    assert (found.title, found.version, found.accepted_at) == ("Fibra", 1, None)

    desk.turn(contracts.add_model, "Fibra", "Other words.")
    assert desk.turn(contracts.text_of, found) == text


def test_an_offer_that_lacks_something_is_none(desk: Desk, folk: Folk, offered: int) -> None:
    for values in ({}, {"months": "12", "moths": "1"}):
        with pytest.raises(BadModel):
            desk.turn(contracts.offer, folk["ana"], "Fibra", values)
    with pytest.raises(LookupError):
        desk.turn(contracts.offer, folk["ana"], "Cabo", {"months": "12"})
    desk.brand = OTHER
    with pytest.raises(LookupError):
        desk.turn(contracts.offer, folk["ana"], "Fibra", {"months": "12"})


def test_it_is_accepted_once_by_whom_and_when(desk: Desk, folk: Folk, offered: int) -> None:
    enters(desk, folk)
    assert accepts(desk, folk, offered) == Accepting.OK
    at = desk.now
    desk.later(minutes=1)
    outcome = desk.turn(contracts.accept, offered, folk["ana"], sha256="", words="", locale="en")

    assert outcome == {"result": "already", "at": at.isoformat(), "by": "Ana Prado Nogueira"}
    (row,) = desk.rows(select(contract_acceptance))
    assert (row.at, row.words, row.through) == (at, "Do you?", "web")
    assert desk.turn(contracts.withdraw, offered, folk["ana"]) is False


def test_other_words_than_those_shown_are_not_accepted(
    desk: Desk, folk: Folk, offered: int
) -> None:
    enters(desk, folk)
    assert accepts(desk, folk, offered, "0" * 64) == Accepting.CHANGED
    assert desk.rows(select(contract_acceptance)) == []


def test_one_taken_back_and_anothers_cannot_be_accepted(
    desk: Desk, folk: Folk, offered: int
) -> None:
    enters(desk, folk)
    assert accepts(desk, folk, offered, who="bruno") == Accepting.NOT_ALLOWED
    assert desk.turn(contracts.withdraw, offered, folk["bruno"]) is False
    assert desk.turn(contracts.withdraw, offered, folk["ana"]) is True
    assert accepts(desk, folk, offered) == Accepting.GONE
    assert desk.turn(contracts.get, offered, folk["ana"]) is None
    assert desk.turn(contracts.whole, offered) is None


def test_only_an_administrator_binds_the_customer(desk: Desk, folk: Folk, offered: int) -> None:
    enters(desk, folk)
    desk.turn(lambda write: write.run(update(membership).values(role="collaborator")))
    assert accepts(desk, folk, offered) == Accepting.NOT_ALLOWED
    desk.visit("stranger")
    assert accepts(desk, folk, offered) == Accepting.NOT_ALLOWED


def test_another_customer_and_another_brand_find_nothing(
    desk: Desk, folk: Folk, offered: int
) -> None:
    assert desk.turn(contracts.get, offered, folk["bruno"]) is None
    assert desk.turn(contracts.page, folk["bruno"]) == []
    desk.visit("bruno")
    assert desk.turn(contracts.note_opened, offered, folk["bruno"]) is False
    desk.brand = OTHER
    assert desk.turn(contracts.get, offered, folk["ana"]) is None
    assert desk.turn(contracts.whole, offered) is None
