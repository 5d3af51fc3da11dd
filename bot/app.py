"""Wiring: every part is built here from the settings, and takes fakes by keyword."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Route

import handlers
from bot.bots import telegram
from bot.channels.webchat import WebChat
from bot.core.brand import Brand, DocumentRules, PeopleRules, Pix, PrivacyRules, Terms
from bot.core.counter import Counter
from bot.core.engine import Engine
from bot.core.flow import Registry
from bot.core.ports import Channel
from bot.core.render import Catalogs
from bot.core.tokens import Tokens
from bot.delivery.alarms import Alarms
from bot.delivery.dispatcher import Dispatcher
from bot.delivery.mails import MailDelivery
from bot.delivery.smtp import Mailer, SmtpAccount
from bot.delivery.templates import Templates
from bot.domain.calendar import is_business_day
from bot.edges.disclosing import Disclosing
from bot.edges.filing import Filing
from bot.edges.inviting import Inviting
from bot.edges.leaving import Leaving
from bot.edges.looking_up import LookingUp
from bot.edges.paying import Paying, payments_of
from bot.edges.receiving import Fetching, Uploads
from bot.edges.reports import Reports
from bot.edges.undoing import Undoing
from bot.edges.unsubscribing import Unsubscribing
from bot.mail_accounts import smtp_accounts
from bot.papers import Papers
from bot.payments.port import Gateway
from bot.settings import BrandSettings, Problem, Settings
from bot.settings.promises import trust_of
from bot.settings.registration import rules_of
from bot.web.app import create_app
from bot.web.assets import Assets
from bot.web.pages import ChatPage, Looks
from storage.database import Database, open_database
from storage.housekeeping import erase_stale
from storage.leases import end_leases, owner_name
from storage.migrate import migrate, pending

log = structlog.get_logger(__name__)

LOCALES = Path(__file__).parents[1] / "locales"
HOUSEKEEPING = timedelta(minutes=5)
"""How often stale answers, ids and codes are erased."""


def brand_of(settings: BrandSettings, *, mail: bool) -> Brand:
    """A brand as the machine knows it; `mail` says whether anything can be mailed at all."""
    pix, terms = settings.pix, settings.terms
    return Brand(
        id=settings.id,
        name=settings.name,
        legal_name=settings.legal_name,
        tax_id=settings.tax_id,
        address=settings.address,
        phone=settings.phone,
        email=settings.email,
        site=settings.site,
        hours=settings.hours,
        color=settings.color,
        zone=ZoneInfo(settings.time_zone),
        locale=settings.language,
        pix=Pix(pix.key, pix.name, pix.city) if pix else None,
        terms=Terms(terms.fine_percent, terms.interest_percent_month, terms.rounding),
        registration=rules_of(settings.registration, settings.custom_fields),
        documents=DocumentRules(**settings.documents.model_dump()),
        people=PeopleRules(**settings.people.model_dump()),
        payments=payments_of(settings),
        privacy=PrivacyRules(**settings.privacy.model_dump()),
        trust=trust_of(settings.block, settings.unlock, settings.promise),
        features=settings.features.model_dump() | {"mail": mail},
    )


def server_key(settings: Settings) -> bytes:
    """The key that codes and links are derived from; made in its file at the first start."""
    given = settings.server_key.get_secret_value()
    if given:
        return given.encode()
    path = settings.server_key_file
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=False)
        path.write_text(secrets.token_urlsafe(48), encoding="ascii")
    except FileExistsError:
        pass
    except OSError as error:
        raise Problem(
            f"server_key_file: holds {str(path)!r}, which cannot be written ({error.strerror});"
            " it may hold a path in a folder of this user, or set BALCAO_SERVER_KEY"
        ) from error
    key = path.read_text(encoding="ascii").strip()
    if len(key) < 32:
        raise Problem(
            f"server_key_file: {str(path)!r} holds fewer than 32 characters;"
            " restore it from a backup, or remove it to have a new one made"
        )
    return key.encode()


def prepare_database(settings: Settings) -> None:
    """Bring an SQLite file up to date; refuse a PostgreSQL that is not. Raises Problem."""
    url = settings.database.url
    try:
        if url.startswith("sqlite"):
            Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
            migrate(url)
            return
        missing = pending(url)
    except Exception as error:  # whatever a driver raises here, the operator reads one line
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise Problem(
            f"database.url: holds {_masked(url)!r}, which cannot be used ({reason})"
        ) from error
    if missing:
        raise Problem("database.url: the tables are not up to date; run `balcao migrate` first")


def _masked(url: str) -> str:
    head, at, tail = url.rpartition("@")
    return f"{head.partition('//')[0]}//…@{tail}" if at else url


@dataclass(slots=True)
class App:
    """Everything that runs in one process."""

    settings: Settings
    brands: Mapping[str, Brand]
    database: Database
    channels: Mapping[str, Channel]
    counter: Counter
    dispatcher: Dispatcher
    alarms: Alarms
    asgi: Starlette
    warm_up: Callable[[], None]
    clock: Callable[[], datetime]
    hang_up: Sequence[Callable[[], Awaitable[None]]] = ()
    """Ends the connections of channels, once nothing is sent any more."""
    tend: Sequence[Callable[[], Awaitable[None]]] = ()
    """What the clock does besides, every few minutes."""
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def start(self) -> None:
        await end_leases(self.database)
        await self.dispatcher.start()
        for channel in self.channels.values():
            await channel.start(self.counter.receive)
        self._tasks.add(asyncio.create_task(self._keep_house()))
        self._tasks.add(asyncio.create_task(asyncio.to_thread(self.warm_up)))

    async def stop(self) -> None:
        """Take nothing more in, finish what is in hand, leave the rest to the next start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for channel in self.channels.values():
            await channel.stop()
        await self.counter.stop()
        await self.dispatcher.stop()
        for hang_up in self.hang_up:
            await hang_up()
        await self.database.close()

    async def _keep_house(self) -> None:
        while True:
            try:
                await erase_stale(self.database, self.clock())
                for each in self.tend:
                    await each()
            except Exception:  # the next round tries again; the counter must not stop for it
                log.exception("housekeeping.failed")
            await asyncio.sleep(HOUSEKEEPING.total_seconds())


