"""Trust unlocks: access for some days on a customer's word, once in a period."""

from __future__ import annotations

from sqlalchemy import insert, select

from bot.core.message import JSON
from bot.core.ports import Read, Write
from bot.domain.roles import Deed
from bot.domain.standing import standing_of
from bot.domain.trust import Unlock, UnlockRefusal, next_unlock, unlock_refusal
from storage import invoices, releases, rights
from storage.people import here
from storage.tables import customer, trust_unlock


def last(read: Read, customer_id: int) -> Unlock | None:
    """The newest unlock of a customer, running or over."""
    row = read.one(
        select(trust_unlock.c.given_on, trust_unlock.c.last_day, trust_unlock.c.kept_on)
        .where(trust_unlock.c.brand == read.brand.id, trust_unlock.c.customer == customer_id)
        .order_by(trust_unlock.c.given_on.desc())
        .limit(1)
    )
    return None if row is None else Unlock(*row)


def refusal(read: Read, customer_id: int) -> UnlockRefusal | None:
    """Why a customer cannot be unlocked on trust today; None: he can."""
    status = releases.status(read, customer_id)
    if status is None:
        return UnlockRefusal.OFF
    trust = read.brand.trust
    owed = invoices.open_of(read, customer_id)
    return unlock_refusal(
        status,
        standing_of((i.due_on for i in owed), read.today, trust.block_after_days),
        last(read, customer_id),
        read.today,
        days=trust.unlock_days,
        every_days=trust.unlock_every_days,
    )


def give(write: Write, customer_id: int) -> dict[str, JSON]:
    """Open access on trust from today on.

    Returns `{"last_day"}` (ISO 8601), or `{"refused", "again_on"}`: the word of an `UnlockRefusal`
    and, where there was one before, the first day on which another is given. Raises LookupError if who
    is here does not speak for the customer.
    """
    if not rights.may(write, customer_id, Deed.PAY):
        return {"refused": UnlockRefusal.OFF.value, "again_on": None}
    # Of two taps at once the second finds what the first was given.
    write.one(
        select(customer.c.id)
        .where(customer.c.id == customer_id, customer.c.brand == write.brand.id)
        .with_for_update(key_share=True)
    )
    trust = write.brand.trust
    before = last(write, customer_id)
    why = refusal(write, customer_id)
    if why is not None:
        again_on = before and next_unlock(before, trust.unlock_every_days)
        return {"refused": why.value, "again_on": again_on and again_on.isoformat()}
    given = Unlock.of(write.today, trust.unlock_days)
    write.run(
        insert(trust_unlock).values(
            brand=write.brand.id, customer=customer_id, person=here(write).person,
            given_on=given.given_on, last_day=given.last_day, created_at=write.now,
        )
    )  # fmt: skip
    write.audit(
        "customer.unlocked_on_trust", f"customer:{customer_id}",
        before={"access": False},
        after={"access": True, "last_day": given.last_day.isoformat()},
    )  # fmt: skip
    # The record alone knows of it: there is no adapter yet that tells the network or the platform to
    # open. Its call would be posted here, in this transaction. The status stays "blocked", so that
    # nothing has to be taken back when the last day is over.
    return {"last_day": given.last_day.isoformat()}
