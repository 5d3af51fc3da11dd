"""How I pay: the current way, and another one, from which invoice on and with what consequence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from bot.core.chat import Chat
from bot.core.flow import FRESH, VERIFIED, flow
from bot.core.message import JSON, Text, _
from bot.domain.standing import Permission
from handlers._payment import (
    AS_BEFORE,
    BYE,
    DONE,
    FORMS,
    ask_administrator,
    asks_first,
    card_name,
    company_seed,
    may_change,
    of_one_company,
)
from storage import cards, charges, customers, invoices, paying, promises, situations, unlocks
from storage.cards import Card
from storage.customers import Customer

PATIENCE = timedelta(minutes=5)
"""How long a person waits in the chat for the gateway's answer."""


@flow(
    "payment",
    title=_("How I pay"),
    needs=VERIFIED,
    menu=30,
    phrases=_("how i pay | payment method | my payment method | form of payment | payment options"),
    start="payment",
)
def payment(chat: Chat) -> None:
    """Say how it is paid, and offer what can be done about it."""
    of_one_company(chat, "payment")
    known = _mine(chat)
    chosen = chat.choose("what", lambda: _described(chat, known), list(_ways(chat, known)))
    if chosen == "done":
        return chat.say(BYE)
    chat.switch(chosen, **company_seed(chat))


def _mine(chat: Chat) -> Customer:
    known = customers.get(chat.read, chat.customer)
    if known is None:
        raise LookupError("a proved customer that is in no row")
    return known


def _described(chat: Chat, known: Customer) -> Text:
    text = _("You pay by **{form}**.", form=FORMS[known.payment_form])
    if known.payment_form == "informal":
        text = _(
            "You pay by **direct arrangement**: there is no boleto, and our team confirms each payment"
            " by hand."
        )
    elif not chat.brand.payments.confirms:
        text = _(
            "{before}\nOur team confirms each payment by hand, so it takes a while until an invoice"
            " is shown as paid.",
            before=text,
        )
    card = cards.default_of(chat.read, known.id)
    if card is not None:
        text = _("{before}\nYour card: {card}", before=text, card=card_name(card))
    if card is not None and card.autopay:
        text = _("{before}\nEach invoice is charged to it on its due date.", before=text)
    if charges.under_way(chat.read, known.id):
        text = _("{before}\nA change is under way: I will tell you its outcome here.", before=text)
    return _("{before}\n\nWhat would you like to do?", before=text)


def _ways(chat: Chat, known: Customer) -> Iterator[tuple[str, Text]]:
    """What can be done, as far as it makes sense for this customer."""
    read, payments = chat.read, chat.brand.payments
    found = situations.of(read, known.id)
    edits = found is not None and Permission.EDIT_RECORD in found.may
    if edits and _others(chat, known):
        yield "payment-change", _("Change how I pay")
    if edits and (payments.cards or cards.of(read, known.id)):
        yield "cards", _("My cards")
    if situations.is_blocked_or_late(read, known.id):
        yield "blocked", _("Why am I blocked?")
    if unlocks.refusal(read, known.id) is None:
        yield "unlock", _("Unlock on trust")
    if promises.promisable(read, known.id):
        yield "promise", _("Promise a payment")
    if chat.offers("already-paid") and invoices.count(read, known.id, "open"):
        yield "already-paid", _("I already paid")
    yield "done", DONE


def _others(chat: Chat, known: Customer) -> list[str]:
    return [form for form in chat.brand.payments.forms if form != known.payment_form]


# ------------------------------------------------------------------------- another way


