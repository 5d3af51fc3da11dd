"""Papers and mails say what the chat says, in the reader's language, with everything in its place."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select, update

from bot.app import LOCALES
from bot.core.errors import Permanent
from bot.core.message import DocumentRef
from bot.core.render import Catalogs, Renderer
from bot.delivery.variables import VARIABLES
from bot.papers import Papers, mail_values, whole_invoice
from storage.documents import WholeInvoice
from storage.tables import invoice, message, message_body
from tests.documents.eyes import pages
from tests.documents.eyes import text as text_of_pdf

from .conftest import Visit
from .house import House
from .talk import Talk, plain
from .town import BRAND, TAX_IDS, Town

NAMES = {template: {variable.name for variable in VARIABLES[template]} for template in VARIABLES}


@pytest.fixture
def papers() -> Papers:
    return Papers({BRAND.id: Renderer(Catalogs(LOCALES), BRAND.zone)})


def whole(house: House, town: Town, number: str) -> WholeInvoice:
    return house.reads(lambda read: whole_invoice(read, town.invoices[number]))


def page(papers: Papers, of: WholeInvoice, locale: str = "pt_BR") -> str:
    ref = DocumentRef("invoice-pdf", of.invoice.id, "fatura.pdf", "application/pdf")
    return text_of_pdf(papers.document(of, ref, BRAND, locale).content).replace("\u00a0", " ")


def test_the_page_of_an_overdue_invoice_says_the_figures_of_the_chat(ana: Talk) -> None:
    ana.says("minhas faturas")
    ana.says("2026-11-A")
    ana.hears(
        "Valor: R$ 99,90", "Multa: R$ 2,00", "Juros (10 dias): R$ 0,33", "Total hoje: R$ 102,23"
    )
    ana.presses("PDF")

    (paper,) = ana.documents
    said = text_of_pdf(paper.content).replace("\u00a0", " ")
    for figure in ("R$ 99,90", "R$ 2,00", "Juros (10 dias)", "R$ 0,33", "R$ 102,23", "10/11/2026",
                   "Vencida", "Ana Prado Nogueira", "Curral Fibra Ltda."):  # fmt: skip
        assert figure in said, figure
    assert pages(paper.content) == 1


def test_the_paper_is_of_the_day_it_is_delivered(
    ana: Talk, house: House, town: Town, papers: Papers
) -> None:
    assert "R$ 102,23" in page(papers, whole(house, town, "2026-11-A"))
    ana.after(days=1)
    assert "R$ 102,27" in page(papers, whole(house, town, "2026-11-A"))


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        (
            "pt_BR",
            (
                "Fatura",
                "Vencida",
                "Multa",
                "Juros (10 dias)",
                "Total a pagar",
                "R$ 102,23",
                "novembro",
            ),
        ),
        (
            "en",
            (
                "Invoice",
                "Overdue",
                "Fine",
                "Interest (10 days)",
                "Total to pay",
                "R$102.23",
                "November",
            ),
        ),
        (
            "es",
            (
                "Factura",
                "Vencida",
                "Multa",
                "Intereses (10 días)",
                "Total a pagar",
                "102,23",
                "noviembre",
            ),
        ),
    ],
)
def test_the_paper_speaks_the_readers_language(
    house: House, town: Town, papers: Papers, locale: str, words: tuple[str, ...]
) -> None:
    said = page(papers, whole(house, town, "2026-11-A"), locale)

    for word in words:
        assert word in said, word


@pytest.mark.parametrize(
    ("number", "there", "missing"),
    [
        ("2026-12-A", ("Em aberto", "Pagar com PIX", "Pagar o boleto"), ("Multa", "Juros")),
        ("2026-10-A", ("PAGA", "08/10/2026", "Total pago"), ("Pagar com PIX", "Multa")),
        ("2026-09-A", ("CANCELADA", "Não há nada a pagar"), ("Pagar com PIX", "Multa")),
        ("2026-03-A", ("Roteador extra", "Desconto", "R$ 129,50"), ()),
    ],
)
def test_the_paper_says_what_became_of_the_invoice(
    house: House,
    town: Town,
    papers: Papers,
    number: str,
    there: tuple[str, ...],
    missing: tuple[str, ...],
) -> None:
    said = page(papers, whole(house, town, number))

    for word in there:
        assert word in said, word
    for word in missing:
        assert word not in said, word


def test_there_is_no_qr_code_of_a_paid_invoice(house: House, town: Town, papers: Papers) -> None:
    paid = whole(house, town, "2026-10-A")
    with pytest.raises(Permanent, match="nothing is owed"):
        papers.document(
            paid, DocumentRef("pix-qr", paid.invoice.id, "p.png", "image/png"), BRAND, "en"
        )


def test_no_document_has_an_unknown_name_and_no_invoice_is_made_up(
    house: House, town: Town, papers: Papers
) -> None:
    paid = whole(house, town, "2026-10-A")
    with pytest.raises(Permanent, match="no document is called"):
        papers.document(paid, DocumentRef("poem", paid.invoice.id, "p", "text/plain"), BRAND, "en")
    with pytest.raises(Permanent, match="not there any more"):
        house.reads(lambda read: whole_invoice(read, 999_999))


# ------------------------------------------------------------------ what mails are filled with


@pytest.mark.parametrize(
    "number", ["2026-11-A", "2026-12-A", "2026-10-A", "2026-09-A", "2026-12-O"]
)
def test_a_second_copy_has_a_value_for_every_variable(
    house: House, town: Town, number: str
) -> None:
    values = mail_values(whole(house, town, number), "curral.pdf")

    assert set(values) == NAMES["second-copy"]
    needed = {variable.name for variable in VARIABLES["second-copy"] if variable.needed}
    assert {name for name in needed if values[name] is None} == set()


def test_a_second_copy_names_each_line_with_its_amount(house: House, town: Town) -> None:
    values = mail_values(whole(house, town, "2026-03-A"), "")

    assert values["lines"] == [
        {"description": "Fibra 500", "amount": Decimal("99.90")},
        {"description": "Roteador extra", "amount": Decimal("39.60")},
        {"description": "Desconto", "amount": Decimal("-10.00")},
    ]
    assert values["attachment"] is None


def values_of(house: House, lane: str) -> dict[str, object]:
    """What the ledger's row of a mail holds."""
    (row,) = house.rows(
        select(message_body.c.body)
        .join_from(message, message_body)
        .where(message.c.lane == lane, message.c.kind == "mail")
    )
    values: dict[str, object] = row.body["values"]
    return values


