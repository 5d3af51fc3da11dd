"""Files of customers on their way in: uploads of the web chat, and what a channel still has to hand over."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.errors import Permanent, Temporary
from bot.core.message import Address, Call, FileIn
from bot.core.ports import Channel, Fetches, LaneLimits, Posted, Write
from bot.delivery.calls import Performs
from bot.domain.received import LARGEST, media_type_of
from storage import arrivals, received_files
from storage.database import Database

LIMITS = LaneLimits(per_second=10, burst=20)
"""Of each channel: files come one by one, and a bot may ask for some 30 things a second."""
LATE_AFTER = 5
"""Attempts, which is about half a minute: then the office hears what is known without the file."""


class Fetching:
    """Performs the calls for files, and leaves all others to the desk beside it."""

    def __init__(self, database: Database, channels: Mapping[str, Channel], desk: Performs) -> None:
        """`channels` by account; those that hand files over get a lane of their own."""
        self._database = database
        self._channels: dict[str, Fetches] = {
            account: channel
            for account, channel in channels.items()
            if isinstance(channel, Fetches)
        }
        self._desk = desk
        self.lanes: Mapping[str, LaneLimits] = {
            f"gateway:{received_files.LANE}{account}": LIMITS for account in self._channels
        }

    async def perform(self, posted: Posted) -> None:
        """Fetch a file and do what it was sent for. Raises Permanent, Temporary, Unavailable."""
        call = posted.body
        if not isinstance(call, Call) or not call.gateway.startswith(received_files.LANE):
            return await self._desk.perform(posted)
        id = int(call.values["file"])
        found = await self._database.read(
            posted.brand, lambda read: received_files.waiting(read, id)
        )
        if found is None or found.ref is None:
            return None  # it was performed before, or erased
        channel = self._channels.get(found.account)
        if channel is None:
            raise Permanent("not_configured")
        try:
            content = await channel.fetch(found.ref, LARGEST)
        except Temporary:
            if posted.attempts == LATE_AFTER:
                await self._database.play(posted.brand, lambda tx: arrivals.late(tx, id))
            raise
        await self._database.play(posted.brand, lambda tx: arrivals.arrived(tx, id, content))
        return None

    async def give_up(self, posted: Posted, code: str) -> None:
        """It cannot be had: who sent it is told, and the office."""
        call = posted.body
        if not isinstance(call, Call) or not call.gateway.startswith(received_files.LANE):
            return await self._desk.give_up(posted, code)
        id = int(call.values["file"])
        await self._database.play(posted.brand, lambda tx: arrivals.given_up(tx, id, code))
        return None

    async def close(self) -> None:
        await self._desk.close()


class Uploads:
    """What the web chat of one brand does with a file that somebody uploads."""

    def __init__(self, database: Database, brand: str) -> None:
        self._database = database
        self._brand = brand

    most = LARGEST

    @staticmethod
    def known(head: bytes) -> bool:
        """Whether a file that begins so is of a kind that is taken."""
        return media_type_of(head) is not None

    async def allowed(self, at: Address) -> bool:
        """Whether files are taken from an address now."""
        return await self._database.read(
            self._brand, lambda read: received_files.may_upload(read, at)
        )

    async def keep(self, at: Address, name: str, content: bytes) -> FileIn | str:
        """Keep a file until a question takes it; or why it is not taken, in one word."""

        def put_down(tx: Write) -> FileIn | str:
            try:
                return received_files.put_down(tx, at, name, content)
            except received_files.Unwanted as unwanted:
                return unwanted.code

        return await self._database.play(self._brand, put_down)

    async def find(self, at: Address, ref: str) -> FileIn | None:
        """A kept file of this address, as long as no question has taken it."""
        return await self._database.read(
            self._brand, lambda read: received_files.uploaded(read, at, ref)
        )
