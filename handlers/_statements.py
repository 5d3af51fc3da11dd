"""What statements and declarations have in common: years to choose from, names, and the ways to have one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from bot.core.chat import Chat
from bot.core.message import JSON, DocumentRef, Notice, NoticeButton, Text, _
from bot.core.question import Option
from bot.domain.email import masked_email
from bot.domain.errors import Invalid
from bot.domain.periods import FIRST_YEAR, LAST_YEAR, Period, parse_period, year_in
from handlers._companies import listed, take_up
from storage import customers
from storage import statement_papers as papers
from storage.statement_papers import Kind, Mailed

ANOTHER_YEAR = _("Another year")
DONE = _("No, thank you")
BYE = _("All right! Write whenever you need me.")


@dataclass(frozen=True, slots=True)
class Paper:
    """One of these documents as flows speak of it."""

    kind: Kind
    of: str
    """The period or the year it is of."""
    name: Text
    flow: str
    seeds: Mapping[str, JSON]
    """What its flow is started with to be at it again."""
    customers: tuple[int, ...] = ()
    """Of every company: those that have something in it."""

    @property
    def of_all(self) -> bool:
        """Whether it is of every company that is spoken for, and not of the one at hand."""
        return self.kind is Kind.STATEMENT_OF_ALL

    def whose(self, chat: Chat) -> tuple[int, ...]:
        """Those it tells something of."""
        return self.customers if self.of_all else (chat.customer,)


def lines(*texts: Text) -> Text:
    """Texts under each other."""
    values = {f"line{number}": text for number, text in enumerate(texts)}
    return Text("\n".join(f"{{{name}}}" for name in values), values)


def period_name(period: Period) -> Text:
    """A period in figures, as short as it can be said: 2025, 03/2026, 01/03/2026 to 30/06/2026."""
    if period.year is not None:
        return Text("{year}", {"year": str(period.year)})
    if period.month is not None:
        return Text("{month}", {"month": f"{period.month:02}/{period.start.year}"})
    return _("{start} to {end}", start=period.start, end=period.end)


class Years:
    """Years to choose from; any other that is written counts too."""

    def __init__(self, chat: Chat, known: Callable[[], Sequence[int]]) -> None:
        """`known` looks up the years that are offered, the latest first."""
        self._chat = chat
        self._known = known

    def page(self, offset: int, limit: int) -> Sequence[Option[int]]:
        return [_year(year) for year in self._known()[offset : offset + limit]]

    def get(self, id: int) -> Option[int] | None:
        return _year(id) if FIRST_YEAR <= id <= LAST_YEAR else None

    def find(self, text: str) -> Sequence[Option[int]]:
        try:
            year = parse_period(text, self._chat.today).year
        except Invalid:
            return []
        return [_year(year)] if year is not None else []


def _year(year: int) -> Option[int]:
    return Option(year, str(year))


def of_one_company(chat: Chat, flow: str) -> None:
    """A declaration is of one taxpayer: where lists show every company, it is asked which."""
    called = {} if chat.seed("brief") else listed(chat)
    if not called:
        return
    chosen = chat.choose("company", _("Of which company?"), list(called.items()))
    told = {key: value for key in ("words", "year") if (value := chat.seed(key))}
    take_up(chat, chosen, flow, company=chosen, **told)


def year_of(chat: Chat, question: Text, known: Callable[[], Sequence[int]]) -> int | None:
    """The year in the words that started the flow ("informe de pagamentos de 2025"), or the chosen one.

    `known` looks up the years that are offered, the latest first; None where there is none.
    """
    said = year_in(chat.seed("words") or "", chat.today)
    if said is not None:
        return said
    years = Years(chat, known)
    if chat.seed("year") is None and not years.page(0, 1):
        return None
    return chat.choose("year", question, years)


# ------------------------------------------------------------------ one of them


def tell(chat: Chat, paper: Paper, words: Text) -> NoReturn:
    """Say what it says, on record; then its flow at the same paper, to ask what else is wanted."""
    for customer in paper.whose(chat):
        chat.do(
            f"shown{customer}", papers.note_opened, customer, kind=f"{paper.flow}-text", of=paper.of
        )
    chat.say(words)
    chat.switch(paper.flow, **paper.seeds, brief=True)


def anything_else(
    chat: Chat, paper: Paper, question: Text, another: Text, more: Sequence[tuple[str, Text]] = ()
) -> str:
    """Ask what else is wanted of a paper that was told, and do it; one of `more` is the caller's to do."""
    offered = [*ways(chat, paper), *more, ("other", another), ("done", DONE)]
    wish = chat.choose("what", question, offered)
    if wish in ("pdf", "mail"):
        hand_out(chat, paper, wish)
    if wish in ("other", "done"):
        go_on(chat, wish)
    return wish


