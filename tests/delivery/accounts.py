"""SMTP accounts at the servers of these tests."""

from __future__ import annotations

import contextlib
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.core.errors import DeliveryError
from bot.delivery.alarms import Alarms
from bot.delivery.compose import Envelope
from bot.delivery.smtp import Mailer, SmtpAccount
from tests.delivery.mail_server import Script, scripted_server
from tests.fakes import Clock

MAIL = Envelope(
    "faturas@example.com", "maria@example.org", "<1.abc@example.com>", b"Subject: oi\r\n\r\n.oi\r\n"
)


def account(port: int, **more: Any) -> SmtpAccount:
    usual: dict[str, Any] = {
        "name": "main", "host": "127.0.0.1", "port": port, "security": "none",
        "sender": "faturas@example.com", "timeout": 5.0,
    }  # fmt: skip
    return SmtpAccount(**usual | more)


@contextlib.asynccontextmanager
async def mailer(
    *accounts: SmtpAccount, clock: Clock | None = None, alarms: Alarms | None = None
) -> AsyncIterator[Mailer]:
    made = Mailer(accounts, alarms=alarms or Alarms(), clock=clock or Clock(), rng=random.Random(1))
    try:
        yield made
    finally:
        await made.close()


async def refusal(script: Script, **more: Any) -> DeliveryError:
    """What sending to a scripted server raises."""
    async with scripted_server(script), mailer(account(script.port, **more)) as ours:
        with pytest.raises(DeliveryError) as raised:
            await ours.send(ours.accounts["main"], MAIL)
    return raised.value
