"""Who may come in to the web chat: the cookie that is an address, and the pages that may connect."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import Response

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_DEFAULT_PORT = {"http": 80, "https": 443}

PLAIN_COOKIE = "balcao"
HOST_COOKIE = "__Host-balcao"
"""Over https: no neighbour on another subdomain can plant it (RFC 6265bis, 4.1.3.2)."""


class Door:
    """The cookie and the origins of one web chat."""

    def __init__(
        self,
        *,
        new_token: Callable[[], str],
        origins: Collection[str] = (),
        secure: bool = False,
        keep: timedelta,
    ) -> None:
        """`new_token` gives 256 random bits as 43 url-safe letters; `origins` may connect besides
        the page's own host (`https://www.example.com`); `secure`: visitors come by https even if a
        proxy hides it; `keep` is how long a browser is remembered after its last visit.
        """
        self._new_token = new_token
        self._origins = {_origin(each) for each in origins} - {None}
        self._secure = secure
        self._keep = keep

    def chat_of(self, cookies: Mapping[str, str]) -> str | None:
        """The address a browser's cookies stand for: a hash, so that no row opens a chat."""
        token = cookies.get(HOST_COOKIE) or (None if self._secure else cookies.get(PLAIN_COOKIE))
        if token is None or not _TOKEN.fullmatch(token):
            return None
        return hashlib.sha256(token.encode()).hexdigest()

    def admit(self, request: HTTPConnection, response: Response, *, anew: bool = False) -> None:
        """Give a browser its cookie, or keep the one it has for longer; `anew`: always another."""
        secure = self._secure or request.url.scheme == "https"
        name = HOST_COOKIE if secure else PLAIN_COOKIE
        token = request.cookies.get(name, "")
        if anew or not _TOKEN.fullmatch(token):
            token = self._new_token()
        response.set_cookie(
            name,
            token,
            max_age=int(self._keep.total_seconds()),
            path="/",
            secure=secure,
            httponly=True,
            samesite="lax",
        )

    def welcomes(self, request: HTTPConnection) -> bool:
        """Whether the page that connects is our own or a configured one. No Origin: no page."""
        origin = _origin(request.headers.get("origin", ""))
        if origin is None:
            return False
        if origin in self._origins:
            return True
        scheme = origin[0]
        return origin == _origin(f"{scheme}://{request.headers.get('host', '')}")


def _origin(url: str) -> tuple[str, str, int] | None:
    """(scheme, host, port) of an origin, or None if it is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORT or not parts.hostname:
        return None
    return parts.scheme, parts.hostname, port or _DEFAULT_PORT[parts.scheme]
