"""`balcao queue`, `payments`, `groups` and `people` as staff types them: lines, exit codes, one line a mistake."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import insert, select, update
from typer.testing import CliRunner, Result

from bot.__main__ import cli
from bot.app import brand_of, prepare_database, server_key
from bot.core.message import _
from bot.core.ports import Turn
from bot.domain import tax_id
from bot.domain.roles import Role
from bot.run_staff import people as run_people
from bot.run_staff.playing import NotDone
from bot.settings import ChannelSettings, Problem, load
from storage import bulk
from storage.bulk import NewCustomer, NewInvoice, NewMember
from storage.database import open_database
from storage.invoices import Line
from storage.tables import (
    address,
    approval,
    erasure,
    invoice,
    membership,
    payment_claim,
    payment_promise,
    received_file,
    received_file_body,
)
from tests.whole.program import balcao

CONFIG = """
[[brands]]
id = "vento"
name = "Vento"
[[channels]]
name = "web"
[[channels]]
name = "robot"
kind = "telegram"
token_env = "ROBOT_TOKEN"
[http]
public_url = "https://vento.example.com"
"""
_rng = Random(4)
ANA = tax_id.generate_cpf(_rng)
MAIN, FILIAL, OTHER = (tax_id.generate_cnpj(_rng) for _each in range(3))


def fill(tx: Turn) -> None:
    """A customer who asked for something of each kind, and companies."""
    people = [
        NewCustomer("ana", "PF", "Ana\x1b[31m Prado", ANA, 10),
        NewCustomer("main", "PJ", "Matriz Exemplo Ltda", MAIN, 10),
        NewCustomer("filial", "PJ", "Filial Exemplo Ltda", FILIAL, 10),
        NewCustomer("other", "PJ", "Outra Exemplo Ltda", OTHER, 10),
    ]
    ids = bulk.add_customers(tx, people)
    due = tx.today + timedelta(days=10)
    bulk.add_invoices(
        tx,
        [
            NewInvoice(
                ids["ana"], number, f"{due:%Y-%m}", tx.today, due,
                lines=(Line("Fibra", Decimal("120.00")),),
            )
            for number in ("V-1", "V-2", "V-3")
        ],
    )  # fmt: skip
    bulk.add_members(
        tx,
        [
            NewMember(ids["ana"], name, let_in=let_in)
            for name, let_in in (("Ana", True), ("Lia", False))
        ],
    )
    tx.run(update(membership).where(membership.c.active).values(role=Role.ADMINISTRATOR.value))
    bills = {row.number: row.id for row in tx.all(select(invoice.c.number, invoice.c.id))}
    of = {"brand": "vento", "customer": ids["ana"]}
    ((claim,),) = tx.run(
        insert(payment_claim)
        .values(
            **of, invoice=bills["V-1"], account="web", state="waiting", created_at=tx.now,
            file=["ref", "../recibo 1.pdf", "application/pdf", 4], words=None,
        )
        .returning(payment_claim.c.id)
    )  # fmt: skip
    ((chat,),) = tx.run(
        insert(address)
        .values(account="web", chat="ana", brand="vento", created_at=tx.now)
        .returning(address.c.id)
    )
    ((file,),) = tx.run(
        insert(received_file)
        .values(
            **of, address=chat, account="web", name="../recibo 1.pdf", media_type="application/pdf",
            size=4, state="kept", claim=claim, created_at=tx.now,
        )
        .returning(received_file.c.id)
    )  # fmt: skip
    tx.run(insert(received_file_body).values(file=file, content=b"%PDF"))
    tx.run(
        insert(approval).values(
            **of, kind="registration", subject="name", change={"field": "name", "value": "Ana Prado Sá"},
            words=_("Name: {value}", value="Ana Prado Sá").dump(), waits_for="staff", state="waiting",
            asked_at=tx.now, until=tx.now,
        )
    )  # fmt: skip
    tx.run(
        insert(erasure).values(
            **of, subject=f"customer:{ids['ana']}", through="web", words="", digest="", state="waiting",
            asked_at=tx.now, answer_by=tx.today,
        )
    )  # fmt: skip
    tx.run(
        insert(payment_promise).values(
            **of, invoice=bills["V-2"], promised_for=tx.today - timedelta(days=3), consent={},
            created_at=tx.now,
        )
    )  # fmt: skip


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("staff")
    (folder / "config.toml").write_text(CONFIG)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("ROBOT_TOKEN", "1:token")
        settings = load()
        prepare_database(settings)
        database = open_database(
            settings.database.url, server_key=server_key(settings), owner="tests",
            clock=lambda: datetime.now(UTC), brands={"vento": brand_of(settings.brands[0], mail=False)},
        )  # fmt: skip

        async def filled() -> None:
            await database.play("vento", fill)
            await database.close()

        asyncio.run(filled())
    return folder


@pytest.fixture
def office(furnished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own, where one works."""
    folder = Path(shutil.copytree(furnished, tmp_path / "copy"))
    monkeypatch.chdir(folder)
    # The runner's streams end with each command, and loggers keep theirs.
    monkeypatch.setattr("bot.logs.set_up", lambda _level, _form: None)
    monkeypatch.setenv("ROBOT_TOKEN", "1:token")
    return folder


