"""What waits for staff, from the customer's side: asked in the chat, decided once, told, on record."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial

import pytest
from sqlalchemy import select, update

from bot.core.brand import Brand, Registration
from bot.core.message import FileIn
from bot.core.ports import Turn
from bot.domain.roles import Change, Refusal
from storage import confirming, deciding, links, members, membership, payments, queue
from storage.answering import Reach
from storage.confirming import Confirmation, Result, Undone
from storage.deciding import Decided, Outcome, PaidHow
from storage.tables import address, audit, erasure, payment, staff_decision

from . import house as houses
from .company import administrator_of, arrived, waits
from .conftest import Visit
from .house import House
from .keeping import PRIVATE
from .paying import TRUST, beside, invoice_state
from .registering import column, identified
from .talk import Talk, plain
from .town import Town

BILL = "2026-11-A"
PDF = FileIn("tg-file-1", "comprovante.pdf", "application/pdf", 80_000)


@pytest.fixture
def brand() -> Brand:
    return replace(
        PRIVATE,
        trust=replace(TRUST, promise_days=7),
        registration=Registration(fields={"registry_number": "approval"}),
    )


@pytest.fixture(autouse=True)
def files(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of the doors takes files."""
    takes = replace(houses.BUTTONS, files_in=20 * 2**20)
    monkeypatch.setitem(houses.DOORS, "web", takes)


@pytest.fixture
def ana(visit: Visit) -> Talk:
    return identified(visit)


def decides(
    house: House, ref: str, *, yes: bool, note: str = "", name: str = "Caio",
    paid: PaidHow | None = None,
) -> Decided:  # fmt: skip
    """Somebody of the business says yes or no, and the customer is told."""

    def work(tx: Turn) -> Decided:
        tx.act_as(name)
        return deciding.decide(tx, ref, approve=yes, note=note, paid=paid)

    return beside(house, work)


def confirms(house: House, number: str = BILL, **how: object) -> Confirmation:
    def work(tx: Turn) -> Confirmation:
        tx.act_as("Caio")
        return confirming.confirm(tx, number, **how)  # type: ignore[arg-type]

    return beside(house, work)


def waiting(house: House) -> list[str]:
    return [each.ref for each in house.reads(queue.waiting)]


def only(house: House) -> str:
    """The one thing that waits."""
    (ref,) = waiting(house)
    return ref


def by_staff(house: House) -> set[tuple[str, str]]:
    """What is on record of staff: (what, who)."""
    rows = house.rows(select(audit.c.what, audit.c.staff).where(audit.c.staff.is_not(None)))
    return {(row.what, row.staff) for row in rows}


def claims(talk: Talk) -> None:
    talk.says("i already paid")
    talk.says("11/2026")
    talk.sends(PDF)
    talk.hears("✅ Thank you")


# ------------------------------------------------------------------------- I already paid


def test_a_claim_is_approved_once_and_the_receipt_comes(ana: Talk, house: House) -> None:
    claims(ana)
    (of,) = house.reads(queue.waiting)
    assert (of.ref, of.asker, of.through) == (f"claim-{of.id}", "Ana Prado Nogueira", "web")
    labels = {
        label.source: value.values for label, value in house.reads(lambda r: queue.details(r, of))
    }
    assert labels["File"] == {"value": "comprovante.pdf"}

    first = decides(house, of.ref, yes=True, paid=PaidHow(on=date(2026, 11, 10), method="pix"))
    second = decides(house, f"CLAIM-{of.id} ", yes=False, note="no", name="Bia")

    assert (first.outcome, first.reach) == (Outcome.DONE, Reach.CHAT)
    assert second.outcome is Outcome.DECIDED
    assert second.before is not None
    assert (second.before.staff, second.before.approved) == ("Caio", True)
    (told,) = arrived(ana)
    assert "Payment received: R$99.90 on Nov 10, 2026, invoice 2026-11-A" in told.text
    assert invoice_state(house, BILL) == "paid"
    (row,) = house.rows(select(payment.c.method, payment.c.amount))
    assert (row.method, row.amount) == ("pix", Decimal("99.90"))
    assert {("payment.claim_confirmed", "Caio"), ("invoice.paid", "Caio")} <= by_staff(house)
    assert waiting(house) == []


def test_a_claim_that_is_denied_says_why_and_opens_the_way_back(ana: Talk, house: House) -> None:
    claims(ana)
    done = decides(house, only(house), yes=False, note="The receipt is of another company.")

    assert (done.outcome, done.reach) == (Outcome.DONE, Reach.CHAT)
    (told,) = arrived(ana)
    assert "could not confirm the payment: The receipt is of another company." in told.text
    ana.presses("Send the receipt")
    ana.hears("Please send the receipt here")
    ana.sends(PDF)
    ana.hears("✅ Thank you", "invoice 2026-11-A")
    assert only(house).startswith("claim-")
    assert invoice_state(house, BILL) == "open"


