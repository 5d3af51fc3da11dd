"""A brand that gives its customers their privacy, and people who come for it, in English."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from .registering import CAPITAL, OPEN
from .talk import Talk

PRIVATE = replace(
    OPEN,
    features={**OPEN.features, "privacy": True, "documents": True, "contracts": True},
    registration=replace(OPEN.registration, custom=(CAPITAL,), confirm_every_months=0),
)


def told(talk: Talk) -> Any:
    """What the file for programs says that just came, behind the one to read."""
    to_read, file = talk.documents
    assert (to_read.media_type, file.media_type) == ("application/pdf", "application/json")
    return json.loads(file.content)
