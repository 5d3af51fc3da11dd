"""Somebody's own data on paper: what was done in words, whatever the code may write; and what is not on it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.core.message import Text
from bot.core.render import LOCALES, Catalogs, Renderer
from bot.documents.my_data_pdf import MOST, sections
from bot.documents.my_data_words import DEEDS, deed
from bot.domain.roles import Change

ROOT = Path(__file__).parents[2]
RENDERER = Renderer(Catalogs(ROOT / "locales"), ZoneInfo("America/Sao_Paulo"))

MADE_UP_THERE: Mapping[str, tuple[str, ...]] = {
    "storage/approvals.py": ("approval.approved", "approval.denied"),
    "storage/claims.py": ("payment.claim_confirmed", "payment.claim_dismissed"),
    "storage/deciding.py": ("promise.forgiven", "promise.closed"),
    "storage/document_access.py": ("document.opened",),
    "storage/membership.py": tuple(f"person.{change.value}" for change in Change),
    "storage/pending.py": ("payment.change_done", "payment.change_failed"),
    "storage/people.py": ("person.waits", "person.verified"),
    "storage/releases.py": ("customer.released", "customer.blocked-again"),
}
"""Where a kind is put together as the code runs: which it can be."""


def audited() -> Iterator[tuple[str, str | None]]:
    """The kind of every row of the audit that the code writes, by file; None: it is put together there."""
    for file in sorted((ROOT / "storage").rglob("*.py")):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and (kind := _kind(call)) is not None:
                constant = isinstance(kind, ast.Constant)
                yield str(file.relative_to(ROOT)), kind.value if constant else None  # type: ignore[attr-defined]


def _kind(call: ast.Call) -> ast.expr | None:
    match call.func:
        case ast.Attribute(attr="audit"):
            return call.args[0]
        case ast.Name(id="note"):  # of an import: begun, brand, kind, rows
            return call.args[2]
        case _:
            return None


def test_every_kind_that_the_code_writes_has_words() -> None:
    kinds = {kind for _file, kind in audited() if kind is not None}
    assert len(kinds) > 60
    kinds |= {kind for some in MADE_UP_THERE.values() for kind in some}

    assert sorted(kinds - DEEDS.keys()) == []
    assert sorted(DEEDS.keys() - kinds) == []


def test_every_kind_that_is_put_together_is_listed_here() -> None:
    assert {file for file, kind in audited() if kind is None} == MADE_UP_THERE.keys()


def test_the_audit_is_written_nowhere_else() -> None:
    for folder in ("bot", "handlers"):
        for file in (ROOT / folder).rglob("*.py"):
            assert ".audit(" not in file.read_text(encoding="utf-8"), file


@pytest.mark.parametrize("locale", LOCALES)
def test_words_of_kinds_read_as_words(locale: str) -> None:
    said = {kind: RENDERER.plain(deed(kind), locale) for kind in DEEDS}
    for kind, words in said.items():
        assert words[0].isupper(), kind
        assert not {".", "_"} & set(words), kind


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("invoice.put_on-hold", "Fatura: put on hold"),
        ("tariff.raised", "tariff: raised"),
        ("rain-check.given", "rain check: given"),
        ("invoice", "Fatura"),
        ("", ""),
    ],
)
def test_a_kind_of_a_later_release_is_named_by_what_it_is_about(kind: str, words: str) -> None:
    assert RENDERER.plain(deed(kind), "pt_BR") == words


def told(count: int) -> dict[str, Any]:
    """What is kept of somebody who did something `count` times, a minute apart."""
    start = datetime(2026, 11, 1, 12, tzinfo=UTC)
    done = [
        {
            "at": (start + timedelta(minutes=n)).isoformat(),
            "what": "code.requested" if n else "person.joined",
            "subject": f"code:{n}",
            "through": "web",
        }
        for n in range(count)
    ]
    return {
        "controller": {"name": "Curral Fibra"},
        "made_at": start.isoformat(),
        "person": {"name": "Ana", "accesses_and_changes": done},
    }


def did(count: int, locale: str = "en") -> tuple[tuple[str, ...], str]:
    """The lines of what they did, and what the paper says of those that are not on it."""

    def say(text: Text) -> str:
        return RENDERER.plain(text, locale)

    (found,) = [
        each for each in sections(told(count), say) if each.title == say(Text("What you did here"))
    ]
    lines = tuple(" · ".join(value for _name, value in record) for record in found.records)
    return lines, found.more


def test_what_was_done_stands_in_words() -> None:
    lines, more = did(2)
    assert "Came by an invite link" in lines[0]
    assert "Code asked for" in lines[1]
    assert more == ""


@pytest.mark.parametrize(
    ("count", "more"),
    [
        (MOST, ""),
        (MOST + 1, "1 mais antigo não está neste documento"),
        (MOST + 30, "30 mais antigos não estão neste documento"),
    ],
)
def test_the_paper_has_the_latest_and_says_how_many_older_there_are_and_where(
    count: int, more: str
) -> None:
    lines, said = did(count, "pt_BR")
    assert len(lines) == MOST
    assert ("Entrou por link de convite" in lines[0]) is (count == MOST)
    assert said.startswith(more)
    assert ("arquivo para programas (JSON)" in said) is bool(more)
