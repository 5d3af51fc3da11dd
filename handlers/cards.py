"""My cards: list, add by the gateway's own page, make one the default, remove, automatic payment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from bot.core.chat import Chat
from bot.core.flow import FRESH, VERIFIED, Gate, flow
from bot.core.message import JSON, Text, _
from bot.core.question import Option
from handlers._payment import (
    AS_BEFORE,
    BYE,
    CARD_GONE,
    DONE,
    KINDS,
    ask_administrator,
    asks_first,
    card_name,
    company_seed,
    may_change,
    of_one_company,
)
from storage import cards as rows
from storage import customers
from storage.cards import Card

PATIENCE = timedelta(minutes=2)
"""How long a person waits in the chat for the address of the page."""
_ADD, _LEAVE = -1, -2


def _takes_cards(gate: Gate) -> bool:
    return bool(gate.brand.payments.cards)


@flow(
    "cards",
    title=_("My cards"),
    needs=VERIFIED,
    phrases=_(
        "my cards | my card | cards | saved cards | default card | remove card | remove my card"
        " | delete my card | autopay | automatic payment | automatic debit | turn off autopay"
    ),
)
def cards(chat: Chat) -> None:
    """List the cards; one is chosen, and what is to be done with it."""
    of_one_company(chat, "cards")
    if not may_change(chat):
        return None
    saved = rows.of(chat.read, chat.customer)
    adds = chat.offers("card-add")
    if not saved and not adds:
        return chat.say(_("You have no card saved, and none can be added here."))
    options = [Option(each.id, card_name(each), _detail(each)) for each in saved]
    if adds:
        options.append(Option(_ADD, _("Add a card")))
    options.append(Option(_LEAVE, DONE))
    question = _("These are your cards. Choose one.") if saved else _("You have no card saved yet.")
    chosen = chat.choose("card", question, options)
    if chosen == _ADD:
        chat.switch("card-add", **company_seed(chat))
    if chosen == _LEAVE:
        return chat.say(BYE)
    card = rows.get(chat.read, chat.customer, chosen)
    if card is None:
        return chat.say(CARD_GONE)
    wish = chat.choose("what", _described(card), list(_ways(card)))
    if wish == "other":
        chat.again()
    chat.switch("card-change", card=card.id, change=wish)


def _detail(card: Card) -> Text:
    detail = KINDS[card.kind]
    if card.is_default:
        detail = _("{kind} · default", kind=detail)
    if card.autopay:
        detail = _("{before} · automatic payment", before=detail)
    return detail


def _described(card: Card) -> Text:
    return _("**{card}** ({detail}). What would you like to do?", card=card_name(card),
             detail=_detail(card))  # fmt: skip


def _ways(card: Card) -> Iterator[tuple[str, Text]]:
    if not card.is_default:
        yield "default", _("Make it the default")
    elif card.autopay:
        yield "autopay-off", _("Switch autopay off")
    elif card.can_collect:
        yield "autopay-on", _("Switch autopay on")
    yield "remove", _("Remove this card")
    yield "other", _("Back to the list")


# ------------------------------------------------------------------------- one card


@flow("card-change", title=_("Change my cards"), needs=FRESH)
def card_change(chat: Chat) -> None:
    """What was chosen in the list, once the person has said yes."""
    if not may_change(chat):
        return None
    change: str = chat.seed("change")
    card = rows.get(chat.read, chat.customer, chat.seed("card") or 0)
    if card is None:
        return chat.say(CARD_GONE)
    chat.consent("sure", _sure(chat, card, change))
    if asks_first(chat):
        return ask_administrator(chat, _values(card, change), _wish(card, change))
    match change:
        case "default":
            done = chat.do("default", rows.make_default, chat.customer, card.id)
        case "remove":
            done = chat.do("remove", rows.remove, chat.customer, card.id)
        case _:
            on = change == "autopay-on"
            outcome = chat.do("autopay", rows.set_autopay, chat.customer, on, card.id)
            if outcome == "cannot":
                return chat.say(_("This card cannot be charged by itself. {why}", why=AS_BEFORE))
            done = outcome == "set"
    return chat.say(_saved(card, change) if done else CARD_GONE)


def _values(card: Card, change: str) -> Mapping[str, JSON]:
    if change in ("default", "remove"):
        return {"do": change, "card": card.id}
    return {"do": "autopay", "on": change == "autopay-on", "card": card.id}


def _wish(card: Card, change: str) -> Text:
    name = card_name(card)
    match change:
        case "default":
            return _("Make {card} the default card", card=name)
        case "remove":
            return _("Remove the card {card}", card=name)
        case "autopay-on":
            return _("Charge each invoice to {card} on its due date", card=name)
        case _:
            return _("Do not charge {card} by itself any more", card=name)


def _sure(chat: Chat, card: Card, change: str) -> Text:
    name = card_name(card)
    match change:
        case "remove":
            return _("Remove {card}?\n{consequence}", card=name, consequence=_without(chat, card))
        case "autopay-on":
            return _("Charge each invoice to {card} on its due date, by itself?", card=name)
        case "autopay-off":
            return _(
                "Switch automatic payment off? Then {card} is not charged by itself, and you pay each"
                " invoice yourself.",
                card=name,
            )
    before = rows.default_of(chat.read, chat.customer)
    if before is not None and before.autopay and card.can_collect:
        return _("Make {card} the default? Automatic payment goes over to it.", card=name)
    if before is not None and before.autopay:
        return _(
            "Make {card} the default? It cannot be charged by itself, so automatic payment ends.",
            card=name,
        )
    return _("Make {card} the default?", card=name)


def _without(chat: Chat, card: Card) -> Text:
    """What follows from removing a card."""
    rest = [each for each in rows.of(chat.read, chat.customer) if each.id != card.id]
    if card.autopay:
        return _("Automatic payment ends with it: you pay each invoice yourself.")
    if card.is_default and rest:
        heir = max(rest, key=lambda each: each.id)
        return _("{card} becomes the default.", card=card_name(heir))
    known = customers.get(chat.read, chat.customer)
    if not rest and known is not None and known.payment_form == "card":
        return _(
            "It is your only one: each invoice still has a page on which you can pay it by card."
        )
    return _("Nothing else changes.")


def _saved(card: Card, change: str) -> Text:
    name = card_name(card)
    match change:
        case "default":
            return _("✅ Saved: {card} is the default now.", card=name)
        case "remove":
            return _("✅ Saved: {card} is removed.", card=name)
        case "autopay-on":
            return _("✅ Saved: each invoice is charged to {card} on its due date.", card=name)
        case _:
            return _("✅ Saved: {card} is not charged by itself any more.", card=name)


# ------------------------------------------------------------------------- another one


@flow(
    "card-add",
    title=_("Add a card"),
    needs=FRESH,
    when=_takes_cards,
    phrases=_("add a card | add card | new card | credit card | debit card | change my card"),
)
def card_add(chat: Chat) -> None:
    """A page of the gateway's own takes the card; what comes back is its scheme and last four digits."""
    of_one_company(chat, "card-add")
    if not may_change(chat):
        return None
    kinds = [(kind, _CHOICE[kind]) for kind in chat.brand.payments.cards]
    kind = chat.seed("kind")
    if kind not in chat.brand.payments.cards:
        kind = (
            kinds[0][0]
            if len(kinds) == 1
            else chat.choose("which", _("Which kind of card?"), kinds)
        )
    if asks_first(chat) and not chat.seed("approved"):
        return ask_administrator(chat, {"do": "add", "kind": kind}, _ALLOW[kind])
    page = chat.seed("found") or chat.wait(
        "page", _("One moment, I am getting the page…"), rows.ask_page, PATIENCE, chat.customer, kind,
        done=_("✅ Card {scheme} •••• {last4} was saved."), failed=_NO_CARD,
    )  # fmt: skip
    if page is None:
        return chat.say(_("The page takes longer than usual. Please ask for it again in a moment."))
    if not page["ok"]:
        return _no_page(chat, kind, page["why"])
    chat.say(_PAGE[kind])
    chat.hand(page["url"])
    saved = chat.wait(
        "card",
        _("As soon as the card is saved I tell you here. You may go on with something else meanwhile."),
        rows.watch, rows.PAGE_LASTS, chat.customer, page["change"],
    )  # fmt: skip
    if saved is not None and saved.get("why") == "declined":
        return _declined(chat, kind)
    if saved is None or not saved["ok"]:
        return _again(chat, kind, None if saved is None else saved["why"])
    return _added(chat, saved)


