"""Findings as lines of text: annotations of GitHub and Azure, and the usual forms of linters.

A file is in one of these formats only if nearly all of its lines are: a log of anything else is
not a report.
Sources: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands,
https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import unquote

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.reports.reading.found_secrets import without_secrets
from loaders.sources.reports.reading.listed_findings import counted_from_one
from loaders.sources.reports.reading.report_facts import Finding, ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.reading.report_texts import shortened
from loaders.sources.reports.reading.whole_documents import lines_of

_HEAD_SIZE = 64 << 10
_ALL_BUT = 0.1
_LONGEST_NUMBER = 9
# No tool writes a longer line, and a pattern takes long to fail on one.
_LONGEST_LINE = 8_000
# Lines of a summary, around the findings → the tool that writes them, if only one does.
_SUMMARIES = (
    (re.compile(r"Found \d+ errors? in \d+ files? \(checked \d+ source files?\)"), "mypy"),
    (re.compile(r"Success: no issues found in \d+ source files?"), "mypy"),
    (re.compile(r"\*{13} Module [\w.]+"), "pylint"),
    (re.compile(r"Your code has been rated at .*"), "pylint"),
    (re.compile(r"Found \d+ errors?(?: \(\d+ fixed.*)?\."), "ruff"),
    (re.compile(r"\[\*\] \d+ fixable with .*|No fixes available.*"), "ruff"),
    (re.compile(r"Found \d+ errors? in (?:\d+ files?|the same file).*"), None),
    (re.compile(r"::(?:end)?group::.*"), None),
    (
        re.compile(r"(?:Found )?\d+ (?:warning|error|problem|issue)s?\b.*|Finished in .*|✖ .*"),
        None,
    ),
    (re.compile(r"-+|=+"), None),
)
# A linter's rule → the linter, if its report does not name it.
_BY_RULE = (
    (re.compile(r"SC\d{4}"), "shellcheck"),
    (re.compile(r"DL\d{4}"), "hadolint"),
    (re.compile(r"TS\d{1,5}"), "tsc"),
)
_BROKEN = re.compile(
    r"TS1\d{3}|E999|E902|E0001|F0001|F0002|F0010|SC107[23]|syntax|invalid-syntax|PRS"
)


class Line(NamedTuple):
    """A finding in a line; columns count from *first_column*."""

    path: str | None
    line: str | None
    column: str | None
    level: str | None
    rule: str | None
    message: str
    end_line: str | None = None
    end_column: str | None = None
    tool: str | None = None
    first_column: int = 1


Parse = Callable[[str], Line | None]

# -- annotations -----------------------------------------------------------------------------------

_GITHUB = re.compile(r"::(error|warning|notice) ([^:]*?file=.*?)::(.*)")
_TITLE = re.compile(r"([\w-]+) \(([^)]+)\)")
_AZURE = re.compile(r"##vso\[task\.logissue ([^\]]*sourcepath=[^\]]*)\](.*)")
_AZURE_WORD = re.compile(r"(\w+)=([^;]*)(?:;|$)")
_RULE = re.compile(r"[\w./:@-]+|[\w-]+\([\w/-]+\)")
_YAMLLINT_MESSAGE = re.compile(r"\d+:\d+ \[([\w-]+)\] (.*)")


def _of_github(text: str) -> Line | None:
    match = _GITHUB.fullmatch(text)
    if match is None:
        return None
    words = dict(one.partition("=")[::2] for one in match[2].split(","))
    title = unquote(words.get("title", ""))
    named = _TITLE.fullmatch(title)
    rule = named[2] if named else title if _RULE.fullmatch(title) else None
    # Only pylint writes this word in small letters; its columns count from 0.
    is_pylint = "endline" in words
    message = unquote(match[3])
    if not title and (yamllint := _YAMLLINT_MESSAGE.fullmatch(message)):
        rule, message = yamllint[1], yamllint[2]
    place = re.match(rf"\S.*?:\d+:\d+: (?:{re.escape(rule)} )?", message) if rule else None
    return Line(
        unquote(words.get("file", "")) or None,
        words.get("line"),
        words.get("col"),
        match[1],
        rule,
        message[place.end() :] if place else message,
        words.get("endline") or words.get("endLine"),
        words.get("endColumn"),
        named[1] if named else "pylint" if is_pylint else None,
        0 if is_pylint else 1,
    )


def _of_azure(text: str) -> Line | None:
    match = _AZURE.fullmatch(text)
    if match is None:
        return None
    words = dict(_AZURE_WORD.findall(match[1]))
    return Line(
        words.get("sourcepath"),
        words.get("linenumber"),
        words.get("columnnumber"),
        words.get("type"),
        words.get("code"),
        match[2],
    )


# -- path:line: … ----------------------------------------------------------------------------------

_PLACE = r"(?P<path>[^\s:][^:]*|[A-Za-z]:[^:]+):(?P<line>\d+)"
_COMPILER = re.compile(
    rf"{_PLACE}:(?:(?P<column>\d+):)?(?:\d+:\d+:)? "
    r"(?P<level>fatal error|error|warning|note|info|style): (?P<message>.*?)"
    r"(?: {1,2}\[(?P<rule>[\w.:/+=-]+)\])?"
)
_TY = re.compile(
    rf"{_PLACE}:(?P<column>\d+): (?P<level>error|warning|info)\[(?P<rule>[\w-]+)\]:? "
    r"(?P<message>.*)"
)
_YAMLLINT = re.compile(
    rf"{_PLACE}:(?P<column>\d+): \[(?P<level>error|warning)\] (?P<message>.*?)"
    r"(?: \((?P<rule>[\w-]+)\))?"
)
_CODE = r"[A-Z]{1,8}\d{2,6}"
_MSBUILD = re.compile(
    r"\s*(?P<path>[^\s(][^(]*)\((?P<line>\d+),(?P<column>\d+)(?:,\d+,\d+)?\): "
    rf"(?P<level>error|warning|info) (?P<rule>{_CODE}): (?P<message>.*?)(?: \[[^\[\]]*proj\])?"
)
# As ESLint's format unix, which others imitate.
_UNIX = re.compile(
    rf"{_PLACE}:(?P<column>\d+): (?P<message>.*) "
    r"\[(?P<level>Error|Warning)(?:/(?P<rule>[^\]]+))?\]"
)
_CODESPELL = re.compile(rf"{_PLACE}: (?P<message>[^\s=]+ ==> .+)")
_VULTURE = re.compile(
    rf"{_PLACE}: (?P<message>(?P<rule>unused|unreachable)\b.*) \(\d+% confidence(?:, .*)?\)"
)
_BRACKETS = re.compile(
    rf"{_PLACE}:(?:(?P<column>\d+):)? \[(?P<rule>{_CODE})(?:\([\w-]+\))?(?:, ?[^\]]*)?\] "
    r"(?P<message>.*)"
)
_CODES = re.compile(rf"{_PLACE}:(?P<column>\d+):? (?P<rule>{_CODE}):?(?: \[\*\])? (?P<message>.*)")


def _of_pattern(pattern: re.Pattern[str], tool: str | None = None) -> Parse:
    def parse(text: str) -> Line | None:
        match = pattern.fullmatch(text)
        if match is None:
            return None
        found = match.groupdict()
        return Line(
            found["path"],
            found["line"],
            found.get("column"),
            found.get("level"),
            found.get("rule"),
            found["message"],
            tool=tool,
        )

    return parse


# -- a path, and its findings below it -------------------------------------------------------------

_GROUP = re.compile(r"(\S.*\.\w{1,8}):")
_GROUPED = re.compile(rf"\s+(\d+):(\d+)\s+({_CODE}|invalid-syntax:?|SyntaxError:) (?:\[\*\] )?(.*)")


def _grouped() -> Parse:
    path = ""

    def parse(text: str) -> Line | None:
        nonlocal path
        if group := _GROUP.fullmatch(text):
            path = group[1]
            return Line(path, None, None, None, None, "")
        match = _GROUPED.fullmatch(text)
        if match is None or not path:
            return None
        return Line(path, match[1], match[2], None, match[3].rstrip(":"), match[4])

    return parse


# -- recognising and reading -----------------------------------------------------------------------


def _parsed(parse: Parse, text: str) -> Line | None:
    return parse(text) if len(text) <= _LONGEST_LINE else None


def _summary(text: str) -> tuple[bool, str | None]:
    """Return whether a line is of a summary, and the tool that writes such a line."""
    for pattern, tool in _SUMMARIES if len(text) <= _LONGEST_LINE else ():
        if pattern.fullmatch(text):
            return True, tool
    return False, None


def _recogniser(parser: Callable[[], Parse], *, needs_rules: bool) -> Callable[[Head], bool]:
    def recognises(head: Head) -> bool:
        if head.raw.lstrip()[:1] in (b"{", b"[", b"<", b""):
            return False
        lines = head.lines
        # The head may end in the middle of a line.
        lines = lines[:-1] if len(head.raw) >= _HEAD_SIZE else lines
        lines = [line.rstrip() for line in lines if line.strip()]
        parse, found, others = parser(), 0, 0
        has_rules = not needs_rules
        for number, line in enumerate(lines):
            if parsed := _parsed(parse, line):
                found += 1
                has_rules = has_rules or bool(parsed.rule)
            elif not _summary(line)[0]:
                others += 1
            if others > max(number, 1) * _ALL_BUT:
                return False
        return found > 0 and has_rules and others <= found * _ALL_BUT

    return recognises


def _reader(parser: Callable[[], Parse]) -> Callable[[ArtifactFile, Rows], None]:
    def read(file: ArtifactFile, rows: Rows) -> None:
        tools: set[str] = set()
        parse = parser()
        for text in lines_of(file):
            found = _parsed(parse, text.rstrip())
            if found is None:
                tools.update(filter(None, [_summary(text.rstrip())[1]]))
            elif found.line is None and found.rule is None and not found.message:
                rows.path(found.path or "")
            elif found.level != "note" or found.rule:
                # A note without a rule explains the finding before it.
                rows.add(_finding(found, rows))
                by_rule = (tool for rule, tool in _BY_RULE if rule.fullmatch(found.rule or ""))
                tools.update(filter(None, [found.tool, *by_rule]))
        rows.add(ToolRun(next(iter(tools)) if len(tools) == 1 else None))

    return read


def _finding(found: Line, rows: Rows) -> Finding:
    # Only the parser has no rule in the format unix.
    is_broken = found.level == "Error" if not found.rule else _BROKEN.fullmatch(found.rule)
    return Finding(
        found.rule,
        shortened(without_secrets(found.message, [found.rule])),
        found.level,
        rows.path(found.path) if found.path else None,
        _number(found.line),
        _number(found.column, found.first_column),
        _number(found.end_line),
        _number(found.end_column, found.first_column),
        kind="error" if is_broken else "finding",
    )


def _number(text: str | None, first: int = 1) -> int | None:
    if not text or not text.isascii() or not text.isdigit() or len(text) > _LONGEST_NUMBER:
        return None
    return counted_from_one(int(text), first)


def _form(name: str, parser: Callable[[], Parse], *, needs_rules: bool = True) -> Form:
    return Form(name, _recogniser(parser, needs_rules=needs_rules), _reader(parser))


TEXT_LINTERS = (
    _form("azure-annotations", lambda: _of_azure, needs_rules=False),
    _form("codespell-lines", lambda: _of_pattern(_CODESPELL, "codespell"), needs_rules=False),
    _form("compiler-lines", lambda: _of_pattern(_COMPILER)),
    _form("flake8-lines", lambda: _of_pattern(_CODES)),
    _form("github-annotations", lambda: _of_github, needs_rules=False),
    _form("msbuild-lines", lambda: _of_pattern(_MSBUILD)),
    _form("pylint-lines", lambda: _of_pattern(_BRACKETS)),
    _form("ruff-grouped", _grouped),
    _form("ty-lines", lambda: _of_pattern(_TY, "ty")),
    _form("unix-lines", lambda: _of_pattern(_UNIX)),
    _form("vulture-lines", lambda: _of_pattern(_VULTURE, "vulture")),
    _form("yamllint-lines", lambda: _of_pattern(_YAMLLINT, "yamllint")),
)
