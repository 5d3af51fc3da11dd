"""The desk: performs what the ledger asks of a gateway, and books what came of it.

Every action may be performed twice (its process died before the row was settled): the gateway is
asked in ways that may be repeated, and the booking looks at what stands already.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Protocol, TypeVar

import structlog

from bot.core.errors import Permanent, Temporary
from bot.core.message import JSON, Call, Inbound, Text
from bot.core.ports import Posted, Read, Turn
from bot.domain.payments import NOTHING, CardKind, Charge, ChargeState, Codes, Wanted
from bot.payments.port import CardWanted, Gateway
from storage import booking, cards, charges, collecting, invoices, pending
from storage.booking import Booked
from storage.invoices import InvoiceState
from storage.pending import Pending

log = structlog.get_logger("payments")
R = TypeVar("R")


class Plays(Protocol):
    """The storage, as far as the desk needs it."""

    async def play(self, brand: str, work: Callable[[Turn], R]) -> R: ...
    async def read(self, brand: str, work: Callable[[Read], R]) -> R: ...


Answer = Callable[[str, Inbound, Text | None], Awaitable[None]]
"""(brand, event, words): hands an outcome in where it is waited for. Raises Unavailable."""


@dataclass(frozen=True, slots=True)
class Made:
    """A charge as a gateway has it now, to be booked."""

    gateway: str
    invoice: int
    charge: Charge
    codes: Codes
    known_as: str
    revision: int
    received: Decimal = NOTHING
    """What had been paid of the invoice before."""

    @property
    def waits(self) -> bool:
        return self.charge.state is ChargeState.WAITING

    def book(self, tx: Turn) -> None:
        """Raises Temporary, and books nothing, if it is stale."""
        _fresh(
            booking.issued(
                tx,
                self.gateway,
                self.invoice,
                self.charge,
                self.codes,
                self.known_as,
                self.revision,
                self.received,
            )
        )


class Desk:
    """All gateways of a process."""

    def __init__(
        self,
        gateways: Mapping[str, Gateway],
        storage: Plays,
        answer: Answer,
        *,
        back_to: str = "",
    ) -> None:
        """`gateways` by account name; `back_to` is where a card page leads back to."""
        self.gateways = gateways
        self._storage = storage
        self._answer = answer
        self._back_to = back_to or "https://www.asaas.com"
        self._busy: dict[str, tuple[asyncio.Lock, int]] = {}

    async def perform(self, posted: Posted) -> None:
        """Do what a call asks for and book it. Raises Permanent, Temporary, Unavailable."""
        call = posted.body
        if not isinstance(call, Call):
            raise Permanent("refused", "no call")
        gateway = self.gateways.get(call.gateway)
        if gateway is None:
            raise Permanent("not_configured")
        action = _ACTIONS.get(call.action)
        if action is None:
            raise Permanent("refused", "no such action")
        await action(self, posted.brand, gateway, call.values)

    async def give_up(self, posted: Posted, code: str) -> None:
        """A call will not be performed any more: who waits is told, what was begun is put back."""
        call = posted.body
        if not isinstance(call, Call):
            return
        brand, values = posted.brand, call.values
        if call.action == "change":
            await self._failed(brand, values["change"], code)
        elif call.action == "collect" and code == "card_refused":
            await self._storage.play(
                brand, lambda tx: collecting.refused(tx, values["invoice"], values["card"])
            )
        else:
            log.error("call given up", id=posted.id, action=call.action, error=code)

    async def close(self) -> None:
        for gateway in self.gateways.values():
            await gateway.close()

    # -------------------------------------------------------------- reading again

    async def _look(self, brand: str, gateway: Gateway, values: Mapping[str, JSON]) -> None:
        """A charge is read again: only this is believed, never what a webhook says of it."""
        ref: str = values["ref"]
        name = gateway.name
        async with self._alone(ref):
            revision = await self._storage.read(
                brand, lambda read: booking.revision(read, name, ref)
            )
            found = await gateway.read(ref)

            def book(tx: Turn) -> Booked:
                if found is None:
                    return booking.gone(tx, name, ref, revision)
                return booking.seen(tx, name, found, revision)

            _fresh(await self._storage.play(brand, book))
        if found is None:
            return
        page = found.page or found.ref
        if values.get("declined") and found.state is not ChargeState.PAID:
            await self._page(brand, gateway, {"ref": page, "why": "declined"})
        elif found.card is not None:
            await self._page(brand, gateway, {"ref": page})

    # -------------------------------------------------------------- charges

    async def _issue(self, brand: str, gateway: Gateway, values: Mapping[str, JSON]) -> None:
        """The charge of one invoice as the record says it should be."""
        id: int = values["invoice"]
        wanted = await self._wanted(brand, id)
        if wanted is not None:
            await self._make(brand, gateway, id, wanted)

    async def _wanted(self, brand: str, id: int, method: str | None = None) -> Wanted | None:
        return await self._storage.read(brand, lambda read: charges.wanted(read, id, method))

    async def _make(self, brand: str, gateway: Gateway, id: int, wanted: Wanted) -> None:
        """Make one charge and book it with its codes."""
        made = await self._ask(brand, gateway, id, wanted)
        if made is not None:
            await self._storage.play(brand, made.book)

    async def _ask(self, brand: str, gateway: Gateway, id: int, wanted: Wanted) -> Made | None:
        """Have a charge as it should be; None if the gateway keeps none."""
        async with self._alone(wanted.reference):
            known = await self._storage.read(brand, lambda read: booking.revisions(read, id))
            known_as = await gateway.payer(wanted.payer)
            charge = await gateway.charge(wanted, known_as)
            if not gateway.keeps_charges:
                return None
            waits = charge.state is ChargeState.WAITING
            codes = await gateway.codes(charge, wanted) if waits else Codes()
            revision = known.get(charge.ref, 0)
            return Made(gateway.name, id, charge, codes, known_as, revision, wanted.received)

    async def _put_back(self, brand: str, gateway: Gateway, values: Mapping[str, JSON]) -> None:
        """After a change that failed: a charge the record knows is made as it says, another goes."""
        id: int = values["invoice"]

        def look(read: Read) -> tuple[Wanted | None, bool]:
            return charges.wanted(read, id), charges.of_invoice(read, id) is not None

        wanted, known = await self._storage.read(brand, look)
        if wanted is None:
            return
        if known:
            await self._make(brand, gateway, id, wanted)
            return
        made = await gateway.find(wanted.reference)
        if made is not None and made.state is ChargeState.WAITING:
            await gateway.withdraw(made.ref)

    async def _withdraw(self, brand: str, gateway: Gateway, values: Mapping[str, JSON]) -> None:
        """A charge that nobody shall pay any more; paid meanwhile, it is booked."""
        try:
            await gateway.withdraw(values["ref"])
        except Permanent:
            log.warning("charge was not withdrawn", ref=values["ref"])
        await self._look(brand, gateway, values)

    async def _collect(self, brand: str, gateway: Gateway, values: Mapping[str, JSON]) -> None:
        """An invoice is charged to the card that its customer chose for that."""
        invoice_id, card_id = values["invoice"], values["card"]

        def plan(read: Read) -> tuple[Wanted | None, str | None]:
            return charges.wanted(read, invoice_id, "card"), cards.token_of(read, card_id)

        wanted, token = await self._storage.read(brand, plan)
        if wanted is None or token is None:  # paid meanwhile, or the customer changed his mind
            return
        await self._make(brand, gateway, invoice_id, wanted)
        async with self._alone(wanted.reference):
            known = await self._storage.read(
                brand, lambda read: booking.revisions(read, invoice_id)
            )
            made = await gateway.find(wanted.reference)
            if made is None:
                raise Permanent("gone")
            paid = await gateway.collect(made.ref, token)
            revision = known.get(paid.ref, 0)
            _fresh(
                await self._storage.play(
                    brand, lambda tx: booking.seen(tx, gateway.name, paid, revision)
                )
            )

    # -------------------------------------------------------------- changes somebody waits for

    async def _change(self, brand: str, gateway: Gateway, values: Mapping[str, JSON]) -> None:
        id: int = values["change"]
        change = await self._storage.read(brand, lambda read: pending.get(read, id))
        if change is None:
            return
        if change.ended_at is None:
            if change.kind == "card":
                await self._card_page(brand, gateway, change)
                return
            await self._carry_out(brand, gateway, change)
        await self._tell(brand, id)

    async def _carry_out(self, brand: str, gateway: Gateway, change: Pending) -> None:
        body = change.body
        if change.kind == "look":
            await self._looked(brand, gateway, change)
            return
        if change.kind == "charge":
            ids, method = [body["invoice"]], body["method"]
        else:
            ids, method = body["invoices"], "any" if body["form"] == "informal" else body["form"]
        made, waits = list[Made](), True
        for each in ids:
            wanted = await self._wanted(brand, each, method)
            asked = await self._ask(brand, gateway, each, wanted) if wanted is not None else None
            if asked is not None:
                made.append(asked)
            waits = wanted is not None and (asked is None or asked.waits)

        def book(tx: Turn) -> None:
            for each in made:
                each.book(tx)
            if change.kind == "form":
                result = charges.form_changed(tx, change)
            elif waits:
                url = made[-1].charge.url if made else None
                result = {"ok": True, "invoice": body["invoice"], "method": method, "url": url}
            else:
                result = {"ok": False, "why": "not-open"}
            pending.end(tx, change.id, result)

        await self._storage.play(brand, book)

    async def _looked(self, brand: str, gateway: Gateway, change: Pending) -> None:
        await self._look(brand, gateway, change.body)

        def book(tx: Turn) -> None:
            of = invoices.get(tx, change.body["invoice"], change.customer)
            paid = of is not None and of.state is InvoiceState.PAID
            pending.end(tx, change.id, {"ok": True, "paid": paid})

        await self._storage.play(brand, book)

    async def _failed(self, brand: str, id: int, code: str) -> None:
        """The record stays as it was; charges that were changed already are made as it says."""

        def book(tx: Turn) -> None:
            change = pending.get(tx, id)
            if change is None or not pending.end(tx, id, {"ok": False, "why": code}):
                return
            if change.kind in ("form", "charge"):
                charges.put_back(tx, change)

        await self._storage.play(brand, book)
        await self._tell(brand, id)

    async def _tell(self, brand: str, id: int) -> None:
        """Bring a change's outcome to whoever waits."""
        change = await self._storage.read(brand, lambda read: pending.get(read, id))
        if change is not None and change.ticket is not None:
            await self._bring(brand, change.ticket, change.result, pending.told(change))

    async def _say(self, brand: str, gateway: Gateway, values: Mapping[str, JSON]) -> None:
        """An outcome that needs no gateway."""
        await self._bring(brand, values["ticket"], values["result"], None)

    async def _bring(
        self,
        brand: str,
        ticket: Mapping[str, Any],
        result: JSON,
        words: Text | None,
        *,
        event: str = "answer",
    ) -> None:
        event_id = f"{event}:{ticket['run']}:{ticket['key']}"
        inbound = await self._storage.read(
            brand, lambda read: pending.answer(read, ticket, event_id, result, words)
        )
        if inbound is not None:
            await self._answer(brand, inbound, words)

    # -------------------------------------------------------------- cards

    async def _card_page(self, brand: str, gateway: Gateway, change: Pending) -> None:
        if change.ref is None:
            plan = await self._storage.read(
                brand, lambda read: collecting.card_plan(read, change.customer)
            )
            if plan is None:
                raise Permanent("gone")
            if change.body["kind"] == CardKind.DEBIT and plan.charge and plan.invoice:
                await self._make(brand, gateway, plan.invoice, plan.charge)
            page = await gateway.card_page(
                CardWanted(
                    reference=f"{brand}:card:{change.id}",
                    payer=plan.payer,
                    kind=CardKind(change.body["kind"]),
                    charge=plan.charge,
                    amount=plan.amount,
                    next_due_on=plan.next_due_on,
                    minutes=int(cards.PAGE_LASTS.total_seconds() // 60),
                    back_to=self._back_to,
                )
            )
            result = {"ok": True, "change": change.id, "url": page.url}
            await self._storage.play(
                brand, lambda tx: pending.note(tx, change.id, ref=page.ref, result=result)
            )
        else:
            result = change.result
        if change.ticket is not None:
            await self._bring(brand, change.ticket, result, None)

    async def _page(self, brand: str, gateway: Gateway, values: Mapping[str, JSON]) -> None:
        """Something happened on a card page: the gateway is asked which card was entered.

        `why` it was none: expired, cancelled; or declined, and then the page takes another one.
        """
        ref: str = values["ref"]
        # What an older release had posted knew expired pages only.
        why = values.get("why") or ("expired" if values.get("over") else None)
        change = await self._storage.read(brand, lambda read: pending.by_page(read, ref))
        if change is None:
            return
        if why == "declined":
            await self._declined(brand, change)
            return
        id, customer_id = change.id, change.customer
        plan = await self._storage.read(brand, lambda read: collecting.card_plan(read, customer_id))
        if plan is None:
            return
        known_as = await gateway.payer(plan.payer)
        if change.ended_at is None:
            entered = await gateway.card_of(ref, known_as)
            if entered is None and why is None:
                return

            def book(tx: Turn) -> None:
                if entered is None:
                    pending.end(tx, id, {"ok": False, "why": why})
                    return
                seen, charge = entered
                pending.end(tx, id, cards.saved(tx, gateway.name, customer_id, seen))
                if charge.state is ChargeState.PAID and not charge.reference and plan.charge:
                    # The page took money at once: it pays the invoice that it was made for.
                    named = replace(charge, reference=plan.charge.reference)
                    revision = booking.revision(tx, gateway.name, charge.ref)
                    booking.seen(tx, gateway.name, named, revision)

            await self._storage.play(brand, book)
        await self._tell(brand, id)
        await gateway.clear_page(ref, known_as)

    async def _declined(self, brand: str, change: Pending) -> None:
        """Tell whoever waits, once: he may try another card there, or go on with something else."""
        if change.ended_at is not None or change.ticket is None:
            return
        result = {"ok": False, "why": "declined"}
        await self._bring(brand, change.ticket, result, cards.NOT_ACCEPTED, event="declined")
        await self._storage.play(brand, lambda tx: pending.let_go(tx, change))

    # -------------------------------------------------------------- one after the other

    @asynccontextmanager
    async def _alone(self, key: str) -> AsyncIterator[None]:
        """What concerns one charge happens one after the other in this process."""
        lock, waiting = self._busy.get(key, (asyncio.Lock(), 0))
        self._busy[key] = lock, waiting + 1
        try:
            async with lock:
                yield
        finally:
            lock, waiting = self._busy[key]
            if waiting == 1:
                del self._busy[key]
            else:
                self._busy[key] = lock, waiting - 1


def _fresh(booked: Booked) -> None:
    """Raises Temporary where somebody else booked meanwhile: the gateway is asked again."""
    if booked is Booked.STALE:
        raise Temporary("raced")


_Action = Callable[[Desk, str, Gateway, Mapping[str, JSON]], Awaitable[None]]
_ACTIONS: Mapping[str, _Action] = {
    "look": Desk._look,
    "issue": Desk._issue,
    "withdraw": Desk._withdraw,
    "put-back": Desk._put_back,
    "collect": Desk._collect,
    "change": Desk._change,
    "answer": Desk._say,
    "page": Desk._page,
}
