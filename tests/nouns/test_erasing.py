"""An erasure leaves no word that tells of somebody, in no column of any table; and what law demands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from bot.core.brand import PrivacyRules
from bot.core.message import Mail
from bot.core.ports import Write
from bot.domain.privacy import Kind
from storage import (
    erasing,
    erasures,
    handoffs,
    members,
    people,
    personal_data,
    preferences,
)
from storage.tables import (
    address,
    audit,
    audit_body,
    confirmation,
    consent,
    contact,
    contract,
    contract_acceptance,
    customer,
    document,
    document_body,
    erasure,
    invoice,
    membership,
    message,
    message_body,
    metadata,
    person,
    preference,
    received_file_body,
    session,
)

from .a_life import EVIDENCE, TELLING, lives
from .conftest import OTHER, Folk
from .desk import Desk


@pytest.fixture
def ana(desk: Desk, folk: Folk) -> int:
    """Ana at the desk, after a life with this counter that left something everywhere."""
    desk.with_brand(email="gente@example.org")
    desk.visit("chat-of-Ana", phone="+5511900000012")
    id = folk["ana"]
    desk.turn(lambda tx: people.link(tx, people.here(tx).address, id, by="code", fresh=True))
    desk.turn(lives, id)
    return id


def texts(desk: Desk) -> Iterator[tuple[str, str]]:
    """Every word in every table, with where it stands."""
    for table in metadata.sorted_tables:
        for row in desk.rows(select(table)):
            for name, value in row._mapping.items():
                if isinstance(value, str | dict | list):
                    yield f"{table.name}.{name}", str(value)


def telling(desk: Desk) -> dict[str, str]:
    """Columns that still tell of Ana."""
    return {where: words for where, words in texts(desk) for tell in TELLING if tell in words}


def erase(desk: Desk, id: int) -> dict[str, int]:
    """As the business does it: nobody is at the desk."""
    desk.visitor = None
    return desk.turn(erasing.erase, id, reason="asked for in the chat")


TOUCHED = {
    "address", "approval", "audit_body", "card", "charge", "code", "confirmation_body", "contact",
    "contact_change", "contact_proof", "contract", "contract_acceptance", "custom_value", "customer",
    "document", "document_body", "document_link", "erasure", "field_change", "link", "membership",
    "message_body", "payment_claim", "payment_promise", "pending_change", "person", "preference",
    "staff_decision",
    "received_file", "received_file_body", "session",
}  # fmt: skip
LEFT = {
    "audit": "who did what when; its body goes",
    "confirmation": "who, when and hashes",
    "confirmation_ask": "when",
    "erased_key": "keyed hashes of its ids, so that no import brings it back",
    "consent": "that a consent was given is to be shown; its words name nobody",
    "contract_model": "nobody's",
    "import_row": "gone when its import ends",
    "import_run": "of the business",
    "inbound": "ids of events, for 30 days",
    "invoice": "tax law",
    "invoice_line": "tax law",
    "lane": "nobody's",
    "message": "kind, when and what became of it; its body goes",
    "payer": "a gateway's number for whoever paid",
    "payment": "tax law",
    "throttle": "keyed hashes, for two days",
    "trust_unlock": "days",
}


def test_every_table_is_thought_of() -> None:
    """Who adds a table says here what an erasure does to it, and does it in storage/erasing.py."""
    assert set(metadata.tables) == TOUCHED | set(LEFT)


def test_before_it_she_is_everywhere(desk: Desk, ana: int) -> None:
    """The scan below would find her in each of these."""
    tables = {where.partition(".")[0] for where in telling(desk)}
    assert tables >= {
        "customer", "contact", "person", "address", "session", "message_body", "audit_body",
        "custom_value", "field_change", "approval", "confirmation_body", "contract",
        "contract_acceptance", "document", "card", "pending_change", "payment_promise",
        "payment_claim", "received_file",
    }  # fmt: skip


def test_no_word_that_tells_of_her_is_left_in_any_table(desk: Desk, ana: int) -> None:
    erase(desk, ana)
    assert telling(desk) == {}


def test_the_bytes_of_her_documents_go_except_what_tax_law_keeps(desk: Desk, ana: int) -> None:
    erase(desk, ana)
    kept = [row.content for row in desk.rows(select(document_body.c.content))]
    assert kept == [b"%PDF-1.4 Ana tax2026"]
    assert desk.rows(select(received_file_body.c.file)) == []
    rows = desk.rows(select(document).order_by(document.c.id))
    assert [row.title for row in rows] == ["", "DARF 2026", ""]
    assert all(len(row.sha256) == 64 for row in rows)
    assert [row.removed_at is None for row in rows] == [False, True, False]


def test_the_business_says_which_documents_it_keeps(desk: Desk, ana: int) -> None:
    desk.with_brand(privacy=PrivacyRules(kept_documents=()))
    erase(desk, ana)
    assert desk.rows(select(document_body)) == []


def test_who_when_hashes_and_money_stay(desk: Desk, ana: int, folk: Folk) -> None:
    money = desk.rows(select(invoice).order_by(invoice.c.id))
    noted = desk.rows(select(audit).order_by(audit.c.id))
    sent = desk.rows(select(message.c.id, message.c.kind, message.c.created_at))
    digests = desk.rows(select(contract.c.sha256, contract_acceptance.c.at).join_from(
        contract, contract_acceptance
    ))  # fmt: skip
    erase(desk, ana)

    assert desk.rows(select(invoice).order_by(invoice.c.id)) == money
    after = desk.rows(select(audit).order_by(audit.c.id))
    assert after[: len(noted)] == noted
    assert [row.what for row in after[len(noted) :]] == ["customer.erased"]
    assert desk.rows(select(message.c.id, message.c.kind, message.c.created_at)) == sent
    assert desk.rows(
        select(contract.c.sha256, contract_acceptance.c.at).join_from(contract, contract_acceptance)
    ) == digests  # fmt: skip
    assert [row.digest for row in desk.rows(select(confirmation.c.digest))] == ["d" * 64]
    (given,) = desk.rows(select(consent.c.words, consent.c.given_at))
    assert given.words == "May we send you news?"
    (row,) = desk.rows(select(customer).where(customer.c.id == ana))
    assert (row.name, row.tax_id, row.status) == ("", folk.tax_ids["ana"], "cancelled")


def test_records_of_access_stay_for_six_months_without_the_name(desk: Desk, ana: int) -> None:
    def accesses() -> list[Any]:
        return [
            row.after
            for row in desk.rows(
                select(audit_body.c.after)
                .join_from(audit, audit_body)
                .where(audit.c.what == "document.opened")
            )
        ]

    assert {each["name"] for each in accesses()} == {"Ana Prado"}
    erase(desk, ana)
    assert accesses() == [{"means": "chat"}] * 3

    desk.later(days=200)
    erase(desk, ana)
    assert accesses() == []


def test_nobody_is_known_at_her_chat_any_more(desk: Desk, ana: int) -> None:
    (before,) = desk.rows(select(address.c.id).where(address.c.customer == ana))
    erase(desk, ana)

    back = desk.visit("chat-of-Ana")
    assert (back.person, back.customer, back.name, back.phone) == (None, None, None, None)
    assert back.address != before.id
    (old,) = desk.rows(select(address).where(address.c.id == before.id))
    assert (old.chat, old.person) == (f"erased:{before.id}", None)
    (sat,) = desk.rows(select(session.c.data).where(session.c.address == before.id))
    assert sat.data["stack"] == []
    assert desk.rows(select(membership).where(membership.c.active)) == []


def test_a_chat_that_was_left_before_is_found_too(desk: Desk, ana: int) -> None:
    desk.turn(people.leave)
    erase(desk, ana)
    assert telling(desk) == {}


def test_a_mail_that_a_stranger_had_sent_to_her_is_found_too(desk: Desk, ana: int) -> None:
    """Whoever knows her CPF can have a code mailed to her; the code's own row ends after a day."""
    desk.visit("some-stranger")
    body = Mail(template="code", to="ana@example.com", locale="en", values={"first_name": "Ana"})
    at = desk.visitor
    assert at is not None
    desk.turn(lambda tx: tx.post(body, dedup="code:99:mail", address=at.address, subject="code:99"))
    erase(desk, ana)
    assert telling(desk) == {}


