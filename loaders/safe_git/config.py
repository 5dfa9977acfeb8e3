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
_TRUE = (b"true", b"yes", b"on")
_FALSE = (b"false", b"no", b"off", b"0")
# No remote; one whose branches are fetched to remote-tracking refs; one that is mirrored, so that
# the branches are those of the remote; one of which no ref here says what it has.
NO_REMOTE, TRACKED, MIRRORED, UNTRACKED = "none", "tracked", "mirrored", "untracked"
_MIRRORS = (b"refs/*", b"refs/heads/*")
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
    is_bare: bool = False
    is_sparse: bool = False
    has_worktree_config: bool = False  # each work tree has settings of its own, in config.worktree
    remote: bytes = b"origin"  # the name of the remote of remote_url
    remote_url: str | None = None
    fetches_all: bool = True  # whether that remote is fetched with all its branches
    tracked: frozenset[bytes] = frozenset()  # its branches that local branches follow
    remote_kind: str = NO_REMOTE  # of all remotes together


def read_config(*texts: bytes) -> RepositoryConfig:
    """Return the settings of files, of which later ones overrule earlier ones.

    Raises RepositoryError(broken) for a syntax error, as git does.
    """
    entries = [entry for text in texts for entry in parse(text)]
    settings: dict[tuple[str, str], bytes | None] = {}
    remotes: dict[bytes, list[Entry]] = {}
    branches: dict[bytes, dict[str, bytes]] = {}
    for entry in entries:
        if entry.subsection is None:
            settings[entry.section, entry.key] = entry.value
        elif entry.section == "remote":
            remotes.setdefault(entry.subsection, []).append(entry)
        elif entry.section == "branch":
            branches.setdefault(entry.subsection, {})[entry.key] = entry.value or b""
    urls = {name: url for name, own in remotes.items() if (url := _first(own, "url"))}
    remote = b"origin" if b"origin" in urls or not urls else next(iter(urls))
    refspecs = [entry.value or b"" for entry in remotes.get(remote, []) if entry.key == "fetch"]
    return RepositoryConfig(
        object_format=_word(settings.get(("extensions", "objectformat")), "sha1"),
        ref_storage=_word(settings.get(("extensions", "refstorage")), "files"),
        is_partial=("extensions", "partialclone") in settings
        or any(map(_makes_partial, (entry for own in remotes.values() for entry in own))),
        is_bare=_is_true(settings, "core", "bare"),
        is_sparse=_is_true(settings, "core", "sparsecheckout"),
        has_worktree_config=_is_true(settings, "extensions", "worktreeconfig"),
        remote=remote,
        remote_url=clean_remote_url(urls[remote]) if remote in urls else None,
        fetches_all=not refspecs or any(b"refs/heads/*:" in refspec for refspec in refspecs),
        remote_kind=_remote_kind([own for name, own in remotes.items() if name in urls]),
        tracked=frozenset(
            branch["merge"].removeprefix(b"refs/heads/")
            for branch in branches.values()
            if branch.get("remote") == remote and "merge" in branch
        ),
    )


def _remote_kind(remotes: list[list[Entry]]) -> str:
    """Return which refs state what the remotes have."""
    if not remotes:
        return NO_REMOTE
    refspecs = [
        (entry.value or b"").removeprefix(b"+").partition(b":")
        for own in remotes
        for entry in own
        if entry.key == "fetch"
    ]
    if any(target.startswith(b"refs/remotes/") for _, _, target in refspecs):
        return TRACKED
    if any(source == target and target in _MIRRORS for source, _, target in refspecs):
        return MIRRORED
    return UNTRACKED


def _first(entries: list[Entry], key: str) -> bytes | None:
    return next((entry.value for entry in entries if entry.key == key and entry.value), None)


def _word(value: bytes | None, otherwise: str) -> str:
    return value.decode("ascii", "replace").lower() if value else otherwise


def _is_true(settings: dict[tuple[str, str], bytes | None], section: str, key: str) -> bool:
    value = settings.get((section, key), b"")
    return value is None or value.lower() in _TRUE or bool(re.fullmatch(rb"0*[1-9]\d*", value))


def _makes_partial(entry: Entry) -> bool:
    value = (entry.value or b"").lower()
    return entry.key == "partialclonefilter" or (entry.key == "promisor" and value not in _FALSE)


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
