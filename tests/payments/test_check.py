"""`balcao check` and the gateway: the key taken, refused, and nobody there."""

from __future__ import annotations

import pytest

from bot.run_check import probes, run
from bot.settings import Settings
from tests.payments.fake_asaas import HOOK_TOKEN, KEY, FakeAsaas
from tests.payments.fake_wire import Trouble

PUBLIC = "https://counter.example.com"


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BALCAO_KEY", KEY)
    monkeypatch.setenv("BALCAO_HOOK", HOOK_TOKEN)


async def line(url: str, public_url: str = PUBLIC) -> tuple[int, str, str]:
    """The exit code, and the one line about the gateway."""
    gateway = {"kind": "asaas", "token_env": "BALCAO_KEY", "webhook_token_env": "BALCAO_HOOK",
               "url": url}  # fmt: skip
    settings = Settings(
        brands=({"id": "vento", "name": "Vento", "gateway": gateway},),
        http={"public_url": public_url},
    )
    found = list[tuple[str, str]]()
    asked = [probe for probe in probes(settings) if probe.name == "gateway vento"]
    code = await run(asked, lambda verdict, _name, words: found.append((verdict, words)))
    ((verdict, words),) = found
    return code, verdict, words


async def test_a_key_that_is_taken_names_where_the_webhook_belongs(fake: FakeAsaas) -> None:
    code, verdict, words = await line(fake.url)
    assert (code, verdict) == (0, "ok")
    assert f"{PUBLIC}/gateway/vento" in words
    assert not fake.payments


async def test_without_a_public_address_it_is_noted(fake: FakeAsaas) -> None:
    code, verdict, words = await line(fake.url, "")
    assert (code, verdict) == (0, "note")
    assert "http.public_url" in words


async def test_a_refused_key_names_its_variable_and_not_itself(
    fake: FakeAsaas, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BALCAO_KEY", "$aact_of-somebody-else")
    code, verdict, words = await line(fake.url)
    assert (code, verdict) == (1, "broken")
    assert words.startswith("brands.vento.gateway.token_env: holds 'BALCAO_KEY'")
    assert "somebody-else" not in words


@pytest.mark.parametrize("where", ["closed", "other", "trouble"])
async def test_where_no_gateway_answers_the_address_is_named(fake: FakeAsaas, where: str) -> None:
    url = {"closed": "http://127.0.0.1:1/v3", "other": f"{fake.url}/x", "trouble": fake.url}[where]
    if where == "trouble":
        fake.trouble.append(Trouble("status", status=503))
    code, verdict, words = await line(url)
    assert (code, verdict) == (1, "broken")
    assert words.startswith("brands.vento.gateway.url: holds")


async def test_a_brand_without_a_gateway_is_not_asked() -> None:
    settings = Settings(brands=({"id": "vento", "name": "Vento"},))
    assert not [probe for probe in probes(settings) if probe.name.startswith("gateway")]
