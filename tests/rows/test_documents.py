"""Documents and contracts: listed, opened, mailed, entered by a link; and who opened them."""

from __future__ import annotations

from sqlalchemy import select

from bot.core.brand import DocumentRules
from storage import customer_documents, document_access, document_links
from storage.tables import contract_acceptance, document

from .conftest import OpenCounter
from .counter import Counter, Visitor, link_in
from .rows import tells
from .town import TAX_ID

REPORT = "Balancete de outubro"


def mailed_link(counter: Counter, title: str = REPORT) -> str:
    """The link in the mail that tells a customer of a document."""
    ((id, whose),) = counter.rows(
        select(document.c.id, document.c.customer).where(document.c.title == title)
    )
    assert counter.writes(lambda tx: document_links.mail_link(tx, id, whose)) is not None
    return link_in(counter.mail_to("ana@example.com"))


def accesses(counter: Counter) -> list[tuple[str | None, str | None, str | None]]:
    """(means, who, from where) of every access to a document of Ana's, the newest first."""
    ana = counter.town.people["ana"]
    return [
        (each.means, each.name, each.came_from)
        for each in counter.reads(lambda read: document_access.page(read, ana))
    ]


@tells("4.12")
def test_documents_are_listed_opened_and_mailed(counter: Counter, ana: Visitor) -> None:
    ana.says("meus documentos")
    ana.is_offered(REPORT, "Informe de março")
    ana.says("março")
    ana.hears("Informe de março", "Emitido em: 05/03/2026")
    ana.presses("Abrir aqui")
    ana.gets_file()
    ana.presses("Enviar por e-mail")
    ana.hears("a***@e***.com")
    ana.says("SIM")
    ana.hears("a caminho")
    assert counter.mails[-1].get_content_type().startswith("multipart/")
    ana.says("menu")
    ana.says("relatório do Bruno")
    ana.hears_no("Relatório do Bruno")


@tells("1.19", "1.21")
def test_the_log_says_who_when_and_how_in_the_chat_and_as_a_file(
    counter: Counter, ana: Visitor
) -> None:
    ana.says("meus documentos")
    ana.presses(REPORT, "Abrir aqui", "Quem abriu")
    ana.hears(f"Quem abriu {REPORT}", "20/11/2026 12:00", "no chat")
    ana.presses("Tudo em um arquivo")
    assert REPORT.encode() in ana.gets_file(begins=b"").content
    ana.presses("De um documento", "Informe de março")
    ana.hears("Ninguém abriu Informe de março")


@tells("1.16", "1.17", "1.1", "1.19")
def test_by_the_link_with_a_login_that_document_opens_and_nothing_else(counter: Counter) -> None:
    link = mailed_link(counter)
    page = counter.gets(link)
    assert REPORT in page.text
    assert counter.posts(link).status_code != 200 or not counter.posts(link).content.startswith(
        b"%PDF"
    )
    guest = counter.visitor()
    guest.opens(f"doc_{link.rpartition('/')[2]}")
    guest.hears(f"{REPORT} é para você")
    guest.says("Carlos Contador", TAX_ID["ana"])
    guest.reads_code()
    guest.gets_file()
    guest.hears("somente este documento")
    guest.says("minhas faturas")
    guest.hears_no("R$")
    guest.says("menu")
    guest.is_offered("Identificar-me")
    assert accesses(counter) == [("entrance", "Carlos Contador", None)]


@tells("1.16", "1.20", "1.18")
def test_without_a_login_the_link_s_page_hands_it_out_and_notes_when_and_from_where(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter(documents=DocumentRules(login_required=False))
    link = mailed_link(counter)
    assert REPORT in counter.gets(link).text
    assert accesses(counter) == []
    assert counter.posts(link).content.startswith(b"%PDF")
    ((means, name, network),) = accesses(counter)
    assert (means, name) == ("link", None)
    assert network
    guest = counter.visitor()
    guest.opens(f"doc_{link.rpartition('/')[2]}")
    guest.gets_file()
    guest.says("minhas faturas")
    guest.hears_no("R$")


@tells("1.16")
def test_what_a_customer_wants_goes_before_the_brand_s_rule(counter: Counter) -> None:
    ana = counter.town.people["ana"]
    link = mailed_link(counter)
    counter.writes(lambda tx: customer_documents.set_login(tx, ana, required=False))
    assert counter.posts(link).content.startswith(b"%PDF")
    counter.writes(lambda tx: customer_documents.set_login(tx, ana, required=True))
    assert not counter.posts(link).content.startswith(b"%PDF")


@tells("4.17")
def test_a_contract_is_read_accepted_and_its_pdf_says_so(counter: Counter, ana: Visitor) -> None:
    ana.says("meus contratos")
    ana.presses("Fibra")
    ana.hears("Versão 1", "Aguardando aceite")
    ana.presses("Abrir o PDF")
    ana.gets_file()
    ana.presses("Aceitar")
    ana.hears("Ana Prado Nogueira", "Você aceita Fibra", "código")
    ana.says("SIM")
    ana.hears("✅ Aceito: Fibra")
    ana.is_not_offered("Aceitar")
    ana.presses("Abrir o PDF")
    ana.gets_file()
    assert len(counter.rows(select(contract_acceptance.c.contract))) == 1
    ana.says("meus contratos")
    ana.presses("Fibra")
    ana.hears("Aceito em 20/11/2026", "Ana")
