"""A counter with every statement and declaration switched on, and what is on record of them."""

from __future__ import annotations

from sqlalchemy import select

from storage.tables import audit, audit_body

from .house import House
from .town import FEATURES

PAPERS = FEATURES | {"statements": True, "income_tax": True, "clearance": True}


def opened(house: House) -> list[dict[str, str]]:
    """What is on record as shown or handed out, in its order."""
    rows = house.rows(
        select(audit_body.c.after)
        .join_from(audit, audit_body)
        .where(audit.c.what == "document.opened")
        .order_by(audit.c.id)
    )
    return [row.after for row in rows]