def test_others_keep_everything(desk: Desk, ana: int, folk: Folk) -> None:
    desk.visit("chat-of-bruno")
    desk.turn(lambda tx: people.link(tx, people.here(tx).address, folk["bruno"], by="code"))
    desk.turn(handoffs.ask_the_team, "Bruno asks", request="r-2")
    at = desk.visitor
    erase(desk, ana)

    assert at is not None
    again = desk.visit("chat-of-bruno")
    assert (again.address, again.customer) == (at.address, folk["bruno"])
    (row,) = desk.rows(select(customer).where(customer.c.id == folk["bruno"]))
    assert row.name == "Bruno Teles"
    assert desk.rows(select(contact.c.value).where(contact.c.customer == folk["bruno"]))
    assert [row.body["values"]["wish"] for row in desk.rows(select(message_body.c.body))] == [
        "Bruno asks"
    ]


def test_who_speaks_for_another_too_stays_known_there(desk: Desk, ana: int, folk: Folk) -> None:
    """Ana keeps the books of the workshop; her own registration goes, she does not."""
    who = desk.visitor
    assert who is not None
    desk.turn(
        lambda tx: tx.run(
            insert(membership).values(
                person=who.person, customer=folk["matriz"], role="administrator", active=True,
                activated_at=tx.now, created_at=tx.now,
            )
        )
    )  # fmt: skip
    erase(desk, ana)

    assert desk.turn(members.name_of, who.person) == "Ana Prado"
    assert desk.turn(members.role_of, who.person, folk["matriz"]) == "administrator"
    assert desk.turn(members.role_of, who.person, ana) is None
    (at,) = desk.rows(select(address).where(address.c.id == who.address))
    assert (at.chat, at.person, at.customer) == ("chat-of-Ana", who.person, None)


