"""What a commit object says (git-commit(1), gitformat-commit; git-commit-tree(1), "COMMIT INFORMATION").

Its fields are taken as git takes them; its texts become text that nothing obeys and that names no
password.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from loaders.base.paths import clean_text
from loaders.safe_git.recent_history import MAX_TIME_S

_WHEN = re.compile(rb".*>[ \t]*(\d{1,18})(?!\d)(?:[ \t]+([+-]\d{4}))?", re.DOTALL)
_ENCODING = re.compile(r"[A-Za-z0-9_.:-]{1,40}")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
# The user part of a URL, which a merge of a pulled branch may have brought into its message.
_USER_OF_URL = re.compile(r"(?<=://)(?:[^/\s@]{1,256}@)+")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who, and when: UTC seconds, None outside years 1970–9999, and the zone as written."""

    name: str
    email: str
    at_s: int | None
    zone: str | None


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit, its parents as the object names them."""

    tree: str
    parents: list[str]
    author: Identity
    committer: Identity
    subject: str
    body: str


def parse_commit(data: bytes) -> Commit:
    """Take a commit object apart; what it lacks is empty."""
    header, _, message = data.partition(b"\n\n")
    fields: dict[bytes, bytes] = {}
    parents = []
    # A line that begins with a blank goes on with the one before: its key is empty.
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
    """`Name <address> seconds zone`: the address ends at the first `>`, the time follows the last one."""
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
    """Text in the encoding that the commit names, else UTF-8; what does not fit is escaped later."""
    if encoding.lower() not in ("utf-8", "utf8") and _ENCODING.fullmatch(encoding):
        try:
            return text.decode(encoding)
        except (LookupError, ValueError):
            pass
    return text.decode("utf-8", "surrogateescape")


def _subject_and_body(message: str) -> tuple[str, str]:
    """The first paragraph as one line, and the rest."""
    if "://" in message:
        message = _USER_OF_URL.sub("", message)
    paragraph, *rest = _BLANK_LINE.split(message.strip(), maxsplit=1)
    subject = clean_text(" ".join(paragraph.split("\n")))
    return subject, _clean_lines(rest[0].strip("\n")) if rest else ""


def _clean_lines(text: str) -> str:
    return "\n".join(
        clean_text(line.replace("\t", "    ")) for line in text.replace("\r\n", "\n").split("\n")
    )
