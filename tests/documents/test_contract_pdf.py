"""A contract as a file: every word of it, on as many pages as it takes, and the same bytes every time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.documents import contract_pdf, typesetter
from bot.documents.contract_pdf import ContractPage, ContractPrinter, ContractWords, Party
from bot.documents.invoice_pdf import Letterhead

from .eyes import pages, text

PRINTER = ContractPrinter()
WORDS = ContractWords(
    "pt-BR", "Página {n} de {of}", "Código", "Aceito", "Ninguém aceitou ainda.", "SHA-256:"
)
SHORT = ContractPage(
    brand=Letterhead("Fibra Sul", "CNPJ 12.ABC.345/01DE-35"),
    words=WORDS,
    title="Contrato de internet",
    version="Versão 2",
    offered="oferecido em 20/11/2026",
    parties=(
        Party("Prestador", "Fibra Sul Ltda.", "CNPJ 12.ABC.345/01DE-35", ("Rua Um, 1", "Atibaia")),
        Party("Cliente", "Maria Exemplo", "CPF 529.982.247-25"),
    ),
    parts=(("title", "Contrato"), ("heading", "1. O quê"), ("paragraph", "Internet por fibra.")),
    code="ABCDEF012345",
    sha256="0f" * 32,
    created_at=datetime(2026, 11, 20, 15, tzinfo=UTC),
)
ACCEPTED = replace(SHORT, accepted="Maria Exemplo, em 20/11/2026 12:03, por web")


def squeezed(words: str) -> str:
    return "".join(words.split())


def test_it_says_who_with_whom_what_and_that_nobody_has_accepted_it() -> None:
    seen = squeezed(text(PRINTER.render(SHORT)))

    for part in (
        "Fibra Sul Ltda.", "Maria Exemplo", "CPF 529.982.247-25", "Contrato de internet", "Versão 2",
        "1. O quê", "Internet por fibra.", "Ninguém aceitou ainda.", "0f" * 32, "Página 1 de 1",
        "Código ABCDEF012345",
    ):  # fmt: skip
        assert squeezed(part) in seen


def test_accepted_it_says_by_whom_and_when() -> None:
    seen = squeezed(text(PRINTER.render(ACCEPTED)))

    assert squeezed("Maria Exemplo, em 20/11/2026 12:03, por web") in seen
    assert squeezed("Ninguém aceitou") not in seen


def test_no_word_of_a_long_one_is_missing() -> None:
    paragraphs = tuple(("paragraph", f"p{n} " + f"palavra{n} " * 150) for n in range(30))
    pdf = PRINTER.render(replace(SHORT, parts=paragraphs))

    assert pages(pdf) > 5
    seen = squeezed(text(pdf))
    for n in range(30):
        assert seen.count(f"palavra{n}" * 3) > 0
    total = sum(seen.count(f"p{n}palavra{n}") for n in range(30))
    assert total == 30
    assert f"Página{pages(pdf)}de{pages(pdf)}" in seen


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("abc é#*_$\\{}[]", min_size=1, max_size=900), min_size=1, max_size=4))
def test_words_are_printed_as_they_are_and_never_cut(paragraphs: list[str]) -> None:
    inputs = contract_pdf._inputs(
        replace(SHORT, parts=tuple(("paragraph", each) for each in paragraphs))
    )
    printed = [part["words"] for part in inputs["parts"]]

    assert [squeezed(each) for each in printed] == [squeezed(each) for each in paragraphs]


def test_markup_in_its_words_is_words() -> None:
    wild = "#strong[x] *y* _z_ $1+1$ \\ <b> @ref `raw` = no heading"
    seen = squeezed(text(PRINTER.render(replace(SHORT, parts=(("paragraph", wild),)))))

    assert squeezed(wild) in seen


def test_the_file_is_the_same_bytes_for_the_same_contract() -> None:
    first = PRINTER.render(ACCEPTED)
    PRINTER.render(SHORT)

    assert PRINTER.render(ACCEPTED) == first
    assert ContractPrinter().render(ACCEPTED) == first


@pytest.mark.parametrize("page", [SHORT, ACCEPTED], ids=["open", "accepted"])
def test_the_file_can_be_read_aloud_and_kept_for_years(page: ContractPage) -> None:
    compiler = typesetter.Typesetter("contract.typ")._compiler
    source = typesetter.source("contract.typ", contract_pdf._inputs(page))

    # Typst refuses what PDF/UA-1 (accessibility) or PDF/A-2a (archive) forbid.
    for standard in ("ua-1", "a-2a"):
        stamp = int(page.created_at.timestamp())
        made = compiler.compile(source, format="pdf", pdf_standards=[standard], timestamp=stamp)
        assert isinstance(made, bytes)


def test_what_cannot_be_printed_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one paragraph"):
        replace(SHORT, parts=())
    with pytest.raises(ValueError, match="aware"):
        replace(SHORT, created_at=datetime(2026, 11, 20))  # noqa: DTZ001
