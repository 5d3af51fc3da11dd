"""How customers are called: the one who is written to, and companies that stand together, told apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Protocol


class Named(Protocol):
    """A company among others."""

    @property
    def customer(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def tax_id(self) -> str: ...


def first_name(kind: str, name: str, trade_name: str | None) -> str:
    """What a letter begins with: a person's (PF) first name, a company's trade name."""
    if kind == "PF":
        return name.split()[0] if name.split() else name
    return trade_name or name


def names(companies: Iterable[Named], most: int | None = None) -> Mapping[int, str]:
    """What each is called among the others, by customer; `most` characters cut what is longer.

    Of those that would be called alike each has the end of its tax id, whole, behind its name.
    """
    some = list(companies)
    cut = {each.customer: _cut(each.name, most) for each in some}
    called = Counter(cut.values())
    for each in some:
        if called[cut[each.customer]] > 1:
            end = f" ({_end(each.tax_id)})"
            cut[each.customer] = _cut(each.name, most and most - len(end)) + end
    return cut


def _cut(name: str, most: int | None) -> str:
    return name if most is None or len(name) <= most else name[: most - 1].rstrip() + "…"


def _end(tax_id: str) -> str:
    """`/0002-72` of a CNPJ (branch number and check digits); the last digits of a CPF."""
    return f"/{tax_id[8:12]}-{tax_id[12:]}" if len(tax_id) == 14 else f"…{tax_id[-4:]}"
