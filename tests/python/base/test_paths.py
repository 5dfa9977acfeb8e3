"""Names as text: reversible, injective, and nothing in them that a terminal would obey."""

from __future__ import annotations

import os
import unicodedata

import click
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from loaders.base.paths import (
    bytes_if_different,
    bytes_of,
    canonical_root,
    clean_text,
    is_beneath,
    text_of,
)

# Bytes as hostile names have them: anything, and UTF-8 of characters that hide.
NAMES = st.one_of(
    st.binary(max_size=60),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30).map(str.encode),
    st.lists(
        st.sampled_from(
            [b"\\", b"\\x", b"\\x5c", b"41", b"\xed\xa0\x80", b"\xe2\x80\xae", b"a", b"\xff"]
        )
    ).map(b"".join),
).filter(lambda name: b"\0" not in name)

# Format characters that draw something: number signs of the Arabic, Syriac, Kaithi and Egyptian
# scripts.
DRAWN = {
    *range(0x600, 0x606),
    0x6DD,
    0x70F,
    0x890,
    0x891,
    0x8E2,
    0x110BD,
    0x110CD,
    *range(0x13430, 0x13440),
}


def is_hidden(character: str) -> bool:
    category = unicodedata.category(character)
    return category in ("Cc", "Cs", "Zl", "Zp") or (
        category == "Cf" and ord(character) not in DRAWN
    )


@given(NAMES)
@example(b"\\x41")
@example(b"A")
@example(b"\xed\xa0\x80")
@example(b"a\\")
def test_text_is_reversible(name: bytes) -> None:
    assert bytes_of(text_of(name)) == name


@given(NAMES, NAMES)
@example(b"\\xff", b"\xff")
@example("\u200b".encode(), b"\\xe2\\x80\\x8b")
def test_two_names_never_have_one_text(one: bytes, other: bytes) -> None:
    assert (text_of(one) == text_of(other)) == (one == other)


@given(NAMES)
def test_the_text_of_a_path_joins_the_texts_of_its_parts(name: bytes) -> None:
    assert text_of(name + b"/" + name) == text_of(name) + "/" + text_of(name)


def test_no_character_that_hides_reaches_text() -> None:
    characters = [chr(point) for point in range(1, 0x110000) if not 0xD800 <= point <= 0xDFFF]
    assert not any(map(is_hidden, set(text_of("".join(characters).encode()))))
    for character in filter(is_hidden, characters):
        assert text_of(character.encode()).startswith("\\x"), hex(ord(character))
    assert text_of("\ufe0f\u115f\u3164".encode()).isascii()


def test_ordinary_names_stay_unchanged() -> None:
    for name in ("README.md", "überall ✓", "a b", "日本語", "emoji 🎉", "-rf", "quote'\""):
        assert text_of(name.encode()) == name
        assert bytes_if_different(name.encode(), name) is None
    assert bytes_if_different(b"a\nb", text_of(b"a\nb")) == b"a\nb"


@given(st.text())
def test_clean_text_hides_nothing_and_keeps_the_rest(text: str) -> None:
    cleaned = clean_text(text)
    assert not any(map(is_hidden, cleaned))
    cleaned.encode()
    if text.isascii() and text.isprintable():
        assert cleaned == text


def test_clean_text_of_lone_surrogates() -> None:
    assert clean_text("a\udcffb") == "a\\xffb"
    assert clean_text("a\ud800b") == "a\\xed\\xa0\\x80b"
    assert clean_text("back\\slash stays") == "back\\slash stays"


def test_canonical_root_resolves_links_and_refuses_nothing(tmp_path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("there")
    assert canonical_root(str(tmp_path / "link" / "." / "..")) == os.fsencode(tmp_path.resolve())
    assert canonical_root(str(tmp_path / "link")) == os.fsencode(tmp_path.resolve() / "there")
    with pytest.raises(click.UsageError, match="empty"):
        canonical_root("")


def test_is_beneath_compares_components() -> None:
    assert is_beneath(b"/a/b", b"/a") and is_beneath(b"/a", b"/a") and is_beneath(b"/a", b"/")
    assert not is_beneath(b"/ab", b"/a") and not is_beneath(b"/", b"/a")
