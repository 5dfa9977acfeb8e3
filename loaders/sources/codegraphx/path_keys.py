"""One key for the many spellings of a path in an artifact, and paths of another machine mapped to
this.

The key of a POSIX path is its text form (`loaders.base.paths.text_of`) with `.`, `..` and doubled
slashes resolved in the text, so that it joins to the crawl. The key of a Windows path, in any of
its forms (`C:\\x`, `c:/x`, `\\\\?\\C:\\x`, `\\\\server\\share\\x`, `\\\\?\\UNC\\server\\share\\x`),
has forward slashes and lower case: `c:/x`, `//server/share/x`. A path below a mapped prefix has the
key of its path here.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import click

from loaders.base.paths import canonical_root, text_of

# The kinds of registered sources of CodeGraphX. The first two are also the actions of their runs.
CODEGRAPHX, CATALOG, MAP_PREFIX = "codegraphx", "catalog", "map_prefix"

_DRIVE = re.compile(r"([A-Za-z]:)(?:/|$)")
_KEYS_KEPT = 1 << 16


@dataclass(frozen=True)
class RawPath:
    """A path as text, taken apart: what it begins with, and its components."""

    anchor: str  # "" relative, "/" POSIX, "C:" a drive, "//server/share" a share
    parts: tuple[str, ...]

    @property
    def is_windows(self) -> bool:
        return self.anchor not in ("", "/")

    def key(self) -> str:
        """Return the canonical key of the path, without mapping."""
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


def take_apart(raw: str) -> RawPath:
    """Return *raw*, a path of any system, taken apart; `.` and `..` are resolved in the text."""
    # A backslash is a character of a POSIX name, unless the path can only be one of Windows.
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
    return text_of(path.encode("utf-8"))


@dataclass(frozen=True)
class MappedPrefix:
    """The path here, *new*, of the folder that artifacts name *old*."""

    old: str
    new: bytes  # real path

    @property
    def key(self) -> str:
        """The canonical key of the old place: two spellings of one place are one prefix."""
        return take_apart(self.old).key()


def parse_prefix(given: str) -> MappedPrefix:
    """Return the prefix that OLD=NEW on a command line names. Raises click.UsageError."""
    old, sign, new = given.partition("=")
    if not sign or not take_apart(old).anchor:
        raise click.UsageError(
            f"--map-prefix {given}: it is OLD=NEW, where OLD is an absolute path of any system"
        )
    place = canonical_root(new)
    if not os.path.isdir(place):
        raise click.UsageError(f"--map-prefix {given}: there is no folder {text_of(place)} here")
    return MappedPrefix(old, place)


class PathKeys:
    """Gives keys to the paths of artifacts: by mapped prefixes, and from the checkout that holds
    the artifact.
    """

    def __init__(self, prefixes: Iterable[MappedPrefix], checkout: bytes | None = None) -> None:
        apart = [(take_apart(prefix.old), prefix.new) for prefix in prefixes]
        self._prefixes = sorted(apart, key=lambda pair: len(pair[0].parts), reverse=True)
        self._checkout = checkout
        self.of = lru_cache(_KEYS_KEPT)(self._key_of)

    def _key_of(self, raw: str | None) -> str | None:
        """Return the key of a path as an artifact has it; None where it has none."""
        if not raw:
            return None
        path = take_apart(raw)
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
