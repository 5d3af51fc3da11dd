"""The demo's mailbox: what was sent is there, whole, also after a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import pytest

from bot.core.message import Document, Mail
from bot.delivery.compose import compose
from bot.delivery.templates import MailWords
from bot.demo.mailbox import KEPT, CaughtMail
from bot.web.ports import Mailbox

PDF = Document("fatura de março.pdf", "application/pdf", b"%PDF-1.7 " + bytes(range(256)))


@pytest.fixture
async def mailbox(tmp_path: Path) -> AsyncIterator[CaughtMail]:
    mailbox = CaughtMail(tmp_path / "mail")
    await mailbox.start()
    yield mailbox
    await mailbox.stop()


def a_mail(subject: str = "Olá, João!", *documents: Document) -> bytes:
    return compose(
        Mail("x", "joao@example.org", "pt_BR"),
        MailWords(subject, "texto\n", "<p>texto</p>\n"),
        documents,
        sender="faturas@example.com",
        sender_name="Fibra São João",
        message_id="<1.a@example.com>",
        now=datetime(2026, 11, 20, tzinfo=UTC),
        to_name="João",
    ).content


async def send(mailbox: CaughtMail, *contents: bytes) -> None:
    async with aiosmtplib.SMTP(
        hostname="127.0.0.1", port=mailbox.port, start_tls=False, local_hostname="localhost"
    ) as client:
        for content in contents:
            await client.sendmail("faturas@example.com", "joao@example.org", content)


async def test_a_mail_is_read_with_text_html_headers_and_attachments(mailbox: CaughtMail) -> None:
    await send(mailbox, a_mail("Olá, João!", PDF))
    (summary,) = mailbox.list()
    assert (summary.id, summary.subject, summary.attachments) == (1, "Olá, João!", 1)
    assert summary.sender == "Fibra São João <faturas@example.com>"
    assert summary.to == "João <joao@example.org>"
    assert summary.at.tzinfo is UTC
    mail = mailbox.get(1)
    assert mail is not None
    assert mail.summary == summary
    assert (mail.text or "").strip() == "texto"
    assert (mail.html or "").strip() == "<p>texto</p>"
    assert ("Message-ID", "<1.a@example.com>") in list(mail.headers)
    (attachment,) = mail.attachments
    assert (attachment.name, attachment.media_type) == (PDF.name, PDF.media_type)
    assert attachment.size == len(PDF.content)
    assert mailbox.attachment(1, 0) == PDF


async def test_what_is_not_there_is_none(mailbox: CaughtMail) -> None:
    await send(mailbox, a_mail())
    assert mailbox.get(2) is None
    assert mailbox.attachment(1, 0) is None
    assert mailbox.attachment(1, -1) is None
    assert mailbox.attachment(9, 0) is None


async def test_the_newest_mail_is_first(mailbox: CaughtMail) -> None:
    await send(mailbox, a_mail("one"), a_mail("two"), a_mail("three"))
    assert [mail.subject for mail in mailbox.list()] == ["three", "two", "one"]


async def test_mails_survive_a_restart_and_numbers_go_on(
    mailbox: CaughtMail, tmp_path: Path
) -> None:
    await send(mailbox, a_mail("one"))
    before = mailbox.list()
    await mailbox.stop()
    again = CaughtMail(tmp_path / "mail")
    await again.start()
    await send(again, a_mail("two"))
    assert [(mail.id, mail.subject) for mail in again.list()] == [(2, "two"), (1, "one")]
    assert again.list()[1] == before[0]
    await again.stop()


async def test_only_the_last_ones_are_kept_on_disk_too(mailbox: CaughtMail, tmp_path: Path) -> None:
    await send(mailbox, *(a_mail(str(n)) for n in range(KEPT + 5)))
    assert len(mailbox.list()) == KEPT
    assert mailbox.list()[-1].id == 6
    assert len(list((tmp_path / "mail").iterdir())) == KEPT
    assert mailbox.get(1) is None


async def test_who_listens_gets_what_they_missed_and_then_each_as_it_arrives(
    mailbox: CaughtMail,
) -> None:
    await send(mailbox, a_mail("one"), a_mail("two"))
    async with aclosing(mailbox.subscribe(1)) as mails:
        assert (await anext(mails)).subject == "two"
        waiting = asyncio.create_task(mails.__anext__())
        await asyncio.sleep(0)
        assert not waiting.done()
        await send(mailbox, a_mail("three"))
        assert (await waiting).subject == "three"


async def test_pictures_inside_a_mail_are_written_into_its_html(mailbox: CaughtMail) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"] = "a@example.com", "b@example.org"
    mail.set_content("x")
    mail.add_alternative('<img src="cid:logo@x"><img src="cid:none@x">', subtype="html")
    html = mail.get_body(("html",))
    assert isinstance(html, EmailMessage)
    html.add_related(b"\x89PNG", "image", "png", cid="<logo@x>")
    await send(mailbox, mail.as_bytes())
    caught = mailbox.get(1)
    assert caught is not None
    assert caught.html is not None
    assert '<img src="data:image/png;base64,iVBORw=="><img src="cid:none@x">' in caught.html


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"no headers at all\r\n", None),
        (b"Content-Type: text/plain; charset=nonsense\r\n\r\nol\xe1\r\n", "ol\ufffd"),
        (b"Content-Type: text/plain; charset=utf-8\r\n\r\nol\xe1\r\n", "ol\ufffd"),
        (b"From: <<<\r\nTo: ,,;\r\nSubject: =?utf-8?q?=ff?=\r\nDate: no\r\n\r\nx\r\n", "x"),
        (b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n", None),
    ],
)
async def test_a_crooked_mail_is_shown_as_well_as_can_be(
    mailbox: CaughtMail, content: bytes, text: str | None
) -> None:
    await send(mailbox, content)
    (summary,) = mailbox.list()
    mail = mailbox.get(summary.id)
    assert mail is not None
    if text is not None:
        assert (mail.text or "").strip() == text


async def test_a_mail_within_a_mail_can_be_opened(mailbox: CaughtMail) -> None:
    inner, outer = EmailMessage(), EmailMessage()
    inner["Subject"] = "inner"
    inner.set_content("deep")
    outer["Subject"] = "outer"
    outer.set_content("see below")
    outer.add_attachment(inner)
    await send(mailbox, outer.as_bytes())
    document = mailbox.attachment(1, 0)
    assert document is not None
    assert b"deep" in document.content


async def test_a_stop_hangs_up_on_who_is_still_connected(mailbox: CaughtMail) -> None:
    client = aiosmtplib.SMTP(
        hostname="127.0.0.1", port=mailbox.port, start_tls=False, local_hostname="localhost"
    )
    await client.connect()
    await mailbox.stop()
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await client.noop()
    await mailbox.stop()
    client.close()


def test_the_page_can_read_it(tmp_path: Path) -> None:
    """It has the shapes the page asks for, by name: rooms do not import each other's."""
    for name in ("list", "get", "attachment", "subscribe"):
        assert callable(getattr(CaughtMail(tmp_path), name))
        assert hasattr(Mailbox, name)
