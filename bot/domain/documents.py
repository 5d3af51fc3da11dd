"""Documents: who must say who he is before one opens, where an access came from, and what a file is."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from pathlib import PurePath

from bot.domain.errors import Invalid

MOST_BYTES = 10 * 1024 * 1024
"""The largest file that is taken: mail servers refuse more than some 25 MB, a third of it encoding."""
MEDIA_TYPES: Mapping[str, str] = {
    ".pdf": "application/pdf",
    ".xml": "application/xml",
    ".csv": "text/csv",
    ".txt": "text/plain",
    ".zip": "application/zip",
    ".ofx": "application/x-ofx",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}
"""What is taken, by ending. Nothing a browser would run is among it."""

_MONTH = re.compile(r"(?:(?P<year>\d{4})-(?P<month>\d{1,2})|(?P<m>\d{1,2})/(?P<y>\d{4}))", re.A)
_SHORT, _LONG = 24, 48
_LONGEST_NAME = 100


def login_required(*, document: bool | None, customer: bool | None, brand: bool) -> bool:
    """Whether one must be known to open a document: what it says itself, else its customer, else the brand."""
    if document is not None:
        return document
    return brand if customer is None else customer


def came_from(host: str) -> str:
    """A network instead of the one computer in it: `203.0.113.0/24`, `2001:db8:7::/48`; "" if it is none.

    Enough to tell a city or a firm, too little to tell a person (LGPD art. 6 III: no more than needed).
    """
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return str(ipaddress.ip_network((address, _LONG), strict=False))
        address = address.ipv4_mapped
    return str(ipaddress.ip_network((address, _SHORT), strict=False))


def media_type_of(file_name: str) -> str:
    """What a file is, by its ending. Raises Invalid ("format") for what is not taken."""
    kind = MEDIA_TYPES.get(PurePath(file_name).suffix.lower())
    if kind is None:
        raise Invalid("format", f"a document ends in one of {', '.join(MEDIA_TYPES)}")
    return kind


def safe_file_name(name: str) -> str:
    """A name that any system can save: the last part of a path, without controls and reserved signs.

    Raises Invalid ("empty") if nothing is left of it.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(c for c in last if unicodedata.category(c)[0] not in "CZ" or c == " ")
    kept = re.sub(r'[<>:"|?*]+', "-", kept).strip(" .")
    if not kept:
        raise Invalid("empty", "a file needs a name")
    stem, dot, ending = kept.rpartition(".")
    if not dot:
        return kept[:_LONGEST_NAME]
    return f"{stem[: _LONGEST_NAME - len(ending) - 1]}.{ending}"


def parse_period(text: str) -> str:
    """A month, "11/2026" or "2026-11", as "2026-11". Raises Invalid ("format", "no_such_date")."""
    found = _MONTH.fullmatch(text.strip())
    if found is None:
        raise Invalid("format", "a month is written 11/2026 or 2026-11")
    year, month = int(found["year"] or found["y"]), int(found["month"] or found["m"])
    try:
        return f"{date(year, month, 1):%Y-%m}"
    except ValueError as error:
        raise Invalid("no_such_date", "there is no such month") from error
