"""What a setting may hold: the kinds of values that several sections share."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bot.domain import pix
from bot.domain.email import parse_email
from bot.domain.phone import parse_phone
from bot.domain.tax_id import parse_tax_id


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("a time zone name such as America/Sao_Paulo") from error
    return name


def or_empty(parse: Any, may: str) -> Any:
    def check(value: str) -> str:
        if not value:
            return value
        try:
            parsed: str = parse(value)
        except ValueError as error:
            raise ValueError(f"{may} ({error})") from error
        return parsed

    return AfterValidator(check)


Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
TaxId = Annotated[str, or_empty(parse_tax_id, "a CPF or CNPJ with right check digits, or empty")]
Phone = Annotated[str, or_empty(parse_phone, "a phone with its area code, or empty")]
Email = Annotated[str, or_empty(parse_email, "an e-mail address, or empty")]
PixKey = Annotated[str, or_empty(pix.parse_key, "a PIX key: CPF, CNPJ, phone, e-mail or UUID")]
Language = Literal["pt_BR", "en", "es"]
Variable = Annotated[str, Field(pattern=r"^([A-Z_][A-Z0-9_]*)?$")]
BotName = Annotated[str, Field(min_length=1, max_length=64)]
BotDescription = Annotated[str, Field(min_length=1, max_length=512)]
Zone = Annotated[str, AfterValidator(_zone)]


class Section(BaseModel):
    """A table of the file: frozen, and nothing in it but what is a setting."""

    model_config = ConfigDict(extra="forbid", frozen=True)