@flow(
    "payment-change",
    title=_("Change how I pay"),
    needs=FRESH,
    phrases=_(
        "change how i pay | change my payment method | change payment method | switch to pix"
        " | switch to boleto | switch to card | pay by card | change from card to boleto"
        " | change from boleto to card | change from boleto to pix"
    ),
)
def payment_change(chat: Chat) -> None:
    """Choose another form; the record changes when the gateway has taken it."""
    of_one_company(chat, "payment-change")
    if not may_change(chat):
        return None
    known = _mine(chat)
    options = [(form, FORMS[form]) for form in _others(chat, known)]
    if not options:
        return chat.say(
            _(
                "You pay by **{form}**, and there is no other way here.",
                form=FORMS[known.payment_form],
            )
        )
    question = _(
        "You pay by **{form}**. How would you like to pay?", form=FORMS[known.payment_form]
    )
    form = chat.choose("form", question, options)
    card = cards.default_of(chat.read, known.id)
    if form == "card" and card is None:
        return _no_card(chat)
    chat.consent("sure", _asked(chat, known, form, card))
    if asks_first(chat):
        values = {
            "do": "form",
            "form": form,
            "done": _done(form).dump(),
            "failed": _failed(form).dump(),
        }
        words = _("Pay by {form} from now on", form=FORMS[form])
        return ask_administrator(chat, values, words)
    outcome = chat.wait(
        "changed", _("One moment, I am changing it…"), charges.ask_form, PATIENCE, known.id, form,
        done=_done(form), failed=_failed(form),
    )  # fmt: skip
    return _tell(chat, form, outcome)


def _no_card(chat: Chat) -> None:
    if not chat.offers("card-add"):
        return chat.say(
            _("To pay by card one must be saved first, and that cannot be done here now.")
        )
    wish = chat.choose(
        "add",
        _("You have no card saved yet. Shall we add one first?"),
        [("yes", _("Add a card")), ("no", DONE)],
    )
    if wish == "no":
        return chat.say(AS_BEFORE)
    chat.switch("card-add", then="payment-change", **company_seed(chat))


def _asked(chat: Chat, known: Customer, form: str, card: Card | None) -> Text:
    """What is asked, from which invoice on, and what follows."""
    reached = charges.affected(chat.read, known.id)
    if reached:
        effective = _(
            "It counts from invoice {number} (due {due}) on. Invoices that are due already stay as"
            " they are.",
            number=reached[0].number,
            due=reached[0].due_on,
        )
    else:
        effective = _("It counts from your next invoice on. What is due already stays as it is.")
    return _(
        "Change from {before} to **{after}**?\n{effective}\n{consequence}",
        before=FORMS[known.payment_form],
        after=FORMS[form],
        effective=effective,
        consequence=_consequence(chat, known, form, card),
    )


def _consequence(chat: Chat, known: Customer, form: str, card: Card | None) -> Text:
    if form == "card" and card is not None:
        return _by_card(card)
    if not chat.brand.payments.confirms:
        return _("Our team confirms each payment by hand.")
    paying_card = cards.default_of(chat.read, known.id)
    if paying_card is not None and paying_card.autopay:
        return _(
            "New codes are made, and those you may have do not pay these invoices any more. Your card"
            " is still charged on the due date, unless you switch that off under My cards."
        )
    return _("New codes are made, and those you may have do not pay these invoices any more.")


def _by_card(card: Card) -> Text:
    if card.autopay:
        return _("Each invoice is charged to {card} on its due date.", card=card_name(card))
    if card.can_collect:
        return _(
            "Each invoice gets a page on which you pay it by card. To have {card} charged by itself on"
            " the due date, switch on automatic payment under My cards.",
            card=card_name(card),
        )
    return _("Each invoice gets a page on which you pay it by card.")


def _done(form: str) -> Text:
    return _("✅ Saved: you pay by {form} now.", form=FORMS[form])


def _failed(form: str) -> Text:
    return _("The change to {form} did not work, so you pay as before.", form=FORMS[form])


def _tell(chat: Chat, form: str, outcome: Mapping[str, JSON] | None) -> None:
    if outcome is None:
        return chat.say(
            _(
                "This takes longer than usual. Until it is done you pay as before; I will tell you the"
                " outcome here."
            )
        )
    if not outcome["ok"]:
        why = paying.REFUSALS.get(outcome["why"])
        if why is not None:
            return chat.say(_("Nothing was changed: {why}", why=why))
        return chat.say(
            _(
                "The change to {form} did not work, so **nothing was changed**: you pay as before."
                " Please try again later, or write /human.",
                form=FORMS[form],
            )
        )
    ids = outcome["invoices"]
    first = invoices.get(chat.read, ids[0], chat.customer) if ids else None
    if first is None:
        return chat.say(
            _("✅ Saved: you pay by **{form}** from your next invoice on.", form=FORMS[form])
        )
    return chat.say(
        _(
            "✅ Saved: you pay by **{form}** from invoice {number} (due {due}) on.",
            form=FORMS[form], number=first.number, due=first.due_on,
        )
    )  # fmt: skip
