"""What an operator writes into config.toml and the environment, and the line each mistake gets."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from bot.app import build
from bot.delivery.smtp import PORTS
from bot.mail_accounts import smtp_accounts
from bot.settings import Problem, Settings, load

HOUSE = Path(__file__).parents[1]

BRAND = """
[[brands]]
id = "vento"
name = "Vento Sul"
"""
BOT = "[[channels]]\nname = 'bot'\nkind = 'telegram'\n"


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("BALCAO_"):
            monkeypatch.delenv(name)


def written(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def complaint(folder: Path, text: str) -> str:
    with pytest.raises(Problem) as caught:
        load(written(folder, text))
    return str(caught.value)


def test_the_shipped_config_file_loads_and_stands_at_the_defaults(tmp_path: Path) -> None:
    shipped = load(HOUSE / "config.toml")
    bare = load(
        written(
            tmp_path,
            '[[brands]]\nid = "minha-empresa"\nname = "Minha Empresa"\n'
            'legal_name = "Minha Empresa Ltda."\n[[channels]]\nname = "web"\nbrand = "minha-empresa"\n',
        )
    )
    assert shipped.model_dump() == bare.model_dump()


def test_the_shipped_config_file_names_every_setting() -> None:
    text = (HOUSE / "config.toml").read_text(encoding="utf-8")
    uncommented = "\n".join(
        line.removeprefix("# ") if " = " in line or line.startswith("# [") else line
        for line in text.splitlines()
    )
    # The server's key stands in the environment; its file is the setting.
    written_out = tomllib.loads(uncommented)

    def names(schema: dict[str, object], where: str = "") -> set[str]:
        found = set[str]()
        for name, value in schema.items():
            found.add(where + name)
            for inner in value if isinstance(value, list) else [value]:
                if isinstance(inner, dict):
                    found |= names(inner, f"{where}{name}.")
        return found

    def fields(model: type, where: str = "") -> set[str]:
        found = set[str]()
        for name, field in model.model_fields.items():  # type: ignore[attr-defined]
            found.add(where + name)
            for part in (field.annotation, *getattr(field.annotation, "__args__", ())):
                if hasattr(part, "model_fields"):
                    found |= fields(part, f"{where}{name}.")
        return found

    assert fields(Settings) - names(written_out) == {"server_key"}


def test_a_variable_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, BRAND + "[http]\nport = 8000\nhost = '0.0.0.0'\n")
    monkeypatch.setenv("BALCAO_HTTP__PORT", "9000")
    settings = load(path)
    assert (settings.http.port, settings.http.host) == (9000, "0.0.0.0")


def test_a_file_named_on_the_command_line_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"--config: holds '.*nowhere\.toml'.*no such file"):
        load(tmp_path / "nowhere.toml")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "brands: is missing"),
        ("[[brands", "config.toml: is no TOML"),
        (BRAND + "[http]\nport = 'x'\n", "http.port: holds 'x'; may hold a whole number"),
        (BRAND + "[http]\nport = 70000\n", "http.port: holds 70000; may hold 65535 or less"),
        (BRAND + "[http]\nprot = 1\n", "http.prot: is no setting"),
        (BRAND + BOT, "channels.bot.token_env: is missing"),
        (BRAND + BOT + "token_env = 'A_BOT'\n", "'A_BOT', and no such variable is set; set it to the token"),
        (BRAND + BOT + "token_env = '1:AAb'\n", "channels.0.token_env: holds something; may hold what"),
        (BRAND + BOT + "mode = 'webhook'\n", "channels.bot.mode: holds 'webhook', for which http.public_url"),
        (BRAND + BOT + "mode = 'push'\n", "channels.0.mode: holds 'push'; may hold 'polling' or 'webhook'"),
        (BRAND + BOT + "origins = []\n", "channels.bot.origins: is no setting of kind 'telegram'"),
        (BRAND + BOT + "api_url = 'x'\n", "channels.0.api_url: holds 'x'; may hold what matches"),
        (BRAND + BOT + "bot_name = { fr = 'x' }\n", "channels.0.bot_name.fr"),
        (BRAND + "[[channels]]\nname = 'web'\nmode = 'polling'\n", "channels.web.mode: is no setting of kind 'webchat'"),
        (BRAND + "tax_id = '123'\n", "brands.0.tax_id: holds '123'; may hold a CPF or CNPJ"),
        (BRAND + "phone = '12'\n", "brands.0.phone: holds '12'; may hold a phone"),
        (BRAND + "color = 'red'\n", "brands.0.color: holds 'red'; may hold what matches"),
        (BRAND + "language = 'fr'\n", "brands.0.language: holds 'fr'; may hold 'pt_BR', 'en' or 'es'"),
        (BRAND + "time_zone = 'Lua'\n", "brands.0.time_zone: holds 'Lua'; may hold a time zone"),
        (BRAND + "[brands.terms]\nfine_percent = 10\n", "CDC art. 52"),
        (BRAND + "[brands.pix]\nkey = 'x'\nname = 'A'\ncity = 'B'\n", "brands.0.pix.key: holds"),
        (BRAND + "[database]\nurl = 'mysql://x'\n", "database.url: holds 'mysql://x'; may hold"),
        (BRAND + BRAND, "brands: 'vento' is there twice"),
        (BRAND + "[[channels]]\nname = 'web'\nbrand = 'norte'\n", "channels.web.brand: holds 'norte'; may hold 'vento'"),
        (BRAND + "[log]\nlevel = 'loud'\n", "log.level: holds 'loud'; may hold 'debug'"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_with_what_it_held_and_what_it_may_hold(
    tmp_path: Path, text: str, line: str
) -> None:
    said = complaint(tmp_path, text)
    assert line in said
    assert "\n" not in said


def test_several_mistakes_are_several_lines(tmp_path: Path) -> None:
    said = complaint(tmp_path, BRAND + "color = 'red'\n[http]\nport = 'x'\n[log]\nformat = 'xml'\n")
    assert len(said.splitlines()) == 3


def test_a_misspelled_variable_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BALCAO_HTPP__PORT", "1")
    assert "BALCAO_HTPP__PORT: is no setting" in complaint(tmp_path, BRAND)


ACCOUNT = """
[[mail.accounts]]
name = "main"
host = "smtp.example.com"
from_address = "a@example.com"
user = "a@example.com"
password_env = "BALCAO_SMTP_PASSWORD"
"""


def test_a_password_comes_from_the_variable_that_the_account_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = complaint(tmp_path, BRAND + ACCOUNT)
    assert (
        "mail.accounts.main.password_env: holds 'BALCAO_SMTP_PASSWORD', and no such variable"
        in said
    )
    monkeypatch.setenv("BALCAO_SMTP_PASSWORD", "s3cret")
    settings = load(written(tmp_path, BRAND + ACCOUNT))
    assert "s3cret" not in repr(settings)


TWO = """
[[mail.accounts]]
name = "bills"
host = "smtp.example.com"
from_address = "a@example.com"
purposes = ["invoices"]
[[mail.accounts]]
name = "rest"
host = "smtp.example.com"
from_address = "b@example.com"
purposes = ["codes", "other"]
"""


@pytest.mark.parametrize(
    ("accounts", "line"),
    [
        (TWO, "mail.accounts: 0 of 2 hold default = true; exactly one may"),
        (TWO.replace("codes", "invoices") + "default = true\n",
         "mail.accounts: purposes holds 'invoices' in several accounts; each purpose may stand in one"),
        (TWO.replace("b@example.com", "") + "default = true\n",
         "mail.accounts.rest.from_address: holds ''; may hold an e-mail address"),
    ],
)  # fmt: skip
def test_accounts_that_cannot_work_are_a_line_and_no_traceback(
    tmp_path: Path, accounts: str, line: str
) -> None:
    settings = load(written(tmp_path, BRAND + accounts))
    with pytest.raises(Problem) as caught:
        build(settings)
    assert str(caught.value) == line


@pytest.mark.parametrize(
    ("how", "port"),
    [("", 587), ("security = 'tls'\n", 465), ("security = 'tls'\nport = 2465\n", 2465)],
)
def test_the_port_is_the_usual_one_of_the_security_unless_it_is_given(
    tmp_path: Path, how: str, port: int
) -> None:
    settings = load(
        written(tmp_path, BRAND + TWO.partition('[[mail.accounts]]\nname = "rest"')[0] + how)
    )
    (account,) = smtp_accounts(settings.mail.accounts)
    assert (account.port or PORTS[account.security]) == port


def test_a_short_server_key_is_refused_without_being_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BALCAO_SERVER_KEY", "hunter2")
    said = complaint(tmp_path, BRAND)
    assert "server_key: is too short" in said
    assert "hunter2" not in said
