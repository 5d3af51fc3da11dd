"""Decode the request bodies bots send: JSON, URL-encoded and multipart forms."""

from __future__ import annotations

from typing import Any, Self
from urllib.parse import parse_qsl

import orjson


class Upload(str):
    """A file part of a multipart form, kept as its name and size only."""

    size: int

    def __new__(cls, name: str, size: int) -> Self:
        self = super().__new__(cls, name)
        self.size = size
        return self


def decode(content_type: bytes, body: bytes) -> dict[str, Any]:
    """The parameters of a call. Raises ValueError for a body of another kind."""
    if not body:
        return {}
    if content_type.startswith(b"application/json"):
        parameters: dict[str, Any] = orjson.loads(body)
        return parameters
    if content_type.startswith(b"application/x-www-form-urlencoded"):
        return dict(parse_qsl(body.decode(), keep_blank_values=True))
    if content_type.startswith(b"multipart/form-data"):
        return _decode_multipart(content_type, body)
    raise ValueError(f"unsupported content type {content_type!r}")


def _decode_multipart(content_type: bytes, body: bytes) -> dict[str, Any]:
    boundary = content_type.split(b"boundary=", 1)[1].split(b";", 1)[0].strip(b'"')
    fields: dict[str, Any] = {}
    for part in body.split(b"--" + boundary)[1:-1]:
        head, _, value = part.partition(b"\r\n\r\n")
        value = value.removesuffix(b"\r\n")
        name = _parameter(head, b" name=")
        filename = _parameter(head, b"filename=")
        fields[name] = Upload(filename, len(value)) if filename else value.decode()
    return fields


def _parameter(head: bytes, key: bytes) -> str:
    _, found, rest = head.partition(key)
    if not found:
        return ""
    return rest.lstrip(b'"').split(b'"', 1)[0].split(b"\r\n", 1)[0].decode()


def decode_json_field(value: Any) -> Any:
    """Form fields that hold objects arrive as JSON text; JSON bodies hold them as objects."""
    if isinstance(value, str):
        return orjson.loads(value) if value else None
    return value
