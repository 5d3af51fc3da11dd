"""Mails from the ledger to the inbox: told when sent, kept while the server is away, one Message-ID."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from structlog.testing import capture_logs

from bot.core.brand import Brand
from bot.core.errors import Permanent
from bot.core.message import JSON, Document, DocumentRef, Limits, Mail, Notice, Outbound, Text
from bot.core.ports import Posted, State
from bot.delivery.alarms import Alarms
from bot.delivery.dispatcher import Dispatcher, Pace
from bot.delivery.mails import Contents, MailDelivery
from bot.delivery.smtp import Mailer, SmtpAccount
from bot.delivery.templates import Templates
from tests.delivery.fakes import LEASE, FakeChannel, FakeLedger
from tests.delivery.mail_server import Script, mail_server, scripted_server
from tests.fakes import Clock

FIBRA = Brand(
    "fibra", "Fibra São João", legal_name="São João Telecom Ltda.", email="contato@example.com"
)
SECOND_COPY = Mail(
    template="second-copy",
    to="maria@example.org",
    locale="pt_BR",
    values={"invoice": 7},
    documents=(DocumentRef("invoice-pdf", 7, "fatura-7.pdf", "application/pdf"),),
    purpose="invoices",
    tell=5,
    sent=Notice(Text("It was sent.")),
    failed=Notice(Text("It could not be sent.")),
)
CODE = Mail("code", "maria@example.org", "pt_BR", {}, purpose="codes", code=12)


class Words:
    def notice(self, notice: Notice, limits: Limits, locale: str, token: str) -> list[Outbound]:
        return [Outbound(notice.text.source)]


@dataclass
class Papers:
    """What mails say, as the database has it now."""

    total: Decimal = Decimal("99.90")
    gone: bool = False

    async def values(self, posted: Posted) -> Mapping[str, JSON]:
        mail = posted.body
        assert isinstance(mail, Mail)
        if self.gone:
            raise Permanent("gone")
        who = {"customer_name": "Maria Exemplo, a “Fiel”", "first_name": "Maria"}
        if mail.template == "code":
            return who | {"code": f"0000{mail.code}", "minutes": 10}
        return who | {
            "invoice_number": "2026-7", "due_on": date(2026, 11, 30), "state": "open",
            "amount": Decimal("99.90"), "total": self.total, "today": date(2026, 11, 20),
            "boleto_line": "99990.00004 12345", "pix_code": "00020126PIX",
        }  # fmt: skip

    async def contents(self, posted: Posted) -> Contents:
        mail = posted.body
        assert isinstance(mail, Mail)
        values = await self.values(posted)
        return Contents(
            values, [await self.render(posted.brand, ref, mail.locale) for ref in mail.documents]
        )

    async def render(self, brand: str, ref: DocumentRef, locale: str) -> Document:
        return Document(ref.name, ref.media_type, b"%PDF-1.7 " + bytes(range(256)))


class Office:
    """A dispatcher with its ledger, one SMTP account, and the chat that is told."""

    def __init__(self, port: int, ledger: FakeLedger, folder: Path | None) -> None:
        self.ledger, self.clock, self.papers = ledger, ledger.clock, Papers()
        self.chat, self.alarms, rng = FakeChannel(), Alarms(), random.Random(3)
        account = SmtpAccount(
            "main", "127.0.0.1", "faturas@example.com", port=port, security="none", timeout=5.0
        )
        self.mailer = Mailer([account], alarms=self.alarms, clock=self.clock, rng=rng)
        brands = {"fibra": FIBRA}
        mails = MailDelivery(
            self.mailer,
            Templates(folder, alarms=self.alarms),
            brands,
            self.papers.contents,
            token=lambda id: f"seal{id}",
            clock=self.clock,
        )
        self.dispatcher = Dispatcher(
            ledger, {"web": self.chat}, mails,
            brands=brands, words={"fibra": Words()}, render=self.papers.render,
            notice_token=str, clock=self.clock, rng=rng,
            pace=Pace(poll=3600.0, sweep=3600.0, again=0.0),
        )  # fmt: skip

    async def post(self, mail: Mail, **more: Any) -> int:
        id = self.ledger.post(mail, **more)
        await self.dispatcher.idle()
        return id

    async def later(self, **time: float) -> None:
        self.clock.forward(**time)
        for purpose in ("invoices", "codes", "other"):
            self.dispatcher.wake(f"mail:{purpose}")
        await self.dispatcher.idle()


@contextlib.asynccontextmanager
async def office(
    port: int, ledger: FakeLedger | None = None, folder: Path | None = None
) -> AsyncIterator[Office]:
    made = Office(port, ledger or FakeLedger(Clock()), folder)
    await made.dispatcher.start()
    try:
        yield made
    finally:
        await made.dispatcher.stop()


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    content: str = body.get_content()
    return content


# ------------------------------------------------------------------ the way it should go


async def test_a_second_copy_arrives_with_line_pix_and_pdf_and_the_customer_is_told() -> None:
    async with mail_server() as inbox, office(inbox.port) as ours:
        id = await ours.post(SECOND_COPY)
        (mail,) = inbox.mails
        assert inbox.recipients == ["maria@example.org"]
        assert mail["To"] == '"Maria Exemplo, a “Fiel”" <maria@example.org>'
        assert mail["From"] == "Fibra São João <faturas@example.com>"
        assert mail["Reply-To"] == "Fibra São João <contato@example.com>"
        assert mail["Subject"] == "Segunda via da fatura 2026-7"
        for kind in ("plain", "html"):
            for what in ("99990.00004 12345", "00020126PIX", "99,90", "30/11/2026"):
                assert what in part(mail, kind)
        (pdf,) = mail.iter_attachments()
        assert pdf.get_filename() == "fatura-7.pdf"
        assert pdf.get_content_type() == "application/pdf"
        assert pdf.get_content() == b"%PDF-1.7 " + bytes(range(256))
        assert ours.ledger.rows[id].state is State.SENT
        assert ours.ledger.rows[id].ref == mail["Message-ID"] == f"<{id}.seal{id}@example.com>"
        assert ours.chat.sent == [("chat-5", "It was sent.")]


async def test_a_mail_says_what_is_so_when_it_leaves_not_when_it_was_asked_for() -> None:
    script_then = Clock()
    async with mail_server() as inbox:
        ledger = FakeLedger(script_then)
        ledger.post(SECOND_COPY)
        async with office(inbox.port, ledger) as ours:
            ours.papers.total = Decimal("101.23")
            await ours.dispatcher.idle()
        assert "101,23" in part(inbox.mails[0], "plain")


async def test_a_code_is_in_the_mail_and_in_no_row_and_no_log() -> None:
    async with mail_server() as inbox, office(inbox.port) as ours:
        with capture_logs() as logs:
            id = await ours.post(CODE)
        assert "000012" in part(inbox.mails[0], "plain")
        assert "000012" in part(inbox.mails[0], "html")
        row = ours.ledger.rows[id]
        assert row.state is State.SENT
        assert "000012" not in str(row)
        assert not any(word in str(logs) for word in ("000012", "maria", "Maria", "@"))


async def test_many_mails_go_through_one_connection_and_each_once() -> None:
    async with mail_server() as inbox, office(inbox.port) as ours:
        for _ in range(40):
            ours.ledger.post(SECOND_COPY)
        await ours.dispatcher.idle()
        assert len({mail["Message-ID"] for mail in inbox.mails}) == len(inbox.mails) == 40
        assert inbox.connections == 1


async def test_without_a_mail_server_mails_wait_in_the_ledger() -> None:
    ledger, chat = FakeLedger(Clock()), FakeChannel()
    dispatcher = Dispatcher(
        ledger, {"web": chat}, None,
        brands={"fibra": FIBRA}, words={"fibra": Words()}, render=Papers().render,
        notice_token=str, clock=ledger.clock, rng=random.Random(1),
    )  # fmt: skip
    await dispatcher.start()
    ledger.post(SECOND_COPY)
    await dispatcher.idle()
    await dispatcher.stop()
    assert ledger.states() == [State.QUEUED]


# ------------------------------------------------------------------ refused


async def test_an_address_that_does_not_exist_is_flagged_and_the_customer_told() -> None:
    script = Script().says(RCPT="550 5.1.1 no such user")
    async with scripted_server(script), office(script.port) as ours:
        id = await ours.post(SECOND_COPY)
        row = ours.ledger.rows[id]
        assert (row.state, row.error, row.flagged) == (State.FAILED, "bad_address", True)
        assert ours.chat.sent == [("chat-5", "It could not be sent.")]


async def test_an_invoice_that_is_gone_fails_its_mail() -> None:
    async with mail_server() as inbox, office(inbox.port) as ours:
        ours.papers.gone = True
        id = await ours.post(SECOND_COPY)
        assert (ours.ledger.rows[id].state, ours.ledger.rows[id].error) == (State.FAILED, "gone")
        assert inbox.raw == []
        assert ours.chat.sent == [("chat-5", "It could not be sent.")]


async def test_a_mail_nobody_is_waiting_for_tells_nobody() -> None:
    script = Script().says(RCPT="550 5.1.1 no such user")
    async with scripted_server(script), office(script.port) as ours:
        await ours.post(CODE)
        assert ours.chat.sent == []


async def test_a_mail_server_that_says_later_gets_the_same_mail_later_and_later() -> None:
    script = Script().says(END=["451 4.3.0 later", "451 4.3.0 later", "250 OK"])
    async with scripted_server(script), office(script.port) as ours:
        id = await ours.post(SECOND_COPY)
        row, waits = ours.ledger.rows[id], []
        while row.state is State.QUEUED:
            assert row.error == "deferred"
            waits.append(row.due_at - ours.clock())
            await ours.later(seconds=waits[-1].total_seconds())
        assert len(waits) == 2
        assert all(wait >= timedelta(seconds=30) for wait in waits)
        assert ours.chat.sent == [("chat-5", "It was sent.")]


async def test_every_attempt_of_a_mail_is_the_same_mail() -> None:
    async with mail_server() as inbox, office(inbox.port) as ours:
        id = await ours.post(SECOND_COPY)
        # The process died after the server's answer and before the outcome was written.
        ours.ledger.rows[id].state = State.QUEUED
        await ours.later()
        first, second = inbox.raw
        assert first == second
        assert len(inbox.mails) == 2


async def test_a_mail_that_a_dead_process_held_is_sent_by_the_next() -> None:
    ledger = FakeLedger(Clock())
    ledger.post(SECOND_COPY)
    row = ledger.rows[1]
    row.state, row.lease_until = State.SENDING, ledger.clock() + LEASE
    ledger.clock.forward(minutes=2)
    async with mail_server() as inbox, office(inbox.port, ledger) as ours:
        await ours.dispatcher.idle()
        assert len(inbox.mails) == 1
        assert row.state is State.SENT


# ------------------------------------------------------------------ the account is in trouble


async def test_while_the_server_is_away_mails_are_kept_and_the_operator_told_once() -> None:
    script = Script().says(GREETING=["554 closed", "220 open again"])
    async with scripted_server(script), office(script.port) as ours:
        for _ in range(20):
            ours.ledger.post(SECOND_COPY)
        await ours.dispatcher.idle()
        assert set(ours.ledger.states()) == {State.QUEUED}
        assert list(ours.alarms.standing) == ["smtp:main"]
        assert script.connections == 1  # twenty mails do not knock twenty times
        await ours.later(minutes=3)
        await ours.later(minutes=3)
        mails = [row for row in ours.ledger.rows.values() if row.posted.kind == "mail"]
        assert {row.state for row in mails} == {State.SENT}
        assert ours.alarms.standing == {}
        assert len(ours.chat.sent) == 20


async def test_while_an_account_rests_its_mails_are_not_even_taken() -> None:
    script = Script().says(GREETING="554 closed")
    async with scripted_server(script), office(script.port) as ours:
        await ours.post(SECOND_COPY)
        behind = await ours.post(SECOND_COPY)
        await ours.later()
        assert script.connections == 1
        assert ours.ledger.rows[behind].posted.attempts == 0


async def test_a_lane_looks_again_by_itself_when_its_account_has_rested() -> None:
    script = Script().says(GREETING=["554 closed", "220 open again"])
    async with scripted_server(script), office(script.port) as ours:
        id = await ours.post(SECOND_COPY)
        account = ours.mailer.accounts["main"]
        ready_at = ours.mailer.ready_at(account)
        assert ready_at
        ours.clock.now = ready_at - timedelta(milliseconds=1)
        ours.dispatcher.wake("mail:invoices")
        await ours.dispatcher.idle()
        assert ours.ledger.rows[id].state is State.QUEUED
        ours.clock.now = ready_at
        while ours.ledger.rows[id].state is not State.SENT:
            await asyncio.sleep(0.001)


async def test_a_mail_that_could_not_leave_for_two_days_is_given_up_and_the_customer_told() -> None:
    script = Script().says(GREETING="554 closed for good")
    async with scripted_server(script), office(script.port) as ours:
        id = await ours.post(SECOND_COPY)
        row = ours.ledger.rows[id]
        begun = ours.clock()
        while row.state is State.QUEUED:
            await ours.later(minutes=30)
        assert (row.state, row.error, row.flagged) == (State.FAILED, "gave_up", False)
        assert ours.clock() - begun == timedelta(hours=48)
        assert ours.chat.sent == [("chat-5", "It could not be sent.")]


async def test_a_code_is_not_sent_after_its_ten_minutes() -> None:
    script = Script().says(GREETING=["421 later", "220 hello"])
    async with scripted_server(script), office(script.port) as ours:
        id = await ours.post(CODE)
        assert ours.ledger.rows[id].state is State.QUEUED
        await ours.later(minutes=10)
        assert (ours.ledger.rows[id].state, ours.ledger.rows[id].error) == (State.FAILED, "expired")
        assert not any(line.startswith("RCPT") for line in script.heard)


# ------------------------------------------------------------------ bugs and bad templates


async def test_a_bug_in_what_a_mail_says_keeps_the_mail_and_logs_no_words_of_it() -> None:
    async with mail_server() as inbox, office(inbox.port) as ours:
        good = ours.papers.total
        ours.papers.total = "não é dinheiro"  # type: ignore[assignment]
        with capture_logs() as logs:
            id = await ours.post(SECOND_COPY)
        assert ours.ledger.rows[id].error == "internal"
        assert any("trace" in entry for entry in logs)
        assert "não é dinheiro" not in str(logs)
        ours.papers.total = good
        await ours.later(minutes=5)
        assert ours.ledger.rows[id].state is State.SENT


async def test_a_template_the_operator_broke_costs_no_mail(tmp_path: Path) -> None:
    (tmp_path / "pt_BR").mkdir()
    (tmp_path / "pt_BR" / "second-copy.txt.j2").write_text("{{ totall }}")
    async with mail_server() as inbox, office(inbox.port, folder=tmp_path) as ours:
        id = await ours.post(SECOND_COPY)
        assert ours.ledger.rows[id].state is State.SENT
        assert "99,90" in part(inbox.mails[0], "plain")
        (words,) = ours.alarms.standing.values()
        assert "totall" in words


async def test_a_stop_ends_the_mails_in_hand_and_says_goodbye_to_the_server() -> None:
    script = Script(held="RCPT", hold=asyncio.Event())
    ledger = FakeLedger(Clock())
    for _ in range(Pace().mails + 10):
        ledger.post(SECOND_COPY)
    async with scripted_server(script), office(script.port, ledger) as ours:
        while not any(line.startswith("RCPT") for line in script.heard):
            await asyncio.sleep(0.001)
        stopping = asyncio.create_task(ours.dispatcher.stop())
        await asyncio.sleep(0)
        assert script.hold
        script.hold.set()
        await stopping
    states = Counter(row.state for row in ledger.rows.values() if row.posted.kind == "mail")
    assert states == {State.SENT: Pace().mails, State.QUEUED: 10}
    assert script.heard[-1] == "QUIT"
