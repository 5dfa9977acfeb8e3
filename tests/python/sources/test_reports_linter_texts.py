"""Findings in XML and in lines of text, and files that resemble reports of linters."""

from __future__ import annotations

import json
from typing import Any

import pytest

from loaders.sources.reports.formats.linters import LINTERS
from loaders.sources.reports.reading.report_head import Head
from tests.python.support.read_reports import (
    SHARED_REPORTS,
    Facts,
    needs_shared_reports,
    read_report,
    reason_of,
)

_CHECKSTYLE = """<?xml version="1.0" encoding="UTF-8"?>
<checkstyle version="10.12.1">
<file name="/home/dev/A.java">
<error line="3" column="0" severity="warning" message="too long"
 source="com.puppycrawl.tools.checkstyle.checks.sizes.LineLengthCheck"/>
<exception>Unable to parse
at com.puppycrawl</exception>
</file>
<file name="B.java"></file>
</checkstyle>"""
_PMD = """<pmd xmlns="http://pmd.sourceforge.net/report/2.0.0" version="7.5.0"
 timestamp="2026-11-27T10:00:00.000+01:00">
<file name="src/A.java"><violation beginline="3" endline="4" begincolumn="5" endcolumn="9"
 rule="UnusedPrivateField" ruleset="Best Practices" package="shop" class="A" priority="3">
Avoid unused fields
</violation></file>
<suppressedviolation filename="src/B.java" suppressiontype="nopmd" msg="x" usermsg="needed"/>
<error filename="src/C.java" msg="PMDException"/></pmd>"""
_SPOTBUGS = """<BugCollection version="4.8.6"><BugInstance type="NP_NULL" priority="1" category="C"
 cweid="476"><LongMessage>Null</LongMessage><Class classname="shop.Cart"><SourceLine start="1"
 end="9" sourcepath="shop/Cart.java"/></Class><SourceLine start="7" end="7"
 sourcepath="shop/Cart.java"/></BugInstance></BugCollection>"""
_CPPCHECK = """<results version="2"><cppcheck version="2.22.0"/><errors>
<error id="nullPointer" severity="error" msg="Null pointer" cwe="476">
<location file="a.c" line="9" column="3" info="used"/><location file="a.c" line="4" info="null"/>
</error><error id="syntaxError" severity="error" msg="unexpected"><location file="b.c" line="1"/>
</error></errors></results>"""
_ANDROID = """<issues format="6" by="lint 8.1.0"><issue id="HardcodedText" severity="Warning"
 message="Hardcoded string" errorLine1="  x"><location file="app/a.xml" line="3" column="5"/>
</issue></issues>"""
_YAMLLINT = """a.yml:3:81: [error] line too long (99 > 80 characters) (line-length)
a.yml:9:1: [warning] missing document start (document-start)
"""
_TSC = """src/a.ts(1,7): error TS2322: Type 'string' is not assignable to type 'number'.
src/b.ts(3,1): error TS1005: ';' expected.
"""
_FLAWFINDER = """File,Line,Column,DefaultLevel,Level,Category,Name,Warning,Note,CWEs,Context
./src/main.c,9,3,4,4,buffer,strcpy,"Does not check, for overflows",,CWE-120,"  strcpy(a, b);"
"""
_FLAKE8 = """./a.py:1:1: F401 'os' imported but unused
./a.py:2:80: E501 line too long (99 > 79)
./b.py:1:5: E999 SyntaxError: invalid syntax
"""

