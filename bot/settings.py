"""Every setting, from config.toml and BALCAO_… variables; what is wrong is one line each."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from bot.domain import charges, pix
from bot.domain.email import parse_email
from bot.domain.phone import parse_phone
from bot.domain.tax_id import parse_tax_id

PREFIX = "BALCAO_"


class Problem(Exception):
    """One line an operator can act on: the setting, what it holds, what it may hold."""


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("a time zone name such as America/Sao_Paulo") from error
    return name


def _or_empty(parse: Any, may: str) -> Any:
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
TaxId = Annotated[str, _or_empty(parse_tax_id, "a CPF or CNPJ with right check digits, or empty")]
Phone = Annotated[str, _or_empty(parse_phone, "a phone with its area code, or empty")]
Email = Annotated[str, _or_empty(parse_email, "an e-mail address, or empty")]
PixKey = Annotated[str, _or_empty(pix.parse_key, "a PIX key: CPF, CNPJ, phone, e-mail or UUID")]
Language = Literal["pt_BR", "en", "es"]
Variable = Annotated[str, Field(pattern=r"^([A-Z_][A-Z0-9_]*)?$")]
BotName = Annotated[str, Field(min_length=1, max_length=64)]
BotDescription = Annotated[str, Field(min_length=1, max_length=512)]
Zone = Annotated[str, AfterValidator(_zone)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PixSettings(_Section):
    """Where PIX payments go."""

    key: PixKey
    name: str = Field(min_length=1, max_length=25)
    city: str = Field(min_length=1, max_length=15)


class Terms(_Section):
    """What lateness costs."""

    fine_percent: Decimal = Decimal(2)
    interest_percent_month: Decimal = Decimal(1)
    rounding: Literal["ROUND_HALF_UP", "ROUND_DOWN", "ROUND_HALF_EVEN"] = "ROUND_HALF_UP"

    @model_validator(mode="after")
    def _within_the_law(self) -> Self:
        charges.check_terms(self.fine_percent, self.interest_percent_month)
        return self


class Features(_Section):
    """What is switched on; what is off is in no menu."""

    email_second_copy: bool = True
    pix: bool = True
    boleto: bool = True
    pdf: bool = True


class BrandSettings(_Section):
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
    features: Features = Features()


class Http(_Section):
    """Where the process listens, and what the world calls it."""

    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, le=65535)
    public_url: str = Field("", pattern=r"^(https?://[^\s/]+)?$")


class Database(_Section):
    """One database for everything."""

    url: str = Field(
        "sqlite:///data/balcao.sqlite3", pattern=r"^(sqlite:///|postgresql(\+psycopg)?://).+"
    )


class MailAccount(_Section):
    """An SMTP account one may send with."""

    name: Slug
    host: str = Field(min_length=1)
    port: int = Field(587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password_env: str = ""
    ca_file: Path | None = None
    from_address: Annotated[str, _or_empty(parse_email, "an e-mail address")]
    from_name: str = ""
    purposes: tuple[Literal["invoices", "codes", "other"], ...] = ("invoices", "codes", "other")
    default: bool = False
    per_second: float = Field(5, gt=0)
    timeout_seconds: float = Field(30, gt=0)


class MailSettings(_Section):
    """Mail: the accounts, and the operator's own templates."""

    accounts: tuple[MailAccount, ...] = ()
    templates_dir: Path | None = None


class ChannelSettings(_Section):
    """A door: one account of one kind of channel, for one brand."""

    name: Slug
    kind: Literal["webchat", "telegram"] = "webchat"
    brand: Slug = ""
    origins: tuple[str, ...] = ()
    token_env: Variable = ""
    mode: Literal["polling", "webhook"] = "polling"
    api_url: str = Field("https://api.telegram.org", pattern=r"^https?://[^\s/]+(/[^\s]*)?$")
    bot_name: Mapping[Language, BotName] = Field(default_factory=dict)
    bot_description: Mapping[Language, BotDescription] = Field(default_factory=dict)

    @property
    def of_others(self) -> frozenset[str]:
        """The settings given here that only other kinds of channel have."""
        telegrams = {"token_env", "mode", "api_url", "bot_name", "bot_description"}
        return frozenset(
            self.model_fields_set & ({"origins"} if self.kind == "telegram" else telegrams)
        )


class Access(_Section):
    """How long a proof lasts, and how many codes may leave."""

    verified_days: int = Field(30, ge=1, le=365)
    codes_per_hour: int = Field(600, ge=1)


