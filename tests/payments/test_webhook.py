"""Webhooks: who may call, what is taken once, and that only the gateway's own answer is believed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from starlette.applications import Starlette

from bot.core.errors import Unavailable
from bot.web.gateway_hook import LARGEST, TOKEN_HEADER, Event, GatewayHook, read_event
from storage import collecting
from storage.tables import audit, message
from tests.payments.conftest import CPF
from tests.payments.fake_asaas import HOOK_TOKEN, FakeAsaas
from tests.payments.fake_wire import Trouble
from tests.payments.office import Office


class Hook:
    """The route, over ASGI."""

    def __init__(self, hook: GatewayHook) -> None:
        app = Starlette(routes=hook.routes())
        self._http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://counter"
        )

    async def posts(self, body: Any, token: str = HOOK_TOKEN) -> int:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {TOKEN_HEADER.encode(): token.encode()} if token else {}
        answer = await self._http.post("/gateway/main", content=content, headers=headers)
        assert answer.content == b""
        return answer.status_code

    async def close(self) -> None:
        await self._http.aclose()


@pytest.fixture
async def hook(office: Office) -> AsyncIterator[Hook]:
    hook = Hook(GatewayHook("main", HOOK_TOKEN, office.paying.taker("curral")))
    yield hook
    await hook.close()


async def charged(office: Office, fake: FakeAsaas, number: str = "A-0013") -> str:
    """An invoice's charge at the gateway; its id there."""
    await office.says("menu")
    await office.says("This one now")
    await office.says(number)
    (row,) = fake.made(f"curral:{number}")
    return str(row["id"])


async def test_paid_is_read_again_booked_and_told_once_however_often_it_is_said(
    office: Office, hook: Hook, fake: FakeAsaas
) -> None:
    ref = await charged(office, fake)
    events = [fake.paid(ref, status="CONFIRMED"), fake.paid(ref)]
    before = len(office.chat.sent)

    for event in (*events, *events):
        assert await hook.posts(event) == 200
        await office.quiet()

    assert (await office.row_of("A-0013")).state == "paid"
    (receipt,) = office.chat.sent[before:]
    assert receipt[0] == "ana"
    assert receipt[1].startswith("Payment received: R$99.90")
    assert "A-0013" in receipt[1]
    assert fake.asked.count(f"GET /payments/{ref}") == 2
    paid = select(audit.c.id).where(audit.c.what == "invoice.paid")
    assert len(await office.reads(lambda read: read.all(paid))) == 1


async def test_what_an_event_claims_is_not_believed(
    office: Office, hook: Hook, fake: FakeAsaas
) -> None:
    ref = await charged(office, fake)
    event = fake.event("PAYMENT_RECEIVED", fake.payments[ref] | {"status": "RECEIVED"})

    assert await hook.posts(event) == 200
    await office.quiet()

    assert (await office.row_of("A-0013")).state == "open"


async def test_refunded_and_taken_back_are_followed(
    office: Office, hook: Hook, fake: FakeAsaas
) -> None:
    ref = await charged(office, fake)
    await hook.posts(fake.paid(ref))
    await office.later(seconds=1)
    await hook.posts(fake.refunded(ref))
    said = await office.later(seconds=1)
    found = await office.row_of("A-0013")
    assert (found.state, found.pix_code) == ("open", None)
    assert "taken back" in said[-1]

    await office.writes(lambda tx: collecting.tend(tx, 10))
    assert [each["status"] for each in fake.made("curral:A-0013")] == ["REFUNDED", "PENDING"]
    assert (await office.row_of("A-0013")).pix_code is not None


async def test_cash_confirmed_there_and_undone_there(
    office: Office, hook: Hook, fake: FakeAsaas
) -> None:
    ref = await charged(office, fake)
    fake.paid(ref)
    await hook.posts(fake.became(ref, "RECEIVED_IN_CASH"))
    await office.later(seconds=1)
    assert (await office.row_of("A-0013")).state == "paid"

    await hook.posts(fake.became(ref, "PENDING", "PAYMENT_RECEIVED_IN_CASH_UNDONE"))
    await office.later(seconds=1)
    assert (await office.row_of("A-0013")).state == "open"


async def test_a_chargeback_opens_the_invoice_and_a_won_one_closes_it(
    office: Office, hook: Hook, fake: FakeAsaas
) -> None:
    ref = await charged(office, fake)
    fake.paid(ref, by="CREDIT_CARD", status="CONFIRMED")
    states = []
    for status in ("CONFIRMED", "CHARGEBACK_REQUESTED", "CHARGEBACK_DISPUTE", "RECEIVED"):
        await hook.posts(fake.became(ref, status))
        await office.later(seconds=1)
        states.append((await office.row_of("A-0013")).state)
    assert states == ["paid", "open", "open", "paid"]


async def test_paid_partly_and_late_by_what_the_gateway_says(
    office: Office, hook: Hook, fake: FakeAsaas
) -> None:
    ref = await charged(office, fake)
    await hook.posts(fake.paid(ref, value="60.00"))
    said = await office.later(seconds=1)
    assert "Still missing" in said[-1]
    await hook.posts(fake.paid(ref, value="101.94", on=date(2026, 12, 12)))
    await office.later(seconds=1)
    found = await office.row_of("A-0013")
    assert (found.state, found.paid_on) == ("paid", date(2026, 12, 12))
    assert found.paid_amount == Decimal("101.94")


