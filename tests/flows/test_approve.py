"""Approve and deny: a collaborator's wish, decided once by another who may."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.core.message import JSON, _
from bot.core.ports import Write
from storage import approvals, people
from storage.carrying_out import APPLY
from storage.tables import approval, audit, customer

from .company import acts, administrator_of, arrived, comes_in
from .conftest import Visit
from .house import House
from .talk import Talk
from .town import Town

NEW_PLAN = "Plan: Fibra 900"


def set_plan(write: Write, customer_id: int, values: JSON) -> JSON:
    if values["plan"] == "none":
        return {"refused": _("There is no such plan.").dump()}
    write.run(customer.update().where(customer.c.id == customer_id).values(plan=values["plan"]))
    return None


@pytest.fixture(autouse=True)
def plans(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind of change that only these stories know."""
    monkeypatch.setitem(APPLY, "plan", set_plan)


@pytest.fixture
def rosa(visit: Visit) -> Talk:
    return administrator_of(visit)


@pytest.fixture
def lia(visit: Visit, rosa: Talk) -> Talk:
    return comes_in(visit, rosa, "Lia")


def asks(talk: Talk, town: Town, plan: str = "Fibra 900") -> int | None:
    asked: int | None = acts(
        talk, approvals.ask, town.people["oficina"], "plan", {"plan": plan},
        words=_("Plan: {plan}", plan=plan), waits_for="administrator",
    )  # fmt: skip
    return asked


def notices(talk: Talk) -> None:
    """The lanes run: what was posted beside a conversation arrives."""
    talk.says("oi")


def plan_of(house: House, town: Town) -> str | None:
    ((plan,),) = house.rows(select(customer.c.plan).where(customer.c.id == town.people["oficina"]))
    return plan  # type: ignore[no-any-return]


def test_approved_and_carried_out(rosa: Talk, lia: Talk, house: House, town: Town) -> None:
    assert asks(lia, town) is not None
    notices(rosa)
    rosa.hears("Lia (Sabiá Motores) asks for your approval:\nPlan: Fibra 900")
    rosa.presses("Approve")
    rosa.hears("Lia (Sabiá Motores) asked on", NEW_PLAN, "Shall I do it?")
    assert plan_of(house, town) is None
    rosa.presses("Yes")
    rosa.hears("✅ Done and saved. I told Lia.")
    assert plan_of(house, town) == "Fibra 900"
    (told,) = arrived(lia)
    assert "approved what you asked for, and it is done:\nPlan: Fibra 900" in told.text


def test_denied_and_nothing_changed(rosa: Talk, lia: Talk, house: House, town: Town) -> None:
    asks(lia, town)
    notices(rosa)
    rosa.presses("Deny")
    rosa.presses("Yes")
    rosa.hears("Denied. I told Lia; nothing was changed.")
    assert plan_of(house, town) is None
    (told,) = arrived(lia)
    assert "did not approve what you asked for:\nPlan: Fibra 900" in told.text


def test_a_no_at_the_question_decides_nothing(
    rosa: Talk, lia: Talk, house: House, town: Town
) -> None:
    asks(lia, town)
    notices(rosa)
    rosa.presses("Approve")
    rosa.presses("No")
    rosa.hears("All right, nothing was done.")
    rosa.presses("Deny")
    rosa.says("yes")
    rosa.hears("Denied.")


def test_a_double_tap_decides_once(rosa: Talk, lia: Talk, house: House, town: Town) -> None:
    asks(lia, town)
    notices(rosa)
    rosa.presses("Approve")
    rosa.presses("Yes")
    rosa.taps_again()
    assert len(arrived(lia)) == 1
    decided = select(audit.c.id).where(audit.c.what == "approval.approved")
    assert len(house.rows(decided)) == 1


def test_the_second_administrator_hears_kindly_that_it_is_decided(
    rosa: Talk, lia: Talk, visit: Visit, house: House, town: Town
) -> None:
    ivo = comes_in(visit, rosa, "Ivo")
    rosa.says("who has access")
    rosa.presses("Ivo")
    rosa.presses("Make administrator")
    rosa.presses("Yes")
    asks(lia, town)
    notices(rosa)
    arrived(ivo)
    rosa.presses("Approve")
    rosa.presses("Yes")
    ivo.presses("Deny")
    ivo.hears("That is decided already:", "approved it.\nPlan: Fibra 900")
    assert plan_of(house, town) == "Fibra 900"


def test_what_nobody_decided_runs_out(rosa: Talk, lia: Talk, house: House, town: Town) -> None:
    id = asks(lia, town)
    notices(rosa)
    rosa.after(days=7, minutes=1)
    rosa.presses("Deny")
    rosa.hears("That button was good until")
    assert acts(rosa, approvals.decide, id, approve=True) is None
    assert asks(lia, town) is not None


def test_while_one_waits_another_of_its_kind_is_not_asked(
    rosa: Talk, lia: Talk, town: Town
) -> None:
    assert asks(lia, town) is not None
    assert asks(lia, town, "Fibra 100") is None


