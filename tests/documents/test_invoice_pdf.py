"""The printed invoice, read as the customer's eyes, bank app and screen reader read it."""

import re
from dataclasses import asdict, fields, replace
from decimal import Decimal
from typing import Any

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.documents.invoice_pdf import (
    InvoiceDocument,
    InvoicePrinter,
    InvoiceWords,
    Letterhead,
    Payer,
    invoice_lines,
)

from .eyes import Picture, lines, pages, printed, text
from .samples import (
    BARCODE,
    BOLETO_LINE,
    BRAND,
    CANCELLED,
    ENGLISH,
    OPEN,
    OVERDUE,
    PAID,
    PIX_CODE,
    PORTUGUESE,
    SPANISH,
    invoice,
    reais,
)

QR = zxingcpp.BarcodeFormat.QRCode
ITF = zxingcpp.BarcodeFormat.ITF
PIXELS_PER_INCH = 200

PRINTER = InvoicePrinter()


def page(document: InvoiceDocument) -> str:
    return text(PRINTER.render(document))


def seen(document: InvoiceDocument) -> Picture:
    return printed(PRINTER.render(document), PIXELS_PER_INCH)


def many(count: int) -> list[tuple[str, Decimal]]:
    return [(f"Linha de serviço {n}", Decimal(n) + Decimal("0.10")) for n in range(1, count + 1)]


class TestAnOpenInvoice:
    def test_says_who_owes_whom_what_and_until_when(self) -> None:
        said = lines(PRINTER.render(OPEN))

        for words in (
            "Rede Clara Fibra",
            "Nº 2026-001234",
            "Maria Aparecida dos Santos",
            "CPF 529.982.247-25",
            "Em aberto",
            "10/12/2026",
            "novembro de 2026",
            "Internet fibra 600 Mega",
            "R$\N{NO-BREAK SPACE}109,90",
            "-R$\N{NO-BREAK SPACE}10,00",
            "R$\N{NO-BREAK SPACE}135,00",
            BOLETO_LINE,
        ):
            assert words in said

    def test_shows_an_alphanumeric_cnpj(self) -> None:
        assert "CNPJ 12.ABC.345/01DE-35" in page(OPEN)

    def test_names_no_charges(self) -> None:
        said = lines(PRINTER.render(OPEN))

        assert not {"Multa", "Juros", "Valor da fatura"} & set(said)

    def test_gives_the_pix_code_to_copy_with_nothing_between_its_lines(self) -> None:
        said = "".join(lines(PRINTER.render(OPEN)))

        assert PIX_CODE in said

    def test_scans_to_the_pix_code_and_to_the_digits_of_the_boleto(self) -> None:
        paper = seen(OPEN)

        assert paper.texts(QR) == [PIX_CODE]
        assert paper.texts(ITF) == [BARCODE]

    def test_has_bars_of_103_by_13_millimetres(self) -> None:
        (bars,) = seen(OPEN).codes(ITF)
        where = bars.position
        millimetre = PIXELS_PER_INCH / 25.4

        assert (where.top_right.x - where.top_left.x) / millimetre == pytest.approx(103, abs=0.3)
        assert (where.bottom_left.y - where.top_left.y) / millimetre == pytest.approx(13, abs=0.3)

    def test_leaves_ten_narrow_bars_of_white_at_each_side_of_the_bars(self) -> None:
        paper = seen(OPEN)
        (bars,) = paper.codes(ITF)
        where, ten = bars.position, 10 * 103 / 405 / 210
        left, right = where.top_left.x / paper.width, where.top_right.x / paper.width
        high = where.top_left.y / paper.height, where.bottom_left.y / paper.height

        assert paper.blank(left - ten, left - 0.002, *high)
        assert paper.blank(right + 0.002, right + ten, *high)

    def test_may_be_paid_by_pix_alone(self) -> None:
        document = invoice(boleto_line=None, barcode=None)
        paper = seen(document)

        assert (paper.texts(QR), paper.texts(ITF)) == ([PIX_CODE], [])
        assert "Boleto" not in page(document)

    def test_may_be_paid_by_boleto_alone(self) -> None:
        document = invoice(pix_code=None)
        paper = seen(document)

        assert (paper.texts(QR), paper.texts(ITF)) == ([], [BARCODE])
        assert "PIX" not in page(document)


