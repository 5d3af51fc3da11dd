"""`balcao queue`: what waits for staff, and what they say to it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import typer

from bot.core.ports import Read, Write
from bot.domain.queue import Kind, parse
from bot.run_staff.payments import amount_of, described, method_of, refused
from bot.run_staff.playing import NotDone, Office
from bot.run_staff.printing import Words, nothing, on_terminal, reached, sure, table
from bot.settings import Problem, Settings
from storage import confirming, deciding, decisions, queue, received_files
from storage.deciding import Decided, Outcome, PaidHow
from storage.decisions import Decision
from storage.queue import Waiting


def listed(settings: Settings, brand: str, most: int) -> None:
    """Print what waits, the oldest first. Raises Problem."""
    if most < 1:
        raise Problem(f"--most: holds {most}; may hold 1 or more")
    office = Office(settings, brand)
    words = Words(office.brand)
    found = office.read(lambda read: queue.waiting(read, most))
    if not found:
        nothing("Nothing waits for your team. 🎉")
        return
    rows = [
        (of.ref, of.kind.value, f"{of.name} ({of.customer})", words.text(of.what), words.at(of.since))
        for of in found
    ]  # fmt: skip
    table(("id", "kind", "customer", "what", "since"), rows)
    if len(found) == most:
        typer.echo(f"These are the {most} oldest; --most shows more.", err=True)


def show(settings: Settings, brand: str, ref: str, save: Path | None) -> None:
    """Print one thing that waits, whole, and perhaps write its file into a folder. Raises Problem."""
    office = _office(settings, brand, ref)
    words = Words(office.brand)

    def look(read: Read) -> tuple[Waiting | None, Decision | None, list[tuple[str, str]]]:
        of = queue.get(read, ref)
        told = queue.details(read, of) if of else []
        lines = [(words.text(label), words.text(value)) for label, value in told]
        return of, decisions.of(read, _name(ref)), lines

    of, decision, lines = office.read(look)
    if of is None and decision is not None:
        typer.echo(_decided(decision, words))
        return
    if of is None:
        raise _gone(ref)
    rows = [
        ("id", of.ref),
        ("customer", f"{of.name} ({of.customer})"),
        ("what", words.text(of.what)),
        ("asked by", of.asker or "-"),
        ("through", of.through or "-"),
        ("since", words.at(of.since)),
        *((label.lower(), value) for label, value in lines),
    ]
    table(("", ""), rows)
    if save is not None:
        typer.echo(_saved(office, of, save))


@dataclass(frozen=True, slots=True)
class Money:
    """How a claim was paid, as typed."""

    amount: str = ""
    on: date | None = None
    method: str = ""
    anyway: bool = False

    @property
    def given(self) -> bool:
        return bool(self.amount or self.on or self.method or self.anyway)


def approve(
    settings: Settings,
    brand: str,
    ref: str,
    *,
    staff: str,
    note: str = "",
    money: Money | None = None,
    yes: bool = False,
) -> None:
    """Approve one thing, and print what came of it. Raises Problem, NotDone."""
    office = _office(settings, brand, ref)
    words = Words(office.brand)
    money = money or Money()
    amount = amount_of(money.amount) if money.amount else None
    paid = PaidHow(amount, money.on, method_of(money.method), money.anyway)
    of = office.read(lambda read: queue.get(read, ref))
    if money.given and of is not None and of.kind is not Kind.CLAIM:
        raise Problem(f"--amount, --on, --method, --anyway: are for claims, and {of.ref} is none")
    if of is not None and of.kind is Kind.ERASURE and not yes and not on_terminal():
        raise Problem("--yes: is missing; what is erased does not come back")
    if of is not None:
        sure(_question(office, of, paid, words), yes=yes)
    _tell(office, words, staff, ref, yes=True, note=note, paid=paid)


def deny(settings: Settings, brand: str, ref: str, *, staff: str, reason: str) -> None:
    """Deny one thing, and print what came of it. Raises Problem, NotDone."""
    if not reason.strip():
        raise Problem("--reason: is empty; the customer reads it, so please say why")
    office = _office(settings, brand, ref)
    _tell(office, Words(office.brand), staff, ref, yes=False, note=reason)


# ------------------------------------------------------------------------- inside


def _office(settings: Settings, brand: str, ref: str) -> Office:
    """The brand in which something waits, or was decided: no two things have one id, so it need not be said.

    Raises Problem.
    """
    if brand or len(settings.brands) == 1:
        return Office(settings, brand)

    def is_here(read: Read) -> bool:
        return queue.get(read, ref) is not None or decisions.of(read, _name(ref)) is not None

    for each in settings.brands:
        office = Office(settings, each.id)
        if office.read(is_here):
            return office
    raise _gone(ref)


def _name(ref: str) -> str:
    return ref.strip().lower()


def _tell(
    office: Office,
    words: Words,
    staff: str,
    ref: str,
    *,
    yes: bool,
    note: str,
    paid: PaidHow | None = None,
) -> None:
    def work(write: Write) -> Decided:
        return deciding.decide(write, ref, approve=yes, note=note, paid=paid)

    done = office.write(staff, work)
    match done.outcome:
        case Outcome.GONE:
            raise _gone(ref)
        case Outcome.DECIDED if done.before is not None:
            raise NotDone(_decided(done.before, words))
        case Outcome.WRONG if done.payment is not None:
            raise refused(done.payment, words)
        case Outcome.CANNOT:
            reason = words.text(done.reason) if done.reason else ""
            raise NotDone(
                f"{ref}: is approved, and could not be done: {reason} {reached(done.reach)}"
            )
    verdict = "approved" if yes else "denied"
    if done.payment is not None:
        typer.echo(f"{ref}: {verdict}. {described(done.payment, words)}")
    elif done.waiting is not None and done.waiting.kind is Kind.ERASURE and yes:
        typer.echo(
            f"{ref}: approved, and done. The chat is erased too: please answer them yourself."
        )
    else:
        typer.echo(f"{ref}: {verdict}. {reached(done.reach)}")


def _question(office: Office, of: Waiting, paid: PaidHow, words: Words) -> str:
    match of.kind:
        case Kind.ERASURE:
            return f"{of.name} ({of.customer}): erase for good?"
        case Kind.CLAIM:
            day = paid.on or of.since.astimezone(office.brand.zone).date()
            amount = paid.amount
            if amount is None:
                amount = office.read(lambda read: _owed(read, of, day))
            booked = f"{words.money(amount)} of {words.day(day)}"
            return f"{of.name} ({of.customer}): book {booked} for invoice {of.row.number}?"
        case _:
            return f"{of.name} ({of.customer}): {words.text(of.what)}\nApprove?"


def _owed(read: Read, of: Waiting, day: date) -> Decimal:
    found = confirming.find(read, of.row.number)
    return Decimal(0) if found is None else confirming.owed_on(read, found, day)


def _decided(decision: Decision, words: Words) -> str:
    verdict = "approved" if decision.approved else "denied"
    why = f": {decision.note}" if decision.note else ""
    return f"{decision.subject}: {verdict} by {decision.staff} on {words.at(decision.at)}{why}"


def _gone(ref: str) -> Problem:
    kinds = ", ".join(kind.named(1) for kind in Kind)
    if parse(ref) is None:
        return Problem(f"ID: holds {ref!r}; may hold what `balcao queue` shows, as {kinds}")
    return Problem(f"ID: holds {ref!r}, and nothing waits under that name (any more)")


def _saved(office: Office, of: Waiting, folder: Path) -> str:
    """The files of a claim written into a folder; what was done. Raises Problem."""
    if of.kind is not Kind.CLAIM or not of.row.file:
        raise Problem(f"--save: {of.ref} came without a file")

    def look(read: Read) -> list[tuple[str, bytes]]:
        found = received_files.of_claim(read, of.id)
        return [(each.name, received_files.content(read, each.id) or b"") for each in found]

    files = office.read(look)
    if not files:
        raise Problem(
            f"--save: the file of {of.ref} is not here; look for it in the channel {of.through}"
        )
    paths = []
    for number, (called, content) in enumerate(files, 1):
        name = re.sub(r"[^\w.-]+", "_", called, flags=re.ASCII).lstrip(".")[-80:] or "file"
        which = f"{number}-" if len(files) > 1 else ""
        paths.append(_write(folder, f"{of.ref}-{which}{name}", content))
    if len(paths) == 1:
        return f"The file is at {paths[0]}"
    return "The files are at " + ", ".join(map(str, paths))


def _write(folder: Path, name: str, content: bytes) -> Path:
    """A file that was not there before. Raises Problem."""
    path = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError as error:
        raise Problem(f"--save: {str(path)!r} is there already") from error
    except OSError as error:
        raise Problem(
            f"--save: holds {str(folder)!r}, which cannot be written ({error.strerror})"
        ) from error
    return path
