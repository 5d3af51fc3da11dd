"""Standing: whether a customer owes, and what status and standing together allow."""

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from bot.domain.charges import days_late


class Status(StrEnum):
    """What staff, or the rule of days, decided about a customer."""

    ACTIVE = "active"
    BLOCKED = "blocked"
    CANCELLED = "cancelled"


class Standing(StrEnum):
    """Whether a customer is paid up; derived, never stored."""

    ADIMPLENTE = "adimplente"
    INADIMPLENTE = "inadimplente"


class Permission(StrEnum):
    """What the counter, or the platform behind it, lets a customer do."""

    USE_SERVICE = "use_service"  # the platform, the app, the connection
    SEE_HISTORY = "see_history"  # paid bills, statements, contracts, declarations
    SECOND_COPY = "second_copy"  # open bills and every means to pay them: PIX, line, PDF, e-mail
    EDIT_RECORD = "edit_record"  # registration, payment method, people with access
    PROMISE = "promise"  # name a date on which a late bill will be paid
    TRUST_UNLOCK = "trust_unlock"  # be released for some days on one's word
    CAMPAIGNS = "campaigns"  # be written to beyond the notices of one's own bills


def standing_of(open_due_dates: Iterable[date], today: date, days_allowed: int = 0) -> Standing:
    """Inadimplente once an open bill is late by more than `days_allowed` calendar days.

    `open_due_dates`: due dates of the bills neither paid nor cancelled. A bill due when banks are
    closed is not late until the next business day has passed.
    """
    if any(days_late(due_on, today) > days_allowed for due_on in open_due_dates):
        return Standing.INADIMPLENTE
    return Standing.ADIMPLENTE


_ANYONE = frozenset({Permission.SEE_HISTORY, Permission.SECOND_COPY})
_CUSTOMER = _ANYONE | {Permission.EDIT_RECORD, Permission.CAMPAIGNS}

RULES: Mapping[tuple[Status, Standing], frozenset[Permission]] = MappingProxyType(
    {
        # Paid up and active: all there is. Nothing is late, so nothing to promise.
        (Status.ACTIVE, Standing.ADIMPLENTE): _CUSTOMER | {Permission.USE_SERVICE},
        # Owing ends access even before a block, and opens the ways back: pay, promise, be trusted.
        (Status.ACTIVE, Standing.INADIMPLENTE): _CUSTOMER
        | {Permission.PROMISE, Permission.TRUST_UNLOCK},
        # Blocked though paid up: staff's decision, or the release is on its way. No trust to lend.
        (Status.BLOCKED, Standing.ADIMPLENTE): _CUSTOMER,
        # Blocked for owing: the same.
        (Status.BLOCKED, Standing.INADIMPLENTE): _CUSTOMER
        | {Permission.PROMISE, Permission.TRUST_UNLOCK},
        # Out of the base: history and second copies only, no promises, no campaigns.
        (Status.CANCELLED, Standing.ADIMPLENTE): _ANYONE,
        (Status.CANCELLED, Standing.INADIMPLENTE): _ANYONE,
    }
)
"""The whole table, three statuses by two standings: a customer may do exactly what is listed."""


def allowed(status: Status, standing: Standing) -> frozenset[Permission]:
    """What a customer of that status and standing may do."""
    return RULES[status, standing]
