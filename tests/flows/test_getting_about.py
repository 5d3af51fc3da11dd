"""Help, back, cancel, menu, language and a human in every flow; resting, and leaving."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from storage.tables import session

from .conftest import Visit
from .house import House
from .talk import Talk
from .town import TAX_IDS

PLACES: dict[str, tuple[str, ...]] = {
    "invoices: list": ("minhas faturas",),
    "invoices: one": ("minhas faturas", "2026-11-A"),
    "invoices: after PIX": ("minhas faturas", "2026-11-A", "pagar com pix"),
    "second copy: list": ("segunda via",),
    "second copy: consent": ("segunda via", "2026-11-A"),
    "boleto": ("esse boleto é de vocês?",),
    "human": ("falar com alguém",),
    "language": ("idioma",),
    "leave": ("deslogar",),
}
"""Words that lead to every question of someone who is known."""
TEXT = ("boleto", "human")
"""Where any words are an answer, universal ones need a slash."""


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Words are the same on every database."""
    return sqlite_url


@pytest.fixture(params=list(PLACES))
def place(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def there(ana: Talk, place: str) -> Talk:
    for said in PLACES[place]:
        ana.says(said)
    return ana


def test_help_is_given_and_the_question_is_asked_again(there: Talk) -> None:
    question = there.question
    there.says("/ajuda")

    there.hears("Toque num botão, ou escreva o número ou o nome dele.", "voltar", "atendente")
    assert there.question.endswith(question.rpartition("\n\n")[2])


def test_the_menu_is_one_word_away(there: Talk) -> None:
    there.says("/menu")

    there.hears_only("Olá, Ana! Aqui é o balcão Curral Fibra. Como posso ajudar?")


def test_so_is_a_human_and_then_the_task_goes_on(there: Talk, place: str) -> None:
    question = there.question
    there.says("/atendente")
    there.hears("Sobre o que é?")
    there.says("minha internet está lenta desde ontem")
    there.hears("Recado entregue à nossa equipe!")
    if place != "human":
        assert there.question.endswith(question.rpartition("\n\n")[2])


def test_another_language_asks_the_same_in_other_words(there: Talk, place: str) -> None:
    question = there.question
    there.says("/idioma")
    there.says("English")

    there.hears("All right, we go on in English.")
    if place != "language":
        asked = there.question.removeprefix("All right, we go on in English.").strip()
        assert asked
        assert asked not in question
        assert "Menu" in [b.label for b in there.heard[-1].buttons]


def test_cancel_ends_it_and_nothing_was_done(there: Talk) -> None:
    there.says("/cancelar")

    there.hears("Cancelado. Nada foi alterado.")
    there.hears_no("?")
    there.says("oi")
    there.hears("Olá, Ana!")
    assert there.gets_mail() == []


def test_back_from_everywhere_leads_home_at_last(there: Talk) -> None:
    for _step in range(4):
        if there.words.startswith("Olá, Ana!"):
            break
        there.says("/voltar")

    there.hears("Olá, Ana!")


def test_after_a_quarter_of_an_hour_it_rests_and_says_so(there: Talk, place: str) -> None:
    question = there.question
    there.after(minutes=15, seconds=1)
    there.says("1")
    there.hears("Você ficou um tempo longe. Vamos continuar com")
    there.sees("Continuar", "Menu")

    there.presses("Continuar")
    there.hears(question.rpartition("\n\n")[2])


def test_a_day_later_the_answers_are_forgotten_and_it_begins_anew(there: Talk) -> None:
    there.after(hours=25)
    there.says("1")

    there.hears("Olá, Ana!")


def test_at_the_menu_a_long_silence_loses_nothing(ana: Talk) -> None:
    ana.after(minutes=20)
    ana.says("oi")

    ana.hears("Olá, Ana!")
    ana.hears_no("Vamos continuar")


@pytest.mark.parametrize("word", ["menu", "voltar", "cancelar", "ajuda", "idioma", "atendente"])
def test_at_the_cpf_the_bare_words_work_too_for_none_is_a_cpf(talk: Talk, word: str) -> None:
    talk.says("minhas faturas")
    talk.says(word)

    talk.hears_no("Contei", "Escreva o seu CPF")


def test_at_the_wish_for_the_team_the_bare_words_are_no_wish(ana: Talk) -> None:
    ana.says("atendente")
    ana.says("voltar")
    ana.hears_no("Recado entregue")
    ana.says("atendente")
    ana.says("oi")
    ana.hears("Conte um pouco mais, por favor", "Sobre o que é?")


def test_a_language_is_kept_and_can_be_chosen_by_a_stranger(talk: Talk) -> None:
    talk.says("oi")
    talk.presses("Idioma")
    talk.sees("Português", "English", "Español")
    talk.presses("Español")
    talk.hears("De acuerdo, seguimos en español.")

    talk.after(days=3)
    talk.says("hola")
    talk.hears("¡Hola! Aquí es el mostrador de Curral Fibra.")


def test_a_consent_given_in_another_language_is_the_same_consent(ana: Talk) -> None:
    ana.says("segunda via")
    ana.says("2026-11-A")
    ana.says("/idioma")
    ana.says("Español")
    ana.hears(
        "¿Envío la factura 2026-11-A (11/2026), de R$ 102,23 hoy, a a***@e***.com?".replace(
            " ", " "
        ).split("R$")[0]
    )
    ana.presses("Sí")

    ana.hears("Va en camino a a***@e***.com.")
    ana.hears_no("cambió")


def test_who_leaves_is_a_stranger_at_once_and_what_was_open_is_gone(
    ana: Talk, house: House
) -> None:
    ana.says("minhas faturas")
    ana.says("2026-11-A")
    ana.says("deslogar")
    ana.hears("Devo esquecer quem é você nesta conversa?")
    ana.presses("Sim")
    ana.hears_only("Pronto: ninguém mais vê os seus dados por aqui. Volte quando quiser!")

    ana.says("oi")
    ana.hears("Olá! Aqui é o balcão Curral Fibra.")
    ana.presses("Identificar-me")
    (row,) = house.rows(select(session.c.data))
    assert [run[1] for run in row.data["stack"]] == ["identify"]


def test_who_does_not_leave_after_all_stays(ana: Talk) -> None:
    ana.says("minhas faturas")
    ana.says("deslogar")
    ana.presses("Não")

    ana.hears("Tudo bem, nada foi feito.", "Estas são as suas faturas")


def test_another_customer_at_the_same_computer_sees_nothing_of_the_first(ana: Talk) -> None:
    ana.says("minhas faturas")
    ana.presses("11/2026 · R$ 99,90")
    old = ana.heard[-1].buttons[0].data
    ana.says("sair")
    ana.says("sim")
    ana.says("sou cliente")
    ana.says(TAX_IDS["bruno"])
    ana.says(ana.reads_code())
    ana.hears("Tudo certo, Bruno!")
    ana.presses_data(old)

    ana.hears_no("2026-11-A")


def test_two_languages_at_two_addresses_of_one_customer(visit: Visit) -> None:
    here, there = visit("here"), visit("there", locale="en")
    here.identifies("ana")
    there.identifies("ana")

    here.hears("Tudo certo, Ana!")
    there.hears("Thank you, Ana! Now I know it is you.")


def test_a_restart_in_the_middle_loses_nothing(
    ana: Talk, open_counter: Callable[..., House]
) -> None:
    ana.says("segunda via")
    ana.says("2026-11-A")
    ana.house = open_counter()
    ana.says("sim")

    ana.hears("Está a caminho de a***@e***.com.")
    assert len(ana.gets_mail()) == 1
