"""Asaas: charges, codes, the hosted card page, and a charge as its API says it stands.

By docs.asaas.com (API v3). It knows no idempotency key: what is about to be made is looked for by
`externalReference` first, and looked for again after it was made, so that of two processes that
made it at once one charge stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from bot.core.errors import Permanent
from bot.core.message import JSON
from bot.core.ports import LaneLimits
from bot.domain.payments import (
    NOTHING,
    CardKind,
    CardSeen,
    Charge,
    ChargeState,
    Codes,
    Method,
    Page,
    Payer,
    Wanted,
)
from bot.payments.port import Alarm, CardWanted
from bot.payments.wire import Wire, money

PRODUCTION = "https://api.asaas.com/v3"
SANDBOX = "https://api-sandbox.asaas.com/v3"

_BILLING = {
    Method.BOLETO: "BOLETO",
    Method.PIX: "PIX",
    Method.CARD: "CREDIT_CARD",
    Method.ANY: "UNDEFINED",
}
_METHODS = {name: method for method, name in _BILLING.items()} | {"DEBIT_CARD": Method.CARD}
_STATES: Mapping[str, ChargeState] = {
    "PENDING": ChargeState.WAITING,
    "OVERDUE": ChargeState.WAITING,
    "AWAITING_RISK_ANALYSIS": ChargeState.WAITING,
    "AUTHORIZED": ChargeState.WAITING,
    "DUNNING_REQUESTED": ChargeState.WAITING,
    "CONFIRMED": ChargeState.PAID,
    "RECEIVED": ChargeState.PAID,
    "RECEIVED_IN_CASH": ChargeState.PAID,
    "DUNNING_RECEIVED": ChargeState.PAID,
    # Asked for, and not given back yet.
    "REFUND_REQUESTED": ChargeState.PAID,
    "REFUND_IN_PROGRESS": ChargeState.PAID,
    "REFUNDED": ChargeState.REFUNDED,
    "CHARGEBACK_REQUESTED": ChargeState.DISPUTED,
    "CHARGEBACK_DISPUTE": ChargeState.DISPUTED,
    # The dispute is won, and the money on its way back.
    "AWAITING_CHARGEBACK_REVERSAL": ChargeState.PAID,
}
_FIRST = (ChargeState.PAID, ChargeState.DISPUTED, ChargeState.WAITING, ChargeState.REFUNDED)
"""Of several charges with one reference, the one that tells most about the invoice."""


class Asaas:
    """One account at Asaas."""

    keeps_charges = True

    def __init__(
        self,
        name: str,
        key: str,
        *,
        url: str = PRODUCTION,
        per_second: float = 5.0,
        alarm: Alarm = lambda _key, _words: None,
    ) -> None:
        self._name = name
        self._limits = LaneLimits(per_second, max(1, int(per_second * 4)))
        self._wire = Wire(name, key, url, alarm)

    @property
    def name(self) -> str:
        return self._name

    @property
    def lane_limits(self) -> LaneLimits:
        return self._limits

    async def close(self) -> None:
        await self._wire.close()

    async def check(self) -> None:
        if await self._wire.get("/payments", {"limit": "1"}) is None:
            raise Permanent("gone", "no such address")

    # -------------------------------------------------------------- payers

    async def payer(self, payer: Payer) -> str:
        if payer.known_as:
            known = await self._wire.get(f"/customers/{_part(payer.known_as)}")
            if known is not None and not known.get("deleted"):
                return _text(known, "id")
        found = await self._list("/customers", {"cpfCnpj": payer.tax_id})
        for each in found:
            if not each.get("deleted"):
                return _text(each, "id")
        body: dict[str, JSON] = {
            "name": payer.name[:100],
            "cpfCnpj": payer.tax_id,
            # The counter tells people of their invoices; Asaas would charge for telling them too.
            "notificationDisabled": True,
        }
        if payer.email:
            body["email"] = payer.email
        if payer.phone and payer.phone.startswith("+55"):
            body["mobilePhone"] = payer.phone.removeprefix("+55")
        if payer.postal_code:
            body["postalCode"] = payer.postal_code
        if payer.street_number:
            body["addressNumber"] = payer.street_number[:20]
        return _text(await self._made("/customers", body), "id")

    # -------------------------------------------------------------- charges

    async def find(self, reference: str) -> Charge | None:
        found = await self._with_reference(reference)
        return found[0] if found else None

    async def charge(self, wanted: Wanted, known_as: str) -> Charge:
        found = await self.find(wanted.reference)
        if found is not None and found.state in (ChargeState.PAID, ChargeState.DISPUTED):
            return found
        if found is not None and found.state is ChargeState.WAITING:
            return await self._as_wanted(found, wanted, known_as)
        return await self._make(wanted, known_as)

    async def _as_wanted(self, found: Charge, wanted: Wanted, known_as: str) -> Charge:
        late = found.due_on < wanted.today
        same_terms = late or (found.amount, found.due_on) == (wanted.amount, wanted.due_on)
        if found.method is wanted.method and same_terms:
            return found
        if late or wanted.due_on < wanted.today:
            # No edit takes a due date in the past, so an overdue one is made anew, due today.
            await self.withdraw(found.ref)
            return await self._make(wanted, known_as)
        body = {
            "billingType": _BILLING[wanted.method],
            "value": wanted.amount,
            "dueDate": wanted.due_on.isoformat(),
        }
        edited = await self._wire.call("PUT", f"/payments/{_part(found.ref)}", body)
        if edited is None:  # deleted since it was found
            return await self._make(wanted, known_as)
        return _charge(edited)

    async def _make(self, wanted: Wanted, known_as: str) -> Charge:
        late = wanted.due_on < wanted.today
        body: dict[str, JSON] = {
            "customer": known_as,
            "billingType": _BILLING[wanted.method],
            "value": wanted.amount_today if late else wanted.amount,
            "dueDate": (wanted.today if late else wanted.due_on).isoformat(),
            "description": wanted.description[:500],
            "externalReference": wanted.reference,
        }
        if wanted.fine_percent:
            body["fine"] = {"value": wanted.fine_percent, "type": "PERCENTAGE"}
        if wanted.interest_percent_month:
            body["interest"] = {"value": wanted.interest_percent_month}
        made = _charge(await self._made("/payments", body))
        alive = [each for each in await self._with_reference(wanted.reference) if _alive(each)]
        if len(alive) < 2:
            return made
        # Another process was as fast: both come to the same survivor.
        stays = min(alive, key=lambda each: (each.state is ChargeState.WAITING, each.ref))
        for each in alive:
            if each.ref != stays.ref and each.state is ChargeState.WAITING:
                await self.withdraw(each.ref)
        return stays

    async def codes(self, charge: Charge, wanted: Wanted) -> Codes:
        path = f"/payments/{_part(charge.ref)}"
        if charge.method is Method.CARD:
            return Codes()
        barcode = None
        if charge.method in (Method.BOLETO, Method.ANY):
            slip = await self._wire.get(f"{path}/identificationField")
            barcode = _text(slip, "barCode")
        try:
            qr = await self._wire.get(f"{path}/pixQrCode")
        except Permanent:
            qr = None  # an account without a PIX key has boletos without PIX
        if qr is None and charge.method is Method.PIX:
            raise Permanent("refused", "no PIX code for a PIX charge")
        return Codes(barcode, None if qr is None else _text(qr, "payload"))

    async def read(self, ref: str) -> Charge | None:
        found = await self._wire.get(f"/payments/{_part(ref)}")
        return None if found is None else _charge(found)

    async def withdraw(self, ref: str) -> None:
        await self._wire.call("DELETE", f"/payments/{_part(ref)}")

    async def collect(self, ref: str, token: str) -> Charge:
        before = await self.read(ref)
        if before is None:
            raise Permanent("gone")
        if before.state is not ChargeState.WAITING:  # a lost answer: it was paid the first time
            return before
        body = {"creditCardToken": token}
        path = f"/payments/{_part(ref)}/payWithCreditCard"
        paid = await self._wire.call("POST", path, body, refused="card_refused")
        if paid is None:
            raise Permanent("gone")
        return _charge(paid)

    # -------------------------------------------------------------- cards

    async def card_page(self, wanted: CardWanted) -> Page:
        if wanted.kind is CardKind.DEBIT:
            return await self._debit_page(wanted)
        known_as = await self.payer(wanted.payer)
        body = {
            "billingTypes": ["CREDIT_CARD"],
            "chargeTypes": ["RECURRENT"],
            "minutesToExpire": wanted.minutes,
            "externalReference": wanted.reference,
            "customer": known_as,
            "callback": dict.fromkeys(("successUrl", "cancelUrl", "expiredUrl"), wanted.back_to),
            "items": [{"name": "Assinatura", "quantity": 1, "value": wanted.amount}],
            "subscription": {
                "cycle": "MONTHLY",
                "nextDueDate": _moment(wanted.next_due_on),
            },
        }
        made = await self._made("/checkouts", body)
        return Page(_text(made, "id"), _text(made, "link"))

    async def _debit_page(self, wanted: CardWanted) -> Page:
        """Debit cards are taken on a charge's own page only, and are not kept."""
        if wanted.charge is None:
            raise Permanent("nothing_to_pay")
        made = await self.charge(wanted.charge, await self.payer(wanted.charge.payer))
        if made.state is not ChargeState.WAITING or not made.url:
            raise Permanent("nothing_to_pay")
        return Page(made.ref, made.url)

    async def card_of(self, page: str, known_as: str) -> tuple[CardSeen, Charge] | None:
        if page.startswith("pay_"):
            paid = await self.read(page)
            if paid is None or paid.card is None or paid.state is not ChargeState.PAID:
                return None
            return paid.card, paid
        for each in await self._by_page(page, known_as):
            charge = _charge(each)
            if charge.card is not None:
                return charge.card, charge
        return None

    async def clear_page(self, page: str, known_as: str) -> None:
        if page.startswith("pay_"):
            return
        for each in await self._by_page(page, known_as):
            if each.get("subscription"):  # with it go its charges that wait
                await self._wire.call("DELETE", f"/subscriptions/{_part(each['subscription'])}")

    # -------------------------------------------------------------- inside

    async def _with_reference(self, reference: str) -> list[Charge]:
        """Charges with our reference that are not deleted, the most telling first, then the newest."""
        rows = await self._list("/payments", {"externalReference": reference})
        found = [_charge(each) for each in rows if each.get("externalReference") == reference]
        found = [each for each in found if each.state is not ChargeState.GONE]
        return sorted(found, key=lambda each: (_FIRST.index(each.state), each.ref))

    async def _by_page(self, page: str, known_as: str) -> list[Mapping[str, Any]]:
        # The list's own filter by checkoutSession was seen to find nothing in the sandbox.
        rows = await self._list("/payments", {"customer": known_as})
        return [each for each in rows if each.get("checkoutSession") == page]

    async def _list(self, path: str, query: Mapping[str, str]) -> list[Mapping[str, Any]]:
        answer = await self._wire.get(path, {**query, "limit": "100"})
        data = answer.get("data") if answer else None
        if not isinstance(data, list) or not all(isinstance(each, dict) for each in data):
            raise Permanent("unreadable", "a list is no list")
        return data

    async def _made(self, path: str, body: Mapping[str, JSON]) -> Mapping[str, Any]:
        made = await self._wire.call("POST", path, body)
        if made is None:
            raise Permanent("refused", "the gateway knows no such path")
        result: Mapping[str, Any] = made
        return result


