"""Privacy: which messages can be switched off, how long what must be kept, by when a wish is answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from bot.domain.calendar import add_months

ANSWER_DAYS = 15
"""Calendar days until a wish about one's data is answered (LGPD art. 19 II)."""
FISCAL_YEARS = 5
"""How long records of what was charged and paid are kept (CTN art. 173 and 174)."""
ACCESS_MONTHS = 6
"""How long records of access are kept (Marco Civil da Internet, Lei 12.965/2014, art. 15)."""


class Kind(StrEnum):
    """What a message is about that nobody asked for just now."""

    INVOICES = "invoices"
    """An invoice is there, due or late."""
    PAYMENTS = "payments"
    """A payment came in, was refused or refunded."""
    SECURITY = "security"
    """Codes, changes of the registration, who was let in."""
    CONTRACT = "contract"
    """The service itself: documents, contracts, interruptions."""
    REMINDERS = "reminders"
    """A friendly word before the due date."""
    NEWS = "news"
    """Offers and news."""


OPTIONAL: Mapping[Kind, bool] = MappingProxyType({Kind.REMINDERS: True, Kind.NEWS: False})
"""What can be switched off, and how it is until somebody says otherwise.

The rest is required: it rests on the contract and on law (LGPD art. 7 II and V), not on a consent.
"""
BY_CONSENT = frozenset({Kind.NEWS})
"""What is sent only after a consent (LGPD art. 7 I)."""


def answer_by(asked: date) -> date:
    """The last day to answer a wish of that day (LGPD art. 19 II)."""
    return asked + timedelta(days=ANSWER_DAYS)


def fiscal_until(day: date) -> date:
    """The first day on which a record of that day need not be kept any more.

    Five years from the first day of the year after it (CTN art. 173 I), the longer of the two terms.
    """
    return date(day.year + 1 + FISCAL_YEARS, 1, 1)


def fiscal_since(today: date) -> date:
    """The earliest day whose records must still be kept today; `fiscal_until` the other way round."""
    return date(today.year - FISCAL_YEARS, 1, 1)


def access_since(today: date) -> date:
    """The earliest day whose records of access must still be kept today."""
    return add_months(today, -ACCESS_MONTHS)
