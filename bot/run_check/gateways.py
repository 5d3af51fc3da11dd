"""What `balcao check` asks of each payment gateway: whether it takes the key; nothing is charged."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial

from bot.core.errors import DeliveryError, Temporary
from bot.edges.paying import asaas
from bot.run_check.probing import SECONDS, Broken, Note, Probe
from bot.settings import BrandSettings, Settings


def gateway_probes(settings: Settings) -> Iterator[Probe]:
    """A probe for each brand that is paid through a gateway."""
    for brand in settings.brands:
        if brand.gateway.kind != "offline":
            name = f"gateway {brand.id}"
            yield Probe(name, partial(_account, brand, settings.http.public_url))


async def _account(brand: BrandSettings, public_url: str) -> str:
    gateway, setting = brand.gateway, f"brands.{brand.id}.gateway"
    account = asaas(brand, lambda _key, _words: None)
    try:
        await asyncio.wait_for(account.check(), SECONDS - 1)
    except Temporary as error:
        if error.code == "unauthorized":
            raise Broken(
                f"{setting}.token_env: holds {gateway.token_env!r}, and the gateway refuses that key,"
                " or this machine's address; set the account's API key (the sandbox has keys of its"
                " own), and allow this address in the account"
            ) from error
        raise Broken(_silent(setting, gateway.url, error.code)) from error
    except (DeliveryError, TimeoutError) as error:
        raise Broken(_silent(setting, gateway.url, type(error).__name__)) from error
    finally:
        await account.close()
    if not public_url.startswith("https:"):
        return Note(
            f"{gateway.kind}, {gateway.url}: the key is taken; the gateway cannot tell what was paid:"
            " http.public_url may hold an https address that it reaches"
        )
    return (
        f"{gateway.kind}, {gateway.url}: the key is taken;"
        f" its webhook belongs at {public_url}/gateway/{brand.id}"
    )


def _silent(setting: str, url: str, why: str) -> str:
    return (
        f"{setting}.url: holds {url!r}, and no gateway answers there as it should ({why});"
        " may hold 'production' or 'sandbox'"
    )
