"""Registration in three languages: nothing of another one is heard, seen on a button or mailed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.brand import Brand, Registration
from bot.core.message import Outbound

from .conftest import Visit
from .house import House
from .registering import CAPITAL, OPEN, code_in, mail_to
from .talk import Talk, plain
from .test_languages import foreign
from .town import TAX_IDS


@pytest.fixture
def brand() -> Brand:
    labels = {"pt_BR": "Capital social", "en": "Share capital", "es": "Capital suscrito"}
    own = replace(CAPITAL, label=labels)
    return replace(OPEN, registration=Registration(custom=(own,), confirm_every_months=12))


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Words are the same on every database."""
    return sqlite_url


def option(talk: Talk, said: str) -> None:
    """Presses the button of a number."""
    talk.presses_data(f"{talk.shown[-1].nonce}:{said}")


def talks_of_the_registration(talk: Talk) -> str:
    """See it, change every field with a slip or two, contacts, confirm; all that was seen of it."""
    talk.says("identify")
    talk.says(TAX_IDS["oficina"])
    talk.says(talk.reads_code())
    mails = []
    talk.says("my registration")
    option(talk, "1")
    for answers in (
        ("1", "31/02/2020", "10/02/2031", "x", "10/02/2001"),
        ("3", "?", "isento"),
        ("4", "x@y", "nova@example.org"),
    ):
        option(talk, answers[0])
        for said in answers[1:]:
            talk.says(said)
    talk.says("123")
    talk.says(code_in(mail_to(talk.gets_mail(), "nova@")))
    for answers in (
        ("5", "0300", "(11) 90000-0044"),
        ("6", "1", "00100-000", "12940-000", "Rua Um", "10", "-", "Centro", "Atibaia"),
        ("7", "1,234", "-5", "abc", "1000"),
    ):
        option(talk, answers[0])
        for said in answers[1:]:
            talk.says(said)
    option(talk, "1")
    mails += talk.gets_mail()
    option(talk, "2")
    for _field in range(4):
        option(talk, "1")
    option(talk, "2")
    talk.says("/menu")
    talk.says("confirm my registration")
    option(talk, "1")
    option(talk, "1")
    talk.says("my contacts")
    option(talk, "1")
    option(talk, "1")
    talk.says("Um")
    option(talk, "1")
    option(talk, "2")
    option(talk, "1")
    option(talk, "4")
    talk.after(minutes=12)
    talk.says("change my registration")
    talk.says("000000")
    mails += talk.gets_mail()
    seen: list[Outbound] = list(talk.shown)
    words = [each.text for each in seen]
    words += [f"{b.label} {b.detail}" for each in seen for b in each.buttons]
    theirs = [mail for mail in mails if "gente@" not in mail["To"]]
    assert theirs
    words += [f"{mail['Subject']} {plain(mail)}" for mail in theirs]
    return "\n".join(words)


@pytest.mark.parametrize("locale", ["pt_BR", "en", "es"])
def test_all_of_it_is_in_one_language(visit: Visit, house: House, locale: str) -> None:
    seen = talks_of_the_registration(visit(locale=locale))

    assert {piece for piece in foreign(locale) if piece in seen} == set()
