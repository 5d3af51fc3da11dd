"""The domain's rules as readers, with a kind sentence for each reason they refuse."""

from __future__ import annotations

from bot.core.message import _
from bot.core.readers import Reader, parsed
from bot.domain.tax_id import parse_tax_id

TAX_ID: Reader[str] = parsed(
    parse_tax_id,
    {
        "empty": _("Please write your CPF (11 digits) or CNPJ (14 characters)."),
        "length": _(
            "A CPF has 11 digits and a CNPJ has 14 characters. Please check and write it again."
        ),
        "check_digit": _(
            "That CPF or CNPJ has a typo somewhere. Please check it and write it again."
        ),
        "": _("I could not read a CPF or CNPJ there. Please write just its digits (or letters)."),
    },
)
