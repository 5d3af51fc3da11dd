"""The pages of the demo's gateway: a card page without a field for a number, and a bank where invoices are paid.

Everything on them is pretended, and they say so. Only the demo serves them.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.core.message import Text, _
from bot.web.assets import Assets
from bot.web.link_pages import LinkPages, Routes, Say
from bot.web.pages import Looks

_LONGEST_FORM = 200


class Bill(Protocol):
    """An invoice that can be paid here, or whose payment can be given back; money in reais."""

    @property
    def invoice(self) -> int: ...
    @property
    def number(self) -> str: ...
    @property
    def who(self) -> str: ...
    @property
    def owed(self) -> Decimal: ...
    @property
    def paid(self) -> Decimal | None: ...


class CardPage(Protocol):
    """A page on which a card is saved."""

    @property
    def kind(self) -> str: ...
    @property
    def saved(self) -> bool: ...
    @property
    def declined(self) -> bool: ...


class Bank(Protocol):
    """What the pages do (`bot.demo.bank.DemoBank`)."""

    async def bills(self) -> Sequence[Bill]: ...
    async def pay(self, invoice: int, *, half: bool) -> None: ...
    async def give_back(self, invoice: int) -> None: ...
    def page(self, token: str) -> CardPage | None: ...
    async def use_card(self, token: str, *, save: bool) -> None: ...


class DemoBankPages:
    """`/demo/bank` and `/demo/card/<token>`."""

    def __init__(self, looks: Looks, bank: Bank, *, say: Say, assets: Assets) -> None:
        self._pages = LinkPages(looks, path="/demo/bank", say=say, assets=assets)
        self._say = say
        self._bank = bank

    def routes(self) -> Routes:
        return [
            self._pages.stylesheet(),
            Route("/demo/bank", self._bills, methods=["GET"]),
            Route("/demo/bank", self._act, methods=["POST"]),
            Route("/demo/card/{token}", self._card, methods=["GET"]),
            Route("/demo/card/{token}", self._press, methods=["POST"]),
        ]

    async def _bills(self, request: Request) -> Response:
        locale = self._pages.locale(request)
        bills = [
            {
                "id": each.invoice,
                "who": each.who,
                "number": each.number,
                "owed": self._say(_("{amount} to pay", amount=each.owed), locale)
                if each.owed
                else "",
                "paid": self._say(_("{amount} paid here", amount=each.paid), locale)
                if each.paid
                else "",
            }
            for each in await self._bank.bills()
        ]
        return self._pages.answer(request, "demo_bank.html", _BANK, bills=bills)

    async def _act(self, request: Request) -> Response:
        said = await _form(request)
        invoice = int(said.get("invoice", "0"))
        match said.get("do"):
            case "pay":
                await self._bank.pay(invoice, half=False)
            case "half":
                await self._bank.pay(invoice, half=True)
            case "back":
                await self._bank.give_back(invoice)
        return RedirectResponse("/demo/bank", status_code=303)

    async def _card(self, request: Request) -> Response:
        page = self._bank.page(request.path_params["token"])
        return self._pages.answer(
            request,
            "demo_card.html",
            _words(page),
            status=404 if page is None else 200,
            open=page is not None and not page.saved,
        )

    async def _press(self, request: Request) -> Response:
        said = await _form(request)
        await self._bank.use_card(request.path_params["token"], save=said.get("do") == "save")
        return RedirectResponse(request.url.path, status_code=303)


async def _form(request: Request) -> dict[str, str]:
    """A small form, as browsers post it."""
    body = (await request.body())[:_LONGEST_FORM].decode("ascii", "replace")
    pairs = (part.partition("=") for part in body.split("&"))
    said = {name: value for name, _sep, value in pairs}
    if not said.get("invoice", "0").isdecimal():
        del said["invoice"]
    return said


_BANK = {
    "title": _("The demo's bank"),
    "pretended": _("DEMO: no money moves here, and no bank is asked."),
    "why": _("Pay an invoice as a customer would in their bank's app: the receipt comes to the chat."),
    "none": _("Nobody owes anything just now."),
    "pay": _("Pay it"),
    "half": _("Pay half"),
    "back": _("Give it back"),
}  # fmt: skip


def _words(page: CardPage | None) -> dict[str, Text]:
    words = {
        "pretended": _("DEMO: this page stands in for the payment gateway's. No card is needed.")
    }
    if page is None:
        return words | {
            "title": _("That page is over."),
            "why": _("Please ask for a new one in the chat."),
        }
    if not page.saved:
        why = _("A real gateway asks for the card here. The demo saves a test card instead.")
        if page.kind == "debit":
            why = _(
                "A real gateway asks for the card here. The demo pays your next open invoice with a test"
                " card, and saves that."
            )
        if page.declined:
            why = _("The chat knows already. Here you can try again, as with another card.")
        return words | {
            "title": _("The card was not accepted.") if page.declined else _("Save a card"),
            "why": why,
            "save": _("Save test card Visa •••• 1234"),
            "decline": _("Decline"),
        }
    return words | {
        "title": _("✅ Visa •••• 1234 saved"),
        "why": _("Go back to the chat: it knows already."),
    }


__all__ = ["Bank", "DemoBankPages"]
