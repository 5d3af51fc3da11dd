"""Whole conversations on Telegram, over HTTP by polling and by webhook: from hello to the mail."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import zxingcpp
from aiogram.types import ChatMemberAdministrator

from bot.domain import pix
from tests.channels.telegram.counter import Counter, Someone, counter
from tests.channels.telegram.doors import Mode, labels
from tests.channels.telegram.fake_api import NOW, FakeApi
from tests.documents.eyes import picture
from tests.fakes import Clock
from tests.flows.town import BRAND, TAX_IDS


@pytest.fixture(params=["polling", "webhook"])
def mode(request: pytest.FixtureRequest) -> Mode:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
async def open_counter(sqlite_url: str, mode: Mode, clock: Clock) -> AsyncIterator[Counter]:
    async with FakeApi().serving() as api, counter(sqlite_url, api, mode, clock) as opened:
        yield opened


@pytest.fixture
def ana(open_counter: Counter) -> Someone:
    return Someone.at(open_counter)


async def test_from_hello_to_the_second_copy_in_the_inbox(ana: Someone) -> None:
    await ana.says("/start")
    ana.hears("Como posso ajudar?")
    await ana.presses("Identificar-me")
    await ana.says(TAX_IDS["ana"])
    await ana.presses("Meu telefone")
    ana.hears("compartilhe o seu próprio número")
    (share, *_rest), *_rows = ana.chat.keyboard["keyboard"]
    assert share["request_contact"] is True

    await ana.shares("+55 11 90000-0012")
    ana.hears("Tudo certo, Ana!", "Como posso ajudar?")
    assert ana.chat.keyboard is None
    assert "✓" not in [message.text for message in ana.chat.heard]

    await ana.presses("Minhas faturas")
    await ana.presses("11/2026")
    ana.hears("Total hoje: R$ 102,23")
    await ana.presses("Enviar por e-mail")
    await ana.presses("Sim")
    ana.hears("Está a caminho", "Enviada: a fatura 2026-11-A")
    assert [mail["To"] for mail in ana.counter.inbox.mails] == [
        "Ana Prado Nogueira <ana@example.com>"
    ]
    assert ana.counter.api.refused == []


async def test_the_pix_code_is_copied_whole_and_its_picture_reads_the_same(ana: Someone) -> None:
    await ana.identifies()
    await ana.presses("Minhas faturas")
    await ana.presses("11/2026")
    await ana.presses("Pagar com PIX")

    (code,) = [each for each in ana.new if any(e["type"] == "code" for e in each.entities)]
    (button,) = code.markup["inline_keyboard"][0]
    assert button["copy_text"]["text"] == code.text
    assert str(pix.decode(code.text).amount) == "102.23"

    (shown,) = [each for each in ana.new if each.file]
    assert ana.chat.actions == ["typing"]  # while it was drawn
    assert shown.file
    assert shown.file[0] == "photo"
    assert picture(shown.file[2]).texts(zxingcpp.BarcodeFormat.QRCode) == [code.text]
    assert ana.counter.api.refused == []


async def test_a_pressed_menu_becomes_what_comes_next(ana: Someone) -> None:
    await ana.says("oi")
    (menu,) = [each for each in ana.new if labels(each)]
    await ana.presses("Ajuda")

    ana.hears("Estas palavras sempre funcionam")
    assert ana.new == [menu]
    assert list(labels(menu)) == ["Menu"]
    assert len(ana.counter.api.answered) == 1
    assert ana.counter.api.refused == []


async def test_what_was_agreed_to_stays_to_be_read_with_the_answer(ana: Someone) -> None:
    await ana.identifies()
    await ana.presses("Minhas faturas")
    await ana.presses("11/2026")
    await ana.presses("Enviar por e-mail")
    (asked,) = [each for each in ana.new if "Sim" in labels(each)]
    await ana.presses("Sim")
    assert asked.markup is None
    assert asked.text.endswith("✓ Sim")


async def test_a_result_stays_when_what_was_asked_with_it_is_answered(ana: Someone) -> None:
    await ana.identifies()
    await ana.presses("Minhas faturas")
    await ana.presses("11/2026")
    await ana.presses("Enviar por e-mail")
    await ana.presses("Sim")
    (told,) = [each for each in ana.new if "Está a caminho" in each.text]
    await ana.presses("Não, obrigado")
    assert "Está a caminho" in told.text
    assert told.markup is None


async def test_a_menu_above_other_messages_is_closed_and_the_answer_stands_below(
    ana: Someone,
) -> None:
    await ana.says("oi")
    (menu,) = [each for each in ana.new if labels(each)]
    await ana.says("1")
    assert menu.markup is None
    assert menu.text.endswith("✓ Identificar-me")
    assert max(each.id for each in ana.new) > menu.id


async def test_where_the_menu_is_gone_the_answer_is_a_message_of_its_own(ana: Someone) -> None:
    await ana.says("oi")
    (menu,) = [each for each in ana.new if labels(each)]
    pressed = menu.markup["inline_keyboard"][0][0]["callback_data"]
    del ana.chat.messages[menu.id]
    ana._before()
    ana.counter.api.presses_data(ana.chat, menu, pressed)
    await ana.counter.quiet()
    assert ana.new
    assert menu not in ana.new


async def test_a_card_number_does_not_stay_in_the_chat(ana: Someone) -> None:
    await ana.says("oi")
    await ana.says("4111 1111 1111 1111")
    ana.hears("cartão")
    assert not [each for each in ana.chat.messages.values() if "4111" in each.text]


async def test_an_old_press_is_answered_kindly(ana: Someone) -> None:
    await ana.says("oi")
    (menu,) = [each for each in ana.new if labels(each)]
    data = menu.markup["inline_keyboard"][0][0]["callback_data"]
    await ana.presses("Idioma")
    ana.counter.api.presses_data(ana.chat, menu, f"old{data}")
    await ana.counter.quiet()
    ana.hears("Esse botão é de uma pergunta anterior")


async def test_a_forwarded_contact_proves_nothing(ana: Someone) -> None:
    await ana.says("quero me identificar")
    await ana.says(TAX_IDS["ana"])
    await ana.presses("Meu telefone")
    await ana.shares("5511900000012", owner=99)
    ana.hears("Esse contato não é o seu")
    await ana.shares("5511900000012")
    ana.hears("Tudo certo, Ana!")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"sticker": {"file_id": "s", "file_unique_id": "s", "type": "regular", "width": 1, "height": 1,
                      "is_animated": False, "is_video": False}}, "só leio texto"),
        ({"voice": {"file_id": "v", "file_unique_id": "v", "duration": 3}}, "ouvir áudios"),
        ({"location": {"latitude": -23.1, "longitude": -46.5}}, "localização"),
        ({"document": {"file_id": "d", "file_unique_id": "d"}}, "quem é você"),
    ],
)  # fmt: skip
async def test_what_cannot_be_read_gets_a_kind_answer(
    ana: Someone, content: dict[str, object], words: str
) -> None:
    await ana.says("oi")
    await ana.sends(**content)
    ana.hears(words)


async def test_an_edited_message_gets_a_kind_answer_and_does_nothing_else(ana: Someone) -> None:
    await ana.says("oi")
    mine = next(each for each in ana.chat.messages.values() if not each.mine)
    ana._before()
    ana.counter.api.edits(ana.chat, mine.id, text="minhas faturas")
    await ana.counter.quiet()
    ana.hears("mudou uma mensagem", "Como posso ajudar?")


async def test_a_group_is_declined_once_and_left(open_counter: Counter) -> None:
    group = Someone.at(open_counter, -500, kind="group")
    await group.says("oi")
    await group.says("oi?")
    assert group.times("https://t.me/balcao_bot") == 1
    assert group.chat.left
    assert len(group.chat.heard) == 1


@pytest.mark.parametrize("kind", ["channel", "supergroup"])
async def test_where_the_bot_is_added_it_says_once_where_it_can_be_found(
    open_counter: Counter, kind: str
) -> None:
    api, there = open_counter.api, open_counter.api.chat(-100500, kind=kind)
    bot = {"id": 42, "is_bot": True, "first_name": "Balcão"}
    member, gone = {"status": "member"}, {"status": "left"}
    fields = ChatMemberAdministrator.model_fields.items()
    rights = {name: False for name, field in fields if field.annotation is bool}
    now = {"status": "administrator", **rights} if kind == "channel" else member
    for before, after in ((gone, now), (now, gone), (gone, now)):
        there.left = False
        api.update(
            my_chat_member={
                "chat": {"id": there.id, "type": kind, "title": "Vizinhos"},
                "from": {"id": 7, "is_bot": False, "first_name": "Ana", "language_code": "pt-br"},
                "date": NOW,
                "old_chat_member": {"user": bot, **before},
                "new_chat_member": {"user": bot, **after},
            }
        )
        await open_counter.quiet()
    (told,) = there.heard
    assert "https://t.me/balcao_bot" in told.text
    assert there.left


async def test_a_link_into_a_flow_begins_it_and_comes_back_to_it_after_the_proof(
    ana: Someone,
) -> None:
    await ana.says("/start second-copy")
    await ana.says(TAX_IDS["ana"])
    await ana.presses("Meu telefone")
    await ana.shares("5511900000012")
    ana.hears("Tudo certo, Ana!", "Qual fatura envio para o seu e-mail?")


async def test_a_link_that_leads_nowhere_is_the_menu(ana: Someone) -> None:
    await ana.says("/start nothing-of-ours")
    ana.hears("Como posso ajudar?")


async def test_a_double_tap_on_yes_sends_one_mail(ana: Someone) -> None:
    await ana.identifies()
    await ana.presses("Minhas faturas")
    await ana.presses("11/2026")
    await ana.presses("Enviar por e-mail")
    ana._before()
    for _tap in range(2):
        ana.counter.api.presses(ana.chat, "Sim")
    await ana.counter.quiet()
    assert len(ana.counter.inbox.mails) == 1
    assert ana.times("Está a caminho") == 1


async def test_people_are_greeted_in_the_language_of_their_app(open_counter: Counter) -> None:
    ana = Someone.at(open_counter, 21, language="es")
    await ana.says("/start")
    ana.hears("¿")


async def test_two_bots_of_one_process_speak_each_for_its_brand(
    sqlite_url: str, mode: Mode, clock: Clock
) -> None:
    second = replace(BRAND, id="serra", name="Serra Fibra")
    async with (
        FakeApi().serving() as api,
        FakeApi().serving() as other,
        counter(sqlite_url, api, mode, clock, beside=(other, second)) as opened,
    ):
        # One customer at both: the same chat id, and nothing in common.
        here = Someone.at(opened)
        there = Someone.at(replace(opened, api=other))
        other.behind = api.behind
        await here.says("oi")
        await there.says("oi")
        here.hears("Curral Fibra")
        there.hears("Serra Fibra")
