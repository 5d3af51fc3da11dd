"""The bot of a `[[channels]]` entry, from its settings; only who has one waits for its library."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.core.brand import Brand
from bot.core.render import Catalogs
from bot.delivery.alarms import Alarms
from bot.settings import ChannelSettings, Settings

if TYPE_CHECKING:
    from bot.channels.telegram import Telegram


def telegram(
    settings: Settings,
    entry: ChannelSettings,
    brand: Brand,
    catalogs: Catalogs,
    alarms: Alarms,
    keyed_hash: Callable[[str, str], str],
) -> Telegram:
    """The bot of a `[[channels]]` entry."""
    # Only who has a bot waits for its library.
    from bot.channels.telegram import Profile, Telegram

    def alarm(key: str, words: str | None) -> None:
        if words is None:
            alarms.end(key)
        else:
            alarms.begin(key, words)

    return Telegram(
        entry.name,
        brand.id,
        token=os.environ.get(entry.token_env, ""),
        translate=catalogs.translate,
        mode=entry.mode,
        webhook_url=settings.http.public_url,
        webhook_secret=keyed_hash("telegram-webhook", entry.name),
        api_url=entry.api_url,
        profile=Profile(
            brand.locale,
            {str(locale): name for locale, name in entry.bot_name.items()},
            {str(locale): words for locale, words in entry.bot_description.items()},
        ),
        alarm=alarm,
    )
