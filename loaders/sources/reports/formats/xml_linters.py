"""The XML of linters: Checkstyle's, which many tools write, PMD's, SpotBugs', cppcheck's, and
Android lint's.

Sources: https://checkstyle.org, https://docs.pmd-code.org/latest/pmd_userdocs_report_formats.html,
https://spotbugs.readthedocs.io, https://cppcheck.sourceforge.io/manual.html,
https://googlesamples.github.io/android-custom-lint-rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.reports.reading.found_secrets import without_secrets
from loaders.sources.reports.reading.listed_findings import counted_from_one, cwe
from loaders.sources.reports.reading.report_facts import Finding, FurtherPlace, ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows, json_list
from loaders.sources.reports.reading.report_texts import shortened
from loaders.sources.reports.reading.report_times import moment_of
from loaders.sources.reports.reading.xml_values import Element, elements_of

_MOST_DIGITS = 15


def _number(text: str | None, first: int = 1) -> int | None:
    """Return a line or column; None for any other text."""
    digits = (text or "").strip()
    if not digits.isascii() or not digits.isdigit() or len(digits) > _MOST_DIGITS:
        return None
    return counted_from_one(int(digits), first)


def _message(text: str | None, *about: str | None) -> str | None:
    return shortened(without_secrets((text or "").strip() or None, about))


# -- Checkstyle ------------------------------------------------------------------------------------

# How `source` begins, in lower case → the tool.
_SOURCES = {
    "com.puppycrawl.tools.checkstyle": "checkstyle",
    "detekt": "detekt",
    "eslint": "eslint",
    "hadolint": "hadolint",
    "ktlint": "ktlint",
    "pylint": "pylint",
    "shellcheck": "shellcheck",
    "stylelint": "stylelint",
    "swiftlint": "swiftlint",
}
_CHECKSTYLE = "checkstyle"
_OXLINT = re.compile(r"[\w-]+\([\w/-]+\)")
# Rules of files that could not be parsed.
_BROKEN = re.compile(
    r"ShellCheck\.SC107[23]$|TreeWalker$|\.CssSyntaxError$|phpstan\.parse$|Lint/Syntax$|"
    r"Internal\.|^(?:E999|E902|invalid-syntax)$"
)


def _is_checkstyle(head: Head) -> bool:
    if head.xml.root != _CHECKSTYLE:
        return False
    return len(head.xml.elements) == 1 or head.xml.elements[1][0] in ("file", "error", "exception")


def _read_checkstyle(file: ArtifactFile, rows: Rows) -> None:
    tools: set[str] = set()
    version = None
    found = elements_of(
        file.text_stream(), ("error", "exception"), bare=("file", _CHECKSTYLE), texts=("exception",)
    )
    for element in found:
        path = element.parent.get("name") if element.parent is not None else None
        if element.tag == _CHECKSTYLE:
            version = element.get("version")
        elif element.tag == "file":
            if name := element.get("name"):
                rows.path(name)
        elif element.tag == "error":
            rule = element.get("source") or None
            tools.update(_tool_of(rule))
            level = element.get("severity")
            is_broken = rule and _BROKEN.search(rule) and level == "error"
            # A fatal parsing error of ESLint has a source without a rule.
            is_broken = is_broken or (not rule and _is_parsing(element.get("message")))
            rows.add(
                Finding(
                    rule,
                    _message(element.get("message"), rule),
                    level,
                    rows.path(path) if path else None,
                    _number(element.get("line")),
                    _number(element.get("column")),
                    kind="error" if is_broken else "finding",
                )
            )
        else:
            text = _message(element.text.partition("\n")[0])
            rows.add(
                Finding(None, text, path_index=rows.path(path) if path else None, kind="error")
            )
    tool = next(iter(tools)) if len(tools) == 1 else None
    # Others write the version of Checkstyle whose format it is.
    rows.add(ToolRun(tool, version if tool == _CHECKSTYLE else None))


def _tool_of(source: str | None) -> Iterable[str]:
    text = (source or "").lower()
    if _OXLINT.fullmatch(text):
        return {"oxlint"}
    return {tool for begin, tool in _SOURCES.items() if re.match(rf"{re.escape(begin)}\b", text)}


def _is_parsing(message: str | None) -> bool:
    return (message or "").startswith("Parsing error")


# -- PMD -------------------------------------------------------------------------------------------


def _is_pmd(head: Head) -> bool:
    return head.xml.root.rpartition(" ")[2] == "pmd" and "version" in head.xml.elements[0][1]


def _read_pmd(file: ArtifactFile, rows: Rows) -> None:
    found = elements_of(
        file.text_stream(),
        ("violation", "error", "suppressedviolation"),
        bare=("file", "pmd"),
        texts=("violation",),
        namespaces=("", *_PMD_NAMESPACES),
    )
    for element in found:
        path = element.get("filename") or (
            element.parent.get("name") if element.parent is not None else None
        )
        index = rows.path(path) if path else None
        if element.tag == "violation":
            rule = element.get("rule")
            names = [element.get(name) for name in ("package", "class", "method")]
            rows.add(
                Finding(
                    rule,
                    _message(element.text, rule),
                    element.get("priority"),
                    index,
                    _number(element.get("beginline")),
                    _number(element.get("begincolumn")),
                    _number(element.get("endline")),
                    _number(element.get("endcolumn")),
                    logical_name=".".join(filter(None, names)) or None,
                )
            )
        elif element.tag == "error":
            rows.add(Finding(None, _message(element.get("msg")), path_index=index, kind="error"))
        elif element.tag == "suppressedviolation":
            rows.add(
                Finding(
                    None,
                    _message(element.get("msg")),
                    path_index=index,
                    is_suppressed=True,
                    suppression=element.get("usermsg") or None,
                )
            )
        elif element.tag == "pmd":
            moment = moment_of(element.get("timestamp"))
            rows.add(ToolRun("pmd", element.get("version"), ended_at=moment))


_PMD_NAMESPACES = ("http://pmd.sourceforge.net/report/2.0.0",)

# -- SpotBugs --------------------------------------------------------------------------------------

_PRIORITIES = {"1": "High", "2": "Medium", "3": "Low", "4": "Experimental", "5": "Ignore"}


def _is_spotbugs(head: Head) -> bool:
    return head.xml.root == "BugCollection"


def _read_spotbugs(file: ArtifactFile, rows: Rows) -> None:
    wanted = ("BugInstance", "Error", "MissingClass")
    for element in elements_of(file.text_stream(), wanted, bare=("BugCollection",)):
        if element.tag == "BugInstance":
            _add_bug(element, rows)
        elif element.tag == "Error":
            rows.add(Finding(None, _message(element.child_text("ErrorMessage")), kind="error"))
        elif element.tag == "BugCollection":
            rows.add(ToolRun("spotbugs", element.get("version")))


def _add_bug(bug: Element, rows: Rows) -> None:
    places = [one for one in bug.children or () if one.tag == "SourceLine"]
    if not places:
        # A bug of a whole class or method has its place there.
        parts = (one for one in bug.children or () if one.tag in ("Method", "Field", "Class"))
        places = [line for one in parts if (line := one.child("SourceLine")) is not None]
    place = places[0] if places else None
    path = None if place is None else place.get("sourcepath") or place.get("relSourcepath")
    named = bug.child("Method") or bug.child("Class")
    rule = bug.get("type")
    text = bug.child_text("LongMessage") or bug.child_text("ShortMessage")
    priority = bug.get("priority") or ""
    rows.add(
        Finding(
            rule,
            _message(text, rule),
            _PRIORITIES.get(priority, priority) or None,
            rows.path(path, form="package") if path else None,
            None if place is None else _number(place.get("start")),
            end_line=None if place is None else _number(place.get("end")),
            logical_name=None if named is None else named.get("classname"),
            finding_tags=json_list([*cwe(bug.get("cweid")), bug.get("category")]),
        )
    )


# -- cppcheck --------------------------------------------------------------------------------------

_CPPCHECK_ERRORS = ("syntaxError", "internalError", "preprocessorErrorDirective", "cppcheckError")


def _is_cppcheck(head: Head) -> bool:
    return head.xml.root == "results" and "cppcheck" in head.xml.tags


def _read_cppcheck(file: ArtifactFile, rows: Rows) -> None:
    version = None
    for element in elements_of(file.text_stream(), ("error",), bare=("cppcheck",), texts=()):
        if element.tag == "cppcheck":
            version = element.get("version")
            continue
        rule, places = (
            element.get("id"),
            [one for one in element.children or () if one.tag == "location"],
        )
        first = places[0] if places else None
        path = None if first is None else first.get("file")
        position = rows.add(
            Finding(
                rule,
                _message(element.get("msg"), rule),
                element.get("severity"),
                rows.path(path) if path else None,
                None if first is None else _number(first.get("line")),
                None if first is None else _number(first.get("column")),
                kind="error" if rule in _CPPCHECK_ERRORS else "finding",
                finding_tags=json_list(cwe(element.get("cwe"))),
            )
        )
        for place in places[1:]:
            path = place.get("file")
            rows.add(
                FurtherPlace(
                    position,
                    "flow",
                    rows.path(path) if path else None,
                    _number(place.get("line")),
                    _message(place.get("info")),
                )
            )
    rows.add(ToolRun("cppcheck", version))


# -- Android lint ----------------------------------------------------------------------------------

_LINT_ERRORS = ("LintError", "ParserError", "ObsoleteLintCustomCheck")


def _is_android_lint(head: Head) -> bool:
    root = head.xml.elements[0] if head.xml.elements else ("", {})
    return root[0] == "issues" and "format" in root[1]


def _read_android_lint(file: ArtifactFile, rows: Rows) -> None:
    version = None
    for element in elements_of(file.text_stream(), ("issue",), bare=("issues",), texts=()):
        if element.tag == "issues":
            version = (element.get("by") or "").removeprefix("lint ") or None
            continue
        rule, place = element.get("id"), element.child("location")
        path = None if place is None else place.get("file")
        line = element.get("errorLine1")
        rows.add(
            Finding(
                rule,
                _message(element.get("message"), rule),
                element.get("severity"),
                rows.path(path) if path else None,
                None if place is None else _number(place.get("line")),
                None if place is None else _number(place.get("column")),
                kind="error" if rule in _LINT_ERRORS else "finding",
                line_hash=rows.line_hash(line) if line else None,
            )
        )
    rows.add(ToolRun("android lint", version))


XML_LINTERS = (
    Form("android-lint", _is_android_lint, _read_android_lint),
    Form("checkstyle", _is_checkstyle, _read_checkstyle),
    Form("cppcheck", _is_cppcheck, _read_cppcheck),
    Form("pmd-xml", _is_pmd, _read_pmd),
    Form("spotbugs", _is_spotbugs, _read_spotbugs),
)
