"""Settings of a brand: whose counter it is, and what its customers may do."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from bot.domain import charges
from bot.settings.gateways import GatewaySettings
from bot.settings.kinds import Email, Language, Phone, PixKey, Section, Slug, TaxId, Zone
from bot.settings.promises import BlockSettings, PromiseSettings, UnlockSettings
from bot.settings.registration import CustomFieldSettings, RegistrationSettings


class PixSettings(Section):
    """Where PIX payments go."""

    key: PixKey
    name: str = Field(min_length=1, max_length=25)
    city: str = Field(min_length=1, max_length=15)


class Terms(Section):
    """What lateness costs."""

    fine_percent: Decimal = Decimal(2)
    interest_percent_month: Decimal = Decimal(1)
    rounding: Literal["ROUND_HALF_UP", "ROUND_DOWN", "ROUND_HALF_EVEN"] = "ROUND_HALF_UP"

    @model_validator(mode="after")
    def _within_the_law(self) -> Self:
        charges.check_terms(self.fine_percent, self.interest_percent_month)
        return self


class DocumentSettings(Section):
    """What opens a document."""

    login_required: bool = True
    link_days: int = Field(30, ge=1, le=365)
    kinds: tuple[Annotated[str, Field(min_length=1, max_length=20)], ...] = ()


class People(Section):
    """How long the people of a customer have to answer each other."""

    approval_days: int = Field(7, ge=1, le=90)
    invite_days: int = Field(7, ge=1, le=90)


class Privacy(Section):
    """What an erasure leaves."""

    kept_documents: tuple[str, ...] = ("tax", "invoice")


class Features(Section):
    """What is switched on; what is off is in no menu."""

    email_second_copy: bool = True
    pix: bool = True
    boleto: bool = True
    pdf: bool = True
    already_paid: bool = True
    documents: bool = False
    send_documents: bool = False
    contracts: bool = False
    registration: bool = True
    statements: bool = True
    income_tax: bool = True
    clearance: bool = True
    privacy: bool = True


class BrandSettings(Section):
    """Whose counter it is."""

    id: Slug
    name: str = Field(min_length=1, max_length=60)
    legal_name: str = ""
    tax_id: TaxId = ""
    address: tuple[str, ...] = ()
    phone: Phone = ""
    email: Email = ""
    site: str = ""
    hours: str = ""
    color: str = Field("#0b6e4f", pattern=r"^#[0-9a-fA-F]{6}$")
    time_zone: Zone = "America/Sao_Paulo"
    language: Language = "pt_BR"
    pix: PixSettings | None = None
    terms: Terms = Terms()
    registration: RegistrationSettings = RegistrationSettings()
    custom_fields: tuple[CustomFieldSettings, ...] = ()
    documents: DocumentSettings = DocumentSettings()
    people: People = People()
    gateway: GatewaySettings = GatewaySettings()
    block: BlockSettings = BlockSettings()
    unlock: UnlockSettings = UnlockSettings()
    promise: PromiseSettings = PromiseSettings()
    privacy: Privacy = Privacy()
    features: Features = Features()
