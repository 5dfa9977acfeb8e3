"""The versions that a requirement accepts, by the rules of its ecosystem, as intervals of keys.

Sources: PEP 440; python-poetry.org, "Dependency specification"; node-semver, "Ranges"; the Cargo
Book, "Specifying Dependencies"; `Gem::Requirement`; maven.apache.org, "Dependency Version
Requirement Specification". A range that is not understood is unknown, never empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import reduce

from packaging.specifiers import InvalidSpecifier, Specifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from loaders.sources.manifests.version_keys import (
    HIGHEST,
    LOWEST,
    Interval,
    gem_key,
    gem_parts,
    maven_key,
    numbers,
    python_base,
    python_key,
    python_public,
    semver_base,
    semver_end,
)

ANY = "*"
_MOST_INTERVALS = 50
Intervals = list[Interval]
ALL: Intervals = [Interval()]

_PARTIAL = re.compile(
    r"(\^|~>?|[<>]=?|=)?\s*[v=\s]*(?:(\d+|[xX*])(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?"
    r"(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?)"
)
_POETRY = re.compile(r"(\^|~)\s*(\d+(?:\.\d+)*\S*)")
_GEM_PART = re.compile(r"(=|!=|>=|<=|>|<|~>)?\s*(\S+)")
_MAVEN_PART = re.compile(r"([\[(])([^,\[\]()]*)(?:(,)([^,\[\]()]*))?([\])])")


class _NotUnderstood(ValueError):
    """The text is not a range of the ecosystem."""


def accepted_versions(ecosystem: str, specifier: str) -> str | None:
    """Return the accepted versions: `*` for any, else intervals; None if they are not known.

    An interval is `low high`, or `low high releases`; `|` is between two. No interval at all means
    that no version is accepted.
    """
    read = {
        "python": _python,
        "npm": _npm,
        "cargo": _cargo,
        "ruby": _ruby,
        "maven": _maven,
    }.get(ecosystem)
    if specifier.strip() == "*" and ecosystem != "maven":
        return ANY
    try:
        found = read(specifier) if read else None
    except (_NotUnderstood, InvalidVersion, ValueError):
        return None
    if found is None or len(found) > _MOST_INTERVALS:
        return None
    return "|".join(
        f"{one.low} {one.high}" + (" releases" if one.releases else "") for one in found
    )


def _both(left: Intervals, right: Intervals) -> Intervals:
    if len(left) * len(right) > _MOST_INTERVALS**2:
        raise _NotUnderstood
    pairs = (
        Interval(max(a.low, b.low), min(a.high, b.high), a.releases or b.releases)
        for a in left
        for b in right
    )
    return [one for one in pairs if one.low < one.high]


def _all_of(parts: Iterable[Intervals]) -> Intervals:
    return reduce(_both, parts, ALL)


def _without(low: str, high: str) -> Intervals:
    return [Interval(high=low), Interval(low=high)]


def _above(key: str) -> str:
    """Return the lowest text above *key*, which is not the start of another key."""
    return key + "!"


# -- Python ----------------------------------------------------------------------------------------


def _python(text: str) -> Intervals:
    try:
        return _all_of(_pep_440(one) for one in SpecifierSet(text))
    except InvalidSpecifier:
        return [one for part in re.split(r"\|\|?", text) for one in _poetry(part)]


def _pep_440(one: Specifier) -> Intervals:
    """Return what one clause accepts; like pip with a version that is here, pre-releases too."""
    operator, text = one.operator, one.version
    if text.endswith(".*"):
        version = Version(text[:-2])
        low, high = _prefix(version, version.release)
        return [Interval(low, high)] if operator == "==" else _without(low, high)
    version = Version(text)
    key, public = python_key(version), python_public(version)
    base = python_base(version.epoch, version.release)
    # A version with a local part satisfies what its public part does.
    low, high = (key, _above(key)) if version.local else (f"{public}0", f"{public}~")
    if operator in ("==", "==="):
        return [Interval(low, high)]
    if operator == "!=":
        return _without(low, high)
    if operator == ">=":
        return [Interval(low)]
    if operator == "<=":
        return [Interval(high=high)]
    if operator == "~=":
        return _both([Interval(low)], [Interval(*_prefix(version, version.release[:-1]))])
    is_final = not (version.is_prerelease or version.is_postrelease)
    if operator == "<":
        # Pre-releases of a final version are excluded.
        return [Interval(high=base if is_final else low)]
    # Post-releases of the version are excluded, and they follow it directly.
    is_last = version.is_postrelease or version.is_devrelease
    return [Interval(high if is_last else f"{public[:-2]}~")]


def _prefix(version: Version, release: tuple[int, ...]) -> tuple[str, str]:
    """Return the interval of `release.*`."""
    following = (*release[:-1], release[-1] + 1)
    return python_base(version.epoch, release), python_base(version.epoch, following)


def _poetry(text: str) -> Intervals:
    """Return what Poetry accepts by one side of `||`: carets, tildes, wildcards, plain versions."""
    parts = [part.strip() for part in re.split(r",|\s+(?=[\^~<>=!])", text.strip()) if part.strip()]
    if not parts:
        raise _NotUnderstood
    return _all_of(_poetry_part(part) for part in parts)


def _poetry_part(part: str) -> Intervals:
    if part == "*":
        return ALL
    if match := _POETRY.fullmatch(part):
        version = Version(match[2])
        release = version.release
        if match[1] == "~":
            fixed = release[: min(2, len(release))]
        else:
            first = next((n for n, part in enumerate(release) if part), len(release) - 1)
            fixed = release[: first + 1]
        return _both([Interval(f"{python_public(version)}0")], [Interval(*_prefix(version, fixed))])
    if re.fullmatch(r"v?\d\S*", part):
        part = f"=={part}"
    try:
        return _all_of(_pep_440(one) for one in SpecifierSet(part))
    except InvalidSpecifier:
        raise _NotUnderstood from None


# -- npm and Cargo ---------------------------------------------------------------------------------


def _npm(text: str) -> Intervals:
    text = text.strip()
    if text in ("^", "~"):
        # `workspace:^` accepts the package of the workspace.
        return ALL
    found: Intervals = []
    for side in text.split("||"):
        if hyphen := re.fullmatch(r"\s*(\S+)\s+-\s+(\S+)\s*", side):
            parts = [f">={hyphen[1]}", f"<={hyphen[2]}"]
        else:
            parts = re.sub(r"(\^|~>?|[<>]=?|=)\s+", r"\1", side).split() or ["*"]
        found += _semver_all(parts, "=")
    return found


def _cargo(text: str) -> Intervals:
    return _semver_all([part.strip() for part in text.split(",")], "^")


def _semver_all(parts: list[str], plain: str) -> Intervals:
    """Return what all *parts* accept; a pre-release, only if a part names one of its release."""
    ranges: list[Interval] = []
    named: list[tuple[int, ...]] = []
    for part in parts:
        match = _PARTIAL.fullmatch(part)
        if match is None:
            raise _NotUnderstood
        release = [int(one) for one in match.groups()[1:4] if one and one.isdigit()]
        if match[5] and len(release) == 3:
            named.append(tuple(release))
        ranges += [_semver_range(match[1] or plain, release, match[5])]
    low = max(one.low for one in ranges)
    high = min(one.high for one in ranges)
    if low >= high:
        return []
    found = [Interval(low, high, releases=True)]
    for of_release in dict.fromkeys(named):
        start = semver_base(of_release)
        found += _both([Interval(low, high)], [Interval(start, start + semver_end(None))])
    return found


def _semver_range(operator: str, release: list[int], pre: str | None) -> Interval:
    known = len(release)
    full = [*release, 0, 0, 0][:3]
    key = semver_base(full) + semver_end(pre if known == 3 else None)
    exact = key if known == 3 else semver_base(full)
    if operator in ("^", "~", "~>", "=") or known == 0:
        if known == 0:
            return Interval(LOWEST, LOWEST) if operator in ("<", ">") else Interval()
        if operator == "=" and known == 3:
            return Interval(key, _above(key))
        fixed = known if operator == "=" else min(known, 2)
        if operator == "^":
            first = next((place for place, part in enumerate(release) if part), known - 1)
            fixed = first + 1
        return Interval(exact, _following(full, fixed))
    if operator == ">":
        return Interval(_above(key) if known == 3 else _following(full, known))
    if operator == "<=":
        return Interval(high=_above(key) if known == 3 else _following(full, known))
    return Interval(exact) if operator == ">=" else Interval(high=exact)


def _following(release: list[int], fixed: int) -> str:
    """Return the lowest key behind all versions that share the first *fixed* numbers."""
    return semver_base([*release[: fixed - 1], release[fixed - 1] + 1, *[0] * (3 - fixed)])


# -- RubyGems and Maven ----------------------------------------------------------------------------


def _ruby(text: str) -> Intervals:
    return _all_of(_gem_part(part.strip()) for part in text.split(","))


def _gem_part(part: str) -> Intervals:
    match = _GEM_PART.fullmatch(part)
    key = gem_key(match[2]) if match else None
    if match is None or key is None:
        raise _NotUnderstood
    if match[1] == "~>":
        release, _ = gem_parts(match[2])
        fixed = release[:-1] if len(release) > 1 else release
        return [Interval(key, numbers([*fixed[:-1], fixed[-1] + 1]))]
    return {
        "=": [Interval(key, _above(key))],
        "!=": _without(key, _above(key)),
        ">=": [Interval(key)],
        "<=": [Interval(high=_above(key))],
        ">": [Interval(_above(key))],
        "<": [Interval(high=key)],
    }[match[1] or "="]


def _maven(text: str) -> Intervals:
    """Return hard ranges; a plain version accepts itself, as Maven builds with no other one."""
    text = text.replace(" ", "")
    if text and text[0] not in "[(":
        key = _maven_end(text)
        return [Interval(key, _above(key))]
    found: Intervals = []
    for part in re.findall(r"[\[(][^\])]*[\])]", text):
        match = _MAVEN_PART.fullmatch(part)
        if match is None:
            raise _NotUnderstood
        first, last = match[2], match[4] if match[3] else match[2]
        low = _maven_end(first) if first else LOWEST
        high = _maven_end(last) if last else HIGHEST
        found.append(
            Interval(
                _above(low) if first and match[1] == "(" else low,
                _above(high) if last and match[5] == "]" else high,
            )
        )
    if not found:
        raise _NotUnderstood
    return found


def _maven_end(text: str) -> str:
    key = maven_key(text)
    if key is None:
        raise _NotUnderstood
    return key
