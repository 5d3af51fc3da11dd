"""A secret link becomes its URL when its message leaves, and at no other time."""

from __future__ import annotations

import random

from bot.core.brand import Brand
from bot.core.message import LinkRef, Outbound
from bot.core.ports import State
from bot.delivery.dispatcher import Dispatcher, Pace
from tests.delivery.fakes import FakeChannel, FakeLedger
from tests.delivery.house import ANA, NEVER, Words, open_house, render
from tests.fakes import Clock

INVITE = Outbound("", copyable=True, link=LinkRef("join", 31))


async def test_the_url_is_in_what_leaves_and_not_in_the_row() -> None:
    ledger, channel = FakeLedger(Clock()), FakeChannel()
    dispatcher = Dispatcher(
        ledger,
        {channel.account: channel},
        None,
        brands={"fibra": Brand("fibra", "Fibra")},
        words={"fibra": Words()},
        render=render,
        notice_token=str,
        clock=ledger.clock,
        rng=random.Random(7),
        pace=Pace(poll=NEVER, sweep=NEVER, again=0.0),
        link_url=lambda brand, link: f"https://{brand}.example/{link.purpose}/{link.id}",
    )
    await dispatcher.start()
    posted = ledger.reply(ANA, "Copy this:", INVITE, "Done.")
    dispatcher.deliver(posted)
    await dispatcher.idle()
    await dispatcher.stop()
    assert channel.said_to("ana") == ["Copy this:", "https://fibra.example/join/31", "Done."]
    assert [each.body for each in posted][1] == INVITE


async def test_where_no_links_are_made_the_message_fails_and_the_others_leave() -> None:
    async with open_house() as house:
        await house.turn(ANA, "Copy this:", INVITE, "Done.")
        assert house.channel.said_to("ana") == ["Copy this:", "Done."]
        assert house.ledger.states() == [State.SENT, State.FAILED, State.SENT]
