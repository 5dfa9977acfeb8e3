"""Parse commit objects (git-commit(1), gitformat-commit; git-commit-tree(1), "COMMIT INFORMATION").

Fields are parsed as git parses them. Texts are cleaned: control characters are escaped, and user
names and passwords are removed from URLs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from loaders.base.paths import clean_text
from loaders.safe_git.recent_history import MAX_TIME_S

_WHEN = re.compile(rb".*>[ \t]*(\d{1,18})(?!\d)(?:[ \t]+([+-]\d{4}))?", re.DOTALL)
_ENCODING = re.compile(r"[A-Za-z0-9_.:-]{1,40}")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
# The user part of a URL; merges of pulled branches have the URL in their message.
_USER_OF_URL = re.compile(r"(?<=://)(?:[^/\s@]{1,256}@)+")


@dataclass(frozen=True, slots=True)
class Identity:
    """A person and a time: UTC seconds (None outside years 1970–9999) and the zone as written."""

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
    seconds = int(match[1]) if match else MAX_TIME_S + 1
    return Identity(
        name=clean_text(_decode(name, encoding).strip()),
        email=clean_text(_decode(rest.partition(b">")[0], encoding).strip()),
        at_s=seconds if seconds <= MAX_TIME_S else None,
        zone=match[2].decode() if match and match[2] else None,
    )


def _decode(text: bytes, encoding: str) -> str:
    """Decode from *encoding*, or from UTF-8 if that fails; invalid bytes become surrogates."""
    if encoding.lower() not in ("utf-8", "utf8") and _ENCODING.fullmatch(encoding):
        try:
            return text.decode(encoding)
        except (LookupError, ValueError):
            pass
    return text.decode("utf-8", "surrogateescape")


def _subject_and_body(message: str) -> tuple[str, str]:
    """Return the first paragraph as one line, and the rest."""
    if "://" in message:
        message = _USER_OF_URL.sub("", message)
    paragraph, *rest = _BLANK_LINE.split(message.strip(), maxsplit=1)
    subject = clean_text(" ".join(paragraph.split("\n")))
    return subject, _clean_lines(rest[0].strip("\n")) if rest else ""


def _clean_lines(text: str) -> str:
    return "\n".join(
        clean_text(line.replace("\t", "    ")) for line in text.replace("\r\n", "\n").split("\n")
    )
