"""One's own data on its way out: the files are made when they leave, for whoever is known there then."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from functools import lru_cache

from bot.core.brand import Brand
from bot.core.errors import Permanent
from bot.core.message import JSON, Document, DocumentRef
from bot.core.ports import Read
from bot.core.render import Renderer
from bot.documents.my_data_pdf import DataPrinter
from bot.papers import letterhead
from storage import personal_data
from storage.database import Database


class Disclosing:
    """What the delivery asks of personal data, for every brand."""

    KINDS = frozenset({personal_data.FOR_PROGRAMS, personal_data.TO_READ})
    """The kinds of `DocumentRef` it renders."""

    def __init__(
        self,
        database: Database,
        brands: Mapping[str, Brand],
        renderers: Mapping[str, Renderer],
    ) -> None:
        self._database = database
        self._brands = brands
        self._renderers = renderers
        self._printer = lru_cache(1)(DataPrinter)

    async def render(self, brand: str, ref: DocumentRef, locale: str) -> Document:
        """A file. Raises Permanent if who asked for it is not known there any more."""

        def look(read: Read) -> dict[str, JSON] | None:
            return personal_data.content(read, ref)

        told = await self._database.read(brand, look)
        if told is None:
            raise Permanent("gone", "who asked for it is not known there any more")
        made = self._page if ref.kind == personal_data.TO_READ else _written
        content = await asyncio.to_thread(made, told, self._brands[brand], locale)
        return Document(ref.name, ref.media_type, content)

    def _page(self, told: Mapping[str, JSON], brand: Brand, locale: str) -> bytes:
        renderer = self._renderers[brand.id]
        return self._printer().render(
            told, letterhead(brand), locale, lambda text: renderer.plain(text, locale)
        )


def _written(told: Mapping[str, JSON], _brand: Brand, _locale: str) -> bytes:
    return json.dumps(told, ensure_ascii=False, indent=2).encode()
