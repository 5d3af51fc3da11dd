"""Wishes for a human: mailed to the team, and on record."""

from __future__ import annotations

from bot.core.message import Mail
from bot.core.ports import Write
from storage import customers
from storage.people import here


def ask_the_team(write: Write, wish: str, *, request: str) -> bool:
    """Mail a wish in the customer's own words to the brand; False if it was asked just now.

    `request` names the event, so that a repeat of it mails nothing.
    """
    visitor = here(write)
    customer = customers.get(write, visitor.customer) if visitor.customer else None
    posted = write.post(
        Mail(
            template="human-request",
            to=write.brand.email,
            locale=write.brand.locale,
            values={
                "wish": wish,
                "customer": customer.name if customer else visitor.name,
                "reference": str(customer.id) if customer else None,
                "channel": visitor.at.account,
                "phone": visitor.phone or (customer.phone if customer else None),
                "email": customer.email if customer else None,
            },
            reply_to=customer.email if customer else None,
        ),
        dedup=f"human:{request}",
        address=visitor.address,
        subject=f"address:{visitor.address}",
    )
    if posted is None:
        return False
    write.audit("human.asked", f"address:{visitor.address}", after={"message": posted})
    return True
