"""Paying opens what was blocked, once and with the receipt; a payment taken back is told, and blocks again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, update

from bot.core.brand import Brand
from bot.domain.standing import Status
from storage import situations
from storage.situations import Situation
from storage.tables import address, audit, customer, trust_unlock

from .company import arrived
from .conftest import Visit
from .house import House
from .paying import TRUST, is_now, pays, takes_back
from .registering import identified, proved
from .talk import Talk, plain
from .town import BRAND, Town

RELEASED = "🎉 Your service is released: nothing keeps it blocked any more."
TODAY = date(2026, 11, 20)


@pytest.fixture
def brand() -> Brand:
    return replace(BRAND, trust=TRUST)


@pytest.fixture
def ana(visit: Visit, house: House, town: Town) -> Talk:
    """Late by ten days, where five are allowed; the billing system has blocked her."""
    is_now(house, town, "ana", status="blocked")
    return proved(visit, house, town, "ana")


def situation(house: House, town: Town) -> Situation:
    found = house.reads(lambda read: situations.of(read, town.people["ana"]))
    assert found is not None
    return found


def noted(house: House) -> list[str]:
    changes = select(audit.c.what).where(audit.c.what.like("customer.%")).order_by(audit.c.id)
    rows = house.rows(changes)
    return [row.what for row in rows if row.what != "customer.unlocked_on_trust"]


def test_the_receipt_says_that_the_service_is_released_once(
    ana: Talk, house: House, town: Town
) -> None:
    pays(house, town, "102.23", TODAY)
    (told,) = arrived(ana)
    assert told.text.startswith("Payment received: R$102.23 on Nov 20, 2026")
    assert told.text.endswith(RELEASED)
    assert told.document is not None

    assert situation(house, town).status is Status.ACTIVE
    assert situation(house, town).has_access
    assert noted(house) == ["customer.released"]
    ana.says("why am i blocked")
    ana.hears("You are not blocked: nothing of yours is late.")


def test_a_file_that_still_says_blocked_changes_nothing_and_a_new_block_counts(
    ana: Talk, house: House, town: Town
) -> None:
    pays(house, town, "102.23", TODAY)
    is_now(house, town, "ana", status="blocked")  # as of the 18th, before she paid
    assert situation(house, town).has_access

    later = datetime(2026, 11, 21, 12, tzinfo=UTC)
    house.writes(lambda tx: tx.run(update(customer).values(blocked_at=later)))
    assert not situation(house, town).has_access


def test_an_unlock_and_a_promise_end_as_kept(ana: Talk, house: House, town: Town) -> None:
    ana.says("unlock on trust")
    ana.presses("Yes")
    ana.says("promise a payment")
    ana.says("1")
    ana.says("2")
    ana.presses("Yes")
    pays(house, town, "102.23", TODAY)
    (told,) = arrived(ana)
    assert "You kept your promise to pay it by Nov 22, 2026." in told.text
    assert RELEASED in told.text
    assert situation(house, town).unlock is None
    (row,) = house.rows(select(trust_unlock.c.kept_on))
    assert row.kept_on == TODAY


def test_a_payment_taken_back_blocks_again_and_says_by_which_rule(
    ana: Talk, house: House, town: Town
) -> None:
    pays(house, town, "102.23", TODAY)
    arrived(ana)
    takes_back(house, town)
    (told,) = arrived(ana)
    assert "was taken back, so the invoice is open again" in told.text
    assert "With that your service is blocked again." in told.text
    assert "access ends when an invoice is more than 5 days late." in told.text
    assert situation(house, town).status is Status.BLOCKED
    assert noted(house) == ["customer.released", "customer.blocked-again"]
    ana.presses("Why am I blocked?")
    ana.hears("Your service is blocked.")


def test_who_is_blocked_by_the_team_is_not_released_by_paying(
    ana: Talk, house: House, town: Town
) -> None:
    pays(house, town, "102.23", TODAY)
    later = datetime(2026, 11, 21, 12, tzinfo=UTC)
    house.writes(lambda tx: tx.run(update(customer).values(blocked_at=later)))
    arrived(ana)
    pays(house, town, "99.90", TODAY, number="2026-12-A")
    (told,) = arrived(ana)
    assert "released" not in told.text
    assert not situation(house, town).has_access


def test_it_comes_to_the_chat_used_last_and_to_no_other(
    ana: Talk, visit: Visit, house: House, town: Town
) -> None:
    phone = identified(visit, "ana", chat="ana-phone")
    ana.after(minutes=1)
    ana.says("menu")
    pays(house, town, "102.23", TODAY)
    assert len(arrived(ana)) == 1
    assert arrived(phone) == []


def test_without_a_chat_it_comes_by_mail_with_the_paid_invoice(
    ana: Talk, house: House, town: Town
) -> None:
    house.writes(lambda tx: tx.run(update(address).values(verified_until=None)))
    pays(house, town, "102.23", TODAY)
    assert arrived(ana) == []
    (mail,) = ana.gets_mail()
    assert mail["To"] == "Ana Prado Nogueira <ana@example.com>"
    assert "2026-11-A" in mail["Subject"]
    assert "R$ 102,23" in plain(mail).replace("\xa0", " ")
    assert [part.get_filename() for part in mail.iter_attachments()] == ["curral-2026-11-A.pdf"]
