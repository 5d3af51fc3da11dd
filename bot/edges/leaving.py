"""Messages on their way out: their documents, what fills their mails, and how a page that comes back shows them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

from bot.core.brand import Brand
from bot.core.message import JSON, Address, Document, DocumentRef, Mail, Notice, Outbound, Text, _
from bot.core.ports import Channel, Posted
from bot.core.render import Renderer
from bot.delivery.mails import Contents
from bot.papers import Papers, mail_values, whole_invoice
from storage import codes, proofs
from storage.database import Database
from storage.documents import WholeInvoice
from storage.receipts import SAID


class Renders(Protocol):
    """Who makes documents of some kinds."""

    KINDS: frozenset[str]

    async def render(self, brand: str, ref: DocumentRef, locale: str) -> Document: ...


class Fills(Protocol):
    """Who knows all that a mail about a matter of his says."""

    async def mail_values(self, brand: str, mail: Mail) -> Mapping[str, JSON]: ...


class Adds(Protocol):
    """Who adds something to mails of some templates: a link that is in no row."""

    TEMPLATES: frozenset[str]

    def mail_values(self, brand: str, mail: Mail) -> Mapping[str, JSON]: ...


class Leaving:
    """What the delivery and the channels ask about messages that leave, for every brand."""

    def __init__(
        self,
        database: Database,
        brands: Mapping[str, Brand],
        renderers: Mapping[str, Renderer],
        papers: Papers,
        *,
        renders: Sequence[Renders],
        fills: Mapping[str, Fills],
        adds: Adds,
        channels: Mapping[str, Channel],
    ) -> None:
        """`papers` makes the documents that none of `renders` does. `fills` by the mail's template.

        `channels` by account, also those that are added later: what a page shows again is within
        their limits.
        """
        self._database = database
        self._brands = brands
        self._renderers = renderers
        self._papers = papers
        self._renders = {kind: each for each in renders for kind in each.KINDS}
        self._fills = fills
        self._adds = adds
        self._channels = channels
        self._drawing = asyncio.Lock()

    async def render(self, brand: str, ref: DocumentRef, locale: str) -> Document:
        """A document as it stands now; drawn in a thread, since a page takes some milliseconds."""
        renders = self._renders.get(ref.kind)
        if renders is not None:
            return await renders.render(brand, ref, locale)
        whole = await self._database.read(brand, lambda read: whole_invoice(read, ref.id))
        return await self._paper(brand, whole, ref, locale)

    async def find_document(self, address: Address, id: int) -> Document | None:
        """The document of a message, for the address it was sent to and nobody else."""
        row = await self._database.ledger.one(address, id)
        body = row.body if row else None
        ref = body.document if isinstance(body, Outbound | Notice) else None
        if row is None or ref is None:
            return None
        locale = body.locale if isinstance(body, Outbound) else row.locale
        return await self.render(row.brand, ref, locale or self._brands[row.brand].locale)

    def drawn(self, row: Posted) -> Outbound | None:
        """A row as its message, for the page that comes back; notices are rendered again."""
        if isinstance(row.body, Outbound):
            return row.body
        if not isinstance(row.body, Notice) or row.at is None:
            return None
        brand = self._brands[row.brand]
        limits = self._channels[row.at.account].limits
        token = self._database.keys.notice_token(row.id)
        drawn = self._renderers[row.brand].notice(
            row.body, limits, row.locale or brand.locale, token
        )
        return drawn[-1]

    async def mail_contents(self, posted: Posted) -> Contents:
        """What a mail's template is filled with and what is attached, read at the moment it leaves."""
        mail = posted.body
        if not isinstance(mail, Mail):
            raise TypeError("not a mail")
        if mail.template == "second-copy":
            return await self._second_copy(posted.brand, mail)
        values = await self._mail_values(posted, mail)
        documents = [await self.render(posted.brand, ref, mail.locale) for ref in mail.documents]
        return Contents(values, documents)

    async def _second_copy(self, brand: str, mail: Mail) -> Contents:
        """The invoice is read once, for the words and for the page."""
        invoice: int = mail.values["invoice"]
        whole = await self._database.read(brand, lambda read: whole_invoice(read, invoice))
        documents = [await self._paper(brand, whole, ref, mail.locale) for ref in mail.documents]
        return Contents(
            mail_values(whole, mail.documents[0].name if mail.documents else ""), documents
        )

    async def _paper(
        self, brand: str, whole: WholeInvoice, ref: DocumentRef, locale: str
    ) -> Document:
        # One at a time: a page takes the interpreter's lock, which turns want too.
        async with self._drawing:
            return await asyncio.to_thread(
                self._papers.document, whole, ref, self._brands[brand], locale
            )

    async def _mail_values(self, posted: Posted, mail: Mail) -> Mapping[str, JSON]:
        fills = self._fills.get(mail.template)
        if fills is not None:
            return await fills.mail_values(posted.brand, mail)
        values = dict(mail.values)
        if SAID in values:
            said = Text.load(values[SAID])
            values[SAID] = self._renderers[posted.brand].plain(said, mail.locale)
        if mail.template in self._adds.TEMPLATES:
            values |= self._adds.mail_values(posted.brand, mail)
        if mail.code is not None:
            minutes = int(codes.LASTS.total_seconds() // 60)
            purpose = proofs.PURPOSE if mail.template == "new-email" else "code"
            digits = self._database.keys.digits(purpose, mail.code, codes.DIGITS)
            values |= {"code": digits, "minutes": minutes}
        if posted.created_at is not None:
            at = _("{at}", at=posted.created_at)
            values["at"] = self._renderers[posted.brand].plain(at, mail.locale)
        return values
