"""`balcao groups`: companies that belong together, a matriz and its filiais."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from bot.core.ports import Read, Write
from bot.domain.tax_id import format_tax_id
from bot.run_staff.playing import Office, called, customer_of
from bot.run_staff.printing import nothing, table
from bot.settings import Problem, Settings
from storage import companies, customers
from storage.companies import Grouped
from storage.customers import Customer

_REFUSED = {
    Grouped.UNKNOWN: "is no company (PJ), or the main one is none",
    Grouped.IN_ANOTHER: "is in another group, or the main company of one; take it out first",
    Grouped.NO_MAIN: "cannot join, since the main company named is itself in another's group",
}


def listed(settings: Settings, brand: str, typed: str = "") -> None:
    """Print every group of a brand, or the one of a customer. Raises Problem."""
    office = Office(settings, brand)

    def look(read: Read) -> list[Customer]:
        if typed:
            return list(customers.group_of(read, customer_of(read, typed).id))
        return companies.grouped(read)

    found = office.read(look)
    if len(found) < 2:
        nothing("There are no groups yet." if not typed else "This company is in no group.")
        return
    rows = [
        (
            str(of.main_customer or of.id), "filial" if of.main_customer else "main", str(of.id),
            of.trade_name or of.name, format_tax_id(of.tax_id),
        )
        for of in found
    ]  # fmt: skip
    table(("group", "is", "customer", "name", "CNPJ"), rows)


def create(settings: Settings, brand: str, main: str, others: Sequence[str], *, staff: str) -> None:
    """A new group of a main company and others; all of it or nothing. Raises Problem."""
    _join(settings, brand, main, others, staff=staff, new=True)


def add(settings: Settings, brand: str, main: str, others: Sequence[str], *, staff: str) -> None:
    """Further companies for a group; all of them or none. Raises Problem."""
    _join(settings, brand, main, others, staff=staff, new=False)


def remove(settings: Settings, brand: str, company: str, *, staff: str) -> None:
    """Take a company out of its group. Raises Problem."""
    office = Office(settings, brand)

    def work(write: Write) -> Customer:
        of = customer_of(write, company)
        if companies.leave_group(write, of.id) is not Grouped.DONE:
            leads = of.main_customer is None and len(customers.group_of(write, of.id)) > 1
            why = "is the main company: take the others out" if leads else "is in no group"
            raise Problem(f"COMPANY: {called(of)} {why}")
        return of

    of = office.write(staff, work)
    typer.echo(f"{called(of)} is in no group any more.")


def _join(
    settings: Settings, brand: str, main: str, others: Sequence[str], *, staff: str, new: bool
) -> None:
    office = Office(settings, brand)

    def work(write: Write) -> tuple[Customer, int]:
        head = customer_of(write, main)
        leads = len(customers.group_of(write, head.id)) > 1
        if new and leads:
            raise Problem(f"MAIN: {called(head)} is in a group; `balcao groups add` adds to it")
        if not new and not leads:
            raise Problem(f"MAIN: {called(head)} is in no group; `balcao groups create` makes one")
        for each in others:
            of = customer_of(write, each)
            if of.id == head.id:
                raise Problem(f"OTHERS: {called(of)} is the main company itself")
            done = companies.join_group(write, of.id, head.id)
            if done is not Grouped.DONE:
                raise Problem(f"OTHERS: {called(of)} {_REFUSED[done]}; nothing was changed")
        return head, len(customers.group_of(write, head.id))

    head, count = office.write(staff, work)
    typer.echo(f"{called(head)} is the main company of a group of {count}.")
