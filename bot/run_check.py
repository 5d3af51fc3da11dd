"""`balcao check`: every prerequisite, ok or broken with its mend, one line each."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import random
import re
import stat
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import structlog

from bot.app import brand_of, smtp_account
from bot.core.errors import DeliveryError
from bot.delivery.alarms import Alarms
from bot.delivery.checks import check as check_templates
from bot.delivery.connection import AccountFault
from bot.delivery.smtp import PORTS, Mailer, SmtpAccount
from bot.delivery.templates import Templates
from bot.settings import ChannelSettings, Http, MailAccount, Problem, Settings, load
from storage.migrate import NewerDatabase, pending

SECONDS = 20.0
"""After this long a prerequisite counts as broken."""
_MENDS = {
    "unreachable": "is the host right, and may this machine reach it?",
    "login_refused": "are user and the password in password_env right?",
    "tls_refused": "is security (starttls, tls, none) the server's, and its certificate valid?",
    "sender_refused": "may this account send as from_address?",
    "deferred": "the server asks to come later",
}
_HOST = re.compile(
    r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)


class Broken(Exception):
    """A prerequisite that does not hold: what is wrong, and what mends it."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One prerequisite: `look` returns what it found, or raises Broken; several lines are several faults."""

    name: str
    look: Callable[[], Awaitable[str]]


def check(config: Path | None) -> int:
    """Print a line for each prerequisite; 0 if all are well, else 1."""
    try:
        settings = load(config)
    except Problem as problem:
        for line in str(problem).splitlines():
            _say("broken", "settings", line)
        return 1
    # Alarms and warnings of the parts are told by the lines here.
    structlog.configure(processors=[_silent])
    _say("ok", "settings", str(config or Path("config.toml")))
    return asyncio.run(run(probes(settings), _say))


def _silent(_logger: object, _method: str, _event: object) -> str:
    raise structlog.DropEvent


async def run(
    asked: Sequence[Probe], say: Callable[[str, str, str], None], seconds: float = SECONDS
) -> int:
    """Ask every prerequisite at once, tell in order; 0 if all are well, else 1."""
    found = await asyncio.gather(*(_ask(probe, seconds) for probe in asked))
    for probe, (verdict, words) in zip(asked, found, strict=True):
        for line in words.splitlines() or [""]:
            say(verdict, probe.name, line)
    return int(any(verdict == "broken" for verdict, _words in found))


async def _ask(probe: Probe, seconds: float) -> tuple[str, str]:
    try:
        return "ok", await asyncio.wait_for(probe.look(), seconds)
    except Broken as broken:
        return "broken", str(broken)
    except TimeoutError:
        return "broken", f"no answer within {seconds:.0f} seconds"
    # A part that raises what it does not declare is broken too, and the others are still to be told.
    except Exception as error:  # noqa: BLE001
        return "broken", f"{type(error).__name__}; the log of `balcao run` tells more"


def probes(settings: Settings) -> list[Probe]:
    """What has to hold for these settings, in the order in which it is to be mended."""
    return [
        Probe("database", lambda: asyncio.to_thread(_database, settings.database.url)),
        Probe("server key", lambda: asyncio.to_thread(_server_key, settings)),
        Probe("public url", lambda: asyncio.to_thread(_public_url, settings.http)),
        *_mail(settings.mail.accounts),
        Probe("templates", lambda: asyncio.to_thread(_templates, settings)),
        *_bots(settings),
    ]


# ------------------------------------------------------------------ this machine


def _database(url: str) -> str:
    kind = "SQLite" if url.startswith("sqlite") else "PostgreSQL"
    file = Path(url.removeprefix("sqlite:///"))
    if kind == "SQLite":
        _writable(file, "database.url")
        if not file.exists():
            return f"SQLite, {file}: will be made at the first start"
    try:
        missing = pending(url)
    except NewerDatabase as error:
        raise Broken(f"{error.__doc__}") from error
    except Exception as error:  # whatever a driver raises: it names hosts, and never a password
        raise Broken(
            f"database.url: cannot be used ({_first_line(error)}); does the server run, and does"
            " the url name its host, user, password and database?"
        ) from error
    if missing:
        raise Broken(f"tables are not up to date ({', '.join(missing)}); run `balcao migrate`")
    return f"{kind}, tables up to date"


def _first_line(error: Exception) -> str:
    line = str(error).strip().partition("\n")[0]
    return re.sub(r"//\S*@", "//…@", line) or type(error).__name__


def _server_key(settings: Settings) -> str:
    if settings.server_key.get_secret_value():
        return "from BALCAO_SERVER_KEY"
    path = settings.server_key_file
    if not path.exists():
        _writable(path, "server_key_file")
        return f"{path}: will be made at the first start"
    try:
        held = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Broken(f"server_key_file: {path} cannot be read ({type(error).__name__})") from error
    if len(held) < 32:
        raise Broken(f"server_key_file: {path} holds fewer than 32 characters; restore its backup")
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise Broken(f"server_key_file: others can read it; run `chmod 600 {path}`")
    return f"{path}"


