"""What waits for the team: of which kinds it can be, and what each thing is called in commands and mails."""

from __future__ import annotations

import re
from enum import StrEnum


class Kind(StrEnum):
    """What somebody can wait with."""

    CLAIM = "claim"
    """A payment that a customer says was made."""
    CHANGE = "change"
    """A change of the registration that counts once staff approved it."""
    ERASURE = "erasure"
    """A wish to have data deleted (LGPD)."""
    PROMISE = "promise"
    """A payment that was promised, and whose day is over: may another be promised?"""

    def named(self, id: int) -> str:
        """What a thing of this kind is called by: "claim-12"."""
        return f"{self.value}-{id}"


def parse(ref: str) -> tuple[Kind, int] | None:
    """Kind and number of a name as `Kind.named` makes it; None for another word."""
    found = re.fullmatch(r"([a-z]+)-([0-9]{1,15})", ref.strip().lower(), re.ASCII)
    if found is None or found[1] not in [kind.value for kind in Kind]:
        return None
    return Kind(found[1]), int(found[2])
