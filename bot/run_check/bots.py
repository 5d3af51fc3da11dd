"""What `balcao check` asks Telegram: who the bot is, and whether it brings what people say here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

from bot.core.errors import DeliveryError
from bot.core.message import JSON
from bot.run_check.probing import SECONDS, Broken, Note, Probe, first_line
from bot.settings import ChannelSettings, Settings

_PLAIN = {"timeout": "no answer in time", "connection": "no connection"}
_REFUSES_US = ("401", "403")


def bot_probes(settings: Settings) -> Iterator[Probe]:
    """A probe for each bot."""
    for entry in settings.channels:
        if entry.kind == "telegram":
            look = partial(_bot, entry, settings.http.public_url)
            yield Probe(f"telegram {entry.name}", look)


async def _bot(entry: ChannelSettings, public_url: str) -> str:
    # Only who has a bot waits for its library.
    from bot.channels.telegram.api import BotApi

    api = BotApi(entry.name, os.environ.get(entry.token_env, ""), url=entry.api_url)
    try:
        me = await api.call("getMe", seconds=SECONDS / 2 - 1)
        hook = await api.call("getWebhookInfo", seconds=SECONDS / 2 - 1)
    except DeliveryError as error:
        raise Broken(_refusal(entry, error)) from error
    finally:
        await api.close()
    if not isinstance(me, dict) or not isinstance(hook, dict):
        raise Broken(_no_bot_api(entry, "its answers make no sense"))
    name = f"@{me.get('username', '')}"
    if entry.mode == "polling":
        return _polled(name, hook)
    return _called(name, hook, entry, public_url)


def _refusal(entry: ChannelSettings, error: DeliveryError) -> str:
    code = getattr(error, "code", "")
    if code == "unauthorized":
        return (
            f"channels.{entry.name}.token_env: holds {entry.token_env!r}, and Telegram refuses the"
            " token in that variable; set the one BotFather gave (/mybots, API Token)"
        )
    if code == "limited":
        return f"channels.{entry.name}: Telegram is asked too often; look again in a minute"
    return _no_bot_api(entry, _PLAIN.get(code) or str(error.args[0]))


def _no_bot_api(entry: ChannelSettings, why: str) -> str:
    return (
        f"channels.{entry.name}.api_url: holds {entry.api_url!r}, and no Bot API answers there"
        f" ({why}); may hold 'https://api.telegram.org' or a server of your own, and this machine"
        " must reach it"
    )


def _polled(name: str, hook: JSON) -> str:
    waiting = _waiting(hook)
    if at := str(hook.get("url") or ""):
        return Note(
            f"{name}, polling, and a webhook is set at {at}{waiting}; the start of `balcao run` takes"
            " it down: does another program use this bot?"
        )
    return f"{name}, polling{waiting}"


def _called(name: str, hook: JSON, entry: ChannelSettings, public_url: str) -> str:
    wanted, waiting = f"{public_url}/telegram/{entry.name}", _waiting(hook)
    at = str(hook.get("url") or "")
    if not at:
        return Note(
            f"{name}, no webhook is set yet{waiting}; the start of `balcao run` sets {wanted}"
        )
    if at != wanted:
        raise Broken(
            f"channels.{entry.name}.mode: holds 'webhook', and Telegram calls {at} instead of {wanted};"
            " start `balcao run` (again), which sets it, and stop what else uses this bot"
        )
    fault = first_line(hook.get("last_error_message") or "")
    if not fault:
        return f"{name}, webhook at {wanted}{waiting}"
    when = datetime.fromtimestamp(int(hook.get("last_error_date") or 0), UTC)
    if not hook.get("pending_update_count"):
        # It stays in Telegram's answer long after it was mended.
        return Note(
            f"{name}, webhook at {wanted}; last trouble at {when:%Y-%m-%d %H:%M} UTC: {fault}"
        )
    mend = (
        "another server key is used since; start `balcao run` again, which sets the webhook anew"
        if any(code in fault for code in _REFUSES_US)
        else "does `balcao run` run, and is http.public_url reached from outside?"
    )
    raise Broken(
        f"channels.{entry.name}: Telegram cannot deliver to {wanted}{waiting}; at"
        f" {when:%Y-%m-%d %H:%M} UTC it heard: {fault}; {mend}"
    )


def _waiting(hook: JSON) -> str:
    count = int(hook.get("pending_update_count") or 0)
    return f", {count} updates wait" if count > 1 else ", 1 update waits" if count else ""
