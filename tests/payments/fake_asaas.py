"""A strict, stateful stand-in for Asaas over real HTTP: it refuses what the real one refuses.

By docs.asaas.com (API v3): unknown and missing fields, wrong types, due dates in the past, edits of
what is paid or deleted, payers nobody knows, a wrong key, a GET with a body, a missing User-Agent.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from aiohttp import web

from bot.domain import boleto, pix, tax_id
from bot.domain.errors import Invalid
from tests.fakes import Clock
from tests.payments.fake_wire import Refused, Trouble, refuse, reply

KEY = "$aact_hmlg_a-key-for-tests-alone"
HOOK_TOKEN = "a token for the webhook of the tests, long enough"
BILLING = {"BOLETO", "PIX", "CREDIT_CARD", "UNDEFINED"}
WAITS = {"PENDING", "OVERDUE"}
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FIELDS = {
    "customer": {
        "name", "cpfCnpj", "email", "phone", "mobilePhone", "address", "addressNumber",
        "complement", "province", "postalCode", "externalReference", "notificationDisabled",
    },
    "payment": {
        "customer", "billingType", "value", "dueDate", "description", "externalReference",
        "fine", "interest", "discount",
    },
    "edit": {"billingType", "value", "dueDate", "description", "externalReference", "fine", "interest"},
    "checkout": {
        "billingTypes", "chargeTypes", "minutesToExpire", "callback", "items", "customer",
        "customerData", "subscription", "externalReference",
    },
    "card": {"creditCardToken"},
}  # fmt: skip
_FILTERS = {
    "customers": {"cpfCnpj", "externalReference", "limit", "offset"},
    "payments": {"externalReference", "customer", "status", "limit", "offset"},
}

Row = dict[str, Any]


@dataclass
class FakeAsaas:
    """What one account holds; the methods in the past tense are what payers and staff do there."""

    clock: Clock
    url: str = ""
    customers: dict[str, Row] = field(default_factory=dict)
    payments: dict[str, Row] = field(default_factory=dict)
    subscriptions: dict[str, Row] = field(default_factory=dict)
    checkouts: dict[str, Row] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """Every request, "POST /payments"."""
    trouble: list[Trouble] = field(default_factory=list)
    """What goes wrong with the next requests that match, one each."""
    refused_tokens: set[str] = field(default_factory=set)
    pix_key: bool = True
    """Without one the account has no QR codes."""
    _count: int = 0
    _events: int = 0

    @property
    def today(self) -> date:
        return self.clock().date()

    def made(self, reference: str) -> list[Row]:
        """The charges with a reference that were not deleted."""
        return [
            each
            for each in self.payments.values()
            if each["externalReference"] == reference and not each["deleted"]
        ]

    # -------------------------------------------------------------- what happens there

    def paid(
        self, ref: str, *, value: str | None = None, by: str = "PIX", on: date | None = None,
        status: str = "RECEIVED",
    ) -> dict[str, Any]:  # fmt: skip
        """The payer pays; the event that tells it."""
        row = self.payments[ref]
        if value is not None and Decimal(value) != row["value"]:
            row["originalValue"], row["value"] = row["value"], Decimal(value)
        day = (on or self.today).isoformat()
        row |= {"status": status, "billingType": by, "clientPaymentDate": day, "paymentDate": day}
        return self.event(f"PAYMENT_{status}", row)

    def refunded(self, ref: str, value: str | None = None) -> dict[str, Any]:
        row = self.payments[ref]
        amount = Decimal(value) if value else row["value"]
        row["refunds"] = [*(row["refunds"] or []), {"status": "DONE", "value": amount}]
        if amount == row["value"]:
            row["status"] = "REFUNDED"
            return self.event("PAYMENT_REFUNDED", row)
        return self.event("PAYMENT_PARTIALLY_REFUNDED", row)

    def became(self, ref: str, status: str, event: str | None = None) -> dict[str, Any]:
        """Staff, a bank or the risk analysis moves a charge."""
        row = self.payments[ref]
        row["status"] = status
        if status in WAITS:
            row |= {"clientPaymentDate": None, "paymentDate": None}
        return self.event(event or f"PAYMENT_{status}", row)

    def card_entered(
        self, checkout: str, *, last4: str = "4444", scheme: str = "VISA", at_once: bool = False
    ) -> dict[str, Any]:
        """The customer enters a card on the hosted page: a subscription with its first charge."""
        page = self.checkouts[checkout]
        page["status"] = "PAID"
        sub = self._id("sub")
        self.subscriptions[sub] = {"id": sub, "deleted": False, "customer": page["customer"]}
        due = page["subscription"]["nextDueDate"][:10]
        item = page["items"][0]
        row = self._payment(page["customer"], "CREDIT_CARD", item["value"], due)
        row |= {
            "subscription": sub,
            "checkoutSession": checkout,
            "creditCard": {
                "creditCardNumber": last4,
                "creditCardBrand": scheme,
                "creditCardToken": f"token-{row['id']}",
            },
        }
        if at_once:
            self.paid(row["id"], by="CREDIT_CARD", status="CONFIRMED")
        return self.event("CHECKOUT_PAID", page, "checkout")

    def event(self, name: str, of: Row, what: str = "payment") -> dict[str, Any]:
        """An event as the webhook brings it."""
        self._events += 1
        shown = json.loads(reply(of).body or b"{}")
        return {
            "id": f"evt_{self._events:032d}&{self._events}",
            "event": name,
            "dateCreated": self.clock().strftime("%Y-%m-%d %H:%M:%S"),
            what: shown,
        }

    # -------------------------------------------------------------- the API

    async def answer(self, request: web.Request) -> web.StreamResponse:
        path = request.path.removeprefix("/v3")
        self.asked.append(f"{request.method} {request.rel_url.raw_path.removeprefix('/v3')}")
        trouble = next((t for t in self.trouble if t.meets(request.method, path)), None)
        if trouble is not None:
            self.trouble.remove(trouble)
            early = await trouble.before(request)
            if early is not None:
                return early
        try:
            result = await self._handle(request, path)
        except Refused as refusal:
            return refusal.response
        if trouble is not None:
            await trouble.after(request)
        return reply(result)

    async def _handle(self, request: web.Request, path: str) -> Any:
        if request.headers.get("access_token") != KEY:
            refuse(401, "invalid_access_token")
        if not request.headers.get("User-Agent", "").startswith("Balcao"):
            refuse(403, "missing_user_agent")
        content = await request.read()
        if request.method == "GET" and content:
            refuse(403, "body_in_get")
        for method, pattern, handler in _ROUTES:
            found = re.fullmatch(pattern, path)
            if found and method == request.method:
                if method in ("POST", "PUT"):
                    return handler(self, *found.groups(), self._body(request, content))
                if pattern in ("/customers", "/payments"):
                    return handler(self, dict(request.query))
                return handler(self, *found.groups())
        refuse(404)

    def _body(self, request: web.Request, content: bytes) -> Row:
        if request.content_type != "application/json":
            refuse(400, "invalid_content_type")
        try:
            body = json.loads(content, parse_float=Decimal)
        except ValueError:
            refuse(400, "invalid_json")
        if not isinstance(body, dict):
            refuse(400, "invalid_json")
        return body

    # customers

    def _list_customers(self, query: Mapping[str, str]) -> Row:
        return _page(self.customers.values(), query, _FILTERS["customers"])

    def _get_customer(self, id: str) -> Row:
        return self.customers.get(id) or refuse(404)

    def _new_customer(self, body: Row) -> Row:
        _known(body, "customer", {"name", "cpfCnpj"})
        try:
            tax_id.parse_tax_id(_text(body, "cpfCnpj"))
        except Invalid:
            refuse(400, "invalid_cpfCnpj")
        if "email" in body and "@" not in _text(body, "email"):
            refuse(400, "invalid_email")
        if "postalCode" in body and not re.fullmatch(r"[0-9]{8}", _text(body, "postalCode")):
            refuse(400, "invalid_postalCode")
        id = self._id("cus")
        self.customers[id] = {"object": "customer", "id": id, "deleted": False, **body}
        return self.customers[id]

    # payments

    def _list_payments(self, query: Mapping[str, str]) -> Row:
        self._grow_old()
        return _page(self.payments.values(), query, _FILTERS["payments"])

    def _get_payment(self, id: str) -> Row:
        self._grow_old()
        return self.payments.get(id) or refuse(404)

    def _new_payment(self, body: Row) -> Row:
        _known(body, "payment", {"customer", "billingType", "value", "dueDate"})
        customer = self.customers.get(_text(body, "customer"))
        if customer is None or customer["deleted"]:
            refuse(400, "invalid_customer")
        row = self._payment(
            body["customer"], _billing(body), _value(body), self._due(body, before=None)
        )
        row |= {name: body[name] for name in ("description", "externalReference") if name in body}
        for name in ("fine", "interest"):
            if name in body:
                row[name] = {"value": _value(body[name]), "type": "PERCENTAGE"}
        return row

    def _payment(self, customer: str, billing: str, value: Decimal, due: str) -> Row:
        id = self._id("pay")
        self.payments[id] = {
            "object": "payment", "id": id, "dateCreated": self.today.isoformat(),
            "customer": customer, "checkoutSession": None, "subscription": None,
            "billingType": billing, "value": value, "netValue": value, "originalValue": None,
            "interestValue": None, "dueDate": due, "originalDueDate": due, "description": None,
            "externalReference": None, "status": "PENDING", "paymentDate": None,
            "clientPaymentDate": None, "invoiceUrl": f"https://sandbox.asaas.com/i/{id[4:]}",
            "bankSlipUrl": f"https://sandbox.asaas.com/b/pdf/{id[4:]}", "deleted": False,
            "refunds": None, "creditCard": None, "_edition": 1,
        }  # fmt: skip
        return self.payments[id]

    def _edit_payment(self, id: str, body: Row) -> Row:
        row = self._get_payment(id)
        _known(body, "edit", {"billingType", "value", "dueDate"})
        if row["deleted"] or row["status"] not in WAITS:
            refuse(400, "invalid_action")
        due = self._due(body, before=row["dueDate"])
        row |= {"billingType": _billing(body), "value": _value(body), "dueDate": due}
        row["_edition"] += 1
        return row

    def _delete_payment(self, id: str) -> Row:
        row = self._get_payment(id)
        if row["status"] not in WAITS:
            refuse(400, "invalid_action")
        if row["deleted"]:
            refuse(404)
        row["deleted"] = True
        return {"deleted": True, "id": id}

    def _line(self, id: str) -> Row:
        row = self._get_payment(id)
        if row["billingType"] not in ("BOLETO", "UNDEFINED") or row["deleted"]:
            refuse(400, "invalid_action")
        free = f"{int(re.sub(r'[^0-9]', '', id)):020}{row['_edition']:05}"
        barcode = boleto.make_barcode("461", date.fromisoformat(row["dueDate"]), row["value"], free)
        return {"identificationField": boleto.line_from_barcode(barcode), "nossoNumero": "1",
                "barCode": barcode}  # fmt: skip

    def _qr(self, id: str) -> Row:
        row = self._get_payment(id)
        if row["billingType"] == "CREDIT_CARD" or row["deleted"] or not self.pix_key:
            refuse(400, "invalid_action")
        txid = f"{id.replace('_', '')}e{row['_edition']}"[-25:]
        code = pix.encode("pix@asaas.example.com", "ASAAS", "Joinville", row["value"], txid)
        return {"encodedImage": "", "payload": code, "expirationDate": "2027-12-31 23:59:59"}

    def _pay_by_card(self, id: str, body: Row) -> Row:
        row = self._get_payment(id)
        _known(body, "card", {"creditCardToken"})
        if row["deleted"] or row["status"] not in WAITS:
            refuse(400, "invalid_action")
        token = _text(body, "creditCardToken")
        cards = [
            each["creditCard"]
            for each in self.payments.values()
            if each["creditCard"] and each["customer"] == row["customer"]
        ]
        card = next((each for each in cards if each["creditCardToken"] == token), None)
        if card is None or token in self.refused_tokens:
            refuse(400, "invalid_creditCard")
        row["creditCard"] = card
        self.paid(id, by="CREDIT_CARD", status="CONFIRMED")
        return row

    # checkouts

    def _new_checkout(self, body: Row) -> Row:
        _known(body, "checkout", {"billingTypes", "chargeTypes", "callback", "items"})
        recurrent = body["chargeTypes"] == ["RECURRENT"]
        if body["billingTypes"] != ["CREDIT_CARD"] or not recurrent or "subscription" not in body:
            refuse(400, "invalid_chargeTypes")
        if not 10 <= body.get("minutesToExpire", 30) <= 1440:
            refuse(400, "invalid_minutesToExpire")
        if not all(str(url).startswith("https://") for url in body["callback"].values()):
            refuse(400, "invalid_callback")
        for item in body["items"]:
            _value(item)
        if date.fromisoformat(body["subscription"]["nextDueDate"][:10]) < self.today:
            refuse(400, "invalid_nextDueDate")
        if body.get("customer") not in self.customers:
            refuse(400, "invalid_customer")
        id = f"chk-{self._next()}"
        link = f"https://asaas.com/checkoutSession/show?id={id}"
        self.checkouts[id] = body | {"id": id, "link": link, "status": "ACTIVE"}
        return self.checkouts[id]

    def _delete_subscription(self, id: str) -> Row:
        row = self.subscriptions.get(id)
        if row is None or row["deleted"]:
            refuse(404)
        row["deleted"] = True
        for each in self.payments.values():
            if each["subscription"] == id and each["status"] in WAITS:
                each["deleted"] = True
        return {"deleted": True, "id": id}

    # -------------------------------------------------------------- inside

    def _due(self, body: Row, before: str | None) -> str:
        day = _text(body, "dueDate")
        if not DAY.fullmatch(day) or (day != before and date.fromisoformat(day) < self.today):
            refuse(400, "invalid_dueDate")
        return day

    def _grow_old(self) -> None:
        for row in self.payments.values():
            if row["status"] == "PENDING" and date.fromisoformat(row["dueDate"]) < self.today:
                row["status"] = "OVERDUE"

    def _id(self, kind: str) -> str:
        return f"{kind}_{self._next():012d}"

    def _next(self) -> int:
        self._count += 1
        return self._count


def _known(body: Row, what: str, needed: set[str]) -> None:
    unknown = body.keys() - _FIELDS[what]
    if unknown:
        refuse(400, *(f"unknown_{name}" for name in sorted(unknown)))
    missing = needed - body.keys()
    if missing:
        refuse(400, *(f"invalid_{name}" for name in sorted(missing)))


def _text(body: Row, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        refuse(400, f"invalid_{name}")
    return value


def _value(body: Row) -> Decimal:
    value = body.get("value")
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        refuse(400, "invalid_value")
    amount = Decimal(value)
    if amount <= 0 or amount != round(amount, 2):
        refuse(400, "invalid_value")
    return amount


def _billing(body: Row) -> str:
    if body["billingType"] not in BILLING:
        refuse(400, "invalid_billingType")
    return str(body["billingType"])


def _page(rows: Any, query: Mapping[str, str], filters: set[str]) -> Row:
    unknown = query.keys() - filters
    if unknown or not 1 <= int(query.get("limit", "10")) <= 100:
        refuse(400, "invalid_filter")
    asked = {name: value for name, value in query.items() if name not in ("limit", "offset")}
    found = [row for row in rows if all(str(row.get(n)) == v for n, v in asked.items())]
    found = [row for row in found if not row["deleted"]][: int(query.get("limit", "10"))]
    return {"object": "list", "hasMore": False, "totalCount": len(found), "data": found}


_ROUTES: list[tuple[str, str, Callable[..., Any]]] = [
    ("GET", "/customers", FakeAsaas._list_customers),
    ("GET", "/customers/([^/]+)", FakeAsaas._get_customer),
    ("POST", "/customers", FakeAsaas._new_customer),
    ("GET", "/payments", FakeAsaas._list_payments),
    ("POST", "/payments", FakeAsaas._new_payment),
    ("GET", "/payments/([^/]+)", FakeAsaas._get_payment),
    ("PUT", "/payments/([^/]+)", FakeAsaas._edit_payment),
    ("DELETE", "/payments/([^/]+)", FakeAsaas._delete_payment),
    ("GET", "/payments/([^/]+)/identificationField", FakeAsaas._line),
    ("GET", "/payments/([^/]+)/pixQrCode", FakeAsaas._qr),
    ("POST", "/payments/([^/]+)/payWithCreditCard", FakeAsaas._pay_by_card),
    ("POST", "/checkouts", FakeAsaas._new_checkout),
    ("DELETE", "/subscriptions/([^/]+)", FakeAsaas._delete_subscription),
]


@asynccontextmanager
async def asaas_at_loopback(clock: Clock) -> AsyncIterator[FakeAsaas]:
    """The fake, listening; `url` is its base."""
    fake = FakeAsaas(clock)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", fake.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    fake.url = f"http://127.0.0.1:{port}/v3"
    try:
        yield fake
    finally:
        await runner.cleanup()


__all__ = ["HOOK_TOKEN", "KEY", "FakeAsaas", "Trouble", "asaas_at_loopback"]
