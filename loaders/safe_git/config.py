"""Parse the `config` file of a repository for a few settings.

Grammar: git-config(1), "Syntax". Includes are not followed and nothing is expanded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from loaders.safe_git.remote_urls import clean_remote_url
from loaders.safe_git.safe_files import RepositoryError

_SECTION = re.compile(rb'\[([A-Za-z0-9.-]+)(?:[ \t]+"((?:[^"\\\n\0]|\\[^\n\0])*)")?\]')
_KEY = re.compile(rb"([A-Za-z][A-Za-z0-9-]*)[ \t]*(=?)[ \t]*")
_SKIP = re.compile(rb"(?:[ \t\n]+|[#;][^\n]*)*")
_PLAIN = re.compile(rb'[^"\\\n#;]+')
_QUOTED_PLAIN = re.compile(rb'[^"\\\n]+')
_ESCAPES = {b"n": b"\n", b"t": b"\t", b"b": b"\b", b'"': b'"', b"\\": b"\\", b"\n": b""}


@dataclass(frozen=True)
class Entry:
    """`section.subsection.key = value`; value is None for a bare key, which means true."""

    section: str
    subsection: bytes | None
    key: str
    value: bytes | None


@dataclass(frozen=True)
class RepositoryConfig:
    """The settings that describe a repository. `remote_url` is already cleaned.

    As for git, a clone is partial because of its config, not because of a `.promisor` file.
    """

    object_format: str = "sha1"
    ref_storage: str = "files"
    is_partial: bool = False
    remote_url: str | None = None


def read_config(text: bytes) -> RepositoryConfig:
    """Return the settings. Raises RepositoryError(broken) for a syntax error, as git does."""
    settings: dict[tuple[str, str], str] = {}
    urls: dict[bytes, bytes] = {}
    is_partial = False
    for entry in parse(text):
        value = entry.value or b""
        if entry.section == "remote" and entry.subsection is not None:
            if entry.key == "url" and value:
                urls.setdefault(entry.subsection, value)
            is_partial |= entry.key == "promisor" and value.lower() not in (
                b"false",
                b"no",
                b"off",
                b"0",
            )
            is_partial |= entry.key == "partialclonefilter"
        elif entry.section == "extensions" and entry.subsection is None:
            settings[entry.section, entry.key] = value.decode("ascii", "replace").lower()
    chosen = urls.get(b"origin") or next(iter(urls.values()), None)
    return RepositoryConfig(
        object_format=settings.get(("extensions", "objectformat"), "sha1"),
        ref_storage=settings.get(("extensions", "refstorage"), "files"),
        is_partial=is_partial or ("extensions", "partialclone") in settings,
        remote_url=clean_remote_url(chosen) if chosen else None,
    )


def parse(text: bytes) -> list[Entry]:
    """Return entries in file order. Raises RepositoryError(broken, `config_invalid: line N`)."""
    text = text.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
    entries: list[Entry] = []
    section, subsection = "", None
    position = _skip(text, 0)
    while position < len(text):
        if match := _SECTION.match(text, position):
            section, subsection = _section(match)
            position = match.end()
        elif match := _KEY.match(text, position):
            value, position = _value(text, match.end()) if match[2] else (None, match.end())
            if value is None and text[position : position + 1] not in (b"", b"\n"):
                raise _invalid(text, position)
            entries.append(Entry(section, subsection, match[1].decode().lower(), value))
        else:
            raise _invalid(text, position)
        position = _skip(text, position)
    return entries


def _skip(text: bytes, position: int) -> int:
    match = _SKIP.match(text, position)
    return match.end() if match else position


def _section(match: re.Match[bytes]) -> tuple[str, bytes | None]:
    """`[a "B"]` keeps the case of B; the old form `[a.B]` does not."""
    name = match[1].decode().lower()
    if match[2] is not None:
        return name, re.sub(rb"\\(.)", rb"\1", match[2])
    first, dot, rest = name.partition(".")
    return first, rest.encode() if dot else None


def _value(text: bytes, position: int) -> tuple[bytes, int]:
    """Return the value at *position*, unquoted, unescaped and trimmed, and the end position."""
    parts: list[bytes] = []
    quoted = False
    kept = 0  # the number of `parts` whose blanks must not be trimmed
    while position < len(text):
        character = text[position : position + 1]
        if character == b'"':
            quoted, position = not quoted, position + 1
        elif character == b"\\":
            escaped = text[position + 1 : position + 2]
            if escaped not in _ESCAPES:
                raise _invalid(text, position)
            parts.append(_ESCAPES[escaped])
            position += 2
            kept = len(parts) if escaped != b"\n" else kept
            continue
        elif match := (_QUOTED_PLAIN if quoted else _PLAIN).match(text, position):
            parts.append(match[0])
            position = match.end()
        else:
            break
        kept = len(parts) if quoted else kept
    if quoted:
        raise _invalid(text, position)
    tail = b"".join(parts[kept:])
    return b"".join(parts[:kept]) + tail.rstrip(b" \t"), position


def _invalid(text: bytes, position: int) -> RepositoryError:
    line = text.count(b"\n", 0, position) + 1
    return RepositoryError("broken", f"config_invalid: line {line}")
