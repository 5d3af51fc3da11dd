"""The second copy by e-mail: to the registered address, with consent, queued, sent, and told."""

from __future__ import annotations

from decimal import Decimal
from email.message import EmailMessage

import pytest
from sqlalchemy import select, update

from bot.core.errors import Permanent, Temporary
from bot.core.ports import Write
from bot.domain import boleto, pix
from storage.bulk import Payment, mark_paid
from storage.tables import audit, contact, invoice, message
from tests.documents.eyes import text as text_of_pdf

from .conftest import Visit
from .house import House
from .talk import Talk, plain
from .town import TAX_IDS, Town

QUESTION = "Envio a fatura 2026-11-A (11/2026), de R$ 102,23 hoje, para a***@e***.com?"
ON_ITS_WAY = "Está a caminho de a***@e***.com. Aviso aqui assim que for enviada."
SENT = "✅ Enviada: a fatura 2026-11-A foi para a***@e***.com. Não chegou? Olhe também a caixa de spam."
NOT_SENT = "Não consegui enviar a fatura 2026-11-A: o endereço a***@e***.com não aceita e-mails."
CHANGED = "Algo mudou nesse meio-tempo. Confira de novo, por favor."


@pytest.fixture
def at_consent(ana: Talk) -> Talk:
    ana.presses("Minhas faturas")
    ana.presses("11/2026 · R$ 99,90")
    ana.presses("Enviar por e-mail")
    return ana


def mails(house: House) -> list[object]:
    """What the ledger says of second copies."""
    rows = select(message).where(message.c.lane == "mail:invoices").order_by(message.c.id)
    return house.rows(rows)


def test_from_the_menu_to_the_inbox(at_consent: Talk, town: Town) -> None:
    ana = at_consent
    ana.hears_only(QUESTION)
    ana.sees("Sim", "Não")
    ana.presses("Sim")
    ana.hears_only(f"{ON_ITS_WAY}\n\nPrecisa de mais alguma coisa da fatura 2026-11-A?")

    (mail,) = ana.gets_mail()

    ana.hears_only(SENT)
    assert mail["To"] == "Ana Prado Nogueira <ana@example.com>"
    assert mail["From"] == "Curral Fibra <faturas@example.com>"
    assert mail["Reply-To"] == "Curral Fibra <gente@example.org>"
    assert "2026-11-A" in mail["Subject"]


def test_the_mail_holds_line_and_pix_of_today_and_the_page(
    at_consent: Talk, house: House, town: Town
) -> None:
    at_consent.presses("Sim")
    (mail,) = at_consent.gets_mail()

    words = plain(mail)
    assert "R$\u00a0102,23" in words
    (code,) = [line for line in words.splitlines() if line.startswith("000201")]
    assert pix.decode(code).amount == Decimal("102.23")
    slip = boleto.find(words, house.clock.now.date())
    (row,) = house.rows(select(invoice.c.barcode).where(invoice.c.id == town.invoices["2026-11-A"]))
    assert slip is not None
    assert slip.barcode == row.barcode
    (page,) = mail.iter_attachments()
    assert page.get_filename() == "curral-2026-11-A.pdf"
    assert "102,23" in text_of_pdf(page.get_content())
    html = mail.get_body(("html",))
    assert html is not None
    assert code in html.get_content()


def test_the_whole_address_is_never_shown(at_consent: Talk) -> None:
    at_consent.presses("Sim")
    at_consent.gets_mail()

    said = "\n".join(each.text for each in at_consent.shown)
    assert "ana@example.com" not in said


@pytest.mark.parametrize("word", ["sim", "Sim!", "SIM", "quero", "ok", "yes", "sí"])
def test_a_typed_yes_counts(at_consent: Talk, word: str) -> None:
    at_consent.says(word)

    at_consent.hears(ON_ITS_WAY)


@pytest.mark.parametrize("word", ["não", "nao", "Não!", "agora não", "no"])
def test_a_no_sends_nothing(at_consent: Talk, house: House, word: str) -> None:
    at_consent.says(word)

    at_consent.hears_only("Tudo bem, nada foi feito.")
    at_consent.sees_nav("Menu")
    assert at_consent.gets_mail() == []
    assert mails(house) == []


@pytest.mark.parametrize("said", ["1", "2", "talvez", "ana@outro.example.com"])
def test_a_number_or_anything_else_is_no_consent(at_consent: Talk, said: str) -> None:
    at_consent.says(said)

    at_consent.hears("Responda SIM ou NÃO, por favor.", QUESTION)
    assert at_consent.gets_mail() == []


