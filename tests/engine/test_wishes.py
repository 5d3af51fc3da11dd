"""Wishes in words: what else was said with them reaches the flow that asked to hear it."""

from __future__ import annotations

import pytest

from bot.core.chat import Chat
from bot.core.flow import VERIFIED, flow
from bot.core.message import DocumentRef, Notice, Outbound, _
from bot.core.readers import words
from tests.engine.memory import proved
from tests.engine.talk import Talk

NAME = words(at_most=40)


@flow("report", title=_("Report"), menu=1, phrases=_("report | report of"), hears=True)
def report(chat: Chat) -> None:
    said = chat.seed("words")
    if said is None:
        said = chat.ask("year", _("Of which year?"), NAME)
    wish = chat.choose(
        "more", _("Heard: {said}.", said=said), [("again", _("Again")), ("end", _("End"))]
    )
    if wish == "again":
        chat.again()
    chat.say(_("Bye."))


@flow("bill", title=_("Bill"), menu=2, phrases=_("my bill"))
def bill(chat: Chat) -> None:
    chat.say(_("Words: {words}.", words=str(chat.seed("words"))))


@flow("door", title=_("Door"), grants=VERIFIED)
def door(chat: Chat) -> None:
    chat.ask("key", _("The key?"), NAME)
    chat.do("open", proved)


@flow("secret", title=_("Secret"), needs=VERIFIED, phrases=_("secret report of"), hears=True)
def secret(chat: Chat) -> None:
    chat.say(_("Secret: {said}.", said=chat.seed("words")))


def test_a_flow_that_hears_finds_the_words_that_started_it() -> None:
    talk = Talk(report)
    talk.says("report of 2025")
    talk.hears_only("Heard: report of 2025.")


def test_chosen_from_the_menu_it_has_heard_nothing_and_asks() -> None:
    talk = Talk(report)
    talk.says("hi")
    talk.presses("Report")
    talk.hears_only("Of which year?")


def test_afresh_it_has_forgotten_them() -> None:
    talk = Talk(report)
    talk.says("report of 2025")
    talk.presses("Again")
    talk.hears_only("Of which year?")


def test_other_words_for_the_same_flow_begin_it_anew() -> None:
    talk = Talk(report)
    talk.says("report of 2025")
    talk.says("report of 2024")
    talk.hears_only("Heard: report of 2024.")


def test_a_flow_that_does_not_hear_is_told_nothing() -> None:
    talk = Talk(bill)
    talk.says("my bill")
    talk.hears_only("Words: None.")


def test_the_words_wait_while_a_proof_is_asked_for() -> None:
    talk = Talk(door, secret)
    talk.says("secret report of 2025")
    talk.hears_only("The key?")
    talk.says("brass")
    talk.hears_only("Secret: secret report of 2025.")


@pytest.mark.parametrize("detail", ["", "2026-03-01..2026-06-30"])
def test_a_document_keeps_its_detail_through_the_ledger(detail: str) -> None:
    ref = DocumentRef("statement-pdf", 7, "x.pdf", "application/pdf", detail)
    assert Outbound.load(Outbound("", document=ref).dump()).document == ref
    assert Notice.load(Notice(_("hi"), document=ref).dump()).document == ref
    assert DocumentRef(*ref.dump()) == ref


def test_a_row_of_before_details_is_still_read() -> None:
    kept = {"text": "", "locale": "en", "document": ["invoice-pdf", 7, "x.pdf", "application/pdf"]}
    assert Outbound.load(kept).document == DocumentRef("invoice-pdf", 7, "x.pdf", "application/pdf")
