"""The driver's own promises: entities, keyboards, what refusals mean, the webhook's door, the profile."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.api import BotApi
from bot.channels.telegram.inbound import read
from bot.channels.telegram.outbound import entities, keyboard, utf16
from bot.channels.telegram.profile import Profile
from bot.core.errors import DeliveryError, Permanent, Temporary
from bot.core.message import Address, Button, Document, DocumentRef, Inbound, Outbound
from bot.core.ports import Close
from tests.channels.contract import PIX, Ears
from tests.channels.telegram import rules
from tests.channels.telegram.doors import driver, labels, opened
from tests.channels.telegram.fake_api import FakeApi, Fault

ANA = Address("telegram", "7")


# ------------------------------------------------------------------ out


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.data())
def test_bold_stands_where_it_was_said_however_telegram_counts(text: str, data: Any) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    length = data.draw(st.integers(1, len(text) - start))
    (entity,) = entities(Outbound(text, bold=((start, length),)))
    units = text.encode("utf-16-le")
    span = units[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])]
    assert span.decode("utf-16-le") == text[start : start + length]
    assert utf16(text) == rules.utf16(text)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 10)), max_size=6))
def test_bold_within_bold_is_bold_and_nothing_overlaps(spans: list[tuple[int, int]]) -> None:
    text = "🦜a" * 20
    found = entities(Outbound(text, bold=tuple(spans)))
    rules.words(text, found, 4096, "message")
    bold = {at for each in found for at in range(each["offset"], each["offset"] + each["length"])}
    meant = {at for start, long in spans for at in range(start, start + long)}
    assert bold == {unit for at in meant for unit in range(utf16(text[:at]), utf16(text[: at + 1]))}


@given(st.lists(st.text(min_size=1, max_size=64).filter(str.strip), max_size=20), st.integers(0, 4))
def test_every_button_is_drawn_once_in_order_and_navigation_last(
    names: list[str], navs: int
) -> None:
    options = [Button(name, f"n:{n}") for n, name in enumerate(names)]
    nav = [Button(f"nav {n}", f"n:b{n}", "nav") for n in range(navs)]
    drawn = keyboard(Outbound("Which?", buttons=(*options, *nav)), "Copy")
    rows = drawn.markup["inline_keyboard"] if drawn else []
    assert [b["callback_data"] for row in rows for b in row] == [b.data for b in [*options, *nav]]
    if drawn:
        rules.markup(drawn.markup)
    if nav and options:
        assert not any(b["callback_data"] == options[-1].data for b in rows[-1])


def test_a_value_is_copied_by_a_button_while_it_fits() -> None:
    short, long = keyboard(Outbound(PIX, copyable=True), "Copiar"), "9" * 257
    assert short
    assert short.markup["inline_keyboard"] == [[{"text": "Copiar", "copy_text": {"text": PIX}}]]
    assert keyboard(Outbound(long, copyable=True), "Copiar") is None
    assert entities(Outbound(long, copyable=True)) == [{"type": "code", "offset": 0, "length": 257}]


async def test_words_too_long_for_a_caption_go_before_their_file_and_once() -> None:
    async with opened("polling") as (bot, api):
        chat = api.chat(7)
        words, paper = "🦜" * 600, Document("a.pdf", "application/pdf", b"%PDF")
        message = Outbound(words, document=DocumentRef("test", 1, "a.pdf", "application/pdf"))
        api.faults.append(("sendDocument", "502"))
        with pytest.raises(Temporary):
            await bot.send(ANA, message, paper, id=1)
        await bot.send(ANA, message, paper, id=1)
        assert [(each.text, bool(each.file)) for each in chat.heard] == [(words, False), ("", True)]
        assert api.refused == []


async def test_a_press_of_before_a_restart_still_marks_its_question() -> None:
    async with opened("polling") as (bot, api):
        chat, ears = api.chat(7), Ears()
        question = Outbound("**Which?**", buttons=(Button("First", "n:1"),), nonce="n")
        before = driver(api)
        await before.send(ANA, question, None, id=1)
        await before.hang_up()
        await bot.start(ears.receive)
        api.presses(chat, "First")
        event = await ears.next()
        await bot.close(ANA, Close("n", "First", event.ref))
        (message,) = chat.heard
        assert (message.text, labels(message)) == ("**Which?**\n\n✓ First", ())


async def test_an_expired_press_is_no_error() -> None:
    async with opened("polling") as (bot, api):
        chat, ears = api.chat(7), Ears()
        await bot.send(ANA, Outbound("?", buttons=(Button("First", "n:1"),)), None, id=1)
        await bot.start(ears.receive)
        api.presses(chat, "First")
        event = await ears.next()
        api.expire_queries()
        await bot.acknowledge(event, None)
        assert [each for each in api.refused if "too old" in each]


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("status", "answer", "wanted"),
    [
        (403, {"description": "Forbidden: user is deactivated"}, ("blocked", True)),
        (400, {"description": "Bad Request: chat not found"}, ("gone", True)),
        (
            400,
            {
                "description": "Bad Request: group chat was upgraded",
                "parameters": {"migrate_to_chat_id": -1},
            },
            ("gone", True),
        ),
        (400, {"description": "Bad Request: wrong"}, ("refused", False)),
        (413, {"description": "Request Entity Too Large"}, ("too_large", False)),
    ],
)
def test_what_is_never_taken_is_permanent(
    status: int, answer: dict[str, Any], wanted: tuple[str, bool]
) -> None:
    with pytest.raises(Permanent) as raised:
        _refusal(status, answer)
    assert (raised.value.code, raised.value.flag) == wanted


@pytest.mark.parametrize(
    ("status", "answer", "wanted"),
    [
        (429, {"parameters": {"retry_after": 17}}, ("limited", timedelta(seconds=17))),
        (500, {}, ("server", None)),
        (409, {"description": "Conflict"}, ("conflict", None)),
        (401, {"description": "Unauthorized"}, ("unauthorized", timedelta(minutes=1))),
    ],
)
def test_what_may_be_taken_later_is_temporary(
    status: int, answer: dict[str, Any], wanted: tuple[str, timedelta | None]
) -> None:
    with pytest.raises(Temporary) as raised:
        _refusal(status, answer)
    assert (raised.value.code, raised.value.after) == wanted


def _refusal(status: int, answer: dict[str, Any]) -> None:
    body = json.dumps({"ok": False, "error_code": status, **answer}).encode()
    BotApi("telegram", "42:x")._result(status, body, ())


async def test_a_wrong_token_is_an_alarm_and_stands_in_no_error() -> None:
    told: list[tuple[str, str | None]] = []
    async with FakeApi().serving() as api:
        wrong = BotApi("telegram", "1:WRONG", url=api.url, alarm=lambda *what: told.append(what))
        with pytest.raises(DeliveryError) as raised:
            await wrong.call("getMe")
        await wrong.close()
    assert told[0][0] == "telegram:telegram"
    assert "WRONG" not in repr(told) + repr(raised.value) + str(raised.value)


async def test_an_error_of_the_connection_does_not_name_the_token() -> None:
    nowhere = BotApi("telegram", "1:SECRET", url="http://127.0.0.1:1")
    with pytest.raises(Temporary) as raised:
        await nowhere.call("getMe")
    await nowhere.close()
    assert raised.value.__cause__ is None
    assert "SECRET" not in str(raised.value)


# ------------------------------------------------------------------ in


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["message", "chat", "from", "id", "text", "contact", "date", "x"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
async def test_no_update_however_strange_stops_the_counter(strange: Any) -> None:
    bot = driver(FakeApi())
    bot._receive = Ears().receive
    await bot._hear({"update_id": 1, "message": strange})


def test_a_deep_link_hands_its_payload_to_the_flow() -> None:
    person = {"id": 7, "is_bot": False, "first_name": "Ana"}
    about = {"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}, "from": person}
    for text, start in (("/start", None), ("/start a_B-9", "a_B-9"), ("/start a b", None)):
        heard = read({"update_id": 1, "message": about | {"text": text}}, "telegram")
        assert isinstance(heard, Inbound)
        assert (heard.text, heard.start) == (text, start)


async def test_updates_that_come_out_of_order_are_played_in_order() -> None:
    async with opened("polling") as (bot, api):
        chat, ears = api.chat(7), Ears()
        for n in range(5):
            api.writes(chat, text=f"w{n}")
        api.pending.reverse()
        await bot.start(ears.receive)
        assert [(await ears.next()).text for _ in range(5)] == [f"w{n}" for n in range(5)]


async def test_a_stop_tells_the_server_what_is_committed() -> None:
    async with opened("polling") as (bot, api):
        ears = Ears()
        api.writes(api.chat(7), text="oi")
        await bot.start(ears.receive)
        await ears.next()
        await bot.stop()
        assert api.pending == []


async def test_a_server_in_trouble_is_asked_again_until_it_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.channels.telegram.polling.PAUSES", (0.001,))
    monkeypatch.setattr("bot.channels.telegram.driver.PAUSES", (0.001,))
    faults: tuple[Fault, ...] = ("502", "reset", "odd", "500", "lost")
    async with opened("polling") as (bot, api):
        ears = Ears()
        for method in ("deleteWebhook", "getMe", "getUpdates"):
            api.faults += [(method, fault) for fault in faults]
        api.writes(api.chat(7), text="oi")
        await bot.start(ears.receive)
        assert (await ears.next()).text == "oi"


async def test_a_webhook_set_by_another_meanwhile_is_taken_down_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.channels.telegram.polling.PAUSES", (0.001,))
    async with opened("polling") as (bot, api):
        ears, chat = Ears(), api.chat(7)
        await bot.start(ears.receive)
        api.writes(chat, text="before")
        await ears.next()
        api.webhook = {"url": "https://other.example.com", "secret_token": "x"}
        api.behind = lambda url: "http://127.0.0.1:1/"
        for words in ("this may still come by the poll that was open", "this cannot"):
            api.writes(chat, text=words)
            assert (await ears.next()).text == words
        assert api.webhook == {}


async def test_one_who_waits_for_the_database_holds_up_nobody_elses_offset_for_good() -> None:
    async with opened("polling") as (bot, api):
        slow, quick, ears = api.chat(7), api.chat(8), Ears()
        gate = asyncio.Event()

        async def receive(event: Inbound) -> None:
            if event.address.chat == "7":
                await gate.wait()
            await ears.receive(event)

        first = api.writes(slow, text="slow")
        await bot.start(receive)
        for n in range(3):
            api.writes(quick, text=f"q{n}")
            assert (await ears.next()).text == f"q{n}"
        assert api.confirmed <= first["update_id"]
        gate.set()
        assert (await ears.next()).text == "slow"
        assert [event.text for event in ears.events] == ["q0", "q1", "q2", "slow"]


@pytest.mark.parametrize("secret", [None, "", "s" * 63, "s" * 65, "ş" * 64])
async def test_a_call_without_the_secret_is_not_heard(secret: str | None) -> None:
    async with opened("webhook") as (bot, api):
        ears = Ears()
        await bot.start(ears.receive)
        url = api.behind("https://balcao.example.com/telegram/telegram")
        name = "X-Telegram-Bot-Api-Secret-Token"
        headers = {} if secret is None else {name: secret}
        async with aiohttp.ClientSession() as http:
            async with http.post(url, json={"update_id": 1}, headers=headers) as answer:
                assert answer.status == 401
            async with http.post(url, data=b"{", headers={name: "s" * 64}) as answer:
                assert answer.status == 400
        assert ears.tried == []


# ------------------------------------------------------------------ around


async def test_commands_name_and_description_are_set_once() -> None:
    profile = Profile("pt_BR", {"pt_BR": "Curral"}, {"en": "Your bills."})
    async with FakeApi().serving() as api:
        for _start in range(2):
            bot = driver(api, profile=profile)
            await bot._present()
            await bot.hang_up()
        sets = [name for name, _parameters in api.calls if name.startswith("set")]
        assert sorted(set(sets)) == ["setMyCommands", "setMyDescription", "setMyName"]
        assert len(sets) == 4 + 2 + 1  # the default language and three; pt twice; en once
        commands = api.settings["MyCommands", "pt"]["commands"]
        assert [each["command"] for each in commands][:2] == ["menu", "ajuda"]


async def test_each_language_has_its_name_its_description_and_its_commands() -> None:
    languages = {"pt_BR": "pt", "en": "en", "es": "es"}
    names = {locale: f"Curral {locale}" for locale in languages}
    about = {locale: f"Faturas {locale}" for locale in languages}
    async with FakeApi().serving() as api:
        bot = driver(api, profile=Profile("pt_BR", names, about))
        await bot._present()
        await bot.hang_up()
        for locale, code in [*languages.items(), ("pt_BR", "")]:  # "": of any other language
            assert api.settings["MyName", code]["name"] == names[locale]
            assert api.settings["MyDescription", code]["description"] == about[locale]
        said = {code: api.settings["MyCommands", code]["commands"] for code in languages.values()}
        help_ = {code: commands[1]["command"] for code, commands in said.items()}
        assert help_ == {"pt": "ajuda", "en": "help", "es": "ayuda"}
        assert api.refused == []


def test_a_group_that_moves_to_another_id_says_nothing_to_answer() -> None:
    about = {"message_id": 1, "date": 1, "chat": {"id": -5, "type": "group", "title": "x"}}
    moved = read({"update_id": 1, "message": about | {"migrate_to_chat_id": -1005}}, "telegram")
    assert moved is None


def test_a_counter_without_a_bot_imports_neither_aiohttp_nor_aiogram() -> None:
    code = "import sys, bot.app, bot.run; print([m for m in ('aiohttp', 'aiogram') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_counter_with_a_bot_does_not_import_aiogram() -> None:
    code = "import sys, bot.channels.telegram; print('aiogram' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
