"""The program as it is wired: a webhook over its own ASGI app, and the clock, to a paid invoice."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from decimal import Decimal

import httpx
import pytest
from sqlalchemy import select

from bot.app import App, build
from bot.core.ports import Turn
from bot.settings import Settings
from bot.web.gateway_hook import TOKEN_HEADER
from storage import bulk
from storage.bulk import NewCustomer
from storage.tables import invoice
from tests.fakes import Clock, Tokens
from tests.nouns.conftest import TAX_IDS
from tests.nouns.conftest import invoice as bill
from tests.payments.fake_asaas import HOOK_TOKEN, KEY, FakeAsaas


@pytest.fixture
async def app(
    sqlite_url: str, clock: Clock, fake: FakeAsaas, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[App]:
    monkeypatch.setenv("BALCAO_KEY", KEY)
    monkeypatch.setenv("BALCAO_HOOK", HOOK_TOKEN)
    settings = Settings(
        brands=[
            {
                "id": "curral",
                "name": "Curral Fibra",
                "gateway": {
                    "kind": "asaas",
                    "token_env": "BALCAO_KEY",
                    "webhook_token_env": "BALCAO_HOOK",
                    "url": fake.url,
                },
            }
        ],
        channels=(),
        database={"url": sqlite_url},
        server_key="a key for tests alone, of 40 characters.",
    )
    app = build(settings, clock=clock, rng=random.Random(1), new_token=Tokens())
    await app.dispatcher.start()
    yield app
    await app.stop()


async def test_an_invoice_gets_its_charge_by_the_clock_and_is_paid_by_the_webhook(
    app: App, fake: FakeAsaas
) -> None:
    def fill(tx: Turn) -> None:
        ids = bulk.add_customers(
            tx,
            [NewCustomer("ana", "PF", "Ana Prado", TAX_IDS["ana"], 10, emails=("a@example.com",))],
        )
        bulk.add_invoices(tx, [bill(ids["ana"], "A-0013", 1, barcode=None)])

    await app.database.play("curral", fill)
    for each in app.tend:
        await each()
    await app.dispatcher.idle()
    (row,) = fake.made("curral:A-0013")
    assert row["value"] == Decimal("99.90")

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app.asgi), base_url="http://counter"
    ) as http:
        event = fake.paid(row["id"])
        refused = await http.post("/gateway/curral", json={"id": "e", "event": "PAYMENT_X"})
        taken = await http.post("/gateway/curral", json=event, headers={TOKEN_HEADER: HOOK_TOKEN})
        got = await http.get("/gateway/curral")
        nobody = await http.post("/gateway/other", json=event)
    await app.dispatcher.idle()

    assert [each.status_code for each in (refused, taken, got, nobody)] == [401, 200, 405, 404]
    state = await app.database.read("curral", lambda read: read.scalar(select(invoice.c.state)))
    assert state == "paid"
