"""Statements on their way out: the pages of a period, of a year's payments, of a clearance; their mails."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import lru_cache

from bot.core.brand import Brand
from bot.core.errors import Permanent
from bot.core.message import JSON, Document, DocumentRef, Mail, ngettext
from bot.core.render import Renderer
from bot.documents.clearance_pdf import clearance_report
from bot.documents.income_tax_pdf import income_tax_report
from bot.documents.invoice_pdf import Payer
from bot.documents.report import Desk, Report, ReportPrinter
from bot.documents.statement_pdf import statement_report
from bot.domain.periods import year_of
from bot.domain.statements import Clearance, YearPaid
from bot.papers import letterhead, payer
from storage import statement_papers
from storage.database import Database
from storage.statement_papers import Kind, Paper
from storage.statements import Statement


class Reports:
    """What the delivery asks of statements, for every brand; all of it as of the day it leaves."""

    KINDS = frozenset(kind.value for kind in Kind)
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
        self._printer = lru_cache(1)(ReportPrinter)

    async def render(self, brand: str, ref: DocumentRef, locale: str) -> Document:
        """A document as it stands now, drawn in a thread. Raises Permanent if it is gone."""
        found = await self._paper(brand, ref)
        return await asyncio.to_thread(self.document, found, ref, self._brands[brand], locale)

    def document(self, of: Paper, ref: DocumentRef, brand: Brand, locale: str) -> Document:
        """A document of what was read."""
        renderer = self._renderers[brand.id]
        desk = Desk(
            letterhead(brand),
            _payer(of, renderer, locale),
            of.today,
            locale,
            lambda text: renderer.plain(text, locale),
        )
        return Document(ref.name, ref.media_type, self._printer().render(_report(desk, of)))

    async def mail_values(self, brand: str, mail: Mail) -> Mapping[str, JSON]:
        """The variables of the mail `statement`. Raises Permanent if what it carries is gone."""
        (ref,) = mail.documents
        return mail_values(await self._paper(brand, ref), ref)

    async def _paper(self, brand: str, ref: DocumentRef) -> Paper:
        found = await self._database.read(brand, lambda read: statement_papers.paper(read, ref))
        if found is None:
            raise Permanent("gone", "the document is not there any more")
        return found


def mail_values(of: Paper, ref: DocumentRef) -> dict[str, JSON]:
    """The variables of the mail `statement`, by the names that its templates use."""
    match of.of:
        case Statement(period=period, totals=totals):
            kind, sums = "statement", {"charged": totals.charged, "owed": totals.owed}
            paid = totals.paid
        case YearPaid(year=year, total=paid):
            kind, sums, period = "income-tax", {}, year_of(year)
        case Clearance(year=year, total=paid):
            kind, sums, period = "clearance", {}, year_of(year)
    return {
        "customer_name": of.customer.name,
        "first_name": of.customer.first_name,
        "kind": kind,
        "start": period.start,
        "end": period.end,
        "year": str(period.start.year),
        "charged": None,
        "owed": None,
        "paid": paid,
        "today": of.today,
        "attachment": ref.name,
        **sums,
    }


def _payer(of: Paper, renderer: Renderer, locale: str) -> Payer:
    """Whose it is: a customer, or the first of several and how many more."""
    if len(of.companies) < 2:
        return payer(of.customer)
    others = ngettext(
        "{name} and {count} more company",
        "{name} and {count} more companies",
        len(of.companies) - 1,
        name=of.customer.name,
    )
    return Payer(renderer.plain(others, locale), "")


def _report(desk: Desk, of: Paper) -> Report:
    match of.of:
        case Statement(period=period, totals=totals, entries=entries, each=each):
            companies = {id: (name, each[id]) for id, name in of.companies.items() if id in each}
            return statement_report(desk, period, totals, entries, companies)
        case YearPaid() as paid:
            return income_tax_report(desk, paid)
        case Clearance() as cleared:
            return clearance_report(desk, cleared)
