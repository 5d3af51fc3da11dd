"""A new e-mail or phone is proved before it counts: by a code sent to it, or by the channel itself."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import insert, select, update

from bot.core.message import JSON, Mail
from bot.core.ports import Write
from storage import throttle
from storage.codes import DIGITS, LASTS, TRIES, Proof, digits_of
from storage.people import here
from storage.tables import contact_proof
from storage.throttle import Allowance

PURPOSE = "new-contact"
"""What the digits of these codes are derived for; those of `storage.codes` are others."""
GOOD_FOR = timedelta(hours=1)
"""From being proved to being saved: a registration is filled in within an hour."""
PER_ADDRESS = Allowance("new-contact-address", free=5, forget=timedelta(hours=1))
PER_CUSTOMER = Allowance("new-contact-customer", free=5, forget=timedelta(hours=6))
"""Codes to addresses that somebody typed: nobody's mailbox is for a stranger to fill."""
WRONG = Allowance("new-contact-wrong", free=1, forget=timedelta(hours=6))


def request(
    write: Write, customer_id: int, email: str, mail: Callable[[int], Mail]
) -> dict[str, JSON]:
    """Have a code mailed to a new e-mail; earlier ones asked for at this chat end.

    `mail` writes it from the id its digits are derived from. Returns `{"result", "proof", "until"}`: sent
    with the id for `check`, or paused until an instant (ISO 8601).
    """
    visitor = here(write)
    wrong = [(WRONG, str(visitor.address))]
    asked = [(PER_ADDRESS, str(visitor.address)), (PER_CUSTOMER, str(customer_id))]
    until = throttle.paused(write, wrong) or throttle.take(write, asked)
    if until is not None:
        return {"result": Proof.PAUSED.value, "proof": None, "until": until.isoformat()}
    write.run(
        update(contact_proof)
        .where(contact_proof.c.address == visitor.address, contact_proof.c.proved_at.is_(None))
        .values(used_at=write.now)
    )
    id = _issue(write, customer_id, "email", email, by="code")
    hashed = _hash(write, id, write.secret(PURPOSE, id, DIGITS))
    write.run(update(contact_proof).where(contact_proof.c.id == id).values(hash=hashed))
    subject = f"contact_proof:{id}"
    write.post(mail(id), dedup=f"{subject}:mail", address=visitor.address, subject=subject)
    write.audit("contact.code_requested", subject)
    return {"result": Proof.SENT.value, "proof": id, "until": None}


def check(write: Write, proof_id: int, typed: str) -> dict[str, JSON]:
    """Compare what was typed with the code; what is not six digits is wrong without costing a try.

    Returns `{"result", "left", "until"}` as `storage.codes.check_code` does.
    """
    visitor = here(write)
    wrong = [(WRONG, str(visitor.address))]
    until = throttle.paused(write, wrong)
    if until is not None:
        return _outcome(Proof.PAUSED, until=until.isoformat())
    digits = digits_of(typed)
    mine = (contact_proof.c.id == proof_id, contact_proof.c.address == visitor.address)
    if len(digits) != DIGITS:
        return _standing(write, *mine)
    # Counted before it is compared: two tries at once are two.
    tried = write.run(
        update(contact_proof)
        .where(
            *mine,
            contact_proof.c.used_at.is_(None),
            contact_proof.c.proved_at.is_(None),
            contact_proof.c.created_at > write.now - LASTS,
            contact_proof.c.tries < TRIES,
        )
        .values(tries=contact_proof.c.tries + 1)
        .returning(contact_proof.c.hash, contact_proof.c.tries)
    )
    if not tried:
        return _standing(write, *mine)
    ((stored, tries),) = tried
    if hmac.compare_digest(stored, _hash(write, proof_id, digits)):
        write.run(
            update(contact_proof).where(contact_proof.c.id == proof_id).values(proved_at=write.now)
        )
        write.audit("contact.proved", f"contact_proof:{proof_id}")
        return _outcome(Proof.OK)
    if tries < TRIES:
        return _outcome(Proof.WRONG, left=TRIES - tries)
    throttle.take(write, wrong)
    until = throttle.paused(write, wrong)
    return _outcome(Proof.SPENT, until=until.isoformat() if until else None)


def by_channel(write: Write, customer_id: int, phone: str) -> int | None:
    """A new phone that the channel proved at this very chat; the proof's id, or None if it did not."""
    if here(write).phone != phone:
        return None
    id = _issue(write, customer_id, "phone", phone, by="channel")
    write.run(update(contact_proof).where(contact_proof.c.id == id).values(proved_at=write.now))
    write.audit("contact.proved", f"contact_proof:{id}")
    return id


def take(write: Write, proof_id: int, customer_id: int, kind: str, value: str) -> str | None:
    """Use a proof, once, for exactly this value of this customer at this chat; by what it was, or None."""
    taken = write.run(
        update(contact_proof)
        .where(
            contact_proof.c.id == proof_id,
            contact_proof.c.address == here(write).address,
            contact_proof.c.customer == customer_id,
            contact_proof.c.kind == kind,
            contact_proof.c.value == value,
            contact_proof.c.proved_at > write.now - GOOD_FOR,
            contact_proof.c.used_at.is_(None),
        )
        .values(used_at=write.now)
        .returning(contact_proof.c.by)
    )
    return str(taken[0].by) if taken else None


def _issue(write: Write, customer_id: int, kind: str, value: str, *, by: str) -> int:
    ((id,),) = write.run(
        insert(contact_proof)
        .values(
            address=here(write).address, customer=customer_id, kind=kind, value=value, by=by,
            tries=0, created_at=write.now,
        )
        .returning(contact_proof.c.id)
    )  # fmt: skip
    return int(id)


def _standing(write: Write, *mine: object) -> dict[str, JSON]:
    """Why a code takes no tries, or how many are left."""
    row = write.one(
        select(
            contact_proof.c.used_at, contact_proof.c.proved_at, contact_proof.c.tries,
            contact_proof.c.created_at,
        ).where(*mine)  # type: ignore[arg-type]
    )  # fmt: skip
    if row is None or row.used_at or row.proved_at or row.tries >= TRIES:
        return _outcome(Proof.SPENT)
    if row.created_at <= write.now - LASTS:
        return _outcome(Proof.EXPIRED)
    return _outcome(Proof.WRONG, left=TRIES - row.tries)


def _outcome(proof: Proof, *, left: int | None = None, until: str | None = None) -> dict[str, JSON]:
    return {"result": proof.value, "left": left, "until": until}


def _hash(write: Write, id: int, digits: str) -> str:
    return write.keyed_hash(PURPOSE, f"{id}:{digits}")
