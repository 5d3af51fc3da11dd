"""What becomes of a customer's people: let in, promoted, demoted, switched off, removed.

Each change holds the customer's lock and looks again at who asks and who is there, so that two
administrators who change each other at once leave one. Whoever loses a right loses the chats that
counted on it in the same transaction.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, false, func, select, update

from bot.core.message import Notice, Text, _
from bot.core.ports import Write
from bot.domain.roles import Change, Member, Refusal, Role, changed, refusal
from storage import members
from storage.people import VERIFIED_DAYS, here
from storage.tables import address, approval, link, membership

DONE = "done"


def change(write: Write, customer_id: int, person_id: int, what: Change | str) -> str:
    """Change one of the people of a customer; who asks must be its administrator, or staff.

    Returns "done", or the `Refusal` that says why not. Whoever it concerns is told.
    """
    what = Change(what)
    actor = None if write.staff else here(write).person
    company = members.lock(write, customer_id)
    allowed = members.decides(write, customer_id)
    there = {each.person: each for each in members.page(write, customer_id, limit=_ALL)}
    own = [each.member for each in there.values()]
    why = refusal(what, person_id, own, allowed=allowed)
    if why is Refusal.LAST and set(members.administrators_of(write, customer_id)) - {person_id}:
        why = None  # those of the matriz decide for a filial too
    if why is not None:
        return why.value
    before = there[person_id]
    after = changed(before.member, what)
    reached = _chats(write, person_id)
    _store(write, customer_id, person_id, after)
    if what is Change.ACTIVATE:
        _let_in(write, customer_id, person_id)
    elif what is not Change.PROMOTE:
        _take_away(write, customer_id, person_id, left=after is None or not after.active)
    write.audit(
        f"person.{what.value}",
        f"person:{person_id}",
        before=_recorded(customer_id, before.member),
        after=_recorded(customer_id, after),
    )
    if person_id != actor:
        told = Notice(_told(what, company, by_staff=write.staff is not None))
        for chat in reached:
            write.post(
                told, address=chat, subject=f"person:{person_id}",
                dedup=f"person:{person_id}:{customer_id}:{what.value}:{write.now.isoformat()}:{chat}",
            )  # fmt: skip
    return DONE


_ALL = 10_000
"""More people than any customer has."""


def _store(write: Write, customer_id: int, person_id: int, after: Member | None) -> None:
    mine = (membership.c.customer == customer_id, membership.c.person == person_id)
    if after is None:
        write.run(delete(membership).where(*mine))
        return
    values: dict[str, object] = {"role": after.role.value, "active": after.active}
    if after.active:
        values["activated_at"] = write.now
    write.run(update(membership).where(*mine).values(values))


def _let_in(write: Write, customer_id: int, person_id: int) -> None:
    """The chats in which somebody waits for this customer count from now on, as long as any proof does."""
    write.run(
        update(address)
        .where(
            address.c.person == person_id,
            address.c.customer == customer_id,
            address.c.brand == write.brand.id,
        )
        .values(verified_until=write.now + timedelta(days=VERIFIED_DAYS), fresh_until=None)
    )


def _take_away(write: Write, customer_id: int, person_id: int, *, left: bool) -> None:
    """What counted on the role ends with it: chats, open links, and wishes that wait for a yes."""
    still = [each.customer for each in members.spoken_for(write, person_id)]
    lost = (
        address.c.person == person_id,
        address.c.brand == write.brand.id,
        address.c.customer.not_in(still),
    )
    if customer_id in still:  # no administrator of the group any more: back to the own company
        write.run(update(address).where(*lost).values(customer=customer_id, fresh_until=None))
    else:
        # A chat whose proof had run out before is nobody's: being let in again must not revive it.
        alive = address.c.verified_until > write.now
        write.run(
            update(address)
            .where(*lost, ~func.coalesce(alive, false()))
            .values(person=None, customer=None, verified_until=None, fresh_until=None)
        )
        write.run(update(address).where(*lost).values(verified_until=None, fresh_until=None))
    write.run(
        update(link)
        .where(
            link.c.created_by == person_id,
            link.c.customer.not_in(
                [each.customer for each in members.spoken_for(write, person_id)
                 if each.role is Role.ADMINISTRATOR]
            ),
            link.c.used_at.is_(None),
            link.c.revoked_at.is_(None),
        )
        .values(revoked_at=write.now)
    )  # fmt: skip
    if left:
        write.run(
            update(approval)
            .where(
                approval.c.asked_by == person_id,
                approval.c.customer.not_in(still),
                approval.c.state == "waiting",
            )
            .values(state="expired")
        )


def _chats(write: Write, person_id: int) -> list[int]:
    """Where somebody is or was, proved or waiting: they are told in any case."""
    rows = write.all(
        select(address.c.id)
        .where(
            address.c.person == person_id,
            address.c.brand == write.brand.id,
            address.c.bad.is_(None),
        )
        .order_by(address.c.id)
    )
    return [row.id for row in rows]


def _recorded(customer_id: int, member: Member | None) -> dict[str, object]:
    if member is None:
        return {"customer": customer_id, "role": None}
    return {"customer": customer_id, "role": member.role.value, "state": member.state.value}


def _told(what: Change, company: str, *, by_staff: bool) -> Text:
    match what:
        case Change.ACTIVATE if by_staff:
            return _(
                "✅ Our team let you in for **{company}**. Write **menu** to begin.",
                company=company,
            )
        case Change.REJECT if by_staff:
            return _(
                "Our team did not let you in. If that is a mistake, write /human to talk to us."
            )
        case Change.REMOVE | Change.SWITCH_OFF if by_staff:
            return _(
                "Our team ended your access to **{company}** here. If that is a mistake, write /human to"
                " talk to us.",
                company=company,
            )
        case Change.ACTIVATE:
            return _(
                "✅ An administrator of **{company}** let you in. Write **menu** to begin.",
                company=company,
            )
        case Change.REJECT:
            return _("The administrator did not let you in. If that is a mistake, talk to them.")
        case Change.PROMOTE:
            return _("You are an administrator of **{company}** now.", company=company)
        case Change.DEMOTE:
            return _(
                "You are a collaborator of **{company}** now: administrators decide your changes.",
                company=company,
            )
        case _:
            return _(
                "An administrator ended your access to **{company}** here. If that is a mistake,"
                " talk to them.",
                company=company,
            )
