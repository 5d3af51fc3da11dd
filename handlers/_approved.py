"""An administrator's decision: the change carried out in the same transaction, and whoever asked told."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.message import JSON, Text, _
from bot.core.ports import Write
from storage import approvals
from storage.approvals import Approval
from storage.carrying_out import APPLY


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
