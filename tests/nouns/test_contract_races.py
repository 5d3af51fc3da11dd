"""Two at once: a contract is accepted by one of them, and the other hears when and by whom."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select

from bot.core.brand import Brand
from bot.core.ports import Turn
from storage import bulk, contracts, people
from storage.database import Database
from storage.tables import contract, contract_acceptance

from .conftest import BRAND
from .conftest import people as everybody
from .test_races import TABS, at_once, turn


@pytest.fixture
def brand() -> Brand:
    return BRAND


async def test_of_many_who_accept_at_once_one_has_accepted(storage: Database) -> None:
    def fill(tx: Turn) -> tuple[int, int]:
        ana = bulk.add_customers(tx, everybody())["ana"]
        contracts.add_model(tx, "Fibra", "Words.")
        return ana, contracts.offer(tx, ana, "Fibra")

    ana, id = await storage.play(BRAND.id, fill)

    def accept(tx: Turn) -> Any:
        people.link(tx, people.here(tx).address, ana, by="code")
        tx.visitor = tx.reopen()  # type: ignore[misc]
        (sha256,) = tx.one(select(contract.c.sha256)) or ("",)
        return contracts.accept(tx, id, ana, sha256=sha256, words="?", locale="en")

    outcomes = await at_once(storage, *(turn(accept, f"e{n}", f"tab{n}") for n in range(TABS)))

    assert Counter(each["result"] for each in outcomes) == {"ok": 1, "already": TABS - 1}
    assert {each["by"] for each in outcomes} == {"Ana Prado Nogueira"}
    kept = await storage.read(BRAND.id, lambda read: read.all(select(contract_acceptance)))
    assert len(kept) == 1
