"""A fast stand-in for the Telegram Bot API and the WhatsApp Cloud API.

    python -m bench.fake_bot_api --port 8081 --enforce-limits --error-rate 0.01 --latency-ms 50

Point a bot at http://HOST:PORT instead of https://api.telegram.org (Telegram) or
https://graph.facebook.com (WhatsApp).  Also served, for the harness and for tests:

    GET  /_stats        counters as JSON
    GET  /_deliveries   messages received per chat, as JSON
    POST /_reset        forget counters and deliveries
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import math
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from bench.channels import Delivery, Telegram, WhatsApp
from bench.forms import decode, decode_json_field
from bench.httpwire import Exchange, serve


@dataclass
class Limits:
    """Send limits as token buckets; a rate of 0 means no limit."""

    global_rate: float = 0.0
    global_burst: float = 30.0
    chat_rate: float = 0.0
    chat_burst: float = 1.0


TELEGRAM_LIMITS = Limits(global_rate=30.0, global_burst=30.0, chat_rate=1.0, chat_burst=1.0)


@dataclass
class Faults:
    """Probabilities per call, and the latency of every answer."""

    error_rate: float = 0.0  # answered 502, message not delivered
    reset_rate: float = 0.0  # connection dropped, message not delivered
    lost_answer_rate: float = 0.0  # message delivered, connection dropped before the answer
    latency: float = 0.0  # seconds
    jitter: float = 0.0  # seconds, added uniformly
    seed: int = 1


class _Bucket:
    __slots__ = ("at", "retry_at", "tokens")

    def __init__(self, burst: float, now: float) -> None:
        self.tokens = burst
        self.at = now
        self.retry_at = 0.0

    def take(self, rate: float, burst: float, now: float) -> float:
        """Take one token and return 0, or return the seconds until one is there."""
        self.tokens = min(burst, self.tokens + (now - self.at) * rate)
        self.at = now
        if self.tokens >= 1.0:
            self.tokens -= 1.0
            return 0.0
        return (1.0 - self.tokens) / rate


class FakeBotAPI:
    """Both APIs: takes calls, keeps limits, injects faults, counts."""

    def __init__(
        self,
        limits: Limits | None = None,
        faults: Faults | None = None,
        on_delivery: Callable[[Delivery], None] | None = None,
        keep_deliveries: bool = False,
    ) -> None:
        self.limits = limits or Limits()
        self.faults = faults or Faults()
        self.on_delivery = on_delivery
        self.keep_deliveries = keep_deliveries
        self.webhook: dict[str, Any] = {}
        self.reset()
        self._message_ids = 0
        self._random = random.Random(self.faults.seed)
        self._me = {
            "id": 1,
            "is_bot": True,
            "first_name": "Bench",
            "username": "bench_bot",
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }

    def reset(self) -> None:
        self.calls = Counter[str]()
        self.events = Counter[str]()
        self.deliveries = Counter[str]()
        self.first_delivery_at = self.last_delivery_at = 0.0
        self._global: _Bucket | None = None
        self._chats: dict[str, _Bucket] = {}

    # -- HTTP -----------------------------------------------------------------------

    def handle(self, exchange: Exchange) -> None:
        path = exchange.path.partition(b"?")[0]
        if path.startswith(b"/_"):
            self._control(path, exchange)
            return
        faults = self.faults
        if faults.reset_rate and self._random.random() < faults.reset_rate:
            self.events["injected_reset"] += 1
            exchange.abort()
            return
        if faults.error_rate and self._random.random() < faults.error_rate:
            self.events["injected_error"] += 1
            body = b'{"ok":false,"error_code":502,"description":"Bad Gateway"}'
            exchange.reply(502, body)
            return
        status, body, hold = self._answer(path, exchange)
        if faults.lost_answer_rate and self._random.random() < faults.lost_answer_rate:
            self.events["injected_lost_answer"] += 1
            exchange.abort()
            return
        hold += faults.latency + (faults.jitter * self._random.random() if faults.jitter else 0.0)
        if hold:
            asyncio.get_running_loop().call_later(hold, exchange.reply, status, body)
        else:
            exchange.reply(status, body)

    def _answer(self, path: bytes, exchange: Exchange) -> tuple[int, bytes, float]:
        try:
            params = decode(exchange.headers.get(b"content-type", b""), exchange.body)
        except (ValueError, UnicodeDecodeError) as error:
            return _failure(400, f"Bad Request: {error}")
        if path.startswith(b"/bot"):
            return self.telegram(path.rpartition(b"/")[2].decode().lower(), params)
        if path.endswith(b"/messages"):
            return self.whatsapp(params)
        return _failure(404, "Not Found")

    def _control(self, path: bytes, exchange: Exchange) -> None:
        if path == b"/_reset":
            self.reset()
            exchange.reply(200, b"{}")
        elif path == b"/_deliveries":
            exchange.reply(200, orjson.dumps(dict(self.deliveries)))
        else:
            exchange.reply(200, orjson.dumps(self.stats()))

    def stats(self) -> dict[str, Any]:
        return {
            "calls": dict(self.calls),
            "events": dict(self.events),
            "delivered": self.events["delivered"],
            "chats_reached": len(self.deliveries),
            "first_delivery_at": self.first_delivery_at,
            "last_delivery_at": self.last_delivery_at,
            "webhook": self.webhook,
        }

    # -- Telegram -------------------------------------------------------------------

    def telegram(self, method: str, params: dict[str, Any]) -> tuple[int, bytes, float]:
        """Carry out one Bot API call; returns (status, body, seconds to hold it back)."""
        self.calls[method] += 1
        if (method.startswith("send") and method != "sendchataction") or method.startswith("editm"):
            return self._telegram_message(method, params)
        hold = 0.0
        result: Any = True
        if method == "getme":
            result = self._me
        elif method == "setwebhook":
            self.webhook = {k: v for k, v in params.items() if k in ("url", "secret_token")}
        elif method == "getwebhookinfo":
            result = {
                "url": self.webhook.get("url", ""),
                "has_custom_certificate": False,
                "pending_update_count": 0,
            }
        elif method in _WORDS_OF:
            result = _WORDS_OF[method]
        elif method == "getupdates":
            result = []
            hold = min(float(params.get("timeout") or 0), 30.0)
        elif method not in _RETURN_TRUE:
            return _failure(404, "Not Found")
        return 200, orjson.dumps({"ok": True, "result": result}), hold

    def _telegram_message(self, method: str, params: dict[str, Any]) -> tuple[int, bytes, float]:
        chat_id = str(params.get("chat_id", ""))
        if not chat_id.lstrip("-").isdigit():
            return _failure(400, "Bad Request: chat not found")
        wait = self._refused_for(chat_id)
        if wait:
            body = {
                "ok": False,
                "error_code": 429,
                "description": f"Too Many Requests: retry after {wait}",
                "parameters": {"retry_after": wait},
            }
            return 429, orjson.dumps(body), 0.0
        if method.startswith("edit"):
            message_id = int(params["message_id"])
        else:
            self._message_ids += 1
            message_id = self._message_ids
        message: dict[str, Any] = {
            "message_id": message_id,
            "from": {k: self._me[k] for k in ("id", "is_bot", "first_name", "username")},
            "chat": {"id": int(chat_id), "type": "private", "first_name": "Customer"},
            "date": int(time.time()),
        }
        if "text" in params:
            message["text"] = params["text"]
        if "caption" in params:
            message["caption"] = params["caption"]
        if method == "senddocument":
            document = params.get("document") or "file"
            message["document"] = {
                "file_id": f"file{message_id}",
                "file_unique_id": f"unique{message_id}",
                "file_name": str(document),
                "file_size": getattr(document, "size", 0),
            }
        if params.get("reply_markup"):
            markup = decode_json_field(params["reply_markup"])
            if "inline_keyboard" in markup:
                message["reply_markup"] = markup
            params["reply_markup"] = markup
        self._deliver(Telegram.read(method, params, message_id))
        return 200, orjson.dumps({"ok": True, "result": message}), 0.0

    # -- WhatsApp -------------------------------------------------------------------

    def whatsapp(self, params: dict[str, Any]) -> tuple[int, bytes, float]:
        self.calls["messages"] += 1
        self._message_ids += 1
        message_id = f"wamid.out{self._message_ids}"
        delivery = WhatsApp.read("messages", params, message_id)
        if delivery is None:
            return 200, b'{"success":true}', 0.0
        if self._refused_for(delivery.chat_id):
            error = {
                "message": "(#130429) Rate limit hit",
                "type": "OAuthException",
                "code": 130429,
            }
            return 429, orjson.dumps({"error": error}), 0.0
        self._deliver(delivery)
        body = {
            "messaging_product": "whatsapp",
            "contacts": [{"input": delivery.chat_id, "wa_id": delivery.chat_id}],
            "messages": [{"id": message_id}],
        }
        return 200, orjson.dumps(body), 0.0

    # -- shared ---------------------------------------------------------------------

    def _deliver(self, delivery: Delivery | None) -> None:
        self.events["delivered"] += 1
        self.last_delivery_at = time.time()
        self.first_delivery_at = self.first_delivery_at or self.last_delivery_at
        if delivery is None:
            return
        if self.keep_deliveries:
            self.deliveries[delivery.chat_id] += 1
        if self.on_delivery is not None:
            self.on_delivery(delivery)

    def _refused_for(self, chat_id: str) -> int:
        """0 when the message may pass, else whole seconds to wait (the 429's retry_after)."""
        limits = self.limits
        if not limits.global_rate and not limits.chat_rate:
            return 0
        now = time.monotonic()
        if self._global is None:
            self._global = _Bucket(limits.global_burst, now)
        chat = self._chats.get(chat_id)
        if chat is None:
            chat = self._chats[chat_id] = _Bucket(limits.chat_burst, now)
        if now < max(chat.retry_at, self._global.retry_at):
            self.events["retried_too_early"] += 1
        if limits.chat_rate and (wait := chat.take(limits.chat_rate, limits.chat_burst, now)):
            self.events["refused_chat_limit"] += 1
            chat.retry_at = now + wait
            return math.ceil(wait)
        if limits.global_rate and (
            wait := self._global.take(limits.global_rate, limits.global_burst, now)
        ):
            self.events["refused_global_limit"] += 1
            chat.tokens = min(limits.chat_burst, chat.tokens + 1.0)
            self._global.retry_at = now + wait
            return math.ceil(wait)
        return 0


_WORDS_OF: dict[str, Any] = {
    "getmycommands": [],
    "getmydescription": {"description": ""},
    "getmyname": {"name": "Bench"},
    "getmyshortdescription": {"short_description": ""},
}
_RETURN_TRUE = {
    "answercallbackquery",
    "answerinlinequery",
    "close",
    "deletemessage",
    "deletemessages",
    "deletemycommands",
    "deletewebhook",
    "leavechat",
    "logout",
    "pinchatmessage",
    "sendchataction",
    "setchatmenubutton",
    "setmessagereaction",
    "setmycommands",
    "setmydescription",
    "setmyname",
    "setmyshortdescription",
    "unpinchatmessage",
}


def _failure(code: int, description: str) -> tuple[int, bytes, float]:
    body = {"ok": False, "error_code": code, "description": description}
    return code, orjson.dumps(body), 0.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("fake API")
    group.add_argument("--api-host", default="127.0.0.1")
    group.add_argument("--api-port", type=int, default=8081)
    group.add_argument(
        "--enforce-limits", action="store_true", help="30 messages/s in all, 1/s per chat, else 429"
    )
    group.add_argument("--limit-global", type=float, metavar="PER_S")
    group.add_argument("--limit-chat", type=float, metavar="PER_S")
    group.add_argument("--chat-burst", type=float, metavar="N")
    group.add_argument("--error-rate", type=float, default=0.0, help="share answered 502")
    group.add_argument("--reset-rate", type=float, default=0.0, help="share dropped, undelivered")
    group.add_argument(
        "--lost-answer-rate", type=float, default=0.0, help="share delivered but then dropped"
    )
    group.add_argument("--latency-ms", type=float, default=0.0)
    group.add_argument("--jitter-ms", type=float, default=0.0)
    group.add_argument("--fault-seed", type=int, default=1)


def from_arguments(args: argparse.Namespace, **options: Any) -> FakeBotAPI:
    limits = Limits(**vars(TELEGRAM_LIMITS)) if args.enforce_limits else Limits()
    if args.limit_global is not None:
        limits.global_rate = args.limit_global
    if args.limit_chat is not None:
        limits.chat_rate = args.limit_chat
    if args.chat_burst is not None:
        limits.chat_burst = args.chat_burst
    faults = Faults(
        error_rate=args.error_rate,
        reset_rate=args.reset_rate,
        lost_answer_rate=args.lost_answer_rate,
        latency=args.latency_ms / 1000,
        jitter=args.jitter_ms / 1000,
        seed=args.fault_seed,
    )
    return FakeBotAPI(limits, faults, **options)


async def _main(args: argparse.Namespace) -> None:
    api = from_arguments(args, keep_deliveries=True)
    server = await serve(api.handle, args.api_host, args.api_port)
    print(f"fake Bot API on http://{args.api_host}:{args.api_port}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    import uvloop

    parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(parser)
    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(_main(parser.parse_args()))
