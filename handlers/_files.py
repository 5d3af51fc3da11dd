"""What may be sent here as a file: a PDF or a picture."""

from __future__ import annotations

from bot.core.message import JSON, _
from bot.core.readers import file
from bot.domain.received import LARGEST, TYPES

FILE = file(at_most=LARGEST, media_types=TYPES)
NOT_KEPT = _("I did not keep that file: I can take a PDF or a picture of at most 10 MB.")


def is_taken(given: JSON) -> bool:
    """Whether a file that no question asked for is one that may be sent; `given` are a `FileIn`'s fields."""
    _ref, _name, media_type, size = given
    return media_type in TYPES and size <= LARGEST
