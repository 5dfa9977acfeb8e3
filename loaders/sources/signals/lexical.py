"""Extract signals from words alone, for languages without a parser and files that do not parse."""

from __future__ import annotations

import re

from loaders.sources.signals.literals import kind_of_text
from loaders.sources.signals.tally import Signal, Tally

# Longer lines are minified or data; only this much of them counts.
_LONGEST_LINE = 2000
_MAX_LINES = 50_000
_DOC_WORDS = 40
_HEAD_LINES = 12

_WORD = re.compile(r"[A-Za-z]{2,}")
_COMMENT = re.compile(
    r"\s*(?://[/!]?|#(?![!\[]|include|define|if|endif|pragma)"
    r"|--(?!-)|;;|/\*+|\*+(?=\s|$)|\"\"\"|%)\s*(.*)"
)
_IMPORT = re.compile(
    r"\s*(?:pub\s+|static\s+)?"
    r"(?:use|import|require(?:_relative)?|#include|using|from|source|library|extern crate)"
    r"\b[\s(]*[\"'<]?([\w@./:-]+)(.*)"
)
_FUNCTION = re.compile(
    r"\b(?:fn|func|fun|function|def|sub|proc)\s+(?:\([^)]*\)\s*)?([A-Za-z_]\w*)"
    r"|^\s*([A-Za-z_][\w-]*)\s*\(\)\s*\{"
)
_CLASS = re.compile(
    r"\b(?:class|struct|interface|trait|enum|impl|module|record|type)\s+"
    r"(?:<[^>]*>\s*)?([A-Z]\w*)(?:\s+for\s+([A-Z]\w*))?"
)
_CALL = re.compile(r"([A-Za-z_]\w*(?:(?:\.|::|->)[A-Za-z_]\w*)*)!?\s*\(")
_STRING = re.compile(r"\"([^\"\n]{3,200})\"|'([^'\n]{3,200})'")
_NAME = re.compile(r"[A-Za-z_]\w{2,60}")
_SHAPES = {
    "return": "returns",
    "for": "loop",
    "foreach": "loop",
    "while": "while loop",
    "loop": "while loop",
    "if": "branch",
    "elif": "branch",
    "match": "branch",
    "case": "branch",
    "when": "branch",
    "switch": "branch",
    "try": "handles errors",
    "catch": "handles errors",
    "except": "handles errors",
    "rescue": "handles errors",
    "throw": "raises",
    "raise": "raises",
    "bail": "raises",
    "panic": "raises",
    "yield": "yields",
    "await": "awaits",
    "async": "async function",
    "const": "constant",
    "static": "constant",
    "struct": "class",
    "class": "class",
    "impl": "class",
    "enum": "data class",
    "derive": "data class",
    "assert_eq": "assertion",
    "assert": "assertion",
}


def signals_of(text: str) -> list[Signal]:
    """Return the lexical signals of a text."""
    tally = Tally()
    for number, line in enumerate(text.split("\n", _MAX_LINES)[:_MAX_LINES], 1):
        if len(line) > _LONGEST_LINE:
            tally.shape("very long line", number)
            line = line[:_LONGEST_LINE]
        if line and not line.isspace():
            _add_line(line, number, tally)
    return tally.signals()


def _add_line(line: str, number: int, tally: Tally) -> None:
    comment = _COMMENT.match(line)
    if comment:
        words = _WORD.findall(comment[1])
        if number <= _HEAD_LINES:
            tally.say("first doc", words[:_DOC_WORDS], number)
        else:
            tally.say("doc", words[:_DOC_WORDS], number)
        return
    imported = _IMPORT.match(line)
    if imported:
        _add_import(imported[1], imported[2], number, tally)
        return
    for match in _FUNCTION.finditer(line):
        tally.name("function", match[1] or match[2], number)
        tally.shape("function", number)
    for match in _CLASS.finditer(line):
        tally.name("class", match[2] or match[1], number)
        if match[2]:
            tally.name("base", match[1], number)
    for match in _CALL.finditer(line):
        tally.call(match[1].replace("::", ".").replace("->", "."), number)
    if '"' in line or "'" in line:
        for match in _STRING.finditer(line):
            _add_string(match[1] or match[2], number, tally)
    for name in _NAME.findall(line):
        if name in _SHAPES:
            tally.shape(_SHAPES[name], number)
        else:
            tally.name("name", name, number)


def _add_import(module: str, rest: str, number: int, tally: Tally) -> None:
    module = module.strip("./\"'").replace("/", ".").replace("::", ".").rstrip(".:")
    if module.startswith(("crate.", "super.", "self.")) or module in ("crate", "super", "self"):
        tally.shape("relative import", number)
    elif module:
        tally.module(module, number)
    for name in _NAME.findall(module + " " + rest[:300]):
        tally.name("imported", name, number)


def _add_string(text: str, number: int, tally: Tally) -> None:
    kind = kind_of_text(text)
    if kind:
        tally.shape(kind, number)
    if " " in text:
        tally.say("text", _WORD.findall(text)[:8], number)
