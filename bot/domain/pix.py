"""PIX codes (BR Code): the "copy and paste" text behind the QR, written and read.

Sources: Banco Central, "Manual de Padrões para Iniciação do Pix" 2.10 and "Manual do BR Code"; EMV
QRCPS-MPM for the encoding. Own code, since published libraries cut long names silently, drop the
zeros of the checksum or read codes that no bank pays. Reading is strict where a payer would be
misled, and lenient where the manuals disagree (a hyphen in a txid) or only the payer's bank can tell
(whether a key exists).
"""

import re
import unicodedata
from binascii import crc_hqx
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from bot.domain.email import parse_email
from bot.domain.errors import Code, Invalid
from bot.domain.money import from_cents, to_cents
from bot.domain.phone import is_mobile, parse_phone
from bot.domain.tax_id import parse_cnpj, parse_cpf

NAME_LIMIT, CITY_LIMIT, KEY_LIMIT, AMOUNT_LIMIT = 25, 15, 77, 13
_FIELD_LIMIT = 99
_CODE_LIMIT = 512  # EMV's longest

_GUI = "br.gov.bcb.pix"
_NO_TXID = "***"

# Letters that Unicode does not take apart into a letter and an accent, and signs with a plain twin.
_PLAIN = str.maketrans(
    {
        "ø": "o", "Ø": "O", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ß": "ss", "ł": "l",
        "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i",
        "‘": "'", "’": "'", "“": '"', "”": '"', "‐": "-", "‑": "-", "–": "-", "—": "-",
    }
)  # fmt: skip

