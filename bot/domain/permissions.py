"""Who may see and change which field of a registration: by brand, by permission group, by role.

A brand says it once for everybody; a permission group (a column of the customer) says otherwise
for its own. What is not said is as in `DEFAULTS`.
"""

from collections.abc import Mapping
from enum import StrEnum

from bot.domain.roles import Deed, Leave, Role, leave


class Permission(StrEnum):
    """What may be done with a field."""

    OFF = "off"
    """It is not shown at all."""
    SEE = "see"
    """Shown, masked; changed by staff alone."""
    EDIT = "edit"
    """A change counts at once (an e-mail or a phone: once it is proved)."""
    APPROVAL = "approval"
    """A change counts once staff approved it."""


class Way(StrEnum):
    """What becomes of a change."""

    COUNTS = "counts"
    ADMINISTRATOR = "administrator"
    """It waits for an administrator of the same customer."""
    STAFF = "staff"
    """It waits for the brand's staff."""
    REFUSED = "refused"


DEFAULTS: Mapping[str, Permission] = {
    "tax_id": Permission.SEE,
    "name": Permission.SEE,
    "trade_name": Permission.SEE,
    "born_on": Permission.EDIT,
    "registry_number": Permission.EDIT,
    "email": Permission.EDIT,
    "phone": Permission.EDIT,
    "address": Permission.EDIT,
    "contacts": Permission.EDIT,
}
"""The fields every registration has, in the order they are shown."""

NEVER_EDITED = frozenset({"tax_id"})
"""What says who the customer is: another one is another customer."""


def permission(
    field: str,
    *,
    brand: Mapping[str, str],
    groups: Mapping[str, Mapping[str, str]],
    group: str | None = None,
    default: Permission | None = None,
) -> Permission:
    """What a customer of a permission group may do with a field.

    `brand` holds what the brand says for everybody, `groups` what it says for a group; a group that
    is not there says nothing. `default` is that of a field the brand defined itself. A field nobody
    knows is off.
    """
    of_group = groups.get(group, {}) if group else {}
    said = of_group.get(field) or brand.get(field)
    if said is None:
        return DEFAULTS.get(field, default or Permission.OFF)
    allowed = Permission(said)
    if field in NEVER_EDITED and allowed in (Permission.EDIT, Permission.APPROVAL):
        return Permission.SEE
    return allowed


def way(allowed: Permission, role: Role | None) -> Way:
    """What becomes of a change that a person of some role makes; None is nobody's person (any more).

    Where the brand wants its staff to approve, that is enough by itself; otherwise a collaborator's
    change waits for an administrator.
    """
    may = leave(role, Deed.CHANGE)
    if may is Leave.NO or allowed in (Permission.OFF, Permission.SEE):
        return Way.REFUSED
    if allowed is Permission.APPROVAL:
        return Way.STAFF
    return Way.COUNTS if may is Leave.YES else Way.ADMINISTRATOR
