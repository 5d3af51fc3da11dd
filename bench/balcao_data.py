"""The benchmark's billing database as Balcão's own: what an import and ten thousand proofs would leave.

    python -m bench.balcao_data billing.sqlite3 sqlite:///template.sqlite3

Runs in the project's virtual environment.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text

from bot.domain import boleto
from bot.domain.tax_id import generate_cpf
from storage.engines import database_url, postgresql_engine, sqlite_engine
from storage.migrate import migrate
from storage.tables import (
    address,
    contact,
    customer,
    invoice,
    invoice_line,
    membership,
    person,
)

BRAND = ACCOUNT = "bench"
VERIFIED = timedelta(days=30)
BANK = "999"
"""A bank code that the Banco Central has given to nobody."""

Rows = Iterator[dict[str, Any]]


def prepare(billing: Path, url: str, now: datetime) -> None:
    """Make the tables at `url`, which has none yet, and fill them: everyone was proved at `now`."""
    migrate(url)
    where = database_url(url)
    sqlite = where.get_backend_name() == "sqlite"
    engine = sqlite_engine(where) if sqlite else postgresql_engine(where)
    with closing(sqlite3.connect(billing)) as rows, engine.connect() as connection:
        with connection.begin():
            _fill(connection, rows, {"created_at": now})
            if not sqlite:
                _count_on(connection)
        if not sqlite:  # which a server does by itself, minutes later
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(
                text("VACUUM ANALYZE")
            )


def _fill(connection: Connection, billing: sqlite3.Connection, made: dict[str, Any]) -> None:
    customers = billing.execute(
        "SELECT id, name, email, telegram_chat_id FROM customers"
    ).fetchall()
    rng, tax_ids = random.Random(1), dict[str, None]()
    while len(tax_ids) < len(customers):
        tax_ids[generate_cpf(rng)] = None

    def put(table: Table, rows: Rows) -> None:
        connection.execute(insert(table), list(rows))

    put(
        customer,
        (
            made | {
                "id": id, "brand": BRAND, "kind": "PF", "name": name, "tax_id": tax_id,
                "due_day": 28, "plan": "Fibra 500", "postal_code": "12940000", "street": "Rua A",
                "street_number": str(id), "district": "Centro", "city": "Atibaia", "state": "SP",
                "external_id": str(id),
            }
            for tax_id, (id, name, _email, _chat) in zip(tax_ids, customers, strict=True)
        ),
    )  # fmt: skip
    put(
        contact,
        (
            made | {"customer": id, "kind": "email", "value": email, "is_primary": True}
            for id, _name, email, _chat in customers
        ),
    )
    # What `people.link` leaves for each chat.
    put(person, (made | {"id": id, "brand": BRAND, "name": name} for id, name, _, _ in customers))
    put(
        membership,
        (
            made | {"person": id, "customer": id, "role": "administrator", "active": True}
            for id, _name, _email, _chat in customers
        ),
    )
    put(
        address,
        (
            made | {
                "account": ACCOUNT, "chat": str(chat), "brand": BRAND, "person": id, "customer": id,
                "verified_until": made["created_at"] + VERIFIED, "name": name,
            }
            for id, name, _email, chat in customers
        ),
    )  # fmt: skip
    invoices = [made | row for row in _invoices(billing)]
    put(invoice, iter(invoices))
    put(
        invoice_line,
        (
            {
                "invoice": row["id"],
                "position": 1,
                "description": "Fibra 500",
                "amount": row["amount"],
            }
            for row in invoices
        ),
    )


def _invoices(billing: sqlite3.Connection) -> Rows:
    found = billing.execute(
        "SELECT id, customer_id, number, period, due_on, amount_cents, status FROM invoices"
    )
    for id, whose, number, period, due, cents, status in found:
        due_on, amount, paid = date.fromisoformat(due), Decimal(cents) / 100, status == "paid"
        yield {
            "id": id, "brand": BRAND, "customer": whose, "number": number, "period": period,
            "issued_on": due_on - timedelta(days=20), "due_on": due_on, "amount": amount,
            "state": status, "paid_on": due_on if paid else None,
            "paid_amount": amount if paid else None,
            "barcode": boleto.make_barcode(BANK, due_on, amount, f"{id:025}"),
        }  # fmt: skip


def _count_on(connection: Connection) -> None:
    """PostgreSQL's counters of row ids go on behind the rows that brought theirs."""
    for table in (customer, contact, person, address, invoice):
        last = select(func.max(table.c.id)).scalar_subquery()
        connection.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "id"), last)))


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("billing", type=Path)
    asked.add_argument("url")
    given = asked.parse_args()
    prepare(given.billing, given.url, datetime.now(UTC))


if __name__ == "__main__":
    main()