def build(
    settings: Settings,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    rng: random.Random | None = None,
    new_token: Callable[[], str] | None = None,
    channels: Sequence[Channel] = (),
    brands: Mapping[str, Brand] | None = None,
    accounts: Sequence[SmtpAccount] | None = None,
    pages: Callable[[WebChat, ChatPage], Sequence[BaseRoute]] = lambda _chat, _page: (),
    gateways: Mapping[str, Gateway] | None = None,
) -> App:
    """The parts of one process, on a database that is up to date.

    `channels` are used besides the configured ones; `brands`, `accounts` and `gateways` replace those of
    the settings; `pages` adds routes beside each web chat (the demo's mailbox). Raises Problem.
    """
    rng = rng or random.SystemRandom()
    new_token = new_token or Tokens()
    if accounts is None:
        accounts = smtp_accounts(settings.mail.accounts)
    if brands is None:
        brands = {each.id: brand_of(each, mail=bool(accounts)) for each in settings.brands}
    catalogs = Catalogs(LOCALES)
    registry = Registry.of(handlers)
    engines = {id: Engine(brand, registry, catalogs, new_token) for id, brand in brands.items()}
    renderers = {id: engine.renderer for id, engine in engines.items()}
    database = open_database(
        settings.database.url,
        server_key=server_key(settings),
        clock=clock,
        brands=brands,
        owner=owner_name(),
    )
    papers = Papers(renderers)
    alarms = Alarms()
    at = settings.http.public_url or f"http://{settings.http.host}:{settings.http.port}"
    filing = Filing(database, brands, papers, renderers, address=at)
    inviting = Inviting(at, database.keys.hash)
    undoing = Undoing(database, brands, catalogs.translate, address=at)
    unsubscribing = Unsubscribing(database, brands, renderers, address=at)
    doors = {channel.account: channel for channel in channels}
    reports = Reports(database, brands, renderers)
    leaving = Leaving(
        database,
        brands,
        renderers,
        papers,
        renders=(filing, reports, Disclosing(database, brands, renderers)),
        fills={"document": filing, "statement": reports},
        adds=undoing,
        channels=doors,
    )
    routes = list[BaseRoute]()
    hooks = list[BaseRoute]()
    hang_up = list[Callable[[], Awaitable[None]]]()
    assets = Assets()
    for entry in settings.channels:
        brand = brands[entry.brand or next(iter(brands))]
        if entry.kind == "telegram":
            bot = telegram(settings, entry, brand, catalogs, alarms, database.keys.hash)
            doors[entry.name] = bot
            hooks += bot.routes()
            hang_up.append(bot.hang_up)
            continue
        chat = WebChat(
            entry.name,
            brand.id,
            history=database.ledger.history,
            document=leaving.find_document,
            draw=inviting.filled(leaving.drawn),
            uploads=Uploads(database, brand.id),
            on_receipt=database.ledger.receipt,
            path="/chat" if not routes else f"/chat/{entry.name}",
            origins=entry.origins,
            secure=settings.http.public_url.startswith("https:"),
        )
        page = ChatPage(
            Looks(brand.name, brand.color, brand.locale),
            admit=chat.admit,
            assets=assets,
            path=chat.path,
            framed_by=entry.origins,
        )
        doors[entry.name] = chat
        routes += [*pages(chat, page), *chat.routes(), *page.routes()]
    mails = None
    if accounts:
        mails = MailDelivery(
            Mailer(accounts, alarms=alarms, clock=clock, rng=rng),
            Templates(settings.mail.templates_dir, alarms=alarms),
            brands,
            leaving.mail_contents,
            token=lambda id: database.keys.hash("mail", str(id))[:24],
            clock=clock,
            unsubscribe=unsubscribing.url,
        )
    paying = Paying(
        settings.brands, brands, database, alarms, clock=clock, address=at, gateways=gateways
    )
    hooks += paying.routes()
    fetching = Fetching(database, doors, paying.desk)
    lanes = {**paying.calls.lanes, **fetching.lanes}
    looking_up = LookingUp(settings.brands, database, fetching, lanes, clock=clock)
    dispatcher = Dispatcher(
        database.ledger,
        doors,
        mails,
        brands=brands,
        words=renderers,
        render=leaving.render,
        notice_token=database.keys.notice_token,
        clock=clock,
        rng=rng,
        link_url=inviting.url,
        calls=looking_up.calls,
    )
    counter = Counter(
        database, engines, doors, dispatcher, new_incident=lambda: secrets.token_hex(4).upper()
    )
    paying.answer_through(counter, tuple(doors))
    looking_up.answer_through(counter, tuple(doors))
    if routes and not any(getattr(route, "path", "") == "/" for route in routes):
        routes.append(Route("/", lambda _request: RedirectResponse("/chat")))
    hooks += undoing.routes(assets)
    hooks += unsubscribing.routes(assets)
    hooks += filing.routes(assets, inviting.entrances(brands, doors.values()))
    hooks += inviting.routes(brands, doors.values(), assets, catalogs.translate)

    async def health() -> Mapping[str, bool]:
        today = await database.read(next(iter(brands)), lambda read: read.today)
        return {"database": today is not None}

    asgi = create_app([*routes, *hooks, *assets.routes()], health=health)

    def warm_up() -> None:
        # What is slow the first time (calendars of holidays, fonts) is not left to the first customer.
        is_business_day(clock().date())
        papers.warm_up()

    return App(
        settings,
        brands,
        database,
        doors,
        counter,
        dispatcher,
        alarms,
        asgi,
        warm_up,
        clock,
        hang_up,
        (paying.tend,),
    )
