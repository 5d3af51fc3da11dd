"""What is derived from the server's key: codes, hashes of what is secret, tokens of notices."""

from __future__ import annotations

import base64
import hmac

_SIGNS = "0123456789abcdefghijklmnopqrstuvwxyz"
_LARGEST_ID = 2**63 - 1


class Keys:
    """Derives by HMAC-SHA256 (RFC 2104); each use has a domain of its own, so none tells of another."""

    def __init__(self, server_key: bytes) -> None:
        """`server_key`: at least 16 random bytes, kept out of the database.

        Raises ValueError if it is shorter.
        """
        if len(server_key) < 16:
            raise ValueError("the server key must have at least 16 bytes")
        self._key = server_key

    def digits(self, purpose: str, id: int, length: int) -> str:
        """`length` decimal digits (1 to 18) for a row of a purpose ("code", 12); the same every time.

        256 bits are reduced modulo 10**length: no digit is likelier than another by more than 2**-196.
        """
        if not 1 <= length <= 18:
            raise ValueError("a secret has 1 to 18 digits")
        number = int.from_bytes(self._mac("digits", purpose, str(id)))
        return f"{number % 10**length:0{length}}"

    def hash(self, purpose: str, text: str) -> str:
        """64 hexadecimal digits that stand for a secret or a tax id."""
        return self._mac("hash", purpose, text).hex()

    def notice_token(self, id: int) -> str:
        """What the buttons of a notice carry as `m<token>:<n>`: at most 30 ASCII characters."""
        return f"{_base36(id)}.{self._seal(id)}"

    def notice_id(self, token: str) -> int | None:
        """The row a token of ours names, or None if we did not make it (constant time)."""
        name, dot, seal = token.partition(".")
        if not dot or not 0 < len(name) <= 13 or not seal.isascii() or set(name) - set(_SIGNS):
            return None
        id = int(name, 36)
        genuine = hmac.compare_digest(seal, self._seal(id))
        return id if genuine and id <= _LARGEST_ID else None

    def _seal(self, id: int) -> str:
        return base64.b32encode(self._mac("notice", str(id))[:10]).decode().lower()

    def _mac(self, *words: str) -> bytes:
        # The length before each word keeps ("ab", "c") from being ("a", "bc").
        raw = [word.encode(errors="surrogatepass") for word in words]
        return hmac.digest(self._key, b"".join(b"%d:%s" % (len(w), w) for w in raw), "sha256")


def _base36(number: int) -> str:
    signs = ""
    while True:
        number, rest = divmod(number, 36)
        signs = _SIGNS[rest] + signs
        if not number:
            return signs


def notice_token(server_key: bytes, id: int) -> str:
    """`Keys.notice_token` for who holds nothing but the key."""
    return Keys(server_key).notice_token(id)
