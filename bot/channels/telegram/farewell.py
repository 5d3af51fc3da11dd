"""Groups and channels: told once where the bot can be found, and left."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

from bot.channels.telegram.api import BotApi
from bot.channels.telegram.inbound import Elsewhere
from bot.channels.telegram.memory import REMEMBERED, Latest
from bot.channels.telegram.outbound import NO_PREVIEW
from bot.core.errors import Permanent, Temporary
from bot.core.message import Text, _

log = structlog.get_logger("telegram")

_ELSEWHERE = _("I only talk in private, since it is about your bills. Write to me here: {link}")


class Farewell:
    """Bills are nobody else's business, so the bot stays in no group."""

    def __init__(
        self,
        api: BotApi,
        link: Callable[[], Awaitable[str]],
        words: Callable[[Text, str | None], str],
    ) -> None:
        """`link` is where one writes to the bot, `words` translates for a language code."""
        self._api = api
        self._link = link
        self._words = words
        self._told = Latest[int, bool](REMEMBERED)

    async def bid(self, where: Elsewhere) -> None:
        """Say once where one can be found, and leave. Raises Temporary; then it may be tried again."""
        try:
            if where.chat not in self._told:
                self._told.put(where.chat, True)
                await self._say_where(where)
        except Permanent as error:  # it may not write there
            log.info("telegram.decline_failed", code=error.code)
        except Temporary as error:
            if error.code not in (
                "timeout",
                "connection",
            ):  # after those it may stand there already
                self._told.pop(where.chat)
            raise
        try:
            await self._api.call("leaveChat", {"chat_id": where.chat})
        except Permanent as error:  # it is gone from there already
            log.info("telegram.leave_failed", code=error.code)

    async def _say_where(self, where: Elsewhere) -> None:
        link = await self._link()
        words = self._words(Text(_ELSEWHERE.source, {"link": link}), where.language)
        told = {"chat_id": where.chat, "text": words, "link_preview_options": NO_PREVIEW}
        await self._api.call("sendMessage", told)