_CHOICE: Mapping[str, Text] = {"credit": _("Credit card"), "debit": _("Debit card")}
_ALLOW: Mapping[str, Text] = {
    "credit": _("May a credit card be added on the gateway's page?"),
    "debit": _("May a debit card be added on the gateway's page?"),
}
_NO_CARD = _("No card was saved.")
_PAGE: Mapping[str, Text] = {
    "credit": _(
        "🔒 Enter the card on this page of our payment gateway, within an hour. Please never write its"
        " number in this chat."
    ),
    "debit": _(
        "🔒 This page of our payment gateway pays your next open invoice with a debit card, and with"
        " that the card is saved here. Please never write its number in this chat."
    ),
}


def _no_page(chat: Chat, kind: str, why: str) -> None:
    if why == "pending":
        return _opened(chat, kind)
    if why == "nothing_to_pay":
        return chat.say(
            _("A debit card is saved by paying an invoice with it, and you have none to pay now.")
        )
    if why == "not-allowed":
        return ask_administrator(chat, {"do": "add", "kind": kind}, _ALLOW[kind])
    if why == "not-offered":
        return chat.say(_("This kind of card cannot be added here now. {why}", why=_NO_CARD))
    return chat.say(_("The page could not be opened. Please try again later, or write /human."))


def _opened(chat: Chat, kind: str) -> None:
    """A page was opened before: that one again, or a new one in its place."""
    wish = chat.choose(
        "opened",
        _("A page for a card is open already. What shall we do?"),
        [("use", _("Use that page")), ("new", _("A new page")), ("no", DONE)],
    )
    if wish == "no":
        return chat.say(BYE)
    if wish == "new":
        chat.do("cancel", rows.cancel_page, chat.customer)
    found = _page_that_is_open(chat) if wish == "use" else {}
    chat.switch("card-add", **_seeds(chat, kind), **found)