def _writable(path: Path, setting: str) -> None:
    """A file there can be made or changed; else raises Broken."""
    there = path
    while not there.exists() and there != there.parent:
        there = there.parent
    if not os.access(there, os.W_OK) or (there != path and not there.is_dir()):
        raise Broken(f"{setting}: {there} cannot be written; name a file in a folder of this user")


def _public_url(http: Http) -> str:
    """Its shape alone: whether the world reaches it, only the world knows."""
    if not http.public_url:
        if _here_alone(http.host):
            return f"none: the web chat is on this machine alone ({http.host}:{http.port})"
        raise Broken("http.public_url: is missing; set the https address that customers use")
    url = urlsplit(http.public_url)
    host = url.hostname or ""
    if _here_alone(host):
        return f"{http.public_url}: this machine alone"
    if url.scheme != "https":
        raise Broken(
            "http.public_url: is not https; put a proxy with a certificate before Balcão"
            " (caddy, nginx) and set its https address"
        )
    if not _HOST.fullmatch(host.encode("idna").decode() if not host.isascii() else host):
        raise Broken(f"http.public_url: {host!r} is no host name customers can resolve")
    return http.public_url


def _here_alone(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _templates(settings: Settings) -> str:
    folder = settings.mail.templates_dir
    if folder is None:
        return "the ones that came with Balcão"
    templates = Templates(folder, alarms=Alarms())
    brands = [brand_of(each, mail=bool(settings.mail.accounts)) for each in settings.brands]
    wrong = list(
        dict.fromkeys(line for brand in brands for line in check_templates(templates, brand))
    )
    if wrong:
        raise Broken("\n".join(wrong))
    return str(folder)


# ------------------------------------------------------------------ others


def _mail(accounts: Sequence[MailAccount]) -> Iterator[Probe]:
    if not accounts:

        async def none() -> str:
            return "no account: nothing is mailed"

        yield Probe("mail", none)
        return
    made = [smtp_account(each, only=len(accounts) == 1) for each in accounts]
    for account in made:
        yield Probe(f"mail {account.name}", lambda account=account: _smtp(account, made))  # type: ignore[misc]


async def _smtp(account: SmtpAccount, accounts: Sequence[SmtpAccount]) -> str:
    """Connect, secure, log in."""
    where = f"{account.host}:{account.port or PORTS[account.security]}"
    try:
        mailer = Mailer(
            accounts, alarms=Alarms(), clock=lambda: datetime.now(UTC), rng=random.SystemRandom()
        )
    except ValueError as error:
        raise Broken(f"mail.accounts: {error}") from error
    try:
        await asyncio.wait_for(mailer.probe(account), min(SECONDS - 1, account.timeout + 1))
    except AccountFault as error:
        raise Broken(
            f"{where}: {error.code} ({error.detail}); {_MENDS.get(error.code, '')}"
        ) from error
    except DeliveryError as error:
        raise Broken(f"{where}: {error}") from error
    except TimeoutError as error:
        raise Broken(f"{where}: no answer; {_MENDS['unreachable']}") from error
    finally:
        await mailer.close()
    login = f"login as {account.user}" if account.user else "no login"
    return f"{where}, {account.security}, {login}"


def _bots(settings: Settings) -> Iterator[Probe]:
    for entry in settings.channels:
        if entry.kind == "telegram":
            look = partial(_telegram, entry, settings.http.public_url)
            yield Probe(f"telegram {entry.name}", look)


async def _telegram(entry: ChannelSettings, public_url: str) -> str:
    """Who the bot is, and whether Telegram brings what people say to where it is heard."""
    # Only who has a bot waits for its library.
    from bot.channels.telegram.api import BotApi

    setting = f"channels.{entry.name}"
    api = BotApi(entry.name, os.environ.get(entry.token_env, ""), url=entry.api_url)
    try:
        me = await api.call("getMe", seconds=SECONDS - 1)
        hook = await api.call("getWebhookInfo", seconds=SECONDS - 1)
    except DeliveryError as error:
        raise Broken(
            f"{setting}: Telegram does not answer this bot ({error}); is the token in"
            f" {entry.token_env} the one BotFather gave, and is {entry.api_url} reached from here?"
        ) from error
    finally:
        await api.close()
    if not isinstance(me, dict) or not isinstance(hook, dict):
        raise Broken(f"{setting}.api_url: {entry.api_url} is no Bot API")
    name = f"@{me.get('username', '')}"
    at, wanted = str(hook.get("url") or ""), f"{public_url}/telegram/{entry.name}"
    if entry.mode == "polling":
        if at:
            return f"{name}, polling (a webhook is set; the start of `balcao run` removes it)"
        return f"{name}, polling"
    if at != wanted:
        raise Broken(f"{setting}: no webhook at {wanted} yet; the start of `balcao run` sets it")
    if fault := hook.get("last_error_message"):
        raise Broken(
            f"{setting}: Telegram could not deliver to {wanted} ({fault}); is it reached from outside?"
        )
    return f"{name}, webhook at {wanted}"


def _say(verdict: str, name: str, words: str) -> None:
    print(f"{verdict:<6}  {name}: {words}" if words else f"{verdict:<6}  {name}", flush=True)  # noqa: T201
