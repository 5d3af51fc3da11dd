"""From config.toml and the environment to Settings; what is wrong is one line each."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import SettingsConfigDict, SettingsError

from bot.settings.whole import PREFIX, Settings


class Problem(Exception):
    """One line an operator can act on: the setting, what it holds, what it may hold."""

    code = 2
    """The process ends with it."""


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
    named |= {name for brand in settings.brands for name in brand.gateway.variables}
    for variable in sorted(os.environ):
        if not variable.startswith(PREFIX) or variable in named:
            continue
        section = variable.removeprefix(PREFIX).split("__")[0].lower()
        if section not in known:
            sections = ", ".join(f"{PREFIX}{name.upper()}" for name in sorted(known))
            yield f"{variable}: is no setting; known are {sections} (sections take __NAME)"


def _missing_secrets(settings: Settings) -> Iterator[str]:
    for brand in settings.brands:
        yield from brand.gateway.faults(f"brands.{brand.id}.gateway")
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
