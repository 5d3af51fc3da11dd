"""Documents: the three who may require a login, networks instead of computers, names and months."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.documents import (
    MEDIA_TYPES,
    came_from,
    login_required,
    media_type_of,
    parse_period,
    safe_file_name,
)
from bot.domain.errors import Invalid

said = st.sampled_from([True, False, None])


@given(document=said, customer=said, brand=st.booleans())
def test_who_is_nearest_to_the_document_decides(
    document: bool | None, customer: bool | None, brand: bool
) -> None:
    spoken = [each for each in (document, customer, brand) if each is not None]
    assert login_required(document=document, customer=customer, brand=brand) is spoken[0]


@given(st.ip_addresses(v=4))
def test_an_address_becomes_one_of_many(address: ipaddress.IPv4Address) -> None:
    network = ipaddress.ip_network(came_from(str(address)))
    assert address in network
    assert network.num_addresses == 256


@given(st.ip_addresses(v=6))
def test_a_long_address_becomes_one_of_very_many(address: ipaddress.IPv6Address) -> None:
    network = ipaddress.ip_network(came_from(str(address)))
    assert network.prefixlen == (24 if address.ipv4_mapped else 48)
    inner = address.ipv4_mapped or address
    assert inner in network


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:7:8::9", "2001:db8:7::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("testclient", ""),
        ("", ""),
    ],
)
def test_what_is_kept_of_a_host(host: str, network: str) -> None:
    assert came_from(host) == network


@given(st.text())
def test_any_host_gives_a_network_or_nothing(host: str) -> None:
    kept = came_from(host)
    assert kept == "" or ipaddress.ip_network(kept)


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("balancete.pdf", "balancete.pdf"),
        ("C:\\docs\\folha de pagamento.pdf", "folha de pagamento.pdf"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ('a<b>:"c|d?.pdf', "a-b-c-d-.pdf"),
        ("ba\u0301lanc\x00o\u202e.pdf", "bálanco.pdf"),
        (f"{'x' * 300}.pdf", f"{'x' * 96}.pdf"),
    ],
)
def test_names_that_any_system_can_save(given_name: str, kept: str) -> None:
    assert safe_file_name(given_name) == kept


@given(st.text().filter(lambda name: not set(name) & set("/\\")))
def test_whatever_a_file_is_called(name: str) -> None:
    kept = safe_file_name(f"a{name}.pdf")

    assert 0 < len(kept) <= 100
    assert kept.endswith(".pdf")
    assert not set(kept) & set('/\\<>:"|?*\n\r\x00')


@pytest.mark.parametrize("name", ["", "/", "...", "a/", "\x00\u202e"])
def test_a_name_of_which_nothing_is_left(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        safe_file_name(name)
    assert refused.value.code == "empty"


@pytest.mark.parametrize("ending", MEDIA_TYPES)
def test_the_ending_says_what_it_is(ending: str) -> None:
    assert media_type_of(f"FILE{ending.upper()}") == MEDIA_TYPES[ending]


@pytest.mark.parametrize("name", ["page.html", "drawing.svg", "tool.exe", "noending", ".pdf"])
def test_nothing_that_a_browser_or_a_system_would_run(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        media_type_of(name)
    assert refused.value.code == "format"


@pytest.mark.parametrize(
    ("typed", "month"), [("11/2026", "2026-11"), ("2026-11", "2026-11"), (" 3/2026 ", "2026-03")]
)
def test_months(typed: str, month: str) -> None:
    assert parse_period(typed) == month


@pytest.mark.parametrize(
    ("typed", "code"), [("13/2026", "no_such_date"), ("0/2026", "no_such_date"), ("nov", "format")]
)
def test_no_months(typed: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_period(typed)
    assert refused.value.code == code
