"""Contract models: variables and nothing else, filled in by values that never become more than words."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.domain.contract_text import LONGEST, BadModel, blocks, digest, fill, tidy, variables

MODEL = "# Service\n\n{{ brand_name }} serves {{customer_name}} for {{ months }} months.\n"
VALUES = {"brand_name": "Fibra", "customer_name": "Ana Prado", "months": "12"}


def test_the_variables_of_a_model_are_known_before_anybody_is_offered_it() -> None:
    assert variables(MODEL) == {"brand_name", "customer_name", "months"}


def test_an_offer_is_its_words_with_the_values() -> None:
    assert fill(MODEL, VALUES) == "# Service\n\nFibra serves Ana Prado for 12 months.\n"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("", "needs words"),
        ("x" * (LONGEST + 1), "at most"),
        ("a\n\n{{ plan", "line 3"),
        ("{% if plan %}a{% endif %}", "only variables"),
        ("{% for x in range(10**9) %}a{% endfor %}", "only variables"),
        ("{{ plan.__class__ }}", "only variables"),
        ("{{ plan | upper }}", "only variables"),
        ("{{ plan() }}", "only variables"),
        ("{{ 'a' * 10**9 }}", "only variables"),
        ("{{ 7 }}", "only variables"),
        ("{% include 'code.txt.j2' %}", "only variables"),
        ("{% raw %}{{ plan }}{% endraw %} {{ Plan }}", "is no name"),
        ("{{ _x }}", "is no name"),
    ],
)
def test_a_model_that_is_more_than_words_and_variables_is_refused(body: str, why: str) -> None:
    with pytest.raises(BadModel, match=why):
        variables(body)


def test_a_missing_empty_or_mistyped_value_is_named() -> None:
    with pytest.raises(BadModel, match="no value for months"):
        fill(MODEL, VALUES | {"months": " "})
    with pytest.raises(BadModel, match="no value for customer_name, months"):
        fill(MODEL, {"brand_name": "Fibra"})
    with pytest.raises(BadModel, match="no variable moths"):
        fill(MODEL, VALUES | {"moths": "12"})


def test_what_the_record_knows_may_stay_unused() -> None:
    assert fill("Plan {{ plan }}.", {"plan": "500", "due_day": "10"}) == "Plan 500.\n"


@given(name=st.text(min_size=1) | st.text("# a\n", min_size=1))
def test_no_value_becomes_a_variable_a_heading_or_a_paragraph(name: str) -> None:
    try:
        text = fill("Before\n{{ customer_name }}\nafter.", {"customer_name": name})
    except BadModel:
        assume(False)

    assert [kind for kind, _words in blocks(text)] == ["paragraph"]


@pytest.mark.parametrize("name", ["\x1b", "\u2028", "#", "# ##"])
def test_a_value_of_which_nothing_is_left_is_missing(name: str) -> None:
    with pytest.raises(BadModel, match="no value for customer_name"):
        fill("{{ customer_name }}.", {"customer_name": name})


def test_a_value_with_braces_is_left_as_it_is() -> None:
    text = fill("{{ customer_name }}.", {"customer_name": "{{ brand_name }} {% x %}"})
    assert text == "{{ brand_name }} {% x %}.\n"


def test_words_are_hashed_the_same_however_the_file_ended_its_lines() -> None:
    assert digest(tidy("a \r\n\r\n\r\n\r\nb\r\n")) == digest(tidy("a\n\nb"))
    assert digest(tidy("a b")) != digest(tidy("a  b"))


def test_titles_headings_and_paragraphs() -> None:
    text = (
        "# Contract\n\n## 1. What\nOne line\nand another.\n\nA second one.\n#hashtag\n## 2. Who\n"
    )
    assert blocks(text) == [
        ("title", "Contract"),
        ("heading", "1. What"),
        ("paragraph", "One line and another."),
        ("paragraph", "A second one. #hashtag"),
        ("heading", "2. Who"),
    ]


@given(st.text())
def test_no_word_of_a_contract_is_lost(text: str) -> None:
    kept = " ".join(words for _kind, words in blocks(text)).split()
    assert [w for w in text.split() if w not in ("#", "##")] == [
        w for w in kept if w not in ("#", "##")
    ]
