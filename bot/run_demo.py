"""The demo: a believable brand, its mail caught beside the chat, all in one folder on this machine."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, cast

from starlette.routing import BaseRoute

from bot import logs
from bot.app import LOCALES as LOCALES_FOLDER
from bot.app import App, build, prepare_database
from bot.channels.webchat import WebChat
from bot.core.brand import Payments, Pix
from bot.core.ports import Channel, Write
from bot.core.render import LOCALES, Catalogs, Renderer
from bot.delivery.smtp import SmtpAccount
from bot.demo.bank import DemoBank
from bot.demo.brand import brand as demo_brand
from bot.demo.filed import file_for_cast
from bot.demo.gateway import DemoGateway
from bot.demo.mailbox import CaughtMail
from bot.demo.seed import Someone, seed, top_up, who_one_can_be
from bot.run import listen, run_loop, say, talk, terminal_for, url_of
from bot.settings import BrandSettings, Database, Problem, Settings
from bot.web.demo import DemoPage, Persona
from bot.web.demo_bank import DemoBankPages
from bot.web.pages import ChatPage
from bot.web.ports import Mailbox


def serve_demo(folder: Path, *, reset: bool) -> None:
    """`balcao demo`: the page with the mailbox, until Ctrl-C."""
    settings = _settings(folder)
    logs.set_up("warning" if settings.log.level == "info" else settings.log.level, "console")
    listening = listen(settings.http)
    _prepare(folder, settings, reset=reset)
    url = url_of(settings.http, listening)
    # Links lead to this very page, whichever port was free.
    http = settings.http.model_copy(update={"public_url": settings.http.public_url or url})
    run_loop(_open(folder, settings.model_copy(update={"http": http}), url), listening)


def chat_demo(folder: Path) -> None:
    """`balcao chat`: the demo in this terminal; caught mails are shown here too."""
    settings = _settings(folder).model_copy(update={"channels": ()})
    logs.set_up("error", "console")
    _prepare(folder, settings, reset=False)
    asyncio.run(_talk(folder, settings))


def _settings(folder: Path) -> Settings:
    brand = demo_brand()
    return Settings(
        brands=(BrandSettings(id=brand.id, name=brand.name),),
        database=Database(url=f"sqlite:///{folder / 'balcao.sqlite3'}"),
        server_key_file=folder / "server.key",
    )


def _prepare(folder: Path, settings: Settings, *, reset: bool) -> None:
    """The folder with an up-to-date database in it. Raises Problem where one cannot write."""
    try:
        if reset and folder.is_dir():
            for part in ("balcao.sqlite3", "balcao.sqlite3-wal", "balcao.sqlite3-shm"):
                (folder / part).unlink(missing_ok=True)
            shutil.rmtree(folder / "mail", ignore_errors=True)
        (folder / "mail").mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise Problem(
            f"--folder: holds {str(folder)!r}, which cannot be written ({error.strerror});"
            " name a folder of yours, as in `balcao demo --folder /tmp/balcao`"
        ) from error
    prepare_database(settings)


class _Demo(NamedTuple):
    app: App
    mailbox: CaughtMail
    people: Sequence[Someone]


@asynccontextmanager
async def _open(folder: Path, settings: Settings, url: str) -> AsyncIterator[App]:
    async with _parts(folder, settings, address=url) as demo:
        say(_welcome(url, demo.people))
        yield demo.app


@asynccontextmanager
async def _parts(
    folder: Path, settings: Settings, channels: Sequence[Channel] = (), *, address: str = ""
) -> AsyncIterator[_Demo]:
    """The demo's parts, with its mail server running and its brand furnished.

    Without an `address` nobody can open its pages, and so it has no gateway.
    """
    brand = demo_brand() if address else replace(demo_brand(), payments=Payments())
    words = Renderer(Catalogs(LOCALES_FOLDER), brand.zone)
    gateway = DemoGateway(address, brand.pix or Pix("", "", ""))
    mailbox = CaughtMail(folder / "mail")
    bank = DemoBank(gateway, brand.id)
    personas = list[Persona]()

    def pages(chat: WebChat, page: ChatPage) -> Sequence[BaseRoute]:
        # The mailbox has the page's shapes; rooms on one floor do not import each other's.
        shown = cast(Mailbox, mailbox)
        demo = DemoPage(page, shown, personas, welcomes=chat.door.welcomes)
        bank_pages = DemoBankPages(page.looks, bank, say=words.plain, assets=page.assets)
        return [*demo.routes(), *bank_pages.routes()]

    await mailbox.start()
    try:
        app = build(
            settings,
            channels=channels,
            brands={brand.id: brand},
            accounts=[
                SmtpAccount(
                    name="demo",
                    host="127.0.0.1",
                    port=mailbox.port,
                    security="none",
                    sender=brand.email,
                    default=True,
                )
            ],
            pages=pages,
            gateways={gateway.name: gateway} if address else None,
        )
        people = await app.database.play(brand.id, _furnish)
        bank.opens(app.database, people)
        personas += [
            Persona(
                {locale: words.plain(p.description, locale) for locale in LOCALES},
                p.name,
                p.tax_id,
                p.email,
            )
            for p in people
        ]
        yield _Demo(app, mailbox, people)
    finally:
        await mailbox.stop()


def _furnish(write: Write) -> Sequence[Someone]:
    """Customers and invoices up to today; what people did in the demo stays."""
    if who_one_can_be(write):
        top_up(write)
    else:
        seed(write)
    file_for_cast(write)
    return who_one_can_be(write)


def _welcome(url: str, people: Sequence[Someone]) -> str:
    lines = [f"The demo is at {url}", "", "Who you can be (codes arrive in the mailbox there):"]
    width = max(len(each.tax_id) for each in people)
    lines += [
        f"  {each.tax_id:<{width}}  {each.name}: {each.description.source}" for each in people
    ]
    return "\n".join([*lines, "", "Ctrl-C stops it; `balcao demo --reset` begins anew."])


async def _talk(folder: Path, settings: Settings) -> None:
    terminal = terminal_for(demo_brand().id, folder / "documents")
    async with _parts(folder, settings, channels=[terminal]) as demo:
        say(_welcome("this terminal", demo.people))
        showing = asyncio.create_task(_show_mails(demo.mailbox))
        try:
            await talk(demo.app, terminal)
        finally:
            showing.cancel()
            await asyncio.wait({showing})


async def _show_mails(mailbox: CaughtMail) -> None:
    """What arrives in the mailbox, printed between the lines of the conversation."""
    newest = max((summary.id for summary in mailbox.list()), default=0)
    async with aclosing(mailbox.subscribe(newest)) as mails:
        async for summary in mails:
            mail = mailbox.get(summary.id)
            text = (mail.text if mail else None) or ""
            say(
                "\n".join(
                    f"  ✉ {line}"
                    for line in [f"{summary.subject} → {summary.to}", *text.split("\n")]
                )
            )
