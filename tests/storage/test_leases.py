"""After a crash nobody waits for the dead process's leases to run out."""

from __future__ import annotations

import os
import subprocess
import sys

from storage.leases import end_leases, is_dead, owner_name
from tests.conftest import OpenStorage

from .telling import BRAND, answer, said, states


def test_this_process_and_one_of_another_machine_are_not_dead() -> None:
    assert not is_dead(owner_name())
    assert not is_dead("another-machine:1:abc")
    assert not is_dead("nonsense")


def test_a_process_that_ended_on_this_machine_is_dead() -> None:
    ended = subprocess.Popen([sys.executable, "-c", "pass"])
    ended.wait()
    machine = owner_name().partition(":")[0]
    assert is_dead(f"{machine}:{ended.pid}:abc")
    assert not is_dead(f"{machine}:{os.getppid()}:abc")


async def test_what_a_dead_process_was_sending_is_found_by_the_next_sweep(
    open_storage: OpenStorage,
) -> None:
    died, lives = open_storage(owner="died"), open_storage(owner="lives")
    await died.play(BRAND, answer(said("e1"), "one", "two"))
    await lives.play(BRAND, answer(said("e2"), "three"))
    await lives.ledger.sweep()
    assert await states(lives) == ["sending"] * 3

    assert await end_leases(lives, lambda owner: owner == "died") == 2
    await lives.ledger.sweep()
    assert await states(lives) == ["queued", "queued", "sending"]


async def test_a_start_after_a_clean_stop_ends_nobodys_lease(open_storage: OpenStorage) -> None:
    storage = open_storage(owner=owner_name())
    await storage.play(BRAND, answer(said("e1"), "one"))
    assert await end_leases(storage) == 0
