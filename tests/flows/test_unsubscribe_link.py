"""The link in an optional mail: a page with a button, and one POST that ends that kind of mail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import EmailMessage

import httpx
import pytest
from sqlalchemy import select

from bot.core.brand import Brand
from bot.core.message import Mail
from bot.core.ports import Posted
from bot.domain.privacy import Kind
from bot.edges.unsubscribing import Unsubscribing
from storage import preferences
from storage.tables import audit, consent

from .conftest import Visit
from .house import House
from .keeping import PRIVATE
from .registering import identified
from .talk import Talk
from .town import Town

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def brand() -> Brand:
    return PRIVATE


@pytest.fixture
def ana(visit: Visit) -> Talk:
    return identified(visit)


@pytest.fixture
def unsubscribing(house: House) -> Unsubscribing:
    """As a counter with a public address in https makes its links."""
    return Unsubscribing(
        house.app.database, house.app.brands, {},
        address="https://counter.test/",
    )  # fmt: skip


@pytest.fixture
def secure(house: House, unsubscribing: Unsubscribing) -> Iterator[None]:
    """Mails leave with those links."""
    delivery = house.app.dispatcher._mails
    assert delivery is not None
    before = delivery._unsubscribe
    delivery._unsubscribe = unsubscribing.url
    yield
    delivery._unsubscribe = before


def mailed(talk: Talk, house: House, town: Town, kind: Kind | None, n: int = 1) -> EmailMessage:
    """A mail to Ana about her invoice, as a reminder or news would be."""
    values = preferences.optional(kind, town.people["ana"]) if kind else {}
    mail = Mail(
        template="second-copy", to="ana@example.com", locale="en",
        values={"invoice": town.invoices["2026-11-A"], **values},
    )  # fmt: skip
    house.writes(lambda write: write.post(mail, dedup=f"reminder:{n}"))
    (sent,) = talk.gets_mail()
    return sent


def link_in(mail: EmailMessage) -> str:
    """The path of the link in the header."""
    (path,) = re.findall(r"<https://counter\.test(/unsubscribe/\S+)>", mail["List-Unsubscribe"])
    return str(path)


def web(house: House, method: str, path: str, **more: object) -> httpx.Response:
    """A browser or a mail program somewhere, in English."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(house.app.asgi)
        async with httpx.AsyncClient(transport=transport, base_url="http://counter.test") as client:
            headers = {"accept-language": "en"}
            return await client.request(method, path, headers=headers, **more)  # type: ignore[arg-type]

    return house._runner.run(ask())


def wanted(house: House, town: Town, kind: Kind, who: str = "ana") -> bool:
    return house.reads(lambda read: preferences.wanted(read, town.people[who], kind))


@pytest.fixture
def link(secure: None, ana: Talk, house: House, town: Town) -> str:
    return link_in(mailed(ana, house, town, Kind.REMINDERS))


