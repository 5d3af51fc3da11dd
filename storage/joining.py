"""Joining: somebody with an invite link asks to be one of a customer's people, and waits.

Until an administrator lets them in they are a stranger to everything (REQUIREMENTS 1.13 to 1.15): the chat
is remembered as theirs, and nothing at it is proved.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from sqlalchemy import func, insert, or_, select, update

from bot.core.message import Notice, NoticeButton, Text, _
from bot.core.ports import Read, Write
from bot.domain.roles import Role
from storage import links, members
from storage.people import VERIFIED_DAYS, here
from storage.tables import address, customer, link, membership, person


class Joined(StrEnum):
    """What became of the wish to come in."""

    WAITING = "waiting"
    GONE = "gone"
    """The link was used, ended or ran out."""
    ALREADY = "already"
    """Who asks is one of the people, or waits to be; the link is not used up."""
    FIRST = "first"
    """Nobody decides for the customer yet: the first has to prove who they are."""


class Standing(StrEnum):
    """Why a chat that was somebody's is a stranger's."""

    WAITING = "waiting"
    """No administrator has let them in yet."""
    OFF = "off"
    """An administrator switched them off."""
    GONE = "gone"
    """They are none of the customer's people any more."""
    LAPSED = "lapsed"
    """They are, but the proof has run out; they came by a link, so no code can reach them."""


def join(write: Write, link_id: int, name: str) -> str:
    """Use a link up and wait to be let in; the administrators are asked. Returns a `Joined`.

    Who is proved already (for another customer) is the same person here, and `name` is not looked at.
    """
    visitor = here(write)
    whose = links.customer_of(write, link_id, links.JOIN)
    if whose is None:
        return Joined.GONE.value
    company = members.lock(write, whose)
    if not members.administrators_of(write, whose):
        return Joined.FIRST.value
    who = visitor.person
    if _waits_here(write, visitor.address, whose) or (
        who is not None and _is_known(write, who, whose)
    ):
        return Joined.ALREADY.value
    if links.use(write, link_id, links.JOIN) is None:
        return Joined.GONE.value
    if who is None:
        who = _born(write, name)
        write.run(
            update(address)
            .where(address.c.id == visitor.address)
            .values(person=who, customer=whose, verified_until=None, fresh_until=None)
        )
    else:
        name = str(write.scalar(select(person.c.name).where(person.c.id == who)))
    write.run(
        insert(membership).values(
            person=who, customer=whose, role=Role.COLLABORATOR.value, active=False, invited=True,
            created_at=write.now,
        )
    )  # fmt: skip
    write.run(update(link).where(link.c.id == link_id).values(used_by=who))
    write.audit("person.joined", f"person:{who}", after={"customer": whose, "link": link_id})
    text = _(
        "**{name}** opened your invite link and asks to speak for **{company}**. Do you know this"
        " person? Until you let them in, they see nothing.",
        name=name,
        company=company,
    )
    _ask_administrators(write, whose, text, who, f"link:{link_id}")
    return Joined.WAITING.value


def announce(write: Write, person_id: int, customer_id: int) -> None:
    """Ask the administrators to let somebody in who proved a registered contact and waits; once a day."""
    company = members.lock(write, customer_id)
    text = _(
        "**{name}** proved a registered phone or e-mail of **{company}** and asks to come in. Do you"
        " know this person? Until you let them in, they see nothing.",
        name=members.name_of(write, person_id),
        company=company,
    )
    dedup = f"announced:{person_id}:{customer_id}:{write.today.isoformat()}"
    _ask_administrators(write, customer_id, text, person_id, dedup)


def standing_at(read: Read, address_id: int) -> Standing | None:
    """Why the chat is a stranger's though it was somebody's; None if it was nobody's, or is proved."""
    row = read.one(
        select(address.c.person, address.c.customer, address.c.verified_until).where(
            address.c.id == address_id
        )
    )
    if row is None or row.person is None or row.customer is None:
        return None
    if row.verified_until is not None and row.verified_until > read.now:
        return None
    matriz = select(customer.c.main_customer).where(customer.c.id == row.customer)
    found = read.all(
        select(membership.c.active, membership.c.activated_at, membership.c.invited)
        .where(
            membership.c.person == row.person,
            or_(
                membership.c.customer == row.customer,
                membership.c.customer == matriz.scalar_subquery(),
            ),
        )
        .order_by(membership.c.active.desc())
    )
    if not found:
        return Standing.GONE
    best = found[0]
    if best.active:
        return Standing.LAPSED if best.invited else None
    return Standing.WAITING if best.activated_at is None else Standing.OFF


