"""Companies: which of those somebody speaks for is at hand, and which belong to one group."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from sqlalchemy import select, update

from bot.core.ports import Read, Write
from bot.domain.roles import Role
from storage import customers, members
from storage.customers import Customer
from storage.people import here
from storage.tables import address, customer


def turn_to(write: Write, customer_id: int, *, show: Literal["one", "same"] = "one") -> bool:
    """Have another company at hand in this chat; False if who is here does not speak for it.

    Lists then show that `one` alone, or go on as they do (`same`: something in a list was chosen).
    A code just entered goes on allowing changes only within a group that one administers: it
    proved another company's contact.
    """
    visitor = here(write)
    if visitor.customer is None or members.role_of(write, visitor.person, customer_id) is None:
        return False
    members.lock(write, customer_id)  # a role that is taken away at this moment is seen to be gone
    role = members.role_of(write, visitor.person, customer_id)
    if role is None:
        return False
    values: dict[str, object] = {"customer": customer_id}
    if show == "one":
        values["all_companies"] = False
    within = role is Role.ADMINISTRATOR and _same_group(write, visitor.customer, customer_id)
    if customer_id != visitor.customer and not within:
        values["fresh_until"] = None
    write.run(update(address).where(address.c.id == visitor.address).values(values))
    write.audit(
        "company.chosen",
        f"address:{visitor.address}",
        before={"customer": visitor.customer},
        after={"customer": customer_id},
    )
    return True


def show_all(write: Write) -> bool:
    """Let lists show what belongs to every company spoken for; False if nobody is proved here."""
    visitor = here(write)
    if visitor.customer is None:
        return False
    write.run(update(address).where(address.c.id == visitor.address).values(all_companies=True))
    write.audit("company.all", f"address:{visitor.address}", before={"customer": visitor.customer})
    return True


class Grouped(StrEnum):
    """What became of a change of a group."""

    DONE = "done"
    UNKNOWN = "unknown"
    """One of them is no company of this brand."""
    IN_ANOTHER = "in-another"
    """The filial is in another group already, or is the matriz of one."""
    NO_MAIN = "no-main"
    """What shall be the matriz is a filial itself."""


def join_group(write: Write, filial: int, matriz: int) -> Grouped:
    """Make a company a filial of another (staff's, or an import's): one group a company, no cycles."""
    rows = {
        row.id: row
        for row in write.all(
            select(customer.c.id, customer.c.kind, customer.c.main_customer)
            .where(customer.c.id.in_([filial, matriz]), customer.c.brand == write.brand.id)
            .order_by(customer.c.id)
            .with_for_update(key_share=True)
        )
    }
    if len(rows) < 2 or any(row.kind != "PJ" for row in rows.values()):
        return Grouped.UNKNOWN
    if rows[matriz].main_customer is not None:
        return Grouped.NO_MAIN
    leads = write.scalar(select(customer.c.id).where(customer.c.main_customer == filial))
    if leads is not None or rows[filial].main_customer not in (None, matriz):
        return Grouped.IN_ANOTHER
    return _regroup(write, filial, rows[filial].main_customer, matriz)


def leave_group(write: Write, filial: int) -> Grouped:
    """Take a company out of its group; chats in which it is at hand by the group's right alone end."""
    row = write.one(
        select(customer.c.main_customer)
        .where(customer.c.id == filial, customer.c.brand == write.brand.id)
        .with_for_update(key_share=True)
    )
    if row is None or row.main_customer is None:
        return Grouped.UNKNOWN
    done = _regroup(write, filial, row.main_customer, None)
    at_hand = write.all(
        select(address.c.id, address.c.person).where(
            address.c.customer == filial, address.c.person.is_not(None)
        )
    )
    for chat in at_hand:
        if members.role_of(write, chat.person, filial) is None:
            own = members.role_of(write, chat.person, row.main_customer) is not None
            values: dict[str, object] = (
                {"customer": row.main_customer} if own else {"verified_until": None}
            )
            write.run(
                update(address)
                .where(address.c.id == chat.id)
                .values(values | {"fresh_until": None})
            )
    return done


def dissolve_group(write: Write, matriz: int) -> None:
    """Its filiais go on as customers of their own, in no group."""
    filiais = select(customer.c.id).where(
        customer.c.main_customer == matriz, customer.c.brand == write.brand.id
    )
    for filial in write.all(filiais.order_by(customer.c.id)):
        leave_group(write, filial.id)


def _regroup(write: Write, filial: int, before: int | None, after: int | None) -> Grouped:
    if before != after:
        write.run(update(customer).where(customer.c.id == filial).values(main_customer=after))
        write.audit(
            "company.grouped", f"customer:{filial}", before={"main": before}, after={"main": after}
        )
    return Grouped.DONE


def _same_group(write: Write, one: int, other: int) -> bool:
    rows = write.all(
        select(customer.c.id, customer.c.main_customer).where(customer.c.id.in_([one, other]))
    )
    return len({row.main_customer or row.id for row in rows}) == 1


def grouped(read: Read) -> list[Customer]:
    """Every company of this brand that is in a group: by group, its matriz first, then by name."""
    filial = customer.alias()
    rows = read.all(
        select(customer.c.id)
        .where(
            customer.c.brand == read.brand.id,
            customer.c.main_customer.is_(None),
            select(filial.c.id).where(filial.c.main_customer == customer.c.id).exists(),
        )
        .order_by(customer.c.name, customer.c.id)
    )
    return [each for row in rows for each in customers.group_of(read, row.id)]