def test_what_cannot_be_done_is_told_to_both(rosa: Talk, lia: Talk, town: Town) -> None:
    asks(lia, town, "none")
    notices(rosa)
    rosa.presses("Approve")
    rosa.presses("Yes")
    rosa.hears("It could not be done: There is no such plan.")
    (told,) = arrived(lia)
    assert "it could not be done: There is no such plan." in told.text


def test_who_asked_does_not_decide(rosa: Talk, lia: Talk, town: Town) -> None:
    id = asks(lia, town)
    rosa.says("who has access")
    rosa.presses("Lia")
    rosa.presses("Make administrator")
    rosa.presses("Yes")
    assert acts(lia, approvals.decide, id, approve=True) is None
    lia.says("requests to approve")
    lia.presses("Plan: Fibra 900")
    lia.presses("Deny")
    lia.hears("You asked for this yourself, so another administrator decides.")


def test_the_list_of_what_waits(rosa: Talk, lia: Talk, house: House, town: Town) -> None:
    rosa.says("approvals")
    rosa.hears("Nothing waits for your approval.")
    asks(lia, town)
    rosa.says("who has access")
    rosa.presses("1 request to decide")
    rosa.hears("These requests wait for an administrator.")
    rosa.presses("Plan: Fibra 900")
    rosa.presses("Approve")
    rosa.presses("Yes")
    assert plan_of(house, town) == "Fibra 900"


def test_approving_needs_a_fresh_code_and_denying_does_not(
    rosa: Talk, lia: Talk, town: Town
) -> None:
    asks(lia, town)
    notices(rosa)
    rosa.after(minutes=11)
    rosa.presses("Deny")
    rosa.hears("Shall I deny it?")


def test_nobody_of_another_company_decides(
    rosa: Talk, lia: Talk, visit: Visit, house: House, town: Town
) -> None:
    id = asks(lia, town)
    bruno = visit("bruno", locale="en")
    bruno.identifies("bruno")
    assert acts(bruno, approvals.decide, id, approve=True) is None
    assert acts(lia, approvals.decide, id, approve=True) is None
    bruno.says("approvals")
    bruno.hears("Nothing waits for your approval.")
    (row,) = house.rows(select(approval.c.state))
    assert row.state == "waiting"


def test_nobody_asks_for_another_company(lia: Talk, town: Town) -> None:
    with pytest.raises(LookupError):
        acts(
            lia, approvals.ask, town.people["ana"], "plan", {}, words=_("Plan"),
            waits_for="administrator",
        )  # fmt: skip


def test_a_notice_forwarded_to_a_stranger_is_of_no_use(
    rosa: Talk, lia: Talk, visit: Visit, town: Town
) -> None:
    asks(lia, town)
    notices(rosa)
    (button,) = [b for b in rosa.buttons if b.label == "Approve"]
    thief = visit("thief", locale="en")
    thief.presses_data(button.data)
    thief.hears("That button is not for you.")


def test_who_was_removed_meanwhile_asks_for_nothing_any_more(
    rosa: Talk, lia: Talk, town: Town
) -> None:
    id = asks(lia, town)
    rosa.says("who has access")
    rosa.presses("Lia")
    rosa.presses("Remove")
    rosa.presses("Yes")
    assert acts(rosa, approvals.decide, id, approve=True) is None


def test_what_waits_for_staff_is_no_administrators(rosa: Talk, lia: Talk, town: Town) -> None:
    id = acts(
        lia, approvals.ask, town.people["oficina"], "plan", {"plan": "x"}, words=_("Plan"),
        waits_for="staff",
    )  # fmt: skip
    assert acts(rosa, approvals.decide, id, approve=True) is None
    assert acts(rosa, lambda write: approvals.waiting_for(write, people.here(write).person)) == []


def test_approving_is_led_through_a_fresh_code_and_back(
    rosa: Talk, lia: Talk, house: House, town: Town
) -> None:
    asks(lia, town)
    notices(rosa)
    rosa.after(minutes=11)
    rosa.presses("Approve")
    rosa.hears("I sent a code to c***@e***.net")
    rosa.says(rosa.reads_code())
    rosa.hears("Lia (Sabiá Motores) asked on", "Shall I do it?")
    rosa.presses("Yes")
    assert plan_of(house, town) == "Fibra 900"


# ------------------------------------------------------------------------- em português


def test_a_aprovacao_em_portugues(visit: Visit, rosa: Talk, lia: Talk, town: Town) -> None:
    em_casa = visit("casa")
    em_casa.identifies("oficina")
    asks(lia, town)
    notices(em_casa)
    em_casa.hears("Lia (Sabiá Motores) pede a sua aprovação:")
    em_casa.presses("Aprovar")
    em_casa.hears("Posso fazer?")
    em_casa.presses("Sim")
    em_casa.hears("✅ Feito e salvo. Avisei Lia.")
