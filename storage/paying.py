"""A collaborator's change of how it is paid: an administrator decides, then it is carried out."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.message import JSON, Notice, NoticeButton, Text, _
from bot.core.ports import Write
from storage import approvals, cards, charges
from storage.people import here

KIND = cards.APPROVED_AS
"""Of these approvals."""


def ask_administrator(
    write: Write, customer_id: int, values: Mapping[str, JSON], *, words: Text
) -> bool:
    """Ask for a change; False if one of its sort waits for an answer already.

    `values`: `{"do": "form", "form", "done", "failed"}` (the last two Texts, dumped), `{"do":
    "default" | "remove", "card": id}`, `{"do": "autopay", "on": bool, "card": id}` or `{"do": "add", "kind"}`.
    """
    visitor = here(write)
    asked = {**values, "address": visitor.address, "person": visitor.person}
    subject = ":".join(str(values[name]) for name in ("do", "card") if name in values)
    id = approvals.ask(
        write, customer_id, KIND, asked, words=words, waits_for="administrator", subject=subject
    )
    return id is not None


def apply_approved(write: Write, customer_id: int, values: JSON) -> JSON:
    """Carry an approved change out; `{"refused": words}` if it cannot be any more."""
    match values["do"]:
        case "form":
            return _form(write, customer_id, values)
        case "default":
            done = cards.make_default(write, customer_id, values["card"])
        case "remove":
            done = cards.remove(write, customer_id, values["card"])
        case "autopay":
            outcome = cards.set_autopay(write, customer_id, values["on"], values.get("card"))
            if outcome == "cannot":
                return _refused(_("that card cannot be charged by itself."))
            done = outcome == "set"
        case "add":
            return _may_add(write, values)
        case unknown:
            raise ValueError(f"no change of how it is paid: {unknown}")
    return {} if done else _refused(_("that card is not there any more."))


def _form(write: Write, customer_id: int, values: JSON) -> JSON:
    outcome = charges.ask_form(
        write, None, customer_id, values["form"],
        done=Text.load(values["done"]), failed=Text.load(values["failed"]),
    )  # fmt: skip
    if "refused" in outcome:
        return _refused(REFUSALS.get(outcome["refused"], REFUSALS[""]))
    return {}


def _may_add(write: Write, values: JSON) -> JSON:
    """Whoever asked gets the button that opens the gateway's page, once."""
    seeds = {"kind": values["kind"], "approved": True}
    write.post(
        Notice(
            _("You may add a card now. Its number goes into the gateway's own page only."),
            (NoticeButton(_("Add the card"), "card-add", seeds),),
            person=values["person"],
            until=write.now + cards.ADD_WITHIN,
            once=True,
        ),
        dedup=f"card-add:{values['address']}:{write.now.isoformat()}",
        address=values["address"],
    )
    return {}


def _refused(why: Text) -> JSON:
    return {"refused": why.dump()}


REFUSALS: Mapping[str, Text] = {
    "not-offered": _("that way to pay is not offered any more."),
    "same": _("it is paid that way already."),
    "no-card": _("there is no card to be charged yet."),
    "pending": _("another change is still under way."),
    "not-allowed": _("only an administrator may change that."),
    "": _("that could not be changed."),
}
"""Why a form of payment cannot be changed (`charges.refusal`)."""
