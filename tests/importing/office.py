"""What a back office does with files: writes one, imports it, looks at what became of it."""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from bot.domain import tax_id
from bot.importing.columns import What
from bot.importing.importer import Importer, Outcome, Pace
from bot.importing.report import Report
from storage import customers
from storage.customers import Customer
from storage.database import Database
from storage.invoices import Invoice, from_rows
from storage.tables import audit, contact, customer, import_row, import_run, invoice, invoice_line
from tests.nouns.desk import Desk

_rng = random.Random(14)
ANA, BRUNO, CARLA, NOBODY = (tax_id.generate_cpf(_rng) for _ in range(4))
MATRIZ = tax_id.generate_cnpj(_rng, root="12ABC345")
FILIAL = tax_id.generate_cnpj(_rng, root="12ABC345", branch=2)

HEADER = "codigo;cpf_cnpj;nome;dia_vencimento;email;telefone;cidade\n"
PEOPLE = (
    HEADER
    + f"1;{ANA};Ana Prado;10;ana@example.com;(11) 90000-0001;Atibaia\n"
    + f"2;{BRUNO};Bruno Teles;5;bruno@example.com;;Itu\n"
)
BILLS = (
    "id;numero;codigo_cliente;vencimento;valor;situacao\n"
    "T1;F-1;1;10/11/2026;1.234,56;Aberto\n"
    "T2;F-2;2;2026-12-05;99.90;Pago\n"
)


async def no_pause(_seconds: float) -> None:
    """Live turns are not what is tested."""


@dataclass
class Office:
    """Files into a database, and a look at it."""

    database: Database
    desk: Desk
    folder: Path
    phases: list[str] = field(default_factory=list)
    report: Report = field(init=False)
    rows_at_once: int = 100

    def importer(self, database: Database | None = None) -> Importer:
        return Importer(
            database or self.database,
            self.desk.brand,
            is_dead=lambda _owner: False,
            progress=lambda phase, _done, _of: self.phases.append(phase),
            pace=Pace(rows=self.rows_at_once, least=1, most=self.rows_at_once, pause=no_pause),
        )

    def write(self, text: str, name: str = "customers.csv", encoding: str = "utf-8") -> Path:
        path = self.folder / name
        path.write_bytes(text.encode(encoding))
        return path

    async def take(
        self,
        text: str,
        name: str = "customers.csv",
        encoding: str = "utf-8",
        what: What | None = None,
    ) -> Outcome:
        return await self.take_file(self.write(text, name, encoding), what)

    async def take_file(self, path: Path, what: What | None = None) -> Outcome:
        self.report = Report(self.folder / "report.csv")
        with self.report.open():
            return await self.importer().take(path, self.report, what)

    @property
    def told(self) -> list[tuple[int, str, str]]:
        """(line, column, why) of what was remarked."""
        return [(each.line, each.column, each.why) for each in self.report.first]

    def report_rows(self) -> list[dict[str, str]]:
        with self.report.path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    # ------------------------------------------------------------------ a look

    def who(self, tax: str) -> Customer:
        with self.desk.begin() as tx:
            found = customers.by_tax_id(tx, tax)
        assert found is not None
        return found

    def reached(self, tax: str) -> list[str]:
        """Every e-mail and phone, the primary ones first."""
        id = self.who(tax).id
        with self.desk.begin() as tx:
            return [each.value for each in customers.contacts(tx, id)]

    def invoice(self, number: str) -> Invoice:
        columns = [invoice.c[name] for name in Invoice._fields]
        (found,) = from_rows(self.desk.rows(select(*columns).where(invoice.c.number == number)))
        return found

    def everything(self) -> dict[str, list[object]]:
        """All that an import may change; what it notes about itself aside."""
        tables = (customer, contact, invoice, invoice_line)
        return {t.name: sorted(self.desk.rows(select(t)), key=str) for t in tables}

    def audited(self) -> list[str]:
        return [row.what for row in self.desk.rows(select(audit.c.what).order_by(audit.c.id))]

    def runs(self) -> list[str]:
        return [r.state for r in self.desk.rows(select(import_run.c.state).order_by("id"))]

    def rows_waiting(self) -> int:
        return len(self.desk.rows(select(import_row.c.position)))
