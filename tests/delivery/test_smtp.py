"""Mails to real servers on loopback: TLS, login, one connection kept, and what refusals mean."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace

import pytest

from bot.core.errors import Permanent, Temporary
from bot.delivery.alarms import Alarms
from bot.delivery.connection import AccountFault
from bot.delivery.smtp import Mailer, SmtpAccount
from tests.delivery.accounts import MAIL, account, mailer, refusal
from tests.delivery.mail_server import CA, PASSWORD, USER, Script, mail_server, scripted_server
from tests.fakes import Clock

# ------------------------------------------------------------------ the way it should go


async def test_a_mail_arrives_as_it_was_composed() -> None:
    async with mail_server() as inbox, mailer(account(inbox.port)) as ours:
        await ours.send(ours.account_for("invoices"), MAIL)
    assert inbox.raw == [MAIL.content]
    assert inbox.recipients == ["maria@example.org"]


async def test_lines_that_begin_with_a_full_stop_end_no_mail_and_arrive_as_they_are() -> None:
    lines = [b"Subject: dots", b"", b".", b"..", b".x", b"", b".", b"a.", b"."]
    content = b"\r\n".join([*lines, b""])
    async with mail_server() as inbox, mailer(account(inbox.port)) as ours:
        await ours.send(ours.account_for("invoices"), replace(MAIL, content=content))
        await ours.send(ours.account_for("invoices"), MAIL)
    assert inbox.raw == [content, MAIL.content]
    assert inbox.connections == 1


@pytest.mark.parametrize("how", ["starttls", "tls"])
async def test_mails_go_through_tls_that_the_operators_certificate_vouches_for(how: str) -> None:
    async with mail_server(starttls=how == "starttls", tls=how == "tls") as inbox:
        secure = account(inbox.port, host="localhost", security=how, ca_file=CA)
        async with mailer(secure) as ours:
            await ours.send(secure, MAIL)
    assert inbox.raw == [MAIL.content]
    if how == "starttls":
        assert inbox.secured == [True]


async def test_the_account_logs_in_after_starttls() -> None:
    async with mail_server(starttls=True, login=True) as inbox:
        one = account(
            inbox.port, host="localhost", security="starttls", ca_file=CA,
            user=USER, password=PASSWORD,
        )  # fmt: skip
        async with mailer(one) as ours:
            await ours.send(one, MAIL)
    assert inbox.users == [USER]
    assert len(inbox.mails) == 1


async def test_many_mails_share_one_connection() -> None:
    async with mail_server() as inbox, mailer(account(inbox.port)) as ours:
        await asyncio.gather(*(ours.send(ours.accounts["main"], MAIL) for _ in range(10)))
        assert len(inbox.raw) == 10
        assert inbox.connections == 1


async def test_an_unused_connection_is_closed_and_opened_again_when_needed() -> None:
    async with mail_server() as inbox, mailer(account(inbox.port, idle_close=0.0)) as ours:
        await ours.send(ours.accounts["main"], MAIL)
        await inbox.left.wait()
        await ours.send(ours.accounts["main"], MAIL)
        assert inbox.connections == 2


@pytest.mark.parametrize("goodbye", ["", "421 4.4.2 idle for too long"])
async def test_a_connection_that_the_server_gave_up_meanwhile_is_no_failure(goodbye: str) -> None:
    script = Script().says(MAIL=["250 OK", goodbye, "250 OK"])
    async with scripted_server(script), mailer(account(script.port)) as ours:
        await ours.send(ours.accounts["main"], MAIL)
        await ours.send(ours.accounts["main"], MAIL)
    assert script.connections == 2


async def test_after_a_refusal_the_same_connection_takes_the_next_mail() -> None:
    script = Script().says(RCPT=["550 5.1.1 no such user", "250 OK"])
    async with scripted_server(script), mailer(account(script.port)) as ours:
        with pytest.raises(Permanent):
            await ours.send(ours.accounts["main"], MAIL)
        await ours.send(ours.accounts["main"], MAIL)
    assert script.connections == 1
    assert "RSET" in script.heard


async def test_the_operator_names_an_account_for_each_purpose_and_a_default() -> None:
    invoices = account(1, name="invoices", purposes=frozenset({"invoices"}))
    rest = account(2, name="rest", default=True)
    async with mailer(invoices, rest) as ours:
        assert ours.account_for("invoices") is invoices
        assert ours.account_for("codes") is rest
        assert ours.account_for("other") is rest


@pytest.mark.parametrize(
    ("accounts", "words"),
    [
        ([], "needs an SMTP account"),
        ([account(1), account(2)], "one name"),
        ([account(1), account(2, name="b")], "must be the default"),
        ([account(1, default=True), account(2, name="b", default=True)], "must be the default"),
        (
            [
                account(1, purposes=frozenset({"codes"}), default=True),
                account(2, name="b", purposes=frozenset({"codes"})),
            ],
            "one purpose",
        ),
    ],
)
def test_accounts_that_contradict_each_other_are_refused(
    accounts: list[SmtpAccount], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        Mailer(accounts, alarms=Alarms(), clock=Clock(), rng=random.Random(1))


@pytest.mark.parametrize("field", ["name", "host", "sender"])
def test_an_account_without_name_host_or_sender_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match="needs a name"):
        account(1, **{field: ""})


def test_a_password_is_never_printed() -> None:
    assert PASSWORD not in repr(account(1, password=PASSWORD))


# ------------------------------------------------------------------ refusals of one mail


@pytest.mark.parametrize(
    ("verb", "answer", "code", "flagged"),
    [
        ("RCPT", "550 5.1.1 no such user here", "bad_address", True),
        ("RCPT", "550 user unknown", "bad_address", True),
        ("RCPT", "553 5.1.3 bad address syntax", "bad_address", True),
        ("RCPT", "550 5.2.1 mailbox disabled", "bad_address", True),
        ("RCPT", "550 5.7.1 relaying denied", "refused", False),
        ("RCPT", "554 5.4.4 no route", "refused", False),
        ("MAIL", "550 5.5.2 what is this", "refused", False),
        ("MAIL", "552 5.3.4 too big for us", "too_large", False),
        ("DATA", "554 5.6.0 no", "refused", False),
        ("END", "554 5.7.1 looks like spam", "refused", False),
        ("END", "552 message too big", "too_large", False),
        ("END", "550 5.1.1 no such user after all", "refused", False),
    ],
)
async def test_what_will_never_be_taken_is_permanent(
    verb: str, answer: str, code: str, flagged: bool
) -> None:
    error = await refusal(Script().says(**{verb: answer}))
    assert isinstance(error, Permanent)
    assert (error.code, error.flag) == (code, flagged)


@pytest.mark.parametrize(
    ("verb", "answer", "code"),
    [
        ("MAIL", "451 4.3.0 try later", "deferred"),
        ("MAIL", "421 4.7.0 too many connections", "deferred"),
        ("RCPT", "450 4.2.0 greylisted", "deferred"),
        ("RCPT", "452 4.2.2 mailbox full", "deferred"),
        ("RCPT", "552 5.2.2 over quota", "mailbox_full"),
        ("DATA", "451 4.3.0 try later", "deferred"),
        ("END", "451 4.3.0 try later", "deferred"),
        ("MAIL", "", "disconnected"),
        ("RCPT", "", "disconnected"),
        ("DATA", "", "disconnected"),
        ("END", "", "disconnected"),
        ("END", "nonsense", "deferred"),
    ],
)
async def test_what_may_be_taken_later_is_temporary(verb: str, answer: str, code: str) -> None:
    error = await refusal(Script().says(**{verb: answer}))
    assert isinstance(error, Temporary)
    assert not isinstance(error, AccountFault)
    assert error.code == code


async def test_a_server_that_falls_silent_is_given_up_and_its_connection_not_used_again() -> None:
    script = Script(held="RCPT", hold=asyncio.Event())
    async with scripted_server(script), mailer(account(script.port, timeout=0.05)) as ours:
        with pytest.raises(Temporary) as raised:
            await ours.send(ours.accounts["main"], MAIL)
        script.held = ""
        await ours.send(ours.accounts["main"], MAIL)
    assert raised.value.code == "timeout"
    assert script.connections == 2


async def test_a_mail_that_is_cancelled_halfway_leaves_no_half_used_connection() -> None:
    script = Script(held="RCPT", hold=asyncio.Event())
    async with scripted_server(script), mailer(account(script.port)) as ours:
        sending = asyncio.create_task(ours.send(ours.accounts["main"], MAIL))
        while not any(line.startswith("RCPT") for line in script.heard):
            await asyncio.sleep(0)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        assert script.hold
        script.hold.set()
        await ours.send(ours.accounts["main"], MAIL)
    assert script.connections == 2


async def test_no_error_repeats_the_address_a_server_named() -> None:
    error = await refusal(Script().says(RCPT="550 5.1.1 <maria@example.org>: unknown"))
    assert "maria" not in f"{error} {error!r} {error.__cause__!r}"
    assert "550 5.1.1" in str(error)
