"""The settings as a whole: every section, and what must fit together."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from bot.settings.brands import BrandSettings
from bot.settings.doors import ChannelSettings, Http, MailSettings
from bot.settings.kinds import Section
from bot.settings.registration import check_custom

PREFIX = "BALCAO_"


class Database(Section):
    """One database for everything."""

    url: str = Field(
        "sqlite:///data/balcao.sqlite3", pattern=r"^(sqlite:///|postgresql(\+psycopg)?://).+"
    )


class Access(Section):
    """How long a proof lasts, and how many codes may leave."""

    verified_days: int = Field(30, ge=1, le=365)
    codes_per_hour: int = Field(600, ge=1)


class LogSettings(Section):
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
        for brand in self.brands:
            check_custom(brand.id, brand.custom_fields, brand.registration)
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
