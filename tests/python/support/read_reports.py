"""Read one report without a landing zone: its rows, as they would land."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, cast

import duckdb
import pyarrow as pa
import pytest

from loaders.base.integrity import fault_of, place_of
from loaders.base.masking import Masker
from loaders.base.paths import PROJECT_ROOT
from loaders.sources.artifacts.artifact_files import ArtifactFile, opened
from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.reports.known_formats import BY_NAME, form_of
from loaders.sources.reports.reading.report_facts import (
    Advisory,
    Component,
    ComponentLink,
    FileCoverage,
    Finding,
    FurtherPlace,
    Place,
    Rule,
    TestCase,
    ToolRun,
)
from loaders.sources.reports.reading.report_head import head_of
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.tables import TABLE_OF
from loaders.zone.runs import Run
from loaders.zone.schemas import RULES, TABLES

SHARED_REPORTS = (
    Path(os.environ.get("META_SHARED_DIR") or PROJECT_ROOT.parent / "shared") / "data" / "reports"
)

needs_shared_reports = pytest.mark.skipif(
    not SHARED_REPORTS.is_dir(), reason=f"needs the shared reports ({SHARED_REPORTS})"
)


@dataclass
class Facts:
    """The rows of one report, in the order of positions. *format* is None for another file."""

    format: str | None = None
    runs: list[ToolRun] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    paths: list[Place] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    places: list[FurtherPlace] = field(default_factory=list)
    tests: list[TestCase] = field(default_factory=list)
    coverage: list[FileCoverage] = field(default_factory=list)
    components: list[Component] = field(default_factory=list)
    links: list[ComponentLink] = field(default_factory=list)
    advisories: list[Advisory] = field(default_factory=list)
    # Landed table → its rows, with all columns.
    tables: dict[str, pa.Table] = field(default_factory=dict)

    def path(self, fact: Any) -> str | None:
        """Return the path of a finding, test …, as written."""
        return None if fact.path_index is None else self.paths[fact.path_index].path_given

    def count(self, facts: str, column: str) -> dict[Any, int]:
        """Count facts by a column: `count("findings", "level")`."""
        return dict(Counter(getattr(fact, column) for fact in getattr(self, facts)))

    def faults(self) -> list[str]:
        """Return which rows break a rule of their table, and why: a build would reject them."""
        return faults_in([self])


def faults_in(reports: Iterable[Facts]) -> list[str]:
    """Return the faults of the rows of many reports."""
    by_table: dict[str, list[pa.Table]] = {}
    for report in reports:
        for name, rows in report.tables.items():
            by_table.setdefault(name, []).append(rows)
    found = []
    with duckdb.connect() as db:
        db.execute("create table log as select 'run' as run_id")
        for name, tables in by_table.items():
            db.register("rows", pa.concat_tables(tables))
            rules, schema = RULES[name], TABLES[name]
            asked = (
                f"select {place_of(rules, schema)}, {fault_of(rules, schema)} as fault "
                "from rows where fault is not null"
            )
            found += [f"{name}: {place}: {fault}" for place, fault in db.execute(asked).fetchall()]
            db.unregister("rows")
    return found


_LISTS: dict[str, Any] = {
    "runs": ToolRun,
    "rules": Rule,
    "paths": Place,
    "findings": Finding,
    "places": FurtherPlace,
    "tests": TestCase,
    "coverage": FileCoverage,
    "components": Component,
    "links": ComponentLink,
    "advisories": Advisory,
}


def read_report(given: bytes | str | Path, name: str = "report", form: str | None = None) -> Facts:
    """Return the rows of a report, given as its content or its path; see `Facts.format`.

    *name* is that of the file, if the content is given. A *form* is read without being recognised.
    Raises Invalid.
    """
    if isinstance(given, Path):
        with opened(os.fsencode(given)) as file:
            return _facts_of(file, form)
    content = given.encode() if isinstance(given, str) else given
    descriptor = os.memfd_create("report")
    os.write(descriptor, content)
    with closing(ArtifactFile(os.fsencode(name), descriptor, os.fstat(descriptor))) as file:
        return _facts_of(file, form)


def reason_of(given: bytes | str | Path, name: str = "report", form: str | None = None) -> str:
    """Return why a report is quarantined; "" for one that lands."""
    try:
        read_report(given, name, form)
    except Invalid as error:
        return str(error)
    return ""


def _facts_of(file: ArtifactFile, form_name: str | None) -> Facts:
    file.reads_utf16 = True
    form = BY_NAME[form_name] if form_name else form_of(head_of(file))
    if form is None:
        return Facts()
    run = _MemoryRun()
    with Rows(cast(Run, run), TABLE_OF, "0" * 64, form.version) as rows:
        form.read(file, rows)
        rows.commit()
    facts = Facts(form.name)
    for attribute, kind in _LISTS.items():
        table = TABLE_OF[kind]
        if table in run.writers and run.writers[table].batches:
            landed = pa.concat_tables(run.writers[table].batches)
            facts.tables[table] = landed
            columns = [landed[column].to_pylist() for column in kind._fields]
            setattr(facts, attribute, [kind._make(row) for row in zip(*columns, strict=True)])
    return facts


@cache
def _masker() -> Masker:
    return Masker("key")


class _MemoryWriter:
    """Holds the rows of one table, checked and masked as those that are written."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.batches: list[pa.Table] = []

    def append_table(self, rows: pa.Table) -> None:
        rows.validate(full=True)
        self.batches.append(_masker().table(self.name, rows))

    def mark(self) -> int:
        return len(self.batches)

    def take_back(self, mark: int) -> None:
        del self.batches[mark:]


class _MemoryRun:
    """The parts of a run that a reader needs."""

    def __init__(self) -> None:
        self.run_id = "run"
        self.masker = _masker()
        self.writers: dict[str, _MemoryWriter] = {}

    def table(self, name: str) -> _MemoryWriter:
        return self.writers.setdefault(name, _MemoryWriter(name))
