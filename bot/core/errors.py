"""Each exception's docstring is its message: what happened, and what to do."""

from __future__ import annotations

from datetime import timedelta

from bot.core.message import Text


class BalcaoError(Exception):
    """Something Balcão itself raises; the docstring of the class is the message."""

    def __str__(self) -> str:
        detail = super().__str__()
        summary = (type(self).__doc__ or type(self).__name__).strip().splitlines()[0]
        return f"{summary} ({detail})" if detail else summary


class Misread(BalcaoError):
    """What was said is no answer to the question; the reason is told and the question kept."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.source)
        self.reason = reason


class DuplicateKey(BalcaoError):
    """A flow used one key twice in one run; give each question and each do a key of its own."""


class UnknownFlow(BalcaoError):
    """No flow has this name; it was renamed or its file removed."""


class TooManyRestarts(BalcaoError):
    """A flow restarted or switched itself too often in one turn without asking anything."""


class OutOfTurn(BalcaoError):
    """A question was asked after the flow's turn had ended."""


class StaleSession(BalcaoError):
    """Another turn saved this session first; this turn is played again."""


class Unavailable(BalcaoError):
    """The database cannot be reached or written; the event is not acknowledged and will come again."""


class DeliveryError(BalcaoError):
    """A channel or a mail server did not take a message."""


class Permanent(DeliveryError):
    """It will never be taken: blocked, unknown or refused; the contact is flagged.

    `code` is a stable word for the ledger and the words told to people:
    blocked · gone · bad_address · refused · too_large · not_configured.
    """

    def __init__(self, code: str, detail: str = "", *, flag: bool = False) -> None:
        super().__init__(detail or code)
        self.code = code
        self.flag = flag
        """The address itself is bad (not just this message): no more is sent there."""


class Temporary(DeliveryError):
    """It was not taken now: a limit, a time-out, a server in trouble; it is tried again."""

    def __init__(self, code: str, detail: str = "", *, after: timedelta | None = None) -> None:
        super().__init__(detail or code)
        self.code = code
        self.after = after
        """When the other side said to come back (Retry-After)."""
