"""Law 13: texts and values in a language, and questions within what a channel can bear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date
from babel.numbers import format_currency
from hypothesis import given
from hypothesis import strategies as st

from bot.core.chat import Chat
from bot.core.flow import Flow, flow
from bot.core.message import Button, Limits, Look, Outbound, Text, _, ngettext
from bot.core.question import Option
from bot.core.readers import words
from bot.core.render import Catalogs, Drawing, DrawnOption, Renderer, Words, length
from bot.core.values import day, money
from tests.engine.talk import BRAND, CATALOGS, TELEGRAM, TERMINAL, WEB, WHATSAPP, Talk

RENDERER = Renderer(CATALOGS, ZoneInfo("America/Sao_Paulo"), "BRL")
AT = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)


def plain(text: Text, locale: str = "pt_BR") -> str:
    return RENDERER.plain(text, locale).replace("\u00a0", " ")


# ------------------------------------------------------------------ texts and values


@pytest.mark.parametrize(
    ("locale", "rendered"),
    [
        ("pt_BR", "R$ 1.234,50 · 21/11/2026 · 20/11/2026 22:30 · 3"),
        ("en", "R$1,234.50 · Nov 21, 2026 · Nov 20, 2026 22:30 · 3"),
        ("es", "1.234,50 R$ · 21/11/2026 · 20/11/2026 22:30 · 3"),
    ],
)
def test_values_are_rendered_in_the_readers_language_and_the_brands_zone(
    locale: str, rendered: str
) -> None:
    text = _("{a} · {b} · {c} · {d}", a=Decimal("1234.5"), b=date(2026, 11, 21), c=AT, d=3)
    assert plain(text, locale) == rendered


@pytest.mark.parametrize("locale", ["pt_BR", "en", "es"])
def test_no_words_are_none_in_every_language(locale: str) -> None:
    """gettext gives the header of the catalog for them."""
    assert RENDERER.plain(_("{before}{no}", before="a", no=Text("")), locale) == "a"


@given(st.decimals("-99999999999", "99999999999", places=2), st.sampled_from(["pt_BR", "en"]))
def test_money_is_written_as_babel_writes_it(amount: Decimal, locale: str) -> None:
    assert money(amount, "BRL", locale) == format_currency(amount, "BRL", locale=locale)


@given(st.dates(min_value=date(1900, 1, 1)))
def test_dates_are_written_as_babel_writes_them(date_: date) -> None:
    assert day(date_, "en") == format_date(date_, "MMM d, yyyy", locale="en")
    assert day(date_, "pt_BR") == format_date(date_, "dd/MM/yyyy", locale="pt_BR")


def test_a_currency_without_cents_and_one_of_elsewhere() -> None:
    assert money(Decimal("1234"), "JPY", "en") == "¥1,234"
    assert money(Decimal("1234.5"), "USD", "pt_BR") == "US$\u00a01.234,50"


@pytest.mark.parametrize(
    "value", ["**", "{x}", "{name}", "<b>&amp;", "*a* _b_ `c`", "%s", "\\n", "𝔘"]
)
def test_a_value_is_never_markup_nor_template(value: str) -> None:
    drawn = RENDERER.words(_("Hello **{name}**, {name}!", name=value), "en")
    assert drawn.text == f"Hello {value}, {value}!"
    assert drawn.bold == ((6, len(value)),)


def test_a_text_within_a_text_keeps_its_bold() -> None:
    inner = _("**{n}** of them", n=3)
    drawn = RENDERER.words(_("You took {what}, **sure**?", what=inner), "en")
    assert drawn.text == "You took 3 of them, sure?"
    assert [drawn.text[at : at + long] for at, long in drawn.bold] == ["3", "sure"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (_("This is {name}."), "This is Exemplo Ltda."),
        (_("This is **{name}**. Hello!"), "This is Exemplo Ltda. Hello!"),
        (_("{name} ({name}), {name}: more"), "Exemplo Ltda. (Exemplo Ltda.), Exemplo Ltda.: more"),
        (_("Wait for {name}..."), "Wait for Exemplo Ltda...."),
    ],
)
def test_a_name_that_ends_with_a_full_stop_ends_its_sentence(text: Text, said: str) -> None:
    assert plain(Text(text.source, {"name": "Exemplo Ltda."})) == said


def test_a_number_chooses_the_plural() -> None:
    said = [plain(ngettext("{count} invoice", "{count} invoices", n), "en") for n in (0, 1, 2)]
    assert said == ["0 invoices", "1 invoice", "2 invoices"]
    with pytest.raises(TypeError, match="whole number"):
        plain(Text("one", {"count": "2"}, "many"))


def test_a_language_nobody_offers_is_read_in_the_first_one() -> None:
    assert plain(_("Yes"), "fr") == "Sim"


def test_where_there_are_no_translations_the_source_words_stand(tmp_path: Path) -> None:
    renderer = Renderer(Catalogs(tmp_path), ZoneInfo("UTC"))
    assert renderer.plain(_("Yes"), "pt_BR") == "Yes"


# ------------------------------------------------------------------ the look


def asked(flow: Flow, limits: Limits) -> Talk:
    talk = Talk(flow, limits=limits)
    talk.says("hi")
    talk.says("ask")
    return talk


def asking(*labels: str, text: str = "Which one?", detail: str = "") -> Flow:
    @flow("ask", title=_("Ask"), menu=1)
    def ask(chat: Chat) -> None:
        chat.choose("one", Text(text), [Option(n, each, detail) for n, each in enumerate(labels)])

    return ask


def drawn(talk: Talk) -> list[tuple[str, str]]:
    return [(each.label, each.data.split(":")[1]) for each in talk.heard[-1].buttons]


def test_many_buttons_where_the_channel_has_them() -> None:
    talk = asked(asking("Red", "Green", "Blue", "Black"), TELEGRAM)
    assert talk.look is Look.BUTTONS
    assert drawn(talk) == [
        ("Red", "1"), ("Green", "2"), ("Blue", "3"), ("Black", "4"), ("Back", "b"), ("Menu", "m"),
    ]  # fmt: skip
    talk.hears_only("Which one?")


def test_three_short_options_are_buttons_and_the_way_out_is_written() -> None:
    talk = asked(asking("Red", "Green", "Blue"), WHATSAPP)
    assert talk.look is Look.BUTTONS
    assert drawn(talk) == [("Red", "1"), ("Green", "2"), ("Blue", "3")]
    talk.hears_only("Which one?\n\n(or write: back · menu)")


def test_beside_two_options_the_menu_gets_the_third_button() -> None:
    talk = asked(asking("Red", "Green"), WHATSAPP)
    assert drawn(talk) == [("Red", "1"), ("Green", "2"), ("Menu", "m")]
    talk.hears_only("Which one?\n\n(or write: back)")


def test_a_question_in_words_has_both_ways_out_as_buttons() -> None:
    @flow("ask", title=_("Ask"), menu=1)
    def ask(chat: Chat) -> None:
        chat.ask("one", _("Your name?"), words())

    talk = asked(ask, WHATSAPP)
    assert drawn(talk) == [("Back", "b"), ("Menu", "m")]
    talk.hears_only("Your name?")


def test_four_options_are_a_list() -> None:
    talk = asked(asking("Red", "Green", "Blue", "Black"), WHATSAPP)
    assert talk.look is Look.LIST
    assert talk.heard[-1].list_title == "Options"
    assert drawn(talk)[4:] == [("Back", "b"), ("Menu", "m")]


def test_long_labels_are_a_list_with_the_whole_label_in_the_detail() -> None:
    label = "Internet 500 mega with fixed line and television"
    talk = asked(asking(label, "None", detail="monthly"), WHATSAPP)
    assert talk.look is Look.LIST
    first, second = talk.heard[-1].buttons[:2]
    assert (first.label, first.detail) == ("Internet 500 mega with…", f"{label} monthly")
    assert (second.label, second.detail) == ("None", "monthly")


def test_a_full_page_leaves_the_last_rows_to_more_and_menu() -> None:
    talk = asked(asking(*(f"Colour {n}" for n in range(12))), WHATSAPP)
    assert [sign for _label, sign in drawn(talk)[8:]] == ["p1", "m"]
    talk.hears_only("Which one?\n\n(or write: back)")
    talk.presses("More")
    assert [sign for _label, sign in drawn(talk)] == ["9", "10", "11", "12", "p0", "b", "m"]


def test_labels_cut_to_the_same_words_are_told_apart() -> None:
    same = "Invoice of November 2026, "
    talk = asked(asking(f"{same}house", f"{same}office"), WHATSAPP)
    assert [label for label, _sign in drawn(talk)[:2]] == [
        "1. Invoice of November…", "2. Invoice of November…",
    ]  # fmt: skip


def test_where_there_is_nothing_to_press_options_are_numbers() -> None:
    talk = asked(asking("Red", "Green", detail="paint"), TERMINAL)
    assert talk.look is Look.NUMBERS
    talk.hears_only("Which one?\n\n1. Red (paint)\n2. Green (paint)\n\n(or write: back · menu)")
    assert talk.heard[-1].buttons == ()
    assert talk.heard[-1].nonce


def test_more_options_than_buttons_and_no_lists_are_numbers() -> None:
    few = Limits(buttons=3, button_label=20)
    talk = asked(asking("Red", "Green", "Blue", "Black"), few)
    assert talk.look is Look.NUMBERS
    talk.hears_only("Which one?\n\n1. Red\n2. Green\n3. Blue\n4. Black\n\n(or write: back · menu)")


def test_where_there_are_no_lists_long_labels_are_shortened_on_buttons() -> None:
    talk = asked(asking("A very long label indeed", "Short"), Limits(buttons=9, button_label=12))
    assert [label for label, _sign in drawn(talk)[:2]] == ["A very long…", "Short"]


def test_a_shared_phone_is_proved_by_the_channel() -> None:
    @flow("ask", title=_("Ask"), menu=1)
    def ask(chat: Chat) -> None:
        phone = chat.contact("phone", _("Your number?"))
        chat.say(_("It is {phone}.", phone=phone))

    talk = asked(ask, TELEGRAM)
    assert [each.kind for each in talk.heard[-1].buttons] == ["contact", "nav", "nav"]
    talk.sees("Share my phone number")
    talk.says("+55 11 90000-0001")
    talk.hears_only("Please use the button to share your own number.\n\nYour number?")
    talk.sends_a("foreign-contact")
    talk.hears("That contact is not your own")
    talk.shares("+5511900000001")
    talk.hears_only("It is +5511900000001.")


def test_a_question_too_long_for_one_message_has_its_buttons_under_the_last() -> None:
    text = "\n\n".join(f"Paragraph {n} of some length." for n in range(10))
    talk = asked(asking("Red", "Green", text=text), replace(WEB, text=100))
    assert len(talk.heard) > 2
    assert [bool(each.nonce) for each in talk.heard] == [False] * (len(talk.heard) - 1) + [True]
    assert not any(each.buttons for each in talk.heard[:-1])
    talk.sees("Red", "Green")
    talk.presses("Red")
    assert talk.played.close is not None
    assert talk.played.close.message is not None


# ------------------------------------------------------------------ splitting


EMOJI = st.sampled_from(["🇧🇷", "👍🏽", "é", "𝔘", "ﷺ", "a", "B", "7", " ", "\n", "\n\n", ".", "  "])


@st.composite
def long_words(draw: st.DrawFn) -> Words:
    text = "".join(draw(st.lists(EMOJI, max_size=120)))
    if not text:
        return Words(text)
    spans = draw(st.lists(st.tuples(st.integers(0, len(text) - 1), st.integers(1, 20)), max_size=5))
    return Words(text, tuple((at, min(long, len(text) - at)) for at, long in spans))


def bold_letters(text: str, spans: Sequence[tuple[int, int]]) -> list[str]:
    marked = [False] * len(text)
    for at, long in spans:
        assert 0 <= at < at + long <= len(text)
        marked[at : at + long] = [True] * long
    return [c for c, bold in zip(text, marked, strict=True) if bold and not c.isspace()]


@given(long_words(), st.integers(2, 60), st.sampled_from(["codepoint", "utf16"]))
def test_splitting_loses_no_word_no_bold_and_keeps_the_limit(
    drawn: Words, most: int, unit: str
) -> None:
    limits = Limits(text=most, unit=unit)  # type: ignore[arg-type]
    parts = RENDERER.split(drawn, limits, "en")
    assert parts
    assert all(length(part.text, limits) <= most for part in parts)
    assert "".join("".join(part.text.split()) for part in parts) == "".join(drawn.text.split())
    assert all(part.text or len(parts) == 1 for part in parts)
    bold = [c for part in parts for c in bold_letters(part.text, part.bold)]
    assert bold == bold_letters(drawn.text, drawn.bold)


def test_telegram_counts_an_emoji_as_two() -> None:
    parts = RENDERER.split(Words("👍" * 5000), TELEGRAM, "en")
    assert [len(part.text) for part in parts] == [2048, 2048, 904]
    assert len(RENDERER.split(Words("👍" * 4096), WEB, "en")) == 1


def test_a_long_text_is_cut_after_a_paragraph_else_a_line_else_a_word() -> None:
    limits = Limits(text=20)

    def parts(text: str) -> list[str]:
        return [part.text for part in RENDERER.split(Words(text), limits, "en")]

    assert parts("one two three\n\nfour five six") == ["one two three", "four five six"]
    assert parts("one two three\nfour five six") == ["one two three", "four five six"]
    assert parts("a\n\none two three four five six") == ["a\n\none two three", "four five six"]
    assert parts("x" * 45) == ["x" * 20, "x" * 20, "x" * 5]


# ------------------------------------------------------------------ every question on every channel


@given(
    st.lists(st.text(min_size=1, max_size=90), min_size=1, max_size=10),
    st.text(min_size=1, max_size=300),
    st.sampled_from([TELEGRAM, WHATSAPP, TERMINAL, WEB]),
)
def test_whatever_is_asked_is_drawn_within_the_limits(
    labels: list[str], text: str, limits: Limits
) -> None:
    options = [DrawnOption(n, each, each[::-1]) for n, each in enumerate(labels[:8], 1)]
    nav = [("p0", _("Previous")), ("p2", _("More")), ("b", _("Back")), ("m", _("Menu"))]
    messages = RENDERER.question(Drawing(Words(text), "k1", options, nav), limits, "pt_BR")
    last = messages[-1]
    assert all(length(each.text, limits) <= limits.text for each in messages)
    assert len(last.buttons) <= max(limits.buttons, limits.list_rows)
    if last.look is Look.BUTTONS:
        assert len(last.buttons) <= limits.buttons
        assert all(length(b.label, limits) <= limits.button_label for b in last.buttons)
    if last.look is Look.LIST:
        assert all(length(b.label, limits) <= limits.row_title for b in last.buttons)
        assert all(length(b.detail, limits) <= limits.row_detail for b in last.buttons)
    if last.look in (Look.BUTTONS, Look.LIST):
        assert [b.data for b in last.buttons if b.kind == "press"] == [
            f"k1:{n}" for n in range(1, len(options) + 1)
        ]
    assert all(len(button.data) <= 64 for button in last.buttons)


def test_a_message_survives_the_ledger() -> None:
    message = Outbound(
        "Which one?", ((0, 5),), Look.BUTTONS, (Button("Red", "k1:1"),), nonce="k1", locale="en"
    )
    assert Outbound.load(message.dump()) == message
    assert message.without_buttons().buttons == ()
    assert BRAND.has("shop")
    assert not BRAND.has("nothing")