def _alive(charge: Charge) -> bool:
    return charge.state in (ChargeState.WAITING, ChargeState.PAID, ChargeState.DISPUTED)


def _charge(row: Mapping[str, Any]) -> Charge:
    """A payment of the API. Raises Permanent("unreadable") for a status nobody knows: it is not guessed."""
    status = "GONE" if row.get("deleted") else _text(row, "status")
    state = ChargeState.GONE if status == "GONE" else _STATES.get(status)
    if state is None:
        raise Permanent("unreadable", f"status {status[:40]}")
    value = money(row.get("value"))
    if value is None:
        raise Permanent("unreadable", "a charge without a value")
    paid = state in (ChargeState.PAID, ChargeState.REFUNDED, ChargeState.DISPUTED)
    day = row.get("clientPaymentDate") or row.get("paymentDate") or row.get("confirmedDate")
    return Charge(
        ref=_text(row, "id"),
        reference=str(row.get("externalReference") or ""),
        state=state,
        method=_METHODS.get(str(row.get("billingType")), Method.ANY),
        amount=money(row.get("originalValue")) or value,
        due_on=_day(row.get("dueDate")),
        url=row.get("invoiceUrl"),
        slip_url=row.get("bankSlipUrl"),
        paid=value if paid else None,
        paid_on=_day(day) if paid and day else None,
        refunded=_refunded(row),
        by_hand=status == "RECEIVED_IN_CASH",
        card=_card(row),
        page=row.get("checkoutSession"),
    )


