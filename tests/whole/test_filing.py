"""`balcao documents` and `balcao contracts` as an operator meets them: words, rows, exit codes."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.__main__ import cli
from bot.settings import Problem
from tests.whole.program import HOUSE
from tests.whole.warm import balcao

CONFIG = """
[[brands]]
id = "vento"
name = "Vento"
[brands.features]
documents = true
[[mail.accounts]]
name = "main"
host = "127.0.0.1"
from_address = "faturas@example.com"
"""
CUSTOMERS = (
    "external_id;name;tax_id;due_day;email\n7;Nina Exemplo;529.982.247-25;10;nina@example.com\n"
)
NINA = ("--customer", "529.982.247-25")


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one customer in its database, to be copied."""
    folder = tmp_path_factory.mktemp("filing")
    (folder / "config.toml").write_text(CONFIG)
    (folder / "report.pdf").write_bytes(b"%PDF-1.4")
    (folder / "page.html").write_text("<p>")
    (folder / "model.txt").write_text("# Plan\n\n{{ customer_name }}, {{ months }} months.\n")
    (folder / "bad.txt").write_text("{{ customer_name.x }}")
    (folder / "customers.csv").write_text(CUSTOMERS)
    said = balcao("import", "customers.csv", cwd=folder)
    assert said.returncode == 0, said.stdout + said.stderr
    return folder


@pytest.fixture
def with_nina(furnished: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(furnished, tmp_path / "copy"))


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / "data" / "balcao.sqlite3")) as connection:
        return connection.execute(query).fetchall()


def test_a_document_is_filed_mailed_opened_to_all_and_erased(with_nina: Path) -> None:
    added = balcao(
        "documents", "add", "report.pdf", *NINA, "--title", "Report", "--period", "10/2026",
        "--issued", "05/11/2026", "--mail", cwd=with_nina,
    )  # fmt: skip
    assert added.returncode == 0, added.stdout + added.stderr
    assert "Document 1 is filed, and a link to it is on its way by e-mail." in added.stdout
    shown = "SELECT title, period, issued_on, media_type, login_required FROM document"
    assert rows(with_nina, shown) == [("Report", "2026-10", "2026-11-05", "application/pdf", None)]
    mails = "SELECT kind, lane, state FROM message"
    assert rows(with_nina, mails) == [("mail", "mail:other", "queued")]

    free = balcao("documents", "login", "free", *NINA, cwd=with_nina)
    assert "needs none" in free.stdout
    assert rows(with_nina, "SELECT document_login FROM customer") == [(0,)]

    removed = balcao("documents", "remove", "1", *NINA, cwd=with_nina)
    assert "Document 1 is erased" in removed.stdout
    assert rows(with_nina, "SELECT * FROM document_body") == []


def test_a_contract_is_modelled_and_offered(with_nina: Path) -> None:
    kept = balcao("contracts", "model", "model.txt", "--name", "Plan", cwd=with_nina)
    assert "Plan is kept as version 1." in kept.stdout, kept.stderr
    offered = balcao(
        "contracts", "offer", "Plan", *NINA, "--value", "months=12", cwd=with_nina
    )  # fmt: skip

    off = "not shown yet: contracts under [brands.features] is off"
    assert f"Contract 1 is offered ({off})." in offered.stdout, offered.stderr
    assert rows(with_nina, "SELECT text FROM contract") == [
        ("# Plan\n\nNina Exemplo, 12 months.\n",)
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["documents", "add", "nowhere.pdf", *NINA, "--title", "A"], "nowhere.pdf: cannot be read"),
        (["documents", "add", "page.html", *NINA, "--title", "A"], "a document ends in one of .pdf"),
        (["documents", "add", "report.pdf", *NINA, "--title", " "], "needs a title"),
        (["documents", "add", "report.pdf", *NINA, "--title", "A", "--period", "x"], "11/2026"),
        (["documents", "add", "report.pdf", *NINA, "--title", "A", "--login", "x"], "may hold 'required'"),
        (["documents", "add", "report.pdf", "--customer", "123", "--title", "A"], "not done"),
        (["documents", "add", "report.pdf", "--customer", "111.444.777-35", "--title", "A"], "no customer"),
        (["documents", "remove", "9", *NINA], "no such document"),
        (["documents", "look", "9", "--save", "in"], "no customer has sent such a document"),
        (["contracts", "model", "bad.txt", "--name", "Plan"], "only variables may stand in braces"),
        (["contracts", "model", "report.pdf", "--name", " "], "1 to 120 characters"),
        (["contracts", "offer", "Nothing", *NINA], "no such contract model"),
        (["contracts", "offer", "Plan", *NINA, "--value", "months"], "may hold name=value"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_one_line(
    with_nina: Path, arguments: list[str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(with_nina)
    told = CliRunner().invoke(cli, arguments).exception

    assert isinstance(told, Problem)
    assert words in str(told)
    assert "\n" not in str(told)
    assert "529" not in str(told)


@pytest.mark.parametrize(
    ("line", "mend"),
    [("documents = true", "switch on documents"), ("[[mail.accounts]]", "name an account")],
)
def test_no_link_is_mailed_that_would_open_nothing(
    with_nina: Path, line: str, mend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = CONFIG.partition(line)[0]
    (with_nina / "config.toml").write_text(config)
    monkeypatch.chdir(with_nina)
    wish = ["documents", "add", "report.pdf", *NINA, "--title", "A", "--mail"]
    told = CliRunner().invoke(cli, wish).exception

    assert mend in str(told)
    assert rows(with_nina, "SELECT * FROM document") == []


def test_a_problem_is_told_on_standard_error(with_nina: Path) -> None:
    said = balcao("documents", "remove", "9", *NINA, cwd=with_nina)

    assert said.returncode == 2
    assert said.stderr == "documents: holds 9, and this customer has no such document\n"


def test_the_models_of_the_docs_are_accepted(with_nina: Path) -> None:
    said = balcao(
        "contracts", "model", str(HOUSE / "docs/samples/contract.txt"), "--name", "Fibra",
        cwd=with_nina,
    )  # fmt: skip

    assert said.returncode == 0, said.stderr