def go_on(chat: Chat, wish: str) -> None:
    """Another one, or nothing more."""
    if wish == "other":
        chat.again()
    chat.say(BYE)


# ------------------------------------------------------------------ having one


def ways(chat: Chat, paper: Paper) -> Iterator[tuple[str, Text]]:
    """How one can have it besides the words in the chat, as far as that is switched on."""
    if chat.brand.has("pdf"):
        yield "pdf", _("PDF")
    # What is of several companies is no mail to the address of one of them.
    if chat.brand.has("mail") and chat.brand.has("email_second_copy") and not paper.of_all:
        yield "mail", _("Send by e-mail")


def hand_out(chat: Chat, paper: Paper, way: str) -> NoReturn:
    """The PDF here, or by e-mail; then the flow afresh at the same paper."""
    if way == "pdf":
        kind = paper.kind.value
        for customer in paper.whose(chat):
            chat.do(f"opened{customer}", papers.note_opened, customer, kind=kind, of=paper.of)
        chat.document(_reference(chat, paper), paper.name)
    else:
        _mail(chat, paper)
    chat.switch(paper.flow, **paper.seeds, brief=True)


def _reference(chat: Chat, paper: Paper) -> DocumentRef:
    person = chat.visitor.person if paper.of_all else None
    return papers.reference(chat.brand, paper.kind, chat.customer, paper.of, person)


def _mail(chat: Chat, paper: Paper) -> None:
    customer = customers.get(chat.read, chat.customer)
    if customer is None or customer.email is None:
        _without_mail(chat, paper, _("There is no e-mail in your registration."))
    email = masked_email(customer.email)
    if not customer.can_be_mailed:
        _without_mail(chat, paper, _("E-mails to {email} come back to us.", email=email))
    chat.consent("sure", _("Send **{what}** to {email}?", what=paper.name, email=email))
    outcome = chat.do(
        "send",
        papers.send,
        chat.customer,
        _reference(chat, paper),
        request=chat.event,
        sent=Notice(
            _(
                "✅ Sent: {what} went to {email}. Not in your inbox? Look in the spam folder.",
                what=paper.name,
                email=email,
            )
        ),
        failed=_failed(paper, email),
        unsent=_unsent(paper),
        locale=chat.locale,
    )
    match outcome:
        case Mailed.QUEUED:
            chat.say(
                _("On its way to {email}. I will tell you here when it has been sent.", email=email)
            )
        case Mailed.ALREADY:
            chat.say(_("It is on its way already: you asked for it a moment ago."))
        case Mailed.NO_EMAIL | Mailed.BAD_EMAIL:
            _without_mail(chat, paper, _("Your registered e-mail takes no mails."))
        case _:
            chat.say(_("Something changed meanwhile, so there is nothing to send any more."))


def _without_mail(chat: Chat, paper: Paper, reason: Text) -> NoReturn:
    """No address to send to: say so, and what can be done instead."""
    chat.say(reason)
    instead = chat.choose(
        "instead",
        _("You can have it here in the chat, or ask our team to update your e-mail."),
        [("here", _("See it here")), ("team", _("Update my e-mail"))],
    )
    if instead == "team":
        chat.switch("human", about="email")
    chat.switch(paper.flow, **paper.seeds)


def _failed(paper: Paper, email: str) -> Notice:
    return Notice(
        _(
            "I could not send {what}: {email} does not take e-mails. You can have it here in the"
            " chat, or ask our team to update your e-mail.",
            what=paper.name,
            email=email,
        ),
        buttons=(
            NoticeButton(_("See it here"), paper.flow, paper.seeds),
            NoticeButton(_("Update my e-mail"), "human", {"about": "email"}),
        ),
    )


def _unsent(paper: Paper) -> Notice:
    return Notice(
        _(
            "I could not send {what} by e-mail: the mail server did not take it. You can have it"
            " here in the chat, or try again later.",
            what=paper.name,
        ),
        buttons=(NoticeButton(_("See it here"), paper.flow, paper.seeds),),
    )
