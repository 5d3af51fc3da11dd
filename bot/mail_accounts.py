"""The mail accounts of the settings as the mailer knows them, and what is wrong with them, a line each."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from bot.core.ports import LaneLimits
from bot.delivery.smtp import SmtpAccount
from bot.settings import MailAccount, Problem


def smtp_accounts(configured: Sequence[MailAccount]) -> list[SmtpAccount]:
    """Every account; the only one there is is the default. Raises Problem with a line for each fault."""
    problems = [*faults(configured), *(line for each in configured for line in faults_of(each))]
    if problems:
        raise Problem("\n".join(problems))
    return [smtp_account(each, only=len(configured) == 1) for each in configured]


def smtp_account(settings: MailAccount, *, only: bool) -> SmtpAccount:
    """An SMTP account without a fault of its own; the `only` one is the default."""
    return SmtpAccount(
        name=settings.name,
        host=settings.host,
        port=settings.port,
        security=settings.security,
        user=settings.user,
        password=os.environ.get(settings.password_env, "") if settings.password_env else "",
        sender=settings.from_address,
        sender_name=settings.from_name,
        purposes=frozenset(settings.purposes),
        default=settings.default or only,
        limits=LaneLimits(settings.per_second, max(1, int(settings.per_second * 4))),
        timeout=settings.timeout_seconds,
        ca_file=settings.ca_file,
    )


def faults(accounts: Sequence[MailAccount]) -> Iterator[str]:
    """How several do not go together: each purpose has one account, and one of them is the default."""
    defaults = sum(each.default for each in accounts)
    if len(accounts) > 1 and defaults != 1:
        yield (f"mail.accounts: {defaults} of {len(accounts)} hold default = true; exactly one may")
    purposes = [purpose for each in accounts for purpose in each.purposes]
    twice = sorted({each for each in purposes if purposes.count(each) > 1})
    if twice:
        yield (
            f"mail.accounts: purposes holds {', '.join(map(repr, twice))} in several accounts;"
            " each purpose may stand in one"
        )


def faults_of(account: MailAccount) -> Iterator[str]:
    """What one of them cannot be without."""
    if not account.from_address:
        yield (
            f"mail.accounts.{account.name}.from_address: holds {account.from_address!r};"
            " may hold an e-mail address"
        )
