"""Phone numbers: typed ones and WhatsApp's ids to E.164, and back to what people read.

A Brazilian mobile is 55, a two-digit area code and nine digits, the first a 9. WhatsApp ids of old
accounts lack that 9, so customers are matched on area code and last eight digits (`match_key`).
The rest is the `phonenumbers` library's, imported at first use (some 50 ms that a start can spare).
"""

import re
import unicodedata

from bot.domain.errors import Invalid

# Anatel's 67 area codes.
_AREA_CODES = frozenset(
    str(code)
    for code in (
        *range(11, 20), 21, 22, 24, 27, 28, *range(31, 36), 37, 38, *range(41, 50),
        51, 53, 54, 55, *range(61, 70), 71, 73, 74, 75, 77, 79, *range(81, 90), *range(91, 100),
    )
)  # fmt: skip
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))
_LONGEST = 60  # characters, with every mask and invisible mark there is
_TYPED = re.compile(r"\+?[0-9() ./-]+")
_CARRIER_PLACEHOLDER = re.compile(r"^\(?0(?:xx|XX)")  # "0xx11", as printed in old adverts
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_BRAZIL_TRUNK = re.compile(r"\+55([1-9][0-9])([0-9]{8,9})")
_WHATSAPP_ID = re.compile(r"\+?([1-9][0-9]{6,14})(?::[0-9]+)?(?:@(?:s\.whatsapp\.net|c\.us))?")
_WHATSAPP_OTHERS = ("@lid", "@g.us", "@broadcast", "@newsletter")


def parse_phone(text: str) -> str:
    """A typed phone number as E.164: `(11) 90000-0012`, `011 90000-0012` and `5511900000012` all
    give `+5511900000012`.

    Without + it is Brazilian; with + any country. Landlines, mobiles and toll-free numbers pass.
    A mobile typed without its ninth digit is refused, not guessed: only a channel's id is known to
    be a mobile (`from_whatsapp_id`).
    Raises `Invalid`: empty, characters, length, area_code, ninth_digit, service_number, unassigned.
    """
    from phonenumbers import NumberParseException, PhoneNumberType, is_valid_number, number_type
    from phonenumbers import parse as parse_number

    typed = _clean(text)
    if typed.startswith("00") and (brazilian := _dialled_from_abroad(typed)):
        return brazilian
    try:
        number = parse_number(typed, "BR")
    except NumberParseException as error:
        raise Invalid("length", "A phone number has an area code and 8 or 9 digits.") from error
    if not is_valid_number(number):
        raise _reason(number.country_code, str(number.national_number))
    if number_type(number) not in (
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.VOIP,
        PhoneNumberType.PERSONAL_NUMBER,
    ):
        if len(str(number.national_number)) < 10 and not typed.startswith("0"):
            raise Invalid("area_code", "The area code is missing.")  # looks like 4004 or 0900
        raise Invalid("service_number", "A service number is nobody's phone.")
    # E.164 by hand: the library keeps leading zeros of Italian numbers apart.
    zeros = "0" * (number.number_of_leading_zeros or 1) if number.italian_leading_zero else ""
    return f"+{number.country_code}{zeros}{number.national_number}"


def from_whatsapp_id(text: str) -> str:
    """The E.164 number behind a WhatsApp id: `5511900000012`, `…@s.whatsapp.net`, `…:3@c.us`.

    Old Brazilian mobile accounts (area code and eight digits starting 6 to 9) get their ninth digit
    back; landlines never do. Keep the id as received for replies. A foreign number is taken as
    WhatsApp says, which has proved it, if its country exists.
    Raises `Invalid`: not_a_phone for a group, broadcast or hidden (`@lid`) id; format; area_code;
    length; unassigned.
    """
    trimmed = text.strip()
    if trimmed.endswith(_WHATSAPP_OTHERS):
        raise Invalid("not_a_phone", "This WhatsApp id stands for no phone number.")
    match = _WHATSAPP_ID.fullmatch(trimmed)
    if match is None:
        raise Invalid("format", "A WhatsApp id is a phone number in digits.")
    digits = match[1]
    if not digits.startswith("55"):
        return _foreign(digits)
    if len(digits) == 12 and digits[4] in "6789":
        digits = f"{digits[:4]}9{digits[4:]}"
    return parse_phone(f"+{digits}")


