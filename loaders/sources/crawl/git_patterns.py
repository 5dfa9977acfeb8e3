"""Compile patterns in gitignore syntax so that they match as in git: byte by byte.

Source: dir.c and wildmatch.c of git, and gitignore(5). pathspec 1.0 takes `?` for a character
instead of a byte, copies brackets into a regular expression, and strips an escaped blank at the end
(findings/pathspec_brackets.sh).
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from typing import NamedTuple

_GLOB = re.compile(rb"[*?\[\\]")
_BLANKS_AT_END = re.compile(rb"(?s)((?:\\.|[^\\])*?) +")

# The groups are atomic: git never reads a class again as single characters.
_ONE = r"(?:\\.|[^\]\\])"
_ITEM = rf"(?>\[:[^\]]*:\]|{_ONE}-{_ONE}|{_ONE})"
_BRACKETS = re.compile(
    rf"(?s)\[(?P<negation>[!^]?)(?P<items>(?>\]-{_ONE}|\]|){_ITEM}*+)\]".encode()
)
_PART = re.compile(
    rf"(?s)\[:(?P<name>[^\]]*):\]|(?P<low>\]|{_ONE})-(?P<high>{_ONE})|(?P<one>\]|{_ONE})".encode()
)
_CLASSES = {
    "alnum": string.ascii_letters + string.digits,
    "alpha": string.ascii_letters,
    "blank": " \t",
    "cntrl": "".join(map(chr, [*range(1, 32), 127])),
    "digit": string.digits,
    "graph": string.ascii_letters + string.digits + string.punctuation,
    "lower": string.ascii_lowercase,
    "print": string.ascii_letters + string.digits + string.punctuation + " ",
    "punct": string.punctuation,
    "space": " \t\n\r",
    "upper": string.ascii_uppercase,
    "xdigit": string.hexdigits,
}


@dataclass(frozen=True)
class GitPattern:
    """One compiled pattern. `form` matches a name if `is_for_names`, else a path below the root."""

    form: re.Pattern[bytes]
    is_for_names: bool
    is_for_directories: bool

    def matches(self, path: bytes, is_directory: bool) -> bool:
        """Return whether *path*, relative to the root, matches. Its folders are not considered."""
        if self.is_for_directories and not is_directory:
            return False
        subject = path.rpartition(b"/")[2] if self.is_for_names else path
        return self.form.fullmatch(subject) is not None


def without_blanks_at_end(pattern: bytes) -> bytes:
    r"""Return *pattern* without the blanks at its end; ``\`` keeps the blank that it quotes."""
    stripped = _BLANKS_AT_END.fullmatch(pattern)
    return stripped[1] if stripped else pattern


def compiled(pattern: bytes) -> GitPattern:
    """Compile *pattern*, which is not negated. Raises ValueError if it matches nothing in git."""
    body = pattern.removesuffix(b"/")
    is_for_names = b"/" not in body
    body = body.removeprefix(b"/")
    # git compares the part before the first special character on its own, so that `**` after it
    # is at the start of a pattern.
    glob = _GLOB.search(body)
    start = glob.start() if glob and not is_for_names else 0
    form = re.escape(body[:start]) + _expression(body[start:])
    return GitPattern(re.compile(form, re.DOTALL), is_for_names, pattern.endswith(b"/"))


class _Piece(NamedTuple):
    form: bytes
    end: int


def _expression(glob: bytes) -> bytes:
    forms, position = [], 0
    while position < len(glob):
        piece = _piece_at(glob, position)
        forms.append(piece.form)
        position = piece.end
    return b"".join(forms)


def _piece_at(glob: bytes, position: int) -> _Piece:
    sign = glob[position : position + 1]
    if sign == b"*":
        return _stars_at(glob, position)
    if sign == b"?":
        return _Piece(b"[^/]", position + 1)
    if sign == b"\\":
        if position + 1 == len(glob):
            raise ValueError("a backslash at the end quotes nothing")
        return _Piece(re.escape(glob[position + 1 : position + 2]), position + 2)
    if sign == b"[":
        brackets = _BRACKETS.match(glob, position)
        if not brackets:
            raise ValueError(f"{glob[position:].decode('utf-8', 'replace')} matches nothing")
        return _Piece(_any_of(brackets), brackets.end())
    return _Piece(re.escape(sign), position + 1)


def _stars_at(glob: bytes, position: int) -> _Piece:
    end = position
    while glob[end : end + 1] == b"*":
        end += 1
    rest = glob[end:]
    is_after_slash = position == 0 or glob[position - 1 : position] == b"/"
    if end - position > 1 and is_after_slash:
        if rest.startswith(b"/"):
            return _Piece(b"(?:.*/)?", end + 1)
        if not rest or rest.startswith(b"\\/"):
            return _Piece(b".*", end)
    return _Piece(b"[^/]*", end)


def _any_of(brackets: re.Match[bytes]) -> bytes:
    """Return the regular expression for a bracket expression, which never matches a slash."""
    matched = {byte for part in _PART.finditer(brackets["items"]) for byte in _matched(part)}
    if brackets["negation"]:
        matched = set(range(1, 256)) - matched
    matched.discard(ord("/"))
    if not matched:
        raise ValueError(f"{brackets.group().decode('utf-8', 'replace')} matches nothing")
    return b"[" + b"".join(b"\\x%02x" % byte for byte in sorted(matched)) + b"]"


def _matched(part: re.Match[bytes]) -> bytes:
    """Return the bytes that one part of a bracket expression matches."""
    if part["name"] is not None:
        name = part["name"].decode("utf-8", "replace")
        if name not in _CLASSES:
            raise ValueError(f"[:{name}:] is not a POSIX class")
        return _CLASSES[name].encode()
    if part["one"]:
        return part["one"][-1:]
    low, high = part["low"][-1], part["high"][-1]
    # A reversed range matches only its first byte: git compares that one before the range.
    return bytes(range(low, high + 1)) or bytes([low])