def _declined(chat: Chat, kind: str) -> None:
    """The gateway or the bank did not take the card; the page takes another one as long as it is open."""
    wish = chat.choose(
        "declined",
        _(
            "❌ The card was not accepted, so it was not saved. Your bank can tell you why. You can try"
            " another card, or pay another way."
        ),
        [("other", _("Try another card")), ("pay", _("Pay another way")), ("no", DONE)],
    )
    if wish == "no":
        return chat.say(BYE)
    if wish == "pay":
        # A debit card was to pay an invoice; a credit card, all that come.
        chat.switch("invoices" if kind == "debit" else "payment", **company_seed(chat))
    chat.switch("card-add", **_seeds(chat, kind), **_page_that_is_open(chat))


def _page_that_is_open(chat: Chat) -> dict[str, JSON]:
    found = rows.open_page(chat.read, chat.customer)
    return {} if found is None else {"found": {"ok": True, "change": found[0], "url": found[1]}}


def _seeds(chat: Chat, kind: str) -> dict[str, JSON]:
    kept = {name: chat.seed(name) for name in ("approved", "then") if chat.seed(name)}
    return {"kind": kind, **kept, **company_seed(chat)}


def _again(chat: Chat, kind: str, why: str | None) -> None:
    """Nothing was entered in time, or the page was closed."""
    text = _("No card was saved: the page was closed.")
    if why in (None, "expired"):
        text = _("The page's time is over and no card was saved.")
    wish = chat.choose("again", text, [("new", _("A new page")), ("no", DONE)])
    if wish == "no":
        return chat.say(BYE)
    chat.do("cancel", rows.cancel_page, chat.customer)
    chat.switch("card-add", **_seeds(chat, kind))


def _added(chat: Chat, saved: Mapping[str, JSON]) -> None:
    text = _("✅ Saved: {scheme} •••• {last4}.", scheme=saved["scheme"], last4=saved["last4"])
    card = rows.get(chat.read, chat.customer, saved["card"])
    then = chat.seed("then")
    if then and card is not None:
        chat.say(text)
        chat.switch(then, **company_seed(chat))
    if card is None or card.is_default:
        return chat.say(text)
    wish = chat.choose(
        "default",
        _("{saved}\nShall it be the default?", saved=text),
        [("yes", _("Make it the default")), ("no", DONE)],
    )
    if wish == "no":
        return chat.say(BYE)
    chat.switch("card-change", card=card.id, change="default")
