"""What `balcao check` asks of the public address: is it one, and does this Balcão answer there?"""

from __future__ import annotations

import http.client
import json
import re
import socket
import ssl
from typing import Any
from urllib.parse import urlsplit

from bot.run_check.probing import Broken, Note, on_this_machine
from bot.settings import Http

SECONDS = 10.0
"""For connecting, and for the answer."""
PATH = "/healthz"
LARGEST = 10_000
"""Bytes of an answer that are read; ours has a hundred."""
_HOST = re.compile(
    r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)
_MAY = "may hold https://… as customers and Telegram reach it"
_NOTHING_BEHIND = (502, 503, 504)


def public_url(settings: Http) -> str:
    """The address is https, its name resolves, its certificate is good, and Balcão answers there."""
    held = f"http.public_url: holds {settings.public_url!r}"
    if not settings.public_url:
        if on_this_machine(settings.host):
            return f"none: the web chat is on this machine alone ({settings.host}:{settings.port})"
        raise Broken(
            f"http.public_url: is missing, and http.host holds {settings.host!r}, which others reach;"
            f" {_MAY}"
        )
    try:
        url = urlsplit(settings.public_url)
        host, port = url.hostname or "", url.port
    except ValueError as error:
        raise Broken(f"{held}, whose port is none; {_MAY}") from error
    if url.username is not None:
        raise Broken(f"http.public_url: holds a user's name or password; {_MAY}")
    if on_this_machine(host):
        return f"{settings.public_url}: this machine alone"
    if url.scheme != "https":
        raise Broken(
            f"{held}, which is not https; put a proxy with a certificate before Balcão"
            " (caddy, nginx) and set its https address"
        )
    if not _is_name(host):
        raise Broken(f"{held}, and {host!r} is no host name customers can resolve; {_MAY}")
    return _reached(settings, host, port)


def _reached(settings: Http, host: str, port: int | None) -> str:
    """What answers there, as this machine sees it."""
    held = f"http.public_url: holds {settings.public_url!r}"
    inside = f"{settings.host}:{settings.port}"
    there = http.client.HTTPSConnection(host, port, timeout=SECONDS)
    try:
        there.request("GET", PATH)
        answer = there.getresponse()
        status, body = answer.status, answer.read(LARGEST)
    except socket.gaierror as error:
        raise Broken(
            f"{held}, and the DNS does not know {host!r}; make its record there, or it {_MAY}"
        ) from error
    except ssl.SSLCertVerificationError as error:
        raise Broken(
            f"{held}, whose certificate is not good ({error.verify_message}); renew it at the proxy"
        ) from error
    except ssl.SSLError as error:
        raise Broken(
            f"{held}, and no TLS is spoken there ({error.reason}); set a certificate at the proxy"
        ) from error
    except (OSError, http.client.HTTPException) as error:
        raise Broken(
            f"{held}, which this machine does not reach ({type(error).__name__}); does the proxy run,"
            f" is its port open, and does it lead to {inside}?"
        ) from error
    finally:
        there.close()
    parts = _health(body)
    if parts is not None:
        ill = [name for name, well in parts.items() if not well]
        if not ill:
            return f"{settings.public_url}: reached, Balcão answers"
        return Note(f"{settings.public_url}: reached; Balcão says that {', '.join(ill)} is ill")
    if status in _NOTHING_BEHIND:
        return Note(
            f"{settings.public_url}: the proxy is reached, and nothing behind it (status {status});"
            f" `balcao run` listens at {inside}"
        )
    raise Broken(
        f"{held}, and what answers there is not Balcão (status {status} at {PATH});"
        f" lead the proxy to {inside}"
    )


def _health(body: bytes) -> dict[str, Any] | None:
    """What Balcão says of its parts; None if it is somebody else's page."""
    try:
        said = json.loads(body)
        return dict(said["parts"])
    except (ValueError, TypeError, KeyError):
        return None


def _is_name(host: str) -> bool:
    try:
        return bool(_HOST.fullmatch(host.encode("idna").decode() if not host.isascii() else host))
    except UnicodeError:
        return False
