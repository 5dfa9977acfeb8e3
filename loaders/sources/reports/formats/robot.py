"""Robot Framework's output.xml, of all its schemas.

Source: https://github.com/robotframework/robotframework/tree/master/doc/schema
"""

from __future__ import annotations

import re

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.reports.reading.report_facts import TestCase
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.reading.test_facts import (
    count_in,
    end_of_tests,
    first_lines,
    seconds_in,
)
from loaders.sources.reports.reading.xml_values import Element, elements_of

_OUTCOMES = {"PASS": "passed", "FAIL": "failed", "SKIP": "skipped", "NOT RUN": "skipped"}
_VERSION = re.compile(r"(?:Robot|Rebot) (\S+)")
# Schema 4 and older: 20260102 03:04:05.678, in local time.
_OLD_TIME = re.compile(r"\d{8} (\d\d):(\d\d):(\d\d\.\d+)")


def _is_robot(head: Head) -> bool:
    return head.xml.root == "robot" and "generator" in head.xml.elements[0][1]


def _read(file: ArtifactFile, rows: Rows) -> None:
    root: dict[str, str] = {}
    totals: dict[str, int] = {}
    found = elements_of(
        file.text_stream(),
        ("status", "stat"),
        bare=("test", "task", "robot"),
        texts=("status",),
    )
    # The status of a test ends before the test does; those of its keywords are in them.
    statuses: dict[int, Element] = {}
    for element in found:
        owner = element.parent
        if element.tag == "status" and owner is not None and owner.tag in ("test", "task"):
            statuses[id(owner)] = element
        elif element.tag in ("test", "task"):
            status = statuses.pop(id(element), None)
            if status is not None:
                rows.add(_case_of(element, status, rows))
        elif element.tag == "stat" and owner is not None and owner.tag == "total":
            counts = {name: count_in(element.get(name)) for name in ("pass", "fail", "skip")}
            totals = {name: count for name, count in counts.items() if count is not None}
        elif element.tag == "robot":
            root = element.attributes
    version = _VERSION.match(root.get("generator", ""))
    end_of_tests(rows, "robotframework", version[1] if version else None, totals=totals)


def _case_of(test: Element, status: Element, rows: Rows) -> TestCase:
    word = status.get("status")
    names: list[str] = []
    source: str | None = None
    suite = test.parent
    while suite is not None:
        if suite.tag == "suite":
            names.append(suite.get("name") or "")
            source = source or suite.get("source")
        suite = suite.parent
    return TestCase(
        test.get("name"),
        _OUTCOMES.get(word or "", "failed"),
        suite=" > ".join(filter(None, reversed(names))) or None,
        path_index=rows.path(source) if source else None,
        start_line=count_in(test.get("line")) or None,
        outcome_given=word,
        message=first_lines(status.text),
        duration_seconds=seconds_in(status.get("elapsed"))
        if "elapsed" in status.attributes
        else _between(status.get("starttime"), status.get("endtime")),
    )


def _between(start: str | None, end: str | None) -> float | None:
    """Return the seconds between two moments of one day or night."""
    matches = [_OLD_TIME.fullmatch(text or "") for text in (start, end)]
    seconds = [
        int(match[1]) * 3600 + int(match[2]) * 60 + float(match[3]) for match in matches if match
    ]
    return round((seconds[1] - seconds[0]) % 86_400, 3) if len(seconds) == 2 else None


ROBOT = (Form("robot", _is_robot, _read),)
