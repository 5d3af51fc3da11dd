"""What an operator writes about the gateway, and the line each mistake gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.app import brand_of
from bot.delivery.alarms import Alarms
from bot.edges.paying import gateways_of, payments_of
from bot.payments.asaas import Asaas
from bot.payments.offline import Offline
from bot.settings import Problem, Settings, load
from tests.payments.fake_asaas import HOOK_TOKEN, KEY

BRAND = '[[brands]]\nid = "vento"\nname = "Vento Sul"\n'
ASAAS = (
    BRAND + '[brands.gateway]\nkind = "asaas"\ntoken_env = "BALCAO_KEY"\n'
    'webhook_token_env = "BALCAO_HOOK"\n'
)


@pytest.fixture
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BALCAO_KEY", KEY)
    monkeypatch.setenv("BALCAO_HOOK", HOOK_TOKEN)


def loaded(folder: Path, text: str) -> Settings:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def complaint(folder: Path, text: str) -> str:
    with pytest.raises(Problem) as caught:
        loaded(folder, text)
    return str(caught.value)


def test_without_a_gateway_the_brand_is_paid_offline(tmp_path: Path) -> None:
    settings = loaded(tmp_path, BRAND)
    brand = brand_of(settings.brands[0], mail=False)

    assert brand.payments == payments_of(settings.brands[0])
    assert (brand.payments.gateway, brand.payments.forms) == ("offline", ("boleto", "pix"))
    assert (brand.payments.cards, brand.payments.confirms) == ((), False)
    found = gateways_of(settings.brands, {"vento": brand}, Alarms())
    assert [type(each) for each in found.values()] == [Offline]


@pytest.mark.usefixtures("_secrets")
@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("", "https://api.asaas.com/v3"),
        ('url = "sandbox"', "https://api-sandbox.asaas.com/v3"),
        ('url = "http://127.0.0.1:9/v3"', "http://127.0.0.1:9/v3"),
    ],
)
def test_an_account_at_asaas_is_the_brands(tmp_path: Path, url: str, base: str) -> None:
    settings = loaded(tmp_path, ASAAS + url)
    brand = brand_of(settings.brands[0], mail=False)

    assert (brand.payments.gateway, brand.payments.confirms) == ("vento", True)
    assert brand.payments.forms == ("boleto", "pix", "card")
    assert brand.payments.cards == ("credit", "debit")
    asaas = gateways_of(settings.brands, {"vento": brand}, Alarms())["vento"]
    assert isinstance(asaas, Asaas)
    assert asaas._wire._base == base


@pytest.mark.usefixtures("_secrets")
def test_without_cards_among_the_forms_none_can_be_added(tmp_path: Path) -> None:
    settings = loaded(tmp_path, ASAAS + 'forms = ["pix"]')
    assert payments_of(settings.brands[0]).cards == ()


def test_the_variables_of_its_secrets_must_be_named_and_set(tmp_path: Path) -> None:
    assert complaint(tmp_path, BRAND + '[brands.gateway]\nkind = "asaas"\n').splitlines() == [
        "brands.vento.gateway.token_env: is missing;"
        " it may hold the name of the variable with the gateway's API key",
        "brands.vento.gateway.webhook_token_env: is missing;"
        " it may hold the name of the variable with the token the gateway sends with its events",
    ]
    lines = complaint(tmp_path, ASAAS).splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "brands.vento.gateway.token_env",
        "brands.vento.gateway.webhook_token_env",
    ]
    assert "BALCAO_KEY" in lines[0]


@pytest.mark.usefixtures("_secrets")
def test_a_short_webhook_token_is_refused_and_not_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BALCAO_HOOK", "short-secret")
    line = complaint(tmp_path, ASAAS)
    assert "32" in line
    assert "short-secret" not in line


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ('token_env = "BALCAO_KEY"', "no setting of kind 'offline'"),
        ('url = "sandbox"', "no setting of kind 'offline'"),
        ('forms = ["card"]', "only a gateway takes cards"),
        ('kind = "paypal"', "'offline' or 'asaas'"),
        ('kind = "asaas"\nurl = "ftp://x"', "what matches"),
        ('forms = ["cheque"]', "'boleto', 'pix' or 'card'"),
    ],
)
def test_each_mistake_is_one_line(tmp_path: Path, setting: str, says: str) -> None:
    line = complaint(tmp_path, f"{BRAND}[brands.gateway]\n{setting}\n")
    assert "gateway" in line
    assert says in line
    assert "\n" not in line
