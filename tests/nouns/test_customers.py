"""Customers are found by id, tax id and phone, in their own brand, in one query."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from bot.domain.errors import Invalid
from bot.domain.standing import Status
from storage import customers
from storage.tables import contact

from .conftest import NOBODYS, OTHER, Folk
from .desk import Desk


def test_a_customer_comes_with_the_primary_email_and_phone_in_one_query(
    desk: Desk, folk: Folk
) -> None:
    with desk.statements() as seen, desk.begin() as read:
        ana = customers.get(read, folk["ana"])
    assert len(seen) == 1
    assert ana is not None
    assert (ana.name, ana.email, ana.phone) == (
        "Ana Prado Nogueira", "ana@example.com", "+5511900000012",
    )  # fmt: skip
    assert ana.status is Status.ACTIVE
    assert ana.can_be_mailed
    assert ana.address == (
        "Rua das Quaresmeiras, 12", "Jardim Novo", "Atibaia - SP, 12940-000",
    )  # fmt: skip


def test_a_customer_without_contacts_or_address_is_found_all_the_same(
    desk: Desk, folk: Folk
) -> None:
    carla = desk.turn(customers.get, folk["carla"])
    assert carla is not None
    assert (carla.email, carla.phone, carla.address) == (None, None, ())
    assert not carla.can_be_mailed


def test_an_email_that_came_back_can_not_be_mailed(desk: Desk, folk: Folk) -> None:
    desk.turn(lambda write: write.run(update(contact).values(bad="bad_address")))
    ana = desk.turn(customers.get, folk["ana"])
    assert ana is not None
    assert ana.email == "ana@example.com"
    assert ana.email_bad == "bad_address"
    assert not ana.can_be_mailed


def test_a_letter_begins_with_a_first_name_or_a_trade_name(desk: Desk, folk: Folk) -> None:
    assert [
        found.first_name
        for name in ("ana", "matriz", "filial")
        if (found := desk.turn(customers.get, folk[name]))
    ] == ["Ana", "Sabiá Motores", "Oficina Sabiá Ltda"]


def test_a_tax_id_finds_its_customer_and_nobodys_finds_none(desk: Desk, folk: Folk) -> None:
    found = desk.turn(customers.by_tax_id, folk.tax_ids["matriz"])
    assert found is not None
    assert found.id == folk["matriz"]
    assert desk.turn(customers.by_tax_id, NOBODYS) is None


def test_another_brand_finds_nobody_of_this_one(desk: Desk, folk: Folk) -> None:
    desk.brand = OTHER
    assert desk.turn(customers.get, folk["ana"]) is None
    assert desk.turn(customers.by_tax_id, folk.tax_ids["ana"]) is None
    assert desk.turn(customers.by_phone, "+5511900000012") == ()
    assert desk.turn(customers.group_of, folk["matriz"]) == ()
    assert desk.turn(customers.contacts, folk["ana"]) == ()


def test_a_phone_finds_whoever_has_it(desk: Desk, folk: Folk) -> None:
    assert [each.id for each in desk.turn(customers.by_phone, "+5511900000012")] == [folk["ana"]]
    assert desk.turn(customers.by_phone, "+5511900000013") == ()


def test_a_mobile_is_the_same_with_and_without_its_ninth_digit(desk: Desk, folk: Folk) -> None:
    desk.turn(
        lambda write: write.run(
            update(contact).where(contact.c.customer == folk["davi"]).values(value="+551186543210")
        )
    )
    assert [each.id for each in desk.turn(customers.by_phone, "+5511986543210")] == [folk["davi"]]
    assert [each.id for each in desk.turn(customers.by_phone, "+551186543210")] == [folk["davi"]]


def test_a_mobile_is_not_the_landline_with_the_same_last_digits(desk: Desk, folk: Folk) -> None:
    assert [each.id for each in desk.turn(customers.by_phone, "+551140000012")] == [folk["matriz"]]
    assert desk.turn(customers.by_phone, "+5511940000012") == ()


def test_what_is_no_phone_number_is_refused(desk: Desk, folk: Folk) -> None:
    with pytest.raises(Invalid):
        desk.turn(customers.by_phone, "900000012")


def test_a_group_is_its_matriz_and_then_its_filiais(desk: Desk, folk: Folk) -> None:
    expected = [folk["matriz"], folk["filial"]]
    for member in ("matriz", "filial"):
        assert [each.id for each in desk.turn(customers.group_of, folk[member])] == expected
    assert [each.id for each in desk.turn(customers.group_of, folk["ana"])] == [folk["ana"]]
    assert desk.turn(customers.group_of, 10**6) == ()


def test_contacts_are_listed_with_the_primary_ones_first(desk: Desk, folk: Folk) -> None:
    found = desk.turn(customers.contacts, folk["ana"])
    assert [(each.kind, each.value, each.is_primary) for each in found] == [
        ("email", "ana@example.com", True),
        ("email", "ana.prado@example.org", False),
        ("phone", "+5511900000012", True),
    ]
