"""Who opened our documents: when, who, through what; for administrators."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from bot.core.chat import Chat
from bot.core.flow import VERIFIED, feature, flow
from bot.core.message import DocumentRef, Text, _
from bot.domain.periods import Period
from handlers._documents import Documents, NoDocuments
from handlers._periods import asked_period
from handlers._statements import period_name
from storage import document_access
from storage.document_access import Access, Means

PAGE = 8
"""Entries shown at once."""


@flow(
    "document-log",
    title=_("Who opened our documents"),
    needs=VERIFIED,
    when=feature("documents"),
    phrases=_("who opened my documents | who opened the document | access log | document log"),
)
def document_log(chat: Chat) -> None:
    """The access log of all documents or of one, of all days or some; a page at a time, the newest first."""
    if not document_access.may_see_log(chat.read, chat.visitor.person, chat.customer):
        return chat.say(
            _("Only administrators see who opened a document. Please ask one of your company.")
        )
    mine = Documents(chat, of_all=False)
    one = chat.seed("document")
    shown = mine.row(one) if one is not None else None
    if one is not None and shown is None:
        return chat.say(_("That document is not there any more."))
    days = Period.load(chat.seed("days")) if chat.seed("days") else None
    seeds = {name: value for name in ("document", "days") if (value := chat.seed(name)) is not None}
    for number in count():
        found = document_access.page(
            chat.read,
            chat.customer,
            document_id=one,
            period=days,
            offset=number * PAGE,
            limit=PAGE + 1,
        )
        options = list[tuple[str, Text]]()
        if len(found) > PAGE:
            options.append(("older", _("Older ones")))
        options.append(("one", _("Of one document")))
        options.append(("days", _("Of a period")))
        if seeds:
            options.append(("all", _("All of it")))
        if found and chat.limits.files_out:
            options.append(("file", _("All of it as a file")))
        options.append(("done", _("Back to the documents")))
        match chat.choose(
            f"page{number}",
            _page(found[:PAGE], shown.title if shown else None, days, first=number == 0),
            options,
        ):
            case "older":
                continue
            case "one":
                chat.switch("document-log", **seeds | {"document": _chosen(chat, mine)})
            case "days":
                which = _(
                    "Who opened documents, in which period? Choose one, or write it: **March**, **2025**."
                )
                chosen = asked_period(chat, which, _("Another period"))
                chat.switch("document-log", **seeds | {"days": chosen.dump()})
            case "all":
                chat.again()
            case "file":
                newest = chat.do("exported", document_access.note_exported, chat.customer)
                name = f"{chat.brand.id}-{chat.today:%Y-%m-%d}.csv"
                chat.document(
                    DocumentRef("document-log", chat.customer, name, "text/csv", str(newest)),
                    _("Who opened our documents"),
                )
                chat.switch("document-log", **seeds)
            case _:
                chat.switch("documents", **({"document": one, "brief": True} if one else {}))


def _chosen(chat: Chat, mine: Documents) -> int | None:
    """The document whose accesses are wanted; None if there is none to choose from."""
    try:
        return chat.choose(
            "of",
            _("Of which document? Choose one, or write its month or a part of its name."),
            mine,
        )
    except NoDocuments:
        return None


def _page(found: Sequence[Access], title: str | None, days: Period | None, *, first: bool) -> Text:
    text = _head(title, days, empty=not found and first)
    for each in found:
        text = _("{before}\n• {line}", before=text, line=_line(each, titled=title is None))
    return text


def _head(title: str | None, days: Period | None, *, empty: bool) -> Text:
    if days is None:
        if title is None:
            return (
                _("Nobody has opened a document yet.")
                if empty
                else _("Who opened which document, the newest first:")
            )
        if empty:
            return _("Nobody has opened **{title}** yet.", title=title)
        return _("Who opened **{title}**, the newest first:", title=title)
    period = period_name(days)
    if title is None:
        if empty:
            return _("Nobody opened a document in {period}.", period=period)
        return _("Who opened which document in {period}, the newest first:", period=period)
    if empty:
        return _("Nobody opened **{title}** in {period}.", title=title, period=period)
    return _("Who opened **{title}** in {period}, the newest first:", title=title, period=period)


def _line(access: Access, *, titled: bool) -> Text:
    named = {
        "at": access.at,
        "who": access.name or _("somebody with the link"),
        "how": _how(access),
    }
    if titled:
        return _("{at} · {who} · {how} · {title}", title=access.title, **named)
    return _("{at} · {who} · {how}", **named)


def _how(access: Access) -> Text:
    through = access.through or ""
    match access.means:
        case Means.CHAT:
            return _("in the chat ({through})", through=through)
        case Means.MAIL:
            return _("sent to the registered e-mail ({through})", through=through)
        case Means.ENTRANCE:
            return _("by its link, having proved who it is ({through})", through=through)
        case Means.LINK if through:
            return _("by its link in the chat ({through})", through=through)
        case Means.LINK:
            return _("by its link, from {network}", network=access.came_from or "?")
        case _:
            return _("no longer on record")
