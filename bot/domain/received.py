"""Files that customers send: how large, of which kind by their first bytes, and under what name they are kept."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.documents import safe_file_name
from bot.domain.errors import Invalid

LARGEST = 10 * 2**20
"""Bytes of a file that is taken; a third more as an attachment, which mail servers still accept."""
ENDINGS: Mapping[str, tuple[str, ...]] = {
    "application/pdf": (".pdf",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/webp": (".webp",),
}
"""What is taken, by media type, with the endings that may stay; the first one is added to any other name."""
TYPES = tuple(ENDINGS)
HEAD = 16
"""So many first bytes tell what a file is."""

_RIFF, _WEBP = b"RIFF", b"WEBP"
_SIGNATURES: Mapping[bytes, str] = {
    b"%PDF-": "application/pdf",  # ISO 32000-1, 7.5.2
    b"\xff\xd8\xff": "image/jpeg",  # ITU-T T.81, B.1.1.3
    b"\x89PNG\r\n\x1a\n": "image/png",  # W3C PNG, 5.2
}


def media_type_of(content: bytes | bytearray) -> str | None:
    """What a file really is, by its first bytes; None: nothing that is taken, whatever its name says."""
    head = bytes(content[:HEAD])
    if head[:4] == _RIFF and head[8:12] == _WEBP:  # RFC 9649, 2.3
        return "image/webp"
    return next((kind for start, kind in _SIGNATURES.items() if head.startswith(start)), None)


def kept_name(name: str, media_type: str) -> str:
    """A name any system can save, with an ending that says what the file is.

    `media_type` is one of `TYPES`. Nothing left of the name: it is called "file".
    """
    endings = ENDINGS[media_type]
    try:
        safe = safe_file_name(name)
    except Invalid:
        safe = "file"
    return safe if safe.lower().endswith(endings) else safe_file_name(f"{safe}{endings[0]}")
