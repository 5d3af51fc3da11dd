"""The rows: what a customer can do, each by its number; and which stories tell it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import TypeVar

Story = TypeVar("Story", bound=Callable[..., None])

WANTED = {
    "0.1": "change one's own registration: masked, validated, saved, audited, the team is told",
    "0.2": "statement: choose a period, list, totals, PDF and text",
    "0.3": "pay and change how one pays without staff",
    "0.6": "where the registration may not be changed it can be read, and says so",
    "0.7": "the registration is to be confirmed: asked at the next contact",
    "0.8": "confirm and edit: what is confirmed is the edited version",
    "0.9": "the statement has fine and interest",
    "0.10": "from the statement to each invoice with line, PIX and PDF",
    "0.11": "the year's payments for income tax; a year without payments says so",
    "0.12": "kinds of statement can be switched off",
    "0.13": "a field of the brand's own, with its type, required, editable",
    "0.14": "card, boleto and PIX: consequence, consent, gateway; back if it fails",
    "0.15": "a new card, by the gateway's page alone",
    "0.26": "phone, e-mail and share capital are changed end to end",
    "1.1": "two ways in: an invitation, and a document",
    "1.2": "who comes first is administrator",
    "1.3": "a collaborator is refused what an administrator does, and may ask for it",
    "1.4": "several administrators; the last one stays",
    "1.5": "any number of collaborators, in pages",
    "1.6": "companies of a group: all, matriz or filial; lists name them",
    "1.8": "the link to be copied stands alone in its message",
    "1.9": "who opens the link signs up in the chat",
    "1.12": "of two who are first one is administrator",
    "1.13": "who comes later gets nothing until let in",
    "1.14": "an administrator lets in or rejects, from a notice or the list",
    "1.15": "a leaked link shows nothing",
    "1.16": "a login for documents: by brand, and by customer",
    "1.17": "who comes by a document opens that one alone",
    "1.18": "the link to the counter, and not to one document",
    "1.19": "with a login: who opened it, when, through what",
    "1.20": "without a login: when, and from where",
    "1.21": "the log of documents: read, narrowed, as a file",
    "4.2": "one field after the other",
    "4.10": "who owes loses access, and can still pay",
    "4.12": "documents: listed, opened, by e-mail",
    "4.17": "contracts: all, one, its PDF, acceptance",
    "4.18": "choose between a credit and a debit card",
    "4.19": "a credit card, saved",
    "4.20": "a debit card, its kind kept",
    "4.21": "the address, by CEP",
    "4.22": "contacts: add, edit, delete after a yes",
    "4.23": "Save keeps all and says so, cancel nothing",
    "5.3": "trust unlock: once, for some days, and why not",
    "5.4": "a promise, with its consequence",
    "5.5": "the receipt comes by itself when it is paid",
    "5.6": "\"I already paid\" marks nothing as paid",
    "5.7": "automatic payment, default card, removal",
    "5.8": "annual clearance declaration, and the year's payments",
    "5.10": "which messages one gets; required ones say so",
    "5.16": "privacy: the file, correction, deletion, consents",
    "6.1": "confirmation as evidence: exact words, who, when, through what, version; asked again",
    "6.2": "a collaborator's change waits for an administrator",
    "6.3": "whose boleto or PIX code is it",
    "6.4": "the old contact can undo a change",
    "6.6": "why am I blocked, in one message",
}  # fmt: skip

TOLD: dict[str, list[str]] = defaultdict(list)
"""By row, the names of its stories."""


def tells(*rows: str) -> Callable[[Story], Story]:
    """The rows that a story tells."""

    def told(story: Story) -> Story:
        for row in rows:
            TOLD[row].append(f"{story.__module__.rpartition('.')[2]}.{story.__name__}")
        return story

    return told
