"""Customers who pay: a counter with a gateway that takes cards on a page of its own, and who owes what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import insert, select, update

from bot.core.brand import Brand, Payments, Trust
from bot.core.errors import Permanent
from bot.core.ports import Turn, Write
from bot.domain.payments import CardKind, CardSeen, Charge, ChargeState, Codes, Method, Page, Wanted
from bot.edges.paying import ENDED
from bot.payments.offline import Offline
from bot.payments.port import CardWanted, Gateway
from storage import payments, pending
from storage.tables import card, customer, invoice

from .house import House
from .talk import Talk
from .town import Town

R = TypeVar("R")
CARDS = Payments("main", "asaas", ("boleto", "pix", "card"), ("credit", "debit"), True)
TRUST = Trust(block_after_days=5, unlock_days=3, unlock_every_days=30, promise_days=7)


@dataclass
class Pages(Offline):
    """A gateway that takes whatever it is asked for, until it is told to refuse."""

    refuses: str = ""
    opened: list[CardWanted] = field(default_factory=list)
    entered: dict[str, CardSeen] = field(default_factory=dict)
    keeps_charges = True

    def __post_init__(self) -> None:
        super().__init__("main", lambda _brand: None)

    async def charge(self, wanted: Wanted, known_as: str) -> Charge:
        if self.refuses:
            raise Permanent(self.refuses)
        return Charge(
            ref=f"pay_{wanted.reference}", reference=wanted.reference, state=ChargeState.WAITING,
            method=wanted.method, amount=wanted.amount, due_on=wanted.due_on,
            url="https://gateway.example.com/i/1",
        )  # fmt: skip

    async def codes(self, charge: Charge, wanted: Wanted) -> Codes:
        return Codes(pix="a code of the gateway" if charge.method is Method.PIX else None)

    async def card_page(self, wanted: CardWanted) -> Page:
        if self.refuses:
            raise Permanent(self.refuses)
        self.opened.append(wanted)
        number = len(self.opened)
        return Page(f"page-{number}", f"https://gateway.example.com/card/{number}")

    async def card_of(self, page: str, known_as: str) -> tuple[CardSeen, Charge] | None:
        seen = self.entered.get(page)
        if seen is None:
            return None
        first = Charge(
            ref=f"pay_{page}", reference="elsewhere:1", state=ChargeState.WAITING, method=Method.CARD,
            amount=self.opened[-1].amount, due_on=self.opened[-1].next_due_on, card=seen, page=page,
        )  # fmt: skip
        return seen, first


def opens_page(talk: Talk, kind: str = "Credit card") -> None:
    """Somebody asks for a page on which to enter a card."""
    talk.says("add a card")
    talk.presses(kind)


def gateways(pages: Pages) -> Any:
    """In place of the settings' gateways."""

    def gateways_of(
        _settings: object, brands: Mapping[str, Brand], _alarms: object
    ) -> dict[str, Gateway]:
        return {"offline": Offline("offline", brands.get), "main": pages}

    return gateways_of


def happens_on_page(
    house: House, name: str, *, number: int = 1, why: str | None = None, time: int = 1
) -> None:
    """The gateway reports something of a page, as its webhook would, and all that follows is done.

    `why` no card was saved, where the event's name does not say it; `time` it happens for.
    """
    values = {"ref": f"page-{number}", "why": why or ENDED.get(name)}
    dedup = f"event:{name}-{number}-{time}"

    async def happens() -> None:
        database = house.app.database
        await database.play(
            house.brand.id, lambda tx: pending.post(tx, "page", values, dedup=dedup)
        )
        await house.app.dispatcher.idle()
        await house.app.counter.stop()

    house._runner.run(happens())


def beside(house: House, work: Callable[[Turn], R]) -> R:
    """Something done beside the conversations, and all that follows of it."""

    async def happens() -> R:
        result = await house.app.database.play(house.brand.id, work)
        await house.app.dispatcher.idle()
        await house.app.counter.stop()
        return result

    return house._runner.run(happens())


def pays(
    house: House, town: Town, amount: str, on: date, *, name: str = "ana", number: str = "2026-11-A"
) -> None:
    """Staff confirms that so much came in."""
    beside(
        house,
        lambda tx: payments.confirm(
            tx, town.invoices[number], town.people[name], amount=Decimal(amount), on=on,
            ref=f"{number}:{amount}:{on}",
        ),
    )  # fmt: skip


def takes_back(house: House, town: Town, number: str = "2026-11-A") -> None:
    """Staff takes its last confirmation of an invoice back."""
    standing = [
        each
        for each in house.reads(lambda read: payments.of_invoice(read, town.invoices[number]))
        if each.state == "stands"
    ]
    beside(house, lambda tx: payments.undo(tx, standing[-1].id))


def ticks(house: House) -> None:
    """The clock's part of payments, and all that follows of it."""

    async def happens() -> None:
        for tend in house.app.tend:
            await tend()
        await house.app.dispatcher.idle()

    house._runner.run(happens())


def enters_card(house: House, pages: Pages, last4: str = "4444", *, number: int = 1) -> None:
    """A card is entered on a page."""
    token = f"token-{last4}"
    pages.entered[f"page-{number}"] = CardSeen("VISA", last4, token, CardKind.CREDIT)
    happens_on_page(house, "CHECKOUT_PAID", number=number)


def declines_card(house: House, *, number: int = 1, time: int = 1) -> None:
    """A card was tried on a page and refused; the page stays open."""
    happens_on_page(house, "PAYMENT_CREDIT_CARD_CAPTURE_REFUSED", number=number, why="declined",
                    time=time)  # fmt: skip


def has_card(
    house: House, town: Town, name: str, last4: str, *, default: bool = False, autopay: bool = False,
    kind: str = "credit", token: str | None = "token",
) -> None:  # fmt: skip
    """A card that was saved some time ago."""

    def save(write: Write) -> None:
        write.run(
            insert(card).values(
                brand=write.brand.id, customer=town.people[name], gateway="main", kind=kind,
                scheme="VISA", last4=last4, token=token, is_default=default, autopay=autopay,
                created_at=write.now,
            )
        )  # fmt: skip

    house.writes(save)


def is_now(house: House, town: Town, name: str, **values: object) -> None:
    """What the billing system said of a customer."""
    if values.get("status") == "blocked":
        values["blocked_at"] = datetime(2026, 11, 18, 12, tzinfo=UTC)
    house.writes(
        lambda tx: tx.run(
            update(customer).where(customer.c.id == town.people[name]).values(**values)
        )
    )


def of_customer(house: House, town: Town, name: str, column: str) -> object:
    (row,) = house.rows(select(customer.c[column]).where(customer.c.id == town.people[name]))
    return row[0]


def saved_cards(house: House, town: Town, name: str) -> list[tuple[str, bool, bool]]:
    """(last4, default, automatic) of the cards that are not removed."""
    rows = house.rows(
        select(card.c.last4, card.c.is_default, card.c.autopay)
        .where(card.c.customer == town.people[name], card.c.removed_at.is_(None))
        .order_by(card.c.id)
    )
    return [tuple(row) for row in rows]


def invoice_state(house: House, number: str) -> str:
    (row,) = house.rows(select(invoice.c.state).where(invoice.c.number == number))
    return str(row.state)
