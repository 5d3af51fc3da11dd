"""What comes in, what goes out, and the words between: Address, Inbound, Text, Outbound, Limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, Self, TypeAlias

JSON = Any
"""Whatever `json.dumps` takes; kept in sessions and in the ledger."""


class Address(NamedTuple):
    """Where someone can be reached: an account we speak as, and the provider's id of the chat."""

    account: str
    """The name of the `[[channels]]` entry: a bot, a WhatsApp number, the web chat."""
    chat: str
    """The provider's own id, as received."""

    def __str__(self) -> str:
        return f"{self.account}/{self.chat}"


@dataclass(frozen=True, slots=True)
class FileIn:
    """A file the customer sent; fetched only when an action needs it."""

    ref: str
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Inbound:
    """One event that came through a channel.

    Exactly one of `text`, `press`, `phone`, `file`, `outcome` and `unsupported` says what it is;
    `id` is the provider's, unique within the account, so that a repeat does nothing.
    """

    id: str
    address: Address
    text: str | None = None
    press: str | None = None
    """A button's data: `<nonce>:<number>`, or `m<ledger token>:<number>` of a notice."""
    phone: str | None = None
    """E.164, proved by the channel to be the sender's own (never a forwarded contact)."""
    file: FileIn | None = None
    outcome: Outcome | None = None
    unsupported: str | None = None
    """What arrived that a counter cannot read: sticker, voice, location, foreign-contact."""
    start: str | None = None
    """The payload of a deep link that opened the chat."""
    sent_at: datetime | None = None
    """When the customer sent it, by the channel's clock; None where the channel does not say."""
    locale: str | None = None
    """The language the channel believes the person reads, for the first greeting."""
    name: str | None = None
    ref: str | None = None
    """The provider's id of the message, for deleting it or closing the pressed one."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer of the outside to a `chat.wait`: it finds its question by run and key."""

    run: str
    key: str
    result: JSON
    told: Text | None = None
    """What is said if that run is gone: the change counts all the same."""


# ---------------------------------------------------------------------------------- words

Value: TypeAlias = "str | int | Decimal | date | datetime | Text"
"""Values of a Text: Decimal is money in the brand's currency, datetime is aware."""


class Text(NamedTuple):
    """Source words in English and typed values, rendered in the reader's locale at the edge.

    `**bold**` in the source words is markup; a value never is. `{count}` chooses the plural
    where `plural` is given. Flows write `_("Invoice {number}", number=n)`, which is this class.
    """

    source: str
    values: Mapping[str, Value] = MappingProxyType({})
    plural: str | None = None

    def dump(self) -> JSON:
        """As JSON, for a ledger row whose reader's language is not known yet."""
        values = {name: _dump_value(value) for name, value in self.values.items()}
        return {"s": self.source, "v": values} | ({"p": self.plural} if self.plural else {})

    @classmethod
    def load(cls, data: JSON) -> Self:
        values = {name: _load_value(value) for name, value in data["v"].items()}
        return cls(data["s"], values, data.get("p"))


def _(source: str, /, **values: Value) -> Text:
    """Words to translate: `_("Send invoice {number}?", number=invoice.number)`."""
    return Text(source, values)


def ngettext(one: str, many: str, count: int, /, **values: Value) -> Text:
    """Words that depend on a number: `ngettext("{count} invoice", "{count} invoices", n)`."""
    return Text(one, {"count": count, **values}, many)


def _dump_value(value: Value) -> JSON:
    match value:
        case Text():
            return {"t": value.dump()}
        case datetime():
            return {"at": value.isoformat()}
        case date():
            return {"on": value.isoformat()}
        case Decimal():
            return {"d": str(value)}
        case _:
            return value


def _load_value(data: JSON) -> Value:
    if not isinstance(data, dict):
        loaded: Value = data
        return loaded
    ((kind, raw),) = data.items()
    match kind:
        case "t":
            return Text.load(raw)
        case "at":
            return datetime.fromisoformat(raw)
        case "on":
            return date.fromisoformat(raw)
        case _:
            return Decimal(raw)


# ---------------------------------------------------------------------------------- out


class Look(StrEnum):
    """How the options of a question are drawn; the number and the label work under each."""

    NONE = "none"
    BUTTONS = "buttons"
    LIST = "list"
    NUMBERS = "numbers"


ButtonKind: TypeAlias = Literal["press", "copy", "link", "contact", "nav"]


