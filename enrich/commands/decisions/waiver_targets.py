"""The target of a waiver: a finding, a rule, a path, or patterns over rule and subject."""

from __future__ import annotations

import fnmatch
import os
import re
from dataclasses import dataclass

from enrich.db import NothingPublished, Published
from enrich.lookup import find_project, rule_called, seed
from enrich.options import Refusal
from loaders.base.paths import canonical_root, text_of

_SHORTEST_ID = 8


@dataclass(frozen=True)
class Waiver:
    """Covers findings of `gap_type` (a pattern) that match one of `patterns`.

    A pattern matches the path of the project, the subject, or the id. `what` is the target in
    words.
    """

    what: str
    gap_type: str
    patterns: tuple[str, ...]

    @property
    def may_cover_later(self) -> bool:
        """Whether it makes sense if it covers nothing now: a rule, or a whole id."""
        is_whole_id = len(self.patterns) == 1 and len(self.patterns[0]) >= 2 * _SHORTEST_ID
        return self.gap_type != "*" or is_whole_id


def waiver_for(target: str, published: Published) -> Waiver:
    """Return the waiver that *target* names: a rule, a path on disk, an id, a project, or any other
    path.

    Raises Refusal if *target* is the beginning of several ids, or the name of several projects.
    """
    if rule := rule_called(target):
        return Waiver(f"every finding of {rule}", rule, ("*",))
    is_there = os.path.lexists(os.path.expanduser(target))
    start = target.lower()
    if re.fullmatch(rf"[0-9a-f]{{{_SHORTEST_ID},}}", start) and not is_there:
        key = _whole_id(start, published)
        return Waiver(f"finding {key}", "*", (key,))
    if "/" not in target and not is_there and (path := _path_of_project(target, published)):
        return _of_path(path, "*")
    return _of_path(target, "*")


def _path_of_project(name: str, published: Published) -> str | None:
    """Return the path of the project called *name*, None if there is none. Raises Refusal."""
    try:
        named = published.query(
            "select count(*) from v_project_health where project_name = $1", [name]
        )
        return find_project(published, name)["project_path"] if named.rows[0][0] else None
    except NothingPublished:
        return None


def pattern_for(target: str, published: Published) -> Waiver:
    """Return the waiver that *target* names, which may be a pattern: RULE, RULE:SUBJECT or SUBJECT.

    Raises Refusal if the part before the colon matches no rule.
    """
    rules, colon, subject = target.partition(":")
    if re.fullmatch(r"[\w*?-]*[a-zA-Z][\w*?-]*|\*", rules) and (colon or _has_wildcard(rules)):
        rules = _rules_like(rules)
        return (
            _of_subject(subject, rules)
            if subject
            else Waiver(f"every finding of {rules}", rules, ("*",))
        )
    return _of_subject(target, "*") if _is_pattern(target) else waiver_for(target, published)


def _rules_like(pattern: str) -> str:
    name = pattern.upper().replace("-", "_")
    known = [row["gap_type"] for row in seed("gap_rules")]
    if not fnmatch.filter(known, name):
        raise Refusal(f"{pattern} matches no rule; the rules are:\n  " + "\n  ".join(known))
    return name


def _of_subject(subject: str, rules: str) -> Waiver:
    if not _is_pattern(subject) and (
        subject.startswith((".", "~", "/")) or os.path.lexists(subject)
    ):
        return _of_path(subject, rules)
    pattern = os.path.expanduser(subject) if _is_pattern(subject) else literal_glob(subject)
    of_rules = "" if rules == "*" else f" of {rules}"
    return Waiver(f"findings{of_rules} with a project or subject like {subject}", rules, (pattern,))


def _of_path(given: str, rules: str) -> Waiver:
    path = text_of(canonical_root(given))
    pattern = literal_glob(path)
    of_rules = "" if rules == "*" else f"{rules} in "
    return Waiver(
        f"{of_rules}{path} and everything below it", rules, (pattern, f"{pattern.rstrip('/')}/*")
    )


def _has_wildcard(text: str) -> bool:
    return any(sign in text for sign in "*?[")


def _is_pattern(text: str) -> bool:
    """Return whether *text* is a pattern: it has a wildcard, and no file has this name."""
    return _has_wildcard(text) and not os.path.lexists(os.path.expanduser(text))


def literal_glob(text: str) -> str:
    """Return the GLOB pattern that matches only *text*. In DuckDB a backslash escapes as well."""
    return re.sub(
        r"[*?\[\\]", lambda match: r"\\" if match.group() == "\\" else f"[{match.group()}]", text
    )


def _whole_id(start: str, published: Published) -> str:
    """Return the id of the finding that begins with *start*, or *start* if none is published."""
    try:
        found = published.query(
            "select finding_id from gap_findings where starts_with(finding_id, $1) limit 2",
            [start],
        ).rows
    except NothingPublished:
        found = []
    if len(found) > 1:
        raise Refusal(f"{start} is the beginning of several ids; give more of it")
    return found[0][0] if found else start


def count_covered(published: Published, waiver: Waiver) -> int | None:
    """Return how many open findings the waiver covers, by the rules of the build.

    None if nothing is published yet.
    """
    try:
        [(count,)] = published.query(
            """
            with places as (
                select finding_id, gap_type, project_path, subject
                from v_gap_backlog
                where status = 'open'

                union all

                select
                    finding_id, gap_type, alias_path,
                    case
                        when starts_with(subject || '/', findings.project_path || '/')
                            then alias_path || substr(subject, length(findings.project_path) + 1)
                        else subject
                    end,
                from v_gap_backlog as findings
                inner join project_aliases using (project_id)
                where status = 'open'
            )
            select count(distinct finding_id)
            from places
            where gap_type glob $rules
                and len(list_filter($patterns, lambda pattern:
                    project_path glob pattern or subject glob pattern or finding_id = pattern)) > 0
            """,
            {"rules": waiver.gap_type, "patterns": list(waiver.patterns)},
        ).rows
        return int(count)
    except NothingPublished:
        return None
