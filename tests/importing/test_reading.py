"""What billing systems write: delimiters, encodings, Brazilian numbers, and files that are none."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.importing.columns import COLUMNS, What, file_of, folded, names_of
from bot.importing.files import Cells, Row, Unreadable, opened
from bot.importing.report import harmless, shown
from tests.importing.office import ANA, MATRIZ


def read(path: Path) -> tuple[list[Row], str]:
    with opened(path) as source:
        return list(source.rows), source.described


def write(folder: Path, data: bytes, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("encoding", "told"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("cp1252", "cp1252"), ("utf-16", "utf-16")],
)
@pytest.mark.parametrize("sign", [";", ",", "\t"])
def test_encoding_and_delimiter_are_found_out(
    tmp_path: Path, encoding: str, told: str, sign: str
) -> None:
    text = sign.join(("nome", "cpf_cnpj", "dia_vencimento")) + "\r\n"
    text += sign.join(("Conceição – João", ANA, "10")) + "\r\n"

    rows, how = read(write(tmp_path, text.encode(encoding)))

    assert rows == [
        Row(2, [("nome", "Conceição – João"), ("cpf_cnpj", ANA), ("dia_vencimento", "10")])
    ]
    assert how.endswith(told)


def test_a_comma_inside_a_cell_is_no_delimiter(tmp_path: Path) -> None:
    rows, _how = read(write(tmp_path, b'numero,vencimento,valor\n1,10/11/2026,"1.234,56"\n'))

    assert rows[0].cells[2] == ("valor", "1.234,56")


def test_lines_are_counted_through_cells_of_several_lines(tmp_path: Path) -> None:
    rows, _how = read(write(tmp_path, b'\n\nnome;cidade\n"a\nb";c\n\nd;e\n'))

    assert [(row.line, row.cells[0][1]) for row in rows] == [(4, "a\nb"), (7, "d")]


def test_a_row_with_too_many_cells_is_told_and_the_next_is_read(tmp_path: Path) -> None:
    rows, _how = read(write(tmp_path, b"nome;cidade\na;b;c\nd;e\n"))

    assert [bool(row.broken) for row in rows] == [True, False]


def test_a_quote_that_never_ends_is_told(tmp_path: Path) -> None:
    rows, _how = read(write(tmp_path, b'nome;cidade\n"a;b\n'))

    assert "no CSV" in rows[-1].broken


@pytest.mark.parametrize(
    ("data", "name"), [(b"", "a.csv"), (b"", "a.json"), (b"[]", "a.json"), (b"{", "a.json")]
)
def test_what_is_no_file_of_rows_is_told(tmp_path: Path, data: bytes, name: str) -> None:
    with pytest.raises(Unreadable):
        read(write(tmp_path, data, name))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="cannot be read"):
        read(tmp_path / "nowhere.csv")


@pytest.mark.parametrize(
    "text",
    [
        '[{"a": 1.10},\n {"a": "[{}]"}]',
        '{"a": 1.10}\n{"a": "[{}]"}\n',
        '\ufeff[\n{"a": 1.10}\n,{"a": "[{}]"}]',
    ],
)
def test_json_comes_as_a_list_or_one_a_line(tmp_path: Path, text: str) -> None:
    rows, _how = read(write(tmp_path, text.encode(), "a.json"))

    cells: list[Cells] = [row.cells for row in rows]
    assert cells == [[("a", Decimal("1.10"))], [("a", "[{}]")]]


def test_json_larger_than_what_is_read_at_once_is_read_whole(tmp_path: Path) -> None:
    objects = ",\n".join(f'{{"a": {n}, "b": "{"x" * 300}"}}' for n in range(1000))

    rows, _how = read(write(tmp_path, f"[{objects}]".encode(), "a.json"))

    assert [(row.line, row.cells[0][1]) for row in rows] == [(n + 1, n) for n in range(1000)]


def test_json_that_breaks_off_is_told_at_its_line(tmp_path: Path) -> None:
    rows, _how = read(write(tmp_path, b'[{"a": 1},\n{"a": ', "a.json"))

    assert (rows[-1].line, rows[-1].broken) == (2, "is no JSON from here on")


@given(st.binary(max_size=300), st.sampled_from(["a.csv", "a.json"]))
def test_no_bytes_make_it_crash(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str
) -> None:
    path = write(tmp_path_factory.mktemp("wild"), data, name)
    try:
        rows, _how = read(path)
    except Unreadable:
        return
    assert all(row.line >= 1 for row in rows)


# ------------------------------------------------------------------ columns and cells


def column(what: What, name: str):  # type: ignore[no-untyped-def]
    return next(each for each in COLUMNS[what] if each.name == name)


@pytest.mark.parametrize("what", ["customers", "invoices"])
def test_no_name_means_two_columns(what: What) -> None:
    names = [folded(n) for each in COLUMNS[what] for n in (each.name, *each.aliases)]

    assert sorted(names) == sorted(set(names))
    assert set(names) == set(names_of(what))


def test_a_file_is_known_by_its_columns() -> None:
    assert file_of(["CPF/CNPJ", "Razão Social", "Dia Vencimento"]) == "customers"
    assert file_of(["Nº da Fatura", "Vencimento", "Valor", "cliente"]) == "invoices"
    assert file_of(["a", "b"]) is None


@pytest.mark.parametrize(
    ("name", "cell", "value"),
    [
        ("amount", "1.234,56", "1234.56"),
        ("amount", "R$ 99,9", "99.90"),
        ("amount", "1234.56", "1234.56"),
        ("amount", Decimal("1234.5"), "1234.50"),
        ("amount", 12, "12.00"),
        ("due_on", "05/11/2026", "2026-11-05"),
        ("due_on", "2026-11-05", "2026-11-05"),
        ("due_on", "2026-11-05T00:00:00", "2026-11-05"),
        ("due_on", "05/11/2026 00:00:00", "2026-11-05"),
        ("period", "11/2026", "2026-11"),
        ("state", "Em Aberto", "open"),
        ("state", "LIQUIDADO", "paid"),
    ],
)
def test_brazilian_and_iso_spellings_are_one(name: str, cell: object, value: str) -> None:
    assert column("invoices", name).read(cell) == value


@pytest.mark.parametrize(
    ("what", "name", "cell"),
    [
        ("invoices", "amount", "-1,00"), ("invoices", "amount", "1,234"),
        ("invoices", "amount", True), ("invoices", "due_on", "31/02/2026"),
        ("invoices", "due_on", "hoje"), ("invoices", "due_on", "11/05"),
        ("invoices", "barcode", "123"), ("invoices", "pix_code", "000201"),
        ("invoices", "period", "13/2026"), ("customers", "due_day", "32"),
        ("customers", "due_day", "0"), ("customers", "state", "XX"),
        ("customers", "postal_code", "123"), ("customers", "email", "a@b"),
        ("customers", "phone", "999"), ("customers", "name", "a" * 501),
        ("customers", "name", {"a": 1}), ("customers", "tax_id", "11111111111"),
    ],
)  # fmt: skip
def test_what_no_rule_takes_is_refused(what: What, name: str, cell: object) -> None:
    with pytest.raises(ValueError):
        column(what, name).read(cell)


def test_zeros_that_a_spreadsheet_ate_are_put_back() -> None:
    assert column("customers", "tax_id").read("10000208") == "00010000208"


# ------------------------------------------------------------------ the report's cells


def test_tax_ids_are_masked_wherever_they_stand() -> None:
    for text in (ANA, MATRIZ, f"CPF {ANA} da Ana"):
        assert ANA not in shown(text)
        assert MATRIZ not in shown(text)
    assert shown("12345678901", tax_id=True) == "…01 (11 characters)"


def test_control_signs_reach_no_terminal() -> None:
    assert "\x1b" not in shown("a\x1b[31mb")


@pytest.mark.parametrize("cell", ["=1+1", "@x", "+cmd|x", "-a"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert harmless(cell) == "'" + cell


def test_phones_and_amounts_are_left_as_they_are() -> None:
    assert harmless("+5511900000001") == "+5511900000001"