async def test_a_deleted_charge_can_be_made_anew(
    office: Office, hook: Hook, fake: FakeAsaas
) -> None:
    ref = await charged(office, fake)
    fake.payments[ref]["deleted"] = True
    await hook.posts(fake.event("PAYMENT_DELETED", fake.payments[ref]))
    await office.later(seconds=1)
    assert (await office.row_of("A-0013")).pix_code is None

    assert await charged(office, fake) != ref


async def test_a_gateway_in_trouble_is_asked_again_until_it_answers(
    office: Office, hook: Hook, fake: FakeAsaas
) -> None:
    ref = await charged(office, fake)
    fake.trouble = [Trouble("status", path=f"/payments/{ref}", status=503) for _ in range(3)]

    assert await hook.posts(fake.paid(ref)) == 200
    for _ in range(4):
        await office.later(minutes=1)

    assert (await office.row_of("A-0013")).state == "paid"


async def test_charges_of_others_in_the_same_account_are_left_alone(
    office: Office, hook: Hook, fake: FakeAsaas
) -> None:
    customer = fake._new_customer({"name": "X", "cpfCnpj": CPF})
    row = fake._payment(customer["id"], "PIX", Decimal(10), "2026-12-01")
    row["externalReference"] = "other-shop:1"

    assert await hook.posts(fake.paid(row["id"])) == 200
    await office.quiet()

    assert await office.calls() == [("sent", None)]
    noted = select(audit.c.id).where(audit.c.what.startswith("payment."))
    assert await office.reads(lambda read: read.all(noted)) == []


# ------------------------------------------------------------------ the door


@pytest.mark.parametrize("token", ["", "wrong", HOOK_TOKEN[:-1], HOOK_TOKEN + "x", "ção"])
async def test_without_the_token_nothing_is_heard(office: Office, hook: Hook, token: str) -> None:
    event = {"id": "evt_1", "event": "PAYMENT_RECEIVED", "payment": {"id": "pay_1"}}
    assert await hook.posts(event, token=token) == 401
    assert await office.calls() == []


async def test_wrong_tokens_are_said_once_until_a_right_one_comes(
    office: Office, hook: Hook
) -> None:
    known = {"id": "evt_1", "event": "NOBODY_KNOWS"}
    with structlog.testing.capture_logs() as logs:
        for token in ("a", "b", HOOK_TOKEN, "c"):
            await hook.posts(known, token=token)
    warned = [each for each in logs if each["log_level"] == "warning"]
    assert len(warned) == 2
    assert HOOK_TOKEN not in str(logs)


async def test_an_account_without_a_token_hears_nobody() -> None:
    async def take(event: Event) -> None:
        raise AssertionError

    hook = Hook(GatewayHook("main", "", take))
    assert await hook.posts({"id": "e", "event": "PAYMENT_RECEIVED"}, token="") == 401
    await hook.close()


@pytest.mark.parametrize(
    "body",
    [
        {"id": "evt_1", "event": "SOMETHING_NEW"},
        {"id": "evt_1", "event": "SUBSCRIPTION_CREATED", "subscription": {"id": "sub_1"}},
        {"id": "evt_1", "event": "PAYMENT_NEVER_HEARD_OF"},
        {"id": "evt_1", "event": "CHECKOUT_CREATED", "checkout": {"id": "chk"}},
    ],
)
async def test_unknown_events_are_taken_and_do_nothing(
    office: Office, hook: Hook, body: dict[str, Any]
) -> None:
    assert await hook.posts(body) == 200
    assert await office.calls() == []


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"{}", b'{"id": 7, "event": "PAYMENT_X"}',
        b'{"id": "evt_1"}', b'{"id": "", "event": "PAYMENT_X"}', b'{"id": "a\\u0000b", "event": "X"}',
        b'{"id": "' + b"x" * 300 + b'", "event": "X"}', b"[" * 100_000,
    ],
)  # fmt: skip
async def test_what_is_no_event_is_refused_and_leaves_no_trace(
    office: Office, hook: Hook, body: bytes
) -> None:
    with structlog.testing.capture_logs() as logs:
        assert await hook.posts(body) == 400
    assert logs == []
    assert (
        await office.reads(
            lambda read: read.all(select(message.c.id).where(message.c.kind == "call"))
        )
        == []
    )


async def test_a_flood_in_one_body_is_refused(office: Office, hook: Hook) -> None:
    assert await hook.posts(b"x" * (LARGEST + 1)) == 413


async def test_while_the_database_is_away_it_shall_come_again() -> None:
    async def take(event: Event) -> None:
        raise Unavailable

    hook = Hook(GatewayHook("main", HOOK_TOKEN, take))
    event = {"id": "evt_1", "event": "PAYMENT_RECEIVED", "payment": {"id": "pay_1"}}
    assert await hook.posts(event) == 503
    await hook.close()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner),
    max_leaves=8,
)
SHAPED = st.fixed_dictionaries(
    {},
    optional={
        "id": JSON,
        "event": st.sampled_from(["PAYMENT_X", "CHECKOUT_PAID", "X"]) | JSON,
        "payment": st.fixed_dictionaries({}, optional={"id": JSON}) | JSON,
        "checkout": st.fixed_dictionaries({}, optional={"id": JSON}) | JSON,
    },
)


@given(st.binary(max_size=60) | (JSON | SHAPED).map(lambda value: json.dumps(value).encode()))
def test_any_body_is_an_event_with_sound_ids_or_none(body: bytes) -> None:
    event = read_event(body)
    if event is not None:
        for word in (event.id, event.name, event.charge, event.page):
            assert word is None or (word.isprintable() and 0 < len(word) <= 200)