def match_key(e164: str) -> str:
    """What two spellings of one phone share: area code and last eight digits if Brazilian
    (`1100000012`), else the E.164 number itself. Raises `Invalid` ("format") for no E.164 number.
    """
    _check(e164)
    trunk = _BRAZIL_TRUNK.fullmatch(e164)
    return f"{trunk[1]}{trunk[2][-8:]}" if trunk else e164


def is_mobile(e164: str) -> bool:
    """Whether this is a Brazilian mobile: the only phone that can be a PIX key."""
    trunk = _BRAZIL_TRUNK.fullmatch(e164)
    return (
        trunk is not None and trunk[1] in _AREA_CODES and len(trunk[2]) == 9 and trunk[2][0] == "9"
    )


def format_phone(e164: str) -> str:
    """For people: `(11) 90000-0012` in Brazil, `+1 415-555-2671` elsewhere.

    Raises `Invalid` ("format") for no E.164 number.
    """
    _check(e164)
    trunk = _BRAZIL_TRUNK.fullmatch(e164)
    if trunk and trunk[1] in _AREA_CODES:
        return f"({trunk[1]}) {trunk[2][:-4]}-{trunk[2][-4:]}"
    from phonenumbers import NumberParseException, PhoneNumberFormat, format_number
    from phonenumbers import parse as parse_number

    try:
        number = parse_number(e164)
    except NumberParseException as error:
        raise Invalid("format", "Not an E.164 number.") from error
    brazilian = number.country_code == 55
    form = PhoneNumberFormat.NATIONAL if brazilian else PhoneNumberFormat.INTERNATIONAL
    return str(format_number(number, form))


def masked_phone(e164: str) -> str:
    """With all but area code and last four digits hidden: `(11) *****-0012`; abroad `+***2671`.

    Raises `Invalid` ("format") for no E.164 number.
    """
    _check(e164)
    trunk = _BRAZIL_TRUNK.fullmatch(e164)
    if trunk:
        return f"({trunk[1]}) {'*' * (len(trunk[2]) - 4)}-{trunk[2][-4:]}"
    return f"+***{e164[-4:]}"


def _clean(text: str) -> str:
    if len(text) > _LONGEST:
        raise Invalid("length", "A phone number has at most 15 digits.")
    # Address books wrap numbers in invisible direction marks, web pages use odd spaces and dashes.
    folded = unicodedata.normalize("NFKC", text).translate(_DASHES)
    folded = "".join(c for c in folded if unicodedata.category(c) != "Cf")
    folded = _CARRIER_PLACEHOLDER.sub("0", " ".join(folded.split()))
    if not folded:
        raise Invalid("empty", "No phone number was given.")
    if not _TYPED.fullmatch(folded):
        raise Invalid("characters", "A phone number holds digits and + ( ) - only.")
    return folded


def _dialled_from_abroad(typed: str) -> str | None:
    # In Brazil 00 is followed by a carrier, and 55 is one, so the library reads 0055 11 … as +11 ….
    digits = re.sub(r"[^0-9]", "", typed)
    if not digits.startswith("0055"):
        return None
    try:
        return parse_phone(f"+{digits[2:]}")
    except Invalid:
        return None  # then it may be a call abroad through carrier 55 after all


def _reason(country: int | None, national: str) -> Invalid:
    if country != 55:
        return Invalid("unassigned", "No such number in that country.")
    if len(national) in (8, 9):
        return Invalid("area_code", "The area code is missing.")
    if len(national) not in (10, 11):
        return Invalid("length", "A phone number has an area code and 8 or 9 digits.")
    if national[:2] not in _AREA_CODES:
        return Invalid("area_code", "There is no such area code.")
    if len(national) == 10 and national[2] in "6789":
        return Invalid("ninth_digit", "A mobile has nine digits, the first a 9.")
    return Invalid("unassigned", "No such number.")


def _foreign(digits: str) -> str:
    from phonenumbers import NumberParseException
    from phonenumbers import parse as parse_number

    try:
        parse_number(f"+{digits}")
    except NumberParseException as error:
        raise Invalid("format", "A WhatsApp id starts with a country code.") from error
    return f"+{digits}"


def _check(e164: str) -> None:
    if not _E164.fullmatch(e164):
        raise Invalid("format", "Not an E.164 number.")
