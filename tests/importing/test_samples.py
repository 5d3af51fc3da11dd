"""The sample files of docs/samples are what a billing system would send, and go in."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.importing.columns import COLUMNS
from tests.importing.office import Office

SAMPLES = Path(__file__).parents[2] / "docs" / "samples"
FILES = (("customers.csv", 7), ("customers.json", 2), ("invoices.csv", 14))


async def test_the_samples_go_in_and_change_nothing_the_second_time(office: Office) -> None:
    for name, rows in FILES:
        outcome = await office.take_file(SAMPLES / name)
        assert outcome.counts["added"] == rows, office.told
    before = office.everything()

    for name, rows in FILES:
        outcome = await office.take_file(SAMPLES / name)
        assert outcome.counts["unchanged"] == rows

    assert office.everything() == before


def test_the_customers_sample_is_what_old_programs_write() -> None:
    data = (SAMPLES / "customers.csv").read_bytes()

    assert b";" in data
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")


def test_the_documentation_names_every_column() -> None:
    text = (SAMPLES.parent / "import.md").read_text(encoding="utf-8")

    for columns in COLUMNS.values():
        for column in columns:
            assert f"| `{column.name}` | {', '.join(column.aliases)} |" in text