def types(*words: str) -> Result:
    """A command that works."""
    said = CliRunner().invoke(cli, words)
    assert said.exception is None, said.exception
    return said


def mistake(*words: str) -> str:
    told = CliRunner().invoke(cli, words).exception
    assert isinstance(told, Problem)
    assert "\n" not in str(told)
    assert ANA not in str(told)
    return str(told)


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / "data" / "balcao.sqlite3")) as connection:
        return connection.execute(query).fetchall()


def test_the_queue_is_listed_shown_and_decided(office: Path) -> None:
    listed = [line.split("\t") for line in types("queue").stdout.splitlines()]
    assert [line[0] for line in listed] == ["promise-1", "change-1", "claim-1", "erasure-1"]
    assert listed[2][1:4] == [
        "claim",
        "Ana [31m Prado (1)",
        "Says that invoice V-1 is paid (R$120.00)",
    ]
    assert datetime.fromisoformat(listed[2][4]).tzinfo is not None

    shown = dict(
        line.split("\t") for line in types("queue", "show", "change-1").stdout.splitlines()
    )
    assert (shown["before"], shown["after"]) == ("Ana [31m Prado", "Ana Prado Sá")

    saved = types("queue", "show", "claim-1", "--save", "out").stdout.splitlines()
    assert saved[-1] == "The file is at out/claim-1-_recibo_1.pdf"
    assert (office / "out/claim-1-_recibo_1.pdf").read_bytes() == b"%PDF"
    assert "is there already" in mistake("queue", "show", "claim-1", "--save", "out")

    said = types("queue", "approve", "change-1", "--as", "Caio")
    assert (
        said.stdout
        == "change-1: approved. The customer cannot be reached from here: please tell them yourself.\n"
    )
    assert rows(office, "SELECT name FROM customer WHERE id = 1") == [("Ana Prado Sá",)]
    again = CliRunner().invoke(cli, ["queue", "approve", "change-1", "--as", "Bia"]).exception
    assert isinstance(again, NotDone)
    assert str(again).startswith("change-1: approved by Caio on ")
    assert "change-1: approved by Caio on " in types("queue", "show", "change-1").stdout

    denied = types("queue", "deny", "promise-1", "--reason", "Twice is enough.", "--as", "Caio")
    assert denied.stdout.startswith("promise-1: denied.")
    taken = types(
        "queue", "approve", "claim-1", "--amount", "50,00", "--method", "pix", "--as", "Caio"
    )
    assert "R$50.00 of " in taken.stdout
    assert "R$70.00 is missing, so it stays open" in taken.stdout
    done = types("queue", "approve", "erasure-1", "--yes", "--as", "Caio")
    assert "please answer them yourself" in done.stdout
    empty = types("queue")
    assert (empty.stdout, "Nothing waits for your team" in empty.stderr) == ("", True)
    named = rows(office, "SELECT DISTINCT staff FROM audit WHERE staff IS NOT NULL")
    assert named == [("Caio",)]


