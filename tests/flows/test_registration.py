"""My registration: seen masked, changed field by field, saved in one go; who may change what."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from bot.core.brand import Brand, Registration
from storage.tables import audit, audit_body, custom_value, customer, field_change

from .conftest import Visit
from .house import House
from .registering import (
    CAPITAL,
    OPEN,
    REGIME,
    column,
    identified,
    mail_to,
    waiting,
)
from .talk import Talk, plain
from .town import FEATURES, Town


@pytest.fixture
def brand() -> Brand:
    return OPEN


@pytest.fixture
def ana(visit: Visit) -> Talk:
    return identified(visit)


def rules(**fields: str) -> Registration:
    return Registration(fields=fields, custom=(CAPITAL,))


def test_it_is_shown_masked_and_with_the_labels_of_a_person(ana: Talk) -> None:
    ana.says("my registration")

    seen = ana.hears(
        "This is your registration:", "CPF: ***.", "Name: Ana Prado Nogueira",
        "Birth date: not informed", "RG: not informed", "E-mail: a***@e***.com",
        "Phone: (11) *****-0012", "Address: Rua das Quaresmeiras, 12, Jardim Novo, Atibaia - SP, 12940-000",
        "What would you like to do?",
    )  # fmt: skip
    assert "ana@example.com" not in seen
    assert "Trade name" not in seen
    assert "Share capital" not in seen
    ana.sees("Change something", "Other contacts", "It is all right")


def test_a_company_has_labels_of_its_own(visit: Visit) -> None:
    talk = identified(visit, "oficina")
    talk.says("my registration")

    talk.hears(
        "CNPJ: **.", "Registered name: Oficina Sabiá Ltda", "Trade name: Sabiá Motores",
        "Opening date: not informed", "State registration: not informed", "Share capital: not informed",
    )  # fmt: skip


def test_several_changes_are_collected_and_saved_in_one_go(
    ana: Talk, house: House, town: Town
) -> None:
    ana.says("my registration")
    ana.presses("Change something")
    ana.presses("Birth date")
    ana.says("10/02/1990")
    ana.hears("Not saved yet:", "Birth date: **/**/1990")
    ana.presses("RG")
    ana.says("12.345.678-9")
    ana.hears("Birth date: **/**/1990", "RG: **.***.*78-9")
    assert column(house, town.people["ana"], "born_on") is None

    ana.presses("Save")

    ana.hears("✅ Saved: Birth date, RG. Your registration is up to date.")
    assert str(column(house, town.people["ana"], "born_on")) == "1990-02-10"
    assert column(house, town.people["ana"], "registry_number") == "12.345.678-9"
    mail = mail_to(ana.gets_mail(), "gente@example.org")
    assert "1990" not in plain(mail)
    assert str(town.people["ana"]) in plain(mail)


def test_before_and_after_are_on_record_and_handed_to_the_billing_system(
    ana: Talk, house: House
) -> None:
    ana.says("change my registration")
    ana.presses("RG")
    ana.says("12.345.678-9")
    ana.presses("Save")

    (row,) = house.rows(
        select(audit_body.c.before, audit_body.c.after)
        .join(audit, audit.c.id == audit_body.c.audit)
        .where(audit.c.what == "customer.changed")
    )
    assert (row.before, row.after) == (
        {"registry_number": None}, {"registry_number": "12.345.678-9"},
    )  # fmt: skip
    (kept,) = house.rows(select(field_change))
    assert (kept.field, kept.after, kept.proved_by) == ("registry_number", "12.345.678-9", "code")


def test_discarded_nothing_is_changed_and_it_is_said(ana: Talk, house: House, town: Town) -> None:
    ana.says("change my registration")
    ana.presses("RG")
    ana.says("12.345.678-9")
    ana.presses("Discard the changes")

    ana.hears_only("Discarded: nothing of your registration was changed.")
    assert column(house, town.people["ana"], "registry_number") is None


def test_cancelled_nothing_is_changed_and_it_is_said(ana: Talk, house: House, town: Town) -> None:
    ana.says("change my registration")
    ana.presses("RG")
    ana.says("12.345.678-9")
    ana.says("cancel")

    ana.hears("Cancelled. Nothing was changed.")
    assert column(house, town.people["ana"], "registry_number") is None


def test_back_takes_the_last_value_out_again(ana: Talk) -> None:
    ana.says("change my registration")
    ana.presses("RG")
    ana.says("12.345.678-9")
    ana.says("back")

    ana.hears_only("What is the RG? Write - to leave it empty.")


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("31/02/1990", "There is no such day."),
        ("10/02/2031", "That day cannot be right"),
        ("10/02", "Please write the whole date"),
        ("ontem", "Please write the whole date"),
    ],
)
def test_a_slip_in_a_date_is_told_and_asked_again(ana: Talk, typed: str, reason: str) -> None:
    ana.says("change my registration")
    ana.presses("Birth date")
    ana.says(typed)

    ana.hears(reason, "What is the date?")
    ana.says("10 de fevereiro de 1990")
    ana.hears("Birth date: **/**/1990")


def test_the_state_follows_from_the_cep(ana: Talk, house: House, town: Town) -> None:
    ana.says("change my address")
    ana.presses("Address")
    ana.says("1294")
    ana.hears("A CEP has 8 digits")
    ana.says("00123-000")
    ana.hears("No state of Brazil has that CEP.", "What is the CEP?")
    for said in ("80010-000", "Rua Um", "s/n", "-", "Centro", "Curitiba"):
        ana.says(said)
    ana.hears("Address: Rua Um, s/n, Centro, Curitiba - PR, 80010-000")
    ana.presses("Save")

    assert column(house, town.people["ana"], "state") == "PR"
    assert column(house, town.people["ana"], "complement") is None
    fields = {row.field for row in house.rows(select(field_change.c.field))}
    assert fields == {"postal_code", "street", "street_number", "district", "city", "state"}


def test_a_company_may_be_exempt_and_says_its_share_capital(
    visit: Visit, house: House, town: Town
) -> None:
    talk = identified(visit, "oficina")
    talk.says("change my registration")
    talk.presses("State registration")
    talk.says("isento")
    talk.presses("Share capital")
    talk.says("um monte")
    talk.hears("I could not read that.", "Share capital: which amount?")
    talk.says("R$ 150.000,00")
    talk.hears("State registration: exempt", "Share capital: R$150,000.00")
    talk.presses("Save")

    assert column(house, town.people["oficina"], "registry_number") == "ISENTO"
    (row,) = house.rows(select(custom_value.c.key, custom_value.c.value))
    assert tuple(row) == ("capital_social", "150000.00")
    assert "custom:capital_social" in {
        row.field for row in house.rows(select(field_change.c.field))
    }


def test_a_person_is_not_exempt(ana: Talk) -> None:
    ana.says("change my registration")
    ana.presses("RG")
    ana.says("isento")

    ana.hears("Only a company can be exempt.", "What is the RG?")


def test_a_field_of_choices_is_chosen(
    ana: Talk, open_counter: Callable[..., House], house: House
) -> None:
    ana.house = open_counter(registration=Registration(custom=(REGIME,)))
    ana.says("change my registration")
    ana.presses("Regime")
    ana.presses("Presumido")
    ana.presses("Save")

    (row,) = house.rows(select(custom_value.c.value))
    assert row.value == "Presumido"


def test_what_is_only_to_be_seen_is_shown_and_said_to_be_so(
    ana: Talk, open_counter: Callable[..., House]
) -> None:
    only_see = dict.fromkeys(
        ("born_on", "registry_number", "email", "phone", "address", "contacts"), "see"
    )
    ana.house = open_counter(registration=rules(**only_see))
    ana.says("my registration")

    ana.hears("E-mail: a***@e***.com", "Here you can see your registration, but not change it.")
    ana.says("change my registration")
    ana.hears_only(
        "Here you can see your registration, but not change it. If something is wrong, write human."
    )


def test_what_is_off_is_not_shown(ana: Talk, open_counter: Callable[..., House]) -> None:
    ana.house = open_counter(registration=rules(phone="off"))
    ana.says("my registration")
    ana.hears_no("Phone")
    ana.presses("Change something")
    assert "Phone" not in [b.label for b in ana.heard[-1].buttons]


def test_switched_off_it_is_not_there(ana: Talk, open_counter: Callable[..., House]) -> None:
    ana.house = open_counter(features=FEATURES)
    ana.says("my registration")

    ana.hears_only("That is not available here at the moment.")


def test_a_permission_group_has_permissions_of_its_own(
    ana: Talk, open_counter: Callable[..., House], house: House, town: Town
) -> None:
    house.writes(
        lambda write: write.run(
            update(customer)
            .where(customer.c.id == town.people["ana"])
            .values(permission_group="small")
        )
    )
    ana.house = open_counter(
        registration=Registration(groups={"small": {"email": "see", "address": "off"}})
    )
    ana.says("change my registration")

    ana.sees("Birth date", "RG", "Phone")


def test_a_permission_taken_away_before_the_save_counts(
    ana: Talk, open_counter: Callable[..., House], house: House, town: Town
) -> None:
    ana.says("change my registration")
    ana.presses("RG")
    ana.says("12.345.678-9")
    ana.presses("Birth date")
    ana.says("10/02/1990")
    ana.house = open_counter(registration=rules(registry_number="see"))
    ana.presses("Save")

    assert column(house, town.people["ana"], "registry_number") is None


def test_what_needs_approval_waits_for_staff(
    ana: Talk, open_counter: Callable[..., House], house: House, town: Town
) -> None:
    ana.house = open_counter(registration=rules(registry_number="approval"))
    ana.says("change my registration")
    ana.presses("RG")
    ana.says("12.345.678-9")
    ana.presses("Save")

    ana.hears("RG: our team will check it, and then it counts.")
    assert waiting(house) == [("registry_number", "staff")]
    assert column(house, town.people["ana"], "registry_number") is None


def test_a_double_tap_on_save_saves_once(ana: Talk, house: House) -> None:
    ana.says("change my registration")
    ana.presses("RG")
    ana.says("12.345.678-9")
    ana.presses("Save")
    ana.taps_again()

    assert len(house.rows(select(field_change.c.id))) == 1


def test_a_stale_press_changes_nothing(ana: Talk, house: House) -> None:
    ana.says("change my registration")
    before = ana.nonce
    ana.presses("RG")
    ana.says("12.345.678-9")
    ana.presses_data(f"{before}:1")

    ana.hears("That button is from an earlier question.", "Not saved yet:")


def test_who_types_instead_of_pressing_gets_there_too(
    visit: Visit, house: House, town: Town
) -> None:
    talk = identified(visit, door="text")
    talk.says("my registration")
    talk.says("1")
    talk.says("rg")
    talk.says("12.345.678-9")
    talk.says("save")

    assert column(house, town.people["ana"], "registry_number") == "12.345.678-9"


def test_in_lists_a_long_list_of_fields_has_a_second_page(visit: Visit) -> None:
    talk = identified(visit, "oficina", door="lists")
    talk.says("change my registration")
    talk.presses("Opening date")
    talk.says("10/02/1990")
    talk.says("more")

    assert "Discard the changes" in [b.label for b in talk.heard[-1].buttons]


def test_what_is_shown_is_ones_own_alone(ana: Talk, visit: Visit, house: House, town: Town) -> None:
    bruno = identified(visit, "bruno")
    bruno.says("change my registration")
    bruno.presses("RG")
    bruno.says("99.888.777-6")
    bruno.presses("Save")

    assert column(house, town.people["ana"], "registry_number") is None
    ana.says("my registration")
    ana.hears_no("Bruno")


# ------------------------------------------------------------------ in Portuguese


def test_em_portugues(visit: Visit, house: House, town: Town) -> None:
    talk = visit()
    talk.identifies("ana")
    talk.says("meu cadastro")
    talk.hears("Este é o seu cadastro:", "E-mail: a***@e***.com")
    talk.presses("Mudar algo")
    talk.presses("Data de nascimento")
    talk.says("10/02/1990")
    talk.presses("Salvar")

    talk.hears("✅ Salvo: Data de nascimento. Seu cadastro está em dia.")
