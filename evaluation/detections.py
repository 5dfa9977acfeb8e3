"""Measure the detection of technologies on repositories that were labelled by reading them.

The labels name every technology that a reader found in a repository at a commit. The set `first`
existed while the patterns were written; the set `kept` was compared only once, at the end. The
detections are those of a published file that covers clones of the repositories.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import duckdb

from enrich import db
from loaders.base.paths import PROJECT_ROOT

LABELS = PROJECT_ROOT / "evaluation" / "technology_labels.csv"
_DETECTED = """
    select lower(project_name), technology_name, technology_type from main.v_technologies
"""
_PROJECTS = "select lower(project_name), head_commit from main.projects where not is_gone"

Technology = tuple[str, str]  # name, type


@dataclass
class Repository:
    """One labelled repository, and what is detected in it."""

    name: str  # owner/name
    commit: str
    label_set: str
    labelled: set[Technology]
    detected: set[Technology]


def read_repositories(path: Path = LABELS) -> dict[str, Repository]:
    """Return the last part of its name → labelled repository."""
    found: dict[str, Repository] = {}
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            key = row["repository"].rpartition("/")[2].lower()
            one = found.setdefault(
                key, Repository(row["repository"], row["commit"], row["label_set"], set(), set())
            )
            one.labelled.add((row["technology"], row["technology_type"]))
    return found


def measured(file: duckdb.DuckDBPyConnection) -> tuple[list[Repository], list[str]]:
    """Return the labelled repositories that the published file covers, and remarks."""
    repositories = read_repositories()
    heads: dict[str, set[str]] = defaultdict(set)
    for name, head in file.execute(_PROJECTS).fetchall():
        heads[name].add(head)
    for name, technology, kind in file.execute(_DETECTED).fetchall():
        if name in repositories:
            repositories[name].detected.add((technology, kind))
    there = [one for key, one in repositories.items() if key in heads]
    remarks = [
        f"{one.name}: not at the labelled commit {one.commit[:10]}"
        for key, one in repositories.items()
        if key in heads and one.commit not in heads[key]
    ]
    return there, remarks


def report(there: Iterable[Repository], details: str | None) -> Iterator[str]:
    """Yield the lines of the report; *details* is a label set whose errors are listed."""
    rows = list(there)
    for label_set in ("first", "kept"):
        some = [one for one in rows if one.label_set == label_set]
        if not some:
            continue
        yield f"{label_set}: {len(some)} repositories"
        for kind in ("language", "runtime", "framework", "tool", None):
            yield _line(some, kind)
    if len({one.label_set for one in rows}) > 1:
        yield f"all: {len(rows)} repositories"
        yield _line(rows, None)
    for one in rows:
        if one.label_set == details:
            yield f"{one.name}"
            yield f"  wrong:  {_names(one.detected - one.labelled)}"
            yield f"  missed: {_names(one.labelled - one.detected)}"


def _line(some: list[Repository], kind: str | None) -> str:
    def of(technologies: set[Technology]) -> set[Technology]:
        return {one for one in technologies if kind in (None, one[1])}

    right = sum(len(of(one.labelled & one.detected)) for one in some)
    detected = sum(len(of(one.detected)) for one in some)
    labelled = sum(len(of(one.labelled)) for one in some)
    precision = right / detected if detected else float("nan")
    recall = right / labelled if labelled else float("nan")
    return (
        f"  {kind or 'together':10} precision {precision:.3f} ({right} of {detected})"
        f"   recall {recall:.3f} ({right} of {labelled})"
    )


def _names(technologies: set[Technology]) -> str:
    return ", ".join(f"{name} ({kind})" for name, kind in sorted(technologies)) or "-"


@click.command()
@click.option(
    "--details", type=click.Choice(["first", "kept"]), help="List the errors of a label set."
)
def technologies(details: str | None) -> None:
    """Print precision and recall of the technologies in the published file.

    It must cover clones of the repositories of evaluation/technology_labels.csv at their commits.
    """
    with db.connect() as file:
        there, remarks = measured(file)
    if not there:
        raise click.UsageError("the published file covers none of the labelled repositories")
    for line in remarks:
        click.echo(f"warning: {line}", err=True)
    for line in report(there, details):
        click.echo(line)