_ROWS = {
    "checkstyle": (
        _CHECKSTYLE,
        "checkstyle",
        [("finding", "warning", "/home/dev/A.java", 3, None), ("error", None, None, None, None)],
    ),
    "pmd-xml": (
        _PMD,
        "pmd",
        [
            ("finding", "3", "src/A.java", 3, 5),
            ("finding", None, "src/B.java", None, None, "suppressed"),
            ("error", None, "src/C.java", None, None),
        ],
    ),
    "spotbugs": (_SPOTBUGS, "spotbugs", [("finding", "High", "shop/Cart.java", 7, None)]),
    "cppcheck": (
        _CPPCHECK,
        "cppcheck",
        [("finding", "error", "a.c", 9, 3), ("error", "error", "b.c", 1, None)],
    ),
    "android-lint": (_ANDROID, "android lint", [("finding", "Warning", "app/a.xml", 3, 5)]),
    "yamllint-lines": (
        _YAMLLINT,
        "yamllint",
        [("finding", "error", "a.yml", 3, 81), ("finding", "warning", "a.yml", 9, 1)],
    ),
    "flake8-lines": (
        _FLAKE8,
        None,
        [
            ("finding", None, "./a.py", 1, 1),
            ("finding", None, "./a.py", 2, 80),
            ("error", None, "./b.py", 1, 5),
        ],
    ),
    "msbuild-lines": (
        _TSC,
        "tsc",
        [("finding", "error", "src/a.ts", 1, 7), ("error", "error", "src/b.ts", 3, 1)],
    ),
    "codespell-lines": (
        "docs/a.md:3: teh ==> the\n",
        "codespell",
        [("finding", None, "docs/a.md", 3, None)],
    ),
    "vulture-lines": (
        "a.py:1: unused import 'os' (90% confidence)\n",
        "vulture",
        [("finding", None, "a.py", 1, None)],
    ),
    "flawfinder": (
        _FLAWFINDER,
        "flawfinder",
        [("finding", "4", "./src/main.c", 9, 3)],
    ),
    "unix-lines": (
        "a.js:3:5: harmful. [Warning/no-eval]\nb.js:1:2: broken [Error]\n\n2 problems\n",
        None,
        [("finding", "Warning", "a.js", 3, 5), ("error", "Error", "b.js", 1, 2)],
    ),
    "github-annotations": (
        "::group::a.yml\n::error file=a.yml,line=3,col=1::3:1 [line-length] long\n::endgroup::\n",
        None,
        [("finding", "error", "a.yml", 3, 1)],
    ),
    "ty-lines": (
        "a.py:3:5: error[invalid-assignment] Object is not assignable\n",
        "ty",
        [("finding", "error", "a.py", 3, 5)],
    ),
    "pylint-lines": (
        "************* Module a\na.py:1: [C0114(missing-module-docstring), ] Missing docstring\n",
        "pylint",
        [("finding", None, "a.py", 1, None)],
    ),
}


def _rows(facts: Facts) -> list[tuple[Any, ...]]:
    return [
        (
            one.kind,
            one.level,
            facts.path(one),
            one.start_line,
            one.start_column,
            *(["suppressed"] if one.is_suppressed else []),
        )
        for one in facts.findings
    ]


@pytest.mark.parametrize("form", _ROWS)
def test_a_report_lands(form: str) -> None:
    text, tool, rows = _ROWS[form]
    facts = read_report(text)
    assert (facts.format, facts.runs[0].tool_name) == (form, tool)
    if form == "checkstyle":
        rows = [rows[0], ("error", None, "/home/dev/A.java", None, None)]
    assert _rows(facts) == rows
    assert form not in ("cppcheck", "spotbugs") or not facts.faults()


def test_the_version_is_that_of_checkstyle_only_if_it_wrote_the_report() -> None:
    assert read_report(_CHECKSTYLE).runs[0].tool_version == "10.12.1"
    other = _CHECKSTYLE.replace("com.puppycrawl.tools.checkstyle.checks.sizes", "eslint.rules")
    run = read_report(other).runs[0]
    assert (run.tool_name, run.tool_version) == ("eslint", None)


def test_a_clean_checkstyle_report_names_the_files() -> None:
    facts = read_report('<checkstyle version="4.3"><file name="a.js"></file></checkstyle>')
    assert (facts.format, [one.path_given for one in facts.paths]) == ("checkstyle", ["a.js"])


