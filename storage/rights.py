"""Rights: whether who is doing something may, asked inside the action, however it was reached."""

from __future__ import annotations

from bot.core.ports import Write
from bot.domain.roles import Deed, Leave, leave
from storage import members


def leave_of(write: Write, customer_id: int, deed: Deed) -> Leave:
    """Whether who is here may do something for a customer; what staff, clock and delivery do, they may.

    Raises LookupError for somebody who does not speak for the customer (any more).
    """
    if write.visitor is None:
        return Leave.YES
    role = members.role_of(write, write.visitor.person, customer_id)
    if role is None:
        raise LookupError("who is here does not speak for this customer")
    return leave(role, deed)


def may(write: Write, customer_id: int, deed: Deed) -> bool:
    """Whether who is here may do it alone; False: it waits for an administrator, or is not theirs.

    Raises LookupError as `leave_of`.
    """
    return leave_of(write, customer_id, deed) is Leave.YES