def test_a_second_erasure_finds_nothing_new(desk: Desk, ana: int) -> None:
    first = erase(desk, ana)
    second = erase(desk, ana)
    assert sum(second.values()) < sum(first.values())
    assert not second.keys() & {"message_body", "contact", "audit_body", "document_body"}
    rows = desk.rows(select(erasure.c.state, erasure.c.subject, erasure.c.through))
    assert {row.state for row in rows} == {"done"}


def test_the_tax_id_goes_once_no_law_asks_for_it(desk: Desk, ana: int) -> None:
    desk.turn(
        lambda tx: tx.run(
            update(invoice)
            .where(invoice.c.customer == ana)
            .values(state="paid", paid_on=date(2026, 12, 1))
        )
    )
    desk.later(days=366 * 5)
    erase(desk, ana)
    (row,) = desk.rows(select(customer.c.tax_id).where(customer.c.id == ana))
    assert len(row.tax_id) == 11

    desk.later(days=366 * 2)
    erase(desk, ana)
    (row,) = desk.rows(
        select(customer.c.tax_id, customer.c.external_id).where(customer.c.id == ana)
    )
    assert row == (f"-{ana}", None)
    assert desk.rows(select(invoice.c.amount).where(invoice.c.customer == ana))[
        0
    ].amount == Decimal("99.90")


def test_a_wish_that_waits_is_done_by_it(desk: Desk, ana: int) -> None:
    desk.turn(erasures.ask, ana, {**EVIDENCE, "words": "Do you want it?", "at": ""})
    erase(desk, ana)
    (row,) = desk.rows(select(erasure))
    assert (row.state, row.reason, row.words) == (
        "done",
        "asked for in the chat",
        "Do you want it?",
    )


def test_another_brands_customer_is_not_erased(desk: Desk, ana: int) -> None:
    desk.visitor = None
    desk.brand = OTHER
    with pytest.raises(LookupError):
        desk.turn(erasing.erase, ana, reason="x")


def test_one_person_goes_and_the_company_stays(desk: Desk, folk: Folk) -> None:
    desk.visit("chat-of-rosa")
    desk.turn(lambda tx: people.link(tx, people.here(tx).address, folk["matriz"], by="code"))
    desk.visit("chat-of-tito")
    tito = desk.turn(_tito, folk["matriz"])
    desk.turn(handoffs.ask_the_team, "Tito asks", request="r-3")
    desk.visitor = None
    desk.turn(erasing.erase_person, folk["matriz"], tito, reason="asked")

    words = " ".join(f"{where}={text}" for where, text in texts(desk))
    assert "Tito" not in words
    assert "chat-of-tito" not in words
    assert "contas@example.net" in words
    assert desk.turn(members.role_of, tito, folk["matriz"]) is None
    (row,) = desk.rows(select(erasure.c.subject, erasure.c.state))
    assert row == (f"person:{tito}", "done")
    with pytest.raises(LookupError):
        desk.turn(erasing.erase_person, folk["bruno"], tito, reason="asked")


def _tito(tx: Write, company: int) -> int:
    ((id,),) = tx.run(
        insert(person)
        .values(brand="curral", name="Tito Lima", created_at=tx.now)
        .returning(person.c.id)
    )
    tx.run(
        insert(membership).values(
            person=id, customer=company, role="collaborator", active=True, activated_at=tx.now,
            created_at=tx.now,
        )
    )  # fmt: skip
    tx.run(
        update(address)
        .where(address.c.chat == "chat-of-tito")
        .values(person=id, customer=company, name="Tito", verified_until=tx.now)
    )
    return int(id)


# ------------------------------------------------------------------------- the file, and preferences


def test_what_is_left_can_still_be_told_as_a_file(desk: Desk, ana: int) -> None:
    """Whoever erases sees with the same eyes what is left."""
    who = desk.visitor
    assert who is not None
    assert who.person is not None
    erase(desk, ana)
    left = desk.turn(personal_data.collect, ana, who.person, whole=True)
    assert len(left["customer"]["invoices"]) == 6
    assert left["customer"]["contacts"] == []
    assert not any(word in str(left) for word in TELLING)


def test_preferences_are_of_one_brand(desk: Desk, ana: int) -> None:
    desk.visitor = None
    desk.brand = OTHER
    with pytest.raises(LookupError):
        desk.turn(preferences.unsubscribe, ana, Kind.REMINDERS)
    assert [row.wanted for row in desk.rows(select(preference.c.wanted))] == [False, False]
