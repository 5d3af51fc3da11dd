"""Settings of the registration: what customers may see and change of it, and fields of the brand's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from bot.core.brand import CustomField, Registration
from bot.domain.fields import CustomKind
from bot.domain.permissions import DEFAULTS
from bot.settings.kinds import Language, Section

Allowed = Literal["off", "see", "edit", "approval"]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Group = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
Label = Annotated[str, Field(min_length=1, max_length=40)]


class CustomFieldSettings(Section):
    """A field of the brand's own in every registration."""

    key: Key
    label: Mapping[Language, Label] = Field(min_length=1)
    type: CustomKind = "text"
    choices: tuple[Annotated[str, Field(min_length=1, max_length=60)], ...] = ()
    required: bool = False
    editable: bool = True
    of: tuple[Literal["PF", "PJ"], ...] = ("PF", "PJ")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.type == "choice" and len({each.casefold() for each in self.choices}) < 2:
            raise ValueError("two or more different choices, for the type 'choice'")
        if self.type != "choice" and self.choices:
            raise ValueError("choices for the type 'choice' alone")
        return self


class RegistrationSettings(Section):
    """What customers may do with their registration themselves."""

    confirm_every_months: int = Field(0, ge=0, le=120)
    postal_code_url: str = Field("", pattern=r"^(https?://[^\s/]+/\S*\{postal_code\}\S*)?$")
    fields: Mapping[str, Allowed] = Field(default_factory=dict)
    groups: Mapping[Group, Mapping[str, Allowed]] = Field(default_factory=dict)

    def unknown(self, custom: frozenset[str]) -> str | None:
        """A field that is named here and that nobody knows, with where it is named; None if all are."""
        places = {"fields": self.fields, **{f"groups.{g}": f for g, f in self.groups.items()}}
        for place, named in places.items():
            for field in named:
                if field not in DEFAULTS and field not in custom:
                    return f"{place}.{field}"
        return None


def rules_of(rules: RegistrationSettings, custom: tuple[CustomFieldSettings, ...]) -> Registration:
    """The same as the machine knows it."""
    fields = tuple(
        CustomField(
            each.key,
            {str(locale): label for locale, label in each.label.items()},
            each.type,
            each.required,
            each.editable,
            each.of,
            each.choices,
        )
        for each in custom
    )
    return Registration(
        rules.fields,
        rules.groups,
        fields,
        rules.confirm_every_months,
        looks_up=bool(rules.postal_code_url),
    )


def check_custom(
    brand: str, fields: tuple[CustomFieldSettings, ...], rules: RegistrationSettings
) -> None:
    """Raises ValueError, a line for the operator, where names clash or are unknown."""
    keys = [each.key for each in fields]
    for key in keys:
        if keys.count(key) > 1 or key in DEFAULTS:
            raise ValueError(
                f"brands.{brand}.custom_fields: holds the key {key!r}, which another field has;"
                " may hold each key once"
            )
    unknown = rules.unknown(frozenset(keys))
    if unknown is not None:
        raise ValueError(
            f"brands.{brand}.registration.{unknown}: is no field; fields are"
            f" {', '.join([*DEFAULTS, *keys])}"
        )


__all__ = ["CustomFieldSettings", "RegistrationSettings", "check_custom", "rules_of"]