class Button(NamedTuple):
    """A button as drawn: `data` is what comes back, or the value copied, or the URL opened.

    `nav` are the universal ones (back, menu), drawn apart from the options;
    `contact` asks the channel for the sender's own phone.
    """

    label: str
    data: str
    kind: ButtonKind = "press"
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """A document to be rendered when it is delivered: never stored, always current.

    `kind` names a renderer ("invoice-pdf", "pix-qr"), `id` its subject.
    """

    kind: str
    id: int
    name: str
    """File name as the customer sees it."""
    media_type: str
    detail: str = ""
    """What of the subject, where its id alone does not say: a period, a year."""

    def dump(self) -> JSON:
        """As JSON; `DocumentRef(*dumped)` is it again."""
        plain = [self.kind, self.id, self.name, self.media_type]
        return [*plain, self.detail] if self.detail else plain


@dataclass(frozen=True, slots=True)
class LinkRef:
    """A secret link by its row: the URL is derived when the message leaves, and in no row."""

    purpose: str
    id: int


@dataclass(frozen=True, slots=True)
class Document:
    """A rendered document."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Outbound:
    """One message as a channel draws it: words rendered, look chosen, sizes within `Limits`."""

    text: str
    bold: tuple[tuple[int, int], ...] = ()
    """(start, length) in code points of `text`."""
    look: Look = Look.NONE
    buttons: tuple[Button, ...] = ()
    list_title: str = ""
    """The words on the button that opens a list."""
    nonce: str = ""
    """Of the question this message shows; `Channel.close` names it."""
    copyable: bool = False
    """`text` is one value alone (a PIX code, a boleto line), to be copied whole."""
    document: DocumentRef | None = None
    link: LinkRef | None = None
    """Stands for `text` until the message leaves."""
    takes: str = ""
    """What the question takes besides words: "file"."""
    locale: str = "pt_BR"

    def dump(self) -> JSON:
        """As JSON for the ledger; what is at its default is left out."""
        data: dict[str, JSON] = {"text": self.text, "locale": self.locale}
        if self.bold:
            data["bold"] = [list(span) for span in self.bold]
        if self.look is not Look.NONE:
            data["look"] = self.look.value
        if self.buttons:
            data["buttons"] = [[b.label, b.data, b.kind, b.detail] for b in self.buttons]
        if self.list_title:
            data["list_title"] = self.list_title
        if self.nonce:
            data["nonce"] = self.nonce
        if self.copyable:
            data["copyable"] = True
        if self.document:
            data["document"] = self.document.dump()
        if self.link:
            data["link"] = [self.link.purpose, self.link.id]
        if self.takes:
            data["takes"] = self.takes
        return data

    @classmethod
    def load(cls, data: JSON) -> Self:
        return cls(
            text=data["text"],
            bold=tuple((start, length) for start, length in data.get("bold", ())),
            look=Look(data.get("look", "none")),
            buttons=tuple(Button(*button) for button in data.get("buttons", ())),
            list_title=data.get("list_title", ""),
            nonce=data.get("nonce", ""),
            copyable=data.get("copyable", False),
            document=DocumentRef(*data["document"]) if data.get("document") else None,
            link=LinkRef(*data["link"]) if data.get("link") else None,
            takes=data.get("takes", ""),
            locale=data["locale"],
        )

    def without_buttons(self) -> Self:
        """The same words with nothing left to press."""
        return replace(self, buttons=(), look=Look.NONE)


@dataclass(frozen=True, slots=True)
class NoticeButton:
    """A button of a notice: pressing it lays the current flow aside and runs this one."""

    label: Text
    flow: str
    seeds: Mapping[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Notice:
    """A message nobody asked for just now; rendered at delivery in its reader's locale.

    Its buttons carry `m<ledger token>:<n>`. Who may press is the address it was sent to
    (and `person`, if given), until `until` (None: always), and only the first press counts
    where `once` is set.
    """

    text: Text
    buttons: tuple[NoticeButton, ...] = ()
    person: int | None = None
    until: datetime | None = None
    once: bool = False
    document: DocumentRef | None = None

    def dump(self) -> JSON:
        return {
            "text": self.text.dump(),
            "buttons": [[b.label.dump(), b.flow, dict(b.seeds)] for b in self.buttons],
            "person": self.person,
            "until": self.until.isoformat() if self.until else None,
            "once": self.once,
            "document": self.document.dump() if self.document else None,
        }

    @classmethod
    def load(cls, data: JSON) -> Self:
        return cls(
            text=Text.load(data["text"]),
            buttons=tuple(
                NoticeButton(Text.load(label), flow, seeds)
                for label, flow, seeds in data["buttons"]
            ),
            person=data["person"],
            until=datetime.fromisoformat(data["until"]) if data["until"] else None,
            once=data["once"],
            document=DocumentRef(*data["document"]) if data["document"] else None,
        )


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail to be composed and sent by the delivery: a template, its values, documents by name.

    `to` is looked up by the action; `code` names a one-time code whose digits are derived when
    the mail leaves and are in no row. `sent`, `failed` (the address takes no mail) or `unsent`
    (it was something else) is told to `tell` (an address id) when it is known.
    """

    template: str
    to: str
    locale: str
    values: Mapping[str, JSON] = field(default_factory=dict)
    documents: tuple[DocumentRef, ...] = ()
    purpose: Literal["invoices", "codes", "other"] = "other"
    """Which SMTP account: the operator names one for each, with a default."""
    code: int | None = None
    reply_to: str | None = None
    tell: int | None = None
    sent: Notice | None = None
    failed: Notice | None = None
    unsent: Notice | None = None

    def dump(self) -> JSON:
        return {
            "template": self.template,
            "to": self.to,
            "locale": self.locale,
            "values": dict(self.values),
            "documents": [each.dump() for each in self.documents],
            "purpose": self.purpose,
            "code": self.code,
            "reply_to": self.reply_to,
            "tell": self.tell,
            "sent": self.sent.dump() if self.sent else None,
            "failed": self.failed.dump() if self.failed else None,
            "unsent": self.unsent.dump() if self.unsent else None,
        }

    @classmethod
    def load(cls, data: JSON) -> Self:
        return cls(
            template=data["template"],
            to=data["to"],
            locale=data["locale"],
            values=data["values"],
            documents=tuple(DocumentRef(*d) for d in data["documents"]),
            purpose=data["purpose"],
            code=data["code"],
            reply_to=data["reply_to"],
            tell=data["tell"],
            sent=Notice.load(data["sent"]) if data["sent"] else None,
            failed=Notice.load(data["failed"]) if data["failed"] else None,
            unsent=Notice.load(data["unsent"]) if data.get("unsent") else None,
        )


