"""The demo page: the chat on the left, and on the right the mailbox and who one can be."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.web.headers import MAIL_POLICY
from bot.web.pages import LANGUAGES, ChatPage
from bot.web.ports import MailAttachment, Mailbox, MailMessage, MailSummary

__all__ = ["DemoPage", "MailAttachment", "MailMessage", "MailSummary", "Mailbox", "Persona"]

_DOCTYPE = re.compile(r"\s*<!doctype[^>]*>", re.IGNORECASE)
_SHOWN = ("application/pdf", "image/png", "image/jpeg", "image/webp")
"""What a browser may show by itself; anything else is downloaded."""


@dataclass(frozen=True, slots=True)
class Persona:
    """Someone a newcomer can be."""

    description: str | Mapping[str, str]
    """What is to be seen with them, or that by locale: `A person with one overdue invoice`."""
    name: str
    tax_id: str
    """As people write it: `529.982.247-25`."""
    email: str

    @property
    def descriptions(self) -> Sequence[tuple[str, str]]:
        """(language tag, words); no tag if there is but one."""
        if isinstance(self.description, str):
            return [("", self.description)]
        return [(LANGUAGES.get(locale, locale), it) for locale, it in self.description.items()]


class DemoPage:
    """`/`: the chat page with a mailbox beside it. Only for the demo: everybody sees every mail."""

    def __init__(
        self,
        chat: ChatPage,
        mailbox: Mailbox,
        personas: Sequence[Persona],
        *,
        welcomes: Callable[[HTTPConnection], bool],
    ) -> None:
        """`welcomes` says whether a page may connect (`WebChat.door.welcomes`)."""
        self._chat = chat
        self._mailbox = mailbox
        self._personas = personas
        self._welcomes = welcomes

    def routes(self) -> Sequence[BaseRoute]:
        return [
            Route("/", self._page),
            WebSocketRoute("/demo/mail/ws", self._live),
            Route("/demo/mail/{id:int}", self._mail),
            Route("/demo/mail/{id:int}/html", self._html),
            Route("/demo/mail/{id:int}/file/{n:int}", self._file),
        ]

    async def _page(self, request: Request) -> Response:
        return self._chat.render(request, "demo.html", personas=self._personas)

    async def _live(self, websocket: WebSocket) -> None:
        """The mails the page does not have, then each as it arrives; a page says `{"after": id}` first."""
        if not self._welcomes(websocket):
            await websocket.close()
            return
        await websocket.accept()
        try:
            first = await websocket.receive_json()
        except (WebSocketDisconnect, KeyError, ValueError):
            return
        after = first.get("after") if isinstance(first, dict) else None
        sending = asyncio.create_task(self._send(websocket, after if type(after) is int else 0))
        try:
            await _until_gone(websocket, sending)
        finally:
            sending.cancel()
            await asyncio.wait({sending})
        if not sending.cancelled() and (error := sending.exception()):
            raise error

    async def _send(self, websocket: WebSocket, after: int) -> None:
        kept = {summary.id for summary in self._mailbox.list()}
        try:
            # A page from before the mailbox was emptied begins anew.
            if after and (not kept or after > max(kept)):
                await websocket.send_json({"type": "emptied"})
                after = 0
            await websocket.send_json({"type": "ready"})
            mails = self._mailbox.subscribe(after)
            async with aclosing(mails):
                async for summary in mails:
                    await websocket.send_json({"type": "mail", **_listed(summary)})
        except (WebSocketDisconnect, OSError):
            return  # the page is gone; it asks again for what it does not have

    async def _mail(self, request: Request) -> Response:
        mail = self._mailbox.get(int(request.path_params["id"]))
        if mail is None:
            return Response(status_code=404)
        id = mail.summary.id
        return JSONResponse(
            {
                **_listed(mail.summary),
                "headers": [list(header) for header in mail.headers],
                "text": mail.text,
                "html": f"/demo/mail/{id}/html" if mail.html is not None else None,
                "files": [
                    {
                        "name": file.name,
                        "type": file.media_type,
                        "size": file.size,
                        "url": f"/demo/mail/{id}/file/{n}",
                    }
                    for n, file in enumerate(mail.attachments)
                ],
            }
        )

    async def _html(self, request: Request) -> Response:
        mail = self._mailbox.get(int(request.path_params["id"]))
        if mail is None or mail.html is None:
            return Response(status_code=404)
        doctype = _DOCTYPE.match(mail.html)
        head, rest = (doctype[0], mail.html[doctype.end() :]) if doctype else ("", mail.html)
        # Links leave the frame; a second <base> of the mail's own counts for nothing.
        return HTMLResponse(
            f'{head}<base target="_blank">{rest}',
            headers={"Content-Security-Policy": MAIL_POLICY},
        )

    async def _file(self, request: Request) -> Response:
        params = request.path_params
        document = self._mailbox.attachment(int(params["id"]), int(params["n"]))
        if document is None:
            return Response(status_code=404)
        shown = document.media_type in _SHOWN and "download" not in request.query_params
        return Response(
            document.content,
            media_type=document.media_type,
            headers={
                "Content-Disposition": f"{'inline' if shown else 'attachment'}; "
                f"filename*=UTF-8''{quote(document.name, safe='')}",
            },
        )


def _listed(mail: MailSummary) -> dict[str, Any]:
    return {
        "id": mail.id,
        "at": mail.at.isoformat(),
        "sender": mail.sender,
        "to": mail.to,
        "subject": mail.subject,
        "attachments": mail.attachments,
    }


async def _until_gone(websocket: WebSocket, sending: asyncio.Task[None]) -> None:
    """Until the page leaves, or there is nothing to send any more."""

    async def listen() -> None:
        while (await websocket.receive())["type"] != "websocket.disconnect":
            pass

    listening = asyncio.create_task(listen())
    try:
        await asyncio.wait({listening, sending}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        listening.cancel()
        await asyncio.wait({listening})
