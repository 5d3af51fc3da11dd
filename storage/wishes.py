"""Wishes that a collaborator has for the administrators of the company."""

from __future__ import annotations

from datetime import timedelta

from bot.core.message import Notice, NoticeButton, _
from bot.core.ports import Write
from storage import members, throttle
from storage.people import here
from storage.throttle import Allowance

PER_ADDRESS = Allowance("wish-address", free=6, forget=timedelta(hours=1))
"""Enough for somebody with something to add; administrators are not for anybody to flood."""


def tell_administrators(write: Write, customer_id: int, wish: str, *, request: str) -> int | None:
    """Tell the administrators of a customer what somebody wishes, in their own words.

    `request` names the event, so that a repeat of it tells nothing. Returns how many of them were told; None while
    there is a pause. Raises LookupError if who asks does not speak for the customer.
    """
    visitor = here(write)
    if members.role_of(write, visitor.person, customer_id) is None:
        raise LookupError("who asks does not speak for this customer")
    if throttle.take(write, [(PER_ADDRESS, str(visitor.address))]) is not None:
        return None
    company = members.lock(write, customer_id)
    text = _(
        "**{name}** ({company}) asks you:\n{wish}",
        name=members.name_of(write, visitor.person),
        company=company,
        wish=wish,
    )
    told = 0
    for administrator in members.administrators_of(write, customer_id):
        chats = members.chats_of(write, administrator) if administrator != visitor.person else ()
        for chat in chats:
            write.post(
                Notice(text, (NoticeButton(_("People with access"), "people"),), administrator),
                dedup=f"wish:{request}:{chat}", address=chat, subject=f"person:{visitor.person}",
            )  # fmt: skip
        told += bool(chats)
    write.audit("person.wished", f"person:{visitor.person}", after={"told": told})
    return told
