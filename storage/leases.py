"""Leases of processes that are known to be dead end at once, so that nobody waits a minute for a restart."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import literal_column, select, update

from storage.begun import Begun
from storage.database import Database
from storage.tables import message

_SENDING = message.c.state == literal_column("'sending'")


def owner_name() -> str:
    """A name for this start of this process: machine, process id, and something unique."""
    return f"{_machine()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


def is_dead(owner: str) -> bool:
    """Whether a process that named itself so ran on this machine and is gone.

    A process id may have been given to another since: then it counts as alive, and its leases end
    by themselves.
    """
    machine, _, rest = owner.partition(":")
    pid = rest.partition(":")[0]
    if machine != _machine() or not pid.isdecimal() or int(pid) == os.getpid():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


async def end_leases(database: Database, gone: Callable[[str], bool] = is_dead) -> int:
    """End the leases of owners that are `gone`; the next sweep finds their rows. Returns how many."""

    def end(begun: Begun) -> int:
        owners = begun.execute(select(message.c.owner).where(_SENDING).distinct()).scalars().all()
        dead = [owner for owner in owners if owner and gone(owner)]
        if not dead:
            return 0
        ended = begun.execute(
            update(message)
            .where(_SENDING, message.c.owner.in_(dead))
            .values(lease_until=begun.now - timedelta(seconds=1))
            .returning(message.c.id)
        )
        return len(ended.all())

    return await database.maintain(end)


def _machine() -> str:
    return f"{uuid.getnode():x}"[-12:]
