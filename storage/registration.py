"""A customer's registration: as it stands, what may be done with it, and its changes, saved in one go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert  # compiles for SQLite too

from bot.core.brand import Brand, CustomField
from bot.core.message import JSON, Mail, Text, _
from bot.core.ports import Level, Read, Write
from bot.domain.permissions import DEFAULTS, Permission, Way, permission, way
from bot.domain.queue import Kind
from storage import approvals, contacts, customers, members, proofs
from storage.changes import CUSTOM, record_change
from storage.customers import Contact, Customer
from storage.people import here
from storage.tables import custom_value, customer

KIND = "registration"
"""Of an approval: what `apply_approved` carries out."""
ADDRESS = ("postal_code", "street", "street_number", "complement", "district", "city", "state")
"""The columns that are one field to whoever edits it."""
COLUMNS = ("name", "trade_name", "born_on", "registry_number")
"""The fields that are one column each."""
CONTACTS = ("email", "phone")

Words = Mapping[str, Text]
"""By field: a change as whoever decides it reads it, masked."""


@dataclass(frozen=True, slots=True)
class Registered:
    """All there is in a registration."""

    customer: Customer
    contacts: tuple[Contact, ...]
    custom: Mapping[str, str]
    """Values of the brand's own fields by key, as `parse_custom` stores them."""

    def value(self, field: str) -> JSON:
        """What a field holds, as JSON; of an address its parts by column."""
        if field == "address":
            return {name: getattr(self.customer, name) for name in ADDRESS}
        if field == "contacts":
            return [each.value for each in self.contacts if not each.is_primary]
        if field in DEFAULTS:
            found: Any = getattr(self.customer, field)
            return found.isoformat() if isinstance(found, date) else found
        return self.custom.get(field)


def get(read: Read, customer_id: int) -> Registered | None:
    """The registration of a customer of this brand, or None."""
    known = customers.get(read, customer_id)
    if known is None:
        return None
    rows = read.all(
        select(custom_value.c.key, custom_value.c.value).where(
            custom_value.c.customer == customer_id
        )
    )
    return Registered(
        known, customers.contacts(read, customer_id), {row.key: row.value for row in rows}
    )


def custom_field(brand: Brand, field: str) -> CustomField | None:
    """The brand's own field of that key, or None."""
    return next((each for each in brand.registration.custom if each.key == field), None)


def fields_of(brand: Brand, known: Customer) -> list[str]:
    """The fields that this customer is shown, in order."""
    every = [*DEFAULTS, *(each.key for each in brand.registration.custom)]
    return [field for field in every if allowed(brand, known, field) is not Permission.OFF]


def allowed(brand: Brand, known: Customer, field: str) -> Permission:
    """What this customer may do with a field; one that their kind (PF, PJ) does not have is off."""
    own = custom_field(brand, field)
    if (field == "trade_name" and known.kind == "PF") or (own and known.kind not in own.of):
        return Permission.OFF
    default = None
    if own is not None:
        default = Permission.EDIT if own.editable else Permission.SEE
    rules = brand.registration
    return permission(
        field,
        brand=rules.fields,
        groups=rules.groups,
        group=known.permission_group,
        default=default,
    )


def way_of(read: Read, person: int | None, known: Customer, field: str) -> Way:
    """What becomes of a change of a field that somebody makes."""
    role = members.role_of(read, person, known.id)
    return way(allowed(read.brand, known, field), role)


def save(
    write: Write,
    customer_id: int,
    edits: Mapping[str, JSON],
    *,
    words: Words,
    to_staff: bool = False,
) -> dict[str, JSON]:
    """Save edits by field, all in one go; what needs somebody's yes waits for it.

    An edit is the new value as `Registered.value` has it; of email and phone it is `{"value", "proof"}`.
    An e-mail that was not proved is refused, a phone that was not waits for staff. `words` are for whoever decides.
    `to_staff`: somebody who cannot be fresh, so that everything waits for staff.
    Returns `{"result": "saved" | "stale", "saved": […], "administrator": […], "staff": […], "refused": […]}`
    with the fields of each; "stale": the proof ran out before, and nothing was done.
    """
    visitor = here(write)
    outcome: dict[str, JSON] = {"result": "saved"} | {
        name: [] for name in ("saved", "administrator", "staff", "refused")
    }
    if visitor.level < (Level.VERIFIED if to_staff else Level.FRESH):
        return outcome | {"result": "stale"}
    members.lock(write, customer_id)
    known = customers.get(write, customer_id)
    if known is None or visitor.customer != customer_id:
        return outcome | {"refused": list(edits)}
    waiting = list[int]()
    for field, edit in edits.items():
        goes = way_of(write, visitor.person, known, field)
        if goes is not Way.REFUSED and to_staff:
            goes = Way.STAFF
        word, asked = _save(write, known, field, edit, goes, words[field])
        outcome[word].append(field)
        if word == Way.STAFF.value and asked is not None:
            waiting.append(asked)
    _tell_staff(write, known, outcome, waiting)
    return outcome


def _save(
    write: Write, known: Customer, field: str, edit: JSON, goes: Way, words: Text
) -> tuple[str, int | None]:
    """One field; under which word of the outcome it is told, and the id of what waits for a yes."""
    if goes is Way.REFUSED:
        return "refused", None
    by: str | None = "code"
    value = edit
    if field in CONTACTS:
        value, proof = edit["value"], edit["proof"]
        by = proofs.take(write, proof, known.id, field, value) if proof else None
        if by is None and field == "email":
            return "refused", None
        if by is None:
            goes = Way.STAFF
    if goes is Way.COUNTS:
        return "saved" if _apply(write, known, field, value, by or "") else "refused", None
    asked = approvals.ask(
        write, known.id, KIND, {"field": field, "value": value},
        words=words, waits_for="staff" if goes is Way.STAFF else "administrator", subject=field,
    )  # fmt: skip
    return "refused" if asked is None else goes.value, asked


