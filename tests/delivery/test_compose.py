"""A composed mail, read back by the standard library: whole, and with no header but our own."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.core.errors import Permanent
from bot.core.message import Document, Mail
from bot.delivery.compose import Envelope, address, compose, one_line
from bot.delivery.templates import MailWords

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=ZoneInfo("America/Sao_Paulo"))
WORDS = MailWords("Sua fatura – novembro", "Olá!\n\n.linha\n", "<p>Olá!</p>\n")
HEADERS = [
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language",
    "Reply-To", "MIME-Version", "Content-Type",
]  # fmt: skip


def composed(
    *,
    words: MailWords = WORDS,
    documents: tuple[Document, ...] = (),
    to: str = "maria@example.org",
    to_name: str = "Maria",
    sender_name: str = "Fibra",
    reply_to: str = "contato@example.com",
    unsubscribe: str = "",
) -> Envelope:
    return compose(
        Mail("second-copy", to, "pt_BR"),
        words,
        documents,
        sender="faturas@example.com",
        sender_name=sender_name,
        message_id="<12.k3y@example.com>",
        now=NOW,
        to_name=to_name,
        reply_to=reply_to,
        unsubscribe=unsubscribe,
    )


def read(envelope: Envelope) -> EmailMessage:
    assert envelope.content.isascii()
    lines = envelope.content.split(b"\r\n")
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert max(map(len, lines)) <= 998  # RFC 5322 2.1.1
    mail = message_from_bytes(envelope.content, policy=policy.SMTP)
    assert isinstance(mail, EmailMessage)
    assert [part.defects for part in mail.walk() if part.defects] == []
    return mail


def text_of(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_text_and_html_are_two_readings_of_one_mail() -> None:
    mail = read(composed())
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert text_of(mail, "plain") == WORDS.text
    assert text_of(mail, "html") == WORDS.html


def test_documents_are_attached_beside_the_words() -> None:
    pdf = Document("fatura.pdf", "application/pdf", bytes(range(256)) * 99)
    other = Document("termo de adesão.txt", "text/plain", "olá".encode())
    mail = read(composed(documents=(pdf, other)))
    assert mail.get_content_type() == "multipart/mixed"
    assert text_of(mail, "plain") == WORDS.text
    first, second = mail.iter_attachments()
    assert (first.get_filename(), first.get_content_type()) == ("fatura.pdf", "application/pdf")
    assert first.get_content() == pdf.content
    assert second.get_filename() == "termo de adesão.txt"
    assert second.get_payload(decode=True) == other.content


def test_the_headers_say_who_when_and_that_no_person_wrote_it() -> None:
    mail = read(composed())
    assert list(mail.keys()) == HEADERS
    assert mail["From"] == "Fibra <faturas@example.com>"
    assert mail["To"] == "Maria <maria@example.org>"
    assert mail["Reply-To"] == "Fibra <contato@example.com>"
    assert mail["Subject"] == "Sua fatura – novembro"
    assert mail["Message-ID"] == "<12.k3y@example.com>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "pt-BR"
    assert mail["Date"] == "Fri, 20 Nov 2026 12:00:00 -0300"
    assert parsedate_to_datetime(mail["Date"]) == NOW.astimezone(UTC)


def test_answers_go_to_whom_the_mail_itself_names() -> None:
    mail = Mail("human-request", "contato@example.com", "pt_BR", reply_to="maria@example.org")
    envelope = compose(
        mail, WORDS, (), sender="a@example.com", sender_name="", message_id="<1@example.com>",
        now=NOW, reply_to="contato@example.com",
    )  # fmt: skip
    assert read(envelope)["Reply-To"] == "maria@example.org"


def test_a_mail_nobody_must_get_can_be_ended_with_one_click() -> None:
    mail = read(composed(unsubscribe="https://example.com/fim/á?x=1>\r\nBcc: a@example.com"))
    assert mail["List-Unsubscribe"].startswith("<https://example.com/fim/%C3%A1?x=1%3E%20Bcc:")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "Bcc" not in mail


def test_a_required_mail_has_no_way_to_end_it() -> None:
    assert "List-Unsubscribe" not in read(composed())


def test_the_same_mail_is_the_same_bytes() -> None:
    assert composed() == composed()


@pytest.mark.parametrize(
    "bad",
    [
        "", "maria", "@example.org", "maria@", "a b@example.org", "a@b@example.org",
        "maria@example.org, eve@example.org", "<maria@example.org>", '"m a"@example.org',
        "maria@example.org\r\nBcc: eve@example.org", "maria@exa mple.org", "joão@example.org",
        "maria@" + "a" * 300, "maria@.." + "ç" * 80,
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_and_flagged(bad: str) -> None:
    with pytest.raises(Permanent) as raised:
        composed(to=bad)
    assert (raised.value.code, raised.value.flag) == ("bad_address", True)
    assert bad[:5] not in str(raised.value) or not bad


def test_a_domain_in_another_script_goes_out_in_ascii() -> None:
    assert address("maria@exämple.org") == "maria@xn--exmple-cua.org"


ENCODED = "=?utf-8?q?=0ABcc=3A?= x@example.org"
NASTY = (
    "João da Silva", "Silva, João", 'O "Dono"', "back\\slash", "a\r\nBcc: eve@example.org",
    "a\nb", "=?utf-8?q?=0ABcc=3A?=", "<script>", "eve@example.org", "\u202eevil", "a\u2028b",
    "\x00\x07", "\ud800", "🦜 Loro", "  spaces  ", "ж" * 300, "x" * 300, "(comment)", ";", "",
)  # fmt: skip
wild = st.one_of(
    st.sampled_from(NASTY),
    st.text(st.characters(), max_size=200),
    st.text(st.sampled_from('\r\n\t \x0b\x0c\x85\u2028"\\,;:<>()@=?_éa'), max_size=60),
)


def shown(envelope: Envelope, header: str) -> str:
    """The name a mail reader shows. (The newer parser puts spaces between encoded words: bpo-35547.)"""
    ((name, _address),) = getaddresses([message_from_bytes(envelope.content)[header]])
    return str(make_header(decode_header(name)))


@settings(deadline=None)
@given(to_name=wild, sender_name=wild, subject=wild)
@example(ENCODED, ENCODED, ENCODED)
def test_no_name_or_subject_ever_becomes_a_header_or_an_address(
    to_name: str, sender_name: str, subject: str
) -> None:
    words = MailWords(subject, "x\n", "x\n")
    envelope = composed(words=words, to_name=to_name, sender_name=sender_name)
    mail = read(envelope)
    assert list(mail.keys()) == HEADERS
    (to,), (sender,) = mail["To"].addresses, mail["From"].addresses
    assert (to.addr_spec, sender.addr_spec) == ("maria@example.org", "faturas@example.com")
    assert shown(envelope, "To") == one_line(to_name)[:120].strip()
    assert shown(envelope, "From") == one_line(sender_name)[:120].strip()
    assert str(mail["Subject"]) == one_line(subject)[:200].strip()


@settings(deadline=None)
@given(text=wild, html=wild)
def test_any_words_come_back_as_they_were(text: str, html: str) -> None:
    mail = read(composed(words=MailWords("s", text + "\n", html + "\n")))
    for kind, words in (("plain", text), ("html", html)):
        kept = re.sub(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]", "\n", words + "\n")
        kept = re.sub(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]", " ", kept)
        assert text_of(mail, kind) == kept


@settings(deadline=None)
@given(name=wild, media_type=wild, content=st.binary(max_size=300))
def test_any_file_name_stays_a_file_name(name: str, media_type: str, content: bytes) -> None:
    mail = read(composed(documents=(Document(name, media_type, content),)))
    (attached,) = mail.iter_attachments()
    assert attached.get_payload(decode=True) == content
    filename = attached.get_filename()
    assert filename
    assert not re.search(r'[/\\<>:"|?*\r\n\0]', filename)
    assert list(attached.keys()) == [
        "Content-Type", "Content-Disposition", "Content-Transfer-Encoding",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("é" * 300 + ".pdf", "é" * 60 + ".pdf"),
        ("x" * 300, "x" * 60),
        ("contrato", "contrato"),
        ("", "file"),
        ("../../etc/x.txt", "..-..-etc-x.txt"),
    ],
)
def test_a_file_name_is_short_keeps_its_ending_and_is_no_path(name: str, kept: str) -> None:
    mail = read(composed(documents=(Document(name, "application/pdf", b"x"),)))
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == kept
