"""Documents as rows: filed, changed, taken out, found, and nobody's but their customer's."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from bot.domain.documents import MOST_BYTES
from bot.domain.errors import Invalid
from storage import customer_documents as documents
from storage import document_access, document_links
from storage.document_access import Means
from storage.tables import audit, audit_body, document_body

from .conftest import OTHER, Folk
from .desk import KEYS, Desk

PDF = b"%PDF-1.4 a page"


def file(desk: Desk, folk: Folk, who: str = "ana", title: str = "Balancete", **more: object) -> int:
    return desk.turn(
        documents.add_document, folk[who], title=title, content=PDF,
        **{"file_name": "balancete.pdf", **more},
    )  # fmt: skip


def notes(desk: Desk) -> list[tuple[str, object, object]]:
    rows = select(audit.c.what, audit_body.c.before, audit_body.c.after).join(audit_body)
    return [tuple(row) for row in desk.rows(rows.order_by(audit.c.id))]


def test_a_document_is_filed_with_its_bytes_apart(desk: Desk, folk: Folk) -> None:
    id = file(desk, folk, title="  Balancete   de outubro ", period="10/2026", number="7/26")

    found = desk.turn(documents.get, id, folk["ana"])
    assert found is not None
    assert (found.title, found.period, found.number) == ("Balancete de outubro", "2026-10", "7/26")
    assert (found.size, found.media_type) == (len(PDF), "application/pdf")
    assert found.issued_on == date(2026, 11, 20)
    whole = desk.turn(documents.content, id)
    assert whole is not None
    assert (whole.name, whole.content) == ("balancete.pdf", PDF)
    assert notes(desk) == [("document.added", None, {"title": "Balancete de outubro"})]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"title": "  "}, "empty"),
        ({"content": b""}, "empty"),
        ({"content": b"x" * (MOST_BYTES + 1)}, "too_long"),
        ({"file_name": "page.html"}, "format"),
        ({"period": "outubro"}, "format"),
    ],
)
def test_what_cannot_be_filed_says_why(
    desk: Desk, folk: Folk, wrong: dict[str, object], code: str
) -> None:
    what = {"title": "Balancete", "file_name": "a.pdf", "content": PDF} | wrong
    with pytest.raises(Invalid) as refused:
        desk.turn(documents.add_document, folk["ana"], **what)
    assert refused.value.code == code
    assert desk.turn(documents.page, folk["ana"]) == []


def test_another_file_takes_its_place_and_the_old_digest_stays_on_record(
    desk: Desk, folk: Folk
) -> None:
    id = file(desk, folk)
    new = {"file_name": "novo.csv", "content": b"a;b\n"}
    assert desk.turn(documents.replace_file, id, folk["bruno"], **new) is False
    assert desk.turn(documents.replace_file, id, folk["ana"], **new) is True

    found = desk.turn(documents.get, id, folk["ana"])
    assert found is not None
    assert (found.file_name, found.media_type, found.size) == ("novo.csv", "text/csv", 4)
    whole = desk.turn(documents.content, id)
    assert whole is not None
    assert whole.content == b"a;b\n"
    assert desk.turn(documents.content, id, found.sha256[:16]) == whole
    assert desk.turn(documents.content, id, "0" * 16) is None
    what, before, after = notes(desk)[-1]
    assert what == "document.changed"
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    assert before["sha256"] != after["sha256"]


def test_taken_out_its_bytes_are_erased_and_it_is_nowhere(desk: Desk, folk: Folk) -> None:
    id = file(desk, folk)
    assert desk.turn(documents.remove_document, id, folk["bruno"]) is False
    assert desk.turn(documents.remove_document, id, folk["ana"]) is True
    assert desk.turn(documents.remove_document, id, folk["ana"]) is False

    assert desk.rows(select(document_body)) == []
    assert desk.turn(documents.content, id) is None
    assert desk.turn(documents.mail_values, id) is None
    assert desk.turn(documents.page, folk["ana"]) == []


def test_another_customer_and_another_brand_find_nothing(desk: Desk, folk: Folk) -> None:
    id = file(desk, folk)
    ana, bruno = folk["ana"], folk["bruno"]
    desk.visit("bruno")
    assert desk.turn(documents.get, id, bruno) is None
    assert desk.turn(documents.find, bruno, "balancete") == []
    assert desk.turn(documents.note_opened, id, bruno) is False
    mailing = {"request": "r", "sent": None, "failed": None, "unsent": None, "locale": "pt_BR"}
    assert desk.turn(documents.mail_document, id, bruno, **mailing) == "unknown"
    assert desk.turn(document_access.page, bruno) == []
    link = desk.turn(document_links.make_link, id, ana)
    assert link is not None

    desk.brand = OTHER
    assert desk.turn(documents.get, id, ana) is None
    assert desk.turn(documents.content, id) is None
    assert desk.turn(document_links.find, document_links.token_of(KEYS.hash, link)) is None
    assert desk.turn(documents.set_login, ana, False) is False
    with pytest.raises(LookupError):
        file(desk, folk)


def test_a_page_costs_one_statement_and_reads_no_bytes(desk: Desk, folk: Folk) -> None:
    for month in range(1, 13):
        file(desk, folk, title=f"Balancete {month}", issued_on=date(2025, month, 5))
    with desk.statements() as seen:
        found = desk.turn(documents.page, folk["ana"], 8, 8)

    assert [each.title for each in found] == [f"Balancete {month}" for month in (4, 3, 2, 1)]
    assert len(seen) == 1
    assert "document_body" not in seen[0]


def test_the_customers_word_on_a_login_is_on_record(desk: Desk, folk: Folk) -> None:
    id = file(desk, folk)

    def needs() -> bool:
        found = desk.turn(documents.get, id, folk["ana"])
        assert found is not None
        return desk.turn(documents.needs_login, found)

    assert needs() is True
    assert desk.turn(documents.set_login, folk["ana"], False) is True
    assert needs() is False
    desk.turn(documents.set_login, folk["ana"], None)
    assert needs() is True
    assert notes(desk)[1:] == [
        ("customer.document-login", {"required": None}, {"required": False}),
        ("customer.document-login", {"required": False}, {"required": None}),
    ]


def test_an_access_without_its_body_still_says_when_and_through_what(
    desk: Desk, folk: Folk
) -> None:
    id = file(desk, folk)
    desk.visit("ana")
    desk.turn(documents.note_opened, id, folk["ana"])
    desk.visitor = None
    desk.turn(document_access.note_access, id, Means.LINK, came_from="203.0.113.0/24")
    desk.turn(lambda write: write.run(audit_body.delete()))

    newest, oldest = desk.turn(document_access.page, folk["ana"])
    assert (newest.means, newest.came_from, newest.through) == (None, None, None)
    assert (oldest.means, oldest.name, oldest.through, oldest.at) == (None, None, "web", desk.now)
    assert desk.turn(document_access.count, folk["ana"], document_id=id) == 2


def test_a_log_as_a_file_never_says_more_than_when_it_was_handed_out(
    desk: Desk, folk: Folk
) -> None:
    id = file(desk, folk)
    desk.visit("ana")
    assert desk.turn(document_access.note_exported, folk["ana"]) == 0
    desk.turn(documents.note_opened, id, folk["ana"])
    newest = desk.turn(document_access.note_exported, folk["ana"])
    desk.turn(documents.note_opened, id, folk["ana"])

    assert len(desk.turn(document_access.page, folk["ana"])) == 2
    assert [each.id for each in desk.turn(document_access.as_file, folk["ana"], newest)] == [newest]
    assert desk.turn(document_access.as_file, folk["bruno"], newest) == []


def test_links_are_derived_not_kept_and_each_opens_its_own(desk: Desk, folk: Folk) -> None:
    first, second = file(desk, folk, title="One"), file(desk, folk, "bruno", title="Two")
    links = [
        desk.turn(document_links.make_link, id, folk[who])
        for id, who in ((first, "ana"), (second, "bruno"))
    ]
    tokens = [document_links.token_of(KEYS.hash, link) for link in links if link]

    opened = [desk.turn(document_links.find, token) for token in tokens]
    assert [each.document.title for each in opened if each] == ["One", "Two"]
    assert desk.turn(document_links.find, tokens[0].upper()) is None
    assert desk.turn(document_links.find, tokens[0] + "0") is None
    assert desk.turn(document_links.open_by_link, tokens[0], "") is None
    assert desk.turn(document_links.open_in_chat, links[0], name="x", proved=folk["bruno"]) is False
    assert desk.turn(document_access.page, folk["ana"]) == []
