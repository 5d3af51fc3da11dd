"""From a mail's ledger row to the mail server: values, documents, words, envelope, account."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.brand import Brand
from bot.core.errors import Permanent
from bot.core.message import JSON, Document, Mail
from bot.core.ports import LaneLimits, Posted
from bot.delivery.compose import Envelope, compose
from bot.delivery.smtp import Mailer, Purpose, SmtpAccount
from bot.delivery.templates import Templates


@dataclass(frozen=True, slots=True)
class Contents:
    """What a mail says and carries, as it stands when it leaves."""

    values: Mapping[str, JSON]
    documents: Sequence[Document] = ()


ContentsOf = Callable[[Posted], Awaitable[Contents]]
"""Reads the contents of a mail, all from one moment; it may raise Permanent("gone")."""

_LANES: Mapping[str, Purpose] = {
    "mail:invoices": "invoices",
    "mail:codes": "codes",
    "mail:other": "other",
}
"""The ledger's lanes of mails, one a purpose."""


class MailDelivery:
    """Makes each mail when it leaves, so that amounts are today's and no row holds a code."""

    def __init__(
        self,
        mailer: Mailer,
        templates: Templates,
        brands: Mapping[str, Brand],
        contents: ContentsOf,
        *,
        token: Callable[[int], str],
        clock: Callable[[], datetime],
        unsubscribe: Callable[[Posted], str | None] | None = None,
    ) -> None:
        """`token` seals a ledger row's id, letters and digits: the same row has one Message-ID at
        every attempt, and nobody can guess another's. `unsubscribe` gives a one-click URL for what
        is neither asked for nor a required notice (RFC 8058)."""
        self._mailer = mailer
        self._templates = templates
        self._brands = brands
        self._contents = contents
        self._token = token
        self._clock = clock
        self._unsubscribe = unsubscribe

    @property
    def lanes(self) -> Mapping[str, LaneLimits]:
        return {lane: self._account(lane).limits for lane in _LANES}

    def ready_at(self, lane: str) -> datetime | None:
        """Until when a lane's account rests; None: its mails may be tried."""
        return self._mailer.ready_at(self._account(lane))

    async def send(self, posted: Posted) -> str:
        """Send one mail; its Message-ID once the server has accepted it.

        Raises what `Mailer.send` raises, Permanent if a document or its subject is gone.
        """
        mail = posted.body
        if not isinstance(mail, Mail):
            raise Permanent("refused")
        account = self._mailer.account_for(mail.purpose)
        envelope = await self._envelope(posted, mail, account)
        await self._mailer.send(account, envelope)
        return envelope.message_id

    async def close(self) -> None:
        await self._mailer.close()

    async def _envelope(self, posted: Posted, mail: Mail, account: SmtpAccount) -> Envelope:
        brand = self._brands[posted.brand]
        found = await self._contents(posted)
        values, documents = {**mail.values, **found.values}, found.documents
        words = self._templates.render(
            mail.template,
            mail.locale,
            brand,
            {
                "attachment": documents[0].name if documents else None,
                "reply_to": mail.reply_to,
                **values,
            },
        )
        return compose(
            mail,
            words,
            documents,
            sender=account.sender,
            sender_name=account.sender_name or brand.name,
            message_id=f"<{posted.id}.{self._token(posted.id)}@{account.domain}>",
            now=self._clock().astimezone(brand.zone),
            to_name=str(values.get("customer_name") or "")
            if mail.to != brand.email
            else brand.name,
            reply_to=brand.email,
            unsubscribe=(self._unsubscribe(posted) if self._unsubscribe else None) or "",
        )

    def _account(self, lane: str) -> SmtpAccount:
        return self._mailer.account_for(_LANES[lane])
