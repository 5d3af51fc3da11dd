"""Type: words keep to their room, whatever they are and however narrow it is."""

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.documents.typography import Line, Style, clamped, face, fitted, line

REGULAR = Style(10)
FIGURES = Style(10, tabular=True)
HINT = "Abra o app do seu banco, escolha PIX e aponte a câmera para o QR Code, ou copie o código."
ADDRESS = "financeiro@example.com"


def wide(words: str, style: Style = REGULAR) -> float:
    return style.width(line(words, style))


def set_in(words: str, width: float, lines: int = 1) -> list[str]:
    return [made.words for made in clamped(words, REGULAR, width, lines)]


def test_what_fits_stays_as_it_is() -> None:
    assert set_in(HINT, wide(HINT) + 0.1) == [HINT]


def test_a_line_ends_between_two_words_and_keeps_the_space() -> None:
    first, second = set_in(HINT, 300, 2)

    assert first + second == HINT
    assert first.endswith(" ")
    assert wide(first.rstrip()) <= 300 < wide(first + second.split()[0])


def test_what_does_not_fit_ends_in_an_ellipsis() -> None:
    first, second = set_in(HINT, 150, 2)

    assert HINT.startswith(first + second.removesuffix("…"))
    assert second.endswith("…")
    assert wide(second) <= 150
    assert set_in(HINT, 150)[0].endswith("…")


def test_no_space_stands_before_an_ellipsis() -> None:
    for width in range(20, 200):
        (only,) = set_in("um dois três quatro cinco seis sete oito", width)
        assert not only.removesuffix("…").endswith(" ")


def test_a_word_that_has_room_on_a_line_of_its_own_stays_whole() -> None:
    words = f"Escreva a {ADDRESS}"
    first, second = set_in(words, wide(ADDRESS) + 1, 2)

    assert (first, second) == ("Escreva a ", ADDRESS)


def test_a_word_wider_than_the_line_goes_on_from_where_it_was() -> None:
    first, second = set_in("Escreva " + "a" * 40, 150, 2)

    assert first.startswith("Escreva aaa")
    assert (first + second).startswith("Escreva " + "a" * 40)


def test_a_line_may_end_after_a_hyphen_in_words_but_not_in_a_number() -> None:
    assert set_in("guarda-chuvas", wide("guarda-") + 1, 2)[0] == "guarda-"
    assert set_in("CEP 01310-100", wide("CEP 01310-"), 2) == ["CEP ", "01310-100"]


def test_a_mark_is_never_parted_from_its_letter() -> None:
    words = "q\u0303" * 60
    for width in range(15, 60):
        for made in set_in(words, width, 2):
            assert not unicodedata.combining(made[0])


def test_amounts_are_set_smaller_instead_of_being_cut() -> None:
    amount = "R$\N{NO-BREAK SPACE}1.234.567.890.123,45"
    made, style = fitted(amount, FIGURES, 60)

    assert made.words == amount
    assert style.width(made) <= 60
    assert style.size < FIGURES.size
    assert fitted("R$ 1", FIGURES, 60)[1] == FIGURES


def test_figures_in_a_column_are_all_of_one_width() -> None:
    widths = {wide(figure * 4, FIGURES) for figure in "0123456789"}

    assert len(widths) == 1
    assert len({wide(figure * 4) for figure in "0123456789"}) > 1


def test_figures_that_stand_beside_a_box_are_copied_as_figures() -> None:
    made = line("R$ 1,50 日", FIGURES)

    assert not made.whole
    assert made.words == "R$ 1,50 日"


def test_letters_are_kerned() -> None:
    assert wide("AV") < wide("A") + wide("V")
    assert wide("AV", Style(10, "mono")) == wide("A", Style(10, "mono")) * 2


def test_tracking_is_part_of_the_width() -> None:
    assert Style(10, tracking=0.1).width(line("abc", REGULAR)) == pytest.approx(wide("abc") + 3)


@pytest.mark.parametrize("words", ["Διμήτρης", "Олена", "Nguyễn Thị", "→ ★"])
def test_letters_of_other_languages_have_glyphs(words: str) -> None:
    made = line(words, REGULAR)

    assert made.whole
    assert any(piece == "regular-others" for piece, _ in made.runs)
    assert "0000" not in "".join(operand for _, operand in made.runs)


def test_what_the_fonts_lack_becomes_a_box_that_is_known_to_be_one() -> None:
    made = line("日本 Ltda.", REGULAR)

    assert not made.whole
    assert made.runs[0][1].startswith("<00000000")
    assert made.width > line(" Ltda.", REGULAR).width


@pytest.mark.parametrize("name", ["regular", "semibold", "mono"])
def test_every_letter_of_ours_is_in_every_face(name: str) -> None:
    of = face(name)  # type: ignore[arg-type]
    letters = {chr(code) for code in range(0x20, 0x7F)}
    if name != "mono":
        letters |= {*"ÁÀÂÃÇÉÊÍÓÔÕÚÜÑáàâãçéêíóôõúüñ¿¡ªº°·…–—‘’“”€™", "\N{NO-BREAK SPACE}"}

    assert letters <= of.letters.glyphs.keys()


@settings(max_examples=300, deadline=None)
@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=80),
    st.floats(15, 400),
    st.integers(1, 4),
)
@example("", 20.0, 1)
@example(" " * 30, 15.0, 2)
@example("W" * 80, 15.0, 3)
@example("a\u0301" * 40, 15.0, 2)
def test_whatever_is_written_keeps_to_its_room(words: str, width: float, lines: int) -> None:
    made: tuple[Line, ...] = clamped(words, REGULAR, width, lines)

    assert bool(words) <= len(made) <= lines
    whole = "".join(each.words for each in made)
    assert whole == words or words.startswith(whole.removesuffix("…").rstrip())
    for each in made:
        letters = each.words.rstrip().removesuffix("…")
        bases = sum(not unicodedata.combining(character) for character in letters)
        assert wide(each.words.rstrip(" ")) <= width + 0.1 or bases <= 1
