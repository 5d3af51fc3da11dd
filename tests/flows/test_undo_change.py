"""The old contact is told of a change, and takes it back with one tap within 48 hours."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from bot.core.brand import Brand
from storage.tables import address, contact_change, message, message_body

from .conftest import Visit
from .house import House
from .registering import OPEN, code_in, emails, identified, mail_to
from .talk import Talk, plain
from .town import Town


@pytest.fixture
def brand() -> Brand:
    return OPEN


@pytest.fixture
def ana(visit: Visit) -> Talk:
    """Ana at her own chat; somebody at another one will change her e-mail."""
    return identified(visit)


def changes_email(talk: Talk, email: str) -> list[object]:
    """The change, and the mails that leave with it."""
    talk.says("change my registration")
    talk.presses("E-mail")
    talk.says(email)
    talk.says(code_in(mail_to(talk.gets_mail(), email)))
    talk.presses("Save")
    talk.hears("✅ Saved: E-mail.")
    return list(talk.gets_mail())


def hears_of_it(talk: Talk, house: House) -> None:
    """What came at this chat by itself."""
    talk.heard = [out for to, out, _file in house.doors["web"].came if to == talk.at][-1:]
    talk.shown += talk.heard


def test_the_old_email_is_told_with_a_link_and_no_more_than_it_needs(
    ana: Talk, house: House
) -> None:
    mails = changes_email(ana, "nova@example.org")

    told = plain(mail_to(mails, "ana@example.com"))  # type: ignore[arg-type]
    assert "The e-mails of your registration were changed." in told
    assert "n***@e***.org" in told
    assert "nova@example.org" not in told
    assert re.search(r"/undo/curral/\d+-[0-9a-f]{40}\b", told)
    bodies = [row.body for row in house.rows(select(message_body.c.body))]
    assert not any("/undo/" in str(body) for body in bodies)


def test_another_chat_of_the_customer_undoes_it_with_one_tap(
    ana: Talk, visit: Visit, house: House, town: Town
) -> None:
    thief = identified(visit, "ana", chat="thief")
    changes_email(thief, "thief@example.org")
    assert emails(house, town.people["ana"]) == ["thief@example.org"]

    hears_of_it(ana, house)
    ana.hears("The e-mails of your registration were changed. New: t***@e***.org.")
    ana.presses("It was not me: undo")

    ana.hears("Undone: your contacts are as they were.")
    assert emails(house, town.people["ana"]) == ["ana@example.com"]
    thief.says("my registration")
    thief.hears("To show you only what is yours, I need to know who you are.")


def test_undone_twice_it_is_said(ana: Talk, visit: Visit, house: House) -> None:
    changes_email(identified(visit, "ana", chat="thief"), "thief@example.org")
    hears_of_it(ana, house)
    ana.presses("It was not me: undo")
    ana.after(minutes=2)
    ana.presses("It was not me: undo")

    ana.hears("That was undone already: your contacts are as they were.")


def test_after_48_hours_it_is_too_late(ana: Talk, visit: Visit, house: House, town: Town) -> None:
    changes_email(identified(visit, "ana", chat="thief"), "thief@example.org")
    hears_of_it(ana, house)
    ana.after(hours=49)
    ana.presses("It was not me: undo")

    ana.hears("That button was good until")
    assert emails(house, town.people["ana"]) == ["thief@example.org"]


def test_undoing_the_first_change_takes_back_the_later_ones_too(
    ana: Talk, visit: Visit, house: House, town: Town
) -> None:
    thief = identified(visit, "ana", chat="thief")
    changes_email(thief, "one@example.org")
    hears_of_it(ana, house)
    changes_email(thief, "two@example.org")
    ana.presses("It was not me: undo")

    assert emails(house, town.people["ana"]) == ["ana@example.com"]
    rows = house.rows(select(contact_change.c.undone_at))
    assert all(row.undone_at is not None for row in rows)


def test_a_change_of_phone_is_told_to_the_email(ana: Talk, house: House, town: Town) -> None:
    ana.says("my contacts")
    ana.presses("(11) *****-0012")
    ana.presses("Delete")
    ana.presses("Yes")

    told = plain(mail_to(ana.gets_mail(), "ana@example.com"))
    assert "The phones of your registration were changed." in told


def test_the_chat_that_changed_it_is_not_asked(ana: Talk, house: House) -> None:
    changes_email(ana, "nova@example.org")

    rows = house.rows(
        select(message.c.id).where(
            message.c.kind == "notice", message.c.subject.startswith("contact_change")
        )
    )
    assert rows == []


def test_somebody_elses_notice_undoes_nothing(
    ana: Talk, visit: Visit, house: House, town: Town
) -> None:
    changes_email(identified(visit, "ana", chat="thief"), "thief@example.org")
    hears_of_it(ana, house)
    data = ana.buttons[-1].data if ana.buttons[-1].kind == "press" else ana.buttons[-2].data
    bruno = identified(visit, "bruno")
    bruno.presses_data(data)

    bruno.hears("That button is not for you.")
    assert emails(house, town.people["ana"]) == ["thief@example.org"]


def test_whoever_undid_it_stays_known(ana: Talk, visit: Visit, house: House, town: Town) -> None:
    changes_email(identified(visit, "ana", chat="thief"), "thief@example.org")
    hears_of_it(ana, house)
    ana.presses("It was not me: undo")

    rows = {
        row.chat: row.customer for row in house.rows(select(address.c.chat, address.c.customer))
    }
    assert rows == {"ana": town.people["ana"], "thief": None}
