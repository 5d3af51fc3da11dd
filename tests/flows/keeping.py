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
    """What the file says that just came."""
    (file,) = talk.documents
    assert file.media_type == "application/json"
    return json.loads(file.content)
