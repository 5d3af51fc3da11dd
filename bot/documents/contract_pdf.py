"""A contract as a PDF: parties, its words from beginning to end, who accepted them, and their digest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from bot.documents.invoice_pdf import Letterhead
from bot.documents.typesetter import Typesetter, printable

_PIECE = 400
"""Characters made printable at a time: one place of a page holds no more, a contract's paragraph does."""


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a contract. `tax_id` carries its own label: "CPF 529.982.247-25"."""

    role: str
    name: str
    tax_id: str
    address: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ContractWords:
    """Every word of the page that is not the contract's own, in the reader's language."""

    language: str
    """BCP 47: "pt-BR", "en", "es"."""
    page: str
    """With `{n}` and `{of}`: "Page {n} of {of}"."""
    code: str
    """Stands before the code in the footer."""
    accepted: str
    open: str
    """Instead, where nobody has accepted it."""
    digest: str


@dataclass(frozen=True, slots=True)
class ContractPage:
    """A contract, ready to print: dates are the caller's formatted words.

    Raises ValueError for a contract without words, or a naive `created_at`.
    """

    brand: Letterhead
    words: ContractWords
    title: str
    version: str
    offered: str
    parties: tuple[Party, ...]
    parts: Sequence[tuple[str, str]]
    """("title" | "heading" | "paragraph", words), as `bot.domain.contract_text.blocks` gives them."""
    code: str
    sha256: str
    created_at: datetime
    """Aware; written into the PDF, so that one contract always gives the same bytes."""
    accepted: str | None = None
    """Who, when and through what; None: nobody yet."""

    def __post_init__(self) -> None:
        if not self.parts:
            raise ValueError("a contract has at least one paragraph")
        if self.created_at.tzinfo is None:
            raise ValueError("created_at must be aware")


class ContractPrinter:
    """Prints contracts; safe to share between threads (see `Typesetter`)."""

    def __init__(self) -> None:
        self._typesetter = Typesetter("contract.typ")

    def render(self, page: ContractPage) -> bytes:
        """The contract as a tagged PDF; the same page gives the same bytes."""
        return self._typesetter.pdf(_inputs(page), page.created_at)


def _inputs(page: ContractPage) -> dict[str, Any]:
    """What `contract.typ` reads; everything is made printable, and nothing of the words is cut."""
    return {
        "brand": _printed(asdict(page.brand)),
        "words": _printed(asdict(page.words)),
        "title": printable(page.title),
        "version": printable(page.version),
        "offered": printable(page.offered),
        "parties": [_printed(asdict(party)) for party in page.parties],
        "parts": [{"kind": kind, "words": whole(words)} for kind, words in page.parts],
        "code": page.code,
        "sha256": page.sha256,
        "accepted": None if page.accepted is None else whole(page.accepted),
    }


def _printed(record: dict[str, Any]) -> dict[str, Any]:
    return {name: _printed_value(value) for name, value in record.items()}


def _printed_value(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    return [printable(each) for each in value] if isinstance(value, tuple) else value


def whole(words: str) -> str:
    """`printable` for words of any length, piece by piece between words."""
    pieces, piece = list[str](), ""
    for word in words.split():
        while len(word) > _PIECE:
            pieces.append(printable(word[:_PIECE]))
            word = word[_PIECE:]
        if len(piece) + len(word) >= _PIECE:
            pieces.append(printable(piece))
            piece = ""
        piece = f"{piece} {word}" if piece else word
    return " ".join([*pieces, printable(piece)]).strip()
