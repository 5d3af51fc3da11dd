"""One-time codes, and the other proofs of who someone is. Nothing here tells which tax ids exist.

What is typed is answered alike whether a customer has it or not, in words and in time: the same
statements run in the same order on rows of the same size. For a tax id that nobody has, or a
customer who cannot be mailed, a decoy is written: a code that belongs to no customer, and a mail
that is `replaced` in the transaction that posts it, so that it never leaves.
"""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import String, bindparam, func, insert, select, update

from bot.core.message import JSON, Mail
from bot.core.ports import State, Visitor, Write
from bot.domain.phone import match_key
from storage import customers, joining, members, people, throttle
from storage.customers import Customer
from storage.tables import code, customer, message
from storage.throttle import Allowance

DIGITS = 6
LASTS = timedelta(minutes=10)
TRIES = 5
"""Digits, minutes and tries are DESIGN 5's: one code is guessed with 5 in 1,000,000."""

PER_ADDRESS = Allowance("code-address", free=5, forget=timedelta(hours=1))
"""Enough for a family at one computer; who goes through a list of tax ids is slowed down."""
PER_TAX_ID = Allowance("code-tax-id", free=3, forget=timedelta(hours=6))
"""Also what a stranger can have mailed to someone: some 30 a day, and as many times five guesses.

The quiet time is longer than the longest pause, or the pauses would not grow in the long run.
"""
PER_PERSON = Allowance("code-person", free=5, forget=timedelta(hours=6))
"""Codes to somebody's own e-mail."""
PER_HOUR = 600
"""Codes of a whole installation: ten a minute, more than 100,000 customers ask for on a due day, and
within what mail servers let an account send."""
WRONG = Allowance("code-wrong", free=1, forget=timedelta(hours=6))
"""Codes of one address that were guessed at until spent: no more tries anywhere meanwhile."""
PHONE_PER_ADDRESS = Allowance("phone-address", free=3, forget=timedelta(hours=1))
PHONE_PER_TAX_ID = Allowance("phone-tax-id", free=3, forget=timedelta(hours=6))
"""A proved phone has no digits to guess; this slows down who looks for the tax id that goes with it."""

WriteMail = Callable[[Customer, int], Mail]
"""Writes the mail of a code from its customer (`NOBODY` for a decoy) and its id."""

NOBODY = Customer(0, "", "PF", "Maria Aparecida da Silva", "00000000000", 1)
"""Whom a decoy's mail is written for: it has to be as long as a real one."""


class Proof(StrEnum):
    """What became of a proof."""

    SENT = "sent"
    """If it is registered with an e-mail, a code is on its way; nothing more is said."""
    OK = "ok"
    WRONG = "wrong"
    EXPIRED = "expired"
    SPENT = "spent"
    """Used, tried too often, or replaced by a newer one."""
    WAITING = "waiting"
    """It was right, and an administrator has still to let them in."""
    REFUSED = "refused"
    """The phone and the tax id are not one customer's, or nobody has the tax id."""
    PAUSED = "paused"


def request_code(
    write: Write,
    tax_id: str,
    purpose: str,
    mail: WriteMail,
    *,
    per_hour: int = PER_HOUR,
) -> dict[str, JSON]:
    """Have a code mailed to the registered e-mail of whoever has this tax id, if anybody.

    Whom the mail goes to is decided here, and that it tells this chat nothing of its fate, which would
    give the secret away. Earlier codes of this address end. Returns `{"result", "code", "until"}`: sent with the id for
    `check_code`, or paused until an instant (ISO 8601).
    """
    visitor = people.here(write)
    until = throttle.paused(write, [(WRONG, str(visitor.address))]) or throttle.take(
        write, [*_asked(write, visitor, tax_id), (_everyone(per_hour), "")]
    )
    if until is not None:
        return {"result": Proof.PAUSED.value, "code": None, "until": until.isoformat()}
    found = customers.by_tax_id(write, _bare(tax_id))
    reachable = found if found is not None and found.can_be_mailed else None
    id = _issue(write, visitor, purpose, reachable)
    to = reachable.email or "" if reachable else ""
    posted = _post(write, visitor, id, replace(mail(reachable or NOBODY, id), to=to))
    replaced = None if reachable else State.REPLACED.value
    write.run(
        update(message)
        .where(message.c.id == posted)
        .values(state=func.coalesce(bindparam("replaced", replaced, String), message.c.state))
    )
    write.audit("code.requested", f"code:{id}")
    return {"result": Proof.SENT.value, "code": id, "until": None}