def test_a_yes_sent_before_the_question_is_no_consent(at_consent: Talk, house: House) -> None:
    before = house.clock.now
    at_consent.after(seconds=5)
    at_consent.says("/voltar")
    at_consent.presses("Enviar por e-mail")
    at_consent.says("sim", sent_at=before)

    at_consent.hears("Responda SIM ou NÃO, por favor.", QUESTION)


def test_a_double_tap_sends_one_mail(at_consent: Talk, house: House) -> None:
    at_consent.presses("Sim")
    at_consent.taps_again()
    at_consent.hears_nothing()
    at_consent.comes_again()
    at_consent.hears_nothing()

    assert len(at_consent.gets_mail()) == 1
    assert len(mails(house)) == 1


def test_asked_for_twice_in_a_moment_it_is_on_its_way_already(
    at_consent: Talk, house: House
) -> None:
    at_consent.presses("Sim")
    at_consent.presses("Enviar por e-mail")
    at_consent.presses("Sim")
    at_consent.hears("Já está a caminho: você pediu há um instante.")
    assert len(mails(house)) == 1

    at_consent.after(minutes=3)
    at_consent.presses("Enviar por e-mail")
    at_consent.presses("Sim")
    at_consent.hears(ON_ITS_WAY)
    assert len(mails(house)) == 2


def test_two_chats_of_one_customer_send_one_mail(
    at_consent: Talk, visit: Visit, house: House
) -> None:
    other = visit("tablet")
    other.identifies("ana")
    other.says("segunda via")
    other.presses("11/2026 · R$ 99,90")
    at_consent.presses("Sim")
    other.presses("Sim")

    other.hears("Já está a caminho")
    assert len(mails(house)) == 1


def test_a_refused_address_is_told_and_its_buttons_lead_on(at_consent: Talk, house: House) -> None:
    house.post.refusal = Permanent("bad_address", flag=True)
    at_consent.presses("Sim")
    assert at_consent.gets_mail() == []

    at_consent.hears(NOT_SENT, "Você pode ver a fatura aqui na conversa")
    at_consent.sees("Ver a fatura aqui", "Atualizar e-mail")
    at_consent.presses("Ver a fatura aqui")
    at_consent.hears("Fatura 2026-11-A (11/2026)", "Total hoje: R$ 102,23")

    at_consent.presses("Atualizar e-mail")
    at_consent.hears("Qual e-mail deve ficar no seu cadastro?")
    at_consent.says("o certo é ana.prado@example.com.")
    at_consent.hears("Recado entregue à nossa equipe!")
    house.post.refusal = None
    (mail,) = at_consent.gets_mail()
    assert "ana.prado@example.com" in plain(mail)
    assert "e-mail cadastrado" in plain(mail)


def test_after_a_refused_address_the_next_wish_hears_why_not(
    at_consent: Talk, house: House
) -> None:
    house.post.refusal = Permanent("bad_address", flag=True)
    at_consent.presses("Sim")
    at_consent.gets_mail()
    at_consent.says("/menu")
    at_consent.presses("Segunda via por e-mail")
    at_consent.presses("11/2026 · R$ 99,90")

    at_consent.hears("Os e-mails que mandamos para a***@e***.com estão voltando.")
    at_consent.sees("Ver a fatura aqui", "Atualizar e-mail")


def test_a_server_in_trouble_is_tried_again_and_then_told(at_consent: Talk, house: House) -> None:
    house.post.refusal = Temporary("deferred")
    at_consent.presses("Sim")
    assert at_consent.gets_mail() == []
    at_consent.hears_nothing()

    house.post.refusal = None
    at_consent.after(minutes=10)
    assert len(at_consent.gets_mail()) == 1
    at_consent.hears_only(SENT)


def test_a_server_that_takes_no_such_mail_is_told_and_tried_again_by_hand(
    at_consent: Talk, house: House
) -> None:
    house.post.refusal = Permanent("refused")
    at_consent.presses("Sim")
    assert at_consent.gets_mail() == []
    at_consent.hears(
        "Não consegui enviar a fatura 2026-11-A por e-mail: o servidor de e-mail não aceitou."
    )
    at_consent.sees("Ver a fatura aqui", "Tentar de novo")
    house.post.refusal = None
    at_consent.presses("Tentar de novo")
    at_consent.hears_only(QUESTION)
    at_consent.presses("Sim")

    assert len(at_consent.gets_mail()) == 1
    at_consent.hears_only(SENT)


