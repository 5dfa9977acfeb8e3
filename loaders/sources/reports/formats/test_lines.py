"""Tests as JSON lines: `go test -json`, and libtest of Rust.

Sources: https://pkg.go.dev/cmd/test2json,
https://doc.rust-lang.org/rustc/tests/index.html#--format-format
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.artifacts.strict_json import Invalid, parse
from loaders.sources.reports.reading.json_fields import (
    as_object,
    count_in,
    needed_text_in,
    number_in,
    text_in,
)
from loaders.sources.reports.reading.report_facts import TestCase
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.reading.test_facts import (
    end_of_tests,
    first_lines,
    moment_in,
    sane_seconds,
)
from loaders.sources.reports.reading.whole_documents import lines_of

_GO_ACTIONS = set("start run pause cont pass bench fail output skip attr artifacts".split())
_GO_ACTIONS |= {"build-output", "build-fail"}
_GO_OUTCOMES = {"pass": "passed", "fail": "failed", "skip": "skipped"}
_BUILD_FAILED = re.compile(r"FAIL\t(\S+) \[(.+ failed)\]")
_RUST_OUTCOMES = {"ok": "passed", "failed": "failed", "ignored": "skipped", "timeout": None}
_MOST_RUNNING = 100_000
_MOST_OUTPUT = 2_000


def _first_object(head: Head) -> dict[str, Any]:
    """Return the first line that is an object: text of the build may come before it."""
    for line in head.lines:
        if line.startswith("{"):
            try:
                value = parse(line.encode())
            except Invalid:
                return {}
            return value if isinstance(value, dict) else {}
    return {}


def _is_go(head: Head) -> bool:
    first = _first_object(head)
    has_package = isinstance(first.get("Package"), str) or isinstance(first.get("ImportPath"), str)
    return has_package and first.get("Action") in _GO_ACTIONS


def _is_rust(head: Head) -> bool:
    first = _first_object(head)
    return first.get("type") in ("suite", "test") and (
        {"event", "test_count"} <= first.keys() or {"event", "name"} <= first.keys()
    )


def _objects_in(file: ArtifactFile) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Yield each line with its object, None if it is other text."""
    for number, line in enumerate(lines_of(file), 1):
        if not line.startswith("{"):
            yield line, None
            continue
        try:
            yield line, as_object(parse(line.encode()), "it")
        except Invalid as error:
            raise Invalid(f"line {number}: {error}") from None


@dataclass
class _Running:
    started_at: datetime | None = None
    output: list[str] = field(default_factory=list)
    length: int = 0


def _read_go(file: ArtifactFile, rows: Rows) -> None:
    reader = _GoReader(rows)
    for line, event in _objects_in(file):
        if event is not None:
            reader.take(event)
        elif match := _BUILD_FAILED.match(line):
            reader.fail_package(match[1], match[2])
    reader.finish()


class _GoReader:
    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._running: dict[tuple[str, str], _Running] = {}
        self._failed: set[str] = set()  # packages with a failed test
        self._start: datetime | None = None

    def take(self, event: dict[str, Any]) -> None:
        action, package = text_in(event, "Action"), text_in(event, "Package")
        if package is None:
            return
        if self._start is None:
            self._start = moment_in(text_in(event, "Time"))
        test = text_in(event, "Test")
        if test is None:
            # A package fails as a whole if it cannot be built, or ends before its tests do.
            if action == "fail" and package not in self._failed:
                self.fail_package(package, text_in(event, "FailedBuild"))
            return
        key = (package, test)
        if action == "run":
            if len(self._running) >= _MOST_RUNNING:
                raise Invalid(f"more than {_MOST_RUNNING} tests at the same time")
            self._running[key] = _Running(moment_in(text_in(event, "Time")))
        elif action == "output":
            self._hear(key, text_in(event, "Output") or "")
        elif action in _GO_OUTCOMES:
            self._end(key, action, number_in(event, "Elapsed"))

    def fail_package(self, package: str, message: str | None) -> None:
        if package not in self._failed:
            self._failed.add(package)
            self._rows.add(TestCase(None, "error", package, outcome_given="fail", message=message))

    def finish(self) -> None:
        for (package, test), running in self._running.items():
            # It began, and its end was never written.
            self._rows.add(
                TestCase(
                    test,
                    "error",
                    package,
                    outcome_given="run",
                    message=_message_of(running),
                    started_at=running.started_at,
                )
            )
        end_of_tests(self._rows, "go test", started_at=self._start)

    def _hear(self, key: tuple[str, str], text: str) -> None:
        running = self._running.get(key)
        if running is None or running.length > _MOST_OUTPUT:
            return
        if not text.lstrip().startswith(("=== ", "--- ")):
            running.output.append(text)
            running.length += len(text)

    def _end(self, key: tuple[str, str], action: str, elapsed: float | None) -> None:
        package, test = key
        running = self._running.pop(key, _Running())
        if action == "fail":
            self._failed.add(package)
        self._rows.add(
            TestCase(
                test,
                _GO_OUTCOMES[action],
                package,
                outcome_given=action,
                message=None if action == "pass" else _message_of(running),
                duration_seconds=sane_seconds(elapsed),
                started_at=running.started_at,
            )
        )


def _message_of(running: _Running) -> str | None:
    return first_lines("".join(running.output))


def _read_rust(file: ArtifactFile, rows: Rows) -> None:
    totals: dict[str, int] = {}
    for _, event in _objects_in(file):
        kind, word = (event or {}).get("type"), (event or {}).get("event")
        if event is None or not isinstance(word, str):
            continue
        if kind == "suite":
            for name in ("passed", "failed", "ignored", "filtered_out"):
                totals[name] = totals.get(name, 0) + (count_in(event, name) or 0)
        elif kind == "test" and (outcome := _RUST_OUTCOMES.get(word)):
            module, _, name = needed_text_in(event, "name").rpartition("::")
            rows.add(
                TestCase(
                    name,
                    outcome,
                    module or None,
                    outcome_given=word,
                    message=first_lines(text_in(event, "message") or text_in(event, "stdout"))
                    if outcome != "passed"
                    else None,
                    duration_seconds=sane_seconds(number_in(event, "exec_time")),
                )
            )
    end_of_tests(rows, "cargo test", totals=totals)


TEST_LINES = (
    Form("go-test", _is_go, _read_go),
    Form("libtest", _is_rust, _read_rust),
)
