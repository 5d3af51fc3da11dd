"""Settings of lateness: when access ends, and how far a customer is taken at his word."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from bot.core.brand import Trust
from bot.settings.kinds import Section


class BlockSettings(Section):
    """When access ends for what is not paid."""

    after_days: int = Field(0, ge=0, le=365)


class UnlockSettings(Section):
    """Access for some days on trust; `days` 0: there is none."""

    days: int = Field(0, ge=0, le=30)
    every_days: int = Field(30, ge=1, le=365)

    @model_validator(mode="after")
    def _not_for_ever(self) -> Self:
        if self.every_days <= self.days:
            raise ValueError("more every_days than days, for the next unlock comes after this one")
        return self


class PromiseSettings(Section):
    """The farthest day a payment can be promised for; `days` 0: none is taken."""

    days: int = Field(5, ge=0, le=60)


def trust_of(block: BlockSettings, unlock: UnlockSettings, promise: PromiseSettings) -> Trust:
    """The same as the machine knows it."""
    return Trust(block.after_days, unlock.days, unlock.every_days, promise.days)


__all__ = ["BlockSettings", "PromiseSettings", "UnlockSettings", "trust_of"]