def test_the_ledger_and_the_record_tell_who_what_when_and_where_to(
    at_consent: Talk, house: House, town: Town
) -> None:
    at_consent.presses("Sim")
    at_consent.gets_mail()

    (row,) = mails(house)
    subject = f"invoice:{town.invoices['2026-11-A']}"
    assert (row.subject, row.state, row.attempts) == (subject, "sent", 1)  # type: ignore[attr-defined]
    assert row.ref.endswith("@example.com>")  # type: ignore[attr-defined]
    (noted,) = house.rows(select(audit).where(audit.c.what == "invoice.mailed"))
    assert (noted.subject, noted.customer, noted.through) == (subject, town.people["ana"], "web")


def test_the_amount_of_another_day_is_agreed_to_anew(at_consent: Talk) -> None:
    at_consent.after(hours=11, minutes=50)  # 23:50
    at_consent.says("/menu")
    at_consent.says("segunda via")
    at_consent.presses("11/2026 · R$ 99,90")
    at_consent.hears_only(QUESTION)
    at_consent.after(minutes=12)
    at_consent.presses("Sim")

    at_consent.hears_only(f"{CHANGED}\n\n{QUESTION.replace('102,23', '102,27')}")
    at_consent.presses("Sim")
    at_consent.hears(ON_ITS_WAY)


def test_another_address_by_then_is_agreed_to_anew(at_consent: Talk, house: House) -> None:
    def moved(write: Write) -> None:
        write.run(
            update(contact)
            .where(contact.c.value == "ana@example.com")
            .values(value="prado@example.org")
        )

    house.writes(moved)
    at_consent.presses("Sim")

    at_consent.hears(CHANGED, "para p***@e***.org?")
    at_consent.presses("Sim")
    (mail,) = at_consent.gets_mail()
    assert mail["To"] == "Ana Prado Nogueira <prado@example.org>"


def test_an_invoice_paid_meanwhile_is_offered_as_what_it_is_now(
    at_consent: Talk, house: House
) -> None:
    house.writes(
        lambda write: mark_paid(write, [Payment("2026-11-A", write.today, Decimal("102.23"))])
    )
    at_consent.presses("Sim")

    at_consent.hears(
        CHANGED, "Envio a fatura 2026-11-A (11/2026), que já está paga, para a***@e***.com?"
    )
    at_consent.presses("Sim")
    (mail,) = at_consent.gets_mail()
    assert "000201" not in plain(mail)
    assert "já está paga" in plain(mail)


def test_an_invoice_cancelled_meanwhile_is_not_sent(at_consent: Talk, house: House) -> None:
    house.writes(
        lambda write: write.run(
            update(invoice).where(invoice.c.number == "2026-11-A").values(state="cancelled")
        )
    )
    at_consent.presses("Sim")

    at_consent.hears("Esta fatura foi cancelada, então não há nada para enviar.")
    assert at_consent.gets_mail() == []


def test_back_leads_from_the_consent_to_the_invoice(at_consent: Talk) -> None:
    at_consent.presses("Voltar")

    at_consent.hears("Fatura 2026-11-A (11/2026)", "Total hoje: R$ 102,23")


def test_a_stranger_who_wants_a_copy_is_led_through_the_proof_and_back(talk: Talk) -> None:
    talk.says("bom dia, quero a 2 via")
    talk.hears("Para mostrar só o que é seu", "Qual é o CPF ou CNPJ do seu cadastro?")
    talk.says(TAX_IDS["ana"])
    talk.says(talk.reads_code())
    talk.hears("Tudo certo, Ana!", "Qual fatura envio para o seu e-mail?")
    talk.says("novembro")
    talk.hears_only(QUESTION)
    talk.says("sim")
    assert len(talk.gets_mail()) == 1


def test_the_copy_speaks_the_language_of_who_asked(visit: Visit) -> None:
    ana = visit(locale="en")
    ana.identifies("ana")
    ana.presses("Second copy by e-mail")
    ana.presses("11/2026 · R$99.90")
    ana.presses("Yes")

    (mail,) = ana.gets_mail()
    ana.hears("✅ Sent: invoice 2026-11-A went to a***@e***.com.")
    assert _language(mail) == "en"
    assert "R$102.23" in plain(mail)


def _language(mail: EmailMessage) -> str:
    return str(mail["Content-Language"])
