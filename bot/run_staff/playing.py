"""One transaction of somebody of the business: on record by name, and each mistake one line."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

from bot import logs
from bot.app import brand_of, prepare_database, server_key
from bot.core.brand import Brand
from bot.core.ports import Read, Turn, Write
from bot.domain.errors import Invalid
from bot.domain.tax_id import parse_tax_id
from bot.settings import Problem, Settings
from storage import customers
from storage.customers import Customer
from storage.database import Database, open_database
from storage.import_runs import ImportBusy
from storage.leases import owner_name

T = TypeVar("T")

LONGEST_NAME = 80
_LONGEST_NUMBER = 10
"""Digits of a customer's number here; a CPF has eleven."""


class NotDone(Problem):
    """The command was right and nothing came of it, as things stand now."""

    code = 1


class Office:
    """The database of one brand, as its staff works with it."""

    def __init__(self, settings: Settings, brand_id: str = "") -> None:
        """Raises Problem for a brand that is not there, and for a database that cannot be used."""
        logs.set_up("error", settings.log.format)
        self.settings = settings
        self.brand = _brand(settings, brand_id)
        prepare_database(settings)

    def write(self, staff: str, work: Callable[[Write], T]) -> T:
        """Do something in one transaction, as somebody by name. Raises Problem."""
        name = named(staff)

        def play(turn: Turn) -> T:
            turn.act_as(name)
            return work(turn)

        return self._run(lambda database: database.play(self.brand.id, play))

    def read(self, work: Callable[[Read], T]) -> T:
        """Look at something. Raises Problem."""
        return self._run(lambda database: database.read(self.brand.id, work))

    def _run(self, begin: Callable[[Database], Awaitable[T]]) -> T:
        try:
            return asyncio.run(self._in(begin))
        except Invalid as error:
            raise Problem(f"not done: {error}") from error
        except ImportBusy as error:
            raise NotDone(f"not done: {error}") from error

    async def _in(self, begin: Callable[[Database], Awaitable[T]]) -> T:
        database = open_database(
            self.settings.database.url,
            server_key=server_key(self.settings),
            clock=lambda: datetime.now(UTC),
            brands={self.brand.id: self.brand},
            owner=owner_name(),
            threads=1,
            readers=1,
        )
        try:
            return await begin(database)
        finally:
            await database.close()


def named(staff: str) -> str:
    """Who gives the command: what was said, else the login name. Raises Problem."""
    try:
        name = staff.strip() or getpass.getuser()
    except (KeyError, OSError) as error:  # a user without a name, as containers have them
        raise Problem("--as: is missing, and this user has no login name") from error
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise Problem(f"--as: may hold a name of at most {LONGEST_NAME} characters")
    return name


def customer_of(read: Read, typed: str) -> Customer:
    """The customer of a CPF, a CNPJ, or a number of ours. Raises Problem."""
    bare = typed.strip()
    if bare.isascii() and bare.isdigit() and len(bare) <= _LONGEST_NUMBER:
        found = customers.get(read, int(bare))
        if found is None:
            raise Problem(f"CUSTOMER: holds {bare}, which no customer of this brand has")
        return found
    try:
        found = customers.by_tax_id(read, parse_tax_id(bare))
    except Invalid as error:
        raise Problem(
            f"CUSTOMER: holds no CPF or CNPJ ({error}); may hold one, or a customer's number here"
        ) from error
    if found is None:
        raise Problem("CUSTOMER: holds a CPF or CNPJ that no customer of this brand has")
    return found


def called(of: Customer) -> str:
    """A customer as staff reads it: the name people use, and the number here."""
    return f"{of.trade_name or of.name} ({of.id})"


def _brand(settings: Settings, id: str) -> Brand:
    brands = {each.id: each for each in settings.brands}
    if not id and len(brands) > 1:
        raise Problem(f"--brand: is missing; may hold {' or '.join(map(repr, brands))}")
    if id and id not in brands:
        raise Problem(f"--brand: holds {id!r}; may hold {' or '.join(map(repr, brands))}")
    return brand_of(brands[id] if id else settings.brands[0], mail=bool(settings.mail.accounts))
