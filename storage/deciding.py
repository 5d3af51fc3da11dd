"""Deciding: staff says yes or no to what waits, once; it is carried out, and whoever asked is told.

All of it is the one transaction that it is called in, so that of two colleagues the second finds
what the first left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from bot.core.message import NoticeButton, Text, _
from bot.core.ports import Write
from bot.domain.queue import Kind, parse
from storage import approvals, claims, confirming, decisions, erasing, erasures, members, queue
from storage.answering import Reach, answer
from storage.carrying_out import APPLY
from storage.confirming import Confirmation
from storage.decisions import Decision
from storage.payments import BY_HAND
from storage.queue import Waiting


class Outcome(StrEnum):
    """What became of a decision."""

    DONE = "done"
    DECIDED = "decided"
    """A colleague had decided it."""
    GONE = "gone"
    """Nothing waits under that name (any more): withdrawn, paid meanwhile, or never there."""
    CANNOT = "cannot"
    """It was approved and could not be carried out; whoever asked was told why."""
    WRONG = "wrong"
    """The payment does not fit; nothing was decided."""


@dataclass(frozen=True, slots=True)
class PaidHow:
    """How the payment of a claim was made; None: all that was owed, on the day it was told."""

    amount: Decimal | None = None
    on: date | None = None
    method: str = BY_HAND
    anyway: bool = False
    """Also more than is owed, and the same again."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of a decision, and what there is to say of it."""

    outcome: Outcome
    waiting: Waiting | None = None
    before: Decision | None = None
    """With DECIDED: by whom, and when."""
    reason: Text | None = None
    """With CANNOT: why."""
    payment: Confirmation | None = None
    """Of a claim."""
    reach: Reach = Reach.NOBODY
    """How whoever asked is told."""


def decide(
    write: Write,
    ref: str,
    *,
    approve: bool,
    note: str | None = None,
    paid: PaidHow | None = None,
) -> Decided:
    """Approve or deny what waits under a name ("claim-12").

    `note` is why: a denial needs one, and the customer reads it. `paid` is for claims alone. Raises
    LookupError if it is not staff who decides, ValueError for a denial without a reason.
    """
    decisions.by(write)
    note = (note or "").strip() or None
    if not approve and note is None:
        raise ValueError("a denial needs a reason")
    parsed = parse(ref)
    ref = f"{parsed[0].value}-{parsed[1]}" if parsed else ref
    of = queue.held(write, ref)
    if of is None:
        before = decisions.of(write, ref)
        return Decided(Outcome.DECIDED if before else Outcome.GONE, before=before)
    if approve and of.kind is Kind.CLAIM:  # before the decision, which a wrong amount does not make
        return _approve_claim(write, of, note, paid or PaidHow())
    # What an erasure leaves holds no words; its reason is kept with the wish.
    kept = None if approve and of.kind is Kind.ERASURE else note
    if not decisions.record(write, of.customer, ref, approved=approve, note=kept):
        return Decided(Outcome.DECIDED, of, decisions.of(write, ref))
    return _WAYS[of.kind](write, of, approve, note)


# ------------------------------------------------------------------------- each kind


def _approve_claim(write: Write, of: Waiting, note: str | None, paid: PaidHow) -> Decided:
    """The payment is booked, and its receipt goes to the customer's chats."""
    told_on = of.since.astimezone(write.brand.zone).date()
    booked = confirming.confirm(
        write, of.row.number, amount=paid.amount, on=paid.on or told_on, method=paid.method,
        anyway=paid.anyway, ref=of.ref,
    )  # fmt: skip
    if not booked.result.booked:
        return Decided(Outcome.WRONG, of, payment=booked)
    if not decisions.record(write, of.customer, of.ref, approved=True, note=note):
        raise RuntimeError("a claim was decided while its invoice was held")
    claims.settle(write, of.id, "confirmed")
    return Decided(Outcome.DONE, of, payment=booked, reach=booked.reach)


def _deny_claim(write: Write, of: Waiting, _approve: bool, note: str | None) -> Decided:
    if not claims.settle(write, of.id, "dismissed"):
        return Decided(Outcome.GONE, of)
    text = _(
        "Our team looked at what you sent for invoice **{number}** and could not confirm the payment:"
        " {reason}\nThe invoice stays open. If you paid it, please send the receipt again, with its"
        " date and amount to be seen; or write /human to talk to us.",
        number=of.row.number,
        reason=note or "",
    )
    again = NoticeButton(_("Send the receipt"), "already-paid", {"invoice": of.row.invoice})
    return Decided(Outcome.DONE, of, reach=_tell(write, of, text, again))


