"""Where a browser opens the bot: known once the Bot API said its name."""

from __future__ import annotations

from bot.edges.inviting import Opened
from tests.channels.telegram.doors import driver
from tests.channels.telegram.fake_api import FakeApi


async def test_the_bots_link_is_known_after_it_was_introduced() -> None:
    async with FakeApi().serving() as api:
        bot = driver(api)
        assert isinstance(bot, Opened)
        assert bot.link() is None
        await bot._present()
        assert bot.link() == "https://t.me/balcao_bot"
        await bot.hang_up()
