"""Delete my data: what goes and what stays is said, a yes, a day to answer by, and the way back."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from bot.core.brand import Brand
from storage.tables import audit, erasure

from .company import administrator_of, comes_in
from .conftest import Visit
from .house import House
from .keeping import PRIVATE
from .registering import identified, proved
from .talk import Talk, plain
from .town import Town

DUE = date(2026, 12, 5)
"""Fifteen days from Friday, 20 November 2026."""


@pytest.fixture
def brand() -> Brand:
    return PRIVATE


@pytest.fixture
def ana(visit: Visit) -> Talk:
    return identified(visit)


def wishes(house: House) -> list[tuple[str, str]]:
    """Every wish, as (subject's noun, state)."""
    rows = house.rows(select(erasure.c.subject, erasure.c.state).order_by(erasure.c.id))
    return [(row.subject.partition(":")[0], row.state) for row in rows]


def asks(talk: Talk) -> None:
    talk.says("privacy")
    talk.presses("Delete my data")
    talk.presses("Yes")


def test_what_goes_and_what_stays_is_said_before_the_yes(ana: Talk, house: House) -> None:
    ana.says("privacy")
    ana.presses("Delete my data")
    ana.hears(
        "Deleted would be: name, contacts",
        "Kept, because law demands it (LGPD art. 16): invoices, payments",
        "for 5 years", "CTN art. 173",
        "for 6 months (Marco Civil art. 15)",
        "within 15 days (LGPD art. 19)",
        "Do you want all this deleted?",
    )  # fmt: skip
    assert wishes(house) == []


def test_a_yes_is_a_wish_with_a_day_to_answer_by(ana: Talk, house: House) -> None:
    asks(ana)
    ana.hears("✅ Your wish is noted.", "by Dec 5, 2026", "Until then nothing is deleted")

    (row,) = house.rows(select(erasure))
    assert (row.state, row.answer_by) == ("waiting", DUE)
    assert "Do you want all this deleted?" in row.words
    assert "Ana" not in row.words
    assert len(row.digest) == 64
    (noted,) = house.rows(select(audit.c.subject).where(audit.c.what == "erasure.asked"))
    assert noted.subject == f"erasure:{row.id}"


def test_the_team_is_told_by_mail(ana: Talk, town: Town) -> None:
    asks(ana)
    (mail,) = ana.gets_mail()
    assert mail["To"] == "Curral Fibra <gente@example.org>"
    assert "Ana Prado Nogueira" in mail["Subject"]
    assert "5 de dezembro de 2026" in plain(mail)
    assert f"Cliente: {town.people['ana']}" in plain(mail)
    assert mail["List-Unsubscribe"] is None


def test_a_no_asks_for_nothing(ana: Talk, house: House) -> None:
    ana.says("delete my data")
    ana.presses("No")
    assert wishes(house) == []
    assert ana.gets_mail() == []


def test_a_number_is_no_yes(ana: Talk, house: House) -> None:
    ana.says("delete my data")
    ana.says("1")
    ana.hears("Please answer YES or NO.")
    assert wishes(house) == []


def test_a_double_tap_asks_once(ana: Talk, house: House) -> None:
    asks(ana)
    ana.taps_again()
    ana.hears_nothing()
    assert wishes(house) == [("customer", "waiting")]


def test_who_asks_again_sees_that_it_waits(ana: Talk, house: House) -> None:
    asks(ana)
    ana.says("delete my data")
    ana.hears("You asked on Nov 20, 2026", "by Dec 5, 2026")
    ana.sees("Leave it as it is", "Take it back")
    ana.presses("Leave it as it is")
    assert wishes(house) == [("customer", "waiting")]


def test_it_can_be_taken_back_and_the_team_hears_of_it(ana: Talk, house: House) -> None:
    asks(ana)
    ana.gets_mail()
    ana.says("delete my data")
    ana.presses("Take it back")
    ana.hears("✅ Taken back: nothing is deleted.")
    assert wishes(house) == [("customer", "withdrawn")]
    (mail,) = ana.gets_mail()
    assert "Exclusão de dados cancelada" in mail["Subject"]


def test_after_it_was_taken_back_one_may_ask_again(ana: Talk, house: House) -> None:
    asks(ana)
    ana.says("delete my data")
    ana.presses("Take it back")
    asks(ana)
    ana.hears("✅ Your wish is noted.")
    assert wishes(house) == [("customer", "withdrawn"), ("customer", "waiting")]


def test_a_press_from_before_it_was_taken_back_elsewhere_is_told_so(
    ana: Talk, visit: Visit, house: House
) -> None:
    asks(ana)
    ana.gets_mail()
    second = identified(visit, chat="ana-phone")
    second.says("delete my data")
    ana.says("delete my data")
    ana.presses("Take it back")
    second.presses("Take it back")
    second.hears("There is no such wish of yours any more.")
    assert wishes(house) == [("customer", "withdrawn")]


def test_two_chats_that_both_say_yes_are_one_wish(ana: Talk, visit: Visit, house: House) -> None:
    second = identified(visit, chat="ana-phone")
    second.says("delete my data")
    asks(ana)
    second.presses("Yes")
    second.hears("by Dec 5, 2026")
    assert wishes(house) == [("customer", "waiting")]


def test_an_old_proof_is_not_enough(visit: Visit, house: House, town: Town) -> None:
    ana = proved(visit, house, town, "ana")
    ana.says("delete my data")
    ana.hears("I make sure that it is you")


def test_a_collaborator_asks_for_himself_alone(visit: Visit, house: House) -> None:
    rosa = administrator_of(visit)
    tito = comes_in(visit, rosa, "Tito Lima")
    tito.says("delete my data")
    tito.hears("your name, this chat", "The company's own data stays")
    tito.presses("Yes")
    tito.hears("✅ Your wish is noted.")
    assert wishes(house) == [("person", "waiting")]
    mails = [plain(mail) for mail in tito.gets_mail()]
    assert any("Pessoa: Tito Lima" in mail for mail in mails)


def test_one_customers_wish_is_not_another_s(ana: Talk, visit: Visit, house: House) -> None:
    asks(ana)
    ana.gets_mail()
    bruno = identified(visit, "bruno")
    bruno.says("delete my data")
    bruno.hears("Do you want all this deleted?")
    bruno.presses("No")
    assert wishes(house) == [("customer", "waiting")]


# ------------------------------------------------------------------------- em português


def test_em_portugues(visit: Visit) -> None:
    """Words are in the catalogue only once the lead has merged them."""
    ana = visit("ana")
    ana.identifies("ana")
    ana.says("apagar meus dados")
    ana.hears("Seria apagado", "Fica guardado, porque a lei exige")
    ana.presses("Sim")
    ana.hears("✅ Seu pedido está registrado.")
