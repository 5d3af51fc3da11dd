"""What `balcao check` looks at on this machine: database, server key, templates."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from bot.app import brand_of
from bot.delivery.alarms import Alarms
from bot.delivery.checks import check as check_templates
from bot.delivery.templates import Templates
from bot.run_check.probing import Broken, first_line
from bot.settings import Settings
from storage.migrate import NewerDatabase, pending


def database(url: str) -> str:
    """It can be used, and its tables are this program's."""
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
            f"database.url: cannot be used ({_reason(error)}); does the server run, and does"
            " the url name its host, user, password and database?"
        ) from error
    if missing:
        raise Broken(f"tables are not up to date ({', '.join(missing)}); run `balcao migrate`")
    return f"{kind}, tables up to date"


def _reason(error: Exception) -> str:
    return re.sub(r"//\S*@", "//…@", first_line(error)) or type(error).__name__


def server_key(settings: Settings) -> str:
    """It is there, long enough, and its owner's alone."""
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


def templates(settings: Settings) -> str:
    """The operator's own words for mails can be filled."""
    folder = settings.mail.templates_dir
    if folder is None:
        return "the ones that came with Balcão"
    found = Templates(folder, alarms=Alarms())
    brands = [brand_of(each, mail=bool(settings.mail.accounts)) for each in settings.brands]
    wrong = list(dict.fromkeys(line for brand in brands for line in check_templates(found, brand)))
    if wrong:
        raise Broken("\n".join(wrong))
    return str(folder)
