"""Calls to the Bot API: kept connections, and what each refusal means for a message.

Calls are plain dicts over a wire of our own, files go and come with aiohttp: aiogram's models cost more
time a message than the rest of a turn, and importing them seconds of a restart. In the tests aiogram's
own types judge every request (docs/telegram.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NoReturn
from urllib.parse import quote

import aiohttp
from yarl import URL

from bot.channels.telegram.wire import Answer, Wire
from bot.core.errors import Permanent, Temporary
from bot.core.json_codec import decoded, encoded
from bot.core.message import JSON, Document

API_URL = "https://api.telegram.org"
CALL_SECONDS = 30.0
"""A call that took longer is a cut connection."""
UPLOAD_SECONDS = 120.0
RETRY_FILE = timedelta(seconds=5)
"""A file server that is asked too often says nothing of when."""
UNAUTHORIZED_AFTER = timedelta(minutes=1)
"""A token that is refused today may be mended in a minute, not in a second."""

_GONE = (
    "chat not found",
    "user not found",
    "peer_id_invalid",
    "user_is_deleted",
    "group chat was upgraded",
)
_NO_FILE = ("wrong file_id", "invalid file_id", "wrong file identifier", "invalid file id")

Alarm = Callable[[str, str | None], None]
"""(key, words) when the operator has to mend something; words None when it is over."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in a call: the parameter it stands for, and the document."""

    parameter: str
    document: Document


class BotApi:
    """One bot at one Bot API server. The token is in no log and in no error."""

    def __init__(
        self,
        account: str,
        token: str,
        *,
        url: str = API_URL,
        alarm: Alarm = lambda _key, _words: None,
    ) -> None:
        self._account = account
        self._base = f"{url.rstrip('/')}/bot{token}/"
        self._files = f"{url.rstrip('/')}/file/bot{token}/"
        self._alarm = alarm
        self._wire = Wire(URL(self._base))
        self._session: aiohttp.ClientSession | None = None

    async def call(
        self,
        method: str,
        parameters: Mapping[str, JSON] | None = None,
        *,
        upload: Upload | None = None,
        harmless: Sequence[str] = (),
        seconds: float | None = None,
    ) -> JSON:
        """The `result` of a call; None if it was refused for a `harmless` reason (its lower-case words).

        Raises Permanent or Temporary. A call whose answer was lost raises Temporary: the Bot API knows
        no idempotence, so what is then sent again may arrive twice.
        """
        given = parameters or {}
        try:
            if upload is None:
                answer = await self._wire.post(method, encoded(given), seconds or CALL_SECONDS)
            else:
                answer = await self._upload(method, _form(given, upload), seconds or UPLOAD_SECONDS)
        except TimeoutError:
            raise Temporary("timeout") from None
        except (aiohttp.ClientError, OSError) as error:
            # Not chained: some of aiohttp's errors name the URL, and the token is in it.
            raise Temporary("connection", type(error).__name__) from None
        return self._result(*answer, harmless)

    async def _upload(self, method: str, form: aiohttp.FormData, seconds: float) -> Answer:
        async with self._open().post(
            URL(self._base + method),
            data=form,
            timeout=aiohttp.ClientTimeout(total=seconds),
            allow_redirects=False,
        ) as answer:
            return answer.status, await answer.read()

    async def fetch(self, file_id: str, most: int) -> bytes:
        """The bytes of a file that somebody sent, at most `most` (Telegram hands over up to 20 MB).

        Raises Permanent("too_large"), Permanent("gone") for an id it does not know, or as `call` does.
        """
        found = await self.call("getFile", {"file_id": file_id})
        path = found.get("file_path") if isinstance(found, dict) else None
        if not isinstance(path, str):
            raise Temporary("server", "no file_path")
        if path.startswith("/"):  # a Bot API server of one's own that was started with --local
            raise Permanent("not_configured", "the Bot API server hands out paths of its own disk")
        try:
            async with self._open().get(
                URL(self._files + quote(path), encoded=True),
                timeout=aiohttp.ClientTimeout(total=UPLOAD_SECONDS),
                allow_redirects=False,
            ) as answer:
                if answer.status != 200:
                    after = RETRY_FILE if answer.status == 429 else None
                    raise Temporary("server", f"status {answer.status}", after=after)
                content = bytearray()
                async for part in answer.content.iter_chunked(1 << 16):
                    content += part
                    if len(content) > most:
                        raise Permanent("too_large")
        except TimeoutError:
            raise Temporary("timeout") from None
        except (aiohttp.ClientError, OSError) as error:
            # Not chained: some of aiohttp's errors name the URL, and the token is in it.
            raise Temporary("connection", type(error).__name__) from None
        return bytes(content)

    async def close(self) -> None:
        """Give the connections back."""
        await self._wire.close()
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=100, keepalive_timeout=60)
            self._session = aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar()
            )
        return self._session

    def _result(self, status: int, body: bytes, harmless: Sequence[str]) -> JSON:
        try:
            answer = decoded(body)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            if status == 413:
                raise Permanent("too_large")
            raise Temporary("server", f"status {status}")
        if answer.get("ok") is True:
            self._alarm(f"telegram:{self._account}", None)
            return answer.get("result")
        words = str(answer.get("description", "")).lower()
        if any(reason in words for reason in harmless):
            return None
        given = answer.get("parameters")
        self._refuse(answer.get("error_code", status), words, given if given else {})

    def _refuse(self, code: Any, words: str, given: Mapping[str, JSON]) -> NoReturn:
        match code:
            case 400 if "migrate_to_chat_id" in given or any(each in words for each in _GONE):
                raise Permanent("gone", flag=True)
            case 400 if "file is too big" in words:
                raise Permanent("too_large")
            case 400 if any(each in words for each in _NO_FILE):
                raise Permanent("gone")
            case 400:
                raise Permanent("refused", words)
            case 403:  # blocked, deactivated, never began a chat: it is not ours to write there
                raise Permanent("blocked", flag=True)
            case 401 | 404:
                self._alarm(
                    f"telegram:{self._account}",
                    "Telegram refuses the bot's token; set the right one and start again",
                )
                raise Temporary("unauthorized", after=UNAUTHORIZED_AFTER)
            case 409:
                raise Temporary("conflict", words)
            case 413:
                raise Permanent("too_large")
            case 429:
                seconds = max(1, int(given.get("retry_after", 1)))
                raise Temporary("limited", after=timedelta(seconds=seconds))
            case _:
                raise Temporary("server", f"status {code}")


def _form(parameters: Mapping[str, JSON], upload: Upload) -> aiohttp.FormData:
    # Telegram shows a file's name as it stands in the part's header, so it is not percent-encoded.
    form = aiohttp.FormData(quote_fields=False)
    for name, value in parameters.items():
        form.add_field(name, value if isinstance(value, str) else encoded(value).decode())
    document = upload.document
    name = "".join(" " if sign in '"\\/' or sign < " " else sign for sign in document.name)
    form.add_field(
        upload.parameter, document.content, filename=name, content_type=document.media_type
    )
    return form
