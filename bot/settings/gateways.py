"""Settings of a brand's payment gateway."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Literal, Self

from pydantic import Field, model_validator

from bot.settings.kinds import Section, Variable

SHORTEST_TOKEN = 32
"""Characters of a webhook's token: Asaas takes 32 to 255."""


class GatewaySettings(Section):
    """Through which gateway a brand is paid."""

    kind: Literal["offline", "asaas"] = "offline"
    token_env: Variable = ""
    webhook_token_env: Variable = ""
    url: str = Field("production", pattern=r"^(production|sandbox|https?://[^\s/]+(/[^\s]*)?)$")
    forms: tuple[Literal["boleto", "pix", "card"], ...] = ()
    cards: tuple[Literal["credit", "debit"], ...] = ()
    per_second: float = Field(5, gt=0)

    @model_validator(mode="after")
    def _of_its_kind(self) -> Self:
        if self.kind == "offline":
            theirs = {"token_env", "webhook_token_env", "url", "cards", "per_second"}
            for setting in sorted(self.model_fields_set & theirs):
                raise ValueError(f"{setting!r} is no setting of kind 'offline'; remove it")
            if "card" in self.forms:
                raise ValueError("forms without 'card': only a gateway takes cards")
        return self

    @property
    def offered(self) -> tuple[str, ...]:
        """The forms of payment a customer may choose."""
        if self.forms:
            return self.forms
        return ("boleto", "pix") if self.kind == "offline" else ("boleto", "pix", "card")

    @property
    def card_kinds(self) -> tuple[str, ...]:
        """The kinds of card a customer may add."""
        if self.cards or "card" not in self.offered:
            return self.cards
        return ("credit", "debit")

    @property
    def variables(self) -> set[str]:
        """The variables its secrets are in."""
        return {self.token_env, self.webhook_token_env} - {""}

    def faults(self, name: str) -> Iterator[str]:
        """What is missing, a line each; `name` is the setting that this table is."""
        if self.kind == "offline":
            return
        for setting, what in (
            ("token_env", "the gateway's API key"),
            ("webhook_token_env", "the token the gateway sends with its events"),
        ):
            variable = getattr(self, setting)
            if not variable:
                yield (
                    f"{name}.{setting}: is missing;"
                    f" it may hold the name of the variable with {what}"
                )
            elif not os.environ.get(variable):
                yield (
                    f"{name}.{setting}: holds {variable!r},"
                    f" and no such variable is set; set it to {what}"
                )
        token = os.environ.get(self.webhook_token_env, "") if self.webhook_token_env else ""
        if token and len(token) < SHORTEST_TOKEN:
            yield (
                f"{name}.webhook_token_env: {self.webhook_token_env} is too short;"
                f" it may hold {SHORTEST_TOKEN} to 255 random characters"
            )
