"""A customer's e-mails and phones: changed as one list a kind, told to the old one, and undone for 48 hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update

from bot.core.message import JSON, Mail, Notice, NoticeButton, Text, _
from bot.core.ports import Read, Write
from bot.domain.email import masked_email
from bot.domain.phone import masked_phone
from storage import customers, members
from storage.changes import record_change
from storage.tables import address, code, contact, contact_change

UNDO_FOR = timedelta(hours=48)
"""How long the old contact may take a change back."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One e-mail or phone of a list; the first of a list is the primary one."""

    value: str
    label: str | None = None
    bad: str | None = None


def masked(kind: str, value: str) -> str:
    """An e-mail or phone with most of it hidden."""
    return masked_email(value) if kind == "email" else masked_phone(value)


def carry_out(write: Write, customer_id: int, kind: str, wish: JSON, *, proved_by: str) -> str:
    """Change the list of a kind (email, phone) as `wish` says; "saved", or why it was not.

    `wish` is one of: `{"op": "set", "value"}` (in place of the primary one), `{"op": "add", "value",
    "label"}`, and by row id `{"op": "delete" | "primary" | "label", "id", …}`. Refusals: "gone" (that
    contact is not there any more), "same" (nothing would change), "last" (the last e-mail is not deleted).
    What is to be proved was proved before. Raises LookupError for another brand's customer.
    """
    members.lock(write, customer_id)
    was = _rows(write, customer_id, kind)
    wanted = _wanted(kind, was, wish)
    if isinstance(wanted, str):
        return wanted
    values, now = [row.value for row in was], [each.value for each in wanted]
    _store(write, customer_id, kind, was, wanted)
    if values == now:
        write.audit("contact.labelled", f"customer:{customer_id}")
        return "saved"
    record_change(
        write, customer_id, kind,
        before=", ".join(values), after=", ".join(now), proved_by=proved_by,
    )  # fmt: skip
    new = next((each for each in now if each not in values), now[0] if now else "")
    if values:
        _remember(write, customer_id, kind, was, new)
    return "saved"


def undo(write: Write, change_id: int, *, by: str, customer_id: int | None = None) -> str:
    """Take back a change of contacts, and every later one of that kind; "undone", or why not.

    Whoever made it is no longer known where it was made, and codes that are on their way to the new
    address end: the change may have been somebody else's. `by`: "link" or "chat"; `customer_id`, if
    given, is whose it must be. Refusals: "unknown", "used", "expired".
    """
    row = write.one(_found(write, change_id, customer_id))
    if row is None:
        return "unknown"
    members.lock(write, row.customer)
    taken = write.run(
        update(contact_change)
        .where(
            contact_change.c.id == change_id,
            contact_change.c.undone_at.is_(None),
            contact_change.c.until > write.now,
        )
        .values(undone_at=write.now, undone_by=by)
        .returning(contact_change.c.id)
    )
    if not taken:
        now = write.one(_found(write, change_id, customer_id))
        return "used" if now is not None and now.undone_at is not None else "expired"
    later = write.run(
        update(contact_change)
        .where(
            contact_change.c.customer == row.customer,
            contact_change.c.kind == row.kind,
            contact_change.c.id > change_id,
            contact_change.c.undone_at.is_(None),
        )
        .values(undone_at=write.now, undone_by=by)
        .returning(contact_change.c.address)
    )
    was = _rows(write, row.customer, row.kind)
    wanted = [Entry(*each) for each in row.before]
    _store(write, row.customer, row.kind, was, wanted)
    before, after = [each.value for each in was], [each.value for each in wanted]
    record_change(
        write, row.customer, row.kind,
        before=", ".join(before), after=", ".join(after), proved_by="undo",
    )  # fmt: skip
    makers = {row.address, *(each.address for each in later)} - {None}
    here = write.visitor.address if write.visitor else None
    _shut_out(write, row.customer, makers - {here})
    write.audit("contact.undone", f"contact_change:{change_id}", after={"by": by})
    return "undone"


def pending_undo(read: Read, change_id: int, customer_id: int | None = None) -> JSON | None:
    """What an undo would take back: `{"kind", "shown", "result"}`; None for a change nobody knows.

    `result` is "open", "used" or "expired"; `shown` is the new contact, masked.
    """
    row = read.one(_found(read, change_id, customer_id))
    if row is None:
        return None
    still = "open" if row.until > read.now else "expired"
    result = "used" if row.undone_at is not None else still
    return {"kind": row.kind, "shown": row.shown, "result": result}


# ------------------------------------------------------------------------- the list of a kind


def _rows(write: Write, customer_id: int, kind: str) -> Sequence[Any]:
    """The contacts of a kind, the primary one first."""
    return write.all(
        select(contact)
        .where(contact.c.customer == customer_id, contact.c.kind == kind)
        .order_by(contact.c.is_primary.desc(), contact.c.id)
    )