def test_what_a_mail_names_is_decided_without_saying_of_which_brand(office: Path) -> None:
    """The mail's commands are pasted as they stand, also where there are two brands."""
    of_two = CONFIG.replace("[[channels]]", '[[channels]]\nbrand = "vento"')
    alto = """
[[brands]]
id = "alto"
name = "Alto"
[[channels]]
name = "counter"
brand = "alto"
"""
    (office / "config.toml").write_text(alto + of_two)
    assert mistake("queue") == "--brand: is missing; may hold 'alto' or 'vento'"

    assert "V-1" in types("queue", "show", "Claim-1").stdout
    denied = types("queue", "deny", "claim-1", "--reason", "It is of another month.", "--as", "Bia")
    assert denied.stdout.startswith("claim-1: denied.")
    assert "claim-1: denied by Bia on " in types("queue", "show", "claim-1").stdout
    assert types("queue", "approve", "change-1").stdout.startswith("change-1: approved.")

    nothing = "and nothing waits under that name (any more)"
    assert mistake("queue", "show", "claim-9") == f"ID: holds 'claim-9', {nothing}"
    elsewhere = mistake("queue", "show", "promise-1", "--brand", "alto")
    assert elsewhere == f"ID: holds 'promise-1', {nothing}"


def test_payments_are_confirmed_listed_and_taken_back(office: Path) -> None:
    said = types("payments", "confirm", "V-3", "--method", "cash", "--as", "Caio")
    assert said.stdout.startswith("Invoice V-3 is paid: R$120.00 of ")
    assert "was paid on " in mistake("payments", "confirm", "V-3")
    more = types("payments", "confirm", "V-3", "--amount", "R$ 30", "--anyway")
    assert "R$30.00 is more than was owed" in more.stdout

    (first, second) = types("payments", "list", ANA).stdout.splitlines()
    assert first.split("\t")[1:3] + first.split("\t")[4:] == [
        "V-3",
        "R$120.00",
        "cash",
        "by hand",
        "stands",
    ]
    assert "--payment: is missing; may hold 1 (R$120.00" in mistake("payments", "undo", "V-3")
    undone = types("payments", "undo", "V-3", "--payment", second.split("\t")[0])
    assert "is taken back from invoice V-3: it is still paid." in undone.stdout
    assert "open again" in types("payments", "undo", "V-3").stdout


def test_groups_are_made_and_undone_without_cycles(office: Path) -> None:
    assert "There are no groups yet." in types("groups", "list").stderr
    said = types("groups", "create", MAIN, FILIAL, "--as", "Caio")
    assert said.stdout == "Matriz Exemplo Ltda (2) is the main company of a group of 2.\n"
    listed = [line.split("\t")[:4] for line in types("groups", "list").stdout.splitlines()]
    assert listed == [
        ["2", "main", "2", "Matriz Exemplo Ltda"], ["2", "filial", "3", "Filial Exemplo Ltda"],
    ]  # fmt: skip
    assert "is in a group" in mistake("groups", "create", FILIAL, OTHER)
    assert "is in another group" in mistake("groups", "create", OTHER, MAIN)
    assert "is no company (PJ)" in mistake("groups", "add", MAIN, OTHER, ANA)
    assert rows(office, "SELECT main_customer FROM customer WHERE id = 4") == [(None,)]
    types("groups", "add", MAIN, OTHER)
    assert "is the main company" in mistake("groups", "remove", MAIN)
    assert "is in no group any more" in types("groups", "remove", "4").stdout
    grouped = rows(
        office, "SELECT staff FROM audit WHERE what = 'company.grouped' AND subject = 'customer:3'"
    )
    assert grouped == [("Caio",)]


