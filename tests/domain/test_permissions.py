"""Who may see and change which field: the brand says it, a group says otherwise, a role decides the way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.permissions import DEFAULTS, Permission, Way, permission, way
from bot.domain.roles import Role

_permissions = st.sampled_from([each.value for each in Permission])
_fields = st.sampled_from([*DEFAULTS, "capital_social"])


def asked(field: str, **more: object) -> Permission:
    return permission(field, **{"brand": {}, "groups": {}} | more)  # type: ignore[arg-type]


def test_what_nobody_says_is_as_always() -> None:
    assert asked("email") is Permission.EDIT
    assert asked("name") is Permission.SEE


def test_a_field_nobody_knows_is_off() -> None:
    assert asked("shoe_size") is Permission.OFF


def test_a_field_of_the_brands_own_has_its_own_default() -> None:
    assert asked("capital_social", default=Permission.SEE) is Permission.SEE


@given(_fields, _permissions, _permissions)
def test_a_group_wins_over_the_brand_for_its_own_customers_alone(
    field: str, brands: str, groups: str
) -> None:
    said = {"brand": {field: brands}, "groups": {"small": {field: groups}}}

    assert asked(field, **said, group="small") == asked(field, brand={field: groups})
    assert asked(field, **said, group="large") == asked(field, **said)
    assert asked(field, **said) == asked(field, brand={field: brands})


@given(_permissions, _permissions)
def test_a_tax_id_is_never_edited(brands: str, groups: str) -> None:
    found = asked("tax_id", brand={"tax_id": brands}, groups={"g": {"tax_id": groups}}, group="g")

    assert found in (Permission.OFF, Permission.SEE)


@pytest.mark.parametrize("allowed", [Permission.OFF, Permission.SEE])
@pytest.mark.parametrize("role", [*Role, None])
def test_what_is_not_to_be_edited_is_refused_to_everybody(
    allowed: Permission, role: Role | None
) -> None:
    assert way(allowed, role) is Way.REFUSED


@pytest.mark.parametrize("allowed", [*Permission])
def test_nobodys_person_changes_nothing(allowed: Permission) -> None:
    assert way(allowed, None) is Way.REFUSED


def test_an_administrators_change_counts_and_a_collaborators_waits_for_one() -> None:
    assert way(Permission.EDIT, Role.ADMINISTRATOR) is Way.COUNTS
    assert way(Permission.EDIT, Role.COLLABORATOR) is Way.ADMINISTRATOR


@pytest.mark.parametrize("role", [*Role])
def test_what_staff_approves_waits_for_staff_whoever_asks(role: Role) -> None:
    assert way(Permission.APPROVAL, role) is Way.STAFF
