"""The columns of the files: what each is called, what it may hold, how it is read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from bot.domain import boleto, pix
from bot.domain.dates import parse_date
from bot.domain.errors import Invalid
from bot.domain.money import LARGEST, exact, from_cents, parse_money, to_cents
from bot.domain.postal_code import parse_postal_code
from bot.domain.tax_id import parse_tax_id
from bot.importing.plain import read_email, read_phone
from storage.staging import Record

What = Literal["customers", "invoices"]
Read = Callable[[Any], Any]

_LONGEST_TEXT = 500
_STATES_OF_BRAZIL = frozenset(
    (
        "AC", "AL", "AP", "AM", "BA", "CE", "DF", "ES", "GO", "MA", "MT", "MS", "MG", "PA", "PB",
        "PR", "PE", "PI", "RJ", "RN", "RS", "RO", "RR", "SC", "SP", "SE", "TO",
    )
)  # fmt: skip
_SEPARATORS = re.compile(r"[;,|/\n]")
_EARLIEST, _LATEST = 1900, 2199
_FULL_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[/.-]\d{1,2}[/.-]\d{4}")
_ANY_DAY = date(2026, 1, 1)
"""Full dates need no today; of a boleto only the digits are kept."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `read` makes a record's value of a cell, or raises ValueError with a reason."""

    name: str
    aliases: tuple[str, ...]
    read: Read
    holds: str
    needed: bool = False
    """Every row has it, and so has every file."""
    clears: bool = True
    """An empty cell empties the field; else it leaves it alone."""
    many: bool = False
    """Several columns of these names are read together, as a list."""
    tax_id: bool = False
    """It holds tax ids, which are shown masked."""


