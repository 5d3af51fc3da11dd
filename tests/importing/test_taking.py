"""Files go in: added, changed, unchanged; a second run changes nothing; one bad row changes nothing."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from bot.domain import boleto, pix
from bot.domain.standing import Status
from storage.invoices import InvoiceState
from tests.importing.office import (
    ANA,
    BILLS,
    BRUNO,
    CARLA,
    FILIAL,
    HEADER,
    MATRIZ,
    NOBODY,
    PEOPLE,
    Office,
)


async def test_customers_and_then_their_invoices(office: Office) -> None:
    people = await office.take(PEOPLE)
    bills = await office.take(BILLS, "invoices.csv")

    assert (people.what, people.counts["added"]) == ("customers", 2)
    assert (bills.what, bills.counts["added"]) == ("invoices", 2)
    ana = office.who(ANA)
    assert (ana.name, ana.kind, ana.due_day, ana.city) == ("Ana Prado", "PF", 10, "Atibaia")
    assert office.reached(ANA) == ["ana@example.com", "+5511900000001"]
    first, second = office.invoice("F-1"), office.invoice("F-2")
    assert (first.customer, first.amount, first.due_on) == (
        ana.id,
        Decimal("1234.56"),
        date(2026, 11, 10),
    )
    assert (first.period, first.state) == ("2026-11", InvoiceState.OPEN)
    assert (second.amount, second.state) == (Decimal("99.90"), InvoiceState.PAID)


async def test_a_second_run_changes_nothing(office: Office) -> None:
    await office.take(PEOPLE)
    await office.take(BILLS, "invoices.csv")
    before = office.everything()

    office.desk.later(days=1)
    people = await office.take(PEOPLE)
    bills = await office.take(BILLS, "invoices.csv")

    assert office.everything() == before
    assert people.counts == {"added": 0, "changed": 0, "unchanged": 2, "kept": 0}
    assert bills.counts == {"added": 0, "changed": 0, "unchanged": 2, "kept": 0}


async def test_only_what_differs_is_changed_and_audited(office: Office) -> None:
    await office.take(PEOPLE)

    outcome = await office.take(PEOPLE.replace("Itu", "Salto"))

    assert outcome.counts == {"added": 0, "changed": 1, "unchanged": 1, "kept": 0}
    assert office.who(BRUNO).city == "Salto"
    assert office.audited().count("customer.imported") == 1


async def test_one_bad_row_and_nothing_of_the_file_changes(office: Office) -> None:
    await office.take(PEOPLE)
    before = office.everything()

    outcome = await office.take(
        PEOPLE.replace("Ana Prado", "Ana Nova") + "3;12345678901;Carla;40;x@;99;\n"
    )

    assert office.everything() == before
    assert outcome.refused == 4
    assert [(line, column) for line, column, _why in office.told] == [
        (4, "cpf_cnpj"),
        (4, "dia_vencimento"),
        (4, "email"),
        (4, "telefone"),
    ]
    assert office.runs() == ["done", "dropped"]
    assert office.rows_waiting() == 0


async def test_columns_that_are_not_there_leave_their_fields_alone(office: Office) -> None:
    await office.take(PEOPLE)

    await office.take(f"cpf_cnpj;nome;dia_vencimento\n{ANA};Ana P. Nogueira;10\n")

    ana = office.who(ANA)
    assert (ana.name, ana.city, ana.external_id) == ("Ana P. Nogueira", "Atibaia", "1")
    assert office.reached(ANA) == ["ana@example.com", "+5511900000001"]


async def test_an_empty_cell_empties_its_field(office: Office) -> None:
    await office.take(PEOPLE)

    await office.take(HEADER + f"1;{ANA};Ana Prado;10;;(11) 90000-0001;\n")

    assert office.who(ANA).city is None
    assert office.reached(ANA) == ["+5511900000001"]


async def test_a_customer_is_known_by_the_external_id_and_else_by_the_tax_id(
    office: Office,
) -> None:
    await office.take(f"cpf_cnpj;nome;dia_vencimento\n{ANA};Ana;10\n")
    id = office.who(ANA).id

    await office.take(f"codigo;cpf_cnpj;nome;dia_vencimento\nX9;{ANA};Ana;10\n")
    await office.take(f"codigo;cpf_cnpj;nome;dia_vencimento\nX9;{CARLA};Ana;10\n")

    assert office.who(CARLA).id == id


async def test_contacts_follow_the_file_and_keep_what_is_known_of_them(office: Office) -> None:
    row = f"1;{ANA};Ana;10;{{}};;\n"
    await office.take(HEADER + row.format("a@example.com|b@example.com"))
    assert office.reached(ANA) == ["a@example.com", "b@example.com"]

    await office.take(HEADER + row.format("b@example.com|c@example.com"))

    assert office.reached(ANA) == ["b@example.com", "c@example.com"]
    assert office.who(ANA).email == "b@example.com"


async def test_a_filial_finds_its_matriz_even_below_it(office: Office) -> None:
    outcome = await office.take(
        f"codigo;cnpj;nome;dia_vencimento;matriz\n22;{FILIAL};Filial;5;21\n21;{MATRIZ};Matriz;5;\n"
    )

    assert outcome.refused == 0
    assert office.who(FILIAL).main_customer == office.who(MATRIZ).id


async def test_a_blocked_customer_is_blocked_since_the_import(office: Office) -> None:
    row = "cpf_cnpj;nome;dia_vencimento;situacao\n" + f"{ANA};Ana;10;"
    await office.take(row + "Bloqueado\n")
    assert office.who(ANA).status is Status.BLOCKED

    await office.take(row + "ativo\n")
    assert office.who(ANA).status is Status.ACTIVE


async def test_an_invoice_brings_its_boleto_and_its_pix(office: Office) -> None:
    await office.take(PEOPLE)
    barcode = boleto.make_barcode("999", date(2026, 11, 10), Decimal("10.00"), "1" * 25)
    line = boleto.format_line(boleto.line_from_barcode(barcode))
    code = pix.encode_dynamic("pix.example.com/1", "Curral", "Itu")

    await office.take(
        "numero;cpf;vencimento;valor;linha_digitavel;pix\n"
        f"F-9;{ANA};10/11/2026;10,00;{line};{code}\n",
        "invoices.csv",
    )

    assert office.invoice("F-9").barcode == barcode
    assert office.invoice("F-9").pix_code == code


async def test_an_invoice_opened_again_is_paid_no_more(office: Office) -> None:
    head = "numero;codigo_cliente;vencimento;valor;situacao;pagamento;valor_pago\n"
    await office.take(PEOPLE)
    await office.take(head + "F-1;1;10/11/2026;10,00;pago;09/11/2026;10,00\n", "invoices.csv")
    assert office.invoice("F-1").paid_on == date(2026, 11, 9)

    await office.take(head + "F-1;1;10/11/2026;10,00;aberto;;\n", "invoices.csv")

    assert office.invoice("F-1").state is InvoiceState.OPEN
    assert office.invoice("F-1").paid_on is None


async def test_json_says_the_same_as_csv(office: Office) -> None:
    rows = [
        {"external_id": "1", "tax_id": ANA, "name": "Ana Prado", "due_day": 10,
         "email": ["ana@example.com"], "phone": "+5511900000001", "city": "Atibaia"},
        {"external_id": "2", "tax_id": BRUNO, "name": "Bruno Teles", "due_day": 5,
         "email": "bruno@example.com", "phone": None, "city": "Itu"},
    ]  # fmt: skip
    await office.take(PEOPLE)
    before = office.everything()

    outcome = await office.take(json.dumps(rows), "customers.json")

    assert outcome.counts["unchanged"] == 2
    assert office.everything() == before


@pytest.mark.parametrize(
    ("rows", "remark"),
    [
        (f"1;{ANA};A;10;;;\n1;{BRUNO};B;10;;;\n", (3, "external_id", "the same as in line 2")),
        (f"1;{ANA};A;10;;;\n2;{ANA};B;10;;;\n", (3, "tax_id", "the same as in line 2")),
        (f"1;{ANA};;10;;;\n", (2, "name", "is empty; every row has it")),
    ],
)
async def test_what_a_file_cannot_say(
    office: Office, rows: str, remark: tuple[int, str, str]
) -> None:
    await office.take(HEADER + rows)

    assert office.told == [remark]


async def test_a_tax_id_that_another_customer_has_is_refused(office: Office) -> None:
    await office.take(PEOPLE)

    await office.take(HEADER + f"1;{BRUNO};Ana Prado;10;;;\n")
    assert office.told == [(2, "tax_id", "another customer here has this tax id")]

    await office.take(HEADER + f"77;{BRUNO};Quem;10;;;\n")
    assert office.told == [(2, "tax_id", "another customer here has this tax id")]


@pytest.mark.parametrize(
    ("of", "column", "why"),
    [
        (f"9;{ANA}", "customer", "no customer here has this external id"),
        (f";{NOBODY}", "tax_id", "no customer here has this tax id"),
        (f"1;{BRUNO}", "tax_id", "is not the tax id of the customer named"),
        (";", "customer", "neither customer nor tax_id says whose it is"),
    ],
)
async def test_an_invoice_of_nobody_is_refused(
    office: Office, of: str, column: str, why: str
) -> None:
    await office.take(PEOPLE)

    await office.take(
        f"numero;cliente;cpf;vencimento;valor\nF-1;{of};10/11/2026;1,00\n", "invoices.csv"
    )

    assert office.told == [(2, column, why)]


@pytest.mark.parametrize(
    ("main", "why"),
    [
        ("404", "no customer has this external id or tax id, here or in the file"),
        ("22", "that customer is a filial itself"),
    ],
)
async def test_a_matriz_that_is_none_is_refused(office: Office, main: str, why: str) -> None:
    await office.take(
        "codigo;cpf_cnpj;nome;dia_vencimento;matriz\n"
        f"21;{MATRIZ};Matriz;5;\n22;{FILIAL};Filial;5;21\n1;{ANA};Ana;5;{main}\n"
    )

    assert office.told == [(4, "main", why)]


async def test_the_report_names_line_column_and_reason_and_masks_tax_ids(office: Office) -> None:
    wrong = ANA[:-1] + str((int(ANA[-1]) + 1) % 10)

    await office.take(HEADER + f"1;{wrong};=cmd;10;;;\n1;{BRUNO};B;99;;;{ANA}\n")

    rows = office.report_rows()
    assert [(row["line"], row["column"]) for row in rows] == [
        ("2", "cpf_cnpj"),
        ("3", "dia_vencimento"),
    ]
    assert "check digits" in rows[0]["why"]
    text = office.report.path.read_text(encoding="utf-8-sig")
    assert wrong not in text
    assert BRUNO not in text


async def test_beyond_the_first_twenty_remarks_the_file_has_them_all(office: Office) -> None:
    rows = "".join(f"{n};1;Nome;10;;;\n" for n in range(50))

    outcome = await office.take(HEADER + rows)

    assert (outcome.refused, len(office.report.first)) == (50, 20)
    assert len(office.report_rows()) == 50