def test_people_are_listed_invited_and_changed(
    office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(entry: ChannelSettings) -> str:
        return f"{entry.name}_bot"

    monkeypatch.setattr(run_people, "bot_name", ask)
    listed = [line.split("\t")[1:4] for line in types("people", "list", "1").stdout.splitlines()]
    assert listed == [
        ["Lia", "collaborator", "waits to be let in"],
        ["Ana", "administrator", "active"],
    ]
    numbers = {str(name): str(id) for name, id in rows(office, "SELECT name, id FROM person")}
    lia, ana = numbers["Lia"], numbers["Ana"]

    last = CliRunner().invoke(cli, ["people", "remove", "1", ana]).exception
    assert isinstance(last, NotDone)
    assert "is the last administrator" in str(last)
    assert "is let in" in types("people", "activate", "1", lia).stdout
    types("people", "promote", "1", lia)
    types("people", "remove", "1", ana)
    assert rows(office, "SELECT role, active FROM membership") == [("administrator", 1)]

    links = [line.split("\t") for line in types("people", "invite", "1").stdout.splitlines()]
    (page, web, telegram, area, bot) = [line[1] for line in links]
    token = page.removeprefix("https://vento.example.com/join/vento/")
    assert web == f"https://vento.example.com/chat?start=join_{token}"
    assert telegram == f"https://t.me/robot_bot?start=join_{token}"
    assert (area, bot) == ("https://vento.example.com/chat", "https://t.me/robot_bot")
    assert rows(office, "SELECT created_by, used_at FROM link") == [(None, None)]
    assert "do not work any more: 1" in types("people", "end-links", "1").stdout


def test_a_bot_that_cannot_be_asked_leaves_the_page_that_leads_there(office: Path) -> None:
    text = (office / "config.toml").read_text()
    away = text.replace('kind = "telegram"', 'kind = "telegram"\napi_url = "http://127.0.0.1:1"')
    (office / "config.toml").write_text(away)

    said = types("people", "invite", "1")
    assert [line.split("\t")[0] for line in said.stdout.splitlines()] == [
        "page", "web chat web", "web chat web, no invitation",
    ]  # fmt: skip
    assert "channels.robot: Telegram did not say the bot's name" in said.stderr
    assert "the page above leads there too" in said.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["queue", "show", "claim"], "ID: holds 'claim'; may hold what `balcao queue` shows, as claim-1"),
        (["queue", "show", "claim-9"], "ID: holds 'claim-9', and nothing waits under that name"),
        (["queue", "deny", "claim-1", "--reason", " "], "--reason: is empty"),
        (["queue", "approve", "erasure-1"], "--yes: is missing; what is erased does not come back"),
        (["queue", "approve", "change-1", "--amount", "1"], "are for claims, and change-1 is none"),
        (["queue", "approve", "claim-1", "--amount", "1.200,00"], "--amount: holds R$1,200.00, and R$120.00 was owed"),
        (["queue", "show", "change-1", "--save", "out"], "--save: change-1 came without a file"),
        (["queue", "--brand", "vento", "show", "claim-1"], "queue: its options come after 'show'"),
        (["queue", "--brand", "other"], "--brand: holds 'other'; may hold 'vento'"),
        (["queue", "approve", "change-1", "--as", "a\tb"], "--as: may hold a name"),
        (["payments", "confirm", "V-9"], "INVOICE: holds 'V-9', and this brand has no invoice of that number"),
        (["payments", "confirm", "V-1", "--amount", "1,2,3"], "--amount: holds '1,2,3'"),
        (["payments", "confirm", "V-1", "--amount", "0"], "may hold more than nothing"),
        (["payments", "confirm", "V-1", "--on", "01/01/2999"], "--on: holds 01/01/2999, which is still to come"),
        (["payments", "confirm", "V-1", "--method", "gold"], "--method: holds 'gold'; may hold 'pix'"),
        (["payments", "undo", "V-1"], "does not stand for it (any more)"),
        (["payments", "list", "123.456.789-00"], "CUSTOMER: holds no CPF or CNPJ"),
        (["payments", "list", "99"], "CUSTOMER: holds 99, which no customer of this brand has"),
        (["people", "promote", "1", "99"], "PERSON: holds 99, who is none of this customer's people"),
    ],
)  # fmt: skip
def test_each_mistake_is_one_line_and_changes_nothing(
    office: Path, words: list[str], told: str
) -> None:
    before = rows(office, "SELECT count(*) FROM audit")
    assert told in mistake(*words)
    assert rows(office, "SELECT count(*) FROM audit") == before


def test_a_terminal_is_asked_first(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.run_staff.printing.on_terminal", lambda: True)
    said = CliRunner().invoke(cli, ["payments", "confirm", "V-3"], input="n\n")
    assert "Book R$120.00 of " in said.stdout
    assert isinstance(said.exception, NotDone)
    assert rows(office, "SELECT count(*) FROM payment") == [(0,)]
    said = CliRunner().invoke(cli, ["payments", "confirm", "V-3"], input="y\n")
    assert said.exit_code == 0
    assert rows(office, "SELECT count(*) FROM payment") == [(1,)]


def test_what_cannot_be_done_ends_with_1_and_a_mistake_with_2(office: Path) -> None:
    types("queue", "deny", "claim-1", "--reason", "No money came in.", "--as", "Caio")
    late = balcao("queue", "approve", "claim-1", cwd=office, ROBOT_TOKEN="1:token")
    assert late.returncode == 1
    assert late.stderr.startswith("claim-1: denied by Caio on ")
    assert late.stderr.endswith(": No money came in.\n")
    assert late.stdout == ""
