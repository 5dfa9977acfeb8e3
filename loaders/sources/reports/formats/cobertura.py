"""Cobertura's XML, as many tools write it.

Source: https://cobertura.sourceforge.net/xml/coverage-04.dtd
"""

from __future__ import annotations

import re

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.reports.reading.coverage_facts import CoveredFiles, Tally
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head, head_of
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.reading.test_facts import count_in, moment_of_stamp
from loaders.sources.reports.reading.xml_values import Element, elements_of

_TOTALS = ("lines-valid", "lines-covered", "branches-valid", "branches-covered")
_CONDITIONS = re.compile(r"\((\d{1,9})/(\d{1,9})\)")
_PYTHON = re.compile(r"\d+\.\d+(\.\d+)?([ab]\d+|rc\d+|\.dev\d+)?")


def _is_cobertura(head: Head) -> bool:
    if head.xml.root != "coverage":
        return False
    attributes = head.xml.elements[0][1]
    return "line-rate" in attributes or {"packages", "classes", "class"} <= head.xml.tags


def _read(file: ArtifactFile, rows: Rows) -> None:
    files = CoveredFiles(rows)
    sources: list[str] = []
    root: dict[str, str] = {}
    found = elements_of(
        file.text_stream(), ("class", "source"), bare=("coverage",), texts=("source",)
    )
    has_branches = _has_branches(head_of(file))
    for element in found:
        if element.tag == "source":
            if source := element.text.strip():
                sources.append(source)
        elif element.tag == "class":
            if name := element.get("filename"):
                _take_class(element, files.tally(name, tuple(sources)), has_branches)
        else:
            root = element.attributes
    name, version = _tool_of(head_of(file))
    files.finish(
        tool_name=name,
        tool_version=version,
        ended_at=moment_of_stamp(root.get("timestamp")),
        totals={key: count for key in _TOTALS if (count := count_in(root.get(key))) is not None},
    )


def _has_branches(head: Head) -> bool:
    """Whether branches were measured: a report without them says that there are 0."""
    if not head.xml.elements:
        return True
    given = head.xml.elements[0][1].get("branches-valid")
    return given != "0"


def _take_class(element: Element, tally: Tally, has_branches: bool) -> None:
    methods = _children(element, "methods", "method")
    lines = _children(element, "lines", "line")
    if not lines:
        lines = [line for method in methods for line in _children(method, "lines", "line")]
    if has_branches:
        tally.add_branches(0, 0)
    for line in lines:
        tally.add_line(count_in(line.get("number")), is_hit=_is_hit(line.get("hits")))
        conditions = _CONDITIONS.search(line.get("condition-coverage") or "")
        if conditions and has_branches:
            tally.add_branches(int(conditions[2]), int(conditions[1]))
    if methods:
        tally.add_functions(len(methods), sum(map(_is_method_hit, methods)))


def _children(element: Element, around: str, tag: str) -> list[Element]:
    found = element.child(around)
    return [] if found is None else [one for one in found.children or () if one.tag == tag]


def _is_method_hit(method: Element) -> bool:
    if (given := method.get("hits")) is not None:
        return _is_hit(given)
    return any(_is_hit(line.get("hits")) for line in _children(method, "lines", "line"))


def _is_hit(text: str | None) -> bool:
    try:
        return float(text or "0") > 0
    except ValueError:
        return False


def _tool_of(head: Head) -> tuple[str | None, str | None]:
    """Return the name and version of the tool, as far as the report shows it."""
    if not head.xml.elements:
        return None, None
    version = head.xml.elements[0][1].get("version") or None
    names = [one.get("filename", "") for tag, one in head.xml.elements if tag == "class"]
    if version and version.startswith("gcovr "):
        return "gcovr", version.removeprefix("gcovr ")
    if version == "0.1" and all("." in name for name in names):
        return "istanbul", None
    is_python = bool(names) and all(name.endswith((".py", ".pyx", ".pyw")) for name in names)
    if version and is_python and _PYTHON.fullmatch(version):
        return "coverage.py", version
    return None, version


COBERTURA = (Form("cobertura", _is_cobertura, _read),)
