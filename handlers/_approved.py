"""What carries out an approved change, by its kind; and the decision itself, with whoever asked told."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.core.message import JSON, Text, _
from bot.core.ports import Write
from storage import approvals, paying, registration
from storage.approvals import Approval

Apply = Callable[[Write, int, JSON], JSON]
"""Called as (write, customer_id, values) in the same `do` as the decision. What it returns goes on
record; a mapping with "refused", the dump of a Text that says why, was not carried out."""

APPLY: Mapping[str, Apply] = {
    registration.KIND: registration.apply_approved,
    paying.KIND: paying.apply_approved,
}
"""Each vertical adds its line: kind → the storage action that carries it out."""


def settle(write: Write, id: int, *, approve: bool) -> dict[str, JSON] | None:
    """Decide and, if approved, carry it out; whoever asked is told. None: there is nothing to decide (any more)."""
    decided = approvals.decide(write, id, approve=approve)
    if decided is None:
        return None
    result = APPLY[decided.kind](write, decided.customer, decided.values) if approve else None
    refused = result.get("refused") if isinstance(result, Mapping) else None
    approvals.tell_asker(write, decided, _told(decided, approve, refused))
    return {"approved": approve, "refused": refused}


def _told(decided: Approval, approve: bool, refused: JSON) -> Text:
    named: dict[str, Text | str] = {"name": decided.decider or "", "words": decided.words}
    if not approve:
        return _("**{name}** did not approve what you asked for:\n{words}", **named)
    if refused is None:
        return _("✅ **{name}** approved what you asked for, and it is done:\n{words}", **named)
    return _(
        "**{name}** approved what you asked for, but it could not be done: {reason}\n{words}",
        reason=Text.load(refused),
        **named,
    )
