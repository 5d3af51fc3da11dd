"""Three languages, each whole: nothing of another one is heard, seen on a button or mailed."""

from __future__ import annotations

import re

import pytest

from bot.core.catalog import TRANSLATED, translations
from bot.core.errors import Permanent
from bot.core.render import LOCALES, SOURCE_LOCALE
from bot.domain import boleto

from .conftest import Visit
from .house import House
from .talk import Talk, plain
from .test_whose_code import FALSE_PIX, FOREIGN
from .town import NOBODYS, TAX_IDS

_PLACEHOLDER = re.compile(r"\{\w+\}")
_LEAST = 10
"""Characters from which words are clearly of one language: "Menu" and "PDF" are of several."""
VISITED = tuple(
    f"handlers/{name}.py"
    for name in ("menu", "identify", "_codes", "invoices", "_invoices", "second_copy", "_second_copy",
                 "whose_code", "human", "help", "language", "leave", "card_number", "_readers")
)  # fmt: skip


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Words are the same on every database."""
    return sqlite_url


def texts(locale: str, under: str | tuple[str, ...] = "") -> list[str]:
    """Every text of a language; lists of words to recognise are not said, so they are not among them."""
    source = locale == SOURCE_LOCALE
    found = list[str]()
    for message in translations(TRANSLATED[0] if source else locale):
        words = message.id if source else message.string
        forms = [words] if isinstance(words, str) else list(words or ())
        here = any(where.startswith(under) for where, _line in message.locations)
        found += [form for form in forms if message.id and here and " | " not in form]
    return found


def pieces(text: str) -> list[str]:
    """The parts of a text that stand as they are, whatever its values."""
    parts = _PLACEHOLDER.split(text.replace("**", ""))
    return [part.strip() for part in parts if len(part.strip()) >= _LEAST]


def foreign(locale: str) -> set[str]:
    """Words that nobody may hear in a language: those of the others."""
    own = "\n".join(texts(locale)).replace("**", "")
    others = [text for other in LOCALES if other != locale for text in texts(other)]
    return {piece for text in others for piece in pieces(text) if piece not in own}


def talks_of_everything(talk: Talk, house: House) -> str:
    """A long visit: every flow, most refusals; all that was seen of it."""
    mails = []
    for said in ("oi", "sou cliente", "nada", "123", "529.982.247-26", NOBODYS, "12", "000000", "/help", "/language",
                 "/voltar", "/cancelar", "minhas faturas", TAX_IDS["ana"]):  # fmt: skip
        talk.says(said)
    talk.says(talk.reads_code())
    for said in ("?", "mais", "dezembro", "2026-11-A", "1", "2", "3", "99", "4", "talvez"):
        talk.says(said)
    talk.presses_data(f"{talk.nonce}:1")
    mails += talk.gets_mail()
    line = next(each.text for each in talk.shown if each.copyable and each.text[:2] == "99")
    talk.says(line)
    talk.says("2")
    house.post.refusal = Permanent("bad_address")
    talk.after(minutes=5)
    talk.says("4")
    talk.presses_data(f"{talk.nonce}:1")
    mails += talk.gets_mail()
    house.post.refusal = None
    for said in ("/menu", "minhas faturas", "2026-10-A", "5", "2026-09-A", FALSE_PIX, "no",
                 boleto.line_from_barcode(FOREIGN), "4111 1111 1111 1111", "atendente", "oi",
                 "a long wish that has words enough", "obrigado", "blablabla", "/nonsense", "este boleto é de vocês?", "12345", "/menu"):  # fmt: skip
        talk.says(said)
    mails += talk.gets_mail()
    talk.after(minutes=16)
    talk.says("segunda via")
    talk.says("2026-12-A")
    talk.after(minutes=16)
    talk.says("x")
    talk.presses_data(f"{talk.nonce}:2")
    for said in ("/menu", "log out", "yes", line, "1", TAX_IDS["ana"], *["000000"] * 5, "2", "x@y"):
        talk.says(said)
    talk.presses_data("old:1")
    talk.sends_a("voice")
    seen = [each.text for each in talk.shown]
    seen += [f"{b.label} {b.detail}" for each in talk.shown for b in each.buttons]
    seen += [each.list_title for each in talk.shown]
    customers = [mail for mail in mails if "ana@example.com" in mail["To"]]
    assert customers
    seen += [f"{mail['Subject']} {plain(mail)}" for mail in customers]
    return "\n".join(seen)


@pytest.mark.parametrize("locale", ["pt_BR", "en", "es"])
@pytest.mark.parametrize("door", ["web", "lists", "text"])
def test_a_whole_visit_is_in_one_language(
    visit: Visit, house: House, locale: str, door: str
) -> None:
    seen = talks_of_everything(visit(door=door, locale=locale), house)

    assert {piece for piece in foreign(locale) if piece in seen} == set()


def test_a_visit_hears_most_of_what_flows_can_say(visit: Visit, house: House) -> None:
    """So that the test above is not one of two sentences. Other flows have visits of their own."""
    seen = talks_of_everything(visit(), house)
    said = [piece for text in texts("pt_BR", VISITED) for piece in pieces(text)]

    assert sum(piece in seen for piece in said) > len(said) / 2


@pytest.mark.parametrize("locale", TRANSLATED)
def test_a_test_for_leaks_finds_one(locale: str) -> None:
    assert "Which invoice shall I send to your e-mail?" in foreign(locale)