def test_only_optional_mails_carry_a_way_out(
    secure: None, ana: Talk, house: House, town: Town
) -> None:
    required = mailed(ana, house, town, None)
    optional = mailed(ana, house, town, Kind.REMINDERS, 2)
    assert required["List-Unsubscribe"] is None
    assert optional["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link_in(optional).startswith("/unsubscribe/curral/")


def test_a_required_kind_never_gets_one() -> None:
    with pytest.raises(ValueError, match="required"):
        preferences.optional(Kind.SECURITY, 1)


def test_without_https_there_is_no_header(
    house: House, town: Town, unsubscribing: Unsubscribing
) -> None:
    plain = Unsubscribing(
        house.app.database, house.app.brands, {},
        address="http://127.0.0.1:8000",
    )  # fmt: skip
    values = preferences.optional(Kind.NEWS, town.people["ana"])
    mail = Mail(template="second-copy", to="ana@example.com", locale="en", values=values)
    posted = Posted(1, "mail", "mail:other", "curral", None, None, mail, None)
    assert plain.url(posted) is None
    assert unsubscribing.url(posted) is not None


def test_looking_changes_nothing(link: str, house: House, town: Town) -> None:
    page = web(house, "GET", link)
    assert page.status_code == 200
    assert "Get no more such e-mails: Reminders before the due date?" in page.text
    assert "Send me no more of these" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "form-action 'self'" in page.headers["content-security-policy"]
    for secret in ("ana@example.com", "Ana Prado"):
        assert secret not in page.text
    assert wanted(house, town, Kind.REMINDERS)


def test_one_post_as_mail_programs_send_it_ends_that_kind(
    link: str, house: House, town: Town
) -> None:
    """RFC 8058: no cookie, no redirect, nothing more to press."""
    page = web(house, "POST", link, data=ONE_CLICK)
    assert page.status_code == 200
    assert "You get no more such e-mails: Reminders before the due date." in page.text
    assert "set-cookie" not in page.headers
    assert not wanted(house, town, Kind.REMINDERS)
    assert wanted(house, town, Kind.INVOICES)
    assert wanted(house, town, Kind.REMINDERS, "bruno")


def test_a_second_post_does_nothing_more(link: str, house: House, town: Town) -> None:
    web(house, "POST", link, data=ONE_CLICK)
    again = web(house, "POST", link, data=ONE_CLICK)
    look = web(house, "GET", link)
    assert again.status_code == 200
    assert "Send me no more of these" not in look.text
    assert not wanted(house, town, Kind.REMINDERS)
    noted = house.rows(select(audit.c.id).where(audit.c.what == "preference.changed"))
    assert len(noted) == 1


def test_the_chat_shows_it_and_can_switch_it_on_again(
    link: str, ana: Talk, house: House, town: Town
) -> None:
    web(house, "POST", link, data=ONE_CLICK)
    ana.says("which messages")
    ana.presses("Reminders before the due date")
    ana.hears("on in the chat, off by e-mail")
    ana.presses("Leave it as it is")
    ana.presses("Reminders before the due date")
    ana.presses("Turn off")
    ana.presses("Reminders before the due date")
    ana.presses("Turn on")
    assert wanted(house, town, Kind.REMINDERS)


def test_ending_the_news_withdraws_the_consent_everywhere(
    secure: None, ana: Talk, house: House, town: Town
) -> None:
    ana.says("which messages")
    ana.presses("Offers and news")
    ana.presses("Turn on")
    ana.presses("Yes")
    link = link_in(mailed(ana, house, town, Kind.NEWS))
    web(house, "POST", link, data=ONE_CLICK)

    (given,) = house.rows(select(consent.c.withdrawn_at))
    assert given.withdrawn_at is not None
    assert not wanted(house, town, Kind.NEWS)
    ana.says("which messages")
    ana.presses("Offers and news")
    ana.hears("Offers and news: off.")


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "spoilt",
    [
        lambda token: token[:-1] + ("0" if token[-1] != "0" else "1"),
        lambda token: ("3" if token[0] == "2" else "2") + token[1:],
        lambda token: token.replace("reminders", "news"),
        lambda token: token.replace("reminders", "security"),
        lambda token: token.partition("-")[0],
        lambda token: "x",
        lambda token: "9" * 70,
        lambda token: token.upper(),
    ],
)
def test_a_link_that_is_not_ours_ends_nothing(
    link: str, house: House, town: Town, method: str, spoilt: object
) -> None:
    head, _slash, token = link.rpartition("/")
    page = web(house, method, f"{head}/{spoilt(token)}")  # type: ignore[operator]
    assert page.status_code == 404
    assert "That link does not work any more." in page.text
    assert wanted(house, town, Kind.REMINDERS)


def test_a_brand_has_its_own_seals(unsubscribing: Unsubscribing, town: Town) -> None:
    id = town.people["ana"]
    tokens = {unsubscribing.token(brand, id, Kind.NEWS) for brand in ("curral", "outra")}
    assert len(tokens) == 2


def test_everything_stays_as_it_is_without_a_brand_of_that_name(link: str, house: House) -> None:
    assert web(house, "GET", link.replace("/curral/", "/outra/")).status_code == 404
