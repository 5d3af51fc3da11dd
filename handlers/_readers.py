"""The domain's rules as readers, with a kind sentence for each reason they refuse."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from bot.core.errors import Misread
from bot.core.message import Inbound, Text, _, ngettext
from bot.core.readers import Reader
from bot.domain.email import parse_email
from bot.domain.errors import Invalid
from bot.domain.tax_id import parse_tax_id

_MOST = 200
"""Characters looked at: a sentence around a number, not a letter."""
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))
"""Keyboards of phones make these of a hyphen."""
_SEPARATORS = re.compile(r"[.\-/\s]+")
_CPF = re.compile(r"(?<![0-9A-Z])\d{3}[.\-\s]*\d{3}[.\-\s]*\d{3}[.\-/\s]*\d{2}(?![0-9A-Z])", re.A)
_CNPJ = re.compile(
    r"(?<![0-9A-Z])[0-9A-Z]{2}[.\s]*[0-9A-Z]{3}[.\s]*[0-9A-Z]{3}[./\s]*[0-9A-Z]{4}[.\-\s]*\d{2}"
    r"(?![0-9A-Z])",
    re.A,
)
_NUMBER = re.compile(r"\d(?:[.\-/\s]*\d)*", re.A)


def tax_id_in(text: str) -> str | None:
    """The CPF or CNPJ that somebody wrote, bare, from whatever sentence it stands in; or None."""
    for candidate in _candidates(_tidy(text)):
        try:
            return parse_tax_id(_SEPARATORS.sub("", candidate))
        except Invalid:
            continue
    return None


def _tax_id(event: Inbound) -> str:
    found = tax_id_in(event.text or "")
    if found is None:
        raise Misread(_why(_tidy(event.text or "")))
    return found


def _tidy(text: str) -> str:
    return unicodedata.normalize("NFKC", text)[:_MOST].translate(_DASHES).upper()


def _candidates(text: str) -> Iterator[str]:
    """The text itself, and what of it has the shape of a tax id ("meu cpf é 529.982.247-25")."""
    yield text
    for shape in (_CPF, _CNPJ):
        yield from shape.findall(text)


def _why(text: str) -> Text:
    numbers = [_SEPARATORS.sub("", each) for each in _NUMBER.findall(text)]
    if not numbers:
        return _("Please write your CPF (11 digits) or CNPJ (14 characters), with or without dots.")
    if _CPF.search(text) or _CNPJ.search(text) or any(len(each) in (11, 14) for each in numbers):
        return _("Some digit of that CPF or CNPJ is wrong. Please check it and write it again.")
    return ngettext(
        "I counted {count} digit, but a CPF has 11 and a CNPJ has 14. Please write it again.",
        "I counted {count} digits, but a CPF has 11 and a CNPJ has 14. Please write it again.",
        max(map(len, numbers)),
    )


TAX_ID: Reader[str] = Reader(_tax_id, lambda bare: bare, str)
"""`tax_id_in`, or what is wrong with what was written."""

_NEAR_AT = re.compile(r"[^\s,;:<>()\"']*@[^\s,;:<>()\"']*")


def _email(event: Inbound) -> str:
    text = (event.text or "").strip()
    near = _NEAR_AT.search(text)
    try:
        return parse_email(near[0].rstrip(".!?") if near else text)
    except Invalid as refusal:
        raise Misread(_EMAIL_REASONS.get(refusal.code, _EMAIL_REASONS[""])) from refusal


def email_in(text: str) -> str | None:
    """The e-mail that somebody wrote, from whatever sentence it stands in; or None."""
    near = _NEAR_AT.search(text)
    try:
        return parse_email(near[0].rstrip(".!?")) if near else None
    except Invalid:
        return None


_EMAIL_REASONS: Mapping[str, Text] = {
    "characters": _("An e-mail has no accents, spaces or special signs. Please check it."),
    "no_domain": _("An e-mail looks like name@example.com. Please write it whole."),
    "too_long": _("That is too long for an e-mail. Please check it."),
    "": _("I could not read an e-mail there. Please check it and write it again."),
}

EMAIL: Reader[str] = Reader(_email, lambda address: address, str)
"""An e-mail address, from whatever sentence it stands in."""

_LEAST_WISH = 10
"""Shorter is no wish yet; the universal words are shorter, and so they keep working."""
_MOST_WISH = 1500


def _wish(event: Inbound) -> str:
    said = (event.text or "").strip()
    if len(said) < _LEAST_WISH:
        raise Misread(_("Please tell us a little more, so that our team can help you at once."))
    if len(said) > _MOST_WISH:
        raise Misread(_("That is too long. Please use at most {most} characters.", most=_MOST_WISH))
    return said


WISH: Reader[str] = Reader(_wish, lambda said: said, str)
"""What a person wants of the team, in a sentence or two."""