def _wanted(kind: str, was: Sequence[Any], wish: JSON) -> list[Entry] | str:
    """The list as it shall be, or why it stays as it is."""
    entries = {row.id: Entry(row.value, row.label, row.bad) for row in was}
    known = {row.value: row.id for row in was}
    match wish["op"]:
        case "set":
            first = was[0] if was and was[0].is_primary else None
            if first is not None and first.value == wish["value"]:
                return "same"
            kept = [e for id, e in entries.items() if first is None or id != first.id]
            label = first.label if first is not None else None
            same = next((e for e in kept if e.value == wish["value"]), None)
            return [same or Entry(wish["value"], label), *(e for e in kept if e is not same)]
        case "add" if wish["value"] in known:
            return "same"
        case "add":
            return [*entries.values(), Entry(wish["value"], wish.get("label"))]
        case _ if wish["id"] not in entries:
            return "gone"
        case "delete":
            if kind == "email" and len(entries) == 1:
                return "last"
            return [e for id, e in entries.items() if id != wish["id"]]
        case "primary":
            if was[0].id == wish["id"] and was[0].is_primary:
                return "same"
            return [entries[wish["id"]], *(e for id, e in entries.items() if id != wish["id"])]
        case _:
            old = entries[wish["id"]]
            renamed = Entry(old.value, wish["label"], old.bad)
            return [renamed if id == wish["id"] else e for id, e in entries.items()]


def _store(
    write: Write, customer_id: int, kind: str, was: Sequence[Any], wanted: Sequence[Entry]
) -> None:
    """Make the table say so; a contact that stays keeps its row."""
    mine = (contact.c.customer == customer_id, contact.c.kind == kind)
    values = [each.value for each in wanted]
    write.run(delete(contact).where(*mine, contact.c.value.not_in(values)))
    # Of two primary ones the index would refuse the second.
    write.run(update(contact).where(*mine, contact.c.is_primary).values(is_primary=False))
    known = {row.value: row for row in was}
    for each in wanted:
        row = known.get(each.value)
        if row is None:
            new = {"customer": customer_id, "kind": kind, "value": each.value, "label": each.label}
            write.run(insert(contact).values(**new, is_primary=False, created_at=write.now))
        elif row.label != each.label:
            write.run(update(contact).where(contact.c.id == row.id).values(label=each.label))
    if values:
        write.run(
            update(contact).where(*mine, contact.c.value == values[0]).values(is_primary=True)
        )


# ------------------------------------------------------------------------- told, and undone


def _remember(write: Write, customer_id: int, kind: str, was: Sequence[Any], new: str) -> None:
    """Keep what was, and tell whoever could be reached by it."""
    until = write.now + UNDO_FOR
    shown = masked(kind, new) if new else ""
    ((id,),) = write.run(
        insert(contact_change)
        .values(
            brand=write.brand.id, customer=customer_id, kind=kind,
            address=write.visitor.address if write.visitor else None,
            before=[[row.value, row.label, row.bad] for row in was],
            shown=shown, at=write.now, until=until,
        )
        .returning(contact_change.c.id)
    )  # fmt: skip
    notice = Notice(
        _told(kind, shown), (NoticeButton(_("It was not me: undo"), "undo-change", {"change": id}),),
        until=until,
    )  # fmt: skip
    for chat in _other_chats(write, customer_id):
        write.post(
            notice, dedup=f"contact-change:{id}:chat:{chat}", address=chat,
            subject=f"contact_change:{id}",
        )  # fmt: skip
    if not write.brand.has("mail"):
        return
    known = customers.get(write, customer_id)
    for to in _old_mails(kind, was, known.email if known and known.can_be_mailed else None):
        body = Mail(
            template="contact-changed", to=to, locale=_locale(write),
            values={
                "customer_name": known.name if known else None,
                "first_name": known.first_name if known else None,
                "what": kind, "shown": shown, "undo": id,
            },
        )  # fmt: skip
        write.post(
            body, dedup=f"contact-change:{id}:mail:{write.keyed_hash('dedup', to)[:16]}",
            subject=f"contact_change:{id}",
        )  # fmt: skip


def _told(kind: str, shown: str) -> Text:
    if not shown:
        return _("The phone of your registration was deleted.")
    if kind == "email":
        return _("The e-mails of your registration were changed. New: **{shown}**.", shown=shown)
    return _("The phones of your registration were changed. New: **{shown}**.", shown=shown)


def _old_mails(kind: str, was: Sequence[Any], primary: str | None) -> list[str]:
    """Who hears of it by mail: the old e-mails; of a phone, the e-mail there is."""
    if kind == "email":
        return [row.value for row in was if row.bad is None]
    return [primary] if primary else []


def _other_chats(write: Write, customer_id: int) -> list[int]:
    """The other addresses where somebody of this customer is proved and can be written to."""
    here = write.visitor.address if write.visitor else None
    rows = write.all(
        select(address.c.id)
        .where(
            address.c.brand == write.brand.id,
            address.c.customer == customer_id,
            address.c.verified_until > write.now,
            address.c.bad.is_(None),
        )
        .order_by(address.c.id)
    )
    return [row.id for row in rows if row.id != here]


def _shut_out(write: Write, customer_id: int, chats: set[int]) -> None:
    """Forget who is at these addresses, and end the codes that are on their way for this customer."""
    if chats:
        write.run(
            update(address)
            .where(address.c.id.in_(sorted(chats)), address.c.customer == customer_id)
            .values(person=None, customer=None, verified_until=None, fresh_until=None)
        )
    write.run(
        update(code)
        .where(code.c.customer == customer_id, code.c.used_at.is_(None))
        .values(used_at=write.now)
    )


def _found(read: Read, change_id: int, customer_id: int | None) -> Any:
    found = select(contact_change).where(
        contact_change.c.id == change_id, contact_change.c.brand == read.brand.id
    )
    return found if customer_id is None else found.where(contact_change.c.customer == customer_id)


def _locale(write: Write) -> str:
    chosen = write.visitor.locale if write.visitor else None
    return chosen or write.brand.locale
