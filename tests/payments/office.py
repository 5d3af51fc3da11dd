"""A counter with a gateway behind it: real turns, ledger, dispatcher and HTTP, and a few flows that pay."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import select

from bot.core.brand import Brand
from bot.core.chat import Chat
from bot.core.counter import Counter
from bot.core.engine import Engine
from bot.core.flow import VERIFIED, Flow, Registry, flow
from bot.core.message import Address, Document, DocumentRef, Inbound, Limits, _
from bot.core.ports import Close, Read, Turn
from bot.core.readers import words
from bot.delivery.alarms import Alarms
from bot.delivery.dispatcher import Dispatcher, Pace
from bot.edges.paying import Paying
from bot.payments.port import Gateway
from storage import bulk, cards, charges, people
from storage.database import Database
from storage.tables import invoice, message
from tests.delivery.fakes import FakeChannel
from tests.engine.talk import CATALOGS, COMMON
from tests.fakes import Clock, Tokens
from tests.nouns.conftest import bills
from tests.nouns.conftest import people as folk

R = TypeVar("R")
ANYTHING = words(at_most=40)


@flow("pay", title=_("How I pay"), needs=VERIFIED, menu=1)
def pay(chat: Chat) -> None:
    form = chat.choose("form", _("How?"), [(f, f) for f in ("pix", "boleto", "card")])
    outcome = chat.wait(
        "changed", _("One moment."), charges.ask_form, timedelta(minutes=5), chat.customer, form,
        done=_("Changed to {form} after all."), failed=_("Not changed after all."),
    )  # fmt: skip
    if outcome is None:
        return chat.say(_("It takes long."))
    if outcome["ok"]:
        return chat.say(_("Now by {form}.", form=outcome["form"]))
    return chat.say(_("Not changed: {why}.", why=outcome["why"]))


@flow("bill", title=_("This one now"), needs=VERIFIED, menu=2)
def bill(chat: Chat) -> None:
    number = chat.ask("number", _("Which?"), ANYTHING)
    id = chat.read.scalar(select(invoice.c.id).where(invoice.c.number == number)) or 0
    outcome = chat.wait(
        "charge", _("One moment."), charges.ask_charge, timedelta(minutes=5), chat.customer, id,
        "pix",
    )  # fmt: skip
    chat.say(_("Outcome: {outcome}", outcome=str(outcome)))


@flow("got-it", title=_("Did you get it"), needs=VERIFIED, menu=4)
def got_it(chat: Chat) -> None:
    number = chat.ask("number", _("Which?"), ANYTHING)
    id = chat.read.scalar(select(invoice.c.id).where(invoice.c.number == number)) or 0
    outcome = chat.wait(
        "look", _("One moment."), charges.ask_look, timedelta(minutes=2), chat.customer, id
    )
    chat.say(_("Outcome: {outcome}", outcome=str(outcome)))


@flow("card", title=_("Add a card"), needs=VERIFIED, menu=3)
def card(chat: Chat) -> None:
    kind = chat.choose("kind", _("Which kind?"), [("credit", _("Credit")), ("debit", _("Debit"))])
    page = chat.wait(
        "page", _("One moment."), cards.ask_page, timedelta(minutes=2), chat.customer, kind,
        done=_("Card {scheme} {last4} saved after all."), failed=_("No card after all."),
    )  # fmt: skip
    if not page or not page["ok"]:
        return chat.say(_("No page: {why}.", why=page["why"] if page else "time"))
    chat.hand(page["url"])
    saved = chat.wait(
        "card", _("Waiting for the card."), cards.watch, cards.PAGE_LASTS, chat.customer,
        page["change"],
    )  # fmt: skip
    if saved and saved["ok"]:
        return chat.say(_("Saved: {scheme} {last4}.", scheme=saved["scheme"], last4=saved["last4"]))
    return chat.say(_("No card: {why}.", why=saved["why"] if saved else "time"))


@flow("identify", title=_("Who are you"), grants=VERIFIED)
def identify(chat: Chat) -> None:
    chat.say(_("I do not know you."))


FLOWS: tuple[Flow, ...] = (pay, bill, got_it, card, identify)


async def paper(brand: str, ref: DocumentRef, locale: str) -> Document:
    return Document(ref.name, ref.media_type, b"%PDF")


class Window(FakeChannel):
    """A chat channel that also closes questions."""

    async def close(self, address: Address, close: Close) -> None: ...

    async def acknowledge(self, event: Inbound, words: str | None) -> None: ...


class Office:
    """One process; every call runs until nothing is left to be done at once."""

    def __init__(
        self, storage: Database, brand: Brand, clock: Clock, gateways: Mapping[str, Gateway]
    ) -> None:
        self.storage, self.brand, self.clock = storage, brand, clock
        self.chat = Window(brand=brand.id, limits=Limits(buttons=30, files_out=1000))
        self.alarms = Alarms()
        brands = {brand.id: brand}
        self.paying = Paying(
            (), brands, storage, self.alarms, clock=clock,
            address="https://counter.example.com", gateways=gateways,
        )  # fmt: skip
        engine = Engine(brand, Registry([*COMMON, *FLOWS]), CATALOGS, Tokens("k"))
        self.dispatcher = Dispatcher(
            storage.ledger, {"web": self.chat}, None,
            brands=brands, words={brand.id: engine.renderer}, render=paper,
            notice_token=storage.keys.notice_token, clock=clock, rng=random.Random(5),
            pace=Pace(poll=3600.0, sweep=3600.0), calls=self.paying.calls,
        )  # fmt: skip
        self.counter = Counter(
            storage, {brand.id: engine}, {"web": self.chat}, self.dispatcher, lambda: "I1"
        )
        self.paying.answer_through(self.counter, ("web",))
        self._numbers = itertools.count(1)
        self.ids: dict[str, int] = {}

    async def opens(self) -> None:
        def fill(tx: Turn) -> dict[str, int]:
            ids = bulk.add_customers(tx, folk())
            bulk.add_invoices(tx, bills(ids))
            return ids

        self.ids = await self.storage.play(self.brand.id, fill)
        await self.dispatcher.start()
        await self.dispatcher.idle()

    async def closes(self) -> None:
        await self.dispatcher.stop()

    async def comes(self, who: str = "ana") -> None:
        """Somebody is proved at a chat of their own."""

        def proved(tx: Turn) -> None:
            event = Inbound(f"first-{who}", Address("web", who), text="oi")
            tx.record(event)
            visitor, _session = tx.open(event)
            people.link(tx, visitor.address, self.ids[who], by="code")

        await self.storage.play(self.brand.id, proved)

    async def says(self, text: str, who: str = "ana") -> list[str]:
        """What was said to them until all was quiet."""
        event = Inbound(
            f"e{next(self._numbers)}", Address("web", who), text=text, sent_at=self.clock()
        )
        before = len(self.chat.sent)
        await self.counter.receive(event)
        await self.quiet()
        return [words for chat, words in self.chat.sent[before:] if chat == who]

    async def quiet(self) -> None:
        await self.dispatcher.idle()

    async def later(self, **time: float) -> list[str]:
        """Time goes by, and the lanes are looked at; what was said to anybody."""
        before = len(self.chat.sent)
        self.clock.forward(**time)
        for lane in ("web", *self.paying.calls.lanes):
            self.dispatcher.wake(lane)
        await self.quiet()
        return [words for _chat, words in self.chat.sent[before:]]

    async def reads(self, work: Callable[[Read], R]) -> R:
        return await self.storage.read(self.brand.id, work)

    async def writes(self, work: Callable[[Turn], R]) -> R:
        result = await self.storage.play(self.brand.id, work)
        await self.quiet()
        return result

    async def id_of(self, number: str) -> int:
        found = select(invoice.c.id).where(invoice.c.number == number)
        return int(await self.reads(lambda read: read.scalar(found)) or 0)

    async def row_of(self, number: str) -> Any:
        return await self.reads(
            lambda read: read.one(select(invoice).where(invoice.c.number == number))
        )

    async def calls(self) -> list[tuple[str, str | None]]:
        """(state, error) of every call in the ledger."""
        rows = select(message.c.state, message.c.error).where(message.c.kind == "call")
        found = await self.reads(lambda read: read.all(rows.order_by(message.c.id)))
        return [(row.state, row.error) for row in found]
