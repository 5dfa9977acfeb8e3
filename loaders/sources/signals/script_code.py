"""Extract signals of JavaScript and TypeScript code with tree-sitter queries."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from functools import cache
from itertools import accumulate, islice
from typing import TYPE_CHECKING, Any

from loaders.sources.contents.grammars import grammar_language
from loaders.sources.signals.literals import kind_of_text
from loaders.sources.signals.tally import Signal, Tally
from loaders.sources.signals.words import families

# Imported on first use: the parsers are not needed without scripts.
if TYPE_CHECKING:
    from tree_sitter import Node, Query

_WORD = re.compile(r"[A-Za-z]{2,}")
_DOC_WORDS = 40
_COMMENT_WORDS = 12
_LONGEST_LINE = 2000
_PLAIN_NAME = re.compile(r"[\w$]+(?:\??\.[\w$#]+)*")
_NAME = re.compile(r"[\w$]+")
_SOURCE_NAME = re.compile(rb"[A-Za-z_$][\w$]{2,60}")
# `import x from "y"`, `import * as x from "y"`, `const x = require("y")`, `import("y")`.
# The name is optional.
_IMPORT = re.compile(
    r"""(?:\b(?:import|const|let|var)\s+(?:\*\s*as\s+)?([\w$]+)\s*(?:=\s*(?:[\w$.]+\()?|from\s+))?"""
    r"""(?:\bfrom\s*|\brequire\(\s*|\bimport\(?\s*|(?<=from ))["']([^"'\n]{1,200})["']"""
)
# The number of matches that a query keeps in progress; above it, some are dropped and not counted.
_MATCH_LIMIT = 10_000

# The pattern of each kind of signal.
_PATTERNS = {
    "call": "(call_expression function: [(identifier) (member_expression)] @call)",
    "new": "(new_expression constructor: (_) @new)",
    "function": """
        (function_declaration name: (_) @function)
        (generator_function_declaration name: (_) @function)
        (method_definition name: (_) @function)
        (variable_declarator name: (identifier) @function
            value: [(arrow_function) (function_expression)])
        (pair key: (property_identifier) @function value: [(arrow_function) (function_expression)])
        (assignment_expression left: (member_expression property: (_) @function)
            right: [(arrow_function) (function_expression)])
    """,
    "class": "(class_declaration name: (_) @class)",
    "base": "(class_heritage) @base",
    "reexport": "(export_statement source: (string (string_fragment) @reexport))",
    "exports": """
        (assignment_expression left: (member_expression object: (identifier) @exports)
            (#match? @exports "^(module|exports)$"))
    """,
    "key": "(pair key: (property_identifier) @key)",
    "parameter": "(formal_parameters (identifier) @parameter)",
    "comment": "(comment) @comment",
    "string": "(string (string_fragment) @string)",
    "template": "(template_string) @template",
    "return": "(return_statement) @return",
    "throw": "(throw_statement) @throw",
    "loop": "[(for_statement) (for_in_statement)] @loop (while_statement) @while",
    "branch": "[(if_statement) (ternary_expression) (switch_case)] @branch",
    "handles": "(try_statement) @handles",
    "await": "(await_expression) @await",
    "yield": "(yield_expression) @yield",
    "regex": "(regex) @regex",
    "arrow": "(arrow_function) @arrow",
}
_TYPES = """
    [(interface_declaration) (type_alias_declaration) (enum_declaration)] @type
    (interface_declaration name: (_) @class)
"""
_SHAPES = {
    "return": "returns",
    "throw": "raises",
    "loop": "loop",
    "while": "while loop",
    "branch": "branch",
    "handles": "handles errors",
    "await": "awaits",
    "yield": "yields",
    "regex": "text of a pattern",
    "arrow": "lambda",
    "template": "formatted text",
    "type": "class without methods",
    "reexport": "re-export",
    "exports": "sets another's field",
    "class": "class",
    "function": "function",
}


@cache
def _query(kind: str) -> Query:
    import tree_sitter

    text = "\n".join(_PATTERNS.values())
    if kind != "javascript":
        text = text.replace("(formal_parameters (identifier) @parameter)",
                            "(required_parameter pattern: (identifier) @parameter)")  # fmt: skip
        text += _TYPES
    return tree_sitter.Query(grammar_language(kind), text)


def signals_of(tree: Any, source: bytes, kind: str) -> list[Signal]:
    """Return the signals of a parsed script."""
    import tree_sitter

    cursor = tree_sitter.QueryCursor(_query(kind), match_limit=_MATCH_LIMIT)
    script = _Script(source, cursor.captures(tree.root_node))
    script.count_all()
    return script.tally.signals(script.aliases)


class _Script:
    """Counts the captures (capture → nodes) of one script in a tally."""

    def __init__(self, source: bytes, captures: dict[str, list[Node]]) -> None:
        self.source = source
        self.captures = captures
        self.tally = Tally()
        self.aliases: dict[str, str] = {}

    def text(self, node: Node) -> str:
        return self.source[node.start_byte : min(node.end_byte, node.start_byte + 400)].decode(
            "utf-8", "replace"
        )

    def count_all(self) -> None:
        self._add_imports()
        self._add_names()
        for capture, nodes in self.captures.items():
            if capture in _SHAPES:
                first = min(node.start_point.row for node in nodes)
                self.tally.shape(_SHAPES[capture], first + 1, len(nodes))
            if add := getattr(self, f"_add_{capture}", None):
                for node in nodes:
                    add(self.text(node), node.start_point.row + 1)

    def _add_imports(self) -> None:
        for number, line in enumerate(self.source.split(b"\n"), 1):
            # The substring searches exclude nearly every line, ten times as fast as the regex.
            if b"require" in line or b"from" in line or b"import" in line:
                for match in _IMPORT.finditer(line[:_LONGEST_LINE].decode("utf-8", "replace")):
                    alias, module = match.groups()
                    self._add_import(alias, module, number)

    def _add_import(self, alias: str | None, module: str, line: int) -> None:
        if alias:
            self.aliases[alias] = module
        if module.startswith("."):
            self.tally.shape("relative import", line)
        else:
            self.tally.module(module, line)
        self.tally.name("imported", module[:80], line)

    def _add_names(self) -> None:
        """Add every word of the source that could be a name, also in comments and strings."""
        ends = list(
            accumulate(
                map(len, self.source.split(b"\n")), lambda end, length: end + length + 1, initial=0
            )
        )
        names = self.tally.names["name"]
        for name, count in Counter(_SOURCE_NAME.findall(self.source)).items():
            if any(families(text := name.decode())):
                names[text] = [count, bisect_right(ends, self.source.find(name))]

    def _add_call(self, text: str, line: int) -> None:
        name = _dotted(text)
        self.tally.call(name, line)
        if name.startswith("assert") or name in ("describe", "it", "test"):
            self.tally.shape("assertion", line)

    def _add_new(self, text: str, line: int) -> None:
        self.tally.call(_dotted(text), line)

    def _add_function(self, text: str, line: int) -> None:
        self.tally.name("function", text, line)

    def _add_class(self, text: str, line: int) -> None:
        self.tally.name("class", text, line)

    def _add_base(self, text: str, line: int) -> None:
        name = _dotted(text.partition("extends")[2].strip())
        self.tally.name("base", name.rpartition(".")[2], line)
        if name.endswith("Error"):
            self.tally.shape("exception class", line)

    def _add_key(self, text: str, line: int) -> None:
        self.tally.name("key", text, line)

    def _add_parameter(self, text: str, line: int) -> None:
        self.tally.name("parameter", text, line)

    def _add_comment(self, text: str, line: int) -> None:
        words = [match.group() for match in islice(_WORD.finditer(text), _DOC_WORDS)]
        if line <= 12:
            self.tally.say("first doc", words, line)
        else:
            self.tally.say("doc", words[:_COMMENT_WORDS], line)

    def _add_string(self, text: str, line: int) -> None:
        kind = kind_of_text(text)
        if kind:
            self.tally.shape(kind, line)
        if " " in text:
            self.tally.say(
                "text", [match.group() for match in islice(_WORD.finditer(text), 8)], line
            )

    def _add_template(self, text: str, line: int) -> None:
        kind = kind_of_text(text.strip("`"))
        if kind:
            self.tally.shape(kind, line)


def _dotted(text: str) -> str:
    """Return the dotted name in a call; for a longer expression, a dot and its last name."""
    if _PLAIN_NAME.fullmatch(text):
        return text.replace("?.", ".")
    found = _NAME.findall(text[-80:])
    return f".{found[-1]}" if found else ""
