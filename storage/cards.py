"""Cards: brand and last four digits of what a gateway keeps; one of a customer's is the default."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from bot.core.message import JSON, Text, _
from bot.core.ports import Read, Write
from bot.domain.payments import CardKind, CardSeen
from bot.domain.roles import Deed
from storage import pending, rights
from storage.pending import Ticket
from storage.tables import approval, card, customer

PAGE_LASTS = timedelta(minutes=60)
"""How long a card page is open."""
APPROVED_AS = "card"
"""The kind of approvals of what changes how it is paid."""
NOT_ACCEPTED = _("The card was not accepted, and was not saved.")
"""For whoever waits no more on the page's end."""
ADD_WITHIN = timedelta(days=2)
"""For so long whoever was allowed to add a card may do so."""


@dataclass(frozen=True, slots=True)
class Card:
    """A card, as it may be shown."""

    id: int
    kind: str
    """credit · debit"""
    scheme: str
    """VISA, MASTERCARD …"""
    last4: str
    is_default: bool
    autopay: bool
    """Invoices are charged to it on their due date."""
    created_at: datetime
    can_collect: bool = False
    """The gateway keeps it, so that it can be charged."""


_SHOWN = tuple(card.c[name] for name in Card.__slots__ if name != "can_collect")


def of(read: Read, customer_id: int) -> list[Card]:
    """A customer's cards, the default one first."""
    rows = read.all(_mine(read, customer_id).order_by(card.c.is_default.desc(), card.c.id))
    return [_card(row) for row in rows]


def get(read: Read, customer_id: int, id: int) -> Card | None:
    """A card of this customer; None for another's."""
    row = read.one(_mine(read, customer_id).where(card.c.id == id))
    return None if row is None else _card(row)


def default_of(read: Read, customer_id: int) -> Card | None:
    """The card that pays, if the customer has one."""
    row = read.one(_mine(read, customer_id).where(card.c.is_default))
    return None if row is None else _card(row)


def ask_page(
    write: Write,
    ticket: Ticket,
    customer_id: int,
    kind: str,
    *,
    done: Text,
    failed: Text,
) -> JSON:
    """Ask the gateway for a page on which a card is entered (an action of `chat.wait`).

    First outcome: `{"ok": true, "change": id, "url"}`. Then `watch` waits for the card itself. Or
    `{"ok": false, "why"}`: not-offered, pending (a page is open: `open_page`), not-allowed (a
    collaborator whom no administrator has allowed it), or the words of a delivery.
    """
    if not _may_add(write, customer_id):
        pending.refuse(write, ticket, "not-allowed")
        return {"refused": "not-allowed"}
    why = "not-offered"
    stale = pending.open_for(write, _subject(customer_id))
    if stale is not None and write.now - stale.created_at > PAGE_LASTS + timedelta(minutes=5):
        pending.end(write, stale.id, {"ok": False, "why": "expired"})  # its event never came
    if kind in write.brand.payments.cards:
        id = pending.begin(
            write, customer_id, _subject(customer_id), "card", {"kind": CardKind(kind).value},
            ticket=ticket, done=done, failed=failed, patience=300,
        )  # fmt: skip
        if id is not None:
            return {"change": id}
        why = "pending"
    pending.refuse(write, ticket, why)
    return {"refused": why}


def open_page(read: Read, customer_id: int) -> tuple[int, str] | None:
    """The change and the url of a card page that is open."""
    found = pending.open_for(read, _subject(customer_id))
    if found is None or not found.result or not found.result.get("url"):
        return None
    return found.id, found.result["url"]


def watch(write: Write, ticket: Ticket, customer_id: int, change: int) -> JSON:
    """Wait for the card of an open page (an action of `chat.wait`, up to `PAGE_LASTS`).

    Outcome: `{"ok": true, "card": id, "scheme", "last4", "kind"}`, or `{"ok": false, "why"}`:
    expired, cancelled, unknown, or the words of a delivery. A card that came before is answered at once.
    With `why` declined the page is still open and takes another card; who does not watch again is told
    in the chats what becomes of it.
    """
    rights.leave_of(write, customer_id, Deed.CHANGE)
    found = pending.watch(write, change, customer_id, ticket)
    if found is None:
        pending.refuse(write, ticket, "unknown")
    elif found.ended_at is not None:
        values = {"ticket": dict(ticket), "result": found.result}
        pending.post(
            write, "answer", values, dedup=f"answer:{ticket['run']}:{ticket['key']}", patience=600
        )
    return {"change": change}


def cancel_page(write: Write, customer_id: int) -> bool:
    """The customer gives an open page up; False if there is none, or who is here may not add cards."""
    if not _may_add(write, customer_id):
        return False
    found = pending.open_for(write, _subject(customer_id))
    return found is not None and pending.end(write, found.id, {"ok": False, "why": "cancelled"})


def make_default(write: Write, customer_id: int, id: int) -> bool:
    """This card pays from now on; autopay goes over to it.

    False for no card of this customer, and for a collaborator, whose wish waits for an administrator.
    Raises LookupError if who is here does not speak for the customer; so do the others.
    """
    if not rights.may(write, customer_id, Deed.CHANGE):
        return False
    _lock(write, customer_id)
    chosen = get(write, customer_id, id)
    before = default_of(write, customer_id)
    if chosen is None:
        return False
    if before is not None and before.id == id:
        return True
    autopay = before is not None and before.autopay and chosen.can_collect
    _undefault(write, customer_id)
    write.run(update(card).where(card.c.id == id).values(is_default=True, autopay=autopay))
    write.audit(
        "card.default", f"customer:{customer_id}",
        before={"card": before and before.id}, after={"card": id},
    )  # fmt: skip
    return True


