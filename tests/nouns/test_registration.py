"""Registrations, contacts and proofs at the database: preconditions that no flow could skip."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert, select, update

from bot.core.brand import CustomField, Registration
from bot.core.message import Mail, _
from storage import confirmations, contacts, people, proofs, registration
from storage.changes import record_change
from storage.tables import address, contact, contact_change, contact_proof, custom_value, customer

from .conftest import BRAND, OTHER, Folk
from .desk import KEYS, Desk

WORDS = {
    field: _("x") for field in ("name", "email", "phone", "born_on", "address", "capital_social")
}


@pytest.fixture
def ana(desk: Desk, folk: Folk) -> int:
    """Ana at the desk, fresh."""
    desk.visit("ana")
    desk.turn(
        lambda tx: people.link(tx, people.here(tx).address, folk["ana"], by="code", fresh=True)
    )
    return folk["ana"]


def save(desk: Desk, customer_id: int, **edits: Any) -> dict[str, Any]:
    return desk.turn(registration.save, customer_id, edits, words=WORDS)


def mail(proof: int) -> Mail:
    return Mail(template="new-email", to="", locale="en", code=proof)


def asks(desk: Desk, customer_id: int, email: str) -> int:
    """A code for a new e-mail; its id."""
    asked = desk.turn(proofs.request, customer_id, email, mail)
    assert asked["result"] == "sent"
    return int(asked["proof"])


def digits(proof: int) -> str:
    return KEYS.digits(proofs.PURPOSE, proof, 6)


def proves(desk: Desk, customer_id: int, email: str) -> int:
    proof = asks(desk, customer_id, email)
    assert desk.turn(proofs.check, proof, digits(proof))["result"] == "ok"
    return proof


def values(desk: Desk, customer_id: int, kind: str = "email") -> list[str]:
    rows = desk.rows(
        select(contact.c.value)
        .where(contact.c.customer == customer_id, contact.c.kind == kind)
        .order_by(contact.c.is_primary.desc(), contact.c.id)
    )
    return [row.value for row in rows]


# ------------------------------------------------------------------ saving


def test_nobody_saves_for_another_customer(desk: Desk, folk: Folk, ana: int) -> None:
    outcome = save(desk, folk["bruno"], born_on="1990-02-10")

    assert outcome["refused"] == ["born_on"]
    (row,) = desk.rows(select(customer.c.born_on).where(customer.c.id == folk["bruno"]))
    assert row.born_on is None


def test_who_is_not_fresh_any_more_saves_nothing(desk: Desk, ana: int) -> None:
    desk.later(minutes=11)

    assert save(desk, ana, born_on="1990-02-10")["result"] == "stale"
    (row,) = desk.rows(select(customer.c.born_on).where(customer.c.id == ana))
    assert row.born_on is None


def test_a_field_that_is_only_to_be_seen_is_refused_whatever_a_flow_asks(
    desk: Desk, ana: int
) -> None:
    assert save(desk, ana, name="Somebody Else")["refused"] == ["name"]


def test_a_field_that_the_brand_does_not_have_is_refused(desk: Desk, ana: int) -> None:
    assert save(desk, ana, capital_social="1.00")["refused"] == ["capital_social"]
    assert desk.rows(select(custom_value)) == []


def test_a_field_of_the_brands_own_is_written_changed_and_emptied(desk: Desk, ana: int) -> None:
    own = CustomField("capital_social", {"en": "Share capital"}, "money")
    desk.with_brand(registration=Registration(custom=(own,)))

    for value in ("1.00", "2.00", None):
        assert save(desk, ana, capital_social=value)["saved"] == ["capital_social"]
        found = desk.turn(registration.get, ana)
        assert found is not None
        assert found.custom.get("capital_social") == value


def test_a_required_one_is_not_emptied(desk: Desk, ana: int) -> None:
    own = CustomField("capital_social", {"en": "Share capital"}, "money", required=True)
    desk.with_brand(registration=Registration(custom=(own,)))

    assert save(desk, ana, capital_social=None)["refused"] == ["capital_social"]


def test_another_brand_finds_no_registration(desk: Desk, ana: int) -> None:
    desk.brand = OTHER

    assert desk.turn(registration.get, ana) is None


def test_a_change_is_of_a_field_that_may_change(desk: Desk, ana: int) -> None:
    with pytest.raises(ValueError, match="no field"):
        desk.turn(record_change, ana, "shoe_size", before=None, after="42", proved_by="code")


# ------------------------------------------------------------------ proofs


def test_a_proof_counts_for_its_own_value_customer_and_chat_and_once(
    desk: Desk, folk: Folk, ana: int
) -> None:
    proof = proves(desk, ana, "nova@example.org")

    for who, value in ((ana, "other@example.org"), (folk["bruno"], "nova@example.org")):
        assert desk.turn(proofs.take, proof, who, "email", value) is None
    assert desk.turn(proofs.take, proof, ana, "phone", "nova@example.org") is None
    desk.visit("elsewhere")
    assert desk.turn(proofs.take, proof, ana, "email", "nova@example.org") is None
    desk.visit("ana")
    assert desk.turn(proofs.take, proof, ana, "email", "nova@example.org") == "code"
    assert desk.turn(proofs.take, proof, ana, "email", "nova@example.org") is None


def test_an_email_without_its_code_is_not_saved(desk: Desk, ana: int) -> None:
    asked = asks(desk, ana, "nova@example.org")

    for proof in (asked, None, 999):
        edit = {"value": "nova@example.org", "proof": proof}
        assert save(desk, ana, email=edit)["refused"] == ["email"]
    assert values(desk, ana)[0] == "ana@example.com"


def test_a_proof_is_good_for_an_hour(desk: Desk, ana: int) -> None:
    proof = proves(desk, ana, "nova@example.org")
    desk.later(minutes=61)

    assert desk.turn(proofs.take, proof, ana, "email", "nova@example.org") is None


def test_a_code_ends_after_ten_minutes_and_after_five_tries(desk: Desk, ana: int) -> None:
    late = asks(desk, ana, "nova@example.org")
    desk.later(minutes=11)
    assert desk.turn(proofs.check, late, digits(late))["result"] == "expired"

    tried = asks(desk, ana, "nova@example.org")
    wrong = f"{(int(digits(tried)) + 1) % 10**6:06}"
    for left in (4, 3, 2, 1):
        assert desk.turn(proofs.check, tried, wrong)["left"] == left
    assert desk.turn(proofs.check, tried, wrong)["result"] == "spent"
    assert desk.turn(proofs.check, tried, digits(tried))["result"] == "paused"
    desk.later(minutes=6)
    assert desk.turn(proofs.check, tried, digits(tried))["result"] == "spent"


def test_a_newer_code_ends_the_one_before(desk: Desk, ana: int) -> None:
    old = asks(desk, ana, "nova@example.org")
    asks(desk, ana, "nova@example.org")

    assert desk.turn(proofs.check, old, digits(old))["result"] == "spent"


def test_what_is_no_code_costs_no_try(desk: Desk, ana: int) -> None:
    proof = asks(desk, ana, "nova@example.org")

    for typed in ("", "12345", "abc"):
        assert desk.turn(proofs.check, proof, typed)["left"] == 5


def test_a_code_is_checked_at_its_own_chat_alone(desk: Desk, ana: int) -> None:
    proof = asks(desk, ana, "nova@example.org")
    desk.visit("elsewhere")

    assert desk.turn(proofs.check, proof, digits(proof))["result"] == "spent"


def test_mailboxes_of_strangers_are_not_filled(desk: Desk, ana: int) -> None:
    results = [
        desk.turn(proofs.request, ana, f"stranger{n}@example.org", mail)["result"] for n in range(7)
    ]

    assert results[:5] == ["sent"] * 5
    assert "paused" in results[5:]


def test_the_digits_are_in_no_row(desk: Desk, ana: int) -> None:
    proof = asks(desk, ana, "nova@example.org")

    rows = desk.rows(select(contact_proof))
    assert all(digits(proof) not in str(row) for row in rows)


def test_a_phone_counts_as_proved_only_where_the_channel_proved_it(desk: Desk, ana: int) -> None:
    assert desk.turn(proofs.by_channel, ana, "+5511900000044") is None
    desk.turn(
        lambda tx: tx.run(
            update(address).where(address.c.chat == "ana").values(phone="+5511900000044")
        )
    )
    proof = desk.turn(proofs.by_channel, ana, "+5511900000044")
    edit = {"value": "+5511900000044", "proof": proof}

    assert save(desk, ana, phone=edit)["saved"] == ["phone"]
    assert values(desk, ana, "phone") == ["+5511900000044"]


# ------------------------------------------------------------------ contacts


@pytest.mark.parametrize(
    ("wish", "after"),
    [
        ({"op": "set", "value": "n@example.org"}, ["n@example.org", "ana.prado@example.org"]),
        ({"op": "set", "value": "ana.prado@example.org"}, ["ana.prado@example.org"]),
        (
            {"op": "add", "value": "n@example.org", "label": "new"},
            ["ana@example.com", "ana.prado@example.org", "n@example.org"],
        ),
    ],
)
def test_a_list_of_emails_becomes_what_is_wished_and_is_undone(
    desk: Desk, ana: int, wish: dict[str, Any], after: list[str]
) -> None:
    before = values(desk, ana)

    assert desk.turn(contacts.carry_out, ana, "email", wish, proved_by="code") == "saved"
    assert values(desk, ana) == after

    (change,) = desk.rows(select(contact_change.c.id))
    assert desk.turn(contacts.undo, change.id, by="link") == "undone"
    assert values(desk, ana) == before


def test_a_contact_of_another_customer_is_not_touched(desk: Desk, folk: Folk, ana: int) -> None:
    (theirs,) = desk.rows(select(contact.c.id).where(contact.c.value == "b@example.com"))

    for op in ("delete", "primary", "label"):
        wish = {"op": op, "id": theirs.id, "label": "mine now"}
        assert desk.turn(contacts.carry_out, ana, "email", wish, proved_by="code") == "gone"
    assert values(desk, folk["bruno"]) == ["b@example.com"]


def test_a_change_of_another_customer_is_not_undone_in_a_chat(
    desk: Desk, folk: Folk, ana: int
) -> None:
    wish = {"op": "set", "value": "n@example.org"}
    desk.turn(contacts.carry_out, ana, "email", wish, proved_by="code")
    (change,) = desk.rows(select(contact_change.c.id))

    undone = desk.turn(contacts.undo, change.id, by="chat", customer_id=folk["bruno"])
    assert undone == "unknown"
    desk.brand = OTHER
    assert desk.turn(contacts.undo, change.id, by="link") == "unknown"


def test_codes_on_their_way_end_with_the_undo(desk: Desk, folk: Folk, ana: int) -> None:
    from storage import codes

    desk.with_brand(features={"mail": True})
    asked = desk.turn(codes.request_code, folk.tax_ids["ana"], "again", lambda _who, _id: mail(0))
    wish = {"op": "set", "value": "n@example.org"}
    desk.turn(contacts.carry_out, ana, "email", wish, proved_by="code")
    (change,) = desk.rows(select(contact_change.c.id))
    desk.turn(contacts.undo, change.id, by="link")

    typed = KEYS.digits("code", asked["code"], 6)
    assert desk.turn(codes.check_code, asked["code"], typed)["result"] == "spent"


# ------------------------------------------------------------------ confirmations


def test_a_version_changes_with_anything_that_changes(desk: Desk, ana: int) -> None:
    def now() -> str:
        known = desk.turn(registration.get, ana)
        assert known is not None
        return confirmations.version(known, BRAND)

    seen = {now()}
    for name, value in (("street", "Rua Nova"), ("registry_number", "12345"), ("name", "Ana")):
        desk.turn(
            lambda tx, name=name, value=value: tx.run(  # type: ignore[misc]
                update(customer).where(customer.c.id == ana).values({name: value})
            )
        )
        seen.add(now())
    desk.turn(
        lambda tx: tx.run(
            insert(contact).values(
                customer=ana, kind="phone", value="+5511900000055", is_primary=False,
                created_at=tx.now,
            )
        )
    )  # fmt: skip
    seen.add(now())

    assert len(seen) == 5
    assert now() in seen


def test_a_version_that_is_not_the_registrations_is_not_confirmed(
    desk: Desk, folk: Folk, ana: int
) -> None:
    known = desk.turn(registration.get, ana)
    assert known is not None
    seen = confirmations.version(known, BRAND)
    evidence = {"digest": "d" * 64, "words": "…", "at": desk.now.isoformat()}

    assert not desk.turn(confirmations.confirm, ana, "0" * 64, evidence)
    assert not desk.turn(confirmations.confirm, folk["bruno"], seen, evidence)
    assert desk.turn(confirmations.confirm, ana, seen, evidence)
