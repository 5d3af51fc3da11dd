"""The words of mails: complete in three languages, the operator's own, and nobody's name as markup."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import UndefinedError

from bot.core.brand import Brand
from bot.delivery.alarms import Alarms
from bot.delivery.templates import NAMES, PARTS, Templates, ink_on
from bot.delivery.variables import COMMON, VARIABLES, Kind, samples

LOCALES = ("en", "es", "pt_BR")
BRAND = Brand(
    "fibra", "Fibra <Norte> & Sul", legal_name="Norte Telecom Ltda.", tax_id="12ABC34501DE35",
    address=("Rua Um, 1", "São Paulo"), phone="+5511900000012", email="oi@example.com",
    site="https://example.com", hours="8h às 18h", color="#0b6e4f",
)  # fmt: skip
INVOICE = {
    "customer_name": "Maria Exemplo da Silva", "first_name": "Maria", "invoice_number": "A-7",
    "period": date(2026, 11, 1), "due_on": date(2026, 11, 10), "state": "open",
    "amount": Decimal("131.70"), "fine": Decimal("2.63"), "interest": Decimal("0.49"),
    "total": Decimal("134.82"), "today": date(2026, 11, 21),
    "boleto_line": "99990.00004 12345", "pix_code": "00020126PIX", "attachment": "fatura.pdf",
}  # fmt: skip


def ours() -> Templates:
    return Templates(alarms=Alarms())


def theirs(folder: Path, alarms: Alarms | None = None, **files: str) -> Templates:
    """Templates with an operator's folder: `pt_BR__code__txt="…"`."""
    for name, source in files.items():
        *where, template, part = name.split("__")
        file = folder.joinpath(*where, f"{template.replace('_', '-')}.{part}.j2")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source, encoding="utf-8")
    return Templates(folder, alarms=alarms or Alarms())


class Page(HTMLParser):
    """What a reader sees of an HTML mail, and every element it is made of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.seen = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.seen += data


# ------------------------------------------------------------------ ours


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["full", "sparse"])
def test_a_name_that_ends_in_a_full_stop_ends_its_sentence(
    name: str, locale: str, kind: Kind
) -> None:
    nameless = replace(BRAND, name="Norte S.A.", tax_id="", address=())
    values = samples(name, kind) | {
        each.name: "Silva Ltda." for each in VARIABLES[name] if each.name.endswith("_name")
    }

    words = ours().render(name, locale, nameless, values)

    for part in (words.subject, words.text, Page(words.html).seen):
        assert ".." not in part


def test_the_beneficiary_without_a_tax_id_ends_its_sentence_once() -> None:
    words = ours().render("second-copy", "pt_BR", replace(BRAND, tax_id=""), INVOICE)
    assert "antes de pagar: Norte Telecom Ltda.\n" in words.text
    assert "antes de pagar: Norte Telecom Ltda.<" in words.html


def test_full_stops_that_are_meant_stay(tmp_path: Path) -> None:
    told = "{{ brand_legal_name }}... {{ brand_name }}. {{ code }}.. {{ brand_legal_name }}."
    mine = theirs(tmp_path, pt_BR__code__txt=told)
    words = mine.render("code", "pt_BR", replace(BRAND, name="Norte"), {"code": "1", "minutes": 2})
    assert words.text == "Norte Telecom Ltda.... Norte. 1.. Norte Telecom Ltda.\n"


def test_every_mail_is_there_in_every_language() -> None:
    assert ours().locales == LOCALES
    for locale in LOCALES:
        folder = ours().shipped / locale / "templates"
        assert {file.name for file in folder.iterdir()} == {
            f"{name}.{part}.j2" for name in NAMES for part in PARTS
        }


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["full", "sparse", "paid", "cancelled"])
def test_every_mail_of_ours_is_well_formed_whatever_is_missing(
    name: str, locale: str, kind: Kind
) -> None:
    words = ours().render(name, locale, BRAND, samples(name, kind))
    page = Page(words.html)
    assert page.open == []
    assert "Fibra <Norte> & Sul" in page.seen
    assert f'<html lang="{locale.replace("_", "-")}"' in words.html
    for said in (words.subject, words.text, page.seen):
        assert said.strip()
        assert not re.search(r"None|\{\{|\{%|}}|%}|Undefined", said)
    assert "\n" not in words.subject
    assert "\n\n\n" not in words.text


def code_of(locale: str, name: str, part: str) -> set[str]:
    """The names between a template's braces."""
    file = ours().shipped / locale / "templates" / f"{name}.{part}.j2"
    code = re.findall(r"\{[{%](.*?)[}%]\}", file.read_text(encoding="utf-8"))
    return {word for each in code for word in re.findall(r"\w+", each)}


