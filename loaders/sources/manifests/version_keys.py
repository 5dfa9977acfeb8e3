"""Versions as texts that sort as the versions do, and ranges as intervals of such texts.

A key is made of numbers and marks, so that the order of the bytes is the order of the versions: a
number is its digits behind a letter for their count. An interval has its low end and not its high
end. SQL compares keys with intervals, without the rules of any ecosystem.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from packaging.version import InvalidVersion, Version

LOWEST = ""
# Above every key: those begin with a letter.
HIGHEST = "~"
# The key of a release of npm and Cargo ends with it, the key of a pre-release does not.
RELEASE = "~"
_MOST_DIGITS = 20

_SEMVER = re.compile(r"[v=\s]*(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")
_GEM = re.compile(r"\d+(?:\.[0-9a-zA-Z]+)*(?:-[0-9a-zA-Z.-]+)?")
_MAVEN = re.compile(r"(\d+(?:\.\d+)*)(?:[.-]?([a-z]+)-?(\d+)?)?")
# https://maven.apache.org/pom.html, "Version Order Specification"; any other qualifier is unknown.
_QUALIFIERS = {
    word: rank
    for rank, words in enumerate(
        ("alpha a", "beta b", "milestone m", "rc cr", "snapshot", "final ga release", "sp"), 1
    )
    for word in words.split()
}


@dataclass(frozen=True)
class Interval:
    """The versions from `low` to below `high`; only releases if `releases` is set."""

    low: str = LOWEST
    high: str = HIGHEST
    releases: bool = False


def version_key(ecosystem: str, version: str | None) -> str | None:
    """Return the key of a version; None if it is not one, or if all its numbers are 0.

    0.0.0 is the usual placeholder of projects whose version is set when they are built.
    """
    if not version or not re.search("[1-9]", re.split(r"[-+]|\.dev", version, maxsplit=1)[0]):
        return None
    if ecosystem == "python":
        try:
            return python_key(Version(version))
        except InvalidVersion:
            return None
    make = {"npm": semver_key, "cargo": semver_key, "ruby": gem_key, "maven": maven_key}
    return make[ecosystem](version) if ecosystem in make else None


def number(digits: str | int) -> str:
    """Return a number as a text that sorts as the number."""
    text = str(int(digits))
    return chr(ord("a") + min(len(text), _MOST_DIGITS) - 1) + text


def numbers(parts: Sequence[int]) -> str:
    """Return numbers without the zeros at their end: 1.0 is 1."""
    kept = list(parts)
    while kept and kept[-1] == 0:
        kept.pop()
    return "".join(number(part) for part in kept)


# -- Python: PEP 440, "Summary of permitted suffixes and relative ordering" ------------------------


def python_base(epoch: int, release: Sequence[int]) -> str:
    """Return the text with which the keys of a release, and of all before and behind it, begin."""
    return f"{number(epoch)}{numbers(release)}."


def python_public(version: Version) -> str:
    """Return the key of a version without its local part."""
    pre, post, dev = version.pre, version.post, version.dev
    if pre is not None:
        before = f"{('a', 'b', 'rc').index(pre[0]) + 1}{number(pre[1])}"
    else:
        before = "0" if dev is not None and post is None else "9"
    behind = "0" if post is None else f"1{number(post)}"
    made = "9" if dev is None else f"0{number(dev)}"
    return f"{python_base(version.epoch, version.release)}{before}{behind}{made}"


def python_key(version: Version) -> str:
    local = "".join(
        f"1{number(part)}" if part.isdigit() else f"0{part}!"
        for part in (version.local or "").split(".")
        if part
    )
    return f"{python_public(version)}{'1' if local else '0'}{local}"


# -- npm and Cargo: Semantic Versioning 2.0.0, 11 --------------------------------------------------


def semver_base(parts: Sequence[int]) -> str:
    """Return the text with which the keys of a release and its pre-releases begin."""
    return "".join(number(part) for part in parts)


def semver_key(text: str) -> str | None:
    match = _SEMVER.fullmatch(text.strip())
    if match is None:
        return None
    return semver_base([int(part) for part in match.groups()[:3]]) + semver_end(match[4])


def semver_end(pre: str | None) -> str:
    if not pre:
        return RELEASE
    parts = (f"0{number(p)}" if p.isdigit() else f"1{p}" for p in pre.split("."))
    return "".join(f"{part}," for part in parts) + "!"


# -- RubyGems and Maven ----------------------------------------------------------------------------


def gem_parts(text: str) -> tuple[list[int], list[str]]:
    """Return the numbers of a version before its first word, and the parts from there."""
    parts = re.findall(r"\d+|[a-zA-Z]+", text.replace("-", ".pre."))
    first = next((place for place, part in enumerate(parts) if not part.isdigit()), len(parts))
    return [int(part) for part in parts[:first]], parts[first:]


def gem_key(text: str) -> str | None:
    """Return the key as `Gem::Version#<=>` compares: a word is before the end and any number."""
    if not _GEM.fullmatch(text.strip()):
        return None
    release, rest = gem_parts(text)
    while rest and rest[-1].isdigit() and int(rest[-1]) == 0:
        rest = rest[:-1]
    words = (number(part) if part.isdigit() else f"-{part}!" for part in rest)
    return f"{numbers(release)}{''.join(words)}."


def maven_key(text: str) -> str | None:
    match = _MAVEN.fullmatch(text.strip().lower())
    rank = _QUALIFIERS.get(match[2] or "final") if match else None
    if match is None or rank is None:
        return None
    release = numbers([int(part) for part in match[1].split(".")])
    return f"{release}.{rank}{number(match[3] or 0)}."
