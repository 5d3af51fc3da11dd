"""`balcao check` and the public address: its shape, and who answers there over real TLS."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.settings import Http
from tests.check.lines import Said, look
from tests.delivery.mail_server import CA, server_tls

NAME = "mail.example.org"
"""What `elsewhere.pem` is the certificate of."""


async def asked(folder: Path, **http: Any) -> Said:
    return await look(folder, "public url", http=Http(**http))


@pytest.fixture(autouse=True)
def dns(monkeypatch: pytest.MonkeyPatch) -> None:
    """One name leads to loopback, and no other exists; the tests' own authority is trusted."""
    real = socket.getaddrinfo

    def resolve(host: Any, *rest: Any, **how: Any) -> Any:
        if host not in (NAME, "127.0.0.1", None):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real("127.0.0.1" if host == NAME else host, *rest, **how)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setenv("SSL_CERT_FILE", str(CA))


@asynccontextmanager
async def page(
    status: int, body: str, *, tls: bool = True, certificate: str = "elsewhere.pem"
) -> AsyncIterator[int]:
    """A web server of one page; its port."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.read(65536)
            head = (
                f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            )
            writer.write((head + body).encode())
            await writer.drain()
        except ConnectionError:
            pass  # who does not like the certificate hangs up
        finally:
            writer.close()

    server = await asyncio.start_server(
        talk, "127.0.0.1", 0, ssl=server_tls(certificate) if tls else None
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


async def test_none_is_well_while_the_chat_is_on_this_machine_alone(tmp_path: Path) -> None:
    said = await asked(tmp_path)
    assert (said.code, said.verdicts) == (0, ["ok"])
    assert "on this machine alone (127.0.0.1:8080)" in said.words


async def test_none_is_broken_where_others_reach_the_port(tmp_path: Path) -> None:
    said = await asked(tmp_path, host="0.0.0.0")
    assert (said.code, said.verdicts) == (1, ["broken"])
    assert "http.public_url: is missing, and http.host holds '0.0.0.0'" in said.words


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://balcao.example.com", "which is not https; put a proxy"),
        ("https://intranet", "'intranet' is no host name customers can resolve"),
        ("https://192.0.2.7", "is no host name customers can resolve"),
        ("https://balcao.example.com:99999", "whose port is none"),
        (f"https://{'a' * 300}.example.com", "is no host name"),
    ],
)
async def test_an_address_of_the_wrong_shape_is_named_with_what_it_holds(
    tmp_path: Path, url: str, words: str
) -> None:
    said = await asked(tmp_path, public_url=url)
    assert (said.code, said.verdicts) == (1, ["broken"])
    assert said.words.startswith(f"http.public_url: holds {url!r}")
    assert words in said.words


async def test_a_password_in_it_is_refused_and_not_repeated(tmp_path: Path) -> None:
    said = await asked(tmp_path, public_url="https://ana:segredo@balcao.example.com")
    assert said.verdicts == ["broken"]
    assert "segredo" not in said.words


async def test_loopback_is_asked_nothing(tmp_path: Path) -> None:
    said = await asked(tmp_path, public_url="http://127.0.0.1:1")
    assert said == (0, [("ok", "http://127.0.0.1:1: this machine alone")])


async def test_a_name_the_dns_does_not_know_is_broken(tmp_path: Path) -> None:
    said = await asked(tmp_path, public_url="https://balcao.example.com")
    assert (said.code, said.verdicts) == (1, ["broken"])
    assert "the DNS does not know 'balcao.example.com'; make its record there" in said.words


async def test_balcao_itself_answering_is_well(tmp_path: Path) -> None:
    async with page(200, '{"ok": true, "parts": {"database": true}}') as port:
        said = await asked(tmp_path, public_url=f"https://{NAME}:{port}")
    assert said == (0, [("ok", f"https://{NAME}:{port}: reached, Balcão answers")])


async def test_balcao_without_its_database_is_told(tmp_path: Path) -> None:
    async with page(503, '{"ok": false, "parts": {"database": false}}') as port:
        said = await asked(tmp_path, public_url=f"https://{NAME}:{port}")
    assert (said.code, said.verdicts) == (0, ["note"])
    assert "Balcão says that database is ill" in said.words


async def test_a_proxy_before_the_first_start_is_told_and_not_broken(tmp_path: Path) -> None:
    async with page(502, "<html>Bad Gateway</html>") as port:
        said = await asked(tmp_path, public_url=f"https://{NAME}:{port}")
    assert (said.code, said.verdicts) == (0, ["note"])
    assert "nothing behind it (status 502); `balcao run` listens at 127.0.0.1:8080" in said.words


@pytest.mark.parametrize(("status", "body"), [(200, "<html>"), (404, "[]"), (301, "")])
async def test_somebody_elses_page_is_broken(tmp_path: Path, status: int, body: str) -> None:
    async with page(status, body) as port:
        said = await asked(tmp_path, public_url=f"https://{NAME}:{port}")
    assert (said.code, said.verdicts) == (1, ["broken"])
    assert f"is not Balcão (status {status} at /healthz); lead the proxy to" in said.words


async def test_a_port_nobody_listens_at_is_broken(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        said = await asked(tmp_path, public_url=f"https://{NAME}:{taken.getsockname()[1]}")
    assert (said.code, said.verdicts) == (1, ["broken"])
    assert "does not reach (ConnectionRefusedError); does the proxy run" in said.words


async def test_a_certificate_of_another_name_is_broken(tmp_path: Path) -> None:
    async with page(200, "{}", certificate="server.pem") as port:
        said = await asked(tmp_path, public_url=f"https://{NAME}:{port}")
    assert (said.code, said.verdicts) == (1, ["broken"])
    assert "certificate is not good (Hostname mismatch" in said.words


async def test_a_port_without_tls_is_broken(tmp_path: Path) -> None:
    async with page(200, "{}", tls=False) as port:
        said = await asked(tmp_path, public_url=f"https://{NAME}:{port}")
    assert (said.code, said.verdicts) == (1, ["broken"])
    assert "no TLS is spoken there" in said.words