def remove(write: Write, customer_id: int, id: int) -> bool:
    """Forget a card and what the gateway takes for it; the newest other becomes the default.

    With the default card autopay ends. False for no card of this customer, and for a collaborator.
    """
    if not rights.may(write, customer_id, Deed.CHANGE):
        return False
    _lock(write, customer_id)
    gone = get(write, customer_id, id)
    if gone is None:
        return False
    write.run(
        update(card)
        .where(card.c.id == id)
        .values(removed_at=write.now, token=None, is_default=False, autopay=False)
    )
    write.audit("card.removed", f"customer:{customer_id}", before={"card": id, "last4": gone.last4})
    rest = of(write, customer_id)
    if gone.is_default and rest:
        newest = max(rest, key=lambda each: each.id)
        write.run(update(card).where(card.c.id == newest.id).values(is_default=True))
    return True


def set_autopay(write: Write, customer_id: int, on: bool, card_id: int | None = None) -> str:
    """Charge invoices to the default card on their due date, or no more: set · no-card · cannot.

    `card_id` is the card that was agreed to: if another is the default by now, it is `no-card`, as it
    is for a collaborator.
    """
    if not rights.may(write, customer_id, Deed.CHANGE):
        return "no-card"
    _lock(write, customer_id)
    default = default_of(write, customer_id)
    if default is None or card_id not in (None, default.id):
        return "no-card"
    if on and not default.can_collect:
        return "cannot"
    if default.autopay != on:
        write.run(update(card).where(card.c.id == default.id).values(autopay=on))
        write.audit(
            "card.autopay", f"customer:{customer_id}",
            before={"autopay": default.autopay}, after={"autopay": on, "card": default.id},
        )  # fmt: skip
    return "set"


# ------------------------------------------------------------------------- for the delivery


def saved(write: Write, gateway: str, customer_id: int, seen: CardSeen) -> dict[str, JSON]:
    """A card was entered on the gateway's page; the first one becomes the default.

    The same card entered again keeps its row, with what the gateway now takes for it.
    """
    _lock(write, customer_id)
    rows = write.all(
        select(card.c.id).where(
            card.c.customer == customer_id,
            card.c.gateway == gateway,
            card.c.removed_at.is_(None),
            card.c.kind == seen.kind.value,
            card.c.scheme == seen.scheme,
            card.c.last4 == seen.last4,
        )
    )
    if rows:
        id = int(rows[0].id)
        write.run(update(card).where(card.c.id == id).values(token=seen.token))
    else:
        ((id,),) = write.run(
            insert(card)
            .values(
                brand=write.brand.id, customer=customer_id, gateway=gateway, kind=seen.kind.value,
                scheme=seen.scheme[:20], last4=seen.last4, token=seen.token,
                is_default=default_of(write, customer_id) is None, autopay=False,
                created_at=write.now,
            )
            .returning(card.c.id)
        )  # fmt: skip
        write.audit(
            "card.added", f"customer:{customer_id}", after={"card": id, "last4": seen.last4}
        )
    return {"ok": True, "card": int(id), "scheme": seen.scheme, "last4": seen.last4,
            "kind": seen.kind.value}  # fmt: skip


def token_of(read: Read, id: int) -> str | None:
    """What the gateway takes for a card that still pays by itself; only for charging it."""
    token: str | None = read.scalar(
        select(card.c.token).where(
            card.c.id == id, card.c.brand == read.brand.id, card.c.removed_at.is_(None),
            card.c.autopay,
        )
    )  # fmt: skip
    return token


# ------------------------------------------------------------------------- inside


def _mine(read: Read, customer_id: int) -> Any:
    return select(*_SHOWN, card.c.token.is_not(None).label("can_collect")).where(
        card.c.brand == read.brand.id,
        card.c.customer == customer_id,
        card.c.removed_at.is_(None),
    )


def _card(row: Any) -> Card:
    return Card(**{**row._mapping, "can_collect": bool(row.can_collect)})


def _may_add(write: Write, customer_id: int) -> bool:
    """An administrator; or a collaborator whom one has allowed it these days."""
    if rights.may(write, customer_id, Deed.CHANGE):
        return True
    visitor = write.visitor
    allowed = select(approval.c.id).where(
        approval.c.brand == write.brand.id,
        approval.c.customer == customer_id,
        approval.c.kind == APPROVED_AS,
        approval.c.subject == "add",
        approval.c.asked_by == (visitor and visitor.person),
        approval.c.state == "approved",
        approval.c.decided_at > write.now - ADD_WITHIN,
    )
    return write.scalar(allowed.limit(1)) is not None


def _lock(write: Write, customer_id: int) -> None:
    # Of two changes at once the second finds what the first left.
    write.one(
        select(customer.c.id)
        .where(customer.c.id == customer_id, customer.c.brand == write.brand.id)
        .with_for_update(key_share=True)
    )


def _undefault(write: Write, customer_id: int) -> None:
    write.run(
        update(card)
        .where(card.c.customer == customer_id, card.c.is_default)
        .values(is_default=False, autopay=False)
    )


def _subject(customer_id: int) -> str:
    return f"customer:{customer_id}:card"
