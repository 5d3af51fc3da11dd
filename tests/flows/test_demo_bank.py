"""The demo's gateway as a newcomer meets it: a test card by its page, and a bank that pays and gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from bot.app import LOCALES
from bot.core.brand import Brand, Payments
from bot.core.message import _
from bot.core.render import Catalogs, Renderer
from bot.demo.bank import DemoBank
from bot.demo.gateway import DemoGateway
from bot.demo.seed import Someone
from bot.payments.offline import Offline
from bot.web.assets import Assets
from bot.web.demo_bank import DemoBankPages
from bot.web.pages import Looks

from .company import arrived
from .conftest import Visit
from .house import House
from .paying import invoice_state, saved_cards
from .registering import identified
from .talk import Talk
from .town import BRAND, TAX_IDS, Town

AT = "http://demo.example.com"


@dataclass
class Pages:
    """The pages, over ASGI, and all that follows of a press."""

    house: House
    app: Starlette

    def opens(self, path: str) -> str:
        return self._asks("GET", path)

    def presses(self, path: str, **form: object) -> str:
        return self._asks("POST", path, data={name: str(value) for name, value in form.items()})

    def _asks(self, method: str, path: str, **more: Any) -> str:
        async def ask() -> str:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(
                transport=transport, base_url=AT, follow_redirects=True
            ) as http:
                answer = await http.request(method, path, headers={"accept-language": "en"}, **more)
            await self.house.app.dispatcher.idle()
            await self.house.app.counter.stop()
            return answer.text.replace("\xa0", " ")

        return self.house._runner.run(ask())


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> DemoGateway:
    assert BRAND.pix is not None
    made = DemoGateway(AT, BRAND.pix)

    def gateways_of(_s: object, brands: Mapping[str, Brand], _a: object) -> Mapping[str, object]:
        return {"offline": Offline("offline", brands.get), "demo": made}

    monkeypatch.setattr("bot.edges.paying.gateways_of", gateways_of)
    return made


@pytest.fixture
def brand(gateway: DemoGateway) -> Brand:
    forms, kinds = ("boleto", "pix", "card"), ("credit", "debit")
    return replace(BRAND, payments=Payments("demo", "demo", forms, kinds, confirms=True))


@pytest.fixture
def pages(gateway: DemoGateway, house: House, town: Town) -> Pages:
    bank = DemoBank(gateway, house.brand.id)
    bank.opens(house.app.database, [Someone(_("Somebody late"), "Ana", TAX_IDS["ana"], "")])
    words = Renderer(Catalogs(LOCALES), house.brand.zone)
    made = DemoBankPages(Looks("Curral Fibra"), bank, assets=Assets(), say=words.plain)
    return Pages(house, Starlette(routes=list(made.routes())))


@pytest.fixture
def ana(visit: Visit) -> Talk:
    return identified(visit, "ana")


def card_page(talk: Talk, kind: str) -> str:
    talk.says("add a card")
    talk.presses(kind)
    (url,) = talk.copied
    return url.removeprefix(AT)


def test_the_test_card_is_saved_by_a_page_without_a_field(
    ana: Talk, house: House, town: Town, pages: Pages
) -> None:
    path = card_page(ana, "Credit card")
    page = pages.opens(path)
    assert "DEMO: this page stands in for the payment gateway" in page
    assert "<input" not in page

    assert "✅ Visa •••• 1234 saved" in pages.presses(path, do="save")
    (told,) = arrived(ana)
    assert told.text == "✅ Saved: Visa •••• 1234."
    pages.presses(path, do="save")
    assert arrived(ana) == []
    assert saved_cards(house, town, "ana") == [("1234", True, False)]


def test_a_declined_page_saves_nothing(ana: Talk, house: House, town: Town, pages: Pages) -> None:
    path = card_page(ana, "Credit card")
    assert "The card was not accepted." in pages.presses(path, do="decline")
    arrived(ana)
    assert "❌ The card was not accepted" in ana.words
    ana.sees("Try another card", "Pay another way", "No, thank you")
    assert saved_cards(house, town, "ana") == []
    assert "That page is over." in pages.opens("/demo/card/another")


def test_after_a_declined_card_another_try_is_free(
    ana: Talk, house: House, town: Town, pages: Pages
) -> None:
    path = card_page(ana, "Credit card")
    pages.presses(path, do="decline")
    arrived(ana)
    ana.presses("Try another card")
    assert ana.copied == [f"{AT}{path}"]
    assert "✅ Visa •••• 1234 saved" in pages.presses(path, do="save")
    assert [each.text for each in arrived(ana)] == ["✅ Saved: Visa •••• 1234."]
    pages.presses(path, do="decline")
    assert saved_cards(house, town, "ana") == [("1234", True, False)]


def test_a_debit_card_pays_the_next_invoice_and_is_saved(
    ana: Talk, house: House, town: Town, pages: Pages
) -> None:
    pages.presses(card_page(ana, "Debit card"), do="save")
    said = "".join(each.text for each in arrived(ana))
    assert "Payment received: R$99.90" in said
    assert "✅ Saved: Visa •••• 1234." in said
    assert invoice_state(house, "2026-12-A") == "paid"


def test_an_invoice_is_paid_in_halves_and_given_back(
    ana: Talk, house: House, town: Town, pages: Pages
) -> None:
    assert "2026-11-A" in pages.opens("/demo/bank")
    id = town.invoices["2026-11-A"]
    pages.presses("/demo/bank", invoice=id, do="half")
    (half,) = arrived(ana)
    assert "Still missing: R$49.95." in half.text

    pages.presses("/demo/bank", invoice=id, do="pay")
    (rest,) = arrived(ana)
    assert rest.text.startswith("Payment received: R$51.12")
    assert "R$101.07 paid here" in pages.opens("/demo/bank")
    assert invoice_state(house, "2026-11-A") == "paid"

    pages.presses("/demo/bank", invoice=id, do="back")
    (told,) = arrived(ana)
    assert "was taken back" in told.text
    assert invoice_state(house, "2026-11-A") == "open"
    assert "2026-11-A" in pages.presses("/demo/bank", invoice="x'", do="pay")
