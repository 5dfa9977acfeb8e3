"""Count the lines of tests inside a source file, as its language marks them.

No file name shows these tests: `#[cfg(test)]` of Rust, `unittest` of D, `test` of Zig, `@testset`
of Julia, `suite` of Nim, `deftest` of Clojure, `TEST` of the libraries for C++,
`import.meta.vitest`, and classes of tests in Python.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

# Part of each pattern: nothing but blanks before it on its line.
_LINE = r"^[ \t]*"
_COMMENT = r"//[^\n]*|/\*(?:(?!\*/).)*+"
_STRING = r'"(?:[^"\\]|\\.)*+"?'
_CHARACTER = r"'(?:[^'\\\n]|\\[^\n']{1,8}|\\')'"
_MARKS = r"[{}()\[\];]"


def _tokens(*parts: str) -> re.Pattern[str]:
    """Return what finds the marks of blocks, and takes comments and strings as a whole."""
    return re.compile("|".join((_COMMENT, *parts, _STRING, _CHARACTER, _MARKS)), re.DOTALL)


class _Braces(NamedTuple):
    """A language whose blocks are in braces: what begins a test, and its tokens."""

    start: re.Pattern[str]
    tokens: re.Pattern[str]


_RUST = (
    r"#\[\s*cfg\s*\(\s*(?:all\s*\(\s*)?test\b[^\]\n]*\]"
    r"|#\[\s*(?:\w+::)*(?:test|rstest|bench|quickcheck|test_case|wasm_bindgen_test)\b[^\]\n]*\]"
    r"|proptest!\s*(?=\{)"
)
_CPP = (
    r"(?:DOCTEST_)?(?:TEST|TEST_F|TEST_P|TYPED_TEST|TEST_CASE|TEST_CASE_FIXTURE|TEST_CASE_METHOD"
    r"|TEST_SUITE|SCENARIO|BOOST_AUTO_TEST_CASE|BOOST_FIXTURE_TEST_CASE)[ \t]*(?=\()"
)
_VITEST = _Braces(
    re.compile(_LINE + r"if\s*\(\s*import\.meta\.vitest\s*\)", re.MULTILINE),
    _tokens(r"`(?:[^`\\]|\\.)*+`?"),
)
_BRACED = {
    "Rust": _Braces(
        re.compile(f"{_LINE}(?:{_RUST})", re.MULTILINE),
        _tokens(r'\br(#*)"(?:(?!"\1).)*+(?:"\1)?'),
    ),
    "D": _Braces(
        re.compile(
            _LINE + r"(?:(?:@\w+(?:\([^)\n]*\))?|pure|nothrow|private|static|debug)\s+)*"
            r"(?:unittest\b|version\s*\(\s*unittest\s*\))",
            re.MULTILINE,
        ),
        _tokens("`[^`]*+`?"),
    ),
    "Zig": _Braces(
        re.compile(
            _LINE + r'test\b[ \t]*(?:"(?:[^"\\\n]|\\.)*"|[\w.]+)?[ \t]*(?=\{)', re.MULTILINE
        ),
        # A line of a text of several lines.
        _tokens(r"\\\\[^\n]*"),
    ),
    "C": _Braces(re.compile(_LINE + _CPP, re.MULTILINE), _tokens()),
    "JavaScript": _VITEST,
    "TypeScript": _VITEST,
}
_BRACED["C++"] = _BRACED["C"]

# Languages whose blocks are indented, or end in a line that is indented like their first.
_INDENTED = {
    "Julia": re.compile(r"([ \t]*)(?:@testset|@test|@test_throws)\b"),
    "Nim": re.compile(r"([ \t]*)(?:suite|test)[ \t]+\""),
    "Clojure": re.compile(r"([ \t]*)\((?:\w+/)?deftest-?[ \t]"),
}
_END = re.compile(r"[ \t]*end\b")


def count_inline_tests(text: str, language: str | None) -> int:
    """Return the number of lines of *text* that are inline tests; Python has its own count."""
    if language in _BRACED:
        return sum(_braced_blocks(text, _BRACED[language]))
    if language in _INDENTED:
        return _indented_lines(text.split("\n"), _INDENTED[language])
    return 0


def _braced_blocks(text: str, language: _Braces) -> Iterator[int]:
    """Yield the lines of each test that is in no other."""
    if language is _BRACED["Rust"] and re.match(r"(?:\s|//[^\n]*\n)*#!\[cfg\(test\)\]", text):
        yield text.count("\n") + 1
        return
    place = 0
    while found := language.start.search(text, place):
        place = _end_of_block(text, found.end(), language.tokens)
        yield text.count("\n", found.start(), place) + 1


def _end_of_block(text: str, place: int, tokens: re.Pattern[str]) -> int:
    """Return the end of the block, or of the statement without one, that begins at *place*."""
    braces = brackets = 0
    for token in tokens.finditer(text, place):
        mark = token[0]
        if mark == "{":
            braces += 1
        elif mark == "}":
            braces -= 1
            if braces <= 0:
                return token.end()
        elif mark in ("(", "["):
            brackets += 1
        elif mark in (")", "]"):
            brackets -= 1
        elif mark == ";" and not braces and brackets <= 0:
            return token.end()
    return len(text)


def _indented_lines(lines: list[str], start: re.Pattern[str]) -> int:
    """Count the lines that begin a test, and those below that are indented further."""
    total, limit = 0, -1
    for line in lines:
        depth = len(line) - len(line.lstrip())
        if limit >= 0 and (not line.strip() or depth > limit):
            total += bool(line.strip())
            continue
        if limit >= 0 and depth == limit and _END.match(line):
            total += 1
            limit = -1
            continue
        found = start.match(line)
        limit = len(found[1]) if found else -1
        total += found is not None
    return total


def count_python_tests(tree: ast.Module) -> int:
    """Return the number of lines of the tests in a module: classes of them, and functions."""
    return sum(
        (node.end_lineno or node.lineno) - node.lineno + 1 for node in tree.body if _is_test(node)
    )


def _is_test(node: ast.stmt) -> bool:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return node.name.startswith("test_")
    if not isinstance(node, ast.ClassDef):
        return False
    # A base class for tests has none itself.
    has_tests = any(
        isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)) and item.name.startswith("test")
        for item in node.body
    )
    return has_tests and (
        node.name.startswith("Test") or any(_last_name(b).endswith("TestCase") for b in node.bases)
    )


def _last_name(base: ast.expr) -> str:
    if isinstance(base, ast.Attribute):
        return base.attr
    return base.id if isinstance(base, ast.Name) else ""
