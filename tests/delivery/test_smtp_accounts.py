"""Mail accounts in trouble: told once, rested, recovered; nothing sent where nobody vouches for the server."""

from __future__ import annotations

import socket
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.core.errors import Permanent
from bot.delivery.alarms import Alarms
from bot.delivery.connection import AccountFault
from tests.delivery.accounts import MAIL, account, mailer, refusal
from tests.delivery.mail_server import CA, PASSWORD, USER, Script, mail_server, scripted_server
from tests.fakes import Clock

# ------------------------------------------------------------------ accounts in trouble


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize(
    ("answers", "more", "code"),
    [
        ({"GREETING": "554 5.7.1 go away"}, {}, "unreachable"),
        ({"GREETING": ""}, {}, "unreachable"),
        ({"EHLO": "554 no", "HELO": "554 no"}, {}, "unreachable"),
        ({}, {"security": "starttls"}, "tls_refused"),
        ({"EHLO": "250-x\r\n250 STARTTLS", "STAR": "454 4.7.0 no TLS"}, {"security": "starttls"}, "tls_refused"),
        ({}, {"user": USER, "password": "x"}, "login_refused"),
        ({"EHLO": "250-x\r\n250 AUTH PLAIN", "AUTH": "535 5.7.8 no"}, {"user": USER, "password": "x"}, "login_refused"),
        ({"EHLO": "250-x\r\n250 AUTH PLAIN", "AUTH": "454 4.7.0 busy"}, {"user": USER, "password": "x"}, "deferred"),
        ({"MAIL": "530 5.7.0 log in first"}, {}, "sender_refused"),
        ({"MAIL": "550 5.7.60 not your address"}, {}, "sender_refused"),
    ],
)  # fmt: skip
async def test_what_ails_the_account_is_its_own_trouble_and_no_mails(
    answers: dict[str, str], more: dict[str, Any], code: str
) -> None:
    error = await refusal(Script().says(**answers), **more)
    assert isinstance(error, AccountFault)
    assert error.code == code
    assert error.after is not None
    assert error.after > timedelta(0)


async def test_a_server_that_is_not_there_is_unreachable() -> None:
    async with mailer(account(unused_port())) as ours:
        with pytest.raises(AccountFault) as raised:
            await ours.send(ours.accounts["main"], MAIL)
    assert raised.value.code == "unreachable"


@pytest.mark.parametrize("how", ["starttls", "tls"])
async def test_a_certificate_nobody_vouches_for_is_refused_and_nothing_is_sent(how: str) -> None:
    alarms = Alarms()
    async with mail_server(starttls=how == "starttls", tls=how == "tls") as inbox:
        one = account(inbox.port, host="localhost", security=how, user=USER, password=PASSWORD)
        async with mailer(one, alarms=alarms) as ours:
            with pytest.raises(AccountFault) as raised:
                await ours.send(one, MAIL)
    assert raised.value.code == "tls_refused"
    assert "certificate" in alarms.standing["smtp:main"]
    assert inbox.users == []
    assert inbox.raw == []


@pytest.mark.parametrize("how", ["starttls", "tls"])
async def test_a_certificate_of_another_host_is_refused(how: str) -> None:
    async with mail_server(
        starttls=how == "starttls", tls=how == "tls", certificate="elsewhere.pem"
    ) as inbox:
        one = account(inbox.port, host="localhost", security=how, ca_file=CA)
        async with mailer(one) as ours:
            with pytest.raises(AccountFault) as raised:
                await ours.send(one, MAIL)
    assert raised.value.code == "tls_refused"
    assert "localhost" in raised.value.detail
    assert inbox.raw == []


