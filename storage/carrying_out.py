"""What carries out an approved change, by its kind, whoever approved it: an administrator or staff."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.core.message import JSON
from bot.core.ports import Write
from storage import own_email, paying, registration

Apply = Callable[[Write, int, JSON], JSON]
"""Called as (write, customer_id, values) in the same transaction as the decision. What it returns goes
on record; a mapping with "refused", the dump of a Text that says why, was not carried out."""

APPLY: Mapping[str, Apply] = {
    registration.KIND: registration.apply_approved,
    paying.KIND: paying.apply_approved,
    own_email.KIND: own_email.apply_approved,
}
"""Each kind of change adds its line: kind → the storage action that carries it out."""
