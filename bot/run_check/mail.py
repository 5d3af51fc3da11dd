"""What `balcao check` asks of each mail account: connect, secure, log in; no mail is sent."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial

from bot.core.errors import DeliveryError
from bot.delivery.alarms import Alarms
from bot.delivery.connection import AccountFault
from bot.delivery.smtp import PORTS, Mailer, SmtpAccount
from bot.mail_accounts import faults, faults_of, smtp_account
from bot.run_check.probing import SECONDS, Broken, Note, Probe, on_this_machine
from bot.settings import MailAccount

_PLAIN = {"gaierror": "no such host", "ConnectionRefusedError": "connection refused"}
_SECURED = {"starttls": "STARTTLS", "tls": "TLS", "none": "not encrypted"}


def mail_probes(accounts: Sequence[MailAccount]) -> Iterator[Probe]:
    """A probe for each account, and one for how they go together."""
    if not accounts:
        yield Probe("mail", _none)
        return
    if len(accounts) > 1:
        yield Probe("mail", partial(_together, accounts))
    for account in accounts:
        yield Probe(f"mail {account.name}", partial(_account, account))


async def _none() -> str:
    return "no account: nothing is mailed"


async def _together(accounts: Sequence[MailAccount]) -> str:
    """Each purpose has one account, and one of them is the default."""
    if wrong := [*faults(accounts)]:
        raise Broken("; ".join(wrong))
    defaults = [each.name for each in accounts if each.default]
    return f"{len(accounts)} accounts, {defaults[0]} for what no other is named for"


async def _account(settings: MailAccount) -> str:
    """Connect, secure, log in."""
    setting = f"mail.accounts.{settings.name}"
    if wrong := [*faults_of(settings)]:
        raise Broken("; ".join(wrong))
    account = smtp_account(settings, only=True)
    mailer = Mailer(
        [account], alarms=Alarms(), clock=lambda: datetime.now(UTC), rng=random.SystemRandom()
    )
    try:
        await asyncio.wait_for(mailer.probe(account), min(SECONDS - 1, account.timeout + 1))
    except AccountFault as error:
        raise Broken(_fault(settings, account, error)) from error
    except (DeliveryError, TimeoutError) as error:
        raise Broken(_fault(settings, account, AccountFault("unreachable", "no answer"))) from error
    finally:
        await mailer.close()
    login = f"login as {account.user}" if account.user else "no login"
    found = f"{_where(account)}: connected, {_SECURED[account.security]}, {login}"
    if account.security == "none" and not on_this_machine(account.host):
        what = "the password and all mails go" if account.user else "all mails go"
        return Note(
            f"{found}; {what} over the net in clear: {setting}.security may hold 'starttls'"
        )
    return found


def _where(account: SmtpAccount) -> str:
    return f"{account.host}:{account.port or PORTS[account.security]}"


def _fault(settings: MailAccount, account: SmtpAccount, error: AccountFault) -> str:
    """The setting, what it holds, what the server made of it, and the mend."""
    setting, where = f"mail.accounts.{settings.name}", _where(account)
    why = f" ({_PLAIN.get(error.detail, error.detail)})" if error.detail else ""
    match error.code:
        case "login_refused" if "no login" in error.detail:
            others = " or ".join(repr(s) for s in PORTS if s not in (account.security, "none"))
            return (
                f"{setting}.security: holds {account.security!r}, and so {where} offers no login that"
                f" fits; may hold {others}, or leave user empty"
            )
        case "login_refused":
            return (
                f"{setting}.user: holds {account.user!r}, and {where} refuses its login{why};"
                f" set that user's password in {settings.password_env}, or the right user"
                f"{_usual_port(account)}"
            )
        case "tls_refused" if "ca_file" in error.detail:
            return f"{setting}.ca_file: holds {str(settings.ca_file)!r}, in which no certificates can be read"
        case "tls_refused":
            return (
                f"{setting}.security: holds {account.security!r}, and with {where} it fails{why};"
                f" {_tls_mend(error.detail)}{_usual_port(account)}"
            )
        case "deferred":
            return f"{setting}: {where} asks to come later{why}; look again in some minutes"
        case "sender_refused":
            return (
                f"{setting}.from_address: holds {account.sender!r}, which {where} refuses{why};"
                " may hold an address this user may send as"
            )
        case _:
            return (
                f"{setting}.host: holds {account.host!r}, and no mail server answers at {where}{why};"
                " set host and port as the provider names them, and open the firewall"
                f"{_usual_port(account)}"
            )


def _tls_mend(detail: str) -> str:
    if "no STARTTLS" in detail:
        return "may hold 'tls', or 'none' for a server on this machine"
    if "certificate" in detail or "match" in detail:
        return "host must be the name in its certificate; a certificate of your own needs ca_file"
    return "may hold 'starttls' or 'tls', as the provider says"


def _usual_port(account: SmtpAccount) -> str:
    """A hint where port and security do not go together: a mix-up that looks like anything else."""
    usual = PORTS[account.security]
    of_another = [s for s, port in PORTS.items() if port == account.port and s != account.security]
    if not of_another:
        return ""
    return (
        f" (port {account.port} is usual with {of_another[0]!r}, {usual} with {account.security!r})"
    )
