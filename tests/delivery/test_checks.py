"""What is told about an operator's templates before any mail is made of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.brand import Brand
from bot.delivery.alarms import Alarms
from bot.delivery.checks import check, check_source
from bot.delivery.templates import NAMES, PARTS, Templates

BRAND = Brand("fibra", "Fibra")


def problems(folder: Path, files: dict[str, str]) -> list[str]:
    """The problems of an operator's files, without the folder's path."""
    for name, source in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(source, encoding="utf-8")
    found = check(Templates(folder, alarms=Alarms()), BRAND)
    return [problem.removeprefix(f"{folder}/") for problem in found]


def test_our_own_templates_pass() -> None:
    templates = Templates(alarms=Alarms())
    for locale in templates.locales:
        for name in NAMES:
            for part in PARTS:
                file = templates.shipped / locale / "templates" / f"{name}.{part}.j2"
                source = file.read_text(encoding="utf-8")
                assert check_source(templates, name, part, locale, source, BRAND, file.name) == []


def test_an_operator_without_templates_has_no_problems(tmp_path: Path) -> None:
    assert check(Templates(alarms=Alarms()), BRAND) == []
    assert check(Templates(tmp_path, alarms=Alarms()), BRAND) == []


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    (problem,) = check(Templates(tmp_path / "missing", alarms=Alarms()), BRAND)
    assert "missing: is no folder" in problem


def test_good_templates_pass(tmp_path: Path) -> None:
    assert problems(tmp_path, {
        "en/code.subject.j2": "{{ brand_name }}",
        "en/code.txt.j2": "Hi {{ first_name or 'there' }}\n{{ code }} ({{ minutes }} min)",
        "fibra/pt_BR/second-copy.txt.j2": (
            "{{ invoice_number }} {{ due_on | date }} {{ total | money }}\n"
            "{% for each in brand_address %}{{ each }}{% endfor %}"
            "{% set both = [pix_code, boleto_line] | select %}{{ both | join }}"
            "{% if period %}{{ period | month }}{% endif %}"
        ),
        "layout.html.j2": "{{ nonsense",
        "other-brand/en/code.txt.j2": "{{ nonsense }}",
        ".DS_Store": "",
    }) == []  # fmt: skip


@pytest.mark.parametrize(
    ("file", "source", "says"),
    [
        ("en/code.txt.j2", "Hi\n{{ code }} {{ nmae }}", "en/code.txt.j2:2: nmae is no variable here; there are brand_address, "),
        ("en/code.txt.j2", "Hi\n\n{% if code %}", "en/code.txt.j2:3: Unexpected end of template."),
        ("en/code.txt.j2", "Hi", "en/code.txt.j2:1: {{ code }} is missing: the digits to type"),
        ("en/code.html.j2", "<p>Hi</p>", "en/code.html.j2:1: {{ code }} is missing"),
        ("en/code.txt.j2", "{{ code }}\n{{ code | safe }}", "en/code.txt.j2:2: No filter named 'safe'"),
        ("en/code.txt.j2", "{{ code }}\n{{ first_name.upper() }}", "en/code.txt.j2:2: 'None' has no attribute 'upper' where optional values are empty"),
        ("en/code.txt.j2", "{{ code }}{{ 1 / (minutes - 10) }}", "en/code.txt.j2:1: ZeroDivisionError"),
        ("en/code.txt.j2", "{{ code }}{{ minutes.__class__ }}", "en/code.txt.j2:1: access to attribute '__class__'"),
        ("en/cod.txt.j2", "{{ code }}", "en/cod.txt.j2:1: is no template; there are second-copy.{subject|txt|html}.j2"),
        ("en/code.text.j2", "{{ code }}", "en/code.text.j2:1: is no template"),
        ("en/code.txt", "{{ code }}", "en/code.txt:1: is no template"),
        ("fr/code.txt.j2", "{{ code }}", "fr/code.txt.j2:1: lies in no language's folder; there are en, es, pt_BR"),
        ("code.txt.j2", "{{ code }}", "code.txt.j2:1: lies in no language's folder"),
        (
            "pt_BR/second-copy.txt.j2",
            "{{ invoice_number }}{{ due_on | date }}{{ total | money }}{{ pix_code }}",
            "pt_BR/second-copy.txt.j2:1: {{ boleto_line }} is missing: the boleto's digits",
        ),
        (
            "pt_BR/second-copy.txt.j2",
            "{{ invoice_number }}{{ due_on | date }}{{ total | money }}{{ pix_code }}{{ boleto_line }}\n"
            "{% if state == 'paid' %}{{ paid_on.nothing | date }}{% endif %}",
            "pt_BR/second-copy.txt.j2:2: 'datetime.date object' has no attribute 'nothing' for an invoice that is paid",
        ),
    ],
)  # fmt: skip
def test_each_problem_is_one_line_with_file_line_and_what_is_allowed(
    tmp_path: Path, file: str, source: str, says: str
) -> None:
    (problem,) = problems(tmp_path, {file: source})
    assert problem.startswith(says)
    assert "\n" not in problem


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "code.txt.j2").write_bytes("código {{ code }}".encode("latin-1"))
    (problem,) = problems(tmp_path, {})
    assert problem == "en/code.txt.j2:1: is not UTF-8; save it as UTF-8"


def test_every_problem_of_every_file_is_told(tmp_path: Path) -> None:
    found = problems(tmp_path, {"en/code.txt.j2": "{{ a }}\n{{ b }}", "es/code.txt.j2": "{{ c }}"})
    assert [problem.split(" is ")[0] for problem in found] == [
        "en/code.txt.j2:1: a", "en/code.txt.j2:2: b", "en/code.txt.j2:1: {{ code }}",
        "es/code.txt.j2:1: c", "es/code.txt.j2:1: {{ code }}",
    ]  # fmt: skip
