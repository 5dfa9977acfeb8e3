"""Clover's XML, as Istanbul, PHPUnit and Clover write it.

Source: https://openclover.org/doc/manual/latest/ant--xml-schema.html
"""

from __future__ import annotations

from datetime import datetime

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.reports.reading.coverage_facts import CoveredFiles
from loaders.sources.reports.reading.report_facts import FileCoverage
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.reading.test_facts import count_in, moment_of_stamp
from loaders.sources.reports.reading.xml_values import Element, elements_of

_TOTALS = (
    "statements",
    "coveredstatements",
    "conditionals",
    "coveredconditionals",
    "methods",
    "coveredmethods",
)


def _is_clover(head: Head) -> bool:
    if head.xml.root != "coverage" or len(head.xml.elements) < 2:
        return False
    root = head.xml.elements[0][1]
    return head.xml.elements[1][0] == "project" and bool(root.keys() & {"generated", "clover"})


def _read(file: ArtifactFile, rows: Rows) -> None:
    files = CoveredFiles(rows)
    totals: dict[str, int] = {}
    generated: datetime | None = None
    version: str | None = None
    for element in elements_of(
        file.text_stream(), ("file",), bare=("coverage", "metrics"), texts=()
    ):
        if element.tag == "file":
            _take_file(element, files)
        elif element.tag == "coverage":
            generated = moment_of_stamp(element.get("generated"))
            version = element.get("clover")
        elif element.parent is not None and element.parent.tag == "file":
            # It is yielded before its file is.
            element.parent.attributes |= {f"metrics {k}": v for k, v in element.attributes.items()}
        elif element.parent is not None and element.parent.tag == "project":
            totals = {
                name: count
                for name in _TOTALS
                if (count := count_in(element.get(name))) is not None
            }
    # The version 3.2.0 is that of the format which Istanbul writes.
    is_istanbul = version == "3.2.0"
    files.finish(
        tool_name="istanbul" if is_istanbul else None,
        tool_version=None if is_istanbul else version,
        ended_at=generated,
        totals=totals,
    )


def _take_file(element: Element, files: CoveredFiles) -> None:
    path = element.get("path") or element.get("name")
    if not path:
        return
    metrics = {name: count_in(element.get(f"metrics {name}")) for name in _TOTALS}
    lines = [
        line
        for line in element.children or ()
        if line.tag == "line" and line.get("type") != "method"
    ]
    if lines or not metrics["statements"]:
        tally = files.tally(path)
        for line in lines:
            count = line.get("count") or line.get("truecount")
            tally.add_line(count_in(line.get("num")), is_hit=bool(count_in(count)))
        if metrics["conditionals"] is not None:
            tally.add_branches(metrics["conditionals"], metrics["coveredconditionals"] or 0)
        if metrics["methods"] is not None:
            tally.add_functions(metrics["methods"], metrics["coveredmethods"] or 0)
        return
    files.add(
        FileCoverage(
            files.path(path),
            metrics["statements"],
            metrics["coveredstatements"],
            metrics["conditionals"],
            metrics["coveredconditionals"],
            metrics["methods"],
            metrics["coveredmethods"],
            "statements",
        )
    )


CLOVER = (Form("clover", _is_clover, _read),)