def test_the_mail_of_a_code_has_all_it_says_but_the_code(talk: Talk, house: House) -> None:
    talk.says("sou cliente")
    talk.says(TAX_IDS["ana"])

    assert set(values_of(house, "mail:codes")) | {"code", "minutes"} == NAMES["code"]
    (mail,) = talk.gets_mail()
    assert "Olá, Ana!" in plain(mail)
    assert "10 minutos" in plain(mail)


def test_the_mail_to_the_team_has_all_it_says(ana: Talk, house: House) -> None:
    ana.says("atendente")
    ana.says("minha internet caiu de novo")

    assert set(values_of(house, "mail:other")) == NAMES["human-request"]


def test_an_invoice_that_vanished_before_its_mail_left_is_told(
    ana: Talk, house: House, town: Town
) -> None:
    ana.says("segunda via")
    ana.says("2026-12-A")
    ana.says("sim")
    house.writes(
        lambda write: write.run(
            update(invoice).where(invoice.c.number == "2026-12-A").values(brand="outra")
        )
    )

    assert ana.gets_mail() == []
    ana.hears("Não consegui enviar a fatura 2026-12-A")


def test_a_mail_speaks_the_language_of_its_reader(visit: Visit) -> None:
    ana = visit(locale="es")
    ana.identifies("ana")
    ana.says("segunda copia")
    ana.says("2026-11-A")
    ana.says("sí")

    (mail,) = ana.gets_mail()
    assert "Hola, Ana" in plain(mail)
    (paper,) = mail.iter_attachments()
    assert "Factura" in text_of_pdf(paper.get_content())
