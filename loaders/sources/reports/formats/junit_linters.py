"""JUnit's XML of linters and scanners: each failed test case is a finding, and none is a test.

A rule that passed, or a file without findings, is a passed test case there: it lands as nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.reports.reading.found_secrets import without_secrets
from loaders.sources.reports.reading.report_facts import Finding, ToolRun
from loaders.sources.reports.reading.report_head import Head, head_of
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.reading.test_facts import count_in, first_lines
from loaders.sources.reports.reading.xml_values import Element, elements_of

# How the name of a root or suite begins, in lower case → the tool.
_BY_NAME = {
    "ansible-lint": "ansible-lint",
    "bandit": "bandit",
    "biome": "biome",
    "cloudformation lint": "cfn-lint",
    "cfn-lint": "cfn-lint",
    "conftest": "conftest",
    "eslint": "eslint",
    "flake8": "flake8",
    "gitleaks": "gitleaks",
    "golangci-lint": "golangci-lint",
    "grype": "grype",
    "kics": "kics",
    "kube-score": "kube-score",
    "kubeconform": "kubeconform",
    "kubeval": "kubeval",
    "lychee": "lychee",
    "markdownlint": "markdownlint",
    "mypy": "mypy",
    "oxlint": "oxlint",
    "php cs fixer": "php-cs-fixer",
    "php_codesniffer": "phpcs",
    "phpstan": "phpstan",
    "psalm": "psalm",
    "pylint": "pylint",
    "pyright": "pyright",
    "rubocop": "rubocop",
    "ruff": "ruff",
    "secretlint": "secretlint",
    "semgrep results": "semgrep",
    "shellcheck": "shellcheck",
    "spectral": "spectral",
    "sqlfluff": "sqlfluff",
    "stylelint": "stylelint",
    "swiftlint": "swiftlint",
    "textlint": "textlint",
    "tfsec": "tfsec",
    "trivy": "trivy",
    "tslint": "tslint",
    "ty": "ty",
    "vacuum": "vacuum",
    "yamllint": "yamllint",
}
_NAME = re.compile("(" + "|".join(map(re.escape, sorted(_BY_NAME, reverse=True))) + r")(?![a-z])")
# Packages of suites: test cases are named after them, as `org.eslint.no-var`.
_PACKAGE = re.compile(r"(?:org\.)?(eslint|ruff|ty|biome|spectral|stylelint|oxlint|jshint|standard)")
_CHECKOV = re.compile(r"(?:\[\w+\])?\[((?:CKV|BC)\d?_\w+)\]\s*(.*)", re.DOTALL)
_CFN_RULE = re.compile(r"([EWI]\d{4}) (.+)", re.DOTALL)
_FILE_LINE = re.compile(r"(.+\.\w{1,8}):(\d+)(?::(\d+))?")

_POSITION = re.compile(r"(?i)\bline[ :]+(\d+)(?:,? +col(?:umn)?[ :]+(\d+))?")
_AT_END = re.compile(r"(?: at |^Location |\nLocation )(\S.*?):(\d+)(?::(\d+))?$", re.MULTILINE)
_RANGE = re.compile(r"^File: (.+): (\d+)-(\d+)$", re.MULTILINE)
_LEVEL = re.compile(r"(?i)^line \d+, col \d+, (error|warning|info|hint|notice)\b")
_BANDIT = re.compile(r"Test ID: (\S+) Severity: (\w+)")
_MYPY = re.compile(
    r"(.+?):(\d+):(?:(\d+):)?(?:\d+:\d+:)? (error|warning|note): (.*?)(?:  \[([\w-]+)\])?"
)


def linter_of(head: Head) -> str | None:
    """Return the linter or scanner that wrote the JUnit's XML; None if it is of test runs."""
    elements = head.xml.elements
    suites = [one for tag, one in elements if tag in ("testsuite", "testsuites")]
    for suite in suites[:3]:
        if match := _NAME.match(suite.get("name", "").casefold()):
            return _BY_NAME[match[1]]
    cases = [one for tag, one in elements if tag == "testcase"]
    package = next((one["package"] for one in suites if one.get("package")), "")
    if (match := _PACKAGE.match(package)) and all(
        one.get("name", "").startswith((package, match[0])) for one in cases
    ):
        return match[1]
    if cases and all(_CHECKOV.match(one.get("name", "")) for one in cases[:3]):
        return "checkov"
    if cases and all(_CFN_RULE.match(one.get("name", "")) for one in cases[:3]):
        return "cfn-lint"
    # golangci-lint: the class is the place, and the name is the linter.
    if cases and all(_FILE_LINE.fullmatch(one.get("classname", "")) for one in cases):
        return "golangci-lint"
    return None