def request_own_code(write: Write, mail: WriteMail) -> dict[str, JSON]:
    """Have a code mailed to the own e-mail of whoever is here (`storage.own_email`).

    Returns what `request_code` does. Raises LookupError for who has none.
    """
    visitor = people.here(write)
    email = members.own_email_of(write, visitor.person)
    known = customers.get(write, visitor.customer) if visitor.customer is not None else None
    if email is None or known is None:
        raise LookupError("who is here has no own e-mail")
    asked = [(PER_ADDRESS, str(visitor.address)), (PER_PERSON, str(visitor.person))]
    until = throttle.paused(write, [(WRONG, str(visitor.address))]) or throttle.take(
        write, [*asked, (_everyone(PER_HOUR), "")]
    )
    if until is not None:
        return {"result": Proof.PAUSED.value, "code": None, "until": until.isoformat()}
    id = _issue(write, visitor, "own", known)
    _post(write, visitor, id, replace(mail(known, id), to=email))
    write.audit("code.requested", f"code:{id}")
    return {"result": Proof.SENT.value, "code": id, "until": None}


def check_own_code(write: Write, code_id: int, typed: str) -> dict[str, JSON]:
    """Compare what was typed with a code of `request_own_code`; if it is right, changes are allowed.

    Returns what `check_code` does.
    """
    visitor = people.here(write)
    found = check_code(write, code_id, typed, enters=False)
    if found["result"] != Proof.OK:
        return found
    if found["customer"] != visitor.customer or not people.refresh(write):
        return _outcome(Proof.SPENT)
    return _outcome(Proof.OK)


def check_code(
    write: Write,
    code_id: int,
    typed: str,
    *,
    days: int = people.VERIFIED_DAYS,
    enters: bool = True,
) -> dict[str, JSON]:
    """Compare what was typed with a code sent to this address; if it is right, link the customer.

    `enters` False: it proves the customer for the matter at hand alone, and nobody is linked; the
    outcome then has whose code it was as "customer".

    Spaces and dashes do not matter. What is not six digits is wrong without costing a try. Returns
    `{"result", "left", "until"}`: tries left after a wrong one, and until when there is a pause.
    """
    visitor = people.here(write)
    wrong = [(WRONG, str(visitor.address))]
    until = throttle.paused(write, wrong)
    if until is not None:
        return _outcome(Proof.PAUSED, until=until.isoformat())
    digits = digits_of(typed)
    mine = (code.c.id == code_id, code.c.address == visitor.address)
    if len(digits) != DIGITS:
        return _standing(write, mine)
    # Counted before it is compared: two tries at once are two.
    tried = write.run(
        update(code)
        .where(*mine, code.c.used_at.is_(None), code.c.expires_at > write.now, code.c.tries < TRIES)
        .values(tries=code.c.tries + 1)
        .returning(code.c.hash, code.c.customer, code.c.tries)
    )
    if not tried:
        return _standing(write, mine)
    ((stored, customer_id, tries),) = tried
    right = hmac.compare_digest(stored, _hash(write, code_id, digits))
    if right and customer_id is not None:
        return _accepted(write, visitor, code_id, customer_id, days, enters=enters)
    if tries < TRIES:
        return _outcome(Proof.WRONG, left=TRIES - tries)
    throttle.take(write, wrong)
    until = throttle.paused(write, wrong)
    write.audit("code.spent", f"code:{code_id}")
    return _outcome(Proof.SPENT, until=until.isoformat() if until else None)


def prove_by_phone(
    write: Write, tax_id: str, phone: str, *, days: int = people.VERIFIED_DAYS
) -> dict[str, JSON]:
    """Link the customer who has both this tax id and the phone that the channel proved.

    `phone` is E.164 and counts only if it is what the channel proved at this address. A tax id nobody
    has and a phone that is another's are refused alike. Allows no changes: that takes a code.
    Returns `{"result", "until"}`. Raises `Invalid` ("format") for no E.164 number.
    """
    visitor = people.here(write)
    tax = _bare(tax_id)
    tries = [(PHONE_PER_ADDRESS, str(visitor.address)), (PHONE_PER_TAX_ID, _whose(write, tax))]
    until = throttle.take(write, tries)
    if until is not None:
        return {"result": Proof.PAUSED.value, "until": until.isoformat()}
    found = write.scalar(
        select(customer.c.id).where(
            customer.c.brand == write.brand.id,
            customer.c.tax_id == tax,
            customers.has_phone(phone),
        )
    )
    if found is None or phone != visitor.phone:
        return {"result": Proof.REFUSED.value, "until": None}
    throttle.clear(write, tries)
    proved = customers.get(write, found)
    # A further phone of a company is a further person's; a person's own phones are one person's.
    own = True
    if proved is not None and proved.kind == "PJ" and proved.phone is not None:
        own = match_key(proved.phone) == match_key(phone)
    linked = people.link(write, visitor.address, found, by="phone", days=days, own=own)
    return {"result": _linked(write, linked).value, "until": None}