def folded(name: str) -> str:
    """A name without accents, case and signs between words: "Nº da Fatura" → "no_da_fatura"."""
    bare = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(c for c in bare if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", "_", bare).strip("_")


# ------------------------------------------------------------------ cells → values


def _text(value: Any) -> str:
    """One line, without control characters."""
    if isinstance(value, list | dict | bool):
        raise Invalid("format", "Write it as text.")
    words = " ".join(str(value).split())
    if len(words) > _LONGEST_TEXT:
        raise Invalid("too_long", f"At most {_LONGEST_TEXT} characters.")
    if not words.isprintable():
        raise Invalid("characters", "It holds control characters.")
    return words


def _limited(most: int) -> Read:
    def read(value: Any) -> str:
        words = _text(value)
        if len(words) > most:
            raise Invalid("too_long", f"At most {most} characters.")
        return words

    return read


def _one_of(words: Mapping[str, Sequence[str]]) -> Read:
    known = {folded(each): value for value, spoken in words.items() for each in (value, *spoken)}

    def read(value: Any) -> str:
        found = known.get(folded(_text(value)))
        if found is None:
            raise Invalid("value", f"It may be {', '.join(words)}.")
        return found

    return read


def _day_of_month(value: Any) -> int:
    text = _text(value)
    if not re.fullmatch(r"[0-9]{1,2}", text) or not 1 <= int(text) <= 31:
        raise Invalid("value", "A day of the month is 1 to 31.")
    return int(text)


def _date(value: Any) -> str:
    text = _text(value).partition("T")[0]
    text = re.sub(r" 00:00(:00)?$", "", text)
    if not _FULL_DATE.fullmatch(text):
        raise Invalid("format", "A date looks like 31/12/2026 or 2026-12-31.")
    day = parse_date(text, _ANY_DAY)
    if not _EARLIEST <= day.year <= _LATEST:
        raise Invalid("date_range", f"A year is {_EARLIEST} to {_LATEST}.")
    return day.isoformat()


def _money(value: Any) -> str:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        number = exact(value)
        if number < 0:
            raise Invalid("negative", "An amount is not negative.")
        if number > LARGEST:
            raise Invalid("too_long", "This amount is beyond all bills.")
        return str(from_cents(to_cents(number)))
    return str(parse_money(_text(value)))


def _period(value: Any) -> str:
    text = _text(value)
    if found := re.fullmatch(r"([0-9]{1,2})[/-]([0-9]{4})", text):
        text = f"{found[2]}-{int(found[1]):02}"
    if not re.fullmatch(r"(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])", text):
        raise Invalid("format", "A month looks like 11/2026 or 2026-11.")
    return text


def _state_of_brazil(value: Any) -> str:
    text = _text(value).upper()
    if text not in _STATES_OF_BRAZIL:
        raise Invalid("value", "A state is two letters, such as SP.")
    return text


def _barcode(value: Any) -> str:
    return boleto.parse(_text(value), _ANY_DAY).barcode


def _pix_code(value: Any) -> str:
    text = str(value).strip()
    pix.decode(text)
    return text


def _tax_id(value: Any) -> str:
    text = _text(value)
    # A spreadsheet eats the zeros a CPF or CNPJ begins with; what is left is digits alone.
    if text.isascii() and text.isdigit() and len(text) not in (11, 14) and 8 <= len(text) < 14:
        return parse_tax_id(text.zfill(11 if len(text) < 11 else 14))
    return parse_tax_id(text)


def _matriz(value: Any) -> str:
    """A tax id where it is one, else an external id."""
    text = _text(value)
    try:
        return parse_tax_id(text)
    except ValueError:
        return text


def _each(read: Read) -> Read:
    def read_all(value: Any) -> list[str]:
        parts = value if isinstance(value, list) else _SEPARATORS.split(str(value))
        return list(dict.fromkeys(read(part) for part in parts if str(part).strip()))

    return read_all


# ------------------------------------------------------------------ the columns

_TAX_ID = ("cpf_cnpj", "cpf", "cnpj", "cnpj_cpf", "documento", "cpfcnpj")
_EXTERNAL_ID = ("codigo", "id", "cod", "codigo_externo", "id_externo")

CUSTOMERS: tuple[Column, ...] = (
    Column("external_id", (*_EXTERNAL_ID, "codigo_cliente", "id_cliente"), _limited(80),
           "the billing system's own id, once a file", clears=False),
    Column("tax_id", _TAX_ID, _tax_id, "CPF or CNPJ, with or without its mask", needed=True,
           tax_id=True),
    Column("name", ("nome", "razao_social", "nome_razao_social", "cliente"), _text,
           "name, or registered name", needed=True),
    Column("kind", ("tipo", "tipo_pessoa", "pessoa"),
           _one_of({"PF": ("f", "fisica", "pessoa fisica"), "PJ": ("j", "juridica", "pessoa juridica")}),
           "PF or PJ; the tax id says it anyway", clears=False),
    Column("trade_name", ("nome_fantasia", "fantasia"), _text, "trade name of a company"),
    Column("status", ("situacao", "estado_cadastro"), _one_of({
        "active": ("ativo", "ativa", "a", "liberado", "normal"),
        "blocked": ("bloqueado", "bloqueada", "suspenso", "suspensa", "b"),
        "cancelled": ("cancelado", "cancelada", "inativo", "inativa", "desativado", "c"),
    }), "active, blocked, cancelled (ativo, bloqueado, cancelado)", clears=False),
    Column("due_day", ("dia_vencimento", "vencimento_dia", "dia_de_vencimento", "dia_venc"),
           _day_of_month, "day of the month, 1 to 31", needed=True),
    Column("payment_form", ("forma_pagamento", "forma_de_pagamento", "pagamento"), _one_of({
        "boleto": ("boleto bancario", "carne"), "pix": (), "card": ("cartao", "cartao de credito"),
        "informal": ("dinheiro", "avulso", "outro"),
    }), "boleto, pix, card, informal (cartão, dinheiro)", clears=False),
    Column("plan", ("plano", "servico", "pacote"), _text, "what the customer has"),
    Column("email", ("e_mail", "emails", "email_cobranca", "email2", "email_2"), _each(read_email),
           "one or several, the first is written to", many=True),
    Column("phone", ("telefone", "celular", "fone", "telefones", "phones", "telefone2",
                     "telefone_2", "whatsapp", "fone_celular"), _each(read_phone),
           "one or several with area code, the first is called", many=True),
    Column("postal_code", ("cep",), lambda v: parse_postal_code(_text(v)), "CEP, eight digits"),
    Column("street", ("logradouro", "endereco", "rua"), _text, "street"),
    Column("street_number", ("numero", "numero_endereco", "num"), _limited(20), "number in it"),
    Column("complement", ("complemento", "compl"), _text, "flat, block"),
    Column("district", ("bairro",), _text, "district"),
    Column("city", ("cidade", "municipio"), _text, "city"),
    Column("state", ("uf", "estado"), _state_of_brazil, "two letters, such as SP"),
    Column("since", ("cliente_desde", "desde", "data_cadastro", "data_ativacao"), _date,
           "date, 31/12/2026 or 2026-12-31"),
    Column("born_on", ("data_nascimento", "nascimento", "dt_nascimento", "data_abertura", "abertura",
                       "dt_abertura"), _date, "birth date; of a company when it was opened"),
    Column("registry_number", ("rg", "ie", "inscricao_estadual", "rg_ie", "inscricao"), _limited(30),
           "RG of a person; inscrição estadual (or ISENTO) of a company"),
    Column("permission_group", ("grupo_permissao", "grupo_de_permissao", "grupo_permissoes"),
           _limited(40), "which group of permissions, as config.toml names it"),
    Column("main", ("matriz", "codigo_matriz", "cnpj_matriz", "main_customer"), _matriz,
           "of a filial: external id or CNPJ of its matriz", tax_id=True),
)  # fmt: skip

INVOICES: tuple[Column, ...] = (
    Column("external_id", _EXTERNAL_ID, _limited(80),
           "the billing system's own id, once a file", clears=False),
    Column("number", ("numero", "fatura", "numero_fatura", "no_da_fatura", "titulo", "no_fatura"),
           _limited(40), "the number a customer is shown", needed=True),
    Column("customer", ("cliente", "codigo_cliente", "id_cliente", "cod_cliente"), _limited(80),
           "external id of the customer; or give tax_id", clears=False),
    Column("tax_id", _TAX_ID, _tax_id, "CPF or CNPJ of the customer; or give customer",
           clears=False, tax_id=True),
    Column("due_on", ("vencimento", "data_vencimento", "due_date", "dt_vencimento"), _date,
           "due date, 31/12/2026 or 2026-12-31", needed=True),
    Column("amount", ("valor", "valor_total", "valor_titulo", "total"), _money,
           "reais: 1.234,56 or 1234.56", needed=True),
    Column("issued_on", ("emissao", "data_emissao", "dt_emissao"), _date,
           "date of issue; without it the due date", clears=False),
    Column("period", ("competencia", "mes", "referencia", "mes_referencia"), _period,
           "the month it is for, 11/2026 or 2026-11; without it the due date's", clears=False),
    Column("state", ("situacao", "status", "estado"), _one_of({
        "open": ("aberto", "aberta", "em aberto", "pendente", "a vencer", "vencido", "vencida",
                 "overdue", "a"),
        "paid": ("pago", "paga", "quitado", "quitada", "liquidado", "liquidada", "recebido", "p"),
        "cancelled": ("cancelado", "cancelada", "estornado", "c"),
    }), "open, paid, cancelled (aberto, pago, cancelado)", clears=False),
    Column("paid_on", ("pagamento", "data_pagamento", "pago_em", "dt_pagamento"), _date,
           "date of payment"),
    Column("paid_amount", ("valor_pago", "valor_recebido"), _money, "what was paid, in reais"),
    Column("cancelled_on", ("cancelamento", "data_cancelamento", "cancelado_em"), _date,
           "date of cancellation"),
    Column("barcode", ("codigo_barras", "codigo_de_barras", "linha_digitavel", "boleto", "linha"),
           _barcode, "barcode (44 digits) or line (47 or 48) of its boleto"),
    Column("pix_code", ("pix", "pix_copia_e_cola", "copia_e_cola", "emv", "br_code"), _pix_code,
           "PIX code of a gateway; without it one of the brand's key is made"),
    Column("description", ("descricao", "historico", "servico"), _text, "what it is for",
           clears=False),
)  # fmt: skip

COLUMNS: Mapping[What, tuple[Column, ...]] = {"customers": CUSTOMERS, "invoices": INVOICES}


def names_of(what: What) -> dict[str, Column]:
    """Every name that a header of such a file may have, and its column."""
    columns = COLUMNS[what]
    aliases = {folded(alias): column for column in columns for alias in column.aliases}
    return aliases | {column.name: column for column in columns}


def file_of(header: Sequence[str]) -> What | None:
    """Which file has these columns; None if it lacks what either needs."""
    given = {folded(name) for name in header}
    best: list[tuple[int, What]] = []
    for what in COLUMNS:
        known = names_of(what)
        found = {known[name].name for name in given if name in known}
        if {column.name for column in COLUMNS[what] if column.needed} <= found:
            best.append((len(found), what))
    return max(best)[1] if best else None


def finish(what: What, record: Record) -> Record:
    """What follows from a row's own values. Raises `Refused` for values that contradict each other."""
    if what == "customers":
        kind = "PF" if len(record["tax_id"]) == 11 else "PJ"
        if record.setdefault("kind", kind) != kind:
            raise Refused(
                "kind", f"the tax id is that of {'a person' if kind == 'PF' else 'a company'}"
            )
        main = record.get("main")
        if main and main in (record["tax_id"], record.get("external_id")):
            # An ERP writes a matriz as its own; it has none.
            record["main"] = None
        return record
    if not record.get("customer") and not record.get("tax_id"):
        raise Refused("customer", "neither customer nor tax_id says whose it is")
    if "state" not in record and record.get("paid_on"):
        record["state"] = "paid"
    match record.get("state"):
        case "open":
            for name in ("paid_on", "paid_amount", "cancelled_on"):
                if record.get(name):
                    raise Refused(name, "an open invoice has none")
                record[name] = None
        case "paid":
            record["cancelled_on"] = None
    return record


class Refused(ValueError):
    """A row whose values do not fit together: the column, and why."""

    def __init__(self, column: str, why: str) -> None:
        super().__init__(column, why)
        self.column = column
        self.why = why
