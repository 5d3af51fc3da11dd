"""Telegram keeps the contract of channels, by long polling and by webhook, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.channels.contract import (
    Bold,
    Buttons,
    ChannelContract,
    Door,
    Edits,
    Files,
    People,
    Refusals,
    Repeats,
)
from tests.channels.telegram.doors import TelegramDoor, opened


class _Telegram(ChannelContract, Files, Buttons, Edits, Bold, People, Repeats, Refusals):
    """The abilities of a bot."""


class TestByPolling(_Telegram):
    """The contract, where the bot asks."""

    @pytest.fixture
    async def door(self) -> AsyncIterator[Door]:
        async with opened("polling") as (channel, api):
            yield TelegramDoor(channel, api)


class TestByWebhook(_Telegram):
    """The contract, where Telegram calls."""

    @pytest.fixture
    async def door(self) -> AsyncIterator[Door]:
        async with opened("webhook") as (channel, api):
            yield TelegramDoor(channel, api)
