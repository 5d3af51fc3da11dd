"""E-mail addresses: read as typed, and shown masked. Whether one receives is for a code to prove."""

from bot.domain.errors import Invalid


def parse_email(text: str) -> str:
    """The address in the form to store and to send to: domain in lower-case ASCII, the rest as typed.

    Syntax by the `email-validator` library, without asking the DNS. Non-ASCII before the @ is
    refused: most mail servers of the field do not speak SMTPUTF8.
    Raises `Invalid`: empty, characters, no_domain, too_long, format.
    """
    # 25 ms of import that most processes never need at start
    from email_validator import EmailSyntaxError, validate_email

    trimmed = text.strip()
    if not trimmed:
        raise Invalid("empty", "No e-mail address was given.")
    local, at, domain = trimmed.rpartition("@")
    if not at or not local or "." not in domain.strip("."):
        raise Invalid("no_domain", "An e-mail address is name@domain.")
    if len(trimmed) > 254:  # RFC 5321, also before the library works on a whole novel
        raise Invalid("too_long", "An e-mail address has at most 254 characters.")
    if not local.isascii() or not trimmed.isprintable() or " " in trimmed:
        raise Invalid("characters", "An e-mail address holds no spaces, accents or control signs.")
    try:
        parts = validate_email(
            trimmed, check_deliverability=False, allow_smtputf8=False, strict=True
        )
    except EmailSyntaxError as error:
        raise Invalid("format", str(error)) from error
    if parts.ascii_email is None:  # pragma: no cover  # the local part is ASCII, so there is one
        raise Invalid("characters", "This e-mail address cannot be written in ASCII.")
    return parts.ascii_email


def masked_email(address: str) -> str:
    """An address with all but first letters and the ending hidden: `j***@g***.com`.

    Each label of the domain keeps its first letter, the ending (`com`, `com.br`) stays whole.
    """
    local, _, domain = address.rpartition("@")
    labels = domain.split(".")
    ending = 2 if len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3 else 1
    hidden = [f"{label[:1]}***" for label in labels[:-ending]]
    return f"{local[:1]}***@{'.'.join(hidden + labels[-ending:])}"
