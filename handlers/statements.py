"""Statements and declarations: which of them."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.chat import Chat
from bot.core.flow import VERIFIED, Gate, flow
from bot.core.message import Text, _

_KINDS: Mapping[str, Text] = {
    "statement": _("Statement of a period"),
    "income-tax": _("Payments for income tax"),
    "clearance": _("Annual clearance declaration"),
}
"""By flow."""


def _any(gate: Gate) -> bool:
    return any(gate.brand.has(name) for name in ("statements", "income_tax", "clearance"))


@flow(
    "statements",
    title=_("Statements and declarations"),
    needs=VERIFIED,
    when=_any,
    menu=25,
    phrases=_("statements and declarations | declarations | a declaration | my statements"),
    start="statements",
)
def statements(chat: Chat) -> None:
    """Choose a statement or a declaration; where there is but one kind, begin with it."""
    offered = [(name, title) for name, title in _KINDS.items() if chat.offers(name)]
    if len(offered) == 1:
        chat.switch(offered[0][0])
    chat.switch(chat.choose("kind", _("What would you like to have?"), offered))
