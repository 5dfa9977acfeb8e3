"""The dialects of JUnit's XML: which tool wrote a report, and what its words mean.

The tool is named only if the report shows it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from loaders.sources.reports.reading.xml_values import Element

_Elements = Sequence[tuple[str, dict[str, str]]]

# Names of the root or of the first suites → the tool.
_BY_NAME = {
    "pytest tests": "pytest",
    "pytest": "pytest",
    "jest tests": "jest",
    "Mocha Tests": "mocha",
    "vitest tests": "vitest",
    "bun test": "bun",
    "Cucumber": "cucumber",
    "nextest-run": "cargo-nextest",
    "nose2-junit": "nose2",
    "nosetests": "nose",
    "JUnit Jupiter": "junit-platform",
    "JUnit Vintage": "junit-platform",
    "JUnit Platform Suite": "junit-platform",
    "AllTests": "googletest",
}
_TEST_FILE = re.compile(r"[^\s]+\.[cm]?[jt]sx?$")
_XMLRUNNER = re.compile(r".+-\d{14}")
_STAMP_LENGTH = 15
_NEVER_STARTED = ("SKIP_", "Disabled")
_CTEST = {"run", "fail", "notrun", "disabled"}


@dataclass(frozen=True)
class Dialect:
    """The particulars of the reports of one tool."""

    tool_name: str | None = None
    tool_version: str | None = None
    first_line: int = 0  # is added to the number of a line
    names_suites_by_file: bool = False
    suite_path_form: str = "path"

    def file_of_suite(self, suite: Element) -> str | None:
        """Return the file that a suite says its tests are in."""
        given = suite.get("file") or suite.get("filepath")
        if given is None and self.names_suites_by_file:
            name = suite.get("name") or ""
            return name if _TEST_FILE.match(name) else None
        return given

    def name_of_suite(self, suite: Element) -> str | None:
        """Return the name of a suite that is the same in each run, and for one project only."""
        name = suite.get("name")
        if self.tool_name == "unittest-xml-reporting" and name and _XMLRUNNER.fullmatch(name):
            return name[:-_STAMP_LENGTH]
        if self.tool_name == "playwright" and suite.get("hostname"):
            # The same tests run once for each of its projects, which it writes as hosts.
            return f"{suite.get('hostname')} > {name}"
        return name

    def outcome_of_skipped(self, child: Element) -> str:
        """Return the outcome that *child*, which says that a test was skipped, means."""
        message = child.get("message") or ""
        if self.tool_name == "ctest":
            # CTest counts a test that it could not start as failed.
            return "skipped" if message.startswith(_NEVER_STARTED) else "error"
        is_passed = self.tool_name == "nose2" and message == "test passes unexpectedly"
        return "failed" if is_passed else "skipped"


def dialect_of(elements: _Elements) -> Dialect:
    """Return the dialect of a report that begins with *elements*."""
    name = _tool_of(elements)
    if name == "pytest":
        # Its older form counts lines from 0.
        return Dialect("pytest", first_line=1)
    if name in ("vitest", "playwright"):
        # Playwright's files are relative to the folder of its tests, which it does not name.
        form = "package" if name == "playwright" else "path"
        return Dialect(name, names_suites_by_file=True, suite_path_form=form)
    return Dialect(name, _version_of(elements) if name == "go test" else None)


def _tool_of(elements: _Elements) -> str | None:
    suites = [attributes for tag, attributes in elements if tag in ("testsuite", "testsuites")]
    cases = [attributes for tag, attributes in elements if tag == "testcase"]
    properties = {one.get("name", "") for tag, one in elements if tag == "property"}
    for suite in suites[:2]:
        if named := _BY_NAME.get(suite.get("name", "")):
            return named
    if not suites:
        return None
    root = suites[0]
    first = suites[1] if elements[0][0] == "testsuites" and len(suites) > 1 else root
    schema = " ".join(root.values())
    if "surefire" in schema:
        return "maven-surefire"
    if "go.version" in properties:
        return "go test"
    if _XMLRUNNER.fullmatch(first.get("name", "")) and "timestamp" in first:
        return "unittest-xml-reporting"
    if root.get("id") == "" == root.get("name") and "hostname" in first:
        return "playwright"
    if root is not first and not root and {"disabled", "hostname"} <= first.keys():
        return "node:test"
    if first.get("package") == first.get("name") == "test" and first.get("id") == "0":
        return "cargo test"
    skips = {one.get("type", "") for tag, one in elements if tag == "skipped"}
    if "SkipExecution" in skips:
        return "robotframework"
    if any(one.startswith("pytest.") for one in skips):
        return "pytest"
    statuses = {case["status"] for case in cases if "status" in case}
    if statuses and statuses <= _CTEST and root is first and "errors" not in root:
        return "ctest"
    if any({"class", "assertions"} <= case.keys() for case in cases):
        return "phpunit"
    if any(
        tag == "failure"
        and one.get("type") == "TestFailed"
        and one.get("message", "").startswith("not ok")
        for tag, one in elements
    ):
        return "prove"
    return None


def _version_of(elements: _Elements) -> str | None:
    for tag, attributes in elements:
        if tag == "property" and attributes.get("name") == "go.version":
            words = attributes.get("value", "").removeprefix("go version ").split()
            return words[0].removeprefix("go") if words else None
    return None
