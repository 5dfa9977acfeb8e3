"""Which grammar reads a content."""

from __future__ import annotations

import re

from loaders.sources.contents.parsed import Parsed

_OF_LANGUAGES = {
    "C": "c",
    "C#": "c_sharp",
    "C++": "cpp",
    "Go": "go",
    "Java": "java",
    "JavaScript": "javascript",
    "PHP": "php",
    "Ruby": "ruby",
    "Rust": "rust",
    "Shell": "bash",
    "TypeScript": "typescript",
}
# The crawl takes every `.h` for C. These words are in no header of C.
_OF_CPP = re.compile(
    rb"^[ \t]*(?:class\s+\w|namespace\b|template\s*<|using\s+\w|(?:public|private|protected)\s*:)"
    rb"|\bstd::\w",
    re.MULTILINE,
)
# Shells whose syntax is another one.
_OTHER_SHELLS = frozenset(("fish", "csh", "tcsh"))
_OTHER_SHELL = re.compile(rb"#![^\n]*\b(?:fish|t?csh)\b")


def grammar_of(parsed: Parsed) -> str | None:
    """Return the grammar of a content by its language, its ending and itself; None: there is none.

    Python has a parser of its own.
    """
    grammar = _OF_LANGUAGES.get(parsed.language or "")
    if grammar == "typescript" and parsed.ending == "tsx":
        return "tsx"
    if grammar == "c" and parsed.ending == "h" and _OF_CPP.search(parsed.source):
        return "cpp"
    if grammar == "bash" and (parsed.ending in _OTHER_SHELLS or _OTHER_SHELL.match(parsed.source)):
        return None
    return grammar
