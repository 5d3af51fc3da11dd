"""The link of one document: without a login by its page, with one in the chat, and never anything else."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from bot.core.brand import DocumentRules
from storage import customer_documents, document_links
from storage.document_access import Access, page
from storage.tables import audit, customer, document, document_link, metadata

from .conftest import Visit
from .filed import FEATURES_ON, PDF, file_all, link_to
from .house import House
from .talk import Talk, plain
from .town import FEATURES, NOBODYS, TAX_IDS, Town

GONE = "That link does not work any more."
FOR_YOU = "Tax form is for you. Before I open it, I need to know who you are."
ALONE = (
    "This link opens this document alone. For everything else, write menu and identify yourself."
)


@pytest.fixture
def house(open_counter: Callable[..., House]) -> House:
    return open_counter(features=FEATURES_ON)


@pytest.fixture
def filed(house: House, town: Town) -> Mapping[str, int]:
    return file_all(house, town)


@pytest.fixture
def token(house: House, town: Town, filed: Mapping[str, int]) -> str:
    """Of a link to Ana's tax form."""
    return link_to(house, town, filed["Tax form"])


@pytest.fixture
def guest(visit: Visit) -> Talk:
    return visit("guest", locale="en")


def web(
    house: House, method: str, token: str, host: str = "203.0.113.77", **how: Any
) -> httpx.Response:
    """A browser somewhere asks for the page of a link."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(house.app.asgi, client=(host, 1234))
        async with httpx.AsyncClient(transport=transport, base_url="http://counter.test") as client:
            headers = {"accept-language": "en", **how.pop("headers", {})}
            return await client.request(method, f"/document/curral/{token}", headers=headers, **how)

    return house._runner.run(ask())


def log_of(house: House, town: Town, who: str = "ana") -> list[Access]:
    return list(house.reads(lambda read: page(read, town.people[who], limit=50)))


def frees(house: House, document_id: int) -> None:
    """No login for this document."""
    house.writes(
        lambda w: w.run(
            update(document).where(document.c.id == document_id).values(login_required=False)
        )
    )


# ------------------------------------------------------------------ the page, without a login


def test_looking_at_the_page_opens_nothing_and_pressing_gives_the_file(
    house: House, town: Town, filed: Mapping[str, int], token: str
) -> None:
    frees(house, filed["Tax form"])
    shown = web(house, "GET", token)
    assert shown.status_code == 200
    assert "Tax form" in shown.text
    assert "Download" in shown.text
    assert log_of(house, town) == []

    got = web(house, "POST", token)

    assert got.content == PDF + b"Tax form"
    assert got.headers["content-type"] == "application/pdf"
    assert got.headers["content-disposition"] == "attachment; filename*=UTF-8''tax-form.pdf"
    assert got.headers["cache-control"] == "no-store"
    (access,) = log_of(house, town)
    assert (access.title, access.means, access.name) == ("Tax form", "link", None)
    assert (access.came_from, access.at) == ("203.0.113.0/24", house.clock.now)


@pytest.mark.parametrize(
    ("host", "forwarded", "kept"),
    [
        ("203.0.113.77", "198.51.100.9", "203.0.113.0/24"),
        ("127.0.0.1", "6.6.6.6, 198.51.100.9", "198.51.100.0/24"),
        ("::1", "2001:db8:7:8::9", "2001:db8:7::/48"),
        ("127.0.0.1", "nonsense", None),
    ],
)
def test_where_it_came_from_is_a_network_and_only_our_own_proxy_is_believed(
    house: House, town: Town, filed: Mapping[str, int], token: str,
    host: str, forwarded: str, kept: str | None,
) -> None:  # fmt: skip
    frees(house, filed["Tax form"])
    web(house, "POST", token, host, headers={"x-forwarded-for": forwarded})

    (access,) = log_of(house, town)
    assert access.came_from == kept


def test_the_administrator_reads_of_it_in_the_log(
    house: House, filed: Mapping[str, int], token: str, visit: Visit
) -> None:
    frees(house, filed["Tax form"])
    web(house, "POST", token)
    ana = visit(locale="en")
    ana.identifies("ana")
    ana.says("access log")

    ana.hears("· somebody with the link · by its link, from 203.0.113.0/24 · Tax form")


def test_a_link_opens_its_own_document_and_ends_with_its_time(
    house: House, filed: Mapping[str, int], token: str
) -> None:
    frees(house, filed["Tax form"])
    house.clock.forward(days=29)
    assert web(house, "POST", token).status_code == 200
    house.clock.forward(days=2)
    for method in ("GET", "POST"):
        answer = web(house, method, token)
        assert answer.status_code == 404
        assert GONE in answer.text
        assert "Tax form" not in answer.text


def test_links_that_were_ended_and_documents_taken_out_open_nothing(
    house: House, town: Town, filed: Mapping[str, int], token: str
) -> None:
    ana, tax, slip = town.people["ana"], filed["Tax form"], filed["Payslip"]
    other = link_to(house, town, slip)
    assert house.writes(lambda w: document_links.end_links(w, tax, ana)) == 1
    house.writes(lambda w: customer_documents.remove_document(w, slip, ana))

    assert [web(house, "GET", each).status_code for each in (token, other)] == [404, 404]


@pytest.mark.parametrize("guess", ["0" * 40, "1", "brand.css2", "%2e%2e", "a" * 39, "ä" * 40])
def test_a_guess_opens_nothing(house: House, token: str, guess: str) -> None:
    answer = web(house, "POST", guess)

    assert answer.status_code == 404
    assert "Tax form" not in answer.text


def test_the_token_is_in_no_row(house: House, token: str, guest: Talk) -> None:
    guest.opens(f"doc_{token}")
    rows = [
        str(tuple(row)) for t in metadata.sorted_tables for row in house.rows(select(t))
    ]  # fmt: skip
    assert not any(token in row for row in rows)
    assert house.rows(select(document_link.c.hash))[0].hash != token


def test_there_is_no_page_where_documents_are_switched_off(
    open_counter: Callable[..., House], token: str
) -> None:
    assert web(open_counter(features=FEATURES), "GET", token).text == "404\n"


# ------------------------------------------------------------------ who says that a login is required


@pytest.mark.parametrize(
    ("of_brand", "of_customer", "of_document", "required"),
    [
        (True, None, None, True),
        (False, None, None, False),
        (True, False, None, False),
        (False, True, None, True),
        (True, False, True, True),
        (False, True, False, False),
    ],
)
def test_the_document_says_it_before_its_customer_and_the_customer_before_the_brand(
    open_counter: Callable[..., House], town: Town, filed: Mapping[str, int], token: str,
    of_brand: bool, of_customer: bool | None, of_document: bool | None, required: bool,
) -> None:  # fmt: skip
    house = open_counter(features=FEATURES_ON, documents=DocumentRules(login_required=of_brand))
    ana, tax = town.people["ana"], filed["Tax form"]
    house.writes(
        lambda w: w.run(
            update(customer).where(customer.c.id == ana).values(document_login=of_customer)
        )
    )
    house.writes(
        lambda w: w.run(
            update(document).where(document.c.id == tax).values(login_required=of_document)
        )
    )

    assert ("Download" in web(house, "GET", token).text) is not required
    assert web(house, "POST", token).status_code == (403 if required else 200)
    assert len(log_of(house, town)) == (0 if required else 1)


# ------------------------------------------------------------------ in the chat, with a login


def proves(guest: Talk, tax_id: str = TAX_IDS["ana"], name: str = "Rita Contadora") -> None:
    guest.hears(FOR_YOU, "What is your name?")
    guest.says(name)
    guest.hears("What is the CPF or CNPJ of the registration it belongs to?")
    guest.says(tax_id)
    guest.hears("If it is registered with an e-mail, a code is on its way.")


def test_who_comes_by_the_link_proves_it_and_gets_this_document_alone(
    guest: Talk, house: House, town: Town, token: str
) -> None:
    guest.opens(f"doc_{token}")
    proves(guest)
    guest.says(guest.reads_code())

    (got,) = guest.documents
    assert got.content == PDF + b"Tax form"
    guest.hears("Tax form", ALONE)
    (access,) = log_of(house, town)
    assert (access.means, access.name, access.through) == ("entrance", "Rita Contadora", "web")

    guest.says("my invoices")
    guest.hears("To show you only what is yours, I need to know who you are.")
    guest.says("/menu")
    guest.presses("Identify myself")
    guest.hears("What is the CPF or CNPJ of your registration?")
    guest.says("my documents")
    guest.hears_no("Payslip")


def test_the_document_is_not_opened_a_second_time_without_a_second_proof(
    guest: Talk, token: str
) -> None:
    guest.opens(f"doc_{token}")
    proves(guest)
    guest.says(guest.reads_code())
    guest.opens(f"doc_{token}")

    guest.hears(FOR_YOU)
    assert guest.documents == []


def test_a_wrong_code_and_another_customers_open_nothing(guest: Talk, token: str) -> None:
    guest.opens(f"doc_{token}")
    proves(guest, TAX_IDS["bruno"])
    code = guest.reads_code()
    guest.says("what code?")
    guest.hears("That is no code: it has 6 digits, like 012345.")
    guest.says(f"{(int(code) + 1) % 10**6:06}")
    guest.hears("That is not the code.", "Tries left: 4")
    guest.says(code)

    guest.hears_only("This document belongs to another registration.")
    assert guest.documents == []
    guest.presses("Try again")
    proves(guest)
    guest.says(guest.reads_code())
    assert len(guest.documents) == 1


def test_an_unknown_cpf_hears_the_same(visit: Visit, token: str, house: House) -> None:
    known, unknown = visit("known", locale="en"), visit("unknown", locale="en")
    for talk, tax_id in ((known, TAX_IDS["ana"]), (unknown, NOBODYS)):
        talk.opens(f"doc_{token}")
        proves(talk, tax_id)
    assert known.words == unknown.words
    known.reads_code()
    assert len(house.post.mails) == 1


def test_too_many_tries_are_paused(guest: Talk, token: str) -> None:
    guest.opens(f"doc_{token}")
    proves(guest)
    code = guest.reads_code()
    for _try in range(5):
        guest.says(f"{(int(code) + 1) % 10**6:06}")

    guest.hears("There were many tries in a short time.", "after 12:01")
    guest.sees("Try again", "Talk to a person")


def test_a_name_is_asked_for_until_it_is_one(guest: Talk, token: str) -> None:
    guest.opens(f"doc_{token}")
    for typed in ("7", "?", "x" * 81):
        guest.says(typed)
        guest.hears("Please write your name, with at most 80 characters.")


def test_who_is_known_gets_to_the_document_at_once(visit: Visit, token: str) -> None:
    ana = visit(locale="en")
    ana.identifies("ana")
    ana.opens(f"doc_{token}")

    ana.hears("Tax form", "Number: DARF 0561-7")
    ana.sees("Open it here", "Send by e-mail", "Who opened it", "Another document")


def test_another_customer_who_is_known_has_to_prove_it_too(visit: Visit, token: str) -> None:
    bruno = visit("bruno", locale="en")
    bruno.identifies("bruno")
    bruno.opens(f"doc_{token}")

    bruno.hears(FOR_YOU)
    bruno.says("/menu")
    bruno.says("my documents")
    bruno.hears_no("Tax form")


def test_without_a_login_the_link_opens_it_in_the_chat_too(
    guest: Talk, house: House, town: Town, filed: Mapping[str, int], token: str
) -> None:
    frees(house, filed["Tax form"])
    guest.opens(f"doc_{token}")

    guest.hears("Tax form", ALONE)
    assert len(guest.documents) == 1
    (access,) = log_of(house, town)
    assert (access.means, access.name, access.through) == ("link", None, "web")


@pytest.mark.parametrize("payload", ["doc_", "doc_123", f"doc_{'0' * 40}", "doc"])
def test_a_link_that_is_none_is_told_kindly(guest: Talk, house: House, payload: str) -> None:
    guest.opens(payload)

    guest.hears(GONE)


def test_a_link_that_runs_out_while_its_document_is_asked_for_opens_nothing(
    guest: Talk, house: House, token: str
) -> None:
    guest.opens(f"doc_{token}")
    proves(guest)
    code = guest.reads_code()
    house.writes(lambda w: w.run(update(document_link).values(ended_at=house.clock.now)))
    guest.says(code)

    assert guest.documents == []


def test_without_mail_the_team_is_named(
    open_counter: Callable[..., House], visit: Visit, token: str
) -> None:
    talk = visit(at=open_counter(features=FEATURES_ON | {"mail": False}), locale="en")
    talk.opens(f"doc_{token}")

    talk.hears("I cannot find out safely who you are here", "Phone: (11) 90000-0099")


# ------------------------------------------------------------------ how the link comes


def test_the_mail_of_a_new_document_carries_its_link(
    house: House, town: Town, filed: Mapping[str, int]
) -> None:
    posted = house.writes(
        lambda w: document_links.mail_link(w, filed["Tax form"], town.people["ana"])
    )
    assert posted is not None
    house._runner.run(house._mail_goes())

    (mail,) = house.post.mails
    assert mail["To"] == "Ana Prado Nogueira <ana@example.com>"
    (link,) = re.findall(r"http://127\.0\.0\.1:8080(/document/curral/[0-9a-f]{40})", plain(mail))
    assert "20/12/2026" in plain(mail)
    assert "Tax form" in web(house, "GET", link.rpartition("/")[2]).text
    assert list(mail.iter_attachments()) == []


@pytest.mark.parametrize("who", ["carla", "davi"])
def test_who_cannot_be_mailed_gets_no_link(house: House, town: Town, who: str) -> None:
    id = house.writes(
        lambda w: customer_documents.add_document(
            w, town.people[who], title="Report", file_name="report.pdf", content=PDF
        )
    )

    assert house.writes(lambda w: document_links.mail_link(w, id, town.people[who])) is None
    made = select(audit.c.id).where(audit.c.what == "document.linked")
    assert house.rows(made) == []


def test_nobody_makes_a_link_to_anothers_document(
    house: House, town: Town, filed: Mapping[str, int]
) -> None:
    bruno, tax = town.people["bruno"], filed["Tax form"]
    assert house.writes(lambda w: document_links.make_link(w, tax, bruno)) is None
    assert house.writes(lambda w: document_links.end_links(w, tax, bruno)) == 0


# ------------------------------------------------------------------ in Portuguese


def test_it_speaks_portuguese(visit: Visit, token: str) -> None:
    talk = visit("guest")
    talk.opens(f"doc_{token}")
    talk.hears("Tax form é para você. Antes de abrir, preciso saber quem é você.")
    talk.says("Rita")
    talk.says(TAX_IDS["ana"])
    talk.says(talk.reads_code())
    talk.hears("Este link abre somente este documento.")