async def test_a_wrong_password_is_told_to_the_operator_and_not_tried_again_at_once() -> None:
    clock, told = Clock(), list[tuple[str, str | None]]()
    alarms = Alarms(lambda key, words: told.append((key, words)))
    async with mail_server(starttls=True, login=True) as inbox:
        one = account(
            inbox.port, host="localhost", security="starttls", ca_file=CA,
            user=USER, password="wrong",
        )  # fmt: skip
        async with mailer(one, clock=clock, alarms=alarms) as ours:
            for _ in range(3):
                with pytest.raises(AccountFault) as raised:
                    await ours.send(one, MAIL)
                assert raised.value.code == "login_refused"
            tried = len(inbox.users)
            connections = inbox.connections
            ready_at = ours.ready_at(one)
    assert connections == 1
    assert tried >= 1
    assert ready_at is not None
    assert ready_at > clock()
    assert [key for key, _words in told] == ["smtp:main"]
    assert "login_refused at localhost" in (told[0][1] or "")
    assert "wrong" not in (told[0][1] or "")


async def test_an_account_that_recovers_sends_and_ends_its_alarm() -> None:
    clock, alarms = Clock(), Alarms()
    script = Script().says(GREETING=["421 4.3.2 maintenance", "220 hello"])
    async with (
        scripted_server(script),
        mailer(account(script.port), clock=clock, alarms=alarms) as ours,
    ):
        one = ours.accounts["main"]
        with pytest.raises(AccountFault):
            await ours.send(one, MAIL)
        assert "smtp:main" in alarms.standing
        ready_at = ours.ready_at(one)
        assert ready_at is not None
        clock.now = ready_at
        assert ours.ready_at(one) is None
        await ours.send(one, MAIL)
    assert alarms.standing == {}


async def test_the_longer_an_account_is_in_trouble_the_longer_it_rests() -> None:
    clock = Clock()
    script = Script().says(GREETING="554 no")
    waits = []
    async with scripted_server(script), mailer(account(script.port), clock=clock) as ours:
        for _ in range(12):
            with pytest.raises(AccountFault) as raised:
                await ours.send(ours.accounts["main"], MAIL)
            assert raised.value.after
            waits.append(raised.value.after)
            clock.now += raised.value.after
    assert script.connections == 12
    assert max(waits[:2]) < timedelta(seconds=15)
    assert timedelta(seconds=30) < max(waits) <= timedelta(minutes=2, seconds=2)


async def test_a_refused_mail_is_no_trouble_of_the_account() -> None:
    alarms = Alarms()
    script = Script().says(RCPT="550 5.1.1 no such user")
    async with scripted_server(script), mailer(account(script.port), alarms=alarms) as ours:
        with pytest.raises(Permanent):
            await ours.send(ours.accounts["main"], MAIL)
        assert ours.ready_at(ours.accounts["main"]) is None
    assert alarms.standing == {}


# ------------------------------------------------------------------ looking whether it works


async def test_a_look_at_the_server_connects_secures_and_logs_in() -> None:
    async with mail_server(starttls=True, login=True) as inbox:
        one = account(
            inbox.port, host="localhost", security="starttls", ca_file=CA,
            user=USER, password=PASSWORD,
        )  # fmt: skip
        async with mailer(one) as ours:
            await ours.probe(one)
    assert inbox.users == [USER]
    assert inbox.raw == []


async def test_a_look_does_not_wait_until_the_account_has_rested() -> None:
    script = Script().says(GREETING=["554 no", "220 hello"])
    async with scripted_server(script), mailer(account(script.port)) as ours:
        one = ours.accounts["main"]
        with pytest.raises(AccountFault):
            await ours.probe(one)
        await ours.probe(one)
        assert ours.ready_at(one) is None


async def test_a_look_at_a_server_that_hangs_up_says_so() -> None:
    script = Script().says(NOOP="")
    async with scripted_server(script), mailer(account(script.port)) as ours:
        with pytest.raises(AccountFault) as raised:
            await ours.probe(ours.accounts["main"])
    assert raised.value.code == "unreachable"


async def test_a_certificate_file_that_cannot_be_read_is_the_accounts_trouble(
    tmp_path: Path,
) -> None:
    one = account(1, security="tls", ca_file=tmp_path / "missing.pem")
    async with mailer(one) as ours:
        with pytest.raises(AccountFault) as raised:
            await ours.send(one, MAIL)
    assert raised.value.code == "tls_refused"
