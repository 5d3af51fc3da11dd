"""Settings of the registration: what an operator writes, and the line each mistake gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.app import brand_of
from bot.core.brand import CustomField
from bot.settings import Problem, load

BRAND = '[[brands]]\nid = "vento"\nname = "Vento Sul"\n'
CAPITAL = """
[[brands.custom_fields]]
key = "capital_social"
label = { pt_BR = "Capital social" }
type = "money"
"""


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("BALCAO_"):
            monkeypatch.delenv(name)


def complaint(folder: Path, text: str) -> str:
    path = folder / "config.toml"
    path.write_text(BRAND + text, encoding="utf-8")
    with pytest.raises(Problem) as caught:
        load(path)
    return str(caught.value)


def test_permissions_and_fields_reach_the_brand(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        BRAND + "[brands.registration]\nconfirm_every_months = 6\n"
        '[brands.registration.fields]\nemail = "see"\n'
        '[brands.registration.groups.small]\ncapital_social = "approval"\n' + CAPITAL,
        encoding="utf-8",
    )
    (settings,) = load(path).brands
    rules = brand_of(settings, mail=False).registration

    assert rules.fields == {"email": "see"}
    assert rules.groups == {"small": {"capital_social": "approval"}}
    assert rules.confirm_every_months == 6
    assert rules.custom == (CustomField("capital_social", {"pt_BR": "Capital social"}, "money"),)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            '[brands.registration.fields]\nemial = "see"\n',
            "brands.vento.registration.fields.emial: is no field; fields are tax_id, name,",
        ),
        (
            '[brands.registration.groups.small]\nshoe = "see"\n',
            "brands.vento.registration.groups.small.shoe: is no field",
        ),
        (
            '[brands.registration.fields]\nemail = "sea"\n',
            "registration.fields.email: holds 'sea'; may hold 'off', 'see', 'edit' or 'approval'",
        ),
        (
            "[brands.registration]\nconfirm_every_months = -1\n",
            "registration.confirm_every_months: holds -1; may hold 0 or more",
        ),
        (
            '[brands.registration]\npostal_code_url = "https://cep.example.com/"\n',
            "registration.postal_code_url: holds 'https://cep.example.com/'; may hold what matches",
        ),
        (CAPITAL + CAPITAL, "custom_fields: holds the key 'capital_social', which another field"),
        (
            CAPITAL.replace("capital_social", "email"),
            "custom_fields: holds the key 'email', which another field has",
        ),
        (
            CAPITAL.replace("money", "coins"),
            "custom_fields.0.type: holds 'coins'; may hold 'text',",
        ),
        (CAPITAL.replace("money", "choice"), "two or more different choices"),
        (CAPITAL + 'choices = ["a", "b"]\n', "choices for the type 'choice' alone"),
        (CAPITAL.replace('"capital_social"', '"Capital Social"'), "custom_fields.0.key: holds"),
        (CAPITAL.replace("{ pt_BR", "{ fr"), "custom_fields.0.label.fr"),
    ],
)
def test_each_mistake_gets_a_line_of_its_own(tmp_path: Path, text: str, told: str) -> None:
    assert told in complaint(tmp_path, text)
