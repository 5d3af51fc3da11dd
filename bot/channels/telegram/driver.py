"""The Telegram driver: one bot, by long polling or by webhook (docs/telegram.md)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import structlog
from starlette.routing import BaseRoute, Route

from bot.channels.telegram import outbound
from bot.channels.telegram.again import Again
from bot.channels.telegram.api import API_URL, Alarm, BotApi, Upload
from bot.channels.telegram.farewell import Farewell
from bot.channels.telegram.inbound import ALLOWED_UPDATES, Elsewhere, Heard, Pressed, read
from bot.channels.telegram.memory import REMEMBERED, Latest
from bot.channels.telegram.outbound import NO_PREVIEW, REMOVE_KEYBOARD, Keyboard, utf16
from bot.channels.telegram.polling import PAUSES, Polling
from bot.channels.telegram.profile import Profile, Translate, present
from bot.channels.telegram.webhook import Webhook
from bot.core.errors import Permanent, Temporary
from bot.core.message import JSON, Address, Document, Inbound, Limits, Outbound, Text, _
from bot.core.ports import Close, LaneLimits, Receive
from bot.core.render import offered_locale

log = structlog.get_logger("telegram")

NOTE = 200
"""Longest answer to a press."""

_SAME = ("message is not modified",)
_EDIT_IS_FINE = (
    *_SAME,
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
)
_DELETE_IS_FINE = (
    "message to delete not found",
    "message can't be deleted",
    "message identifier is not specified",
)
_ANSWER_IS_FINE = ("query is too old", "query id is invalid")

_COPY = _("Copy")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A message with buttons, as it must be written again to mark what was chosen."""

    text: str
    entities: JSON