def test_a_wrong_amount_decides_nothing_and_a_part_is_told_as_one(ana: Talk, house: House) -> None:
    claims(ana)
    ref = only(house)
    wrong = decides(house, ref, yes=True, paid=PaidHow(Decimal("9990.00")))
    assert wrong.outcome is Outcome.WRONG
    assert wrong.payment is not None
    assert wrong.payment.result is Result.TOO_MUCH
    assert waiting(house) == [ref]
    assert house.rows(select(payment.c.id)) == []

    part = decides(house, ref, yes=True, paid=PaidHow(Decimal("50.00"), date(2026, 11, 9)))
    assert part.payment is not None
    assert (part.payment.result, part.payment.missing) == (Result.PARTLY, Decimal("49.90"))
    assert "Still missing: R$49.90." in "".join(each.text for each in arrived(ana)).replace(
        "\xa0", ""
    )


def test_what_was_paid_meanwhile_waits_no_more(ana: Talk, house: House) -> None:
    claims(ana)
    ref = only(house)
    assert confirms(house, on=date(2026, 11, 10)).result is Result.PAID
    assert waiting(house) == []
    assert decides(house, ref, yes=True).outcome is Outcome.GONE


def test_only_staff_decides_and_a_denial_says_why(ana: Talk, house: House) -> None:
    claims(ana)
    ref = only(house)
    with pytest.raises(LookupError, match="staff only"):
        house.writes(lambda tx: deciding.decide(tx, ref, approve=True))
    with pytest.raises(ValueError, match="needs a reason"):
        decides(house, ref, yes=False, note=" ")
    for nonsense in ("claim-0", "claim", "card-7", "claim--7", "'; --"):
        assert decides(house, nonsense, yes=True).outcome is Outcome.GONE


# ------------------------------------------------------------------------- registration


def changes_rg(talk: Talk, rg: str) -> None:
    talk.says("change my registration")
    talk.presses("RG")
    talk.says(rg)
    talk.presses("Save")
    talk.hears("RG: our team will check it, and then it counts.")


def test_a_change_that_staff_approves_counts_and_is_told(
    ana: Talk, house: House, town: Town
) -> None:
    changes_rg(ana, "12.345.678-9")
    (of,) = house.reads(queue.waiting)
    before, after = house.reads(lambda read: queue.details(read, of))
    assert (before[1].values["value"], after[1].values["value"]) == ("-", "12.345.678-9")

    # Nobody decided in time; it waits all the same.
    ana.after(days=8)
    assert decides(house, of.ref, yes=True, name="Bia").outcome is Outcome.DONE
    assert column(house, town.people["ana"], "registry_number") == "12.345.678-9"
    assert decides(house, of.ref, yes=True).before is not None
    assert {("approval.approved", "Bia"), ("customer.changed", "Bia")} <= by_staff(house)
    told = arrived(ana)
    assert [("approved what you asked for, and it is saved" in each.text) for each in told] == [
        True
    ]


def test_a_change_that_staff_denies_changes_nothing(ana: Talk, house: House, town: Town) -> None:
    changes_rg(ana, "12.345.678-9")
    decides(house, only(house), yes=False, note="The picture of your RG says another number.")

    (told,) = arrived(ana)
    assert "did not approve what you asked for" in told.text
    assert "The picture of your RG says another number." in told.text
    assert column(house, town.people["ana"], "registry_number") is None
    changes_rg(ana, "98.765.432-1")
    assert only(house).startswith("change-")


def test_whom_no_chat_reaches_gets_the_answer_by_mail(ana: Talk, house: House) -> None:
    changes_rg(ana, "12.345.678-9")
    ana.gets_mail()
    ana.after(days=40)
    done = decides(house, only(house), yes=False, note="The picture of your RG is missing.")

    assert done.reach is Reach.MAIL
    (mail,) = ana.gets_mail()
    assert "ana@example.com" in mail["To"]
    assert "The picture of your RG is missing." in plain(mail)
    assert "RG: **.***.*78-9" in plain(mail)
    assert arrived(ana) == []


def test_of_several_chats_the_one_written_from_last_hears_of_a_payment_once(
    ana: Talk, visit: Visit, house: House
) -> None:
    phone = identified(visit, chat="ana's phone", door="text")
    ana.after(minutes=1)
    ana.says("menu")
    assert confirms(house, amount=Decimal("20.00")).reach is Reach.CHAT
    assert (len(arrived(ana)), len(arrived(phone))) == (1, 0)

    blocked = update(address).where(address.c.chat == ana.at.chat).values(bad="blocked")
    house.writes(lambda tx: tx.run(blocked))
    assert confirms(house, amount=Decimal("30.00")).reach is Reach.CHAT
    assert (len(arrived(ana)), len(arrived(phone))) == (0, 1)


# ------------------------------------------------------------------------- deletion, promises


