"""A brand whose customers may change their registration, and people who come to do so, in English."""

from __future__ import annotations

import re
from dataclasses import replace
from email.message import EmailMessage

from sqlalchemy import select

from bot.core.brand import CustomField, Registration
from bot.core.ports import Write
from storage import people
from storage.tables import address, approval, contact, customer

from .conftest import Visit
from .house import House
from .talk import Talk, plain
from .town import BRAND, FEATURES, TAX_IDS, Town

CAPITAL = CustomField(
    "capital_social", {"pt_BR": "Capital social", "en": "Share capital"}, "money", of=("PJ",)
)
REGIME = CustomField(
    "regime", {"pt_BR": "Regime", "en": "Regime"}, "choice", choices=("Simples", "Presumido")
)
OPEN = replace(
    BRAND, features=FEATURES | {"registration": True}, registration=Registration(custom=(CAPITAL,))
)


def identified(visit: Visit, name: str = "ana", chat: str = "", **more: str) -> Talk:
    """Somebody who has just entered a code, and so is fresh."""
    talk = visit(chat or name, **{"locale": "en"} | more)
    talk.says("identify")
    talk.says(TAX_IDS[name])
    talk.says(talk.reads_code())
    return talk


def proved(visit: Visit, house: House, town: Town, name: str, **more: str) -> Talk:
    """Somebody who came in by another proof than a code."""
    talk = visit(name, **{"locale": "en"} | more)
    talk.says("hi")

    def link(write: Write) -> None:
        (row,) = write.all(select(address.c.id).where(address.c.chat == name))
        people.link(write, row.id, town.people[name], by="link")

    house.writes(link)
    return talk


def code_in(mail: EmailMessage) -> str:
    (digits,) = re.findall(r"^\s*(\d{6})\s*$", plain(mail), re.MULTILINE)
    return str(digits)


def mail_to(mails: list[EmailMessage], who: str) -> EmailMessage:
    (found,) = [mail for mail in mails if who in mail["To"]]
    return found


def emails(house: House, customer_id: int, kind: str = "email") -> list[str]:
    """A customer's contacts of a kind, the primary one first."""
    rows = house.rows(
        select(contact.c.value)
        .where(contact.c.customer == customer_id, contact.c.kind == kind)
        .order_by(contact.c.is_primary.desc(), contact.c.id)
    )
    return [row.value for row in rows]


def column(house: House, customer_id: int, name: str) -> object:
    (row,) = house.rows(select(customer.c[name]).where(customer.c.id == customer_id))
    return row[0]


def waiting(house: House) -> list[tuple[str, str]]:
    """What waits, as (subject, for whom)."""
    rows = house.rows(
        select(approval.c.subject, approval.c.waits_for)
        .where(approval.c.state == "waiting")
        .order_by(approval.c.id)
    )
    return [(row.subject, row.waits_for) for row in rows]