def read_linter(file: ArtifactFile, rows: Rows) -> None:
    tool = linter_of(head_of(file)) or ""
    totals: dict[str, int] = {}
    found = elements_of(
        file.text_stream(),
        ("testcase",),
        bare=("testsuite", "testsuites"),
        texts=("failure", "error"),
    )
    for element in found:
        if element.tag == "testcase":
            for child in element.children or ():
                if child.tag in ("failure", "error"):
                    for finding in _findings(tool, element, child, rows):
                        rows.add(finding)
        elif element.parent is None or element.parent.tag == "testsuites":
            for name in ("tests", "failures", "errors", "skipped"):
                count = count_in(element.get(name))
                if count is not None:
                    is_root = element.parent is None
                    totals[name] = count if is_root else totals.get(name, 0) + count
    rows.add(ToolRun(tool_name=tool, stated_totals=json.dumps(totals) if totals else None))


def _findings(tool: str, case: Element, child: Element, rows: Rows) -> Iterator[Finding]:
    if tool == "mypy":
        yield from _mypy_findings(child.text, rows)
        return
    rule, level = _rule_of(tool, case, child), child.get("type")
    message = child.get("message") or first_lines(child.text)
    path, line, column, end_line = _place_of(case, child)
    is_error = child.tag == "error" and tool in ("eslint", "oxlint")
    if match := _LEVEL.match(child.text):
        level = match[1].lower()
    elif severity := _property_of(case, "severity"):
        level = severity
    elif match := _BANDIT.search(child.text):
        level = match[2]
    elif tool in ("cfn-lint", "checkov") or level == "failure":
        # There, it is a copy of the message, or a constant.
        level = rule[:1] if tool == "cfn-lint" and rule else None
    if tool == "gitleaks":
        # Its message quotes the secret.
        message = None
    path_index = None
    if path is not None:
        # The paths of checkov begin with a slash, which is the folder that it examined.
        is_below = tool == "checkov"
        path_index = rows.path(path.lstrip("/"), form="package") if is_below else rows.path(path)
    yield Finding(
        None if is_error and rule == "unknown" else rule,
        without_secrets(message, (rule, case.get("name"))),
        level,
        path_index,
        line,
        column,
        end_line,
        kind="error" if is_error else "finding",
    )


def _mypy_findings(text: str, rows: Rows) -> Iterator[Finding]:
    for line in text.splitlines():
        if match := _MYPY.fullmatch(line.strip()):
            path, number, column, level, message, rule = match.groups()
            if level != "note":
                yield Finding(
                    rule,
                    message,
                    level,
                    rows.path(path),
                    count_in(number) or None,
                    count_in(column),
                )


def _rule_of(tool: str, case: Element, child: Element) -> str | None:
    name = case.get("name") or ""
    if match := _CHECKOV.match(name):
        return match[1]
    if tool == "bandit" and (match := _BANDIT.search(child.text)):
        return match[1]
    if tool == "cfn-lint" and (match := _CFN_RULE.match(name)):
        return match[1]
    package = case.parent.get("package") if case.parent is not None else None
    if package and name.startswith(f"{package}."):
        name = name[len(package) + 1 :]
    return name or None


def _place_of(
    case: Element, child: Element
) -> tuple[str | None, int | None, int | None, int | None]:
    """Return the path, line, column and last line of a finding."""
    line, column = count_in(case.get("line")), count_in(case.get("column"))
    path = case.get("file")
    text = child.text
    if match := _RANGE.search(text):
        return path or match[1], count_in(match[2]), None, count_in(match[3])
    if match := _FILE_LINE.fullmatch(case.get("classname") or ""):
        return match[1], count_in(match[2]), count_in(match[3]), None
    for source in (text, child.get("message") or ""):
        if match := _AT_END.search(source):
            return match[1], count_in(match[2]), count_in(match[3]), None
    if line is None and (
        match := _POSITION.search(text) or _POSITION.search(child.get("message") or "")
    ):
        line, column = count_in(match[1]), count_in(match[2])
    if path is None:
        suite = case.parent.get("name") if case.parent is not None else None
        names = (suite, case.get("classname"))
        path = next((name for name in names if name and _is_path(name)), None)
    return path, line or None, column or None, None


def _is_path(name: str) -> bool:
    return "/" in name or re.search(r"\.\w{1,8}$", name) is not None


def _property_of(case: Element, name: str) -> str | None:
    properties = case.child("properties")
    for one in (properties.children if properties is not None else None) or ():
        if one.get("name") == name:
            return one.get("value")
    return None