class Telegram:
    """The driver of one `[[channels]]` entry of kind telegram (a `Channel`)."""

    limits = Limits(
        text=outbound.TEXT,
        unit="utf16",
        buttons=30,
        button_label=64,
        copy=outbound.COPY,
        caption=outbound.CAPTION,
        files_out=50 * 1024 * 1024,
        files_in=20 * 1024 * 1024,
        edits=True,
        deletes=True,
        contact=True,
        typing=True,
    )
    lane_limits = LaneLimits(per_second=30, burst=30)

    def __init__(
        self,
        account: str,
        brand: str,
        *,
        token: str,
        translate: Translate,
        mode: Literal["polling", "webhook"] = "polling",
        webhook_url: str = "",
        webhook_secret: str = "",
        api_url: str = API_URL,
        profile: Profile | None = None,
        alarm: Alarm = lambda _key, _words: None,
    ) -> None:
        """`token` is BotFather's; `api_url` may be that of a Bot API server of one's own.

        `webhook_url` is where the world reaches this process (https, without a path), and
        `webhook_secret` 1 to 256 of `[A-Za-z0-9_-]`; both are for mode webhook.
        """
        self.account = account
        self.brand = brand
        self._mode = mode
        self.acknowledges = mode == "polling"
        self._alarm = alarm
        self._translate = translate
        self._profile = profile or Profile()
        self._url = f"{webhook_url}/telegram/{account}"
        self._secret = webhook_secret
        self._api = BotApi(account, token, url=api_url, alarm=alarm)
        self._polling = Polling(self._api, self._hear, self._open_for_polling)
        self._webhook = Webhook(webhook_secret, self._take_call)
        self._receive: Receive | None = None
        self._beginning: set[asyncio.Task[None]] = set()
        self._again = Again()
        self._username = ""
        self._queries = Latest[str, str](REMEMBERED)
        self._asked = Latest[tuple[int, int], _Asked](REMEMBERED)
        self._messages = Latest[int, int](REMEMBERED)
        self._newest = Latest[int, int](REMEMBERED)
        self._places = Latest[int, int](REMEMBERED)
        self._half_sent = Latest[int, bool](REMEMBERED)
        self._keyboards = Latest[int, bool](REMEMBERED)
        self._farewell = Farewell(self._api, self._known_link, self._words)

    # ------------------------------------------------------------------ begin and end

    async def start(self, receive: Receive) -> None:
        """Begin at once: when the Bot API is away, it is tried again for as long as it takes."""
        self._receive = receive
        if self._mode == "polling":
            self._polling.start()
        else:
            self._webhook.start()
            self._spawn_beginning(self._open_for_webhook)
        self._spawn_beginning(self._present)

    async def stop(self) -> None:
        for task in self._beginning:
            task.cancel()
        await asyncio.gather(*self._beginning, return_exceptions=True)
        await (self._polling.stop() if self._mode == "polling" else self._webhook.stop())

    async def hang_up(self) -> None:
        """Close the connections: after `stop`, once nothing is sent any more."""
        await self._again.stop()
        await self._api.close()

    def routes(self) -> Sequence[BaseRoute]:
        """What `bot.app` hangs into the ASGI app; none when polling."""
        if self._mode == "polling":
            return []
        return [Route(f"/telegram/{self.account}", self._webhook, methods=["POST"])]

    def _spawn_beginning(self, work: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.create_task(self._until_done(work))
        self._beginning.add(task)
        task.add_done_callback(self._beginning.discard)

    async def _until_done(self, work: Callable[[], Awaitable[None]]) -> None:
        tries = 0
        while True:
            try:
                await work()
            except Temporary as error:
                pause = PAUSES[min(tries, len(PAUSES) - 1)]
                pause = max(pause, error.after.total_seconds() if error.after else 0.0)
                log.warning("telegram.start_failed", account=self.account, code=error.code)
                await asyncio.sleep(pause)
                tries += 1
            except Permanent as error:
                self._alarm(f"telegram:{self.account}:start", f"Telegram refuses: {error.args[0]}")
                return
            else:
                return

    async def _open_for_polling(self) -> None:
        await self._api.call("deleteWebhook", {"drop_pending_updates": False})

    async def _open_for_webhook(self) -> None:
        await self._api.call(
            "setWebhook",
            {
                "url": self._url,
                "secret_token": self._secret,
                "allowed_updates": list(ALLOWED_UPDATES),
                "max_connections": 100,
            },
        )

    async def _present(self) -> None:
        await self._introduce()
        await present(self._api, self._profile, self._translate)

    async def _introduce(self) -> None:
        me = await self._api.call("getMe")
        if not isinstance(me, dict) or "username" not in me:
            raise Temporary("server", "no bot")
        self._username = str(me["username"])

    # ------------------------------------------------------------------ in

    async def _take_call(self, update: JSON) -> JSON:
        """Play an update that Telegram called with; a press is answered at once, in our answer.

        That saves a call of our own for every press.
        """
        heard = await self._hear(update)
        if not isinstance(heard, Pressed):
            return None
        return {"method": "answerCallbackQuery", "callback_query_id": heard.query}

    async def _hear(self, update: JSON) -> Heard:
        """Play one update; what it said, once that is committed. Raises Unavailable."""
        if self._receive is None:
            raise RuntimeError("the channel was not started")
        try:
            heard = read(update, self.account)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            log.warning("telegram.unreadable_update", kind=type(error).__name__)
            return None
        match heard:
            case Pressed():
                self._remember_press(heard)
                await self._receive(heard.event)
            case Inbound():
                if heard.ref is not None:
                    self._newest.put(int(heard.address.chat), int(heard.ref))
                if heard.phone is not None:
                    self._keyboards.put(int(heard.address.chat), True)
                await self._receive(heard)
            case Elsewhere():
                await self._again.now_or_later(lambda: self._farewell.bid(heard))
        return heard

    def _remember_press(self, pressed: Pressed) -> None:
        if self.acknowledges:
            self._queries.put(pressed.event.id, pressed.query)
        if pressed.text is not None:
            words = _Asked(pressed.text, pressed.entities)
            self._asked.put((int(pressed.event.address.chat), pressed.message), words)

    def link(self) -> str | None:
        """Where a browser opens the bot; None until the Bot API said its name."""
        return f"https://t.me/{self._username}" if self._username else None

    async def _known_link(self) -> str:
        if not self._username:
            await self._introduce()
        return self.link() or ""

    def _words(self, text: Text, language: str | None) -> str:
        words = self._translate(text, offered_locale(language) or self._profile.locale)
        for name, value in text.values.items():
            words = words.replace(f"{{{name}}}", str(value))
        return words

    # ------------------------------------------------------------------ out

    async def send(
        self, address: Address, message: Outbound, document: Document | None, *, id: int
    ) -> str | None:
        chat = _chat(address)
        if document and len(document.content) > self.limits.files_out:
            raise Permanent("too_large")
        copy = self._words(_COPY, message.locale) if message.copyable else ""
        drawn = outbound.keyboard(message, copy)
        words, place = outbound.words(message), self._places.get(id)
        if place is not None and await self._put_in_place(chat, place, words, drawn):
            number = place
        else:
            number = await self._send(chat, message, words, drawn, document, id)
            self._newest.put(chat, number)
        if place is not None:
            self._places.pop(id)
        if drawn and drawn.inline:
            self._messages.put(id, number)
            if not document:
                self._asked.put((chat, number), _Asked(message.text, words.get("entities")))
        return str(number)

    def replaces(self, address: Address, close: Close, message: Outbound, *, id: int) -> bool:
        """One call instead of two, and no heap of old menus; only the chat's newest message may be
        edited so, for above others nobody would see the answer."""
        chat, number = _chat(address), self._number(close)
        if number is None or self._newest.get(chat) != number or chat in self._keyboards:
            return False
        if (
            message.document
            or message.copyable
            or any(b.kind == "contact" for b in message.buttons)
        ):
            return False
        self._places.put(id, number)
        return True

    async def _put_in_place(
        self, chat: int, number: int, words: dict[str, JSON], drawn: Keyboard | None
    ) -> bool:
        """Make a message of ours another one; False if it cannot be edited any more."""
        other = {"chat_id": chat, "message_id": number, **words}
        if drawn is not None:
            other["reply_markup"] = drawn.markup
        try:
            await self._api.call("editMessageText", other, harmless=_SAME)
        except Permanent as error:
            if error.code != "refused":
                raise
            return False
        return True

    async def _send(
        self,
        chat: int,
        message: Outbound,
        words: dict[str, JSON],
        drawn: Keyboard | None,
        document: Document | None,
        id: int,
    ) -> int:
        if document and utf16(message.text) > outbound.CAPTION:
            if id not in self._half_sent:  # what failed after its words goes on with its file
                await self._post("sendMessage", chat, words, None, None)
                self._half_sent.put(id, True)
            sent = await self._send_file(chat, Outbound(""), drawn, document)
            self._half_sent.pop(id)
        elif document:
            sent = await self._send_file(chat, message, drawn, document)
        else:
            sent = await self._post("sendMessage", chat, words, drawn, None)
        return int(sent["message_id"])

    async def _send_file(
        self, chat: int, message: Outbound, drawn: Keyboard | None, document: Document
    ) -> JSON:
        small = len(document.content) <= outbound.PHOTO_BYTES
        photo = document.media_type in outbound.PHOTOS and small
        words: dict[str, JSON] = {"caption": message.text} if message.text else {}
        if entities := outbound.entities(message):
            words["caption_entities"] = entities
        method, parameter = ("sendPhoto", "photo") if photo else ("sendDocument", "document")
        return await self._post(method, chat, words, drawn, Upload(parameter, document))

    async def _post(
        self,
        method: str,
        chat: int,
        words: dict[str, JSON],
        drawn: Keyboard | None,
        upload: Upload | None,
    ) -> JSON:
        parameters = {"chat_id": chat, **words}
        if chat in self._keyboards and (drawn is None or drawn.inline):
            if drawn is None:
                parameters["reply_markup"] = REMOVE_KEYBOARD
            else:
                await self._take_keyboard_away(chat)
        if drawn is not None:
            parameters["reply_markup"] = drawn.markup
        sent = await self._api.call(method, parameters, upload=upload)
        if drawn is not None and not drawn.inline:
            self._keyboards.put(chat, True)
        else:
            self._keyboards.pop(chat)
        return sent

    async def _take_keyboard_away(self, chat: int) -> None:
        """The contact's keyboard goes with a message only, and that has buttons of its own."""
        sign = await self._api.call(
            "sendMessage",
            {
                "chat_id": chat,
                "text": "✓",
                "reply_markup": REMOVE_KEYBOARD,
                "disable_notification": True,
            },
        )
        self._keyboards.pop(chat)
        try:
            await self._delete(chat, int(sign["message_id"]))
        except Permanent as error:  # then a tick stays in the chat
            log.info("telegram.tick_stays", code=error.code)

    # ------------------------------------------------------------------ around

    async def typing(self, address: Address) -> None:
        await self._api.call("sendChatAction", {"chat_id": _chat(address), "action": "typing"})

    async def close(self, address: Address, close: Close) -> None:
        """Take the buttons away and mark what was chosen; a message that is gone is closed, too."""
        chat, number = _chat(address), self._number(close)
        if number is None:
            return
        where = {"chat_id": chat, "message_id": number}
        asked = self._asked.pop((chat, number))
        marked = f"{asked.text}\n\n✓ {close.chosen}" if asked and close.chosen else ""
        if asked and marked and utf16(marked) <= outbound.TEXT:
            words = {"text": marked, "link_preview_options": NO_PREVIEW}
            words |= {"entities": asked.entities} if asked.entities else {}
            await self._edit("editMessageText", where | words)
        else:
            await self._edit("editMessageReplyMarkup", where)

    async def _edit(self, method: str, parameters: dict[str, JSON]) -> None:
        """An edit says how a message is to look in the end, so it may be made twice, and later."""

        async def edit() -> None:
            await self._api.call(method, parameters, harmless=_EDIT_IS_FINE)

        await self._again.now_or_later(edit)

    def _number(self, close: Close) -> int | None:
        """Which message shows the question."""
        known = self._messages.get(close.message) if close.message is not None else None
        return int(close.ref) if close.ref else known

    async def delete(self, address: Address, ref: str) -> None:
        await self._delete(_chat(address), int(ref))

    async def _delete(self, chat: int, number: int) -> None:
        async def delete() -> None:
            gone = {"chat_id": chat, "message_id": number}
            await self._api.call("deleteMessage", gone, harmless=_DELETE_IS_FINE)

        await self._again.now_or_later(delete)

    async def fetch(self, ref: str, most: int) -> bytes:
        """The bytes of a file that somebody sent (`Fetches`)."""
        return await self._api.fetch(ref, most)

    async def acknowledge(self, event: Inbound, words: str | None) -> None:
        query = self._queries.pop(event.id)
        if query is None:
            return
        answer = {"callback_query_id": query} | ({"text": words[:NOTE]} if words else {})
        await self._api.call("answerCallbackQuery", answer, harmless=_ANSWER_IS_FINE)


def _chat(address: Address) -> int:
    try:
        return int(address.chat)
    except ValueError:
        raise Permanent("gone", flag=True) from None
