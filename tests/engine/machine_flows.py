"""Adversarial flows for the state machine, and the deploys that change them under one's feet.

Every flow says why it is left, so that the machine knows a run that ended from one that was lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from bot.core.chat import Chat
from bot.core.flow import FRESH, VERIFIED, Flow, Recognised, flow
from bot.core.message import JSON, Text, _
from bot.core.ports import Write
from bot.core.question import Option, Retry
from bot.core.readers import parsed, words
from tests.engine.memory import effect, proved, world

SECRET = "s3cr3t"
WRONG_SECRET = "s3cr3t-0"
ENDED = "(ended)"
"""In the last words of every flow."""
NAME = words(at_most=30)
NUMBER = parsed(int, {"": _("A whole number, please.")})


class Scripted(Exception):
    """The only exception that a flow here raises."""


def deed(chat: Chat, key: str) -> None:
    """Do something of which the machine knows the run and the key."""
    chat.do(key, effect, f"{chat._run.id}/{key}")


def shaken(chat: Chat) -> None:
    if world(chat.read)["broken"]:
        raise Scripted


class Items:
    """A long list that changes between turns."""

    def __init__(self, chat: Chat) -> None:
        self._ids: list[int] = world(chat.read)["items"]

    def page(self, offset: int, limit: int) -> Sequence[Option[int]]:
        return [_item(id) for id in self._ids[offset : offset + limit]]

    def get(self, id: int) -> Option[int] | None:
        return _item(id) if id in self._ids else None

    def find(self, text: str) -> Sequence[Option[int]]:
        return [_item(id) for id in self._ids if text.lower() in f"item {id}"]


def _item(id: int) -> Option[int]:
    return Option(id, _("Item {id}", id=id), f"detail of {id}")


def order_flow(before: Callable[[Chat], None], amount_key: str) -> Flow:
    @flow(
        "order", title=_("Order"), needs=VERIFIED, menu=1, phrases=_("i want to order"), start="o"
    )
    def order(chat: Chat) -> None:
        if not world(chat.read)["items"]:
            return chat.say(_("Sold out {x}", x=ENDED))
        chat.say(_("You are customer {id}.", id=chat.customer))
        item = chat.choose("item", _("Which item?"), Items(chat))
        before(chat)
        amount = chat.ask(amount_key, _("How many of {item}?", item=item), NUMBER)
        chat.say(_("That is much."))
        price = Decimal(world(chat.read)["price"])
        chat.consent("sure", _("{n} of {item} for {price}?", n=amount, item=item, price=price))
        deed(chat, "order")
        chat.say(_("Ordered."))
        grade = chat.choose("grade", _("How was it?"), [("good", _("Good")), ("bad", _("Bad"))])
        chat.ask("note", _("Why {grade}?", grade=grade), NAME)
        deed(chat, "note")
        shaken(chat)
        return chat.say(_("Thank you {x}", x=ENDED))

    return order


def check(write: Write, word: str) -> JSON | Retry:
    data = world(write)
    data["tries"] += 1
    if word == SECRET:
        proved(write, 1)
        return "right"
    return "locked" if data["tries"] % 3 == 0 else Retry(_("No."))


@flow("identify", title=_("Identify"), grants=VERIFIED, menu=2, only_strangers=True)
def identify(chat: Chat) -> None:
    chat.ask("name", _("Who are you?"), NAME)
    outcome = chat.secret("code", _("The code?"), check)
    if outcome == "right":
        chat.choose("stay", _("Shall I remember you?"), [("y", _("Always")), ("n", _("Today"))])
        return chat.say(_("Welcome {x}", x=ENDED))
    return chat.say(_("Locked {x}", x=ENDED))


@flow("confirm", title=_("Confirm"), needs=VERIFIED, grants=FRESH)
def confirm(chat: Chat) -> None:
    chat.consent("really", _("Really you?"))
    chat.do("prove", proved, 2)
    chat.say(_("Confirmed {x}", x=ENDED))


@flow("danger", title=_("Danger"), needs=FRESH, menu=3, phrases=_("danger please"))
def danger(chat: Chat) -> None:
    chat.ask("what", _("What is so dangerous?"), NAME)
    deed(chat, "danger")
    chat.do("weaken", proved, 0)
    chat.ask("after", _("Now you are a stranger. Well?"), NAME)
    deed(chat, "after")
    chat.say(_("Survived {x}", x=ENDED))


@flow("names", title=_("Names"), menu=4)
def names(chat: Chat) -> None:
    said = list[str]()
    while len(said) < 4:
        name = chat.ask(f"name-{len(said)}", _("Name {n}, or stop?", n=len(said)), NAME)
        if name == "stop":
            break
        said.append(name)
    deed(chat, "names")
    chat.say(_("{names} {x}", names=", ".join(said), x=ENDED))
    if chat.choose("more", _("Again?"), [("y", _("Again")), ("n", _("Enough"))]) == "y":
        chat.say(_("Again {x}", x=ENDED))
        chat.again()
    chat.say(_("Enough {x}", x=ENDED))


def call_bank(write: Write, ticket: Mapping[str, JSON]) -> None:
    world(write)["tickets"].append([ticket["run"], ticket["key"]])
    effect(write, f"{ticket['run']}/{ticket['key']}-called")


@flow("bank", title=_("Bank"), menu=5)
def bank(chat: Chat) -> None:
    chat.choose("kind", _("Which bank?"), [("a", _("Bank A")), ("b", _("Bank B"))])
    word = chat.wait("bank", _("Waiting."), call_bank, timedelta(minutes=30))
    chat.say(_("The bank said {word}.", word=str(word)))
    chat.ask("ok", _("All right?"), NAME)
    deed(chat, "banked")
    chat.say(_("Banked {x}", x=ENDED))


@flow("switch", title=_("Switch"), menu=6)
def switch(chat: Chat) -> None:
    there = [("order", _("Order it")), ("names", _("Names it"))]
    offered = [each for each in there if chat.offers(each[0])]
    where = chat.choose("where", _("Where to?"), offered)
    chat.say(_("Over there {x}", x=ENDED))
    seeds: dict[str, JSON] = {"item": world(chat.read)["items"][:1] or 0}
    if where == "order" and seeds["item"]:
        chat.switch("order", item=seeds["item"][0])
    chat.switch(where)


@flow("fragile", title=_("Fragile"), menu=7)
def fragile(chat: Chat) -> None:
    try:
        chat.say(_("Careful."))
        word = chat.ask("word", _("A word?"), NAME)
        price = Decimal(world(chat.read)["price"])
        chat.consent("break", _("Break {word} at {price}?", word=word, price=price))
        deed(chat, "break")
        shaken(chat)
    except Scripted:
        raise
    except Exception as error:
        raise AssertionError("a stop was swallowed") from error
    chat.say(_("Whole {x}", x=ENDED))


@flow("flip", title=_("Flip"), menu=8)
def flip(chat: Chat) -> None:
    """Forgets what it has done when the world changes, which is a mistake the engine must bear."""
    deed(chat, "heads" if world(chat.read)["heads"] else "tails")
    chat.ask("side", _("Which side?"), NAME)
    if world(chat.read)["heads"]:
        deed(chat, "side")
    chat.say(_("Flipped {x}", x=ENDED))


@flow(
    "card",
    title=_("Card"),
    recognises=lambda text: Recognised({}, sensitive=True) if "4111" in text else None,
)
def card(chat: Chat) -> None:
    chat.say(_("Not kept {x}", x=ENDED))


FLOWS = [identify, confirm, danger, names, bank, switch, fragile, flip, card]


def _nothing(_chat: Chat) -> None:
    return


def _size(chat: Chat) -> None:
    chat.choose("size", _("What size?"), [("s", _("Small")), ("l", _("Large"))])


def renamed(title: Text) -> Flow:
    return replace(names, title=title)


DEPLOYS: Mapping[str, Sequence[Flow]] = {
    "as before": [order_flow(_nothing, "amount"), *FLOWS],
    "a question more": [order_flow(_size, "amount"), *FLOWS],
    "another key": [order_flow(_nothing, "how many"), *FLOWS],
    "a flow less": [order_flow(_nothing, "amount"), *(f for f in FLOWS if f is not names)],
    "another title": [order_flow(_nothing, "amount"), *(f for f in FLOWS if f is not names),
                      renamed(_("Name list"))],
}  # fmt: skip
