"""One-time codes: who may ask how often, what a typed code does, and that unknown looks like known."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from bot.core.message import Mail, Notice, _
from bot.core.ports import Level, Write
from storage import codes
from storage.customers import Customer
from storage.tables import audit, code, contact, message, message_body

from .conftest import NOBODYS, Folk
from .desk import Desk


def letter(customer: Customer, id: int) -> Mail:
    return Mail(template="code", to="", locale="pt_BR", values={"name": customer.first_name})


def ask(desk: Desk, tax_id: str, **more: int) -> dict[str, Any]:
    return desk.turn(codes.request_code, tax_id, "identify", letter, **more)


def digits(desk: Desk, id: int) -> str:
    return desk.turn(lambda write: write.secret("code", id, 6))


def wrong(desk: Desk, id: int) -> str:
    return f"{(int(digits(desk, id)) + 1) % 10**6:06}"


def check(desk: Desk, id: int, typed: str) -> tuple[str, int | None]:
    found = desk.turn(codes.check_code, id, typed)
    return found["result"], found["left"]


def mails(desk: Desk) -> list[tuple[str, str]]:
    """State and recipient of every mail."""
    rows = desk.rows(
        select(message.c.state, message_body.c.body)
        .join(message_body, message_body.c.message == message.c.id)
        .order_by(message.c.id)
    )
    return [(row.state, row.body["to"]) for row in rows]


def flag_emails(desk: Desk) -> None:
    desk.turn(lambda write: write.run(update(contact).values(bad="bad_address")))


# ------------------------------------------------------------------ the code, its mail


def test_a_known_tax_id_has_a_code_mailed_to_the_registered_address(desk: Desk, folk: Folk) -> None:
    desk.visit()
    found = ask(desk, folk.tax_ids["ana"])
    assert found == {"result": "sent", "code": found["code"], "until": None}
    assert mails(desk) == [("queued", "ana@example.com")]


def test_the_code_itself_is_in_no_row(desk: Desk, folk: Folk) -> None:
    desk.visit()
    id = ask(desk, folk.tax_ids["ana"])["code"]
    secret = digits(desk, id)
    ((body,),) = desk.rows(select(message_body.c.body))
    assert secret not in str(body)
    assert body["code"] == id
    ((stored,),) = desk.rows(select(code.c.hash))
    assert secret not in stored
    assert len(stored) == 64


def test_whom_the_mail_goes_to_and_what_it_tells_is_not_the_letters_to_say(
    desk: Desk, folk: Folk
) -> None:
    def careless(customer: Customer, id: int) -> Mail:
        gone = Notice(_("It came back."))
        return Mail(
            "code", "mallory@example.org", "en", purpose="invoices", tell=1, sent=gone, failed=gone
        )

    desk.visit()
    desk.turn(codes.request_code, folk.tax_ids["ana"], "identify", careless)
    ((body,),) = desk.rows(select(message_body.c.body))
    mail = Mail.load(body)
    assert (mail.to, mail.purpose) == ("ana@example.com", "codes")
    assert (mail.tell, mail.sent, mail.failed) == (None, None, None)


@pytest.mark.parametrize("shape", ["000.000.000-00", "as stored", " lower "])
def test_a_tax_id_may_be_typed_as_people_type_it(desk: Desk, folk: Folk, shape: str) -> None:
    from bot.domain.tax_id import format_tax_id

    bare = folk.tax_ids["matriz"]
    typed = {"000.000.000-00": format_tax_id(bare), " lower ": f" {bare.lower()} "}
    desk.visit()
    ask(desk, typed.get(shape, bare))
    assert mails(desk) == [("queued", "contas@example.net")]


# ------------------------------------------------------------------ unknown looks like known


def test_known_unknown_and_unreachable_run_the_same_statements(desk: Desk, folk: Folk) -> None:
    """One list of statements, word for word, and rows in the same tables."""
    answers, ran = [], []
    for chat, tax_id in [
        ("one", folk.tax_ids["ana"]),
        ("two", NOBODYS),
        ("three", folk.tax_ids["carla"]),
    ]:
        desk.visit(chat)
        with desk.statements() as seen, desk.begin() as write:
            answers.append(codes.request_code(write, tax_id, "identify", letter))
        ran.append(seen)
    assert ran[0] == ran[1] == ran[2]
    assert {a["result"] for a in answers} == {"sent"}
    assert [sorted(a) for a in answers] == [["code", "result", "until"]] * 3
    assert all(isinstance(a["code"], int) for a in answers)
    assert [state for state, _to in mails(desk)] == ["queued", "replaced", "replaced"]


def test_a_decoys_mail_is_as_long_as_a_real_one_and_goes_to_nobody(desk: Desk, folk: Folk) -> None:
    desk.visit()
    ask(desk, NOBODYS)
    assert mails(desk) == [("replaced", "")]
    ((body,),) = desk.rows(select(message_body.c.body))
    assert body["values"]["name"]


def test_an_email_that_came_back_is_answered_like_any_other(desk: Desk, folk: Folk) -> None:
    flag_emails(desk)
    desk.visit()
    assert ask(desk, folk.tax_ids["ana"])["result"] == "sent"
    assert mails(desk) == [("replaced", "")]


def test_wrong_tries_run_the_same_statements_for_a_decoy(desk: Desk, folk: Folk) -> None:
    ran, answers = [], []
    for chat, tax_id in [("one", folk.tax_ids["ana"]), ("two", NOBODYS)]:
        desk.visit(chat)
        id = ask(desk, tax_id)["code"]
        typed = wrong(desk, id)
        for _try in range(6):
            with desk.statements() as seen, desk.begin() as write:
                answers.append((chat, codes.check_code(write, id, typed)))
            ran.append((chat, seen))
    assert [s for chat, s in ran if chat == "one"] == [s for chat, s in ran if chat == "two"]
    assert [a for chat, a in answers if chat == "one"] == [a for c, a in answers if c == "two"]


def test_the_digits_of_a_decoy_open_nothing(desk: Desk, folk: Folk) -> None:
    desk.visit()
    id = ask(desk, NOBODYS)["code"]
    assert check(desk, id, digits(desk, id)) == ("wrong", 4)
    assert desk.visit().level is Level.STRANGER


def test_pauses_are_kept_for_a_tax_id_that_nobody_has(desk: Desk, folk: Folk) -> None:
    def asked_until_paused(tax_id: str, chats: str) -> list[str]:
        results = []
        for chat in "1234":
            desk.visit(chats + chat)
            results.append(ask(desk, tax_id)["result"])
        return results

    assert asked_until_paused(NOBODYS, "a") == ["sent", "sent", "sent", "paused"]
    assert asked_until_paused(folk.tax_ids["ana"], "b") == ["sent", "sent", "sent", "paused"]


# ------------------------------------------------------------------ what is typed


def test_the_right_code_links_the_customer_and_allows_changes(desk: Desk, folk: Folk) -> None:
    desk.visit()
    id = ask(desk, folk.tax_ids["ana"])["code"]
    assert check(desk, id, digits(desk, id)) == ("ok", None)
    visitor = desk.visit()
    assert (visitor.level, visitor.customer) == (Level.FRESH, folk["ana"])


@pytest.mark.parametrize("form", ["{0}{1}", "{0} {1}", "{0}-{1}", " {0}.{1} ", "O código é {0}{1}"])
def test_spaces_and_dashes_in_a_code_do_not_matter(desk: Desk, folk: Folk, form: str) -> None:
    desk.visit()
    id = ask(desk, folk.tax_ids["ana"])["code"]
    secret = digits(desk, id)
    assert check(desk, id, form.format(secret[:3], secret[3:])) == ("ok", None)


def test_a_code_is_used_once(desk: Desk, folk: Folk) -> None:
    desk.visit()
    id = ask(desk, folk.tax_ids["ana"])["code"]
    check(desk, id, digits(desk, id))
    assert check(desk, id, digits(desk, id)) == ("spent", None)


def test_after_five_wrong_tries_the_right_code_is_spent_too(desk: Desk, folk: Folk) -> None:
    desk.visit()
    id = ask(desk, folk.tax_ids["ana"])["code"]
    tried = [check(desk, id, wrong(desk, id)) for _try in range(5)]
    assert tried == [("wrong", 4), ("wrong", 3), ("wrong", 2), ("wrong", 1), ("spent", None)]
    desk.later(minutes=2)
    assert check(desk, id, digits(desk, id)) == ("spent", None)
    assert desk.visit().level is Level.STRANGER


def test_what_can_be_no_code_costs_no_try(desk: Desk, folk: Folk) -> None:
    desk.visit()
    id = ask(desk, folk.tax_ids["ana"])["code"]
    for typed in ("", "12345", "1234567", "não chegou nada"):
        assert check(desk, id, typed) == ("wrong", 5)
    assert check(desk, id, digits(desk, id)) == ("ok", None)


def test_a_code_expires_after_ten_minutes(desk: Desk, folk: Folk) -> None:
    desk.visit()
    id = ask(desk, folk.tax_ids["ana"])["code"]
    desk.later(minutes=9, seconds=59)
    assert check(desk, id, wrong(desk, id)) == ("wrong", 4)
    desk.later(seconds=1)
    assert check(desk, id, digits(desk, id)) == ("expired", None)
    assert check(desk, id, "12") == ("expired", None)


def test_a_newer_code_replaces_the_earlier_one_of_the_same_chat(desk: Desk, folk: Folk) -> None:
    desk.visit("home")
    at_home = ask(desk, folk.tax_ids["bruno"])["code"]
    desk.visit()
    first, second = (ask(desk, folk.tax_ids["ana"])["code"] for _ in range(2))
    assert check(desk, first, digits(desk, first)) == ("spent", None)
    assert check(desk, second, digits(desk, second)) == ("ok", None)
    desk.visit("home")
    assert check(desk, at_home, digits(desk, at_home)) == ("ok", None)


def test_a_code_counts_only_in_the_chat_that_asked_for_it(desk: Desk, folk: Folk) -> None:
    desk.visit("ana")
    id = ask(desk, folk.tax_ids["ana"])["code"]
    desk.visit("mallory")
    assert check(desk, id, digits(desk, id)) == ("spent", None)
    assert desk.visit("mallory").level is Level.STRANGER
    desk.visit("ana")
    assert check(desk, id, digits(desk, id)) == ("ok", None)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)
@given(typed=st.text(max_size=40))
def test_no_text_crashes_the_check_or_passes_it_by_chance(
    desk: Desk, folk: Folk, typed: str
) -> None:
    desk.visit()
    desk.later(days=1)
    id = ask(desk, folk.tax_ids["ana"])["code"]
    result, left = check(desk, id, typed)
    assert result == ("ok" if codes.digits_of(typed) == digits(desk, id) else "wrong")
    assert left in (4, 5) or result == "ok"


# ------------------------------------------------------------------ pauses


def test_one_chat_has_five_codes_and_then_longer_and_longer_pauses(desk: Desk, folk: Folk) -> None:
    desk.visit()
    for number in range(5):
        assert ask(desk, f"{number:011}")["result"] == "sent"
    waited = []
    for number in range(5, 10):
        paused = ask(desk, f"{number:011}")
        assert (paused["result"], paused["code"]) == ("paused", None)
        waited.append(desk.minutes_until(paused))
        desk.later(minutes=waited[-1])
        assert ask(desk, f"{number:011}")["result"] == "sent"
    assert waited == [1, 5, 15, 60, 60]


def test_one_tax_id_has_three_codes_whichever_chats_ask(desk: Desk, folk: Folk) -> None:
    for chat in "abc":
        desk.visit(chat)
        assert ask(desk, folk.tax_ids["ana"])["result"] == "sent"
    desk.visit("d")
    assert desk.minutes_until(ask(desk, folk.tax_ids["ana"])) == 1
    assert ask(desk, folk.tax_ids["bruno"])["result"] == "sent"


def test_a_pause_sends_nothing_and_ends_no_code(desk: Desk, folk: Folk) -> None:
    desk.visit()
    for _try in range(3):
        last = ask(desk, folk.tax_ids["ana"])["code"]
    assert ask(desk, folk.tax_ids["ana"])["result"] == "paused"
    assert len(mails(desk)) == 3
    assert check(desk, last, digits(desk, last)) == ("ok", None)


def test_the_whole_installation_has_a_limit_by_the_hour(desk: Desk, folk: Folk) -> None:
    for number in range(4):
        desk.visit(f"chat {number}")
        assert ask(desk, f"{number:011}", per_hour=4)["result"] == "sent"
        desk.later(minutes=5)
    desk.visit("one more")
    assert desk.minutes_until(ask(desk, NOBODYS, per_hour=4)) == 40
    desk.later(minutes=40)
    assert ask(desk, NOBODYS, per_hour=4)["result"] == "sent"


def test_a_code_guessed_at_until_spent_pauses_the_chat(desk: Desk, folk: Folk) -> None:
    desk.visit()
    waited = []
    for name in ("ana", "bruno", "davi"):
        id = ask(desk, folk.tax_ids[name])["code"]
        for _try in range(4):
            check(desk, id, wrong(desk, id))
        spent = desk.turn(codes.check_code, id, wrong(desk, id))
        waited.append(desk.minutes_until(spent))
        assert ask(desk, NOBODYS)["result"] == "paused"
        assert check(desk, id, "000000") == ("paused", None)
        desk.later(minutes=waited[-1])
    assert waited == [1, 5, 15]


def test_who_gets_in_begins_anew(desk: Desk, folk: Folk) -> None:
    desk.visit()
    for _try in range(8):
        id = ask(desk, folk.tax_ids["ana"])["code"]
        assert check(desk, id, digits(desk, id)) == ("ok", None)


def test_requests_and_spent_codes_are_on_record(desk: Desk, folk: Folk) -> None:
    desk.visit()
    id = ask(desk, folk.tax_ids["ana"])["code"]
    for _try in range(5):
        check(desk, id, wrong(desk, id))
    rows = desk.rows(select(audit.c.what, audit.c.subject).order_by(audit.c.id))
    assert [tuple(row) for row in rows] == [
        ("code.requested", f"code:{id}"), ("code.spent", f"code:{id}"),
    ]  # fmt: skip


def test_nobody_asks_for_a_code_without_a_chat(desk: Desk, folk: Folk) -> None:
    def without(write: Write) -> None:
        codes.request_code(write, NOBODYS, "identify", letter)

    with pytest.raises(LookupError):
        desk.turn(without)