def _change(write: Write, of: Waiting, approve: bool, note: str | None) -> Decided:
    decided = approvals.decide_by_staff(write, of.id, approve=approve)
    if decided is None:
        return Decided(Outcome.GONE, of)
    if not approve:
        text = _(
            "Our team did not approve what you asked for:\n{words}\n{reason}\nNothing was changed. You"
            " can ask again, or write /human to talk to us.",
            words=decided.words,
            reason=note or "",
        )
        return Decided(Outcome.DONE, of, reach=_tell(write, of, text))
    result = APPLY[decided.kind](write, decided.customer, decided.values)
    refused = result.get("refused") if isinstance(result, Mapping) else None
    if refused is not None:
        reason = Text.load(refused)
        text = _(
            "Our team approved what you asked for, but it could not be done: {reason}\n{words}",
            reason=reason,
            words=decided.words,
        )
        return Decided(Outcome.CANNOT, of, reason=reason, reach=_tell(write, of, text))
    text = _(
        "✅ Our team approved what you asked for, and it is saved:\n{words}", words=decided.words
    )
    return Decided(Outcome.DONE, of, reach=_tell(write, of, text))


def _erasure(write: Write, of: Waiting, approve: bool, note: str | None) -> Decided:
    """Approved, it is done at once; nobody is left then who could be told in a chat."""
    if not approve:
        if not erasures.deny(write, of.id, reason=note or ""):
            return Decided(Outcome.GONE, of)
        text = _(
            "Our team answers your wish to have your data deleted: it cannot be done now."
            " {reason}\nNothing was deleted. You can ask again at any time, write /human to talk to us,"
            " or turn to the data protection authority (ANPD).",
            reason=note or "",
        )
        whole = of.row.subject.startswith("customer:")  # another's wish is nothing for that mailbox
        return Decided(Outcome.DONE, of, reach=_tell(write, of, text, by_mail=whole))
    reason = note or f"{of.ref}, {decisions.by(write)}"
    noun, _colon, id = of.row.subject.partition(":")
    if noun == "customer":
        erasing.erase(write, of.customer, reason=reason)
    elif members.get(write, of.customer, int(id)) is None:
        return Decided(Outcome.CANNOT, of, reason=_("They are none of this customer's people."))
    else:
        erasing.erase_person(write, of.customer, int(id), reason=reason)
    return Decided(Outcome.DONE, of)


def _promise(write: Write, of: Waiting, approve: bool, note: str | None) -> Decided:
    """Approved, another day may be promised; the promise that was not kept stays on record."""
    named: dict[str, Text | str] = {"number": of.row.number, "reason": note or ""}
    write.audit(
        f"promise.{'forgiven' if approve else 'closed'}", f"invoice:{of.row.invoice}",
        after={"promise": of.id},
    )  # fmt: skip
    if approve:
        text = _(
            "Our team gives you more time for invoice **{number}**: you can promise another day on which"
            " you will pay it.",
            **named,
        )
        again = NoticeButton(_("Promise a payment"), "promise", {"invoice": of.row.invoice})
        return Decided(Outcome.DONE, of, reach=_tell(write, of, text, again))
    text = _(
        "Our team cannot wait longer for invoice **{number}**: {reason}\nWrite PAY for its PIX or"
        " boleto, or /human to talk to us.",
        **named,
    )
    return Decided(Outcome.DONE, of, reach=_tell(write, of, text))


_WAYS: Mapping[Kind, Callable[[Write, Waiting, bool, str | None], Decided]] = {
    Kind.CLAIM: _deny_claim,
    Kind.CHANGE: _change,
    Kind.ERASURE: _erasure,
    Kind.PROMISE: _promise,
}


# ------------------------------------------------------------------------- told


def _tell(
    write: Write, of: Waiting, text: Text, *buttons: NoticeButton, by_mail: bool = True
) -> Reach:
    return answer(
        write, of.customer, of.person, text, *buttons, account=of.through, dedup=of.ref,
        subject=_subject(of), by_mail=by_mail,
    )  # fmt: skip


def _subject(of: Waiting) -> str:
    """What the ledger finds the message by; an erasure of the customer finds it by that too."""
    if of.kind is Kind.CHANGE:
        return f"approval:{of.id}"
    if of.kind is Kind.ERASURE:
        return f"customer:{of.customer}"
    return f"invoice:{of.row.invoice}"
