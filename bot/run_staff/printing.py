"""What staff reads: a table on a terminal, plain lines parted by tabs where it is piped on."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text as Line

from bot.app import LOCALES
from bot.core.brand import Brand
from bot.core.message import Text
from bot.core.render import SOURCE_LOCALE, Catalogs, Renderer
from bot.run_staff.playing import NotDone
from storage.answering import Reach


def on_terminal() -> bool:
    """Whether somebody reads along, and can be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Rows under their headers; without them, and each in one line, where nobody reads along."""
    if not sys.stdout.isatty():
        for row in rows:
            typer.echo("\t".join(clean(cell, in_one_line=True) for cell in row))
        return
    drawn = Table(box=None, pad_edge=False, header_style="bold", show_header=any(headers))
    for header in headers:
        drawn.add_column(header, overflow="fold")
    for row in rows:
        drawn.add_row(*(Line(clean(cell)) for cell in row))
    Console(highlight=False).print(drawn)


def copyable(rows: Sequence[tuple[str, str]]) -> None:
    """Values to be copied, each alone in a line of its own: a table would fold a long one."""
    for label, value in rows:
        if sys.stdout.isatty():
            typer.echo(f"{clean(label)}\n  {clean(value)}")
        else:
            typer.echo(f"{clean(label)}\t{clean(value)}")


def nothing(words: str) -> None:
    """That a list is empty: for a reader, not for what a pipe goes on with."""
    typer.echo(words, err=not sys.stdout.isatty())


def sure(question: str, *, yes: bool) -> None:
    """Ask on a terminal before something is done. Raises NotDone for a no."""
    if yes or not on_terminal():
        return
    if not typer.confirm(clean(question)):
        raise NotDone("Nothing was done.")


def clean(words: str, *, in_one_line: bool = False) -> str:
    """Words without what would steer a terminal: names are typed by strangers."""
    kept = "" if in_one_line else "\n"
    return "".join(c if c.isprintable() or c in kept else " " for c in words)


class Words:
    """Values and Texts of a brand in the language of the command line."""

    def __init__(self, brand: Brand) -> None:
        self._zone = brand.zone
        self._renderer = Renderer(Catalogs(LOCALES), brand.zone, brand.currency)

    def text(self, text: Text) -> str:
        """A Text as it is read, for instance "Invoice 2026-11-A"."""
        return self._renderer.plain(text, SOURCE_LOCALE)

    def money(self, amount: Decimal) -> str:
        return self.text(Text("{amount}", {"amount": amount}))

    def day(self, day: date) -> str:
        return f"{day:%d/%m/%Y}"

    def at(self, instant: datetime) -> str:
        """An instant as the brand's clock showed it; in full where it is piped on."""
        local = instant.astimezone(self._zone)
        return f"{local:%d/%m/%Y %H:%M}" if sys.stdout.isatty() else local.isoformat("T", "seconds")


def reached(how: Reach) -> str:
    """How somebody is told, as a sentence."""
    match how:
        case Reach.CHAT:
            return "The customer is told in the chat."
        case Reach.MAIL:
            return "The customer is told by e-mail."
        case Reach.NOBODY:
            return "The customer cannot be reached from here: please tell them yourself."
