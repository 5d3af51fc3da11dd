"""Balcão in the benchmark: its data make known customers, who get through the scripts in its own words."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bench import balcao_data, balcao_start, commits, make_data, postgres
from bench.script import Step, load_script
from bot.app import App, build
from bot.channels.telegram import Telegram
from bot.channels.terminal import Terminal
from bot.core.message import Address, Document, Inbound, Outbound
from bot.settings import load

SCRIPTS = Path(balcao_start.__file__).parent / "scripts"
CHAT = make_data.FIRST_CHAT_ID + 2
"""Of the third customer."""


class Phone(Terminal):
    """What a chat of Telegram shows; nothing leaves the process."""

    limits = Telegram.limits

    def __init__(self, folder: Path) -> None:
        super().__init__(balcao_data.ACCOUNT, balcao_data.BRAND, folder=folder)
        self.shown: list[Outbound] = []

    async def send(
        self, address: Address, message: Outbound, document: Document | None, *, id: int
    ) -> str | None:
        self.shown.append(message)
        return str(id)

    async def close(self, *_closed: Any) -> None:
        pass

    def button(self, step: Step) -> str:
        assert step.press is not None
        return next(
            button.data
            for message in reversed(self.shown)
            for button in message.buttons
            if step.press.search(button.label)
        )


@pytest.fixture
def billing(tmp_path: Path) -> Path:
    """What every bot gets, for five customers with two invoices each."""
    file = tmp_path / "billing.sqlite3"
    make_data.write(file, customers=5, invoices=2)
    return file


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def template(request: pytest.FixtureRequest, billing: Path, tmp_path: Path) -> str:
    """The URL of the prepared database that a run begins with."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/template.sqlite3"
    else:
        url = request.getfixturevalue("new_postgres_url")
    balcao_data.prepare(billing, url, datetime.now(UTC))
    return url


@pytest.fixture
def run(template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Path]:
    """Prepares the folder of a run as the launcher does; returns its config file."""
    monkeypatch.setenv("BOT_TOKEN", "1:bench")
    monkeypatch.setattr(postgres, "copied", lambda url: url)
    folder = tmp_path / "run"
    folder.mkdir()
    return lambda: balcao_start.prepare(folder, template)


@pytest.fixture
async def counter(run: Callable[[], Path], tmp_path: Path) -> AsyncIterator[tuple[App, Phone]]:
    """The counter of a run, not started: replies are shown, mails stay in the ledger."""
    settings = load(run()).model_copy(update={"channels": ()})
    phone = Phone(tmp_path)
    app = build(settings, channels=[phone])
    yield app, phone
    await app.stop()


@pytest.mark.parametrize("script", ["balcao_second_copy", "balcao_second_copy_unsent"])
async def test_a_customer_gets_through_the_script(counter: tuple[App, Phone], script: str) -> None:
    app, phone = counter
    at = Address(balcao_data.ACCOUNT, str(CHAT))

    for number, step in enumerate(load_script(SCRIPTS / f"{script}.json")):
        text, press = (step.text, None) if step.press is None else (None, phone.button(step))
        before = len(phone.shown)
        await app.counter.receive(Inbound(f"e{number}", at, text=text, press=press, locale="en"))
        await app.dispatcher.idle()

        replies = [message.text for message in phone.shown[before:]]
        assert any(step.expect.search(reply) for reply in replies), replies


async def test_nobody_is_known_in_another_chat(counter: tuple[App, Phone]) -> None:
    app, phone = counter

    stranger = Address(balcao_data.ACCOUNT, str(make_data.FIRST_CHAT_ID + 5))
    await app.counter.receive(Inbound("e1", stranger, text="/start", locale="en"))
    await app.dispatcher.idle()

    assert "identify" in phone.shown[0].text


@pytest.mark.parametrize("template", ["sqlite"], indirect=True)
def test_a_start_after_a_kill_goes_on_with_the_database_that_is_there(
    run: Callable[[], Path],
) -> None:
    file = run().parent / "balcao.sqlite3"
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE address SET name = 'Changed' WHERE id = 1")

    run()

    with closing(sqlite3.connect(file)) as database:
        assert database.execute("SELECT name FROM address WHERE id = 1").fetchone() == ("Changed",)


def test_commits_of_sqlite_are_counted_from_outside(tmp_path: Path) -> None:
    count = commits.counter(f"sqlite:///{tmp_path}/some.sqlite3")
    assert count() == 0
    with closing(sqlite3.connect(tmp_path / "some.sqlite3", isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE some (number INTEGER)")
        before = count()
        for number in range(3):
            database.execute("BEGIN IMMEDIATE")
            database.execute("INSERT INTO some VALUES (?)", (number,))
            database.execute("INSERT INTO some VALUES (?)", (-number,))
            database.execute("COMMIT")
        database.execute("SELECT * FROM some").fetchall()
        database.execute("BEGIN IMMEDIATE")
        database.execute("DELETE FROM some")
        database.execute("ROLLBACK")

        assert count() - before == 3


@pytest.mark.postgresql
def test_commits_of_postgresql_are_those_that_wrote(new_postgres_url: str) -> None:
    count = commits.counter(new_postgres_url)
    with psycopg.connect(new_postgres_url, autocommit=True) as database:
        database.execute("CREATE TABLE numbers (number integer)")
        before = count()
        for number in range(3):
            with database.transaction():
                database.execute("INSERT INTO numbers VALUES (%s)", (number,))
                with database.transaction():  # a savepoint, which ends with the transaction
                    database.execute("INSERT INTO numbers VALUES (%s)", (-number,))
        database.execute("SELECT * FROM numbers")

        assert count() - before == 3
