"""`balcao import`, `export` and `check` as an operator meets them: words, files, exit codes."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.whole.program import HOUSE
from tests.whole.warm import balcao

CONFIG = '[[brands]]\nid = "vento"\nname = "Vento"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for file in (HOUSE / "docs" / "samples").glob("*.[cj]s*"):
        shutil.copy(file, tmp_path)
    (tmp_path / "config.toml").write_text(CONFIG)
    return tmp_path


def test_files_go_in_whatever_their_order_and_twice_is_once(folder: Path) -> None:
    first = balcao("import", "invoices.csv", "customers.csv", cwd=folder)
    again = balcao("import", "customers.csv", "invoices.csv", cwd=folder)

    assert (first.returncode, again.returncode) == (0, 0), first.stdout + first.stderr
    assert "7 added" in first.stdout
    assert "14 added" in first.stdout
    assert "7 unchanged" in again.stdout
    assert "14 unchanged" in again.stdout
    assert (folder / "customers.csv.report.csv").is_file()


def test_a_refused_file_is_told_row_by_row_and_the_other_one_goes_in(folder: Path) -> None:
    assert balcao("import", "customers.csv", cwd=folder).returncode == 0
    text = (folder / "customers.csv").read_text(encoding="latin-1")
    (folder / "customers.csv").write_text(text.replace(";31;", ";32;"), encoding="latin-1")

    said = balcao("import", "customers.csv", "invoices.csv", "--report", ".", cwd=folder)

    assert said.returncode == 1
    assert (
        "refused: line 6, Dia Vencimento holds '32': A day of the month is 1 to 31." in said.stdout
    )
    assert "Nothing was changed: 1 to mend" in said.stdout
    assert "14 added" in said.stdout
    assert "32" in (folder / "customers.csv.report.csv").read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    ("arguments", "words", "code"),
    [
        (["import", "nowhere.csv"], "nowhere.csv: cannot be read", 1),
        (["import", "config.toml"], "has neither the columns of customers", 1),
        (["import", "--customers", "invoices.csv"], "has no column", 1),
        (["import"], "names no file", 2),
        (["import", "customers.csv", "--report", "no/where"], "--report", 2),
        (["import", "customers.csv", "--brand", "x"], "--brand: holds 'x'", 2),
        (["export", "out.csv"], "may be --changes", 2),
        (["export", "--changes", "out.xls"], "may name a .csv or a .json", 2),
    ],
)
def test_what_cannot_be_done_is_one_line(
    folder: Path, arguments: list[str], words: str, code: int
) -> None:
    said = balcao(*arguments, cwd=folder)

    assert said.returncode == code
    assert words in said.stdout + said.stderr
    assert "Traceback" not in said.stderr


def test_changes_are_exported_once_they_are_marked(folder: Path) -> None:
    assert balcao("import", "customers.csv", cwd=folder).returncode == 0
    with closing(sqlite3.connect(folder / "data" / "balcao.sqlite3")) as connection:
        connection.execute(
            "INSERT INTO field_change (brand, customer, field, before, after, at, proved_by)"
            " VALUES ('vento', 1, 'city', 'Atibaia', 'Itu', '2026-11-20T15:00:00.000000+00:00', 'code')"
        )
        connection.commit()

    said = balcao("export", "--changes", "out.csv", "--mark", cwd=folder)
    assert (said.returncode, "1 changes" in said.stdout) == (0, True), said.stderr
    assert ";city;Atibaia;Itu;" in (folder / "out.csv").read_text(encoding="utf-8")

    assert "0 changes" in balcao("export", "--changes", "out.json", cwd=folder).stdout
    since = balcao("export", "--changes", "out.json", "--since", "20/11/2026", cwd=folder)
    assert "1 changes" in since.stdout


def test_check_says_ok_for_what_is_there(folder: Path) -> None:
    assert balcao("migrate", cwd=folder).returncode == 0

    said = balcao("check", cwd=folder)

    assert said.returncode == 0, said.stdout
    assert {line.split()[0] for line in said.stdout.splitlines()} == {"ok"}


def test_check_names_each_fault_with_its_mend_and_no_secret(folder: Path) -> None:
    (folder / "config.toml").write_text(
        CONFIG + '[http]\npublic_url = "http://balcao.example.com"\n'
        '[database]\nurl = "postgresql://balcao:hunter2@127.0.0.1:1/balcao"\n'
        '[mail]\ntemplates_dir = "nowhere"\n'
        '[[mail.accounts]]\nname = "main"\nhost = "127.0.0.1"\nport = 1\nsecurity = "none"\n'
        'user = "balcao"\npassword_env = "SMTP_PASSWORD"\nfrom_address = "a@example.com"\n'
    )
    (folder / "data").mkdir()
    (folder / "data" / "server.key").write_text("short")

    said = balcao("check", cwd=folder, SMTP_PASSWORD="quatro-palavras")

    assert said.returncode == 1
    lines = dict(line.removeprefix("broken").strip().split(": ", 1)
                 for line in said.stdout.splitlines() if line.startswith("broken"))  # fmt: skip
    assert set(lines) == {"database", "server key", "public url", "mail main", "templates"}
    assert lines["mail main"].startswith("mail.accounts.main.host: holds '127.0.0.1'")
    assert "https" in lines["public url"]
    assert "hunter2" not in said.stdout + said.stderr
    assert "quatro-palavras" not in said.stdout + said.stderr


def test_check_names_wrong_settings_too(folder: Path) -> None:
    (folder / "config.toml").write_text(CONFIG + "[http]\nport = 'x'\n")

    said = balcao("check", cwd=folder)

    assert said.returncode == 1
    assert said.stdout.startswith("broken  settings: http.port")


def test_check_asks_telegram_and_keeps_the_token_to_itself(folder: Path) -> None:
    (folder / "config.toml").write_text(
        CONFIG + '[[channels]]\nname = "bot"\nkind = "telegram"\ntoken_env = "BOT_TOKEN"\n'
        'api_url = "http://127.0.0.1:1"\n'
    )

    said = balcao("check", cwd=folder, BOT_TOKEN="4200000042:NobodysToken")

    assert said.returncode == 1
    (line,) = [line for line in said.stdout.splitlines() if line.startswith("broken")]
    assert line.startswith("broken  telegram bot: channels.bot.api_url: holds")
    assert "NobodysToken" not in said.stdout + said.stderr
