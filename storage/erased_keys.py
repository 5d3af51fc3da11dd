"""Whom an import may not bring back: of erased customers a keyed hash of each id stays, and nothing else.

Without the server's key a hash tells nothing, and it serves nothing but this (LGPD art. 6 III, 16 I).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert  # compiles for SQLite too

from bot.core.ports import Read, Write
from storage.tables import customer, erased_key

_PURPOSE = "erased"
Hasher = Callable[[str, str], str]
"""(purpose, text) → its keyed hash, as `Keys.hash`."""


def _nobody(_purpose: str, _text: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Erased:
    """The erased customers of a brand, to be asked about the ids in a file."""

    brand: str = ""
    hashes: frozenset[str] = frozenset()
    hashed: Hasher = _nobody

    def __contains__(self, id: tuple[str, str | None]) -> bool:
        """Whether ("tax_id" or "external_id", value) was an erased customer's."""
        kind, value = id
        if not self.hashes or not value:
            return False
        return self.hashed(_PURPOSE, _text(self.brand, kind, value)) in self.hashes


NONE = Erased()
"""Nobody was erased."""


def known(read: Read, hashed: Hasher) -> Erased:
    """All of a brand's, in memory: they are few, and an import looks at each of its rows."""
    rows = read.all(select(erased_key.c.hash).where(erased_key.c.brand == read.brand.id))
    return Erased(read.brand.id, frozenset(row.hash for row in rows), hashed)


def remember(write: Write, customer_id: int) -> None:
    """Note the ids of a customer that is about to be erased; one that was erased before stays noted."""
    row = write.one(
        select(customer.c.tax_id, customer.c.external_id).where(
            customer.c.id == customer_id, customer.c.brand == write.brand.id
        )
    )
    if row is None:
        raise LookupError("no such customer of this brand")
    ids = {"tax_id": row.tax_id, "external_id": row.external_id}
    if row.tax_id == f"-{customer_id}":  # taken by an earlier erasure, which has noted it
        del ids["tax_id"]
    for kind, value in ids.items():
        if value:
            write.run(
                insert(erased_key)
                .values(
                    brand=write.brand.id,
                    hash=write.keyed_hash(_PURPOSE, _text(write.brand.id, kind, value)),
                    customer=customer_id,
                    erased_at=write.now,
                )
                .on_conflict_do_nothing()
            )


def lift(write: Write, tax_id: str, *, reason: str) -> bool:
    """Let imports bring in whoever has this tax id again; False if nobody erased had it.

    Nothing that was erased comes back by it: the next file does what it does with a new customer.
    """
    hashed = write.keyed_hash(_PURPOSE, _text(write.brand.id, "tax_id", tax_id))
    mine = (erased_key.c.brand == write.brand.id, erased_key.c.hash == hashed)
    whose = write.scalar(select(erased_key.c.customer).where(*mine))
    if whose is None:
        return False
    write.run(
        delete(erased_key).where(
            erased_key.c.brand == write.brand.id, erased_key.c.customer == whose
        )
    )
    write.audit("customer.erasure-lifted", f"customer:{whose}", after={"reason": reason[:200]})
    return True


def _text(brand: str, kind: str, value: str) -> str:
    return f"{brand}:{kind}:{value}"