class LogSettings(_Section):
    """What is logged; never a message, a tax id, a code or a token."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["console", "json"] = "console"


class Settings(BaseSettings):
    """All of it. A variable BALCAO_HTTP__PORT wins over `port` under [http] in config.toml."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    brands: tuple[BrandSettings, ...] = ()
    channels: tuple[ChannelSettings, ...] = (ChannelSettings(name="web"),)
    http: Http = Http()
    database: Database = Database()
    mail: MailSettings = MailSettings()
    access: Access = Access()
    log: LogSettings = LogSettings()
    server_key: SecretStr = SecretStr("")
    server_key_file: Path = Path("data/server.key")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if not self.brands:
            raise ValueError("brands: is missing; at least one [[brands]] table with id and name")
        brands = [brand.id for brand in self.brands]
        for what, names in (
            ("brands", brands),
            ("channels", [channel.name for channel in self.channels]),
            ("mail.accounts", [account.name for account in self.mail.accounts]),
        ):
            twice = {name for name in names if names.count(name) > 1}
            if twice:
                raise ValueError(f"{what}: {', '.join(sorted(twice))!r} is there twice; each once")
        for channel in self.channels:
            if channel.brand and channel.brand not in brands:
                raise ValueError(
                    f"channels.{channel.name}.brand: holds {channel.brand!r};"
                    f" may hold {' or '.join(map(repr, brands))}"
                )
            if not channel.brand and len(brands) > 1:
                raise ValueError(
                    f"channels.{channel.name}.brand: is missing; with several brands it must name one"
                )
            for setting in sorted(channel.of_others):
                raise ValueError(
                    f"channels.{channel.name}.{setting}: is no setting of kind {channel.kind!r}; remove it"
                )
            webhook = channel.kind == "telegram" and channel.mode == "webhook"
            if webhook and not self.http.public_url.startswith("https:"):
                raise ValueError(
                    f"channels.{channel.name}.mode: holds 'webhook', for which http.public_url must hold"
                    " an https address that Telegram reaches; or it may hold 'polling'"
                )
        key = self.server_key.get_secret_value()
        if key and len(key) < 32:
            raise ValueError("server_key: is too short; may hold 32 random characters or more")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    def secret(self, variable: str) -> str:
        """A secret that a setting names the variable of; `load` made sure it is there."""
        return os.environ.get(variable, "")


def load(file: Path | None = None) -> Settings:
    """The settings of a config file (None: `config.toml` here) under those of the environment.

    Raises Problem with a line for each setting that is missing or wrong.
    """
    path = file or Path("config.toml")
    if not path.is_file():
        raise Problem(
            f"--config: holds {str(path)!r}, and there is no such file;"
            " it may hold the path of a config.toml (the project has one, with every setting explained)"
        )

    class FromFile(Settings):
        model_config = SettingsConfigDict(toml_file=path)

    try:
        settings = FromFile()
    except ValidationError as error:
        raise Problem("\n".join(_lines(error))) from error
    except SettingsError as error:
        raise Problem(f"{PREFIX}…: {error}; a list or a table is written as JSON") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Problem(f"{path}: is no TOML: {error}") from error
    except OSError as error:
        raise Problem(f"{path}: cannot be read: {error.strerror}") from error
    problems = [*_unknown_variables(settings), *_missing_secrets(settings)]
    if problems:
        raise Problem("\n".join(problems))
    return settings


def _lines(error: ValidationError) -> Iterator[str]:
    """Each fault as `setting: holds …; may hold …`."""
    for fault in error.errors():
        if fault["type"] == "value_error" and not fault["loc"]:
            yield str(fault["ctx"]["error"])
            continue
        name = ".".join(str(part) for part in fault["loc"])
        if fault["type"] == "missing":
            yield f"{name}: is missing"
        elif fault["type"] == "extra_forbidden":
            yield f"{name}: is no setting (a typo?); config.toml of the project explains every one"
        else:
            yield f"{name}: holds {_held(name, fault['input'])}; may hold {_may(fault)}"


def _held(name: str, value: Any) -> str:
    if any(word in name for word in ("key", "password", "token")):
        return "something"
    text = repr(value)
    return text if len(text) <= 60 else text[:60] + "…"


_MAY: Mapping[str, str] = {
    "string_type": "a text in quotes",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "decimal_parsing": "a number",
    "float_parsing": "a number",
    "tuple_type": "a list",
    "too_short": "at least one",
    "model_type": "a table",
}


def _may(fault: Any) -> str:
    context = fault.get("ctx", {})
    match fault["type"]:
        case "literal_error":
            return str(context["expected"])
        case "string_pattern_mismatch":
            return f"what matches {context['pattern']}"
        case "string_too_long":
            return f"at most {context['max_length']} characters"
        case "string_too_short":
            return f"at least {context['min_length']} character"
        case "greater_than_equal":
            return f"{context['ge']} or more"
        case "less_than_equal":
            return f"{context['le']} or less"
        case "greater_than":
            return f"more than {context['gt']}"
        case "value_error":
            return str(context["error"])
        case kind:
            return _MAY.get(kind, str(fault["msg"]))


def _unknown_variables(settings: Settings) -> Iterator[str]:
    known = set(type(settings).model_fields)
    named = {account.password_env for account in settings.mail.accounts}
    named |= {channel.token_env for channel in settings.channels}
    for variable in sorted(os.environ):
        if not variable.startswith(PREFIX) or variable in named:
            continue
        section = variable.removeprefix(PREFIX).split("__")[0].lower()
        if section not in known:
            sections = ", ".join(f"{PREFIX}{name.upper()}" for name in sorted(known))
            yield f"{variable}: is no setting; known are {sections} (sections take __NAME)"


def _missing_secrets(settings: Settings) -> Iterator[str]:
    for account in settings.mail.accounts:
        if account.user and not account.password_env:
            yield (
                f"mail.accounts.{account.name}.password_env: is missing;"
                " it may hold the name of the variable with the password"
            )
        elif account.password_env and not os.environ.get(account.password_env):
            yield (
                f"mail.accounts.{account.name}.password_env: holds {account.password_env!r},"
                " and no such variable is set; set it to the password of this account"
            )
    for channel in settings.channels:
        if channel.kind != "telegram":
            continue
        if not channel.token_env:
            yield (
                f"channels.{channel.name}.token_env: is missing;"
                " it may hold the name of the variable with the bot's token"
            )
        elif not os.environ.get(channel.token_env):
            yield (
                f"channels.{channel.name}.token_env: holds {channel.token_env!r},"
                " and no such variable is set; set it to the token BotFather gave for this bot"
            )
