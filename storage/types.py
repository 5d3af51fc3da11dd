"""Column types of our own: UTC instants, centavos, JSON as compact text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from bot.core.json_codec import encoded, read_back

T = TypeVar("T")


class Converted(TypeDecorator[T]):
    """A type that tells how one value is converted, so that prepared statements need no more calls.

    What is no value (None) stays none.
    """

    def writes(self, dialect: Dialect) -> Callable[[T], Any]:
        """From ours to what the driver takes."""
        raise NotImplementedError

    def reads(self, dialect: Dialect) -> Callable[[Any], T]:
        """From what the driver gives to ours."""
        raise NotImplementedError

    def process_bind_param(self, value: T | None, dialect: Dialect) -> Any:
        return None if value is None else self.writes(dialect)(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> T | None:
        return None if value is None else self.reads(dialect)(value)


def _utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("an instant without a time zone")
    return value.astimezone(UTC)


@lru_cache(maxsize=64)  # a turn writes its own instant into several rows
def _iso(value: datetime) -> str:
    return _utc(value).isoformat(timespec="microseconds")


class Instant(Converted[datetime]):
    """An aware instant, UTC. On SQLite ISO text of one width, so that it sorts as time does."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Text())
        return dialect.type_descriptor(DateTime(timezone=True))

    def writes(self, dialect: Dialect) -> Callable[[datetime], Any]:
        return _iso if dialect.name == "sqlite" else _utc

    def reads(self, dialect: Dialect) -> Callable[[Any], datetime]:
        return datetime.fromisoformat if dialect.name == "sqlite" else _utc


def _centavos(value: Decimal) -> int:
    cents = value.scaleb(2)
    if cents != cents.to_integral_value():
        raise ValueError("money with less than a centavo")
    return int(cents)


def _reais(value: int) -> Decimal:
    return Decimal(value).scaleb(-2)


class Centavos(Converted[Decimal]):
    """Money: a Decimal with two places outside, an integer of centavos in the table."""

    impl = BigInteger
    cache_ok = True

    def writes(self, dialect: Dialect) -> Callable[[Decimal], int]:
        return _centavos

    def reads(self, dialect: Dialect) -> Callable[[Any], Decimal]:
        return _reais


def _text(value: Any) -> str:
    return encoded(value).decode()


class Json(Converted[Any]):
    """JSON as compact text on both databases: it is read whole and never searched."""

    impl = Text
    cache_ok = True

    def writes(self, dialect: Dialect) -> Callable[[Any], str]:
        return _text

    def reads(self, dialect: Dialect) -> Callable[[Any], Any]:
        return read_back


BigId = BigInteger().with_variant(Integer, "sqlite")
"""A row id: SQLite numbers only INTEGER keys by itself."""
