"""My contracts: the list, one of them to read, and its acceptance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from bot.core.chat import Chat
from bot.core.flow import VERIFIED, feature, flow
from bot.core.message import Text, Value, _
from bot.core.question import Option
from bot.domain.contract_text import blocks
from handlers._companies import listed, take_up
from storage import contracts as rows
from storage.contracts import Accepting, Contract

READ_HERE = 3000
"""Characters of a contract that is read in the chat; a longer one is read as a PDF."""

_GONE = _("That contract is not there any more.")
_WISHES: Mapping[str, Text] = {
    "accept": _("Accept it"),
    "read": _("Read it here"),
    "pdf": _("Open the PDF"),
    "other": _("Another contract"),
    "done": _("No, thank you"),
}


class NoContracts(Exception):
    """There is no contract for this customer yet, so there is none to choose."""


class Contracts:
    """A customer's contracts as a list to choose from."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        self._companies = listed(chat)
        self._whose: int | list[int] = list(self._companies) or chat.customer
        self._known: dict[int, Contract | None] = {}

    def page(self, offset: int, limit: int) -> Sequence[Option[int]]:
        """Those to be accepted first, then the newest. Raises NoContracts if there are none at all."""
        found = rows.page(self._chat.read, self._whose, offset, limit)
        if not found and offset == 0:
            raise NoContracts
        return list(self._options(found))

    def get(self, id: int) -> Option[int] | None:
        found = self.row(id)
        return next(self._options([found])) if found else None

    def find(self, _text: str) -> Sequence[Option[int]]:
        """A contract is found by its title, which is its label."""
        return ()

    def row(self, id: int) -> Contract | None:
        """A contract of this customer, or of one whose contracts the list shows; else None."""
        if id not in self._known:
            self._known[id] = rows.get(self._chat.read, id, self._whose)
        return self._known[id]

    def _options(self, found: Iterable[Contract]) -> Iterator[Option[int]]:
        zone = self._chat.brand.zone
        for each in found:
            self._known[each.id] = each
            state = (
                _("accepted on {day}", day=each.accepted_at.astimezone(zone).date())
                if each.accepted_at
                else _("to be accepted")
            )
            company = self._companies.get(each.customer)
            yield Option(
                each.id,
                each.title,
                _("{company} · {state}", company=company, state=state) if company else state,
            )


@flow(
    "contracts",
    title=_("My contracts"),
    needs=VERIFIED,
    when=feature("contracts"),
    menu=66,
    phrases=_("my contracts | contracts | contract | accept the contract | sign the contract"),
    start="contracts",
)
def contracts(chat: Chat) -> None:
    """List the contracts, show one, and take its acceptance."""
    mine = Contracts(chat)
    try:
        chosen = chat.choose("contract", _("Which contract?"), mine)
    except NoContracts:
        return chat.say(_("There is no contract for you yet. When there is one, it will be here."))
    contract = mine.row(chosen)
    if contract is None:
        return chat.say(_GONE)
    take_up(chat, contract.customer, "contracts", contract=contract.id)
    text = rows.text_of(chat.read, contract)
    again = bool(chat.seed("brief"))
    # What was chosen stays, though meanwhile another may have accepted it: then that is told.
    offered = [*_offered(chat, contract, text, again=again), chat.seed("what")]
    wish = chat.choose(
        "what",
        _more(contract) if again else _described(chat, contract),
        [(each, _WISHES[each]) for each in _WISHES if each in offered],
    )
    match wish:
        case "accept":
            _accept(chat, contract, text)
        case "read":
            _hand(chat, contract, text)
        case "pdf":
            _hand(chat, contract)
        case "done":
            return chat.say(_("All right! Write whenever you need me."))
        case _:
            chat.again()
    chat.switch("contracts", contract=contract.id, brief=True)


def _offered(chat: Chat, contract: Contract, text: str, *, again: bool) -> Iterator[str]:
    if contract.accepted_at is None and _may_accept(chat):
        yield "accept"
    if len(text) <= READ_HERE:
        yield "read"
    if chat.limits.files_out:
        yield "pdf"
    yield "other"
    if again:
        yield "done"


def _may_accept(chat: Chat) -> bool:
    return rows.may_accept(chat.read, chat.visitor.person, chat.customer)


def _hand(chat: Chat, contract: Contract, text: str = "") -> None:
    """Its words, here or as a page; on record."""
    if not chat.do("opened", rows.note_opened, contract.id, chat.customer):
        chat.say(_GONE)
    elif text:
        chat.say(_readable(text))
    else:
        chat.document(contract.ref(chat.brand), _("{title}", title=contract.title))


def _readable(text: str) -> Text:
    """A contract's words for a chat: titles and headings are bold, and without the model's marks."""
    parts = blocks(text)
    values: dict[str, Value] = {f"part{n}": words for n, (_kind, words) in enumerate(parts)}
    lines = [
        f"{{part{n}}}" if kind == "paragraph" else f"**{{part{n}}}**"
        for n, (kind, _words) in enumerate(parts)
    ]
    return Text("\n\n".join(lines), values)


def _accept(chat: Chat, contract: Contract, text: str) -> None:
    """The words, whole, and a yes to exactly them; a long one's are in the PDF above the question."""
    if len(text) <= READ_HERE:
        question = _(
            "{text}\n\nDo you accept **{title}**, version {version}, in exactly these words (code {code})?",
            text=_readable(text),
            title=contract.title,
            version=contract.version,
            code=contract.code,
        )
    else:
        if not chat.limits.files_out:
            return chat.say(
                _("This contract is too long to be read here. Please open it in another channel.")
            )
        _hand(chat, contract)
        question = _(
            "Please read the PDF above. Do you accept **{title}**, version {version}, in exactly its"
            " words (code {code})?",
            title=contract.title,
            version=contract.version,
            code=contract.code,
        )
    evidence = chat.consent("sure", question)
    outcome = chat.do(
        "accept",
        rows.accept,
        contract.id,
        chat.customer,
        sha256=contract.sha256,
        words=str(evidence["words"]),
        locale=chat.locale,
    )
    match outcome["result"]:
        case Accepting.OK:
            chat.say(
                _(
                    "✅ Accepted: **{title}**. When and by whom is on record, and stands in its PDF.",
                    title=contract.title,
                )
            )
        case Accepting.ALREADY:
            at = datetime.fromisoformat(outcome["at"])
            chat.say(
                _("It was accepted already, on {at}, by {name}.", at=at, name=outcome["by"] or "?")
            )
        case Accepting.NOT_ALLOWED:
            chat.say(_("Only an administrator of your company can accept a contract."))
        case _:
            chat.say(_GONE)
    return None


def _more(contract: Contract) -> Text:
    return _("Anything else about **{title}**?", title=contract.title)


def _described(chat: Chat, contract: Contract) -> Text:
    head = _(
        "**{title}**\nVersion {version}, offered on {day}\nCode of its words: {code}",
        title=contract.title,
        version=contract.version,
        day=contract.offered_at.astimezone(chat.brand.zone).date(),
        code=contract.code,
    )
    if contract.accepted_at is not None:
        return _(
            "{head}\nAccepted on {at} by {name}",
            head=head,
            at=contract.accepted_at,
            name=contract.accepted_by or "?",
        )
    if not _may_accept(chat):
        return _("{head}\nTo be accepted by an administrator of your company", head=head)
    return _("{head}\nTo be accepted", head=head)
