"""Notices and documents on their way to chats."""

from __future__ import annotations

import asyncio

import pytest

from bot.core.message import Address, Document, DocumentRef, Limits, Outbound
from bot.core.ports import LaneLimits, State
from tests.delivery.fakes import FakeChannel
from tests.delivery.house import ANA, BIA, PDF, notice, open_house

# ------------------------------------------------------------------ notices


async def test_a_notice_is_drawn_in_its_readers_language_with_buttons_of_its_own() -> None:
    async with open_house() as house:
        house.ledger.post(notice("Paid", buttons=2), ANA, locale="es")
        house.ledger.post(notice("Paid"), BIA)
        await house.dispatcher.idle()
        assert house.channel.said_to("ana") == ["Paid [es] mt1:1,mt1:2"]
        assert house.channel.said_to("bia") == ["Paid [pt_BR]"]


async def test_a_notice_is_sent_when_it_is_posted_and_waits_for_replies_on_their_way() -> None:
    async with open_house() as house:
        gate = house.channel.gates["ana"] = asyncio.Event()
        house.hand_over(ANA, "one", "two")
        await house.channel.waiting.wait()
        house.ledger.post(notice("Sent"), ANA)
        gate.set()
        await house.dispatcher.idle()
        assert house.channel.said_to("ana") == ["one", "two", "Sent [pt_BR]"]


async def test_notices_keep_to_what_their_lane_lets_through() -> None:
    async with open_house() as house:
        house.ledger.tokens = 2
        for n in range(5):
            house.ledger.post(notice(f"n{n}"), Address("web", f"c{n}"))
        await house.dispatcher.idle()
        assert len(house.channel.sent) == 2
        house.ledger.tokens = 10
        await house.later()
        assert [words for _chat, words in house.channel.sent] == [f"n{n} [pt_BR]" for n in range(5)]


async def test_a_lane_whose_limit_let_nothing_through_looks_again_by_itself() -> None:
    channel = FakeChannel(lane_limits=LaneLimits(per_second=1000, burst=1))
    async with open_house(channel=channel) as house:
        house.ledger.tokens = 0
        house.ledger.post(notice("n"), ANA)
        await house.dispatcher.idle()
        assert channel.sent == []
        house.ledger.tokens = 1
        while not channel.sent:
            await asyncio.sleep(0.01)


async def test_more_notices_than_can_be_in_hand_all_arrive() -> None:
    async with open_house() as house:
        for n in range(100):
            house.ledger.post(notice("n"), Address("web", f"c{n}"))
        await house.dispatcher.idle()
        assert len(house.channel.sent) == 100


# ------------------------------------------------------------------ documents


async def test_a_document_comes_with_its_message_after_a_sign_that_it_is_coming() -> None:
    async with open_house() as house:
        await house.turn(ANA, Outbound("Your invoice", document=PDF))
        assert house.channel.happened == ["typing", "sent"]
        (document,) = house.channel.documents
        assert document == Document("fatura.pdf", "application/pdf", b"%PDF xxxxxxx")


async def test_a_channel_without_typing_signs_is_not_asked_for_one() -> None:
    async with open_house(channel=FakeChannel(limits=Limits(files_out=100))) as house:
        await house.turn(ANA, Outbound("Your invoice", document=PDF))
        assert house.channel.happened == ["sent"]


async def test_a_typing_sign_that_fails_costs_nothing() -> None:
    channel = FakeChannel()

    async def broken(address: Address) -> None:
        raise RuntimeError

    channel.typing = broken  # type: ignore[method-assign]
    async with open_house(channel=channel) as house:
        ids = await house.turn(ANA, Outbound("Your invoice", document=PDF))
        assert house.ledger.states(ids) == [State.SENT]


@pytest.mark.parametrize(("id", "code"), [(0, "gone"), (5000, "too_large")])
async def test_a_document_that_cannot_come_fails_alone(id: int, code: str) -> None:
    async with open_house() as house:
        ref = DocumentRef("invoice-pdf", id, "f.pdf", "application/pdf")
        ids = await house.turn(ANA, Outbound("Your invoice", document=ref), "Anything else?")
        assert house.ledger.rows[ids[0]].error == code
        assert house.channel.said_to("ana") == ["Anything else?"]