def test_an_overdue_invoice_lists_each_charge_and_the_day_it_is_reckoned_for() -> None:
    said = lines(PRINTER.render(OVERDUE))

    sums = [
        words.replace("\N{NO-BREAK SPACE}", " ") for words in said[said.index("Valor da fatura") :]
    ]
    assert sums[:8] == [
        *("Valor da fatura", "R$ 135,00"),
        *("Multa", "R$ 2,70"),
        *("Juros", "R$ 0,45"),
        *("Total", "R$ 138,15"),
    ]
    assert "Vencida" in said
    assert "Valor para pagamento em 20/11/2026" in said


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (PAID, ["Paga", "PAGA", "Total pago", "Paga em", "09/12/2026", PORTUGUESE.note_paid]),
        (CANCELLED, ["Cancelada", "CANCELADA", PORTUGUESE.note_cancelled]),
    ],
    ids=["paid", "cancelled"],
)
def test_what_is_settled_wears_a_stamp_and_cannot_be_paid(
    document: InvoiceDocument, said: list[str]
) -> None:
    assert document.pix_code
    assert document.barcode
    found = lines(PRINTER.render(document))
    paper = seen(document)

    assert [words for words in said if words not in found] == []
    assert paper.texts(QR) + paper.texts(ITF) == []
    assert not {BOLETO_LINE, PORTUGUESE.pix_title, PORTUGUESE.boleto_title} & set(found)


@pytest.mark.parametrize("words", [PORTUGUESE, ENGLISH, SPANISH], ids=lambda words: words.language)
def test_every_word_of_the_language_is_on_one_of_the_pages(words: InvoiceWords) -> None:
    said = "\n".join(
        "".join(
            part if part.endswith(" ") else part + "\n" for part in lines(PRINTER.render(document))
        )
        for document in (
            replace(OPEN, words=words),
            replace(OVERDUE, words=words, lines=invoice_lines(many(40), reais)),
            replace(PAID, words=words),
            replace(CANCELLED, words=words),
        )
    )

    unseen = {"language", "pix_alt", "barcode_alt"}  # pictures' words are not on the page
    placed = {
        name: re.escape(word).replace(r"\{n\}", r"\d+").replace(r"\{date\}", "20/11/2026")
        for name, word in asdict(words).items()
        if name not in unseen
    }
    placed |= {
        name: re.escape(str(getattr(words, name)).upper()) for name in placed if "stamp" in name
    }
    assert [name for name, word in placed.items() if not re.search(word, said)] == []


class TestManyLines:
    def printed(self, count: int, **changes: Any) -> tuple[list[str], list[str]]:
        """The descriptions printed, and what is said and summed in the folded line."""
        items = many(count)
        said = lines(PRINTER.render(invoice(lines=invoice_lines(items, reais), **changes)))
        shown = [description for description, _ in items if description in said]
        fold = [at for at, words in enumerate(said) if re.fullmatch(r"e mais \d+ itens", words)]
        return shown, [words for at in fold for words in said[at : at + 2]]

    @pytest.mark.parametrize("count", [1, 2, 7, 12])
    def test_as_many_as_there_is_room_for_are_all_printed(self, count: int) -> None:
        shown, fold = self.printed(count)

        assert len(shown) == count
        assert fold == []

    @pytest.mark.parametrize("count", [30, 31, 500])
    @pytest.mark.parametrize("charges", [{}, {"fine": "R$ 2,70", "interest": "R$ 0,45"}])
    def test_the_rest_is_folded_into_one_line_with_its_count_and_sum(
        self, count: int, charges: dict[str, str]
    ) -> None:
        shown, fold = self.printed(count, **charges)
        hidden = [amount for _, amount in many(count)[len(shown) :]]

        assert 5 <= len(shown) < count
        assert fold == [f"e mais {len(hidden)} itens", reais(sum(hidden, Decimal(0)))]

    @pytest.mark.parametrize("document", [OPEN, OVERDUE, PAID], ids=lambda d: d.state)
    def test_one_line_alone_is_never_folded(self, document: InvoiceDocument) -> None:
        folds = []
        for count in range(5, 40):
            items = [*many(count), ("Linha que toma o lugar de duas " * 4, Decimal(1))]
            said = page(replace(document, lines=invoice_lines(items, reais)))
            folds += [int(n) for n in re.findall(r"e mais (\d+) itens", said)]

        assert 2 in folds
        assert 1 not in folds

    def test_more_of_them_fit_when_there_is_nothing_left_to_pay(self) -> None:
        owed, _ = self.printed(60)
        paid, _ = self.printed(60, state="paid")

        assert len(paid) > len(owed)


MARKUP = [
    '#panic("x")',
    "#sys.inputs.document",
    "$ x^2 $ e $",
    "*forte* e _fraco_",
    "@rótulo <rótulo>",
    r"barra \ e \u{41} e \#",
    "`cru` e ```cru```",
    "= título",
    "- um + dois / três: quatro",
    "// nota e /* nota */",
    "[colchete] {chave} ~ -- --- ...",
    "\"aspas\" e 'aspas'",
    "https://example.com/#a",
]


