"""The words of mails: templates that operators may reword, checked, with a way back to ours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from babel.dates import format_date
from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateRuntimeError,
    Undefined,
    pass_context,
)
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.core.brand import Brand
from bot.core.message import JSON
from bot.core.values import money
from bot.delivery.alarms import Alarms
from bot.delivery.variables import COMMON, NAMES, VARIABLES, samples
from bot.domain.phone import format_phone
from bot.domain.tax_id import format_tax_id

T = TypeVar("T")

PARTS = ("subject", "txt", "html")
"""A template is three files, `<name>.<part>.j2`; an operator may replace any one of them."""
LAYOUT = Path(__file__).parent
"""Where the frame of every mail is."""
SHIPPED = Path(__file__).parents[2] / "locales"
"""Our own templates, `<locale>/templates/<name>.<part>.j2`."""
DEFAULT_LOCALE = "pt_BR"

_DATES = {"en": "MMM d, yyyy"}
_MONTHS = {"pt_BR": "MMMM 'de' y", "es": "MMMM 'de' y"}
_GAP = re.compile(r"\n(?:[ \t]*\n){2,}")
_HEX = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class MailWords:
    """A mail in a reader's language: one line of subject, plain text, HTML."""

    subject: str
    text: str
    html: str


def _joined(pieces: Iterable[str]) -> str:
    """What a template put out, piece by piece: a name that ends in a full stop ends its sentence too.

    So "Exemplo Ltda." at a sentence's end takes no second one; "..." is left alone.
    """
    put_out = list(pieces)
    whole = "".join(put_out)
    if ".." not in whole:  # nearly always
        return whole
    told = list[str]()
    before = ""
    for piece in put_out:
        if before == "." and piece.startswith(".") and not piece.startswith(".."):
            piece = piece[1:]
        if piece:
            told.append(piece)
            before = piece[-1]
    return "".join(told)


class _Sandbox(ImmutableSandboxedEnvironment):
    """Where templates run, the operator's and ours."""

    concat = staticmethod(_joined)


class Templates:
    """Templates looked up in the operator's folder first, then among ours.

    `folder` holds `<locale>/<name>.<part>.j2` and, for one brand alone,
    `<brand>/<locale>/<name>.<part>.j2`. A change of a file counts at once. They run in Jinja2's
    sandbox: HTML is escaped, an unknown variable is an error, and `safe` is taken away, so that a
    customer's name can never become markup.
    """

    def __init__(
        self, folder: Path | None = None, *, alarms: Alarms, shipped: Path = SHIPPED
    ) -> None:
        self.folder = folder
        self.shipped = shipped
        self._alarms = alarms
        self._ours = self._theirs = _ours(shipped)
        self.locales = _locales(shipped)
        if folder:
            loaders = [FileSystemLoader(folder), _Shipped(shipped), FileSystemLoader(LAYOUT)]
            self._theirs = _environment(ChoiceLoader(loaders))

    @property
    def environment(self) -> Environment:
        """The sandbox in which the operator's templates run."""
        return self._theirs

    def from_source(self, source: str, part: str) -> Template:
        """A template of the operator that is in no file (yet)."""
        return self._theirs.overlay(autoescape=part == "html").from_string(source)

    def render(self, name: str, locale: str, brand: Brand, values: Mapping[str, JSON]) -> MailWords:
        """A mail's words. A template of the operator that fails is replaced whole by ours.

        Args:
            name: one of `NAMES`.
            locale: `pt_BR`, `en` or `es`; any other reads the default's.
            values: by the names of `VARIABLES[name]`, formatted for the reader; what is not
                named there is not seen by the template.

        Raises:
            KeyError: unknown template, or a needed value is missing.
        """
        locale = locale if locale in self.locales else DEFAULT_LOCALE
        known = given(name, locale, brand, values)
        if self.folder:
            key = f"template:{brand.id}:{locale}/{name}"
            try:
                words = self._words(self._theirs, name, locale, brand, known)
            # An operator's template runs his expressions: it may raise whatever Python can raise.
            except Exception as error:  # noqa: BLE001
                self._alarms.begin(key, f"{describe(error)}; our own template was used")
            else:
                self._alarms.end(key)
                return words
        return self._words(self._ours, name, locale, brand, known)

    def preview(self, name: str, locale: str, brand: Brand) -> MailWords:
        """A mail with sample values, by the operator's templates, errors and all.

        Raises jinja2.TemplateError, or whatever an expression of the template raises.
        """
        known = given(name, locale, brand, samples(name))
        return self._words(self._theirs, name, locale, brand, known)

    def _words(
        self,
        environment: ImmutableSandboxedEnvironment,
        name: str,
        locale: str,
        brand: Brand,
        known: Mapping[str, JSON],
    ) -> MailWords:
        names = [f"{locale}/{name}.{part}.j2" for part in PARTS]
        if environment is self._ours:
            templates = [environment.get_template(own) for own in names]
        else:
            templates = [environment.select_template([f"{brand.id}/{own}", own]) for own in names]
        subject, text, html = (template.render(known) for template in templates)
        text = _GAP.sub("\n\n", text).strip()
        return MailWords(" ".join(subject.split()), f"{text}\n", f"{html.strip()}\n")