def _issue(write: Write, visitor: Visitor, purpose: str, reachable: Customer | None) -> int:
    """A new code row in place of the address's earlier ones; its digits come from its id."""
    write.run(
        update(code)
        .where(code.c.address == visitor.address, code.c.used_at.is_(None))
        .values(used_at=write.now)
    )
    ((id,),) = write.run(
        insert(code)
        .values(
            address=visitor.address,
            customer=reachable.id if reachable else None,
            purpose=purpose,
            hash="",
            tries=0,
            created_at=write.now,
            expires_at=write.now + LASTS,
        )
        .returning(code.c.id)
    )
    hashed = _hash(write, id, write.secret("code", id, DIGITS))
    write.run(update(code).where(code.c.id == id).values(hash=hashed))
    return int(id)


def _post(write: Write, visitor: Visitor, id: int, mail: Mail) -> int | None:
    """The mail of a code; this chat is told nothing of its fate, which would give the secret away."""
    body = replace(mail, purpose="codes", code=id, tell=None, sent=None, failed=None, unsent=None)
    subject = f"code:{id}"
    return write.post(body, dedup=f"{subject}:mail", address=visitor.address, subject=subject)


def _accepted(
    write: Write, visitor: Visitor, code_id: int, customer_id: int, days: int, *, enters: bool
) -> dict[str, JSON]:
    write.run(update(code).where(code.c.id == code_id).values(used_at=write.now))
    proved = customers.get(write, customer_id)
    if proved is None:
        raise LookupError("the code is of another brand's customer")
    throttle.clear(write, [*_asked(write, visitor, proved.tax_id), (WRONG, str(visitor.address))])
    if not enters:
        write.audit("code.proved", f"code:{code_id}", after={"customer": customer_id})
        return _outcome(Proof.OK) | {"customer": customer_id}
    linked = people.link(write, visitor.address, customer_id, by="code", days=days, fresh=True)
    return _outcome(_linked(write, linked))


def _linked(write: Write, linked: people.Linked) -> Proof:
    """Whether whoever proved it is in; who waits is announced to the administrators."""
    if not linked["waiting"]:
        return Proof.OK
    joining.announce(write, linked["person"], linked["customer"])
    return Proof.WAITING


def _standing(write: Write, mine: tuple[Any, ...]) -> dict[str, JSON]:
    """Why a code takes no tries, or how many are left."""
    row = write.one(select(code.c.used_at, code.c.tries, code.c.expires_at).where(*mine))
    if row is None or row.used_at is not None or row.tries >= TRIES:
        return _outcome(Proof.SPENT)
    if row.expires_at <= write.now:
        return _outcome(Proof.EXPIRED)
    return _outcome(Proof.WRONG, left=TRIES - row.tries)


def _outcome(proof: Proof, *, left: int | None = None, until: str | None = None) -> dict[str, JSON]:
    return {"result": proof.value, "left": left, "until": until}


def _asked(write: Write, visitor: Visitor, tax_id: str) -> list[tuple[Allowance, str]]:
    return [(PER_ADDRESS, str(visitor.address)), (PER_TAX_ID, _whose(write, _bare(tax_id)))]


def _everyone(per_hour: int) -> Allowance:
    return Allowance("code-everyone", per_hour, timedelta(hours=1), pauses=())


def _whose(write: Write, bare: str) -> str:
    return f"{write.brand.id}:{bare}"


def _bare(tax_id: str) -> str:
    return "".join(c for c in tax_id if c.isalnum()).upper()


def digits_of(typed: str) -> str:
    """The digits of what was typed, in whatever script; nothing else of it."""
    return "".join(str(unicodedata.digit(c)) for c in typed if c.isdigit())


def _hash(write: Write, id: int, digits: str) -> str:
    return write.keyed_hash("code", f"{id}:{digits}")