@pytest.mark.parametrize("name", NAMES)
def test_the_languages_say_the_same_and_none_is_left_untranslated(name: str) -> None:
    rendered = {locale: ours().render(name, locale, BRAND, samples(name)) for locale in LOCALES}
    assert len({words.subject for words in rendered.values()}) == 3
    assert len({words.text for words in rendered.values()}) == 3
    for v in VARIABLES[name]:
        used = {
            locale: {part for part in PARTS if v.name in code_of(locale, name, part)}
            for locale in LOCALES
        }
        assert used["en"] == used["es"] == used["pt_BR"], v.name


def test_a_second_copy_says_what_is_owed_charge_by_charge() -> None:
    words = ours().render("second-copy", "pt_BR", BRAND, INVOICE)
    page = Page(words.html)
    for said in (words.text, page.seen):
        said = said.replace("\xa0", " ")
        for part in (
            "R$ 134,82", "R$ 131,70", "R$ 2,63", "R$ 0,49", "10/11/2026", "vencida", "21/11/2026",
            "99990.00004 12345", "00020126PIX", "fatura.pdf", "novembro de 2026", "Maria",
            "Norte Telecom Ltda., 12.ABC.345/01DE-35",
        ):  # fmt: skip
            assert part in said
    assert words.subject == "Segunda via da fatura A-7"


@pytest.mark.parametrize(
    ("kind", "subject", "there", "missing"),
    [
        ("statement", "Extrato de 01/03/2026 a 30/06/2026", "A pagar hoje", "Total pago"),
        ("income-tax", "Informe de pagamentos de 2026", "imposto de renda", "A pagar hoje"),
        ("clearance", "Declaração de quitação anual de 2026", "Lei nº 12.007/2009", "Cobrado"),
    ],
)
def test_a_statement_mail_says_which_of_the_kinds_it_carries(
    kind: str, subject: str, there: str, missing: str
) -> None:
    words = ours().render("statement", "pt_BR", BRAND, samples("statement") | {"kind": kind})
    assert words.subject == subject
    for said in (words.text, Page(words.html).seen):
        assert subject in said
        assert there in said
        assert missing not in said
        assert "extrato.pdf" in said


def test_a_second_copy_in_time_speaks_of_no_charges() -> None:
    in_time = INVOICE | {"fine": Decimal(0), "interest": Decimal(0), "total": Decimal("131.70")}
    words = ours().render("second-copy", "en", BRAND, in_time)
    assert "overdue" not in words.text
    assert "Late" not in words.text
    assert words.text.count("131.70") == 1
    assert "Nov 10, 2026" in words.text


def test_the_copy_of_a_paid_invoice_asks_for_nothing() -> None:
    values = samples("second-copy", "paid")
    words = ours().render("second-copy", "es", BRAND, values)
    assert "está pagada" in Page(words.html).seen
    assert "09/11/2026" in words.text
    assert "PIX" not in words.text
    assert "0,00" not in words.text


def test_the_code_stands_alone_on_its_line_and_is_not_in_the_subject() -> None:
    words = ours().render("code", "pt_BR", BRAND, {"code": "480216", "minutes": 10})
    assert "480216" in [line.strip() for line in words.text.splitlines()]
    assert "480216" not in words.subject
    assert "10 minutos" in words.text
    assert "Nunca pedimos" in words.text
    assert "Ignore" in words.text


def test_a_language_we_do_not_speak_reads_the_default() -> None:
    values = {"code": "480216", "minutes": 10}
    assert ours().render("code", "fr", BRAND, values) == ours().render(
        "code", "pt_BR", BRAND, values
    )


def test_a_mail_that_lacks_what_it_needs_is_our_error_and_says_which() -> None:
    with pytest.raises(KeyError, match="code: code, minutes"):
        ours().render("code", "en", BRAND, {"code": None})
    with pytest.raises(KeyError, match="nonsense"):
        ours().render("nonsense", "en", BRAND, {})


@pytest.mark.parametrize("color", ["", "green", "#12", "red;}</style>", "#0b6e4f\n"])
def test_a_colour_that_is_none_becomes_ours(color: str) -> None:
    brand = Brand("b", "B", color=color)
    html = ours().render("code", "en", brand, {"code": "1", "minutes": 1}).html
    assert 'bgcolor="#0b6e4f"' in html


def test_words_on_the_brands_colour_can_be_read() -> None:
    assert ink_on("#0b6e4f") == "#ffffff"
    assert ink_on("#ffe600") == "#111111"
    assert ink_on("#000000") == "#ffffff"
    assert ink_on("#ffffff") == "#111111"


wild = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=80),
    st.text(st.sampled_from("<>&\"'{}%#\n a/"), max_size=60),
    st.sampled_from(["<script>alert(1)</script>", "{{ code }}", "{% raw %}", "</td></table>"]),
)


