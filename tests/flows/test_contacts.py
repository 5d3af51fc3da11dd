"""Contacts: added, named, used first, deleted; proved before they count."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import insert, select

from bot.core.brand import Brand, Registration
from storage.tables import contact

from .conftest import Visit
from .house import House
from .registering import OPEN, code_in, emails, identified, mail_to, waiting
from .talk import Talk
from .town import TAX_IDS, Town

LIST = "These are your contacts. Choose one to change it, or add another."


@pytest.fixture
def brand() -> Brand:
    return OPEN


@pytest.fixture
def ana(visit: Visit) -> Talk:
    return identified(visit)


def adds_email(talk: Talk, email: str, label: str = "accounts") -> None:
    talk.says("my contacts")
    talk.presses("Add an e-mail")
    talk.says(email)
    talk.says(code_in(mail_to(talk.gets_mail(), email)))
    talk.says(label)


def test_contacts_are_listed_masked(ana: Talk) -> None:
    ana.says("my contacts")

    ana.hears(LIST)
    ana.sees("a***@e***.com", "(11) *****-0012", "Add an e-mail", "Add a phone", "It is all right")


def test_an_email_is_added_once_it_is_proved(ana: Talk, house: House, town: Town) -> None:
    adds_email(ana, "contas@example.org")

    ana.hears("✅ Saved: your contacts are up to date.", LIST)
    ana.sees(
        "a***@e***.com", "c***@e***.org (accounts)", "(11) *****-0012",
        "Add an e-mail", "Add a phone", "It is all right",
    )  # fmt: skip
    assert emails(house, town.people["ana"]) == ["ana@example.com", "contas@example.org"]


def test_without_its_code_it_is_not_added(ana: Talk, house: House, town: Town) -> None:
    ana.says("my contacts")
    ana.presses("Add an e-mail")
    ana.says("contas@example.org")
    ana.says("000000")
    ana.says("cancel")

    assert emails(house, town.people["ana"]) == ["ana@example.com"]


def test_a_mistyped_email_is_written_again_at_the_code(ana: Talk, house: House, town: Town) -> None:
    ana.says("my contacts")
    ana.presses("Add an e-mail")
    ana.says("conta@example.org")
    old = code_in(mail_to(ana.gets_mail(), "conta@"))
    ana.says("sorry, contas@example.org")
    ana.hears("I sent a code to c***@e***.org.")
    new = code_in(mail_to(ana.gets_mail(), "contas@"))
    if old != new:
        ana.says(old)
        ana.hears("That is not the code.")
    ana.says(new)
    ana.says("accounts")

    assert emails(house, town.people["ana"]) == ["ana@example.com", "contas@example.org"]


def test_one_that_is_there_is_not_added_again(ana: Talk) -> None:
    ana.says("my contacts")
    ana.presses("Add an e-mail")
    ana.says("ana@example.com")

    ana.hears("That e-mail is in your registration already.", LIST)


def test_another_email_is_used_first(ana: Talk, house: House, town: Town) -> None:
    adds_email(ana, "contas@example.org")
    ana.presses("c***@e***.org (accounts)")
    ana.presses("Use it first")

    assert emails(house, town.people["ana"]) == ["contas@example.org", "ana@example.com"]


def test_a_contact_gets_another_name(ana: Talk, house: House) -> None:
    ana.says("my contacts")
    ana.presses("(11) *****-0012")
    ana.presses("Another name")
    ana.says("mine")

    ana.hears("✅ Saved", LIST)
    (row,) = house.rows(select(contact.c.label).where(contact.c.value == "+5511900000012"))
    assert row.label == "mine"


def test_it_is_deleted_after_a_yes(ana: Talk, house: House, town: Town) -> None:
    ana.says("my contacts")
    ana.presses("(11) *****-0012")
    ana.presses("Delete")
    ana.hears_only("Delete (11) *****-0012 from your registration?")
    ana.presses("Yes")

    ana.hears("✅ Saved")
    assert emails(house, town.people["ana"], "phone") == []


def test_a_no_deletes_nothing(ana: Talk, house: House, town: Town) -> None:
    ana.says("my contacts")
    ana.presses("(11) *****-0012")
    ana.presses("Delete")
    ana.presses("No")

    ana.hears("All right, nothing was done.")
    assert emails(house, town.people["ana"], "phone") == ["+5511900000012"]


def test_the_only_email_stays(ana: Talk, house: House, town: Town) -> None:
    ana.says("my contacts")
    ana.presses("a***@e***.com")
    ana.presses("Delete")
    ana.presses("Yes")

    ana.hears("That is your only e-mail, and we need one.", LIST)
    assert emails(house, town.people["ana"]) == ["ana@example.com"]


def test_a_phone_that_nothing_proves_waits_for_staff(ana: Talk, house: House, town: Town) -> None:
    ana.says("my contacts")
    ana.presses("Add a phone")
    ana.says("190")
    ana.hears("I could not read a phone there.", "What is the new phone, with its area code?")
    ana.says("(11) 90000-0077")
    ana.says("reception")

    ana.hears("Our team will check it, and then it counts.")
    assert waiting(house) == [("contacts:phone", "staff")]
    assert emails(house, town.people["ana"], "phone") == ["+5511900000012"]


def test_a_phone_that_the_channel_proves_counts_at_once(
    visit: Visit, house: House, town: Town
) -> None:
    talk = visit(door="phone", locale="en")
    talk.says("identify")
    talk.says(TAX_IDS["ana"])
    talk.presses("Code by e-mail")
    talk.says(talk.reads_code())
    talk.says("my contacts")
    talk.presses("Add a phone")
    talk.presses("The number of this chat")
    talk.shares("+5511900000077")
    talk.says("mobile")

    talk.hears("✅ Saved")
    assert emails(house, town.people["ana"], "phone") == ["+5511900000012", "+5511900000077"]


def test_many_contacts_have_a_second_page(visit: Visit, house: House, town: Town) -> None:
    rows = [
        {
            "customer": town.people["ana"], "kind": "email", "value": f"conta{n}@example.org",
            "is_primary": False, "created_at": house.clock(),
        }
        for n in range(5)
    ]  # fmt: skip
    house.writes(lambda write: write.run(insert(contact).values(rows)))
    talk = identified(visit, door="lists")
    talk.says("my contacts")
    assert "Add a phone" not in [b.label for b in talk.heard[-1].buttons]
    talk.says("more")
    talk.presses("Add a phone")

    talk.hears("What is the new phone, with its area code?")


def test_contacts_that_may_only_be_seen_are_not_changed(
    ana: Talk, open_counter: Callable[..., House]
) -> None:
    ana.house = open_counter(registration=Registration(fields={"contacts": "see"}))
    ana.says("my contacts")

    ana.hears_only("Your contacts can only be seen here. To change them, write human.")


def test_a_contact_of_another_customer_cannot_be_named(ana: Talk, house: House, town: Town) -> None:
    ana.says("my contacts")
    (row,) = house.rows(select(contact.c.id).where(contact.c.value == "bruno@example.com"))
    ana.says(str(row.id * 100))

    ana.hears("I did not find that option.")
    assert emails(house, town.people["bruno"]) == ["bruno@example.com"]


def test_contatos_em_portugues(visit: Visit) -> None:
    talk = visit()
    talk.identifies("ana")
    talk.says("meus contatos")

    talk.hears("Estes são os seus contatos.")
    talk.sees(
        "a***@e***.com", "(11) *****-0012", "Incluir e-mail", "Incluir telefone", "Está tudo certo"
    )
