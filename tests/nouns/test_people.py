"""Who is proved at an address, for how long, and who becomes a customer's administrator."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select, update

from bot.core.ports import Level
from storage import codes, people
from storage import membership as changes
from storage.tables import address, audit, audit_body, contact, membership, message, person

from .conftest import OTHER, Folk
from .desk import Desk


def members(desk: Desk, customer: int) -> list[tuple[int, str]]:
    rows = desk.rows(
        select(membership.c.person, membership.c.role)
        .where(membership.c.customer == customer)
        .order_by(membership.c.person)
    )
    return [(row.person, row.role) for row in rows]


def prove(desk: Desk, chat: str, customer: int, **how: bool) -> int:
    visitor = desk.visit(chat)
    return desk.turn(people.link, visitor.address, customer, by="code", **how)["person"]


def test_the_first_to_enter_becomes_the_administrator(desk: Desk, folk: Folk) -> None:
    who = prove(desk, "phone", folk["ana"])
    assert members(desk, folk["ana"]) == [(who, "administrator")]
    assert desk.visitor is not None
    assert (desk.visitor.person, desk.visitor.customer) == (who, folk["ana"])
    assert desk.visitor.level is Level.VERIFIED


def test_another_chat_that_proves_the_same_contact_is_the_same_person(
    desk: Desk, folk: Folk
) -> None:
    first = prove(desk, "phone", folk["matriz"])
    second = prove(desk, "laptop", folk["matriz"])
    assert first == second
    assert members(desk, folk["matriz"]) == [(first, "administrator")]


def test_someone_known_here_stays_who_they_are_for_a_second_customer(
    desk: Desk, folk: Folk
) -> None:
    bookkeeper = prove(desk, "office", folk["matriz"])
    again = prove(desk, "office", folk["filial"])
    assert bookkeeper == again
    assert members(desk, folk["filial"]) == [(bookkeeper, "administrator")]


def test_a_second_customer_with_an_administrator_of_its_own_is_entered_as_that_one(
    desk: Desk, folk: Folk
) -> None:
    owner = prove(desk, "home", folk["bruno"])
    prove(desk, "office", folk["ana"])
    assert prove(desk, "office", folk["bruno"]) == owner
    assert members(desk, folk["bruno"]) == [(owner, "administrator")]


def test_who_was_here_long_ago_is_not_who_proves_now(desk: Desk, folk: Folk) -> None:
    before = prove(desk, "shared tablet", folk["ana"])
    desk.later(days=people.VERIFIED_DAYS, seconds=1)
    after = prove(desk, "shared tablet", folk["bruno"])
    assert before != after
    assert members(desk, folk["ana"]) == [(before, "administrator")]


@pytest.mark.parametrize("chat", ["phone", "laptop"])
def test_one_who_was_switched_off_does_not_come_back_by_proving_again(
    desk: Desk, folk: Folk, chat: str
) -> None:
    first = prove(desk, "phone", folk["ana"])
    desk.turn(lambda write: write.run(update(membership).values(active=False)))
    second = prove(desk, chat, folk["ana"])
    assert second != first
    assert len(members(desk, folk["ana"])) == 2


def test_a_proof_lasts_its_days_and_a_code_allows_changes_for_ten_minutes(
    desk: Desk, folk: Folk
) -> None:
    visitor = desk.visit("phone")
    desk.turn(people.link, visitor.address, folk["ana"], by="code", days=2, fresh=True)
    assert desk.visit("phone").level is Level.FRESH
    desk.later(minutes=10)
    assert desk.visit("phone").level is Level.VERIFIED
    desk.later(days=2)
    assert desk.visit("phone").level is Level.STRANGER


def test_a_proof_is_on_record_with_what_proved_it(desk: Desk, folk: Folk) -> None:
    who = prove(desk, "phone", folk["ana"])
    (row,) = desk.rows(
        select(audit.c.what, audit.c.subject, audit_body.c.after).join(
            audit_body, audit_body.c.audit == audit.c.id
        )
    )
    assert row == ("person.verified", f"person:{who}", {"customer": folk["ana"], "by": "code"})


def test_a_person_has_the_name_of_the_chat_or_else_the_customers(desk: Desk, folk: Folk) -> None:
    visitor = desk.visit("phone")
    desk.turn(lambda write: write.run(update(address).values(name="Aninha")))
    desk.turn(people.link, visitor.address, folk["ana"], by="phone")
    prove(desk, "other", folk["bruno"])
    assert [row.name for row in desk.rows(select(person.c.name).order_by(person.c.id))] == [
        "Aninha", "Bruno Teles",
    ]  # fmt: skip


def test_another_brands_customer_is_nobody_here(desk: Desk, folk: Folk) -> None:
    visitor = desk.visit("phone")
    desk.brand = OTHER
    with pytest.raises(LookupError):
        desk.turn(people.link, visitor.address, folk["ana"], by="code")


def test_an_address_that_is_not_there_proves_nothing(desk: Desk, folk: Folk) -> None:
    with pytest.raises(LookupError):
        desk.turn(people.link, 10**6, folk["ana"], by="code")


def test_who_leaves_is_a_stranger_again_and_keeps_the_language(desk: Desk, folk: Folk) -> None:
    prove(desk, "phone", folk["ana"], fresh=True)
    assert desk.turn(people.set_locale, "es") == "es"
    assert desk.turn(people.leave) is True
    assert desk.visitor is not None
    assert (desk.visitor.level, desk.visitor.customer) == (Level.STRANGER, None)
    assert desk.visitor.locale == "es"
    assert desk.turn(people.leave) is False
    assert [row.what for row in desk.rows(select(audit.c.what).order_by(audit.c.id))] == [
        "person.verified", "person.left",
    ]  # fmt: skip


def test_leaving_one_chat_leaves_no_other(desk: Desk, folk: Folk) -> None:
    prove(desk, "phone", folk["ana"])
    prove(desk, "laptop", folk["ana"])
    desk.turn(people.leave)
    assert desk.visit("phone").level is Level.VERIFIED


def test_only_who_is_proved_can_be_refreshed(desk: Desk, folk: Folk) -> None:
    desk.visit("phone")
    assert desk.turn(people.refresh) is False
    prove(desk, "phone", folk["ana"])
    assert desk.turn(people.refresh) is True
    assert desk.visit("phone").level is Level.FRESH
    desk.later(days=people.VERIFIED_DAYS)
    assert desk.turn(people.refresh) is False


def test_the_clock_speaks_for_nobody(desk: Desk) -> None:
    with pytest.raises(LookupError):
        desk.turn(people.leave)


def with_phones(desk: Desk, customer: int, *phones: str) -> None:
    """Further phones of a customer, besides the primary one."""
    desk.turn(
        lambda write: write.run(
            insert(contact).values(
                [
                    {
                        "customer": customer, "kind": "phone", "value": phone,
                        "is_primary": False, "created_at": write.now,
                    }
                    for phone in phones
                ]
            )
        )
    )  # fmt: skip


def prove_by_phone(desk: Desk, folk: Folk, chat: str, name: str, phone: str) -> str:
    desk.visit(chat, phone=phone)
    return str(desk.turn(codes.prove_by_phone, folk.tax_ids[name], phone)["result"])


FURTHER, ANOTHER = "+5511900000071", "+5511900000072"


def test_a_further_phone_of_a_company_is_a_further_person_who_waits(desk: Desk, folk: Folk) -> None:
    rosa = prove(desk, "rosa", folk["matriz"])
    with_phones(desk, folk["matriz"], FURTHER)
    assert prove_by_phone(desk, folk, "edu", "matriz", FURTHER) == "waiting"
    visitor = desk.visit("edu")
    assert (visitor.level, visitor.person, visitor.customer) == (Level.STRANGER, None, None)
    ((edu, role, active),) = [
        tuple(row)
        for row in desk.rows(select(membership.c.person, membership.c.role, membership.c.active))
        if row.person != rosa
    ]
    assert (role, active) == ("collaborator", False)
    asked = select(message.c.id).where(message.c.subject == f"person:{edu}")
    assert len(desk.rows(asked)) == 1
    assert prove_by_phone(desk, folk, "edu", "matriz", FURTHER) == "waiting"
    assert len(members(desk, folk["matriz"])) == 2
    assert len(desk.rows(asked)) == 1


def test_who_was_let_in_proves_the_phone_again_anywhere(desk: Desk, folk: Folk) -> None:
    prove(desk, "rosa", folk["matriz"])
    with_phones(desk, folk["matriz"], FURTHER)
    prove_by_phone(desk, folk, "edu", "matriz", FURTHER)
    edu = max(members(desk, folk["matriz"]))[0]
    desk.visit("rosa")
    assert desk.turn(changes.change, folk["matriz"], edu, "activate") == "done"
    assert desk.visit("edu").level is Level.VERIFIED
    assert prove_by_phone(desk, folk, "another chat", "matriz", FURTHER) == "ok"
    assert desk.visitor is not None
    assert desk.visitor.person == edu
    desk.later(days=people.VERIFIED_DAYS, seconds=1)
    assert prove_by_phone(desk, folk, "edu", "matriz", FURTHER) == "ok"


def test_the_first_with_a_further_phone_is_the_administrator(desk: Desk, folk: Folk) -> None:
    with_phones(desk, folk["matriz"], FURTHER, ANOTHER)
    assert prove_by_phone(desk, folk, "edu", "matriz", FURTHER) == "ok"
    assert prove_by_phone(desk, folk, "eva", "matriz", ANOTHER) == "waiting"
    assert [role for _who, role in members(desk, folk["matriz"])] == [
        "administrator", "collaborator",
    ]  # fmt: skip


def test_the_phones_of_one_human_are_one_person(desk: Desk, folk: Folk) -> None:
    ana = prove(desk, "phone", folk["ana"])
    with_phones(desk, folk["ana"], FURTHER)
    assert prove_by_phone(desk, folk, "other", "ana", FURTHER) == "ok"
    assert members(desk, folk["ana"]) == [(ana, "administrator")]


def test_who_proves_the_contact_where_invited_ones_decide_waits_for_them(
    desk: Desk, folk: Folk
) -> None:
    ivo = prove(desk, "ivo", folk["matriz"])
    desk.turn(lambda write: write.run(update(membership).values(invited=True)))
    who = prove(desk, "new boss", folk["matriz"])
    assert who != ivo
    assert desk.visit("new boss").level is Level.STRANGER
    assert prove(desk, "new boss", folk["matriz"]) == who
    assert len(members(desk, folk["matriz"])) == 2


def test_an_administrator_of_the_matriz_stays_who_they_are_at_a_filial(
    desk: Desk, folk: Folk
) -> None:
    rosa = prove(desk, "rosa", folk["matriz"])
    edu = prove(desk, "edu", folk["filial"])
    assert prove(desk, "rosa", folk["filial"]) == rosa
    assert members(desk, folk["filial"]) == [(edu, "administrator")]
