"""Migrations: the tables as storage/tables says, made once, after a copy, and never half."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from storage import migrate as migrating
from storage.migrate import BrokenReferences, NewerDatabase, migrate, pending, revisions
from storage.tables import metadata

from .telling import directly

ROOT = Path(__file__).parents[2]
VERSIONS = Path(migrating.__file__).parent / "migrations" / "versions"

SECOND = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{last}"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("lane") as lane:
        lane.add_column(sa.Column("note", sa.Text()))
    {more}
"""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without a table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/new.sqlite3"
    url: str = request.getfixturevalue("new_postgres_url")
    return url


@pytest.fixture
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Make this the program's next version, which has one revision more."""

    def make(more: str = "pass") -> None:
        folder = tmp_path / "migrations"
        for file in [*VERSIONS.parent.glob("*.*"), *VERSIONS.glob("*.py")]:
            copy = folder / file.relative_to(VERSIONS.parent)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(file.read_bytes())
        text = SECOND.format(last=revisions()[-1], more=more)
        (folder / "versions" / "9999_note.py").write_text(text)
        monkeypatch.setattr(migrating, "_FOLDER", folder)

    return make


def columns_of_lane(url: str) -> list[str]:
    with directly(url) as connection:
        return list(connection.execute(text("SELECT * FROM lane")).keys())


def test_migrations_end_in_the_tables_of_the_program(new_url: str) -> None:
    migrate(new_url)

    with directly(new_url) as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_ids_that_secrets_are_derived_from_never_come_again(tmp_path: Path) -> None:
    """Alembic does not compare SQLite's AUTOINCREMENT."""
    migrate(f"sqlite:///{tmp_path}/new.sqlite3")

    with closing(sqlite3.connect(tmp_path / "new.sqlite3")) as connection:
        words = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
    for table in metadata.sorted_tables:
        asked = table.dialect_options["sqlite"]["autoincrement"]
        assert ("AUTOINCREMENT" in words[table.name]) is bool(asked), table.name
    assert "AUTOINCREMENT" in words["code"]
    assert "AUTOINCREMENT" in words["message"]


def test_revisions_are_numbered_and_in_line() -> None:
    script = ScriptDirectory(str(VERSIONS.parent))

    in_line = [revision.revision for revision in script.walk_revisions()][::-1]

    assert revisions() == in_line


def test_what_is_pending_is_told_and_nothing_is_made(new_url: str, tmp_path: Path) -> None:
    assert pending(new_url) == revisions()
    assert not (tmp_path / "new.sqlite3").exists()

    assert migrate(new_url) == revisions()

    assert pending(new_url) == []
    assert migrate(new_url) == []


def test_a_new_file_is_its_owners_alone_and_not_copied(tmp_path: Path) -> None:
    file = tmp_path / "balcao.sqlite3"

    migrate(f"sqlite:///{file}")

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.glob("*before*")) == []


def test_an_old_file_is_copied_before_it_is_changed(
    sqlite_url: str, sqlite_file: Path, next_version: Callable[..., None]
) -> None:
    with closing(sqlite3.connect(sqlite_file)) as connection:
        connection.execute("INSERT INTO lane VALUES ('web', 1, '2026')")
        connection.commit()
    sqlite_file.chmod(0o640)
    next_version()

    assert migrate(sqlite_url) == ["9999"]

    copy = sqlite_file.with_name("balcao.sqlite3.before-9999")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o640
    assert columns_of_lane(sqlite_url) == ["name", "tokens", "refilled_at", "note"]
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT * FROM lane").fetchall() == [("web", 1.0, "2026")]
    assert sorted(sqlite_file.parent.glob("balcao*unfinished*")) == []


def test_a_migration_that_fails_leaves_the_database_as_it_was(
    new_url: str, next_version: Callable[..., None]
) -> None:
    migrate(new_url)
    next_version(more="raise RuntimeError('half way')")

    with pytest.raises(RuntimeError):
        migrate(new_url)

    assert columns_of_lane(new_url) == ["name", "tokens", "refilled_at"]
    assert pending(new_url) == ["9999"]


def test_a_migration_that_breaks_references_is_undone(
    sqlite_url: str, next_version: Callable[..., None]
) -> None:
    next_version(
        more="""op.execute("INSERT INTO message_body VALUES (123, '{}')")""".replace("{}", "{{}}")
    )

    with pytest.raises(BrokenReferences):
        migrate(sqlite_url)

    assert columns_of_lane(sqlite_url) == ["name", "tokens", "refilled_at"]


def test_rebuilding_a_table_keeps_the_rows_that_refer_to_it(
    sqlite_url: str, sqlite_file: Path, next_version: Callable[..., None]
) -> None:
    with closing(sqlite3.connect(sqlite_file)) as connection:
        connection.execute(
            "INSERT INTO address (id, account, chat, brand, created_at) VALUES (1, 'a', 'c', 'b', '2026')"
        )
        connection.execute("INSERT INTO session VALUES (1, 1, '{}', NULL)")
        connection.commit()
    rebuild = """
    with op.batch_alter_table("address", recreate="always") as address:
        address.alter_column("name", new_column_name="called")"""
    next_version(more=rebuild.strip())

    migrate(sqlite_url)

    with closing(sqlite3.connect(sqlite_file)) as connection:
        assert connection.execute("SELECT address FROM session").fetchall() == [(1,)]
        assert connection.execute("SELECT id, called FROM address").fetchall() == [(1, None)]


def test_a_database_of_a_newer_program_is_left_alone(new_url: str) -> None:
    migrate(new_url)
    with directly(new_url) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.commit()

    with pytest.raises(NewerDatabase):
        pending(new_url)
    with pytest.raises(NewerDatabase):
        migrate(new_url)


async def test_of_processes_that_start_at_once_exactly_one_migrates(new_url: str) -> None:
    code = "import sys; from storage.migrate import migrate; print(len(migrate(sys.argv[1])))"
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", code, new_url, cwd=ROOT, stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        for _ in range(2)
    ]  # fmt: skip

    told = [(await process.communicate())[0].decode().strip() for process in processes]

    assert [process.returncode for process in processes] == [0] * 2
    assert sorted(told) == ["0", str(len(revisions()))]


def test_a_draft_names_what_tables_have_and_revisions_lack(
    next_version: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next revision takes back what is not in storage/tables (here: the note)."""
    next_version()

    written = migrating.draft("no note").read_text()

    assert 'down_revision = "9999"' in written.replace("'", '"')
    assert "drop_column" in written
    compile(written, "draft", "exec")
