"""Canonical keys for the paths in artifacts, and prefixes that map paths of other machines.

The key of a POSIX path is its text form (`loaders.base.paths.text_of`) with `.`, `..` and doubled
slashes resolved in the text, so that it joins to the crawl. The key of a Windows path, in any form
(`C:\\x`, `c:/x`, `\\\\?\\C:\\x`, `\\\\server\\share\\x`, `\\\\?\\UNC\\server\\share\\x`), has
forward slashes and lower case: `c:/x`, `//server/share/x`. A path below a mapped prefix has the key
of its location on this machine.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import click

from loaders.base.paths import bytes_of, canonical_root, text_of

# The kind of registered source that maps a folder as artifacts name it.
MAP_PREFIX = "map_prefix"

map_prefix_option = click.option(
    "--map-prefix",
    "map_prefixes",
    multiple=True,
    metavar="OLD=NEW",
    help="Read paths below OLD in artifacts as paths below NEW on this machine; may be repeated.",
)

_DRIVE = re.compile(r"([A-Za-z]:)(?:/|$)")
_KEYS_KEPT = 1 << 16


@dataclass(frozen=True)
class RawPath:
    """A path as text, split into its anchor and components."""

    anchor: str  # "" relative, "/" POSIX, "C:" a drive, "//server/share" a share
    parts: tuple[str, ...]

    @property
    def is_windows(self) -> bool:
        return self.anchor not in ("", "/")

    def key(self) -> str:
        """Return the canonical key of the path, without a mapped prefix."""
        if self.is_windows:
            return _text("/".join([self.anchor, *self.parts]).lower())
        return _text(self.anchor + "/".join(self.parts)) or "."

    def below(self, old: RawPath) -> tuple[str, ...] | None:
        """Return the components below *old*, or None if this path is not in it."""
        if self.anchor.lower() != old.anchor.lower() or len(self.parts) < len(old.parts):
            return None
        head = self.parts[: len(old.parts)]
        is_same = _folded(head) == _folded(old.parts) if self.is_windows else head == old.parts
        return self.parts[len(old.parts) :] if is_same else None


def parse_path(raw: str) -> RawPath:
    """Split *raw*, a path of any system; `.` and `..` are resolved in the text."""
    # A backslash can be part of a POSIX name, unless the path must be a Windows path.
    if (
        raw.startswith("\\")
        or _DRIVE.match(raw.replace("\\", "/"))
        or ("\\" in raw and "/" not in raw)
    ):
        raw = raw.replace("\\", "/")
    if raw.startswith(("//?/", "//./")):
        raw = "//" + raw[8:] if raw[4:8].lower() == "unc/" else raw[4:]
    if drive := _DRIVE.match(raw):
        return RawPath(drive[1], _resolved(raw[2:], is_absolute=True))
    if raw.startswith("//") and raw[2:3] not in ("/", ""):
        share, _, rest = (raw[2:].replace("\\", "/") + "/").partition("/")
        name, _, rest = rest.lstrip("/").partition("/")
        return RawPath(f"//{share}/{name}".rstrip("/"), _resolved(rest, is_absolute=True))
    is_absolute = raw.startswith("/")
    return RawPath("/" if is_absolute else "", _resolved(raw, is_absolute))


def _resolved(path: str, is_absolute: bool) -> tuple[str, ...]:
    parts: list[str] = []
    for part in path.split("/"):
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part not in ("", ".") and not (part == ".." and is_absolute):
            parts.append(part)
    return tuple(parts)


def _folded(parts: Iterable[str]) -> list[str]:
    return [part.lower() for part in parts]


def _text(path: str) -> str:
    return text_of(path.encode("utf-8", "surrogateescape"))


@dataclass(frozen=True)
class MappedPrefix:
    """Paths below *old* in artifacts are read as paths below *new* on this machine."""

    old: str
    new: bytes  # real path

    @property
    def key(self) -> str:
        """The canonical key of *old*, so that two spellings of one folder are the same prefix."""
        return parse_path(self.old).key()


def parse_prefix(given: str) -> MappedPrefix:
    """Parse OLD=NEW of a command line. Raises click.UsageError.

    A POSIX path OLD can also be given as messages print it. In a Windows path, `\\x41` is a folder.
    """
    old, sign, new = given.partition("=")
    if parse_path(old).anchor == "/":
        with contextlib.suppress(UnicodeDecodeError):
            old = bytes_of(old).decode()
    if not sign or not parse_path(old).anchor:
        raise click.UsageError(
            f"--map-prefix {given}: not OLD=NEW with an absolute path OLD, of any system"
        )
    place = canonical_root(new)
    if not os.path.isdir(place):
        raise click.UsageError(f"--map-prefix {given}: there is no folder {text_of(place)}")
    return MappedPrefix(old, place)


class PathKeys:
    """Computes the keys of paths in artifacts, with mapped prefixes and the artifact's checkout."""

    def __init__(self, prefixes: Iterable[MappedPrefix], checkout: bytes | None = None) -> None:
        apart = [(parse_path(prefix.old), prefix.new) for prefix in prefixes]
        self._prefixes = sorted(apart, key=lambda pair: len(pair[0].parts), reverse=True)
        self._checkout = checkout
        self.of = lru_cache(_KEYS_KEPT)(self._key_of)

    def _key_of(self, raw: str | None) -> str | None:
        """Return the key of a path in an artifact; None for None and for an empty path."""
        if not raw:
            return None
        path = parse_path(raw)
        for old, new in self._prefixes:
            if (rest := path.below(old)) is not None:
                return _beneath(new, rest)
        if not path.anchor and self._checkout is not None and path.parts[:1] != ("..",):
            return _beneath(self._checkout, path.parts)
        return path.key()


def _beneath(folder: bytes, parts: Iterable[str]) -> str:
    return "/".join([text_of(folder).rstrip("/"), *map(_text, parts)]) or "/"


def digest_of(prefixes: Iterable[MappedPrefix]) -> str:
    """Return a digest that changes when the keys of an artifact's paths may change."""
    return hashlib.sha256(
        repr(sorted((prefix.key, prefix.new) for prefix in prefixes)).encode()
    ).hexdigest()
