"""`balcao documents` and `balcao contracts`: what an operator files and offers, one at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal, TypeVar

from bot import logs
from bot.app import brand_of, prepare_database, server_key
from bot.core.brand import Brand
from bot.core.ports import Write
from bot.domain.contract_text import BadModel
from bot.domain.documents import MOST_BYTES
from bot.domain.errors import Invalid
from bot.domain.tax_id import parse_tax_id
from bot.settings import Problem, Settings
from storage import (
    contracts,
    customer_documents,
    customers,
    document_links,
    sent_documents,
)
from storage.database import open_database
from storage.leases import owner_name

T = TypeVar("T")
Login = Literal["required", "free", "default"]
_LOGIN: dict[Login, bool | None] = {"required": True, "free": False, "default": None}


_OFF = " (not shown yet: {} under [brands.features] is off)"
_TO_MAIL = (
    ("documents", "switch on documents under [brands.features]"),
    ("mail", "name an account under [[mail.accounts]]"),
)
"""What a mailed link needs, and the mend of what is missing."""


def login_of(word: str) -> Login:
    """What was typed for it. Raises Problem."""
    for each in _LOGIN:
        if each == word:
            return each
    raise Problem(f"login: holds {word!r}; may hold {' or '.join(map(repr, _LOGIN))}")


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A file and what it is, as the command line gives it."""

    path: Path
    title: str
    kind: str = "document"
    number: str | None = None
    period: str | None = None
    issued_on: date | None = None
    login: Login = "default"


def add_document(
    settings: Settings, brand: str, tax_id: str, new: NewDocument, *, mail: bool
) -> str:
    """File a document, and perhaps mail its customer a link to it; what was done. Raises Problem."""
    content = _content(new.path)

    def work(write: Write) -> str:
        for feature, setting in _TO_MAIL if mail else ():
            if not write.brand.has(feature):
                raise Problem(f"--mail: the link would open nothing or go nowhere; {setting}")
        id = customer_documents.add_document(
            write,
            _customer(write, tax_id),
            title=new.title,
            file_name=new.path.name,
            content=content,
            kind=new.kind,
            number=new.number,
            period=new.period,
            issued_on=new.issued_on,
            login_required=_LOGIN[new.login],
        )
        off = "" if write.brand.has("documents") else _OFF.format("documents")
        done = f"Document {id} is filed{off}"
        if not mail:
            return f"{done}."
        posted = document_links.mail_link(write, id, _customer(write, tax_id))
        if posted is None:
            return f"{done}; nobody was told, since there is no e-mail that takes mails."
        return f"{done}, and a link to it is on its way by e-mail."

    return _play(settings, brand, work)


def remove_document(settings: Settings, brand: str, tax_id: str, id: int) -> str:
    """Take a document out and erase its bytes; what was done. Raises Problem."""

    def work(write: Write) -> str:
        if not customer_documents.remove_document(write, id, _customer(write, tax_id)):
            raise Problem(f"documents: holds {id}, and this customer has no such document")
        return f"Document {id} is erased; who opened it stays on record."

    return _play(settings, brand, work)


def sent(settings: Settings, brand: str) -> str:
    """What customers sent and the office has not looked at, a line each. Raises Problem."""

    def look(write: Write) -> str:
        zone = write.brand.zone
        lines = [
            f"{each.document}  {each.sent_at.astimezone(zone):%Y-%m-%d %H:%M}  {each.title}"
            f"  ({each.by or '-'}, customer {each.customer})"
            for each in sent_documents.queue(write)
        ]
        return "\n".join(lines) or "No document waits for your team."

    return _play(settings, brand, look)


def look_at(settings: Settings, brand: str, id: int, folder: Path) -> str:
    """Write the file of a sent document into a folder, and note that it was looked at. Raises Problem."""

    def work(write: Write) -> str:
        file = customer_documents.content(write, id)
        if file is None or sent_documents.of(write, id) is None:
            raise Problem(f"documents: holds {id}, and no customer has sent such a document")
        path = folder / f"{id}-{file.name}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.content)
        except OSError as error:
            raise Problem(f"{path}: cannot be written ({error.strerror})") from error
        sent_documents.note_seen(write, id)
        return f"Its file is at {path}; it counts as looked at, and stays as it is from now on."

    return _play(settings, brand, work)


def set_login(settings: Settings, brand: str, tax_id: str, login: Login) -> str:
    """Whether one customer's documents need a login; what was done. Raises Problem."""

    def work(write: Write) -> str:
        customer_documents.set_login(write, _customer(write, tax_id), _LOGIN[login])
        said = {
            "required": "needs a login",
            "free": "needs none",
            "default": "is as the brand says",
        }
        return f"To open a document of this customer {said[login]}."

    return _play(settings, brand, work)


def add_model(settings: Settings, brand: str, path: Path, name: str) -> str:
    """Keep a contract model; what was done. Raises Problem."""
    try:
        body = _content(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Problem(f"{path.name}: is no text in UTF-8") from error

    def work(write: Write) -> str:
        model = contracts.add_model(write, name, body)
        return f"{model.name} is kept as version {model.version}."

    return _play(settings, brand, work)


def offer(settings: Settings, brand: str, tax_id: str, name: str, values: Sequence[str]) -> str:
    """Offer a contract by its model; `values` are "name=value". What was done. Raises Problem."""
    given = dict[str, str]()
    for each in values:
        key, equals, value = each.partition("=")
        if not equals:
            raise Problem(f"--value: holds {each!r}; may hold name=value")
        given[key.strip()] = value.strip()

    def work(write: Write) -> str:
        id = contracts.offer(write, _customer(write, tax_id), name, given)
        off = "" if write.brand.has("contracts") else _OFF.format("contracts")
        return f"Contract {id} is offered{off}."

    return _play(settings, brand, work)


# ------------------------------------------------------------------------- inside


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise Problem(f"{path.name}: is larger than {MOST_BYTES // 1024**2} MB")
        return path.read_bytes()
    except OSError as error:
        raise Problem(f"{path}: cannot be read ({error.strerror})") from error


def _customer(write: Write, typed: str) -> int:
    found = customers.by_tax_id(write, parse_tax_id(typed))
    if found is None:
        raise Problem("--customer: holds a CPF or CNPJ that no customer of this brand has")
    return found.id


def _play(settings: Settings, brand_id: str, work: Callable[[Write], T]) -> T:
    """One transaction; what a rule refuses is one line for the operator."""
    logs.set_up("error", settings.log.format)
    brand = _brand(settings, brand_id)
    prepare_database(settings)
    try:
        return asyncio.run(_in(settings, brand, work))
    except Invalid as error:
        raise Problem(f"not done: {error}") from error
    except (BadModel, LookupError) as error:
        raise Problem(f"not done: {error.args[0]}") from error


async def _in(settings: Settings, brand: Brand, work: Callable[[Write], T]) -> T:
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


def _brand(settings: Settings, id: str) -> Brand:
    brands = {each.id: each for each in settings.brands}
    if not id and len(brands) > 1:
        raise Problem(f"--brand: is missing; may hold {' or '.join(map(repr, brands))}")
    if id and id not in brands:
        raise Problem(f"--brand: holds {id!r}; may hold {' or '.join(map(repr, brands))}")
    return brand_of(brands[id] if id else settings.brands[0], mail=bool(settings.mail.accounts))