def test_a_deletion_is_denied_with_its_reason_and_then_done(
    ana: Talk, house: House, town: Town
) -> None:
    def asks() -> None:
        ana.says("delete my data")
        ana.presses("Yes")
        ana.hears("Your wish is noted")

    asks()
    decides(house, only(house), yes=False, note="Equipment of ours is still with you.")
    (told,) = arrived(ana)
    assert "it cannot be done now. Equipment of ours is still with you." in told.text
    asks()
    done = decides(house, only(house), yes=True, note="asked for in the chat")

    assert done.outcome is Outcome.DONE
    assert column(house, town.people["ana"], "name") == ""
    rows = house.rows(select(erasure.c.state, erasure.c.reason).order_by(erasure.c.id))
    assert [row.state for row in rows] == ["denied", "done"]
    assert {("erasure.denied", "Caio"), ("customer.erased", "Caio")} <= by_staff(house)
    assert [row.note for row in house.rows(select(staff_decision.c.note))] == [None, None]


def test_a_broken_promise_may_be_followed_by_another(ana: Talk, house: House) -> None:
    ana.says("promise a payment")
    ana.says("2026-11-A")
    ana.says("21/11")
    ana.presses("Yes")
    assert waiting(house) == []
    ana.after(days=2)
    first = only(house)
    decides(house, first, yes=True)
    arrived(ana)
    ana.hears("Our team gives you more time for invoice 2026-11-A")
    ana.presses("Promise a payment")
    ana.hears("On which day will you pay it?")
    ana.says("25/11")
    ana.presses("Yes")
    ana.hears("✅ Saved: you pay invoice 2026-11-A by Nov 25, 2026.")
    ana.after(days=5)
    assert only(house) != first
    decides(house, only(house), yes=False, note="Twice is enough.")
    arrived(ana)
    ana.hears("cannot wait longer for invoice 2026-11-A: Twice is enough.")
    assert waiting(house) == []


# ------------------------------------------------------------------------- by hand


def test_part_payments_twice_and_undone(ana: Talk, house: House, town: Town) -> None:
    day = date(2026, 11, 9)
    assert confirms(house, amount=Decimal("50.00"), on=day).result is Result.PARTLY
    assert confirms(house, amount=Decimal("50.00"), on=day).result is Result.AGAIN
    assert confirms(house, amount=Decimal("60.00"), on=day).result is Result.TOO_MUCH
    assert confirms(house, on=date(2030, 1, 1)).result is Result.FUTURE
    assert confirms(house, "nothing").result is Result.UNKNOWN
    assert confirms(house, on=day).amount == Decimal("49.90")
    assert confirms(house, amount=Decimal("5.00"), on=day).result is Result.SETTLED
    assert [("less than its amount" in each.text, "Payment received" in each.text)
            for each in arrived(ana)] == [(True, False), (False, True)]  # fmt: skip
    twice = confirms(house, amount=Decimal("50.00"), on=day, anyway=True)
    assert (twice.result, twice.surplus) == (Result.SURPLUS, Decimal("50.00"))

    def undoes(tx: Turn, id: int | None = None) -> confirming.Undoing:
        tx.act_as("Bia")
        return confirming.undo(tx, BILL, id)

    several = house.writes(undoes)
    assert several.result is Undone.SEVERAL
    for each in several.payments:
        assert house.writes(partial(undoes, id=each.id)).result is Undone.DONE
    assert house.writes(undoes).result is Undone.NONE
    assert invoice_state(house, BILL) == "open"
    # What was taken back can be confirmed anew.
    assert confirms(house, amount=Decimal("50.00"), on=day).result is Result.PARTLY
    stand = [
        each for each in house.reads(lambda read: payments.of_invoice(read, town.invoices[BILL]))
        if each.state == "stands"
    ]  # fmt: skip
    assert [each.amount for each in stand] == [Decimal("50.00")]


# ------------------------------------------------------------------------- people


def test_staff_lets_people_in_but_leaves_an_administrator(
    visit: Visit, house: House, town: Town
) -> None:
    rosa = administrator_of(visit)
    lia = waits(visit, rosa, "Lia")
    company = town.people["oficina"]

    def changes(person: int, what: Change) -> str:
        def work(tx: Turn) -> str:
            tx.act_as("Caio")
            return membership.change(tx, company, person, what)

        return beside(house, work)

    there = {each.name: each.person for each in house.reads(lambda r: members.page(r, company))}
    (first,) = set(there.values()) - {there["Lia"]}
    assert changes(first, Change.REMOVE) == Refusal.LAST
    assert changes(there["Lia"], Change.ACTIVATE) == membership.DONE
    assert "✅ Our team let you in for Sabiá Motores" in arrived(lia)[-1].text
    assert changes(there["Lia"], Change.PROMOTE) == membership.DONE
    assert changes(first, Change.REMOVE) == membership.DONE
    assert "Our team ended your access to Sabiá Motores" in arrived(rosa)[-1].text
    assert changes(there["Lia"], Change.DEMOTE) == Refusal.LAST

    def invites(tx: Turn) -> str:
        tx.act_as("Caio")
        made = links.create(tx, company)
        assert made is not None
        return links.token(tx.keyed_hash, links.JOIN, made)

    newcomer = visit("Davi", locale="en")
    newcomer.opens(f"join_{house.writes(invites)}")
    newcomer.says("Davi")
    assert "Davi opened your invite link" in arrived(lia)[-1].text
