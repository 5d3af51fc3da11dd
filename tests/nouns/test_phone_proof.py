"""A phone that the channel proves, and the tax id that goes with it."""

from __future__ import annotations

from bot.core.ports import Level
from storage import codes

from .conftest import NOBODYS, Folk
from .desk import Desk

PHONE = "+5511900000012"


def prove(desk: Desk, tax_id: str, phone: str = PHONE) -> str:
    return desk.turn(codes.prove_by_phone, tax_id, phone)["result"]


def test_a_proved_phone_and_its_tax_id_link_the_customer_without_allowing_changes(
    desk: Desk, folk: Folk
) -> None:
    desk.visit(phone=PHONE)
    assert prove(desk, folk.tax_ids["ana"]) == "ok"
    assert desk.visitor is not None
    assert (desk.visitor.level, desk.visitor.customer) == (Level.VERIFIED, folk["ana"])


def test_another_customers_tax_id_and_nobodys_are_refused_alike(desk: Desk, folk: Folk) -> None:
    ran, answers = [], []
    for chat, tax_id in [("one", folk.tax_ids["bruno"]), ("two", NOBODYS)]:
        desk.visit(chat, phone=PHONE)
        with desk.statements() as seen, desk.begin() as write:
            answers.append(codes.prove_by_phone(write, tax_id, PHONE))
        ran.append(seen)
    assert ran[0] == ran[1]
    assert answers == [{"result": "refused", "until": None}] * 2


def test_a_phone_that_the_channel_did_not_prove_here_proves_nothing(desk: Desk, folk: Folk) -> None:
    desk.visit(phone=None)
    assert prove(desk, folk.tax_ids["ana"]) == "refused"
    desk.visit(phone="+5511900000099")
    assert prove(desk, folk.tax_ids["ana"]) == "refused"


def test_looking_for_the_tax_id_of_a_phone_is_slowed_down(desk: Desk, folk: Folk) -> None:
    desk.visit(phone=PHONE)
    tried = [prove(desk, f"{number:011}") for number in range(3)]
    assert tried == ["refused"] * 3
    paused = desk.turn(codes.prove_by_phone, folk.tax_ids["ana"], PHONE)
    assert (paused["result"], desk.minutes_until(paused)) == ("paused", 1)
    desk.later(minutes=1)
    assert prove(desk, folk.tax_ids["ana"]) == "ok"
