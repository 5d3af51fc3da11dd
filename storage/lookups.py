"""Addresses looked up by CEP: asked for by a conversation that waits, answered from outside every turn."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.message import JSON, Call
from bot.core.ports import Write

ACCOUNT = "postal_code"
"""Its lane is `gateway:postal_code`; no brand can be called so, for the sign between the words."""
PATIENCE = 8
"""Seconds after which it is given up: somebody waits who can write the address by hand."""


def look_up(write: Write, ticket: Mapping[str, JSON], postal_code: str) -> JSON:
    """Have the address of a bare CEP looked up for whoever holds the ticket (`chat.wait`)."""
    values = {"postal_code": postal_code, "ticket": dict(ticket)}
    return write.post(
        Call(ACCOUNT, "address", values, PATIENCE),
        dedup=f"call:{ACCOUNT}:{ticket['run']}:{ticket['key']}",
    )
