"""What the counter asks of a payment gateway; each gateway is one file beside this one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from bot.core.ports import LaneLimits
from bot.domain.payments import CardKind, CardSeen, Charge, Codes, Page, Payer, Wanted

Alarm = Callable[[str, str | None], None]
"""(key, words) when the operator has to mend something; words None when it is over."""


@dataclass(frozen=True, slots=True)
class CardWanted:
    """A page on which a card is to be entered."""

    reference: str
    payer: Payer
    kind: CardKind
    charge: Wanted | None
    """An invoice that may be paid with it, where the gateway can take a card only with a payment."""
    amount: Decimal
    """What the card will usually pay, as the page shows it; in reais."""
    next_due_on: date
    """When it would be charged for the first time."""
    minutes: int
    """How long the page is open."""
    back_to: str
    """An https address to which the page leads back."""


class Gateway(Protocol):
    """One account at a payment gateway.

    Everything may be repeated: who is lost on the way asks again, and finds what was made. Each
    method raises `Permanent` for what will never be taken (refused · gone · card_refused ·
    not_offered · unreadable) and `Temporary` for what may be taken later (timeout · connection ·
    limited · server · unauthorized), as channels do. Money is Decimal in reais, dates are the
    gateway's own (São Paulo).
    """

    @property
    def name(self) -> str:
        """The account's name in the configuration."""
        ...

    @property
    def lane_limits(self) -> LaneLimits: ...

    @property
    def keeps_charges(self) -> bool:
        """Whether charges live there: their codes hold until they are edited, and payments are
        reported. Otherwise the counter makes codes itself whenever they are shown."""
        ...

    async def check(self) -> None:
        """Ask whether the account can be used at all; raises as the others do."""
        ...

    async def payer(self, payer: Payer) -> str:
        """The gateway's id of a payer, made if it knows none with this tax id."""
        ...

    async def find(self, reference: str) -> Charge | None:
        """The charge with our reference; a paid one before one that waits. None: there is none."""
        ...

    async def charge(self, wanted: Wanted, known_as: str) -> Charge:
        """Make the charge as it should be: found by its reference and edited, or made.

        One that is paid or disputed is returned as it is. `known_as` is the payer's id.
        """
        ...

    async def codes(self, charge: Charge, wanted: Wanted) -> Codes:
        """What pays a charge that waits; to be fetched after every edit."""
        ...

    async def read(self, ref: str) -> Charge | None:
        """A charge as it stands; None if there is none with this id."""
        ...

    async def withdraw(self, ref: str) -> None:
        """Delete a charge, so that nobody pays it. One that is not there is no error; raises
        Permanent("refused") for one that was paid."""
        ...

    async def card_page(self, wanted: CardWanted) -> Page:
        """A page of the gateway's own on which a card is entered: its number never comes here."""
        ...

    async def card_of(self, page: str, known_as: str) -> tuple[CardSeen, Charge] | None:
        """The card that was entered on a page, with the charge it came by; None: none (any more)."""
        ...

    async def clear_page(self, page: str, known_as: str) -> None:
        """Undo what a page set up beside the card (a subscription), once the card is booked.

        The counter charges invoices, and nothing else is charged.
        """
        ...

    async def collect(self, ref: str, token: str) -> Charge:
        """Pay a charge with a card it keeps. Raises Permanent("card_refused")."""
        ...

    async def close(self) -> None: ...
