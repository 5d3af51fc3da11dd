"""Settings of what messages come in and leave by: HTTP, channels, mail."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from bot.domain.email import parse_email
from bot.settings.kinds import (
    BotDescription,
    BotName,
    Language,
    Section,
    Slug,
    Variable,
    or_empty,
)


class Http(Section):
    """Where the process listens, and what the world calls it."""

    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, le=65535)
    public_url: str = Field("", pattern=r"^(https?://[^\s/]+)?$")


class MailAccount(Section):
    """An SMTP account one may send with."""

    name: Slug
    host: str = Field(min_length=1)
    port: int = Field(0, ge=0, le=65535)
    """0: the usual one of `security`."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password_env: str = ""
    ca_file: Path | None = None
    from_address: Annotated[str, or_empty(parse_email, "an e-mail address")]
    from_name: str = ""
    purposes: tuple[Literal["invoices", "codes", "other"], ...] = ("invoices", "codes", "other")
    default: bool = False
    per_second: float = Field(5, gt=0)
    timeout_seconds: float = Field(30, gt=0)


class MailSettings(Section):
    """Mail: the accounts, and the operator's own templates."""

    accounts: tuple[MailAccount, ...] = ()
    templates_dir: Path | None = None


class ChannelSettings(Section):
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
