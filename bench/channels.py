"""The two chat channels as seen from the customer's side.

A channel knows how to phrase what a customer does (a text, a button press) as a
webhook request, and how to read what the bot sent back (text and buttons).
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import time
from dataclasses import dataclass, field
from typing import Any

import orjson

from bench.forms import decode, decode_json_field


@dataclass(slots=True)
class Button:
    label: str
    payload: str
    kind: str  # callback | text | reply | list


@dataclass(slots=True)
class Delivery:
    """A message that reached a customer's phone."""

    chat_id: str
    message_id: str
    text: str
    buttons: list[Button]
    edited: bool = False
    raw: dict[str, Any] = field(default_factory=dict)


class Telegram:
    name = "telegram"

    def __init__(self, secret: str):
        self._secret = secret
        # Frameworks drop update ids they have seen, so runs must not reuse them.
        self._ids = itertools.count(int(time.time() * 1000) % 2_000_000_000 + 1)

    def headers(self, body: bytes, told: str | None = None) -> bytes:
        """`told` is the secret of the bot's own setWebhook, if it made one."""
        return (
            b"Content-Type: application/json\r\n"
            b"X-Telegram-Bot-Api-Secret-Token: %b\r\n" % (told or self._secret).encode()
        )

    def text(self, chat_id: str, text: str) -> bytes:
        number = next(self._ids)
        message = {
            "message_id": number,
            "from": self._person(chat_id),
            "chat": {"id": int(chat_id), "type": "private", "first_name": "Customer"},
            "date": int(time.time()),
            "text": text,
        }
        if text.startswith("/"):
            command = text.split(" ", 1)[0]
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(command)}]
        return _json({"update_id": number, "message": message})

    def press(self, chat_id: str, shown: Delivery, button: Button) -> bytes:
        if button.kind == "text":
            return self.text(chat_id, button.payload)
        number = next(self._ids)
        message = {
            "message_id": int(shown.message_id),
            "from": {"id": 1, "is_bot": True, "first_name": "Bot", "username": "bench_bot"},
            "chat": {"id": int(chat_id), "type": "private", "first_name": "Customer"},
            "date": int(time.time()),
            "text": shown.text,
            "reply_markup": shown.raw["reply_markup"],
        }
        callback = {
            "id": str(number),
            "from": self._person(chat_id),
            "chat_instance": chat_id,
            "message": message,
            "data": button.payload,
        }
        return _json({"update_id": number, "callback_query": callback})

    @staticmethod
    def _person(chat_id: str) -> dict[str, Any]:
        return {
            "id": int(chat_id),
            "is_bot": False,
            "first_name": "Customer",
            "language_code": "en",
        }

    @staticmethod
    def read(method: str, params: dict[str, Any], message_id: int) -> Delivery | None:
        """What the customer sees after an accepted call, or None if nothing to read."""
        edited = method.startswith("editmessage")
        if (not edited and not method.startswith("send")) or method == "sendchataction":
            return None
        text = params.get("text") or params.get("caption") or ""
        buttons = list[Button]()
        raw = dict[str, Any]()
        if params.get("reply_markup"):
            markup = decode_json_field(params["reply_markup"])
            raw["reply_markup"] = markup
            for row in markup.get("inline_keyboard", ()):
                for button in row:
                    if "callback_data" in button:
                        buttons.append(Button(button["text"], button["callback_data"], "callback"))
            for row in markup.get("keyboard", ()):
                for button in row:
                    label = button if isinstance(button, str) else button["text"]
                    buttons.append(Button(label, label, "text"))
        return Delivery(str(params.get("chat_id")), str(message_id), text, buttons, edited, raw)

    @staticmethod
    def webhook_reply(
        headers: dict[bytes, bytes], body: bytes
    ) -> tuple[str, dict[str, Any]] | None:
        """An API call the bot put in its answer to the webhook request, if any."""
        content_type = headers.get(b"content-type", b"")
        if len(body) < 3 or not content_type.startswith(
            (b"application/json", b"multipart/form-data", b"application/x-www-form-urlencoded")
        ):
            return None
        params = decode(content_type, body)
        method = params.pop("method", None) if isinstance(params, dict) else None
        return (method.lower(), params) if method else None


class WhatsApp:
    name = "whatsapp"

    def __init__(self, secret: str):
        self._secret = secret.encode()
        self._ids = itertools.count(time.time_ns())

    def headers(self, body: bytes, told: str | None = None) -> bytes:
        signature = hmac.new(self._secret, body, hashlib.sha256).hexdigest().encode()
        return b"Content-Type: application/json\r\nX-Hub-Signature-256: sha256=%b\r\n" % signature

    def text(self, chat_id: str, text: str) -> bytes:
        return self._update(chat_id, {"type": "text", "text": {"body": text}})

    def press(self, chat_id: str, shown: Delivery, button: Button) -> bytes:
        key = "button_reply" if button.kind == "reply" else "list_reply"
        chosen = {"type": key, key: {"id": button.payload, "title": button.label}}
        context = {"from": "15550000000", "id": shown.message_id}
        return self._update(
            chat_id, {"type": "interactive", "interactive": chosen, "context": context}
        )

    def _update(self, chat_id: str, content: dict[str, Any]) -> bytes:
        message = {
            "from": chat_id,
            "id": f"wamid.{next(self._ids)}",
            "timestamp": str(int(time.time())),
            **content,
        }
        value = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "15550000000", "phone_number_id": "1"},
            "contacts": [{"profile": {"name": "Customer"}, "wa_id": chat_id}],
            "messages": [message],
        }
        change = {"field": "messages", "value": value}
        return _json(
            {
                "object": "whatsapp_business_account",
                "entry": [{"id": "1", "changes": [change]}],
            }
        )

    @staticmethod
    def read(_method: str, params: dict[str, Any], message_id: str) -> Delivery | None:
        kind = params.get("type")
        buttons = list[Button]()
        if kind == "interactive":
            interactive = params["interactive"]
            text = interactive.get("body", {}).get("text", "")
            action = interactive.get("action", {})
            for button in action.get("buttons", ()):
                buttons.append(Button(button["reply"]["title"], button["reply"]["id"], "reply"))
            for section in action.get("sections", ()):
                for row in section["rows"]:
                    buttons.append(Button(row["title"], row["id"], "list"))
        elif kind == "text":
            text = params["text"]["body"]
        elif kind == "document":
            text = params["document"].get("caption", "")
        elif kind == "template":
            text = params["template"]["name"]
        else:  # read receipts, typing indicators
            return None
        return Delivery(str(params["to"]).lstrip("+"), message_id, text, buttons)

    @staticmethod
    def webhook_reply(_headers: dict[bytes, bytes], _body: bytes) -> None:
        return None  # the Cloud API has no replies inside the webhook response


def _json(value: Any) -> bytes:
    encoded: bytes = orjson.dumps(value)
    return encoded


CHANNELS: dict[str, type[Telegram | WhatsApp]] = {"telegram": Telegram, "whatsapp": WhatsApp}
