"""A strict Bot API on loopback: it keeps chats as their people see them, and refuses what the real one does."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import aiohttp
from aiohttp import web

from tests.channels.telegram.fake_files import Kept
from tests.channels.telegram.rules import BadRequest, judged, method_named, proper

TOKEN = "4200000042:NobodysTokenForTestsAlone_0123456789"
NOW = 1_790_000_000
"""When people write, in seconds since 1970."""
Fault = Literal["reset", "lost", "odd", "502", "429", "500"]
"""Cut before it is heard · heard, and the answer cut · an answer of no sense · refused."""


@dataclass
class Message:
    """A message as it stands in a chat."""

    id: int
    mine: bool
    """Sent by the bot."""
    text: str
    entities: list[Any] = field(default_factory=list)
    markup: Any = None
    file: tuple[str, str, bytes] | None = None
    """(parameter, name, content)"""


@dataclass
class Chat:
    """A chat as its people see it."""

    id: int
    kind: str = "private"
    language: str = "pt-br"
    name: str = "Ana"
    blocked: bool = False
    gone: bool = False
    left: bool = False
    keyboard: Any = None
    """What stands in place of the phone's keyboard."""
    messages: dict[int, Message] = field(default_factory=dict)
    actions: list[str] = field(default_factory=list)

    @property
    def heard(self) -> list[Message]:
        """What the bot said and is still there."""
        return [each for each in self.messages.values() if each.mine]