@dataclass(frozen=True, slots=True)
class Call:
    """Something asked of a payment gateway, by the delivery and outside every turn.

    `values` name rows and ids, never a secret: what is asked is read when it leaves. A call may be
    repeated, so whoever performs it looks first at what is there already.
    """

    gateway: str
    """The account's name in the configuration; its lane is `gateway:<name>`."""
    action: str
    values: Mapping[str, JSON] = field(default_factory=dict)
    patience: int = 72 * 3600
    """Seconds after which it is given up; somebody who waits for it waits shorter."""

    def dump(self) -> JSON:
        return {
            "gateway": self.gateway,
            "action": self.action,
            "values": dict(self.values),
            "patience": self.patience,
        }

    @classmethod
    def load(cls, data: JSON) -> Self:
        return cls(data["gateway"], data["action"], data["values"], data["patience"])


@dataclass(frozen=True, slots=True)
class Limits:
    """What a channel can bear; the engine draws within them and the driver never has to cut."""

    text: int = 4096
    """Longest message, in `unit`s."""
    unit: Literal["codepoint", "utf16"] = "codepoint"
    buttons: int = 0
    """Most press buttons under one message; 0: none, so options are numbers."""
    button_label: int = 64
    details: bool = False
    """A button can show a second line, its `detail`; otherwise it stands in the label."""
    list_rows: int = 0
    """Most rows of a list; 0: the channel has no lists."""
    row_title: int = 24
    row_detail: int = 72
    list_title: int = 20
    page: int = 8
    """Options drawn at once; further ones are paged by the engine."""
    copy: int = 0
    """Longest value of a copy button; 0: none (the value goes alone in its message)."""
    caption: int = 1024
    files_out: int = 0
    """Largest file we may send, in bytes; 0: none."""
    files_in: int = 0
    edits: bool = False
    """A sent message can be edited, so an answered question is closed."""
    deletes: bool = False
    """A customer's message can be deleted (a card number typed by mistake)."""
    contact: bool = False
    """The channel can ask for the sender's own phone and prove it."""
    receipts: bool = False
    """Delivered and read are reported back."""
    typing: bool = False