@pytest.mark.parametrize("form", [form for form in _ROWS if _ROWS[form][0][0] == "<"])
def test_broken_xml_has_a_reason(form: str) -> None:
    text = _ROWS[form][0]
    entity = f'<!DOCTYPE x [<!ENTITY e "x">]>{text.partition("?>")[2] or text}'
    for broken in (*(text[: len(text) * part // 8] for part in range(1, 8)), entity):
        assert reason_of(broken, form=form)


def test_a_line_that_is_too_long_is_left_out() -> None:
    line = "a.py:1:1: F401 unused"
    facts = read_report(f"{line}\n{line}\n{'file=' * 20_000}\n", form="flake8-lines")
    assert len(facts.findings) == 2


# -- other files -----------------------------------------------------------------------------------

_JSON: tuple[Any, ...] = (
    {},
    [],
    [[]],
    [{}],
    {"name": "shop", "version": "1.0.0", "dependencies": {"a": "1"}, "scripts": {"test": "jest"}},
    {"compilerOptions": {"strict": True}, "include": ["src"], "files": []},
    {"extends": ["eslint:recommended"], "rules": {"no-var": "error"}, "env": {"node": True}},
    {"rules": [{"id": "a", "message": "b", "severity": "ERROR", "languages": ["python"]}]},
    {"cells": [{"cell_type": "code", "source": [], "outputs": []}], "metadata": {}, "nbformat": 4},
    {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}}]},
    {"openapi": "3.0.0", "info": {"title": "a", "version": "1"}, "paths": {"/a": {}}},
    {"swagger": "2.0", "paths": {}, "definitions": {}},
    {"greeting": "Hello", "errors": {"not_found": "Not found"}, "messages": {"a": "b"}},
    {"errors": [], "data": {"user": None}},
    {"errors": [{"message": "Not found", "path": ["user"], "locations": []}]},
    {"results": [], "total": 0, "page": 1},
    {"results": [{"id": 1, "title": "x", "location": {"path": "a"}}]},
    {"issues": []},
    {"issues": [{"key": "A-1", "fields": {"summary": "x"}}], "total": 1},
    {"Issues": []},
    {"findings": []},
    {"files": [], "errors": [], "totals": {}},
    {"files": [{"path": "a", "size": 3}], "metadata": {"version": "1"}},
    {"diagnostics": []},
    {"diagnostics": [{"message": "x"}], "source": "a"},
    {"comments": [{"id": 1, "body": "hello", "path": "a.py", "line": 3}]},
    {"comments": [{"file": "a", "line": 1}], "title": "x"},
    [{"id": 1, "path": "a.py", "line": 3, "column": 1, "message": "hello"}],
    [{"file": "a.mp3", "line": 1, "title": "x"}],
    [{"filename": "a.png", "code": "A1", "message": "x", "location": "Berlin"}],
    [{"name": "Ada", "email": "ada@example.org", "type": "user", "line": 1}],
    [{"description": "a house", "location": {"city": "Berlin"}, "severity": "none"}],
    [{"description": "a house", "fingerprint": "ab", "location": "Berlin"}],
    [{"rule": "x", "severity": "high"}],
    [{"message": "x", "level": "info", "timestamp": "2026-11-27", "code": 3}],
    [{"filePath": "a.js", "size": 3}],
    [{"source": "a", "target": "b", "warnings": []}],
    [{"code": "DE", "path": ["a"], "message": "b"}],
    {"version": "1.0", "time": "12:00"},
    {"version": "1.0", "results": []},
    {"version": "2.1.0", "vulnerabilities": []},
    {"vulnerabilities": [], "scan": "none", "version": "1"},
    {"SchemaVersion": 2},
    {"Results": [{"Target": "a"}]},
    {"matches": [{"home": "A", "away": "B", "score": 3}]},
    {"matches": []},
    {"checks": [{"name": "a", "score": 3}], "score": 1},
    {"repo": {"name": "a"}, "score": 3},
    {"metadata": {"name": "a"}, "files": []},
    {"totals": {"errors": 3}},
    {"reason": "compiler-message"},
    {"reason": "holiday", "package_id": "a", "target": {}},
    {"message": "hello", "level": "info", "logger": "root"},
    {"file": "a.py", "line": 3, "message": "hello"},
    {"header": {"SUM": {}}, "Python": {"nFiles": 1, "code": 3}},
    {"a.py": [{"type": "function", "rank": "A", "complexity": 6, "name": "f", "lineno": 1}]},
    {"a.py": {"mi": 100.0, "rank": "A"}},
    {"meta": {"version": "7"}, "files": {"a.py": {"executed_lines": [1]}}, "totals": {}},
    {"packages": [{"name": "a", "version": "1"}], "version": 1},
    {"numTotalTests": 3, "testResults": [{"name": "a", "message": "", "status": "passed"}]},
    {"stats": {"tests": 3}, "tests": [], "failures": []},
    {"report": {"a": 1}, "fileNames": ["a"]},
    {"score": 3, "date": "2026-11-27", "scorecard": "a"},
    {"plugins_used": "x"},
    {"kics": 1},
    {"totals": {"warnings": 1, "errors": 1}},
    {"summary": {"errors": 0}, "diagnostics": []},
    {"type": "typo", "path": "a"},
    {"a.md": [{"line": 3, "text": "x"}]},
)
_XML = (
    "<svg xmlns='http://www.w3.org/2000/svg'><g/></svg>",
    "<project xmlns='http://maven.apache.org/POM/4.0.0'><version>1</version></project>",
    "<rss version='2.0'><channel><title>x</title></channel></rss>",
    "<plist version='1.0'><dict/></plist>",
    "<html><body><file name='a'/></body></html>",
    "<!DOCTYPE html><html></html>",
    "<module name='Checker'><module name='TreeWalker'/></module>",
    "<ruleset name='x' xmlns='http://pmd.sourceforge.net/ruleset/2.0.0'><rule ref='a'/></ruleset>",
    "<pmd-cpd><duplication lines='3' tokens='9'/></pmd-cpd>",
    "<pmd/>",
    "<results><row/></results>",
    "<results version='2'><item/></results>",
    "<issues><issue id='1'/></issues>",
    "<checkstyle-config><file name='a'/></checkstyle-config>",
    "<checkstyle xmlns='http://example.org'><file name='a'/></checkstyle>",
    "<checkstyle><rule id='a'/></checkstyle>",
    "<FindBugsFilter><Match/></FindBugsFilter>",
    "<lint><issue id='HardcodedText' severity='ignore'/></lint>",
    "<resources><string name='a'>b</string></resources>",
    "<errors><error id='a'/></errors>",
    "<configuration><file name='a'/></configuration>",
    "<cppcheck_measure><measure type='Function'/></cppcheck_measure>",
)
_TEXTS = (
    "",
    "\n\n",
    "hello\n",
    "# Title\n\nerror: nothing\n",
    "import os\n\nprint('a.py:1:1: error: x [y]')\n",
    "name,test_name,test_id\na,b,c\n",
    "filename,size\na.py,3\n",
    "2026-11-27 12:00:01 error: disk full\n",
    "12:00:01: error: disk full\n",
    "gcc -c a.c\na.c: In function 'main':\na.c:3:5: error: 'x' undeclared\n    3 | x = 1;\n",
    "steps:\n  - run: echo '::error file=a.py,line=1::x'\n",
    "#!/bin/sh\necho '::error file=a.py::x'\n",
    "a.py:1:import os\na.py:2:import sys\n",
    "a.py:12: something\n",
    "http://example.org:80: error: refused\nhello\n",
    "src/a.py:\n  1:1 hello\n",
    "notes:\n  12:30 lunch\n",
    "Traceback (most recent call last):\n  File 'a.py', line 3\nValueError: x\n",
    "key: value\nother: 3\n",
    "[tool.ruff]\nselect = ['E501']\n",
    "SF:src/a.js\nDA:1,1\nend_of_record\n",
    "mode: set\nexample.org/shop/cart.go:3.1,5.2 1 1\n",
    "TN:\nSF:a.py\n",
)


@pytest.mark.parametrize("document", _JSON, ids=lambda value: json.dumps(value)[:40])
def test_other_json_is_no_report_of_a_linter(document: Any) -> None:
    for text in (json.dumps(document), json.dumps(document, indent=1)):
        assert linter_format_of(text) is None


@pytest.mark.parametrize("text", [*_XML, *_TEXTS], ids=lambda text: text[:30])
def test_other_xml_and_text_is_no_report_of_a_linter(text: str) -> None:
    assert linter_format_of(text) is None


def linter_format_of(text: str) -> str | None:
    """Return the first format of linters by which a file would be recognised."""
    head = Head("file", text.encode())
    return next((form.name for form in LINTERS if form.recognises(head)), None)


@needs_shared_reports
def test_counts_of_code_are_not_findings() -> None:
    """The JSON, CSV and XML of cloc, radon, lizard and pygount have no findings."""
    for tool in ("cloc", "radon", "lizard", "pygount"):
        for path in (SHARED_REPORTS / tool).rglob("*"):
            if path.is_file():
                head = path.read_bytes().decode("utf-8")
                assert linter_format_of(head) is None, path
