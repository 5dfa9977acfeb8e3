"""Coverage of .NET and others as XML: OpenCover, dotCover, and SonarQube's generic form.

Sources: https://github.com/OpenCover/opencover/wiki/Reports,
https://docs.sonarsource.com/sonarqube-server/latest/analyzing-source-code/test-coverage/generic-test-data/
"""

from __future__ import annotations

from collections.abc import Iterator

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.reports.reading.coverage_facts import CoveredFiles, Tally
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.reading.test_facts import count_in
from loaders.sources.reports.reading.xml_values import Element, elements_of

# A longer statement counts as its first line.
_LONGEST_STATEMENT = 20


def _is_opencover(head: Head) -> bool:
    return head.xml.root == "CoverageSession" and bool(head.xml.tags & {"Modules", "Summary"})


def _read_opencover(file: ArtifactFile, rows: Rows) -> None:
    files = CoveredFiles(rows)
    paths: dict[str, str] = {}  # of one module
    totals: dict[str, int] = {}
    found = elements_of(
        file.text_stream(), ("Method",), bare=("File", "Module", "Summary"), texts=()
    )
    for element in found:
        if element.tag == "File":
            paths[element.get("uid") or ""] = element.get("fullPath") or ""
        elif element.tag == "Module":
            paths.clear()
        elif element.tag == "Method":
            _take_method(element, paths, files)
        elif element.parent is not None and element.parent.tag == "CoverageSession":
            names = ("numSequencePoints", "visitedSequencePoints", "numBranchPoints")
            for name in (*names, "visitedBranchPoints"):
                if (count := count_in(element.get(name))) is not None:
                    totals[name] = count
    files.finish(tool_name="opencover", totals=totals)


def _take_method(method: Element, paths: dict[str, str], files: CoveredFiles) -> None:
    reference = method.child("FileRef")
    points = list(_within(method, "SequencePoints", "SequencePoint"))
    own = reference.get("uid") if reference is not None else None
    if own is None and points:
        own = points[0].get("fileid")
    for point in points:
        if path := paths.get(point.get("fileid") or own or ""):
            first, last = count_in(point.get("sl")), count_in(point.get("el"))
            _take_statement(files.tally(path), first, last, bool(count_in(point.get("vc"))))
    if points and (path := paths.get(own or "")):
        branches = list(_within(method, "BranchPoints", "BranchPoint"))
        tally = files.tally(path)
        tally.add_branches(len(branches), sum(bool(count_in(one.get("vc"))) for one in branches))
        tally.add_functions(1, any(bool(count_in(point.get("vc"))) for point in points))


def _within(element: Element, around: str, tag: str) -> Iterator[Element]:
    found = element.child(around)
    return (one for one in (found.children if found is not None else None) or () if one.tag == tag)


def _take_statement(tally: Tally, first: int | None, last: int | None, is_hit: bool) -> None:
    if not first:
        return
    end = last if last and first <= last < first + _LONGEST_STATEMENT else first
    for line in range(first, end + 1):
        tally.add_line(line, is_hit=is_hit)


def _is_dotcover(head: Head) -> bool:
    if head.xml.root != "Root":
        return False
    return "CoveredStatements" in head.xml.elements[0][1]


def _read_dotcover(file: ArtifactFile, rows: Rows) -> None:
    files = CoveredFiles(rows)
    paths: dict[str, str] = {}
    root: dict[str, str] = {}
    for element in elements_of(
        file.text_stream(), (), bare=("File", "Statement", "Root"), texts=()
    ):
        if element.tag == "File":
            paths[element.get("Index") or ""] = element.get("Name") or ""
        elif element.tag == "Root":
            root = element.attributes
        elif path := paths.get(element.get("FileIndex") or ""):
            first, last = count_in(element.get("Line")), count_in(element.get("EndLine"))
            is_hit = (element.get("Covered") or "").casefold() == "true"
            _take_statement(files.tally(path), first, last, is_hit)
    names = ("CoveredStatements", "TotalStatements")
    files.finish(
        tool_name="dotcover",
        tool_version=root.get("DotCoverVersion"),
        totals={name: count for name in names if (count := count_in(root.get(name))) is not None},
    )


def _is_generic(head: Head) -> bool:
    return (
        head.xml.root == "coverage"
        and "version" in head.xml.elements[0][1]
        and "lineToCover" in head.xml.tags
    )


def _read_generic(file: ArtifactFile, rows: Rows) -> None:
    files = CoveredFiles(rows)
    for element in elements_of(file.text_stream(), ("file",), texts=()):
        if not (path := element.get("path")):
            continue
        tally = files.tally(path)
        for line in element.children or ():
            if line.tag == "lineToCover":
                is_hit = line.get("covered") == "true"
                tally.add_line(count_in(line.get("lineNumber")), is_hit=is_hit)
                if branches := count_in(line.get("branchesToCover")):
                    tally.add_branches(branches, count_in(line.get("coveredBranches")) or 0)
    files.finish()


DOTNET_COVERAGE = (
    Form("opencover", _is_opencover, _read_opencover),
    Form("dotcover", _is_dotcover, _read_dotcover),
    Form("sonarqube-coverage", _is_generic, _read_generic),
)