def apply_approved(write: Write, customer_id: int, values: JSON) -> JSON:
    """Carry out a change that somebody approved, as `bot.domain.permissions` allows it at this moment."""
    known = customers.get(write, customer_id)
    if known is None:
        return {"refused": _("That registration is not there any more.").dump()}
    if values.get("wish") is not None:
        done = contacts.carry_out(
            write, customer_id, values["field"], values["wish"], proved_by="approval"
        )
        sound = done == "saved"
    else:
        sound = _apply(write, known, values["field"], values["value"], "approval")
    if not sound:
        return {"refused": _("The registration was changed meanwhile.").dump()}
    return {"saved": [values["field"]]}


def contact_wish(
    write: Write, customer_id: int, kind: str, wish: JSON, *, proof: int | None, words: Text
) -> str:
    """Add, delete, label a contact or make it the primary one: see `contacts.carry_out` for the wishes.

    A value that is new was proved, or (a phone) waits for staff. Returns "saved", "administrator",
    "staff", "waiting" (another such change waits already), "stale", or a refusal.
    """
    visitor = here(write)
    if visitor.level < Level.FRESH:
        return "stale"
    members.lock(write, customer_id)
    known = customers.get(write, customer_id)
    if known is None or visitor.customer != customer_id:
        return "refused"
    goes = way_of(write, visitor.person, known, "contacts")
    if goes is Way.REFUSED:
        return "refused"
    by: str | None = "code"
    if wish["op"] == "add":
        by = proofs.take(write, proof, customer_id, kind, wish["value"]) if proof else None
        if by is None and kind == "email":
            return "refused"
        goes = goes if by is not None else Way.STAFF
    if goes is Way.COUNTS:
        done = contacts.carry_out(write, customer_id, kind, wish, proved_by=by or "code")
        if done == "saved":
            _tell_staff(write, known, {"saved": ["contacts"], "staff": []}, [])
        return done
    asked = approvals.ask(
        write, customer_id, KIND, {"field": kind, "wish": wish},
        words=words, waits_for="staff" if goes is Way.STAFF else "administrator",
        subject=f"contacts:{kind}",
    )  # fmt: skip
    if asked is None:
        return "waiting"
    if goes is Way.STAFF:
        _tell_staff(write, known, {"saved": [], "staff": ["contacts"]}, [asked])
    return goes.value


def _apply(write: Write, known: Customer, field: str, value: JSON, by: str) -> bool:
    """Write one field, with what was and what is on record; False if it cannot be."""
    if field in CONTACTS:
        wish = {"op": "set", "value": value}
        return contacts.carry_out(write, known.id, field, wish, proved_by=by) in ("saved", "same")
    if field == "address":
        changed = {name: value[name] for name in ADDRESS}
    elif field in COLUMNS:
        changed = {field: value}
    else:
        return _apply_custom(write, known.id, field, value, by)
    for name, new in changed.items():
        old = getattr(known, name)
        before = old.isoformat() if isinstance(old, date) else old
        if before == new:
            continue
        stored = date.fromisoformat(new) if name == "born_on" and new else new
        write.run(update(customer).where(customer.c.id == known.id).values({name: stored}))
        record_change(write, known.id, name, before=before, after=new, proved_by=by)
    return True


def _apply_custom(write: Write, customer_id: int, field: str, value: JSON, by: str) -> bool:
    own = custom_field(write.brand, field)
    if own is None or (own.required and value is None):
        return False
    mine = (custom_value.c.customer == customer_id, custom_value.c.key == field)
    before = write.scalar(select(custom_value.c.value).where(*mine))
    if before == value:
        return True
    if value is None:
        write.run(delete(custom_value).where(*mine))
    else:
        new = insert(custom_value).values(
            customer=customer_id, key=field, value=value, changed_at=write.now
        )
        write.run(
            new.on_conflict_do_update(
                index_elements=[custom_value.c.customer, custom_value.c.key],
                set_={"value": new.excluded.value, "changed_at": new.excluded.changed_at},
            )
        )
    record_change(write, customer_id, f"{CUSTOM}{field}", before=before, after=value, proved_by=by)
    return True


def _tell_staff(
    write: Write, known: Customer, outcome: Mapping[str, Any], waiting: Sequence[int]
) -> None:
    """A mail to the brand: which fields of whom changed, or wait and as what; no value of them is in it."""
    changed, waits = outcome["saved"], outcome["staff"]
    if not (changed or waits) or not (write.brand.has("mail") and write.brand.email):
        return
    visitor = here(write)
    write.post(
        Mail(
            template="registration-changed", to=write.brand.email, locale=write.brand.locale,
            values={
                "customer_name": known.name, "first_name": known.first_name, "customer": known.id,
                "channel": visitor.at.account,
                "kind": known.kind, "changed": changed, "waits": waits,
                "queue": [Kind.CHANGE.named(each) for each in waiting],
            },
        ),
        dedup=f"registration:{known.id}:{write.now.isoformat()}:{write.keyed_hash('dedup', repr(outcome))[:16]}",
        address=visitor.address, subject=f"customer:{known.id}",
    )  # fmt: skip
