"""A transcript over the engine alone: memory for a database, and an engine built anew on every turn."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.core.brand import Brand
from bot.core.chat import Chat
from bot.core.engine import Engine, Played
from bot.core.flow import Flow, Registry, flow
from bot.core.message import Address, Inbound, Limits, Notice, Outbound, _
from bot.core.render import Catalogs
from bot.core.session import Session
from tests.engine.memory import MemoryStorage, effect, speaks, world
from tests.fakes import Clock, Tokens
from tests.transcript import Transcript

CATALOGS = Catalogs(Path(__file__).parents[2] / "locales")
BRAND = Brand(id="curral", name="Curral Fibra", locale="en", features={"shop": True})

WEB = Limits(buttons=100, edits=True, deletes=True)
TELEGRAM = Limits(unit="utf16", buttons=100, copy=256, edits=True, deletes=True, contact=True)
WHATSAPP = Limits(text=1024, buttons=3, button_label=20, list_rows=10)
TERMINAL = Limits()


@flow("menu", title=_("Menu"))
def menu(chat: Chat) -> None:
    chosen = chat.choose(
        "flow", _("What can I do?"), [(each.name, each.title) for each in chat.menu()]
    )
    chat.switch(chosen)


@flow("help", title=_("Help"), menu=90)
def help(chat: Chat) -> None:
    chat.say(_("This is how it works."))


@flow("language", title=_("Language"), menu=91)
def language(chat: Chat) -> None:
    names = [("pt_BR", "Português"), ("en", "English"), ("es", "Español")]
    chosen = chat.choose("language", _("Which language?"), names)
    chat.do("set", speaks, chosen)
    chat.say(_("From now on I speak it."))


@flow("human", title=_("Talk to a person"))
def human(chat: Chat) -> None:
    chat.say(_("Somebody will call you."))


COMMON = (menu, help, language, human)


class Talk(Transcript):
    """One person's chat with flows of a test; `world` is the data that they look at."""

    def __init__(
        self,
        *flows: Flow,
        limits: Limits = WEB,
        brand: Brand = BRAND,
        chat: str = "ana",
        beside: Talk | None = None,
        **data: Any,
    ) -> None:
        """`beside` another one: the same counter, another address."""
        self.clock: Clock = beside.clock if beside else Clock()
        self.tokens: Tokens = beside.tokens if beside else Tokens("k")
        self.storage: MemoryStorage = beside.storage if beside else MemoryStorage(brand, self.clock)
        self.world.update(data)
        self.registry: Registry = beside.registry if beside else Registry([*COMMON, *flows])
        self.limits = limits
        self.brand = brand
        self.played = Played()
        super().__init__(self._turn, Address("web", chat), self.clock)

    # -------------------------------------------------------------- what happens meanwhile

    @property
    def world(self) -> dict[str, Any]:
        return self.storage.tables.world

    def after(self, **time: float) -> None:
        self.clock.forward(**time)

    def deploys(self, *flows: Flow) -> None:
        """From now on other flows are served."""
        self.registry = Registry([*COMMON, *flows])

    def gets(self, notice: Notice) -> None:
        """A notice is delivered at this address."""
        with self.storage.transaction() as turn:
            id = turn.post(notice, dedup=self.tokens(), address=self._address)
        assert id is not None
        self.heard = self.engine.renderer.notice(notice, self.limits, self.brand.locale, f"n{id}")
        self.shown += self.heard

    # -------------------------------------------------------------- what is kept

    @property
    def effects(self) -> list[str]:
        found: list[str] = self.world.get("effects", [])
        return found

    @property
    def session(self) -> Session:
        """Where the person stands, as the next turn would find it."""
        with self.storage.transaction() as turn:
            return turn.open(Inbound("", self.at))[1]

    @property
    def kept(self) -> str:
        """All that is kept, as text."""
        return self.storage.tables.dumped()

    # -------------------------------------------------------------- the turn

    @property
    def engine(self) -> Engine:
        """As after a restart: an engine holds nothing of anybody."""
        return Engine(self.brand, self.registry, CATALOGS, self.tokens)

    @property
    def _address(self) -> int:
        return self.storage.tables.people[str(self.at)].id

    def _turn(self, event: Inbound) -> Sequence[Outbound]:
        self.clock.forward(seconds=1)
        self.played = self.storage.play_now(lambda tx: self.engine.turn(tx, event, self.limits))
        return [row.body for row in self.played.posted if isinstance(row.body, Outbound)]


class Falling(Talk):
    """A talk whose raising turns end in an apology, as at the counter."""

    def _turn(self, event: Inbound) -> Sequence[Outbound]:
        try:
            return super()._turn(event)
        except Exception as error:  # noqa: BLE001  whatever a flow raises
            self.raised = error
            self.played = self.storage.play_now(
                lambda tx: self.engine.apologise(tx, event, self.limits, "1A2B")
            )
            return [row.body for row in self.played.posted if isinstance(row.body, Outbound)]


__all__ = ["BRAND", "CATALOGS", "TELEGRAM", "TERMINAL", "WEB", "WHATSAPP", "Falling", "Talk",
           "effect", "world"]  # fmt: skip
