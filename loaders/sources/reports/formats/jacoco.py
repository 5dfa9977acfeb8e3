"""JaCoCo's XML.

Source: https://www.jacoco.org/jacoco/trunk/coverage/report.dtd
"""

from __future__ import annotations

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.reports.reading.coverage_facts import CoveredFiles, ranges_of
from loaders.sources.reports.reading.report_facts import FileCoverage
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.reading.test_facts import count_in, moment_of_stamp
from loaders.sources.reports.reading.xml_values import Element, elements_of

_TOTALS = ("INSTRUCTION", "BRANCH", "LINE", "METHOD")


def _is_jacoco(head: Head) -> bool:
    return head.xml.root == "report" and (
        bool(head.xml.tags & {"sessioninfo", "counter", "sourcefile"})
        and bool(head.xml.tags & {"package", "group", "counter"})
    )


def _read(file: ArtifactFile, rows: Rows) -> None:
    files = CoveredFiles(rows)
    totals: dict[str, int] = {}
    starts, ends = [], []
    found = elements_of(
        file.text_stream(), ("sourcefile",), bare=("sessioninfo", "counter"), texts=()
    )
    for element in found:
        if element.tag == "sourcefile":
            _take_file(element, files)
        elif element.tag == "sessioninfo":
            starts.append(moment_of_stamp(element.get("start")))
            ends.append(moment_of_stamp(element.get("dump")))
        elif element.tag == "counter" and element.parent is not None:
            _take_counter(element, element.parent, totals)
    files.finish(
        tool_name="jacoco",
        started_at=min(filter(None, starts), default=None),
        ended_at=max(filter(None, ends), default=None),
        totals=totals,
    )


def _take_counter(counter: Element, owner: Element, totals: dict[str, int]) -> None:
    """Note the counts of a source file at it, and those of the report."""
    kind = counter.get("type") or ""
    missed, covered = count_in(counter.get("missed")), count_in(counter.get("covered"))
    if missed is None or covered is None or kind not in _TOTALS:
        return
    if owner.tag == "sourcefile":
        owner.attributes[f"{kind} found"] = str(missed + covered)
        owner.attributes[f"{kind} hit"] = str(covered)
    elif owner.parent is None:
        totals[f"{kind.lower()}_missed"] = missed
        totals[f"{kind.lower()}_covered"] = covered


def _take_file(element: Element, files: CoveredFiles) -> None:
    around, groups = element.parent, []
    package = around.get("name") if around is not None and around.tag == "package" else ""
    while around is not None:
        if around.tag == "group" and around.get("name"):
            groups.append(around.attributes["name"])
        around = around.parent
    name = element.get("name")
    if not name:
        return
    path = f"{package}/{name}" if package else name
    # The name of a group is that of a module, whose folder often has it too.
    bases = ("/".join(reversed(groups)),) if groups else ()
    lines = [line for line in element.children or () if line.tag == "line"]
    found, hit, missing = _lines_of(lines)
    files.add(
        FileCoverage(
            files.path(path, bases, "package"),
            count_in(element.get("LINE found")) if missing is None else found,
            count_in(element.get("LINE hit")) if missing is None else hit,
            count_in(element.get("BRANCH found")) or 0,
            count_in(element.get("BRANCH hit")) or 0,
            count_in(element.get("METHOD found")),
            count_in(element.get("METHOD hit")),
            "lines",
            missing,
        )
    )


def _lines_of(lines: list[Element]) -> tuple[int, int, str | None]:
    """Return the lines found and hit, and which are not; None if the report does not show it."""
    found, missed = set(), set()
    for line in lines:
        number, covered = count_in(line.get("nr")), count_in(line.get("ci"))
        missed_here = count_in(line.get("mi"))
        if not number:
            continue
        if covered is None and missed_here is None:
            # gcovr writes lines without their instructions.
            return 0, 0, None
        found.add(number)
        if not covered:
            missed.add(number)
    return len(found), len(found) - len(missed), ranges_of(sorted(missed))


JACOCO = (Form("jacoco", _is_jacoco, _read),)
