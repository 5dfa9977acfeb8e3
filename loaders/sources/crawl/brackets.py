"""Rewrite the bracket expressions of gitignore patterns so that pathspec matches as git does.

Source: wildmatch.c of git. A bracket expression never matches a slash, a backslash in it quotes the
next character, and it may contain POSIX classes such as ``[:digit:]``. pathspec 1.0 copies brackets
into a regular expression, which has other rules (findings/pathspec_brackets.sh).
"""

from __future__ import annotations

import itertools
import re
import string
import sys

_CLASSES = {
    "alnum": string.ascii_letters + string.digits,
    "alpha": string.ascii_letters,
    "blank": " \t",
    "cntrl": "".join(map(chr, [*range(32), 127])),
    "digit": string.digits,
    "graph": string.ascii_letters + string.digits + string.punctuation,
    "lower": string.ascii_lowercase,
    "print": string.ascii_letters + string.digits + string.punctuation + " ",
    "punct": string.punctuation,
    "space": string.whitespace,
    "upper": string.ascii_uppercase,
    "xdigit": string.hexdigits,
}
# Characters with a special meaning in a bracket expression of pathspec or of Python.
_SPECIAL = set("]!^[-\\&~|")
# A path cannot contain this character. It begins a list, so that a following `!` or `^` is not read
# as a negation.
_NUL = "\0"

_CHARACTER = r"(?:\\.|[^\]\\])"
_ITEM = rf"(?:\[:[a-z]*:\]|{_CHARACTER}-{_CHARACTER}|{_CHARACTER})"
_EXPRESSION = re.compile(
    rf"\\.|\[(?P<negation>[!^]?)(?P<items>(?:\]-{_CHARACTER}|\])?{_ITEM}*)(?P<end>\]?)", re.DOTALL
)
_PART = re.compile(
    rf"\[:(?P<name>[a-z]*):\]|(?P<low>\]|{_CHARACTER})-(?P<high>{_CHARACTER})"
    rf"|(?P<one>\]|{_CHARACTER})",
    re.DOTALL,
)


def with_plain_brackets(pattern: str) -> str:
    """Return *pattern* with each bracket expression as a plain list of the characters it matches.

    Raises ValueError for an expression that matches nothing in git.
    """
    return _EXPRESSION.sub(_plain, pattern)


def _plain(match: re.Match[str]) -> str:
    if match["items"] is None:  # a quoted character
        return match.group()
    characters = {
        character for item in _PART.finditer(match["items"]) for character in _matched(item)
    }
    if match["negation"]:
        return f"[{_all_but(characters | {'/'})}]"
    characters.discard("/")
    if not match["end"] or not characters:
        raise ValueError(f"{match.group()} matches nothing")
    return f"[{_listed(characters, _NUL)}]"


def _matched(item: re.Match[str]) -> str:
    """Return the characters that one part of a bracket expression matches."""
    if item["name"] is not None:
        if item["name"] not in _CLASSES:
            raise ValueError(f"[:{item['name']}:] is not a POSIX class")
        return _CLASSES[item["name"]]
    if item["one"]:
        return item["one"][-1]
    low, high = item["low"][-1], item["high"][-1]
    # A reversed range matches only its first character: git compares that one before the range.
    return "".join(map(chr, range(ord(low), ord(high) + 1))) or low


def _listed(characters: set[str], ranges: str = "") -> str:
    """Return *characters* and *ranges* in an order in which no character has a special meaning."""
    first, last = ("]" if "]" in characters else ""), ("-" if "-" in characters else "")
    plain = "".join(sorted(characters - _SPECIAL))
    return first + ranges + plain + "".join(sorted(characters & _SPECIAL - {"]", "-"})) + last


def _all_but(characters: set[str]) -> str:
    """Return ranges of all characters but *characters*.

    They replace a negation that excludes the slash: pathspec splits a pattern at every slash.
    """
    ends = [0, *sorted(map(ord, characters | _SPECIAL)), sys.maxunicode + 1]
    pairs = itertools.pairwise(ends)
    ranges = "".join(f"{chr(low + 1)}-{chr(high - 1)}" for low, high in pairs if high - low > 1)
    return _listed(_SPECIAL - characters, ranges)
