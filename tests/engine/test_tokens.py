"""Short random words, many from one look at the system's generator."""

from __future__ import annotations

import threading

from bot.core.tokens import Tokens


def test_each_word_is_taken_once_from_what_was_drawn() -> None:
    asked = list[int]()

    def counting(size: int) -> bytes:
        asked.append(size)
        start = (len(asked) - 1) * size // 4
        return b"".join((start + n).to_bytes(4, "big") for n in range(size // 4))

    new_token = Tokens(4, counting)
    words = [new_token() for _ in range(600)]

    assert len(asked) == 2  # not one a word
    assert set(words[:512]) == {f"{n:08x}" for n in range(512)}
    assert len(set(words)) == 600


def test_threads_that_ask_at_once_never_get_the_same_word() -> None:
    new_token, words = Tokens(8), list[str]()
    together = threading.Barrier(8)

    def ask() -> None:
        together.wait()
        mine = [new_token() for _ in range(1000)]
        words.extend(mine)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(words)) == 8000
