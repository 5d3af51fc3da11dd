"""Blocked or late: why and until when in one message, a trust unlock, a promise, each with its rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from bot.core.brand import Brand, Trust
from storage import situations
from storage.tables import audit, payment_promise, trust_unlock

from .company import arrived
from .conftest import Visit
from .house import House
from .paying import CARDS, TRUST, is_now, pays, ticks
from .registering import proved
from .talk import Talk
from .town import BRAND, FEATURES, Town


@pytest.fixture
def brand() -> Brand:
    return replace(BRAND, trust=TRUST)


@pytest.fixture
def ana(visit: Visit, house: House, town: Town) -> Talk:
    """Late by ten days, where five are allowed; the billing system has blocked her."""
    is_now(house, town, "ana", status="blocked")
    return proved(visit, house, town, "ana")


@pytest.fixture
def elza(visit: Visit, house: House, town: Town) -> Talk:
    """Somebody who owes nothing."""
    return proved(visit, house, town, "elza")


def unlocks(house: House) -> list[tuple[date, date]]:
    rows = house.rows(select(trust_unlock.c.given_on, trust_unlock.c.last_day))
    return [tuple(row) for row in rows]


def promised(house: House) -> list[date]:
    return [row.promised_for for row in house.rows(select(payment_promise.c.promised_for))]


def has_access(house: House, town: Town, name: str = "ana") -> bool:
    found = house.reads(lambda read: situations.of(read, town.people[name]))
    assert found is not None
    return found.has_access


# ------------------------------------------------------------------------- why


@pytest.mark.parametrize("door", ["web", "lists", "text"])
def test_one_message_says_it_all(visit: Visit, house: House, town: Town, door: str) -> None:
    is_now(house, town, "ana", status="blocked")
    ana = proved(visit, house, town, "ana", door=door)
    ana.says("why am i blocked")
    ana.hears(
        "Your service is blocked.",
        "Invoice 2026-11-A was due on Nov 10, 2026 and is 10 days late: R$102.23 today.",
        "The rule: access ends when an invoice is more than 5 days late.",
        "To unlock: pay what is late. It counts once our team has confirmed the payment.",
        "Until then it stays as it is.",
        "You can also have it unlocked on trust for 3 days.",
    )
    assert len([each for each in ana.heard if "blocked" in each.text]) == 1


def test_it_leads_to_paying_that_invoice(ana: Talk) -> None:
    ana.says("why am i blocked")
    ana.sees(
        "See and pay it", "Unlock on trust", "Promise a payment", "I already paid",
        "Talk to a person", "No, thank you",
    )  # fmt: skip
    ana.presses("See and pay it")
    ana.hears("Invoice 2026-11-A")


def test_where_a_gateway_reports_payments_it_says_so(
    open_counter: object, visit: Visit, town: Town, house: House
) -> None:
    other = open_counter(payments=CARDS)  # type: ignore[operator]
    is_now(house, town, "ana", status="blocked")
    ana = visit("ana", at=other, locale="en")
    ana.identifies("ana")
    ana.says("why am i blocked")
    ana.hears("It counts as soon as the payment is reported to us.")


def test_only_who_is_blocked_or_late_is_offered_it(ana: Talk, elza: Talk) -> None:
    ana.says("menu")
    assert "Why am I blocked?" in [b.label for b in ana.heard[-1].buttons]
    elza.says("menu")
    assert "Why am I blocked?" not in [b.label for b in elza.heard[-1].buttons]


def test_who_asks_without_being_blocked_is_told_so(elza: Talk) -> None:
    elza.says("why am i blocked")
    elza.hears("You are not blocked: nothing of yours is late.")


def test_blocked_by_the_team_though_nothing_is_late(elza: Talk, house: House, town: Town) -> None:
    is_now(house, town, "elza", status="blocked")
    elza.says("why am i blocked")
    elza.hears("Your service is blocked, but nothing of yours is late.")
    elza.sees("Talk to a person", "No, thank you")


def test_late_without_a_block_loses_access_by_the_rule(
    visit: Visit, house: House, town: Town
) -> None:
    ana = proved(visit, house, town, "ana")
    ana.says("why am i blocked")
    ana.hears("You have no access for now, because something is late.", "10 days late")
    assert not has_access(house, town)


def test_late_within_the_days_allowed_says_from_when_on(
    open_counter: object, visit: Visit, house: House, town: Town
) -> None:
    patient = open_counter(trust=Trust(block_after_days=12))  # type: ignore[operator]
    ana = visit("ana", at=patient, locale="en")
    ana.identifies("ana")
    ana.says("why am i blocked")
    ana.hears(
        "You are not blocked, but something is late.", "10 days late",
        "If it is not paid, access ends on Nov 23, 2026.",
    )  # fmt: skip


def test_a_cancelled_customer_is_told_what_stays(ana: Talk, house: House, town: Town) -> None:
    is_now(house, town, "ana", status="cancelled")
    ana.says("why am i blocked")
    ana.hears("Your contract is cancelled, so there is no service to be unlocked.")
    ana.says("menu")
    assert "Why am I blocked?" not in [b.label for b in ana.heard[-1].buttons]


# ------------------------------------------------------------------------- trust


def test_unlocked_on_trust_until_the_end_of_a_day_and_over_by_itself(
    ana: Talk, house: House, town: Town
) -> None:
    ana.says("unlock me")
    ana.hears(
        "Open your service on trust for 3 days, until the end of Nov 23, 2026?",
        "What is late stays owed", "another unlock is given 30 days after this one",
    )  # fmt: skip
    assert not has_access(house, town)
    ana.presses("Yes")
    ana.hears("✅ Done: your service is open on trust until the end of Nov 23, 2026.")
    ana.taps_again()
    assert unlocks(house) == [(date(2026, 11, 20), date(2026, 11, 23))]
    assert has_access(house, town)
    (row,) = house.rows(select(audit.c.id).where(audit.c.what == "customer.unlocked_on_trust"))
    assert row

    ana.says("why am i blocked")
    ana.hears("Your service is open on trust until Nov 23, 2026")
    ana.after(days=3)
    assert has_access(house, town)
    ana.after(days=1)
    assert not has_access(house, town)


def test_refused_twice_in_a_period_with_until_when_and_why(ana: Talk) -> None:
    ana.says("unlock me")
    ana.presses("Yes")
    ana.says("unlock me")
    ana.hears("open on trust already, until the end of Nov 23, 2026", "from Dec 20, 2026 on")
    ana.after(days=5)
    ana.says("menu")
    ana.says("unlock me")
    ana.hears(
        "I cannot unlock it on trust before Dec 20, 2026: you had an unlock on Nov 20, 2026",
        "one in 30 days", "Paying what is late unlocks it at any time.",
    )  # fmt: skip
    ana.says("why am i blocked")
    ana.hears("You had a trust unlock on Nov 20, 2026; another is possible from Dec 20, 2026 on.")


def test_only_who_is_blocked_for_owing_is_trusted(elza: Talk, house: House, town: Town) -> None:
    elza.says("unlock me")
    elza.hears("Only a service that is blocked can be unlocked on trust, and yours is not.")
    is_now(house, town, "elza", status="blocked")
    elza.says("unlock me")
    elza.hears("Nothing of yours is late", "Our team can: write /human")


def test_two_yeses_in_two_chats_unlock_once(
    ana: Talk, visit: Visit, house: House, town: Town
) -> None:
    other = visit("tablet", locale="en")
    other.identifies("ana")
    for each in (ana, other):
        each.says("unlock me")
    ana.presses("Yes")
    other.presses("Yes")
    other.hears("open on trust already")
    assert len(unlocks(house)) == 1


def test_switched_off_it_is_not_there(open_counter: object, visit: Visit, town: Town) -> None:
    strict = open_counter(trust=Trust())  # type: ignore[operator]
    ana = visit("ana", at=strict, locale="en")
    ana.identifies("ana")
    ana.says("unlock me")
    ana.hears_no("on trust")
    ana.says("promise")
    ana.hears_no("On which day")


# ------------------------------------------------------------------------- promise


def promises(ana: Talk, day: str) -> None:
    ana.says("promise a payment")
    ana.says("11/2026")
    ana.says(day)


@pytest.mark.parametrize("door", ["web", "lists", "text"])
@pytest.mark.parametrize("day", ["Nov 25, 2026", "25/11", "2026-11-25"])
def test_a_late_invoice_is_promised(
    visit: Visit, house: House, town: Town, door: str, day: str
) -> None:
    ana = proved(visit, house, town, "ana", door=door)
    promises(ana, day)
    ana.hears(
        "You promise to pay invoice 2026-11-A (R$99.90) by Nov 25, 2026?",
        "Fine and interest go on until it is paid, and the promise alone does not unlock",
        "no other promise is taken for this invoice",
    )
    ana.says("yes")
    ana.hears("✅ Saved: you pay invoice 2026-11-A by Nov 25, 2026.")
    assert promised(house) == [date(2026, 11, 25)]
    (row,) = house.rows(select(payment_promise.c.consent))
    assert "You promise to pay invoice 2026-11-A" in row.consent["words"]


@pytest.mark.parametrize("day", ["20/11", "19/11", "28/11", "25/12/2026"])
def test_a_day_beyond_the_rule_is_refused_with_the_days_allowed(
    ana: Talk, house: House, day: str
) -> None:
    promises(ana, day)
    ana.hears("A payment can be promised for Nov 21, 2026 to Nov 27, 2026.")
    assert promised(house) == []


def test_words_that_are_no_day_are_asked_again(ana: Talk) -> None:
    promises(ana, "when I can")
    ana.hears("On which day will you pay it?")


def test_one_promise_at_a_time(ana: Talk, house: House) -> None:
    promises(ana, "25/11")
    ana.presses("Yes")
    ana.taps_again()
    ana.says("promise a payment")
    ana.hears("You promised to pay it by Nov 25, 2026 already.")
    ana.says("why am i blocked")
    ana.hears("You promised to pay it by Nov 25, 2026.")
    assert len(promised(house)) == 1


def test_a_broken_promise_is_the_last_for_that_invoice(ana: Talk, house: House) -> None:
    promises(ana, "21/11")
    ana.presses("Yes")
    ana.after(days=2)
    ana.says("menu")
    ana.says("promise a payment")
    ana.hears("It was promised once and not paid by that day")
    assert len(promised(house)) == 1


def test_a_day_that_is_over_when_the_yes_comes_is_not_taken(ana: Talk, house: House) -> None:
    promises(ana, "21/11")
    ana.after(hours=13)
    ana.says("yes")
    if "Continue" in [b.label for b in ana.heard[-1].buttons]:
        ana.presses("Continue")
    ana.hears("On which day will you pay it?")
    assert promised(house) == []


def test_who_is_not_late_has_nothing_to_promise(elza: Talk) -> None:
    elza.says("promise a payment")
    elza.hears("None of your invoices is late, so there is nothing to promise.")


def test_a_cancelled_customer_promises_nothing(ana: Talk, house: House, town: Town) -> None:
    is_now(house, town, "ana", status="cancelled")
    ana.says("promise a payment")
    ana.hears("Your contract is cancelled, so no promise can be taken.")


def test_another_s_invoice_cannot_be_promised(ana: Talk, house: House) -> None:
    ana.says("promise a payment")
    ana.says("B-7731")
    ana.hears("Which invoice will you pay?")
    ana.hears_no("B-7731")
    assert promised(house) == []


def test_in_portuguese(visit: Visit, house: House, town: Town) -> None:
    """Its words come with the translations of payments."""
    is_now(house, town, "ana", status="blocked")
    ana = visit("ana")
    ana.identifies("ana")
    ana.says("por que estou bloqueado")
    ana.hears("Seu serviço está bloqueado.", "10 dias de atraso", "R$ 102,23", "3 dias")
    ana.presses("Desbloqueio de confiança")
    ana.presses("Sim")
    ana.hears("✅ Pronto: seu serviço está liberado", "23/11/2026")
    ana.says("promessa de pagamento")
    ana.says("11/2026")
    ana.says("25/11")
    ana.presses("Sim")
    ana.hears("✅ Salvo: você paga a fatura 2026-11-A até 25/11/2026.")


def test_a_promise_is_reminded_of_on_its_day_once_unless_it_is_paid(
    ana: Talk, house: House, town: Town
) -> None:
    ana.says("promise a payment")
    ana.says("1")
    ana.says("2")
    ana.presses("Yes")
    ana.hears("you pay invoice 2026-11-A by Nov 22, 2026", "I remind you on that day")
    for hours in (24, 24, 1):
        ana.after(hours=hours)
        ticks(house)
    told = [each.text for each in arrived(ana)]
    assert [words.replace("\xa0", " ") for words in told] == [
        "Today is the day you promised to pay invoice 2026-11-A: R$102.30."
    ]
    ana.presses("Pay now")
    ana.hears("Invoice 2026-11-A")


def test_who_has_paid_is_reminded_of_nothing(ana: Talk, house: House, town: Town) -> None:
    ana.says("promise a payment")
    ana.says("1")
    ana.says("2")
    ana.presses("Yes")
    pays(house, town, "102.23", date(2026, 11, 20))
    arrived(ana)
    ana.after(hours=48)
    ticks(house)
    assert arrived(ana) == []


# ------------------------------------------------------------------------- said to be paid


def test_an_invoice_that_is_said_to_be_paid_awaits_confirmation(ana: Talk, house: House) -> None:
    """Informal customers, and whoever pays outside a gateway: nothing is marked until the team says so."""
    ana.says("i already paid")
    ana.says("11/2026")
    ana.says("in cash, at your counter, this morning")
    ana.says("my invoices")
    ana.says("1")
    ana.hears("Open, 10 days late · awaiting confirmation: you told us that it is paid")


def test_where_it_is_switched_off_nobody_is_offered_to_say_so(
    open_counter: object, visit: Visit, house: House, town: Town
) -> None:
    off = open_counter(features=FEATURES | {"already_paid": False})  # type: ignore[operator]
    ana = visit("ana", at=off, locale="en")
    ana.identifies("ana")
    for words in ("why am i blocked", "how i pay"):
        ana.says(words)
        assert "I already paid" not in [each.label for each in ana.heard[-1].buttons]
    ana.says("i already paid")
    ana.hears_no("Which invoice did you pay?")
