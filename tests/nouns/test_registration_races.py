"""Two at once on a registration: one undo, one contact, one use of a proof, no more tries than there are."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.core.brand import Brand
from bot.core.message import Mail
from bot.core.ports import Turn
from storage import bulk, contacts, people, proofs
from storage.database import Database
from storage.tables import contact, contact_change

from .conftest import BRAND
from .conftest import people as everybody
from .test_races import TABS, at_once, turn

NEW = {"op": "add", "value": "nova@example.org", "label": "new"}


@pytest.fixture
def brand() -> Brand:
    return BRAND


@pytest.fixture
async def ana(storage: Database) -> int:
    ids = await storage.play(BRAND.id, lambda tx: bulk.add_customers(tx, everybody()))
    return ids["ana"]


async def emails(storage: Database, ana: int) -> int:
    found = await storage.read(
        BRAND.id,
        lambda read: read.scalar(
            select(func.count())
            .select_from(contact)
            .where(contact.c.customer == ana, contact.c.kind == "email")
        ),
    )
    return int(found or 0)


async def test_of_many_who_add_one_email_at_once_one_does(storage: Database, ana: int) -> None:
    def add(tx: Turn) -> str:
        return contacts.carry_out(tx, ana, "email", NEW, proved_by="code")

    found = await at_once(storage, *(turn(add, f"e{n}", f"chat {n}") for n in range(TABS)))

    assert Counter(found) == {"saved": 1, "same": TABS - 1}
    assert await emails(storage, ana) == 3


async def test_of_many_who_undo_at_once_one_does_and_the_others_hear_so(
    storage: Database, ana: int
) -> None:
    await storage.play(
        BRAND.id, lambda tx: contacts.carry_out(tx, ana, "email", NEW, proved_by="code")
    )
    id = await storage.read(BRAND.id, lambda read: read.scalar(select(contact_change.c.id)))
    assert id is not None

    def undo(tx: Turn) -> str:
        return contacts.undo(tx, id, by="link")

    found = await at_once(storage, *(turn(undo, f"u{n}", f"chat {n}") for n in range(TABS)))

    assert Counter(found) == {"undone": 1, "used": TABS - 1}
    assert await emails(storage, ana) == 2


async def test_of_many_uses_of_a_proof_at_once_one_counts(storage: Database, ana: int) -> None:
    def ask(tx: Turn) -> Any:
        people.link(tx, people.here(tx).address, ana, by="code", fresh=True)
        return proofs.request(
            tx, ana, "nova@example.org", lambda id: Mail("new-email", "", "en", code=id)
        )["proof"]

    proof = await storage.play(BRAND.id, turn(ask, "ask", "ana"))
    digits = storage.keys.digits(proofs.PURPOSE, proof, 6)
    await storage.play(BRAND.id, turn(lambda tx: proofs.check(tx, proof, digits), "check", "ana"))

    def use(tx: Turn) -> str | None:
        return proofs.take(tx, proof, ana, "email", "nova@example.org")

    found = await at_once(storage, *(turn(use, f"t{n}", "ana") for n in range(TABS)))

    assert Counter(found) == {"code": 1, None: TABS - 1}


async def test_of_many_wrong_codes_at_once_five_are_tries(storage: Database, ana: int) -> None:
    def ask(tx: Turn) -> Any:
        return proofs.request(
            tx, ana, "nova@example.org", lambda id: Mail("new-email", "", "en", code=id)
        )["proof"]

    proof = await storage.play(BRAND.id, turn(ask, "ask", "ana"))
    wrong = f"{(int(storage.keys.digits(proofs.PURPOSE, proof, 6)) + 1) % 10**6:06}"

    def check(tx: Turn) -> str:
        return str(proofs.check(tx, proof, wrong)["result"])

    found = await at_once(storage, *(turn(check, f"c{n}", "ana") for n in range(TABS)))

    assert Counter(found) == {"wrong": 4, "spent": 1, "paused": TABS - 5}
