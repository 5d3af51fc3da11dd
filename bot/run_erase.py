"""`balcao erase`: a customer who asked for it, or one of its people, is erased as far as law allows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from bot import logs
from bot.app import brand_of, prepare_database, server_key
from bot.core.brand import Brand
from bot.core.ports import Write
from bot.domain.errors import Invalid
from bot.domain.tax_id import parse_tax_id
from bot.settings import Problem, Settings
from storage import customers, erased_keys, erasing
from storage.database import open_database
from storage.import_runs import ImportBusy
from storage.leases import owner_name


def lift(settings: Settings, brand_id: str, tax_id: str, reason: str) -> str:
    """Let imports bring an erased customer in again; what was done, in a line. Raises Problem."""

    def work(write: Write) -> str:
        if not erased_keys.lift(write, parse_tax_id(tax_id), reason=reason.strip()):
            raise Problem("--customer: holds a CPF or CNPJ that nobody erased here had")
        return "Lifted: the next import takes this customer in again. What was erased stays erased."

    return _done(settings, brand_id, reason, work)


def erase(
    settings: Settings, brand_id: str, tax_id: str, reason: str, *, person: int | None = None
) -> str:
    """Erase a customer, or one of its people by number; what was done, in a line. Raises Problem."""

    def work(write: Write) -> str:
        found = customers.by_tax_id(write, parse_tax_id(tax_id))
        if found is None:
            raise Problem("--customer: holds a CPF or CNPJ that no customer of this brand has")
        if person is None:
            made = erasing.erase(write, found.id, reason=reason.strip())
            return f"Customer {found.id} is erased ({sum(made.values())} rows); invoices stay."
        made = erasing.erase_person(write, found.id, person, reason=reason.strip())
        return f"Person {person} is erased ({sum(made.values())} rows); the customer stays."

    return _done(settings, brand_id, reason, work)


def _done(settings: Settings, brand_id: str, reason: str, work: Callable[[Write], str]) -> str:
    """Play it on the database, whose server need not run."""
    brand = _brand(settings, brand_id)
    if not reason.strip():
        raise Problem("--reason: is empty; it goes on record, so please say why")
    logs.set_up("error", settings.log.format)
    prepare_database(settings)
    try:
        return asyncio.run(_in(settings, brand, work))
    except (Invalid, LookupError, ImportBusy) as error:
        raise Problem(f"not done: {error}") from error


def _brand(settings: Settings, id: str) -> Brand:
    """The brand of that id; the only one needs none."""
    for each in settings.brands:
        if each.id == id or (not id and len(settings.brands) == 1):
            return brand_of(each, mail=bool(settings.mail.accounts))
    known = ", ".join(each.id for each in settings.brands)
    raise Problem(f"--brand: holds {id!r}; may hold {known}")


async def _in(settings: Settings, brand: Brand, work: Callable[[Write], str]) -> str:
    database = open_database(
        settings.database.url,
        server_key=server_key(settings),
        clock=lambda: datetime.now(UTC),
        brands={brand.id: brand},
        owner=owner_name(),
        threads=1,
        readers=1,
    )
    try:
        return await database.play(brand.id, work)
    finally:
        await database.close()