class FakeApi:
    """The server and what it knows. `calls` are (method, parameters) that were understood."""

    def __init__(self) -> None:
        self.url = ""
        self.chats: dict[int, Chat] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.refused: list[str] = []
        """Words of every refusal that was not ordered."""
        self.faults: list[tuple[str, Fault]] = []
        """(method or prefix, what happens to the next call of it)"""
        self.room: int | None = None
        """Messages that may still be sent before it is too many; None: as many as one likes."""
        self.settings: dict[tuple[str, str], Any] = {}
        self.webhook: dict[str, Any] = {}
        self.trouble: dict[str, Any] = {}
        """What it tells of the last delivery to the webhook that failed."""
        self.behind: Callable[[str], str] = lambda url: url
        """Where a public https address really leads."""
        self.kept = Kept(TOKEN, self.faults)
        self.offsets: list[int] = []
        self.answered: set[str] = set()
        self.confirmed = 0
        self.pending: list[Any] = []
        self.again: deque[Any] = deque()
        self.last: Any = None
        self._queries: dict[str, bool] = {}
        self._ids = itertools.count(1000)
        self._messages = itertools.count(1)
        self._polls = 0
        self._news = asyncio.Event()
        self._pumps: set[asyncio.Task[None]] = set()
        self._busy_chats: dict[int, asyncio.Lock] = {}

    # ------------------------------------------------------------------ people

    def chat(self, id: int, **how: Any) -> Chat:
        return self.chats.setdefault(id, Chat(id, **how))

    def update(self, **what: Any) -> Any:
        """Something happens: handed out by the next poll, or to the webhook."""
        update = {"update_id": next(self._ids), **what}
        proper(update)
        self.hand_out(update)
        return update

    def hand_out(self, update: Any) -> None:
        self.last = update
        self.pending.append(update)
        self._news.set()
        if self.webhook:
            self._pump(update)

    def hand_out_again(self) -> None:
        """The last update a second time, whatever was confirmed."""
        if self.webhook:
            self._pump(self.last)
        else:
            self.again.append(self.last)
            self._news.set()

    def writes(self, chat: Chat, **content: Any) -> Any:
        """A person sends a message; its text or any other content."""
        message = self._message_of(chat, next(self._messages), **content)
        chat.messages[message["message_id"]] = Message(
            message["message_id"], mine=False, text=content.get("text", "")
        )
        return self.update(message=message)

    def edits(self, chat: Chat, id: int, **content: Any) -> Any:
        message = self._message_of(chat, id, **content) | {"edit_date": NOW + 60}
        return self.update(edited_message=message)

    def presses(self, chat: Chat, label: str) -> Any:
        """The newest button of this label."""
        message, button = next(
            (message, button)
            for message in reversed(chat.heard)
            for row in (message.markup or {}).get("inline_keyboard", ())
            for button in row
            if button["text"] == label and "callback_data" in button
        )
        return self.presses_data(chat, message, button["callback_data"])

    def presses_data(self, chat: Chat, message: Message, data: str) -> Any:
        query = f"q{next(self._ids)}"
        self._queries[query] = True
        bot = {"id": 42, "is_bot": True, "first_name": "Balcão"}
        there = {
            "message_id": message.id,
            "date": NOW,
            "chat": self._chat_of(chat),
            "from": bot,
            "text": message.text,
            "entities": message.entities,
        }
        return self.update(
            callback_query={
                "id": query,
                "from": self._person(chat),
                "chat_instance": "1",
                "message": there,
                "data": data,
            }
        )

    def expire_queries(self) -> None:
        self._queries.clear()

    def _message_of(self, chat: Chat, id: int, **content: Any) -> Any:
        about = {"message_id": id, "date": NOW, "chat": self._chat_of(chat)}
        return about | {"from": self._person(chat)} | content

    @staticmethod
    def _chat_of(chat: Chat) -> Any:
        title = {"first_name": chat.name} if chat.kind == "private" else {"title": "Vizinhos"}
        return {"id": chat.id, "type": chat.kind, **title}

    @staticmethod
    def _person(chat: Chat) -> Any:
        return {
            "id": abs(chat.id),
            "is_bot": False,
            "first_name": chat.name,
            "language_code": chat.language,
        }

    # ------------------------------------------------------------------ the webhook

    def _pump(self, update: Any) -> None:
        task = asyncio.create_task(self._deliver(update))
        self._pumps.add(task)
        task.add_done_callback(self._pumps.discard)

    async def _deliver(self, update: Any) -> None:
        """As Telegram does: one update of a chat after the other, until it was answered 200."""
        body = update.get("message") or update.get("callback_query", {}).get("message") or {}
        lock = self._busy_chats.setdefault(body.get("chat", {}).get("id", 0), asyncio.Lock())
        async with lock, aiohttp.ClientSession() as http:
            while self.webhook:
                headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook["secret_token"]}
                where = self.behind(self.webhook["url"])
                with contextlib.suppress(aiohttp.ClientError):
                    async with http.post(where, json=update, headers=headers) as answer:
                        if answer.status == 200:
                            await self._heed(await answer.read())
                            self.pending = [each for each in self.pending if each is not update]
                            return
                await asyncio.sleep(0.02)

    async def _heed(self, answer: bytes) -> None:
        """The call that came back with a webhook's answer; how it ends, nobody is told."""
        if not answer:
            return
        name = (given := json.loads(answer)).pop("method")
        try:
            await self._do(name, judged(name, given), {})
        except BadRequest as refusal:
            self.refused.append(f"{name}: {refusal.words}")
        else:
            self.calls.append((name, given))

    # ------------------------------------------------------------------ the server

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[FakeApi]:
        app = web.Application(client_max_size=60 * 1024 * 1024)
        app.router.add_post("/bot{token}/{method}", self._serve)
        app.router.add_get("/file/bot{token}/{path:.*}", self.kept.hand_over)
        runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            self.webhook = {}
            self._news.set()
            for pump in self._pumps:
                pump.cancel()
            await asyncio.gather(*self._pumps, return_exceptions=True)
            await runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        fault = next((each for each in self.faults if name.startswith(each[0])), None)
        if fault:
            self.faults.remove(fault)
        how = fault[1] if fault else None
        parameters, files = await self._read(request)
        if how == "reset":
            return self._cut(request)
        if how == "odd":
            return web.json_response({"ok": True, "result": None})
        if how == "502":
            return web.Response(status=502, text="<html>502 Bad Gateway</html>")
        try:
            self._admit(request.match_info["token"], how)
            known = judged(name, parameters | dict.fromkeys(files, "attached"))
            result = await self._do(name, known, files)
        except BadRequest as refusal:
            if how is None and request.transport is not None:  # else nobody waits for it any more
                self.refused.append(f"{name}: {refusal.words}")
            answer = {"ok": False, "error_code": refusal.code, "description": refusal.words}
            if refusal.parameters:
                answer["parameters"] = refusal.parameters
            return web.json_response(answer, status=refusal.code)
        self.calls.append((name, known))
        if how == "lost":
            return self._cut(request)
        return web.json_response({"ok": True, "result": result})

    @staticmethod
    def _admit(token: str, how: Fault | None) -> None:
        if token != TOKEN:
            raise BadRequest("Unauthorized", 401)
        if how == "429":
            raise BadRequest("Too Many Requests: retry after 3", 429, retry_after=3)
        if how == "500":
            raise BadRequest("Internal Server Error", 500)

    @staticmethod
    def _cut(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    @staticmethod
    async def _read(request: web.Request) -> tuple[dict[str, Any], dict[str, tuple[str, bytes]]]:
        if request.content_type == "application/json":
            return await request.json(), {}
        parameters, files = dict[str, Any](), dict[str, tuple[str, bytes]]()
        async for part in await request.multipart():
            assert isinstance(part, aiohttp.BodyPartReader)
            assert part.name is not None
            if part.filename is not None:
                files[part.name] = part.filename, bytes(await part.read())
                continue
            text = await part.text()
            plain = part.name in ("caption", "text")
            parameters[part.name] = text if plain else json.loads(text)
        return parameters, files

    async def _do(self, name: str, given: dict[str, Any], files: Any) -> Any:
        method_named(name)
        if name == "getFile":
            return self.kept.file(given["file_id"])
        done = getattr(self, f"_{name}", None)
        if done is not None:
            found = done(given)
            return await found if asyncio.iscoroutine(found) else found
        if name.startswith("send"):
            return self._send(given, files)
        if name.startswith(("getMy", "setMy")):
            return self._my(name, given)
        raise AssertionError(f"the fake does not know {name} yet")

    # ------------------------------------------------------------------ methods

    def _getMe(self, given: Any) -> Any:
        return {"id": 42, "is_bot": True, "first_name": "Balcão", "username": "balcao_bot"}

    async def _getUpdates(self, given: Any) -> Any:
        if self.webhook:
            raise BadRequest("Conflict: can't use getUpdates method while webhook is active", 409)
        self.offsets.append(given.get("offset", 0))
        if offset := given.get("offset", 0):
            self.confirmed = max(self.confirmed, offset)
            self.pending = [each for each in self.pending if each["update_id"] >= offset]
        self._polls += 1
        mine = self._polls
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(given.get("timeout", 0)):
                while not self.pending and not self.again:
                    self._news.clear()
                    await self._news.wait()
                    if mine != self._polls:
                        words = "Conflict: terminated by other getUpdates request"
                        raise BadRequest(words, 409)
        found, _ = [*self.again, *self.pending][: given.get("limit", 100)], self.again.clear()
        return found

    def _setWebhook(self, given: Any) -> bool:
        if not given["url"].startswith("https://"):
            raise BadRequest("Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        self.webhook = given
        for update in self.pending:
            self._pump(update)
        return True

    def _deleteWebhook(self, given: Any) -> bool:
        self.webhook = {}
        return True

    def _getWebhookInfo(self, given: Any) -> Any:
        counts = {"has_custom_certificate": False, "pending_update_count": len(self.pending)}
        return {"url": self.webhook.get("url", ""), **counts, **self.trouble}

    def _my(self, name: str, given: Any) -> Any:
        key = name[3:], given.get("language_code", "")
        if name.startswith("set"):
            self.settings[key] = given
            return True
        value = self.settings.get(key, {})
        if name == "getMyCommands":
            return value.get("commands", [])
        what = {"getMyName": "name", "getMyDescription": "description"}[name]
        return {what: value.get(what, "")}

    def _sendChatAction(self, given: Any) -> bool:
        self._open_chat(given).actions.append(given["action"])
        return True

    def _send(self, given: Any, files: dict[str, tuple[str, bytes]]) -> Any:
        chat = self._open_chat(given)
        if self.room is not None:
            if not self.room:
                raise BadRequest("Too Many Requests: retry after 2", 429, retry_after=2)
            self.room -= 1
        markup = given.get("reply_markup", {})
        text = given.get("text", given.get("caption", ""))
        message = Message(next(self._messages), True, text)
        message.entities = given.get("entities", given.get("caption_entities", []))
        for parameter, (name, content) in files.items():
            message.file = parameter, name, content
        if "inline_keyboard" in markup:
            message.markup = markup
        elif "keyboard" in markup:
            chat.keyboard = message.markup = markup
        elif markup.get("remove_keyboard"):
            chat.keyboard = None
            message.markup = markup
        chat.messages[message.id] = message
        return {"message_id": message.id, "date": NOW, "chat": self._chat_of(chat), "text": text}

    def _open_chat(self, given: Any) -> Chat:
        chat = self.chats.get(given["chat_id"])
        if chat is None or chat.gone:
            raise BadRequest("Bad Request: chat not found")
        if chat.blocked:
            raise BadRequest("Forbidden: bot was blocked by the user", 403)
        if chat.left:
            raise BadRequest("Forbidden: bot is not a member of the group chat", 403)
        return chat

    def _leaveChat(self, given: Any) -> bool:
        self._open_chat(given).left = True
        return True

    def _editMessageText(self, given: Any) -> Any:
        message = self._editable(given)
        now = given["text"], given.get("entities", []), given.get("reply_markup")
        if now == (message.text, message.entities, message.markup):
            raise BadRequest("Bad Request: message is not modified: it is exactly the same")
        if message.file:
            raise BadRequest("Bad Request: there is no text in the message to edit")
        message.text, message.entities, message.markup = now
        return True

    def _editMessageReplyMarkup(self, given: Any) -> Any:
        message = self._editable(given)
        if given.get("reply_markup") == message.markup:
            raise BadRequest("Bad Request: message is not modified: it is exactly the same")
        message.markup = given.get("reply_markup")
        return True

    def _editable(self, given: Any) -> Message:
        message = self._open_chat(given).messages.get(given["message_id"])
        if message is None:
            raise BadRequest("Bad Request: message to edit not found")
        if not message.mine or (message.markup and "inline_keyboard" not in message.markup):
            raise BadRequest("Bad Request: message can't be edited")
        return message

    def _deleteMessage(self, given: Any) -> bool:
        if self._open_chat(given).messages.pop(given["message_id"], None) is None:
            raise BadRequest("Bad Request: message to delete not found")
        return True

    def _answerCallbackQuery(self, given: Any) -> bool:
        if not self._queries.pop(given["callback_query_id"], False):
            words = "query is too old and response timeout expired or query ID is invalid"
            raise BadRequest(f"Bad Request: {words}")
        self.answered.add(given["callback_query_id"])
        return True
