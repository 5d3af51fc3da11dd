"""The command lines of staff; what they do is imported when one of them is given."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.options import BrandId, Config, Customer, Staff, Yes
from bot.settings import Problem, load

MOST = 200
"""Rows of the queue, unless said otherwise."""

queue = typer.Typer(help="What waits for your team.")
payments = typer.Typer(help="Payments that you confirm by hand.", no_args_is_help=True)
groups = typer.Typer(
    help="Companies that belong together (matriz and filiais).", no_args_is_help=True
)
people = typer.Typer(help="Who speaks for a customer.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="ID", help="As `balcao queue` shows it: claim-12.")]
Invoice = Annotated[str, typer.Argument(metavar="INVOICE", help="Its number.")]
Amount = Annotated[str, typer.Option("--amount", help="Reais, 120,00; else all that was owed.")]
On = Annotated[
    datetime | None,
    typer.Option("--on", formats=["%d/%m/%Y", "%Y-%m-%d"], help="The day it was paid, dd/mm/yyyy."),
]
Method = Annotated[
    str, typer.Option("--method", help="pix, boleto, card, cash, transfer; else `hand`.")
]
Anyway = Annotated[
    bool, typer.Option("--anyway", help="Also more than is owed, and the same again.")
]
Main = Annotated[str, typer.Argument(metavar="MAIN", help="The main company (matriz).")]
Others = Annotated[list[str], typer.Argument(metavar="OTHERS...", help="The others (filiais).")]
Company = Annotated[str, typer.Argument(metavar="COMPANY", help="A CNPJ, or its number here.")]
Person = Annotated[
    int, typer.Argument(metavar="PERSON", help="The number that `people list` shows.")
]


# ------------------------------------------------------------------------- queue


@queue.callback(invoke_without_command=True)
def list_queue(
    asked: typer.Context,
    most: Annotated[int, typer.Option("--most", help="At most so many, the oldest.")] = MOST,
    brand: BrandId = "",
    config: Config = None,
) -> None:
    """What waits for your team, the oldest first; without a word more, the list of it."""
    word = asked.invoked_subcommand
    if word is not None:
        if brand or config or most != MOST:  # else it would be left out without a word
            raise Problem(
                f"queue: its options come after {word!r}: `balcao queue {word} … --brand …`"
            )
        return
    from bot.run_staff import queue as run

    run.listed(load(config), brand, most)


@queue.command("show")
def show(
    id: Id,
    save: Annotated[
        Path | None, typer.Option("--save", help="Write its file into this folder.")
    ] = None,
    brand: BrandId = "",
    config: Config = None,
) -> None:
    """One thing that waits: who asked, through what, before and after."""
    from bot.run_staff import queue as run

    run.show(load(config), brand, id, save)


@queue.command("approve")
def approve(
    id: Id,
    note: Annotated[str, typer.Option("--note", help="A remark, for the record.")] = "",
    amount: Amount = "",
    on: On = None,
    method: Method = "",
    anyway: Anyway = False,
    staff: Staff = "",
    yes: Yes = False,
    brand: BrandId = "",
    config: Config = None,
) -> None:
    """Say yes: it is carried out, and the customer is told."""
    from bot.run_staff import queue as run

    money = run.Money(amount, on.date() if on else None, method, anyway)
    run.approve(load(config), brand, id, staff=staff, note=note, money=money, yes=yes)


@queue.command("deny")
def deny(
    id: Id,
    reason: Annotated[str, typer.Option("--reason", help="Why; the customer reads it.")],
    staff: Staff = "",
    brand: BrandId = "",
    config: Config = None,
) -> None:
    """Say no: nothing is changed, and the customer is told why."""
    from bot.run_staff import queue as run

    run.deny(load(config), brand, id, staff=staff, reason=reason)


# ------------------------------------------------------------------------- payments


@payments.command("confirm")
def confirm_payment(
    invoice: Invoice,
    amount: Amount = "",
    on: On = None,
    method: Method = "",
    anyway: Anyway = False,
    staff: Staff = "",
    yes: Yes = False,
    brand: BrandId = "",
    config: Config = None,
) -> None:
    """An invoice was paid outside every gateway: the customer gets the receipt."""
    from bot.run_staff import payments as run

    run.confirm(
        load(config), brand, invoice, amount=amount, on=on.date() if on else None, method=method,
        anyway=anyway, staff=staff, yes=yes,
    )  # fmt: skip


@payments.command("undo")
def undo_payment(
    invoice: Invoice,
    payment: Annotated[
        int | None, typer.Option("--payment", help="Which, where there are several.")
    ] = None,
    staff: Staff = "",
    yes: Yes = False,
    brand: BrandId = "",
    config: Config = None,
) -> None:
    """Take a confirmation back: the invoice may be open again."""
    from bot.run_staff import payments as run

    run.undo(load(config), brand, invoice, payment=payment, staff=staff, yes=yes)


@payments.command("list")
def list_payments(customer: Customer, brand: BrandId = "", config: Config = None) -> None:
    """What a customer paid, the oldest first."""
    from bot.run_staff import payments as run

    run.listed(load(config), brand, customer)


# ------------------------------------------------------------------------- groups


@groups.command("list")
def list_groups(
    company: Annotated[
        str, typer.Argument(metavar="[COMPANY]", help="Its group alone: a CNPJ, or its number.")
    ] = "",
    brand: BrandId = "",
    config: Config = None,
) -> None:
    """Every group, or the one of a company."""
    from bot.run_staff import groups as run

    run.listed(load(config), brand, company)


@groups.command("create")
def create_group(
    main: Main, others: Others, staff: Staff = "", brand: BrandId = "", config: Config = None
) -> None:
    """A new group; the administrators of the main company then decide for all of it."""
    from bot.run_staff import groups as run

    run.create(load(config), brand, main, others, staff=staff)


@groups.command("add")
def add_to_group(
    main: Main, others: Others, staff: Staff = "", brand: BrandId = "", config: Config = None
) -> None:
    """Further companies for a group."""
    from bot.run_staff import groups as run

    run.add(load(config), brand, main, others, staff=staff)


@groups.command("remove")
def remove_from_group(
    company: Company, staff: Staff = "", brand: BrandId = "", config: Config = None
) -> None:
    """Take a company out of its group."""
    from bot.run_staff import groups as run

    run.remove(load(config), brand, company, staff=staff)


# ------------------------------------------------------------------------- people


@people.command("list")
def list_people(customer: Customer, brand: BrandId = "", config: Config = None) -> None:
    """Who speaks for a customer, and who waits to."""
    from bot.run_staff import people as run

    run.listed(load(config), brand, customer)


@people.command("invite")
def invite(
    customer: Customer, staff: Staff = "", brand: BrandId = "", config: Config = None
) -> None:
    """Links to copy and send: one person may ask to come in by them."""
    from bot.run_staff import people as run

    run.invite(load(config), brand, customer, staff=staff)


@people.command("end-links")
def end_links(
    customer: Customer, staff: Staff = "", brand: BrandId = "", config: Config = None
) -> None:
    """End the links by which nobody has come in yet."""
    from bot.run_staff import people as run

    run.end_links(load(config), brand, customer, staff=staff)


def _changing(change: str, asks: bool) -> Callable[..., None]:
    """A command that changes one person; one that `asks` wants a yes."""

    def command(
        customer: Customer, person: Person, staff: Staff = "", yes: Yes = False,
        brand: BrandId = "", config: Config = None,
    ) -> None:  # fmt: skip
        from bot.domain.roles import Change
        from bot.run_staff import people as run

        yes = yes or not asks
        run.change(load(config), brand, customer, person, Change(change), staff=staff, yes=yes)

    return command


for _name, _asks, _help in (
    ("activate", False, "Let somebody in who waits, or was switched off."),
    ("reject", True, "Do not let somebody in who waits."),
    ("promote", False, "Make somebody an administrator."),
    ("demote", False, "Make an administrator a collaborator."),
    ("switch-off", True, "End somebody's access, and keep the role for later."),
    ("remove", True, "End somebody's access for good."),
):
    people.command(_name, help=_help)(_changing(_name, _asks))
