"""What may be sent here as a file: a PDF or a picture."""

from __future__ import annotations

from bot.core.readers import file
from bot.domain.received import LARGEST, TYPES

FILE = file(at_most=LARGEST, media_types=TYPES)
