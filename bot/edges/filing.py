"""Documents and contracts on their way out: their bytes, their mails, and the pages behind their links."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.core.brand import Brand
from bot.core.errors import Permanent
from bot.core.message import JSON, Document, DocumentRef, Mail, _
from bot.core.ports import Read
from bot.core.render import Renderer
from bot.domain.documents import came_from
from bot.papers import Papers
from bot.web.assets import Assets
from bot.web.document_link import DocumentPage, Linked
from bot.web.link_pages import Entrance, Routes
from bot.web.pages import Looks
from storage import (
    contracts,
    customer_documents,
    document_access,
    document_links,
    received_files,
)
from storage.database import Database
from storage.document_access import Access

PATH = "/document"
"""`/document/<brand>/<token>`: what a link in a mail opens."""


_COLUMNS = (
    _("Date"), _("Time"), _("Who"), _("By what means"), _("Account"), _("Network"), _("Document"),
)  # fmt: skip


def _cell(value: str | None) -> str:
    """A cell that no spreadsheet takes for a formula, whatever somebody called himself (OWASP: CSV injection)."""
    words = value or ""
    return f"'{words}" if words[:1] in ("=", "+", "-", "@", "\t", "\r") else words


class Filing:
    """What the delivery and the web ask of documents, for every brand."""

    KINDS = frozenset({"document", "contract", "document-log", "received-file"})
    """The kinds of `DocumentRef` it renders."""

    def __init__(
        self,
        database: Database,
        brands: Mapping[str, Brand],
        papers: Papers,
        renderers: Mapping[str, Renderer],
        *,
        address: str,
    ) -> None:
        """`address` is how people reach our pages, without a slash at its end."""
        self._database = database
        self._brands = brands
        self._papers = papers
        self._renderers = renderers
        self._address = address

    async def render(self, brand: str, ref: DocumentRef, locale: str) -> Document:
        """A document as it was filed, or a contract's page. Raises Permanent if it is gone."""
        if ref.kind == "document":
            file = await self._database.read(
                brand, lambda read: customer_documents.content(read, ref.id, ref.detail)
            )
            if file is None:
                raise Permanent("gone", "the document is not there any more")
            return file
        if ref.kind == "received-file":
            content = await self._database.read(
                brand, lambda read: received_files.content(read, ref.id)
            )
            if content is None:
                raise Permanent("gone", "the file is not there any more")
            return Document(ref.name, ref.media_type, content)
        if ref.kind == "document-log":
            log = await self._database.read(
                brand, lambda read: document_access.as_file(read, ref.id, int(ref.detail or 0))
            )
            return Document(ref.name, ref.media_type, self._table(log, brand, locale))
        whole = await self._database.read(brand, lambda read: contracts.whole(read, ref.id))
        if whole is None:
            raise Permanent("gone", "the contract is not there any more")
        return await asyncio.to_thread(
            self._papers.contract, whole, ref, self._brands[brand], locale
        )

    async def mail_values(self, brand: str, mail: Mail) -> Mapping[str, JSON]:
        """What the mail of a document says; its link's token is made here and is in no row."""
        link = mail.values.get("link")

        def look(read: Read) -> tuple[dict[str, JSON] | None, datetime | None]:
            values = customer_documents.mail_values(read, mail.values["document"])
            return values, document_links.expiry(read, link) if link is not None else None

        values, until = await self._database.read(brand, look)
        if values is None:
            raise Permanent("gone", "the document is not there any more")
        if link is not None and until is not None:
            token = document_links.token_of(self._database.keys.hash, link)
            values["link"] = f"{self._address}{PATH}/{brand}/{token}"
            values["link_until"] = until.astimezone(self._brands[brand].zone).date()
        return values

    def _table(self, log: Sequence[Access], brand: str, locale: str) -> bytes:
        """An access log as CSV that a Brazilian Excel opens: semicolons, and UTF-8 that says so."""
        renderer = self._renderers[brand]
        out = io.StringIO()
        table = csv.writer(out, delimiter=";", lineterminator="\r\n")
        table.writerow([renderer.plain(text, locale) for text in _COLUMNS])
        zone = self._brands[brand].zone
        for each in log:
            at = each.at.astimezone(zone)
            cells = (each.name, each.means, each.through, each.came_from, each.title)
            table.writerow([f"{at:%Y-%m-%d}", f"{at:%H:%M:%S}", *map(_cell, cells)])
        return out.getvalue().encode("utf-8-sig")

    def routes(self, assets: Assets, entrances: Mapping[str, Sequence[Entrance]]) -> Routes:
        """The pages of every brand's links; `entrances` are the ways into its chats, by brand."""
        return [
            route
            for brand in self._brands.values()
            if brand.has("documents")
            for route in self._page(brand, assets, entrances.get(brand.id, ())).routes()
        ]

    def _page(self, brand: Brand, assets: Assets, entrances: Sequence[Entrance]) -> DocumentPage:
        async def look(token: str) -> Linked | None:
            found = await self._database.read(
                brand.id, lambda read: document_links.find(read, token)
            )
            if found is None:
                return None
            of = found.document
            return Linked(of.title, of.file_name, of.size, found.login_required)

        async def fetch(token: str, host: str) -> Document | None:
            return await self._database.play(
                brand.id,
                lambda turn: document_links.open_by_link(turn, token, came_from(host)),
            )

        return DocumentPage(
            Looks(brand.name, brand.color, brand.locale),
            path=f"{PATH}/{brand.id}",
            look=look,
            fetch=fetch,
            say=self._renderers[brand.id].plain,
            assets=assets,
            entrances=entrances,
        )
