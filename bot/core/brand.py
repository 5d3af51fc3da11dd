"""The brand whose counter it is, as the operator configured it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Pix:
    """Where PIX payments of the brand go; `name` and `city` as the BR Code shows them."""

    key: str
    name: str
    city: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What lateness costs: percents, and how interest is rounded to centavos."""

    fine_percent: Decimal = Decimal(2)
    """Once; at most 2 (CDC art. 52 §1)."""
    interest_percent_month: Decimal = Decimal(1)
    """Pro rata on 30 days."""
    rounding: str = "ROUND_HALF_UP"


@dataclass(frozen=True, slots=True)
class Brand:
    """Who the counter belongs to. `id` is its short name in the configuration and in rows."""

    id: str
    name: str
    legal_name: str = ""
    tax_id: str = ""
    """Bare CNPJ or CPF of the beneficiary."""
    address: tuple[str, ...] = ()
    phone: str = ""
    """E.164."""
    email: str = ""
    """Where people's wishes for a human go, and Reply-To of mails."""
    site: str = ""
    hours: str = ""
    """Business hours in the brand's own words."""
    color: str = "#0b6e4f"
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("America/Sao_Paulo"))
    locale: str = "pt_BR"
    currency: str = "BRL"
    pix: Pix | None = None
    terms: Terms = Terms()
    features: Mapping[str, bool] = field(default_factory=dict)

    def has(self, feature: str) -> bool:
        """Whether the operator switched a feature on; an unknown one is off."""
        return self.features.get(feature, False)
