"""Write the benchmark database: customers with a linked chat and their invoices.

python -m bench.make_data billing.sqlite3 --customers 10000 --invoices 12
"""

from __future__ import annotations

import argparse
import random
import sqlite3
from contextlib import closing
from pathlib import Path

SCHEMA = """
CREATE TABLE customers (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    telegram_chat_id INTEGER UNIQUE,
    whatsapp_id TEXT UNIQUE
);
CREATE TABLE invoices (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers(id),
    number TEXT NOT NULL UNIQUE,
    period TEXT NOT NULL,
    due_on TEXT NOT NULL,
    amount_cents INTEGER NOT NULL,
    status TEXT NOT NULL
);
CREATE INDEX invoices_of_customer ON invoices (customer_id, period DESC);
"""

FIRST_CHAT_ID = 1_000_000


def write(path: Path, customers: int, invoices: int) -> None:
    """Write the database anew; the same numbers give the same rows."""
    path.unlink(missing_ok=True)
    rng = random.Random(1)
    periods = [f"{2025 + m // 12}-{m % 12 + 1:02}" for m in range(invoices)]
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA journal_mode=WAL")
        db.executescript(SCHEMA)
        db.executemany(
            "INSERT INTO customers VALUES (?, ?, ?, ?, ?)",
            (
                (i, f"Customer {i}", f"customer{i}@example.com", chat, str(chat))
                for i, chat in enumerate(range(FIRST_CHAT_ID, FIRST_CHAT_ID + customers), 1)
            ),
        )
        db.executemany(
            "INSERT INTO invoices (customer_id, number, period, due_on, amount_cents, status)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                (
                    customer,
                    f"INV-{period}-{customer:06}",
                    period,
                    f"{period}-28",
                    rng.randrange(1_000, 50_000),
                    rng.choice(("open", "paid")),
                )
                for customer in range(1, customers + 1)
                for period in periods
            ),
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--customers", type=int, default=10_000)
    parser.add_argument("--invoices", type=int, default=12)
    args = parser.parse_args()
    write(args.path, args.customers, args.invoices)


if __name__ == "__main__":
    main()
