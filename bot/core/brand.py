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
class PeopleRules:
    """How long the people of a customer have to answer each other, in days."""

    approval_days: int = 7
    """Until a wish that an administrator has to decide runs out."""
    invite_days: int = 7
    """Until an invite link runs out."""


@dataclass(frozen=True, slots=True)
class CustomField:
    """A field that the brand itself put into every registration ("Capital social")."""

    key: str
    label: Mapping[str, str]
    """By language; one of them is enough."""
    kind: str = "text"
    """text · number · money · date · choice · yes-no"""
    required: bool = False
    editable: bool = True
    of: tuple[str, ...] = ("PF", "PJ")
    choices: tuple[str, ...] = ()

    def called(self, locale: str) -> str:
        """Its label in a language, or in the first one it has."""
        return self.label.get(locale) or next(iter(self.label.values()))


@dataclass(frozen=True, slots=True)
class Registration:
    """What customers may do with their registration; permissions by field: off, see, edit, approval."""

    fields: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By permission group, then by field."""
    custom: tuple[CustomField, ...] = ()
    confirm_every_months: int = 0
    """0: nobody is asked."""
    looks_up: bool = False
    """An address is looked up by its CEP."""


@dataclass(frozen=True, slots=True)
class DocumentRules:
    """What opens a document of a customer, and for how long."""

    login_required: bool = True
    """Whether one must be known to open one; a customer or a document may say otherwise."""
    link_days: int = 30
    """How long the link in a mail opens its document."""
    kinds: tuple[str, ...] = ()
    """Of what kinds customers send documents, in the business's own words; none: it is not asked."""


@dataclass(frozen=True, slots=True)
class PrivacyRules:
    """What an erasure leaves."""

    kept_documents: tuple[str, ...] = ("tax", "invoice")
    """The kinds of document that tax law has kept for five years, whoever wants to be erased."""


@dataclass(frozen=True, slots=True)
class Payments:
    """Through which gateway the brand is paid, and what that gateway can do."""

    gateway: str = "offline"
    """The account's name; calls to it are in the lane `gateway:<name>`."""
    kind: str = "offline"
    """offline: own PIX code, staff confirms by hand · asaas"""
    forms: tuple[str, ...] = ("boleto", "pix")
    """What a customer may choose: boleto, pix, card."""
    cards: tuple[str, ...] = ()
    """Kinds of card that can be added by its page: credit, debit."""
    confirms: bool = False
    """The gateway reports what is paid; otherwise staff confirms it."""


@dataclass(frozen=True, slots=True)
class Trust:
    """What lateness leads to, and how far a customer is taken at his word, in days."""

    block_after_days: int = 0
    """Access ends once an invoice is late by more than so many days."""
    unlock_days: int = 0
    """Access on trust lasts so long; 0: there is none."""
    unlock_every_days: int = 30
    """From one trust unlock to the next."""
    promise_days: int = 0
    """The farthest day a payment can be promised for; 0: none is taken."""


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
    people: PeopleRules = PeopleRules()
    registration: Registration = field(default_factory=Registration)
    documents: DocumentRules = DocumentRules()
    payments: Payments = Payments()
    privacy: PrivacyRules = PrivacyRules()
    trust: Trust = Trust()
    features: Mapping[str, bool] = field(default_factory=dict)

    def has(self, feature: str) -> bool:
        """Whether the operator switched a feature on; an unknown one is off."""
        return self.features.get(feature, False)
