"""One's own data on its way out: the file is made when it leaves, for whoever is known there then."""

from __future__ import annotations

from bot.core.errors import Permanent
from bot.core.message import Document, DocumentRef
from storage import personal_data
from storage.database import Database


class Disclosing:
    """What the delivery asks of personal data."""

    KINDS = frozenset({personal_data.KIND})
    """The kinds of `DocumentRef` it renders."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def render(self, brand: str, ref: DocumentRef) -> Document:
        """The file. Raises Permanent if who asked for it is not known there any more."""
        content = await self._database.read(brand, lambda read: personal_data.content(read, ref))
        if content is None:
            raise Permanent("gone", "who asked for it is not known there any more")
        return Document(ref.name, ref.media_type, content)