@settings(deadline=None)
@given(name=wild, wish=wild)
def test_what_people_typed_is_never_markup_nor_a_template(name: str, wish: str) -> None:
    values = {"customer_name": name, "wish": wish, "channel": "webchat"}
    words = ours().render("human-request", "pt_BR", BRAND, values)
    plain = ours().render(
        "human-request", "pt_BR", BRAND, values | {"customer_name": "x", "wish": "y"}
    )
    page = Page(words.html)
    if name and wish:
        assert page.tags == Page(plain.html).tags
    for typed in (name, wish):
        said = re.sub(r"[\r\n]+", "\n", typed).strip("\n")
        assert said in re.sub(r"[\r\n]+", "\n", page.seen)
    assert "\n" not in words.subject


# ------------------------------------------------------------------ the operator's


def test_an_operator_rewords_one_part_and_keeps_the_others(tmp_path: Path) -> None:
    templates = theirs(tmp_path, pt_BR__code__subject="{{ brand_name }}:\n código")
    words = templates.render("code", "pt_BR", BRAND, {"code": "480216", "minutes": 10})
    assert words.subject == "Fibra <Norte> & Sul: código"
    assert (
        words.text == ours().render("code", "pt_BR", BRAND, {"code": "480216", "minutes": 10}).text
    )


def test_a_template_of_one_brand_goes_before_that_of_all(tmp_path: Path) -> None:
    templates = theirs(tmp_path, en__code__subject="for all", fibra__en__code__subject="for fibra")
    values = {"code": "480216", "minutes": 10}
    assert templates.render("code", "en", BRAND, values).subject == "for fibra"
    assert templates.render("code", "en", Brand("outra", "Outra"), values).subject == "for all"


def test_an_operators_html_keeps_our_frame_and_escapes_names(tmp_path: Path) -> None:
    source = (
        '{% extends "layout.html.j2" %}{% from "pieces.html.j2" import paragraph %}'
        "{% block title %}Oi{% endblock %}"
        "{% block content %}{{ paragraph(customer_name) }}{{ code }}{% endblock %}"
    )
    templates = theirs(tmp_path, pt_BR__code__html=source)
    values = {"code": "480216", "minutes": 10, "customer_name": "<b>Zé</b>"}
    page = Page(templates.render("code", "pt_BR", BRAND, values).html)
    assert "<b>Zé</b>" in page.seen
    assert "b" not in page.tags


def test_a_changed_template_counts_at_once(tmp_path: Path) -> None:
    values = {"code": "480216", "minutes": 10}
    templates = theirs(tmp_path, en__code__subject="before")
    assert templates.render("code", "en", BRAND, values).subject == "before"
    file = tmp_path / "en" / "code.subject.j2"
    file.write_text("after, and longer")
    import os

    os.utime(file, (0, 0))
    assert templates.render("code", "en", BRAND, values).subject == "after, and longer"


@pytest.mark.parametrize(
    "broken",
    [
        "{{ nobody }}", "{% if %}", "{{ 1 / 0 }}", "{{ brand_name.nothing.more }}",
        "{{ ''.__class__.__mro__ }}", "{% include 'missing.j2' %}", "{{ code | safe }}",
        "{{ brand_address.append(1) }}", "{{ code | money }}", "{{ customer_name | date }}", "{% for i in range(999999999) %}{% endfor %}",
    ],
)  # fmt: skip
def test_a_broken_template_is_told_to_the_operator_and_ours_is_used(
    tmp_path: Path, broken: str
) -> None:
    alarms, values = Alarms(), {"code": "480216", "minutes": 10}
    templates = theirs(tmp_path, alarms, en__code__txt=broken)
    assert templates.render("code", "en", BRAND, values) == ours().render(
        "code", "en", BRAND, values
    )
    (words,) = alarms.standing.values()
    assert words.endswith("our own template was used")
    assert "480216" not in words
    (tmp_path / "en" / "code.txt.j2").unlink()
    templates.render("code", "en", BRAND, values)
    assert alarms.standing == {}


def test_a_preview_shows_the_operators_template_with_its_errors(tmp_path: Path) -> None:
    good = theirs(
        tmp_path, pt_BR__second_copy__subject="{{ total | money }} até {{ due_on | date }}"
    )
    assert good.preview("second-copy", "pt_BR", BRAND).subject.replace("\xa0", " ") == (
        "R$ 134,82 até 10/11/2026"
    )
    bad = theirs(tmp_path, pt_BR__code__subject="{{ nobody }}")
    with pytest.raises(UndefinedError, match="nobody"):
        bad.preview("code", "pt_BR", BRAND)


def test_every_variable_is_described_once_and_has_a_sample() -> None:
    for name in NAMES:
        variables = [*COMMON, *VARIABLES[name]]
        assert len({v.name for v in variables}) == len(variables)
        assert all(v.holds for v in variables)
        assert all(v.sample is not None for v in variables if v.needed)