class _Shipped(BaseLoader):
    """Our templates under the names operators use: without the `templates` folder."""

    def __init__(self, folder: Path) -> None:
        self._files = FileSystemLoader(folder)

    def get_source(self, environment: Any, template: str) -> Any:
        head, _slash, rest = template.partition("/")
        return self._files.get_source(environment, f"{head}/templates/{rest}" if rest else template)


@lru_cache(maxsize=8)
def _locales(shipped: Path) -> tuple[str, ...]:
    return tuple(sorted(path.parent.name for path in shipped.glob("*/templates")))


@lru_cache(maxsize=8)
def _ours(shipped: Path) -> ImmutableSandboxedEnvironment:
    """Templates compiled once for all who use them; unlike the operator's, they do not change."""
    loader = ChoiceLoader([_Shipped(shipped), FileSystemLoader(LAYOUT)])
    return _environment(loader, auto_reload=False)


def _environment(
    loader: BaseLoader | None, *, auto_reload: bool = True
) -> ImmutableSandboxedEnvironment:
    environment = _Sandbox(
        loader=loader,
        auto_reload=auto_reload,
        autoescape=lambda name: bool(name and name.endswith(".html.j2")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    del environment.filters["safe"]
    environment.filters.update(money=_money, date=_day, month=_month)
    return environment


@pass_context
def _money(seen: Context, amount: object) -> str:
    return money(_is(amount, Decimal), seen["currency"], _locale(seen))


@pass_context
def _day(seen: Context, day: object) -> str:
    locale = _locale(seen)
    return _formatted(_is(day, date), _DATES.get(locale, "dd/MM/yyyy"), locale)


@pass_context
def _month(seen: Context, day: object) -> str:
    locale = _locale(seen)
    return _formatted(_is(day, date), _MONTHS.get(locale, "MMMM y"), locale)


@lru_cache(maxsize=512)
def _formatted(day: date, pattern: str, locale: str) -> str:
    return format_date(day, pattern, locale=locale)


def _is(value: object, kind: type[T]) -> T:
    """Babel would take a missing day for today, and words for a number."""
    if isinstance(value, Undefined):
        str(value)  # raises, naming what is missing
    if not isinstance(value, kind):
        raise TemplateRuntimeError(f"a {kind.__name__} is wanted, not {type(value).__name__}")
    return value


def _locale(seen: Context) -> str:
    return str(seen["language"]).replace("-", "_")


def given(name: str, locale: str, brand: Brand, values: Mapping[str, JSON]) -> dict[str, JSON]:
    """All that a template may see: the brand, and the values it declares.

    Raises KeyError for an unknown template or a missing needed value.
    """
    missing = [v.name for v in VARIABLES[name] if v.needed and values.get(v.name) is None]
    if missing:
        raise KeyError(f"{name}: {', '.join(missing)}")
    named = {v.name: values.get(v.name) for v in VARIABLES[name]}
    return brand_values(brand) | {"language": locale.replace("_", "-")} | named


def brand_values(brand: Brand) -> dict[str, JSON]:
    """The brand as every template sees it."""
    color = brand.color if _HEX.fullmatch(brand.color) else Brand(id="", name="").color
    return {
        "brand_name": brand.name,
        "brand_legal_name": brand.legal_name,
        "brand_tax_id": format_tax_id(brand.tax_id) if brand.tax_id else "",
        "brand_address": list(brand.address),
        "brand_phone": format_phone(brand.phone) if brand.phone else "",
        "brand_email": brand.email,
        "brand_site": brand.site,
        "brand_hours": brand.hours,
        "brand_color": color,
        "brand_ink": ink_on(color),
        "currency": brand.currency,
    }


def ink_on(color: str) -> str:
    """Black or white, whichever is easier to read on a `#rrggbb` (WCAG 2.2 relative luminance)."""
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#ffffff" if 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 else "#111111"


def describe(error: Exception) -> str:
    """What a template's error says, in one line; values of the mail are not in it."""
    if isinstance(error, TemplateError):
        return " ".join((error.message or type(error).__name__).split())
    return type(error).__name__


__all__ = [
    "COMMON", "NAMES", "PARTS", "VARIABLES", "MailWords", "Templates", "brand_values", "describe",
    "given", "ink_on",
]  # fmt: skip