def _refunded(row: Mapping[str, Any]) -> Decimal:
    refunds = row.get("refunds") or ()
    done = (money(each.get("value")) for each in refunds if each.get("status") == "DONE")
    return sum((each for each in done if each is not None), NOTHING)


def _card(row: Mapping[str, Any]) -> CardSeen | None:
    card = row.get("creditCard")
    if not isinstance(card, dict) or not card.get("creditCardNumber"):
        return None
    debit = row.get("billingType") == "DEBIT_CARD"
    return CardSeen(
        scheme=str(card.get("creditCardBrand") or "CARD")[:20],
        last4=str(card["creditCardNumber"])[-4:],
        token=None if debit else card.get("creditCardToken"),
        kind=CardKind.DEBIT if debit else CardKind.CREDIT,
    )


def _text(row: Any, name: str) -> str:
    value = row.get(name) if isinstance(row, dict) else None
    if not isinstance(value, str) or not value:
        raise Permanent("unreadable", f"{name} is no text")
    return value


def _day(value: Any) -> date:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError as error:
        raise Permanent("unreadable", "a date is no date") from error


def _moment(day: date) -> str:
    return datetime.combine(day, time(12)).isoformat(sep=" ")


def _part(ref: str) -> str:
    """A word of a path: what comes from outside does not lead to another path."""
    return quote(ref, safe="")
