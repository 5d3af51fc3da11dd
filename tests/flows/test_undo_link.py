"""The link in the mail to the old contact: a page that shows little, and a button that undoes."""

from __future__ import annotations

import re

import httpx
import pytest
from sqlalchemy import update

from bot.core.brand import Brand
from storage.tables import contact_change

from .conftest import Visit
from .house import House
from .registering import OPEN, code_in, emails, identified, mail_to
from .talk import Talk, plain
from .town import Town

GONE = "That link does not work any more."


@pytest.fixture
def brand() -> Brand:
    return OPEN


@pytest.fixture
def ana(visit: Visit) -> Talk:
    return identified(visit)


@pytest.fixture
def link(ana: Talk) -> str:
    """The path of the link that the old e-mail was sent, after a change."""
    ana.says("change my registration")
    ana.presses("E-mail")
    ana.says("nova@example.org")
    ana.says(code_in(mail_to(ana.gets_mail(), "nova@")))
    ana.presses("Save")
    told = plain(mail_to(ana.gets_mail(), "ana@example.com"))
    (path,) = re.findall(r"https?://[^/\s]+(/undo/\S+)", told)
    return str(path)


def web(house: House, method: str, path: str) -> httpx.Response:
    """A browser somewhere."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(house.app.asgi)
        async with httpx.AsyncClient(transport=transport, base_url="http://counter.test") as client:
            return await client.request(method, path, headers={"accept-language": "en"})

    return house._runner.run(ask())


def test_looking_shows_what_it_would_undo_and_changes_nothing(
    link: str, house: House, town: Town
) -> None:
    page = web(house, "GET", link)

    assert page.status_code == 200
    assert "The e-mails of your registration were changed." in page.text
    assert "n***@e***.org" in page.text
    assert "Undo the change" in page.text
    for secret in ("nova@example.org", "ana@example.com", "Ana Prado"):
        assert secret not in page.text
    assert emails(house, town.people["ana"]) == ["nova@example.org"]


def test_nothing_tells_others_of_the_link(link: str, house: House) -> None:
    page = web(house, "GET", link)

    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    assert "noindex" in page.text
    assert "form-action 'self'" in page.headers["content-security-policy"]


def test_pressing_undoes_it(link: str, house: House, town: Town, ana: Talk) -> None:
    page = web(house, "POST", link)

    assert "Undone: your contacts are as they were." in page.text
    assert emails(house, town.people["ana"]) == ["ana@example.com"]
    ana.says("my registration")
    ana.hears("To show you only what is yours, I need to know who you are.")


def test_pressing_twice_says_so(link: str, house: House, town: Town) -> None:
    web(house, "POST", link)
    again = web(house, "POST", link)
    look = web(house, "GET", link)

    assert "That was undone already." in again.text
    assert "That was undone already." in look.text
    assert "Undo the change" not in look.text
    assert emails(house, town.people["ana"]) == ["ana@example.com"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_after_48_hours_it_says_so_kindly(
    link: str, house: House, town: Town, ana: Talk, method: str
) -> None:
    ana.after(hours=49)
    page = web(house, method, link)

    assert "The 48 hours are over" in page.text
    assert emails(house, town.people["ana"]) == ["nova@example.org"]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "spoilt",
    [
        lambda token: token[:-1] + ("0" if token[-1] != "0" else "1"),
        lambda token: ("3" if token[0] == "2" else "2") + token[1:],
        lambda token: token.partition("-")[0],
        lambda token: f"{token.partition('-')[0]}-",
        lambda token: "x",
        lambda token: "9" * 70,
        lambda token: token.upper(),
    ],
)
def test_a_link_that_is_not_ours_undoes_nothing(
    link: str, house: House, town: Town, method: str, spoilt: object
) -> None:
    head, _slash, token = link.rpartition("/")
    wrong = spoilt(token)  # type: ignore[operator]
    page = web(house, method, f"{head}/{wrong}")

    assert page.status_code == 404
    assert GONE in page.text
    assert emails(house, town.people["ana"]) == ["nova@example.org"]


def test_a_change_of_another_brand_is_not_found(link: str, house: House, town: Town) -> None:
    house.writes(lambda write: write.run(update(contact_change).values(brand="other")))
    page = web(house, "POST", link)

    assert GONE in page.text
    assert emails(house, town.people["ana"]) == ["nova@example.org"]