def ask_again(write: Write) -> bool:
    """Somebody whose proof has run out asks to be let in again; False if this is not so (any more)."""
    visitor = here(write)
    if standing_at(write, visitor.address) is not Standing.LAPSED:
        return False
    row = write.one(
        select(
            address.c.person,
            address.c.customer,
            person.c.name,
            func.coalesce(customer.c.trade_name, customer.c.name).label("company"),
        )
        .join_from(address, person, person.c.id == address.c.person)
        .join(customer, customer.c.id == address.c.customer)
        .where(address.c.id == visitor.address)
    )
    if row is None:
        return False
    text = _(
        "**{name}** asks to come in again for **{company}**, from a chat that was let in before. Is"
        " it them?",
        name=row.name,
        company=row.company,
    )
    again = f"again:{visitor.address}:{write.today.isoformat()}"
    _ask_administrators(write, row.customer, text, row.person, again, chat=visitor.address)
    write.audit("person.asked_again", f"person:{row.person}")
    return True


def let_in_again(write: Write, customer_id: int, person_id: int, chat: int) -> bool:
    """Count a chat as an invited person's again; False if who asks may not, or it is not theirs."""
    company = members.lock(write, customer_id)
    if members.role_of(write, here(write).person, customer_id) is not Role.ADMINISTRATOR:
        return False
    if members.role_of(write, person_id, customer_id) is None:
        return False
    rows = write.run(
        update(address)
        .where(
            address.c.id == chat,
            address.c.person == person_id,
            address.c.customer == customer_id,
            address.c.brand == write.brand.id,
        )
        .values(verified_until=write.now + timedelta(days=VERIFIED_DAYS), fresh_until=None)
        .returning(address.c.id)
    )
    if not rows:
        return False
    write.audit("person.let-in", f"person:{person_id}", after={"customer": customer_id})
    write.post(
        Notice(
            _(
                "✅ An administrator of **{company}** let you in again. Write **menu** to go on.",
                company=company,
            )
        ),
        dedup=f"person:{person_id}:let-in:{write.now.isoformat()}:{chat}",
        address=chat,
        subject=f"person:{person_id}",
    )
    return True


# ------------------------------------------------------------------------- inside


def _ask_administrators(
    write: Write, customer_id: int, text: Text, who: int, dedup: str, *, chat: int | None = None
) -> None:
    """A notice with Activate / Reject to every administrator who can be reached."""
    seeds = {"person": who, "customer": customer_id}
    again = {} if chat is None else {"chat": chat}
    buttons = [
        NoticeButton(_("Let in"), "person-activate", seeds | again),
        NoticeButton(_("Reject"), "person-reject", seeds | again),
    ]
    for administrator in members.administrators_of(write, customer_id):
        for at in members.chats_of(write, administrator):
            write.post(
                Notice(text, tuple(buttons), person=administrator),
                dedup=f"{dedup}:asked:{at}", address=at, subject=f"person:{who}",
            )  # fmt: skip


def _waits_here(write: Write, address_id: int, customer_id: int) -> bool:
    """Whether whoever is at this chat waits for this customer."""
    return bool(
        write.scalar(
            select(membership.c.person)
            .join(address, address.c.person == membership.c.person)
            .where(
                address.c.id == address_id,
                address.c.customer == customer_id,
                membership.c.customer == customer_id,
                ~membership.c.active,
                membership.c.activated_at.is_(None),
            )
        )
    )


def _is_known(write: Write, person_id: int, customer_id: int) -> bool:
    return (
        members.role_of(write, person_id, customer_id) is not None
        or members.get(write, customer_id, person_id) is not None
    )


def _born(write: Write, name: str) -> int:
    ((id,),) = write.run(
        insert(person)
        .values(brand=write.brand.id, name=name, created_at=write.now)
        .returning(person.c.id)
    )
    return int(id)