_STATIC_TXID = re.compile(r"[A-Za-z0-9]{1,25}|\*{3}")
_ANY_TXID = re.compile(r"[!-)+-~]{1,25}|\*{3}")
_ANY_KEY = re.compile(r"[!-~]{1,77}")
_AMOUNT = re.compile(r"[0-9]{1,10}(?:\.[0-9]{0,2})?")
_HEAD = re.compile(r"[0-9]{4}")
_ISPB = re.compile(r"[0-9]{8}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CPF_SHAPE = re.compile(r"[0-9]{11}|[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}")
_CNPJ_SHAPE = re.compile(
    r"[0-9A-Za-z]{14}|[0-9A-Za-z]{2}\.?[0-9A-Za-z]{3}\.?[0-9A-Za-z]{3}/[0-9A-Za-z]{4}-?[0-9]{2}"
)
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_URL = re.compile(  # host with a dot, then a path of RFC 3986's pchar; no scheme, port or query
    rf"{_LABEL}(?:\.{_LABEL})+(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{{2}})*)?"
)

Kind = Literal["static", "dynamic", "composite_static", "composite_dynamic", "recurrence_only"]


@dataclass(frozen=True, slots=True)
class PixCode:
    """What a valid PIX code says.

    `kind`: static (carries a key), dynamic (a url where the payer's bank fetches the bill), either
    with "composite_" if it also offers a recurrence (Pix Automático), or recurrence_only. `amount`:
    reais, None if open, and always None for a dynamic code, whose bill is what the url says. `txid`:
    as written, "***" for none. `single_use`: marked as payable once (field 01 = 12).
    """

    kind: Kind
    key: str | None
    url: str | None
    amount: Decimal | None
    name: str
    city: str
    txid: str
    recurrence_url: str | None = None
    description: str | None = None
    postal_code: str | None = None
    single_use: bool = False


def encode(
    key: str,
    name: str,
    city: str,
    amount: Decimal | None = None,
    txid: str = _NO_TXID,
    description: str | None = None,
) -> str:
    """A static PIX code.

    `key`: as `parse_key` takes it; `name` (25) and `city` (15) of the receiver, accents taken off;
    `amount`: reais, 0.01 to 9,999,999,999.99, None to leave it open; `txid`: 1 to 25 letters and
    digits, or "***" for none; `description`: as long as the key leaves room (99 for both).
    Raises `Invalid`: key, too_long, empty, characters, amount, sub_cent, txid. Nothing is cut.
    """
    account = _field("00", _GUI) + _field("01", parse_key(key))
    if description is not None and (info := _ascii(description)):
        account += _field("02", info)
    if not _STATIC_TXID.fullmatch(txid):
        raise Invalid("txid", "A txid is 1 to 25 letters and digits, or *** for none.")
    return _code("", account, amount, name, city, txid)


def encode_dynamic(url: str, name: str, city: str) -> str:
    """A dynamic PIX code, marked as payable once: the payer's bank fetches the bill at `url`.

    `url`: without scheme, at most 77 characters. Raises `Invalid`: url, too_long, empty, characters.
    """
    _check_url(url)
    account = _field("00", _GUI) + _field("25", url)
    return _code(_field("01", "12"), account, None, name, city, _NO_TXID)


def parse_key(text: str) -> str:
    """A PIX key as the Banco Central's directory (DICT) stores it, whatever mask it was typed with.

    CPF: 11 digits; CNPJ: 14 characters, upper case; mobile: `+55…`; e-mail and random key: lower
    case. Eleven bare digits are a CPF: a mobile needs its +55, or parentheses or dashes.
    Raises `Invalid` ("key", or "too_long" over 77 characters).
    """
    key = text.strip()
    if len(key) > KEY_LIMIT:
        raise Invalid("too_long", "A PIX key has at most 77 characters.")
    if not key.isascii():  # before lower(), which turns some letters (the Kelvin sign) into ASCII
        raise Invalid("key", "A PIX key is plain ASCII.")
    if _UUID.fullmatch(key.lower()):
        return key.lower()
    try:
        if "@" in key:
            return parse_email(key).lower()
        if _CPF_SHAPE.fullmatch(key):
            return parse_cpf(key)
        if _CNPJ_SHAPE.fullmatch(key) and not key.startswith("+"):
            return parse_cnpj(key)
        phone = parse_phone(key)
    except Invalid as error:
        raise Invalid("key", f"Not a PIX key: {error}") from error
    if not is_mobile(phone):
        raise Invalid("key", "Only a Brazilian mobile can be a PIX key.")
    return phone


def decode(code: str) -> PixCode:
    """Read a PIX code; white space around it is forgiven, nothing inside it.

    Raises `Invalid`: empty, characters (not printable ASCII), crc (cut short or altered, or its last
    four digits in lower case), structure (lengths, order, a field twice), missing, value (version,
    currency, country), not_pix, target (key and url, or neither), key, url, amount, txid, too_long.
    """
    text = code.strip()
    if not text:
        raise Invalid("empty", "No PIX code was given.")
    if not (text.isascii() and text.isprintable()):
        raise Invalid("characters", "A PIX code is printable ASCII.")
    if len(text) > _CODE_LIMIT:
        raise Invalid("too_long", "A PIX code has at most 512 characters.")
    if text[-8:-4] != "6304" or text[-4:] != _crc(text[:-4]):
        raise Invalid("crc", "The checksum of this PIX code does not match.")
    fields = _fields(text)
    tags = list(fields)
    if tags[0] != "00" or tags[-1] != "63":
        raise Invalid("structure", "A PIX code starts with field 00 and ends with field 63.")
    return _pix_code(fields)


def find(text: str) -> PixCode | None:
    """The first valid PIX code anywhere in a text, or None."""
    start = text.find("000201")
    while start >= 0:
        end = _end(text, start)
        if end is not None:
            try:
                return decode(text[start:end])
            except Invalid:
                pass  # starts like one, and is none: look on
        start = text.find("000201", start + 1)
    return None


def looks_like_pix(text: str) -> bool:
    """Whether a text holds what was meant as a PIX code, damaged perhaps.

    Where this is true and `find` finds nothing, it was cut or altered on the way.
    """
    return _GUI in text.lower() and "0002" in text


def _pix_code(fields: Mapping[str, str]) -> PixCode:
    _fixed(fields, "00", "01")
    single_use = fields.get("01") == "12"
    if "01" in fields and fields["01"] not in ("11", "12"):
        raise Invalid("value", "Field 01 of a PIX code is 11 or 12.")
    if not re.fullmatch(r"[0-9]{4}", _need(fields, "52")):
        raise Invalid("value", "The merchant category of a PIX code has four digits.")
    _fixed(fields, "53", "986")
    _fixed(fields, "58", "BR")
    account = _pix_template(fields, 26, 51)
    if account is None:
        raise Invalid("not_pix", "This payment code is not for PIX.")
    recurrence = _pix_template(fields, 80, 99) or {}
    key, url, recurrence_url = account.get("01"), account.get("25"), recurrence.get("25")
    if key is not None and url is not None:
        raise Invalid("target", "A PIX code carries a key or a url, not both.")
    if key is None and url is None and recurrence_url is None:
        raise Invalid("target", "This PIX code carries neither key nor url.")
    if key is not None and not _ANY_KEY.fullmatch(key):
        raise Invalid("key", "A PIX key has 1 to 77 characters and no spaces.")
    for location in (url, recurrence_url):
        if location is not None:
            _check_url(location)
    withdrawal = account.get("03")  # the ISPB of who hands out cash (Pix Saque)
    if withdrawal is not None and (key is None or not _ISPB.fullmatch(withdrawal)):
        raise Invalid("value", "A withdrawal names the eight digits of a bank beside a key.")
    txid = _fields(_need(fields, "62")).get("05")
    if txid is None:
        raise Invalid("missing", "Field 62-05 of this PIX code is missing.")
    if not _ANY_TXID.fullmatch(txid):
        raise Invalid("txid", "A txid has 1 to 25 characters and no spaces.")
    kind: Kind = "recurrence_only"
    if key is not None:
        kind = "composite_static" if recurrence_url else "static"
    elif url is not None:
        kind = "composite_dynamic" if recurrence_url else "dynamic"
    return PixCode(
        kind=kind,
        key=key,
        url=url,
        amount=None if url else _amount(fields.get("54"), zero_is_fine=withdrawal is not None),
        name=_text(fields, "59", NAME_LIMIT),
        city=_text(fields, "60", CITY_LIMIT),
        txid=txid,
        recurrence_url=recurrence_url,
        description=account.get("02"),
        postal_code=fields.get("61"),
        single_use=single_use,
    )


def _code(
    initiation: str, account: str, amount: Decimal | None, name: str, city: str, txid: str
) -> str:
    body = (
        _field("00", "01")
        + initiation
        + _field("26", account)
        + _field("52", "0000")
        + _field("53", "986")
        + ("" if amount is None else _field("54", _written(amount)))
        + _field("58", "BR")
        + _field("59", _limited(name, NAME_LIMIT))
        + _field("60", _limited(city, CITY_LIMIT))
        + _field("62", _field("05", txid))
        + "6304"
    )
    return body + _crc(body)


def _crc(text: str) -> str:
    """CRC-16/CCITT-FALSE as four upper-case hex digits; `123456789` gives 29B1."""
    return f"{crc_hqx(text.encode('ascii'), 0xFFFF):04X}"


def _field(tag: str, value: str) -> str:
    if len(value) > _FIELD_LIMIT:
        raise Invalid("too_long", f"Field {tag} of a PIX code takes at most 99 characters.")
    return f"{tag}{len(value):02}{value}"


def _fields(text: str) -> dict[str, str]:
    """The fields of ASCII text, each a two-digit tag, a two-digit length and that many characters."""
    fields: dict[str, str] = {}
    position = 0
    while position < len(text):
        head = text[position : position + 4]
        if len(head) < 4 or not head.isdigit():
            raise Invalid("structure", "A field of a PIX code has no proper tag and length.")
        tag, start = head[:2], position + 4
        position = start + int(head[2:])
        if position > len(text):
            raise Invalid("structure", f"Field {tag} of a PIX code is longer than what is left.")
        if tag in fields:
            raise Invalid("structure", f"Field {tag} of a PIX code is there twice.")
        fields[tag] = text[start:position]
    return fields


def _end(text: str, start: int) -> int | None:
    """Where the code that starts there ends: after its field 63."""
    position = start
    while position < start + _CODE_LIMIT and _HEAD.match(text, position):
        tag = text[position : position + 2]
        position += 4 + int(text[position + 2 : position + 4])
        if tag == "63":
            return position
    return None


def _pix_template(fields: Mapping[str, str], first: int, last: int) -> dict[str, str] | None:
    found = None
    for tag, value in fields.items():
        if first <= int(tag) <= last:
            template = _fields(value)
            if template.get("00", "").lower() == _GUI:
                if found is not None:
                    raise Invalid("structure", "This code holds two PIX templates.")
                found = template
    return found


def _need(fields: Mapping[str, str], tag: str) -> str:
    value = fields.get(tag)
    if value is None or not value.strip():
        raise Invalid("missing", f"Field {tag} of this PIX code is missing.")
    return value


def _fixed(fields: Mapping[str, str], tag: str, wanted: str) -> None:
    if _need(fields, tag) != wanted:
        raise Invalid("value", f"Field {tag} of a PIX code is {wanted}.")


def _text(fields: Mapping[str, str], tag: str, limit: int) -> str:
    value = _need(fields, tag)
    if len(value) > limit:
        raise Invalid("too_long", f"Field {tag} of a PIX code takes at most {limit} characters.")
    return value


def _amount(text: str | None, *, zero_is_fine: bool) -> Decimal | None:
    if text is None:
        return None
    if len(text) > AMOUNT_LIMIT or not _AMOUNT.fullmatch(text):
        raise Invalid("amount", "The amount of a PIX code is written as 1234.50.")
    amount = from_cents(to_cents(Decimal(text)))
    if not amount and not zero_is_fine:  # only a withdrawal may leave the amount to the teller
        raise Invalid("amount", "A PIX code is not for zero reais.")
    return amount


def _check_url(url: str) -> None:
    if len(url) > KEY_LIMIT:
        raise Invalid("too_long", "The url of a PIX code has at most 77 characters.")
    if not _URL.fullmatch(url):
        raise Invalid("url", "The url of a PIX code has a host and no scheme or spaces.")


def _written(amount: Decimal) -> str:
    cents = to_cents(amount)
    written = str(from_cents(cents))
    if cents <= 0 or len(written) > AMOUNT_LIMIT:
        raise Invalid("amount", "A PIX code is for 0.01 to 9,999,999,999.99 reais.")
    return written


def _limited(text: str, limit: int) -> str:
    plain = _ascii(text)
    code: Code = "too_long" if plain else "empty"
    if not 0 < len(plain) <= limit:
        raise Invalid(code, f"Names in a PIX code have 1 to {limit} characters.")
    return plain


def _ascii(text: str) -> str:
    """`text` in printable ASCII: accents taken off, symbols without a plain form left out.

    A letter without a plain form is refused: a name must not lose letters silently.
    """
    folded = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    kept = []
    for char in folded:
        if char.isascii():
            kept.append(char if char.isprintable() else " ")
        elif char.isspace():
            kept.append(" ")
        elif unicodedata.category(char)[0] in "LN":
            raise Invalid("characters", "A PIX code is written in plain Latin letters.")
    return " ".join("".join(kept).split())
