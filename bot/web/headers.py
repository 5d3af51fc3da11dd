"""The security headers of every response to a browser; a page that needs more says so itself."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

CLOSED = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
"""The policy of whatever is no page: it may load nothing and be framed by nobody."""


def page_policy(framed_by: Iterable[str] = ()) -> str:
    """The policy of our pages: files of our own alone, nothing inline, no markup from strings.

    `framed_by` are the origins that may embed the page besides our own.
    """
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "frame-src 'self'",
            "manifest-src 'self'",
            "form-action 'none'",
            "base-uri 'none'",
            " ".join(["frame-ancestors 'self'", *framed_by]),
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ]
    )


MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; "
    "style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
)
"""The policy of a mail shown in a frame: its own styles and written-in pictures, nothing else."""


class SecurityHeaders:
    """ASGI middleware that adds what a response does not say itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        ours = _OVER_TLS if scope["scheme"] == "https" else _HEADERS

        def with_headers(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                given = message.get("headers", ())
                said = {name for name, _value in given}
                message["headers"] = [*given, *(pair for pair in ours if pair[0] not in said)]
            return send(message)

        await self._app(scope, receive, with_headers)


_HEADERS = [
    (name.lower().encode(), value.encode())
    for name, value in {
        "Content-Security-Policy": CLOSED,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }.items()
]
_OVER_TLS = [*_HEADERS, (b"strict-transport-security", b"max-age=31536000")]
