"""Parse commit objects (git-commit(1), gitformat-commit; git-commit-tree(1), "COMMIT INFORMATION").

Fields are parsed as git parses them. Texts are cleaned: control characters are escaped, and user
names and passwords are removed from URLs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from loaders.base.paths import clean_text
from loaders.safe_git.recent_history import MAX_TIME_S

# Raised when texts or times of the same object are parsed differently: landed commits are then
# parsed again, once.
READER = 2

_WHEN = re.compile(rb".*>[ \t\r]*(\d+)(?:[ \t\r]*([+-]\d+))?", re.DOTALL)
_MOST_DIGITS = 18  # git shows a time with more digits as 0
_MOST_ZONE = 2**31 - 1
_BLANKS = " \t\r"  # git trims lines by these
_ENCODING = re.compile(r"[A-Za-z0-9_.:-]{1,40}")
# The user part of a URL; merges of pulled branches have the URL in their message.
_USER_OF_URL = re.compile(r"(?<=://)(?:[^/\s@]{1,256}@)+")


@dataclass(frozen=True, slots=True)
class Identity:
    """A person and a time: UTC seconds (None outside years 1970–9999) and the zone.

    The zone is in the form of `--date=raw`, at least four digits; None if git shows no time.
    """

    name: str
    email: str
    at_s: int | None
    zone: str | None


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit; the parents are those of the object, even if a shallow clone hides them."""

    tree: str
    parents: list[str]
    author: Identity
    committer: Identity
    subject: str
    body: str


def parse_commit(data: bytes) -> Commit:
    """Parse a commit object; missing fields are empty."""
    header, _, message = data.partition(b"\n\n")
    fields: dict[bytes, bytes] = {}
    parents = []
    # A line that begins with a blank continues the one before; its key is empty.
    for line in header.split(b"\n"):
        key, _, value = line.partition(b" ")
        if key == b"parent":
            parents.append(value.decode("ascii", "replace"))
        else:
            fields.setdefault(key, value)
    encoding = fields.get(b"encoding", b"utf-8").decode("ascii", "replace")
    subject, body = _subject_and_body(_decode(message, encoding))
    return Commit(
        tree=fields.get(b"tree", b"").decode("ascii", "replace"),
        parents=parents,
        author=_identity(fields.get(b"author", b""), encoding),
        committer=_identity(fields.get(b"committer", b""), encoding),
        subject=subject,
        body=body,
    )


def _identity(line: bytes, encoding: str) -> Identity:
    """Parse `Name <address> seconds zone`; the address ends at the first `>`.

    The time follows the last `>`.
    """
    name, _, rest = line.partition(b"<")
    match = _WHEN.match(line)
    is_time = match is not None and len(match[1]) <= _MOST_DIGITS
    seconds = int(match[1]) if match and is_time else MAX_TIME_S + 1
    return Identity(
        name=clean_text(_decode(name, encoding).strip()),
        email=clean_text(_decode(rest.partition(b">")[0], encoding).strip()),
        at_s=seconds if seconds <= MAX_TIME_S else None,
        zone=_zone(match[2] if is_time else b"+0") if match and match[2] else None,
    )


def _zone(text: bytes) -> str:
    """Return a zone as git shows it: `+051800` is +51800, `-7:00` is -0007, `-0000` is +0000."""
    number = int(text[:12])
    return f"{number if abs(number) < _MOST_ZONE else 0:+05d}"


def _decode(text: bytes, encoding: str) -> str:
    """Decode from *encoding*, or from UTF-8 if that fails; invalid bytes become surrogates."""
    if encoding.lower() not in ("utf-8", "utf8") and _ENCODING.fullmatch(encoding):
        try:
            return text.decode(encoding)
        except (LookupError, ValueError):
            pass
    return text.decode("utf-8", "surrogateescape")


def _subject_and_body(message: str) -> tuple[str, str]:
    """Return the first paragraph as one line, and the rest: `%s` and `%b` of git."""
    if "://" in message:
        message = _USER_OF_URL.sub("", message)
    lines = message.split("\n")
    start = _next(lines, 0, is_blank=False)
    end = _next(lines, start, is_blank=True)
    subject = " ".join(line.rstrip(_BLANKS) for line in lines[start:end])
    body = lines[_next(lines, end, is_blank=False) :]
    return clean_text(subject.strip()), "\n".join(map(_clean_line, body)).rstrip("\n")


def _next(lines: list[str], start: int, *, is_blank: bool) -> int:
    """Return the number of the next line, from *start*, that is blank or not blank."""
    return next(
        (at for at in range(start, len(lines)) if (not lines[at].strip(_BLANKS)) is is_blank),
        len(lines),
    )


def _clean_line(line: str) -> str:
    return clean_text(line.removesuffix("\r").replace("\t", "    "))
