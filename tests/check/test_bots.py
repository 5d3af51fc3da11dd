"""`balcao check` and Telegram: the strict fake over HTTP, with what may be wrong about a bot."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.settings import ChannelSettings, Http
from tests.channels.telegram.fake_api import NOW, TOKEN, FakeApi
from tests.check.lines import Said, look

PUBLIC = "https://balcao.example.com"
HOOK = f"{PUBLIC}/telegram/bot"
WRONG = "4200000042:AnotherTokenThatIsNobodys_9876543210"


@pytest.fixture
async def api() -> AsyncIterator[FakeApi]:
    async with FakeApi().serving() as api:
        yield api


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", TOKEN)


class Asked:
    """A bot of one mode at one Bot API."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url

    async def polling(self, **how: Any) -> Said:
        return await self._look("polling", **how)

    async def webhook(self, **how: Any) -> Said:
        return await self._look("webhook", **how)

    async def _look(self, mode: str, **how: Any) -> Said:
        bot = {"name": "bot", "kind": "telegram", "token_env": "BOT_TOKEN", "api_url": self.url}
        entry = ChannelSettings(**bot | {"mode": mode} | how)  # type: ignore[arg-type]
        return await look(self.folder, "telegram", channels=(entry,), http=Http(public_url=PUBLIC))


@pytest.fixture
def asked(tmp_path: Path, api: FakeApi) -> Asked:
    return Asked(tmp_path, api.url)


async def test_a_bot_that_is_polled_is_named(asked: Asked) -> None:
    assert await asked.polling() == (0, [("ok", "@balcao_bot, polling")])


async def test_a_wrong_token_names_the_variable_it_stands_in_and_not_itself(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOT_TOKEN", WRONG)
    said = await asked.polling()
    assert (said.code, said.verdicts) == (1, ["broken"])
    assert "channels.bot.token_env: holds 'BOT_TOKEN', and Telegram refuses" in said.words
    assert "BotFather" in said.words
    assert WRONG not in said.words


@pytest.mark.parametrize("fault", ["odd", "502", "reset"])
async def test_what_is_no_bot_api_names_the_address(asked: Asked, api: FakeApi, fault: Any) -> None:
    api.faults += [("get", fault)]
    said = await asked.polling()
    assert (said.code, said.verdicts) == (1, ["broken"])
    assert said.words.startswith(f"channels.bot.api_url: holds '{api.url}', and no Bot API answers")
    assert "https://api.telegram.org" in said.words
    assert TOKEN not in said.words


async def test_a_bot_api_that_is_not_there_names_the_address(asked: Asked) -> None:
    said = await asked.polling(api_url="http://127.0.0.1:1")
    assert (said.code, said.verdicts) == (1, ["broken"])
    assert "channels.bot.api_url: holds 'http://127.0.0.1:1'" in said.words
    assert TOKEN not in said.words


async def test_too_many_questions_are_no_fault_of_a_setting(asked: Asked, api: FakeApi) -> None:
    api.faults.append(("getMe", "429"))
    said = await asked.polling()
    assert said == (
        1,
        [("broken", "channels.bot: Telegram is asked too often; look again in a minute")],
    )


async def test_polling_while_a_webhook_is_set_is_told_and_will_mend_itself(
    asked: Asked, api: FakeApi
) -> None:
    api.webhook = {"url": "https://other.example.com/bot"}
    said = await asked.polling()
    assert (said.code, said.verdicts) == (0, ["note"])
    assert "a webhook is set at https://other.example.com/bot" in said.words
    assert "does another program use this bot?" in said.words


async def test_a_webhook_where_it_should_be_is_well(asked: Asked, api: FakeApi) -> None:
    api.webhook = {"url": HOOK}
    assert await asked.webhook() == (0, [("ok", f"@balcao_bot, webhook at {HOOK}")])


async def test_before_the_first_start_there_is_no_webhook_and_nothing_is_broken(
    asked: Asked,
) -> None:
    said = await asked.webhook()
    assert (said.code, said.verdicts) == (0, ["note"])
    assert f"the start of `balcao run` sets {HOOK}" in said.words


async def test_a_webhook_of_somebody_else_is_named_with_the_one_it_should_be(
    asked: Asked, api: FakeApi
) -> None:
    api.webhook = {"url": "https://other.example.com/bot"}
    said = await asked.webhook()
    assert (said.code, said.verdicts) == (1, ["broken"])
    assert f"Telegram calls https://other.example.com/bot instead of {HOOK}" in said.words
    assert "start `balcao run`" in said.words


@pytest.mark.parametrize(
    ("heard", "mend"),
    [
        ("Wrong response from the webhook: 502 Bad Gateway", "does `balcao run` run"),
        ("Wrong response from the webhook: 401 Unauthorized", "another server key"),
    ],
)
async def test_updates_that_cannot_be_delivered_say_what_telegram_heard(
    asked: Asked, api: FakeApi, heard: str, mend: str
) -> None:
    for n in range(3):
        api.writes(api.chat(7), text=f"oi {n}")
    api.webhook = {"url": HOOK}
    api.trouble = {"last_error_date": NOW, "last_error_message": heard}
    said = await asked.webhook()
    assert (said.code, said.verdicts) == (1, ["broken"])
    assert f"cannot deliver to {HOOK}, 3 updates wait" in said.words
    assert f"it heard: {heard}" in said.words
    assert mend in said.words


async def test_a_trouble_that_is_over_is_told_and_not_broken(asked: Asked, api: FakeApi) -> None:
    api.webhook = {"url": HOOK}
    api.trouble = {"last_error_date": NOW, "last_error_message": "Connection timed out"}
    said = await asked.webhook()
    assert (said.code, said.verdicts) == (0, ["note"])
    assert "last trouble at 2026-09-21 14:13 UTC: Connection timed out" in said.words


async def test_what_waits_is_counted(asked: Asked, api: FakeApi) -> None:
    api.writes(api.chat(7), text="oi")
    assert await asked.polling() == (0, [("ok", "@balcao_bot, polling, 1 update waits")])


async def test_every_bot_has_its_line(
    api: FakeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECOND_TOKEN", WRONG)
    bots = [
        ChannelSettings(
            name=name, kind="telegram", token_env=variable, api_url=api.url, mode="polling"
        )
        for name, variable in (("one", "BOT_TOKEN"), ("two", "SECOND_TOKEN"))
    ]
    said = await look(tmp_path, "telegram", channels=tuple(bots))
    assert (said.code, said.verdicts) == (1, ["ok", "broken"])
    assert "channels.two.token_env" in said.words
