"""An advisory for a package, from the parts that audits have in common."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.reports.reading.json_fields import list_in
from loaders.sources.reports.reading.package_names import package_named
from loaders.sources.reports.reading.report_facts import Advisory
from loaders.sources.reports.reading.report_rows import json_list
from loaders.sources.reports.reading.report_texts import shortened

_GHSA = re.compile(r"GHSA(?:-[23456789cfghjmpqrvwx]{4}){3}", re.IGNORECASE)
_HIGHEST = 10.0
_LONGEST_VECTOR = 300


def advisory(
    ecosystem: str | None,
    name: str,
    version: str | None,
    *,
    ids: Iterable[str | None],
    fixed: Iterable[str] = (),
    score: Any = None,
    vector: str | None = None,
    title: str | None = None,
    **more: Any,
) -> Advisory:
    """Return the advisory with the first of *ids*; the others are its aliases.

    *more* are further columns. Raises Invalid if there is no id.
    """
    known = list(dict.fromkeys(one for one in ids if one))
    if not known:
        raise Invalid(f"an advisory for {name[:100]} without an id")
    package = package_named(ecosystem, name, version if is_version(version) else None)
    return Advisory(
        advisory_id=known[0],
        name=name,
        version=version,
        aliases=json_list(known[1:]),
        ecosystem=package.ecosystem,
        canonical_name=package.canonical_name,
        purl=package.purl,
        cvss_score=score_of(score) or score_of_vector(vector),
        cvss_vector=vector,
        fixed_versions=json_list(dict.fromkeys(fixed)),
        title=shortened(title),
    )._replace(**more)


def is_version(text: str | None) -> bool:
    """Return whether *text* is a version and not a range."""
    return bool(text) and not re.search(r"[\s<>=*^~|,\[\]()]", text or "")


def score_of(value: Any) -> float | None:
    """Return a CVSS score; None for 0, which says that there is none, and for anything else."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 < value <= _HIGHEST else None


@lru_cache(1 << 12)
def score_of_vector(vector: str | None) -> float | None:
    """Return the base score of a CVSS vector of version 2, 3 or 4; None if it is not one."""
    if not vector or len(vector) > _LONGEST_VECTOR:
        return None
    from cvss import CVSS2, CVSS3, CVSS4, CVSSError  # type: ignore[import-untyped]

    kinds = {"CVSS:3": CVSS3, "CVSS:4": CVSS4}
    try:
        return score_of(float(kinds.get(vector[:6], CVSS2)(vector.strip("()")).base_score))
    except (CVSSError, ValueError):
        return None


def cvss_of(given: Mapping[str, Any]) -> tuple[float | None, str | None]:
    """Return score and vector of npm's object."""
    vector = given.get("vectorString")
    return score_of(given.get("score")), vector if isinstance(vector, str) else None


def ghsa_of(text: Any) -> str | None:
    """Return the id of GitHub's advisory in a URL or text, if there is one."""
    found = _GHSA.search(text) if isinstance(text, str) else None
    return "GHSA" + found[0][4:].lower() if found else None


def texts_in(owner: Mapping[str, Any], key: str) -> list[str]:
    """Return the texts of the list at *key*, empty if there is none."""
    return [text for text in list_in(owner, key) if isinstance(text, str)]
