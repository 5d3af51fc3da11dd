"""Wishes for a human: mailed to the team, and on record."""

from __future__ import annotations

from datetime import timedelta

from bot.core.message import JSON, Mail
from bot.core.ports import Write
from bot.domain.phone import format_phone
from storage import customers, throttle
from storage.people import here
from storage.throttle import Allowance

PER_ADDRESS = Allowance("human-address", free=5, forget=timedelta(hours=1))
"""Enough for somebody with something to add; the team's mailbox is not for anybody to fill."""


def ask_the_team(write: Write, wish: str, *, request: str, about: str = "") -> dict[str, JSON]:
    """Mail a wish in the customer's own words to the brand, with who asks and how to answer.

    `request` names the event, so that a repeat of it mails nothing; `about` is what it concerns
    ("email": the registered address), in one word of ours. Returns `{"message", "until"}`: the id of the mail, or
    until when there is a pause (ISO 8601); neither for a repeat.
    """
    visitor = here(write)
    until = throttle.take(write, [(PER_ADDRESS, str(visitor.address))])
    if until is not None:
        return {"message": None, "until": until.isoformat()}
    customer = customers.get(write, visitor.customer) if visitor.customer else None
    phone = visitor.phone or (customer.phone if customer else None)
    posted = write.post(
        Mail(
            template="human-request",
            to=write.brand.email,
            locale=write.brand.locale,
            values={
                "customer_name": customer.name if customer else visitor.name,
                "first_name": customer.first_name if customer else visitor.name,
                "customer": customer.id if customer else None,
                "channel": visitor.at.account,
                "phone": format_phone(phone) if phone else None,
                "reply_to": customer.email if customer else None,
                "about": about or None,
                "wish": wish,
            },
            reply_to=customer.email if customer else None,
        ),
        dedup=f"human:{request}",
        address=visitor.address,
        subject=f"address:{visitor.address}",
    )
    if posted is not None:
        write.audit("human.asked", f"address:{visitor.address}", after={"message": posted})
    return {"message": posted, "until": None}
