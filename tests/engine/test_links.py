"""A secret link is handed over by its row: the words of the message are made when it leaves."""

from __future__ import annotations

import json

from bot.core.chat import Chat
from bot.core.flow import flow
from bot.core.message import LinkRef, Outbound, _

from .talk import TELEGRAM, Talk

INVITE = LinkRef("join", 31)


def test_a_link_is_a_message_of_its_own_without_words() -> None:
    @flow("invite", title=_("Invite"), menu=1)
    def invite(chat: Chat) -> None:
        chat.say(_("Copy this:"))
        chat.hand(INVITE)
        chat.say(_("Done."))

    talk = Talk(invite, limits=TELEGRAM)
    talk.says("hi")
    talk.presses("Invite")
    before, link, after = talk.heard
    assert (before.text, link.text, after.text) == ("Copy this:", "", "Done.")
    assert (link.link, link.copyable, link.buttons) == (INVITE, True, ())


def test_the_ledger_keeps_what_link_it_is() -> None:
    message = Outbound("", copyable=True, link=INVITE)
    assert Outbound.load(json.loads(json.dumps(message.dump()))) == message
    assert "link" not in Outbound("plain").dump()
