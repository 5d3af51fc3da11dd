"""`balcao check` and mail: a real server on loopback, each way of securing it, logins and refusals."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from bot.settings import MailAccount
from tests.check.lines import Said, look
from tests.delivery.mail_server import CA, PASSWORD, USER, Script, mail_server, scripted_server


def account(port: int, **how: Any) -> MailAccount:
    usual = {"name": "main", "host": "localhost", "port": port, "security": "none"}
    return MailAccount(**usual | {"from_address": "faturas@example.com"} | how)


async def asked(folder: Path, *accounts: MailAccount) -> Said:
    return await look(folder, "mail", mail={"accounts": accounts})


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", PASSWORD)


LOGIN = {"user": USER, "password_env": "SMTP_PASSWORD"}


async def test_without_an_account_nothing_is_mailed_and_that_is_said(tmp_path: Path) -> None:
    assert await asked(tmp_path) == (0, [("ok", "no account: nothing is mailed")])


async def test_a_plain_server_on_this_machine_is_well(tmp_path: Path) -> None:
    async with mail_server() as inbox:
        said = await asked(tmp_path, account(inbox.port))
    found = f"localhost:{inbox.port}: connected, not encrypted, no login"
    assert said == (0, [("ok", found)])
    assert inbox.raw == []


@pytest.mark.parametrize(("security", "words"), [("starttls", "STARTTLS"), ("tls", "TLS")])
async def test_a_secured_server_and_its_login_are_tried_without_sending(
    tmp_path: Path, security: str, words: str
) -> None:
    async with mail_server(
        starttls=security == "starttls", tls=security == "tls", login=True
    ) as inbox:
        said = await asked(tmp_path, account(inbox.port, security=security, ca_file=CA, **LOGIN))
    found = f"localhost:{inbox.port}: connected, {words}, login as {USER}"
    assert said == (0, [("ok", found)])
    assert inbox.users == [USER]
    assert inbox.raw == []


async def test_a_refused_login_names_user_and_variable_and_no_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", "quatro-palavras-erradas")
    async with mail_server(starttls=True, login=True) as inbox:
        said = await asked(tmp_path, account(inbox.port, security="starttls", ca_file=CA, **LOGIN))
    assert (said.code, said.verdicts) == (1, ["broken"])
    assert said.words.startswith(f"mail.accounts.main.user: holds '{USER}'")
    assert "refuses its login (535 5.7.8)" in said.words
    assert "SMTP_PASSWORD" in said.words
    assert "quatro-palavras" not in said.words


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_certificate_nobody_vouches_for_names_ca_file(
    tmp_path: Path, security: str
) -> None:
    async with mail_server(starttls=security == "starttls", tls=security == "tls") as inbox:
        said = await asked(tmp_path, account(inbox.port, security=security))
    assert (said.code, said.verdicts) == (1, ["broken"])
    assert said.words.startswith(f"mail.accounts.main.security: holds '{security}'")
    assert "certificate" in said.words
    assert "ca_file" in said.words
    assert inbox.users == []


async def test_a_certificate_of_another_host_says_that_the_host_must_be_its_name(
    tmp_path: Path,
) -> None:
    async with mail_server(tls=True, certificate="elsewhere.pem") as inbox:
        said = await asked(tmp_path, account(inbox.port, security="tls", ca_file=CA))
    assert said.verdicts == ["broken"]
    assert "localhost" in said.words
    assert "host must be the name in its certificate" in said.words


async def test_a_server_without_starttls_says_what_else_there_is(tmp_path: Path) -> None:
    async with mail_server() as inbox:
        said = await asked(tmp_path, account(inbox.port, security="starttls"))
    assert said.verdicts == ["broken"]
    assert "holds 'starttls'" in said.words
    assert "the server offers no STARTTLS); may hold 'tls', or 'none'" in said.words


async def test_a_server_that_wants_starttls_before_a_login_is_named_with_its_security(
    tmp_path: Path,
) -> None:
    async with mail_server(starttls=True, login=True) as inbox:
        said = await asked(tmp_path, account(inbox.port, **LOGIN))
    assert said.verdicts == ["broken"]
    assert "mail.accounts.main.security: holds 'none'" in said.words
    assert "offers no login that fits; may hold 'starttls' or 'tls'" in said.words


async def test_a_certificate_file_that_is_none_is_named(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("no certificate\n")
    async with mail_server(tls=True) as inbox:
        said = await asked(tmp_path, account(inbox.port, security="tls", ca_file=file))
    assert said.verdicts == ["broken"]
    assert said.words.startswith(f"mail.accounts.main.ca_file: holds '{file}'")


async def test_nobody_there_names_host_and_port(tmp_path: Path) -> None:
    with socket.socket() as taken:  # bound and not listening: refused, and nobody else's
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        said = await asked(tmp_path, account(port, host="127.0.0.1"))
    assert said.verdicts == ["broken"]
    assert "mail.accounts.main.host: holds '127.0.0.1'" in said.words
    assert f"127.0.0.1:{port} (connection refused)" in said.words


async def test_a_server_that_asks_to_come_later_is_no_fault_of_a_setting(tmp_path: Path) -> None:
    busy = Script().says(EHLO="250-x\r\n250 AUTH PLAIN", AUTH="454 4.7.0 busy")
    async with scripted_server(busy) as script:
        said = await asked(tmp_path, account(script.port, host="127.0.0.1", **LOGIN))
    assert said.verdicts == ["broken"]
    assert "asks to come later (454 4.7.0); look again in some minutes" in said.words


async def test_a_mix_up_of_port_and_security_is_hinted_at(tmp_path: Path) -> None:
    said = await asked(tmp_path, account(587, host="127.0.0.1", security="tls"))
    assert "port 587 is usual with 'starttls', 465 with 'tls'" in said.words


async def test_mails_in_clear_to_another_machine_are_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.run_check.mail.on_this_machine", lambda _host: False)
    async with mail_server() as inbox:
        said = await asked(tmp_path, account(inbox.port))
    assert (said.code, said.verdicts) == (0, ["note"])
    assert "mail.accounts.main.security may hold 'starttls'" in said.words


async def test_an_account_without_a_sender_is_one_line(tmp_path: Path) -> None:
    said = await asked(tmp_path, account(25, from_address=""))
    assert said == (
        1,
        [("broken", "mail.accounts.main.from_address: holds ''; may hold an e-mail address")],
    )


@pytest.mark.parametrize(
    ("one", "two", "words"),
    [
        ({}, {}, "0 of 2 hold default = true; exactly one may"),
        ({"default": True}, {}, "purposes holds 'codes', 'invoices', 'other' in several accounts"),
        (
            {"default": True, "purposes": ["invoices"]},
            {"purposes": ["codes"]},
            "2 accounts, main for what no other is named for",
        ),
    ],
)
async def test_accounts_that_do_not_go_together_are_told_once(
    tmp_path: Path, one: dict[str, Any], two: dict[str, Any], words: str
) -> None:
    async with mail_server() as inbox:
        said = await asked(
            tmp_path, account(inbox.port, **one), account(inbox.port, name="second", **two)
        )
    assert words in said.lines[0][1]
    assert said.verdicts[1:] == ["ok", "ok"]
    assert said.code == (said.verdicts[0] == "broken")