@pytest.mark.parametrize("words", MARKUP)
def test_what_looks_like_markup_is_printed_as_it_was_written(words: str) -> None:
    document = invoice(
        brand=replace(BRAND, name=words),
        payer=Payer(words, words, (words,)),
        number=words,
        reference=words,
        lines=invoice_lines([(words, Decimal(1)), (words, Decimal(2))], reais),
    )
    said = lines(PRINTER.render(document))

    # Brand at the head, payer's name, tax id and address, two lines of the table.
    assert said.count(words) >= 6
    assert pages(PRINTER.render(document)) == 1


LONG = (
    "Companhia Brasileira de Telecomunicações e Serviços Digitais do Vale do Paraíba Ltda. " * 4,
    "W" * 400,
    "SÃO JOSÉ " * 40,
    "日本語の名前" * 30,
    "financeiro@" + "muito-" * 60 + "longe.example.com",
)


@pytest.mark.parametrize("words", LONG, ids=lambda words: words[:12])
def test_long_words_push_nothing_off_the_page(words: str) -> None:
    brand = Letterhead(words, words, (words, words), words, words, words)
    document = replace(
        OVERDUE,
        brand=brand,
        payer=Payer(words, words, (words,) * 5),
        number=words,
        reference=words,
        due_on=words,
        issued_on=words,
        as_of=words,
        amount=words,
        total=words,
        fine=words,
        interest=words,
        lines=invoice_lines([(words, Decimal(10) ** 20)] * 50, reais),
        pix_code=PIX_CODE + "9" * (512 - len(PIX_CODE)),
    )
    paper = seen(document)

    assert pages(PRINTER.render(document)) == 1
    assert paper.texts(QR) == [document.pix_code]
    assert paper.texts(ITF) == [BARCODE]
    margins = {"left": (0, 0.07, 0.02, 1), "right": (0.93, 1, 0.02, 1), "foot": (0, 1, 0.98, 1)}
    assert [name for name, part in margins.items() if not paper.blank(*part)] == []


def test_nothing_unprintable_is_printed_wherever_it_stands() -> None:
    words = "a\0\u202e🌸z"
    own = {
        field.name: words
        for field in fields(OPEN)
        if isinstance(getattr(OVERDUE, field.name), str | None)
        and field.name not in ("state", "pix_code", "barcode")
    }
    document = replace(
        OVERDUE,
        brand=Letterhead(*[words] * 2, (words,), *[words] * 4),
        payer=Payer(words, words, (words,)),
        words=InvoiceWords(**dict.fromkeys(asdict(PORTUGUESE), words)),
        lines=invoice_lines([(words, Decimal(1))], reais),
        **own,
    )

    for state in ("open", "overdue", "paid", "cancelled"):
        said = page(replace(document, state=state))
        assert said.count("az") > 20
        assert not {"\0", "\u202e", "🌸"} & set(said)


wild = st.text(max_size=120) | st.sampled_from((*MARKUP, *LONG, "", " ", "\0"))
wild_payers = st.builds(Payer, wild, wild, st.lists(wild, max_size=4).map(tuple))
wild_brands = st.builds(
    Letterhead,
    *(wild, wild, st.lists(wild, max_size=4).map(tuple), wild, wild, wild),
    accent=st.integers(0, 0xFFFFFF).map("#{:06x}".format),
)
wild_lines = st.lists(
    st.tuples(wild, st.decimals(-(10**12), 10**12, places=2)), min_size=1, max_size=40
)


@settings(max_examples=25, deadline=None)
@given(
    wild_brands,
    wild_payers,
    wild_lines,
    wild,
    wild,
    st.sampled_from([OPEN, OVERDUE, PAID, CANCELLED]),
)
def test_whatever_is_written_becomes_one_page(
    brand: Letterhead,
    payer: Payer,
    items: list[tuple[str, Decimal]],
    number: str,
    total: str,
    sample: InvoiceDocument,
) -> None:
    document = replace(
        sample,
        brand=brand,
        payer=payer,
        lines=invoice_lines(items, reais),
        number=number,
        reference=number,
        total=total,
    )

    assert pages(PRINTER.render(document)) == 1


def test_each_line_knows_the_sum_from_it_to_the_end() -> None:
    made = invoice_lines([("a", Decimal("0.10")), ("b", Decimal("0.20")), ("c", Decimal(-1))], str)

    assert [line.rest for line in made] == ["-0.70", "-0.80", "-1"]
