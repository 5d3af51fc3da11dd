"""My invoices: the list, its pages, and finding one by whatever people write of it."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, update

from storage.tables import invoice, invoice_line

from .conftest import Visit
from .house import House
from .talk import Talk
from .town import Town

LIST = (
    "Estas são as suas faturas, com as em aberto primeiro. Escolha uma, ou escreva o mês ou o"
    " valor dela."
)


@pytest.fixture
def at_list(ana: Talk) -> Talk:
    ana.presses("Minhas faturas")
    return ana


def test_open_ones_come_first_then_paid_then_cancelled_page_by_page(at_list: Talk) -> None:
    at_list.hears_only(LIST)
    months = [
        "11/2026",
        "12/2026",
        "10/2026",
        "08/2026",
        "07/2026",
        "06/2026",
        "05/2026",
        "04/2026",
    ]
    at_list.sees(*(f"{month} · R$ 99,90" for month in months))
    details = [b.detail for b in at_list.heard[-1].buttons if b.kind != "nav"]
    assert details == ["vencida desde 10/11/2026", "vence em 10/12/2026", *["paga"] * 6]
    at_list.sees_nav("Mais", "Voltar", "Menu")

    at_list.presses("Mais")
    at_list.sees(
        "03/2026 · R$ 129,50", "02/2026 · R$ 99,90", "01/2026 · R$ 99,90", "12/2025 · R$ 99,90",
        "09/2026 · R$ 99,90",
    )  # fmt: skip
    assert [b.detail for b in at_list.heard[-1].buttons][4] == "cancelada"
    at_list.sees_nav("Anterior", "Voltar", "Menu")

    at_list.says("9")
    at_list.hears("Fatura 2026-03-A (03/2026)")


def test_a_number_of_the_first_page_still_counts_on_the_second(at_list: Talk) -> None:
    at_list.says("mais")
    at_list.says("1")

    at_list.hears("Fatura 2026-11-A (11/2026)")


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("novembro", "2026-11-A"),
        ("a de outubro", "2026-10-A"),
        ("outubo", "2026-10-A"),
        ("março", "2026-03-A"),
        ("03/2026", "2026-03-A"),
        ("129,50", "2026-03-A"),
        ("R$ 129,50", "2026-03-A"),
        ("2025-12-A", "2025-12-A"),
        ("2025-12-a", "2025-12-A"),
        ("10/12/2026", "2026-12-A"),
        ("dezembro de 2025", "2025-12-A"),
        ("2", "2026-12-A"),
        ("opção 2", "2026-12-A"),
        ("12/2026 · R$ 99,90", "2026-12-A"),
    ],
)
def test_an_invoice_is_found_as_people_name_it(at_list: Talk, said: str, number: str) -> None:
    at_list.says(said)

    at_list.hears(f"Fatura {number} (")


def test_what_fits_several_is_asked_again_among_them(at_list: Talk) -> None:
    at_list.says("dezembro")

    at_list.hears("Qual destas você quer?", LIST)
    at_list.sees("12/2026 · R$ 99,90", "12/2025 · R$ 99,90")
    at_list.says("2")
    at_list.hears("Fatura 2025-12-A (12/2025)")


def test_what_fits_none_is_said_and_the_list_stays(at_list: Talk) -> None:
    at_list.says("a do vizinho")

    at_list.hears("Não encontrei essa opção.", LIST)
    at_list.presses("11/2026 · R$ 99,90")
    at_list.hears("Fatura 2026-11-A")


def test_another_customers_invoice_is_as_unknown_as_none(at_list: Talk, town: Town) -> None:
    for said in ("B-7731", str(town.invoices["B-7731"]), "Z-9999"):
        at_list.says(said)
        at_list.hears_only(
            f"Não encontrei essa opção. Escolha uma destas ou escreva o número dela.\n\n{LIST}"
        )


def test_a_link_or_a_forged_press_opens_no_other_ones_invoice(at_list: Talk, town: Town) -> None:
    theirs = town.invoices["B-7731"]
    for data in (f"{at_list.nonce}:{theirs}", f"{at_list.nonce}:99", f"minvoices:{theirs}", "x:1"):
        at_list.presses_data(data)
        at_list.hears_no("B-7731", "Fatura 2026")
    at_list.opens(f"invoices_{theirs}")
    at_list.hears_no("B-7731")


def test_who_has_no_invoice_yet_hears_so(visit: Visit) -> None:
    elza = visit("elza")
    elza.identifies("elza")
    elza.presses("Minhas faturas")
    elza.hears_only("Você ainda não tem faturas.")
    elza.sees_nav("Menu")

    elza.says("segunda via")
    elza.hears_only("Você ainda não tem faturas.")


def test_an_invoice_that_vanished_is_said_to_be_gone(
    at_list: Talk, house: House, town: Town
) -> None:
    gone = town.invoices["2026-11-A"]

    def vanish(write: object) -> None:
        write.run(delete(invoice_line).where(invoice_line.c.invoice == gone))  # type: ignore[attr-defined]
        write.run(delete(invoice).where(invoice.c.id == gone))  # type: ignore[attr-defined]

    house.writes(vanish)
    at_list.presses("11/2026 · R$ 99,90")

    at_list.hears("Essa opção não está mais disponível.", LIST)
    assert "11/2026 · R$ 99,90" not in [
        b.label.replace("\u00a0", " ") for b in at_list.heard[-1].buttons
    ]


def test_back_goes_from_the_invoice_to_the_list_and_from_the_list_to_the_menu(
    at_list: Talk,
) -> None:
    at_list.presses("11/2026 · R$ 99,90")
    at_list.hears("Fatura 2026-11-A (11/2026)", "Total hoje: R$ 102,23")
    at_list.presses("Voltar")
    at_list.hears_only(LIST)
    at_list.presses("Voltar")
    at_list.hears("Como posso ajudar?")


@pytest.mark.parametrize("wish", ["Pagar com PIX", "Linha do boleto", "PDF"])
def test_what_was_handed_out_is_behind_and_back_leads_to_the_menu(at_list: Talk, wish: str) -> None:
    at_list.presses("11/2026 · R$ 99,90")
    at_list.presses(wish)
    at_list.hears("Precisa de mais alguma coisa da fatura 2026-11-A?")
    at_list.presses("Voltar")

    at_list.hears("Como posso ajudar?")


def test_another_invoice_leads_back_to_the_list(at_list: Talk) -> None:
    at_list.presses("11/2026 · R$ 99,90")
    at_list.presses("Outra fatura")

    at_list.hears_only(LIST)


def test_who_owes_nothing_hears_that_first(at_list: Talk, house: House) -> None:
    house.writes(
        lambda write: write.run(
            update(invoice).where(invoice.c.state == "open").values(state="paid")
        )
    )
    at_list.says("/menu")
    at_list.presses("Minhas faturas")

    at_list.hears_only(
        "Você não deve nada! 🎉 Estas são as suas faturas anteriores. Escolha uma, ou escreva o mês"
        " dela."
    )
    at_list.says("mais")
    at_list.hears_only("Escolha uma fatura, ou escreva o mês ou o valor dela.")
