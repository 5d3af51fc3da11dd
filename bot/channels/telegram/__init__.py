"""The Telegram channel: a driver of the Bot API. Importing it loads aiohttp, so only its users do."""

from __future__ import annotations

from bot.channels.telegram.driver import Telegram
from bot.channels.telegram.profile import Profile

__all__ = ["Profile", "Telegram"]
