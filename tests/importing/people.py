"""Files of many customers that can be nobody's."""

from __future__ import annotations

import random

from bot.domain import tax_id
from tests.importing.office import HEADER


def many(rows: int) -> str:
    """A customers' file; the same each time."""
    rng = random.Random(rows)
    return HEADER + "".join(
        f"{n};{tax_id.generate_cpf(rng)};João Ninguém {n};10;c{n}@example.com;;Itu\n"
        for n in range(rows)
    )
