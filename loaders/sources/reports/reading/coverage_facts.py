"""The coverage of files, collected from the lines of a report: a row per file.

A report may name a file several times, as for each class in it: then its lines are merged.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.reports.reading.report_facts import FileCoverage, ToolRun
from loaders.sources.reports.reading.report_rows import Rows

_MOST_FILES = 1_000_000
_LAST_LINE = (1 << 31) - 1
# Shorter files may well have nothing but lines that can be executed.
_ENOUGH_LINES = 10

NOTHING_EXECUTED = "no line of any file was executed"
NO_FILES = "no file was measured"


def ranges_of(lines: Sequence[int]) -> str:
    """Return *lines*, which are in order, as ranges: `3-5 9`."""
    if not lines:
        return ""
    before, after = lines[:-1], lines[1:]
    gaps = [
        place
        for place, (one, next_) in enumerate(zip(before, after, strict=True))
        if next_ > one + 1
    ]
    begins = [lines[0], *(after[place] for place in gaps)]
    ends = [*(before[place] for place in gaps), lines[-1]]
    return " ".join(
        [
            str(begin) if begin == end else f"{begin}-{end}"
            for begin, end in zip(begins, ends, strict=True)
        ]
    )


class PhysicalLines:
    """Whether a tool counts every line of a file, also those that cannot be executed.

    V8 reports so. A short file is not evidence: it is as those before it in the report.
    """

    def __init__(self) -> None:
        self._is_physical = False

    def basis_of(self, count: int, first: int, last: int) -> str:
        """Return the line basis of a file with *count* lines from *first* to *last*."""
        is_whole = first == 1 and last == count
        if count >= _ENOUGH_LINES:
            self._is_physical = is_whole
        return "physical" if is_whole and self._is_physical else "lines"


class Tally:
    """The lines, branches and functions of one file."""

    __slots__ = ("_found", "_hit", "branches", "branches_hit", "functions", "functions_hit")

    def __init__(self) -> None:
        self._found = array("i")
        self._hit = array("i")
        # None: not measured.
        self.branches: int | None = None
        self.branches_hit = 0
        self.functions: int | None = None
        self.functions_hit = 0

    def add_line(self, line: int | None, *, is_hit: bool) -> None:
        if line is not None and 0 < line <= _LAST_LINE:
            self._found.append(line)
            if is_hit:
                self._hit.append(line)

    def add_branches(self, found: int, hit: int) -> None:
        self.branches = (self.branches or 0) + found
        self.branches_hit += min(hit, found)

    def add_functions(self, found: int, hit: int) -> None:
        self.functions = (self.functions or 0) + found
        self.functions_hit += min(hit, found)

    def keep_branches(self, found: int, hit: int) -> None:
        """Keep the branches of the execution that had the most: another had the same ones."""
        self.branches = max(self.branches or 0, found)
        self.branches_hit = max(self.branches_hit, min(hit, found))

    def keep_functions(self, found: int, hit: int) -> None:
        self.functions = max(self.functions or 0, found)
        self.functions_hit = max(self.functions_hit, min(hit, found))

    def fact(self, path_index: int, physical: PhysicalLines) -> FileCoverage:
        hit = set(self._hit)
        lines = sorted(set(self._found))
        first, last = (lines[0], lines[-1]) if lines else (0, 0)
        return FileCoverage(
            path_index,
            len(lines),
            len(hit),
            self.branches,
            None if self.branches is None else self.branches_hit,
            self.functions,
            None if self.functions is None else self.functions_hit,
            physical.basis_of(len(lines), first, last),
            ranges_of([line for line in lines if line not in hit]),
        )


class CoveredFiles:
    """The files of one run of a tool; `finish` adds them and the run."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._tallies: dict[tuple[str, tuple[str, ...], str], Tally] = {}
        self._physical = PhysicalLines()
        self._file_count = 0
        self._has_lines = False
        self._has_hits = False

    def tally(self, path: str, bases: tuple[str, ...] = (), form: str = "path") -> Tally:
        """Return the tally of a file, which is new if it was not named before."""
        key = (path, bases, form)
        tally = self._tallies.get(key)
        if tally is None:
            if len(self._tallies) >= _MOST_FILES:
                raise Invalid(f"more than {_MOST_FILES} files")
            tally = self._tallies[key] = Tally()
        return tally

    def add(self, fact: FileCoverage) -> None:
        """Add a file whose counts the report states."""
        self._rows.add(fact)
        self._note(fact)

    def path(self, given: str, bases: tuple[str, ...] = (), form: str = "path") -> int:
        return self._rows.path(given, bases, form)

    def finish(
        self,
        *,
        tool_name: str | None = None,
        tool_version: str | None = None,
        category: str | None = None,
        started_at: datetime | None = None,
        ended_at: datetime | None = None,
        totals: Mapping[str, Any] | None = None,
    ) -> None:
        """Add the files, and the run of the tool."""
        for key, tally in self._tallies.items():
            self.add(tally.fact(self._rows.path(*key), self._physical))
        reason = self._unmeasured_reason()
        self._rows.add(
            ToolRun(
                tool_name,
                tool_version,
                category,
                is_measured=reason is None,
                unmeasured_reason=reason,
                started_at=started_at,
                ended_at=ended_at,
                stated_totals=json.dumps(totals) if totals else None,
            )
        )
        self._tallies.clear()

    def _note(self, fact: FileCoverage) -> None:
        self._file_count += 1
        self._has_lines = self._has_lines or bool(fact.lines_found)
        hits = (fact.lines_hit, fact.branches_hit, fact.functions_hit)
        self._has_hits = self._has_hits or any(hits)

    def _unmeasured_reason(self) -> str | None:
        """Return why the report is not a measurement.

        A program that runs executes some lines of its files, if only their definitions.
        """
        if not self._file_count:
            return NO_FILES
        return NOTHING_EXECUTED if self._has_lines and not self._has_hits else None
