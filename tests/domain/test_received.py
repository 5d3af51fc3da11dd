"""What a sent file is, by its first bytes, and the name under which it is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.documents import MEDIA_TYPES
from bot.domain.received import ENDINGS, HEAD, TYPES, kept_name, media_type_of


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
        (b"RIFF\x24\0\0\0WAVEfmt ", None),
        (b"<!doctype html><script>", None),
        (b" %PDF-1.7", None),
        (b"GIF89a", None),
        (b"MZ\x90\0", None),
        (b"", None),
    ],
)
def test_the_first_bytes_say_what_it_is(content: bytes, kind: str | None) -> None:
    assert media_type_of(content) == kind


@given(st.binary(max_size=40))
def test_what_follows_the_head_changes_nothing(content: bytes) -> None:
    assert media_type_of(content) == media_type_of(content[:HEAD])


@given(st.text(max_size=300), st.sampled_from(TYPES))
def test_a_kept_name_has_an_ending_of_its_kind_and_no_path(name: str, kind: str) -> None:
    kept = kept_name(name, kind)
    assert kept.lower().endswith(ENDINGS[kind])
    assert len(kept) <= 100
    assert not set(kept) & set('/\\<>:"|?*\0\n')
    assert kept_name(kept, kind) == kept


def test_a_name_that_says_another_kind_gets_the_right_ending() -> None:
    assert kept_name("../boleto.exe", "application/pdf") == "boleto.exe.pdf"
    assert kept_name("FOTO.JPEG", "image/jpeg") == "FOTO.JPEG"
    assert kept_name("  ", "image/png") == "file.png"


def test_whatever_is_received_can_be_filed() -> None:
    for kind, endings in ENDINGS.items():
        assert {MEDIA_TYPES[ending] for ending in endings} == {kind}
