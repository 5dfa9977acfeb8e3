"""The facts that an extractor finds in one content: the rows of `tables.py`, before they land.

A line is a number from 1. A qualified name joins the names of the enclosing symbols by dots.

A call or a base type is resolved as far as its own content goes, and `via` says how:

- `local`: *target* is the qualified name of a symbol of this content.
- `self`: the receiver is the object or the class itself; *target* is `Class.member` of this
  content, which may be inherited.
- `import`: *import_index* is the import of this content that binds the first name; *target* is
  the rest of the dotted name, None if nothing is left.
- `type`: a variable, a parameter or a field whose type the content says; *target* is
  `Class.member`, or with *import_index* the member of what is imported.
- `name`: only the last name is known; *target* is None.
"""

from __future__ import annotations

import math
from typing import NamedTuple


class Symbol(NamedTuple):
    """A definition: something that other code can name."""

    qualified_name: str
    name: str
    kind: str  # a word of tables.SYMBOL_KINDS
    parent: str | None  # qualified name of the enclosing symbol
    start_line: int
    end_line: int
    parameters: list[str] | None  # names as written, without types and defaults; None: takes none
    has_docs: bool
    is_exported: bool  # other files can name it
    # Of functions and methods, without nested functions, unless the measure counts them.
    code_lines: int | None = None
    cyclomatic: int | None = None
    cognitive: int | None = None
    nesting: int | None = None  # deepest nesting of control structures


class Import(NamedTuple):
    """One name, or one module, that a content imports. Its place in the list is its index."""

    line: int
    kind: str  # a word of tables.IMPORT_KINDS
    module: str  # as written: pkg.mod, ./x, fmt, crate::a::b, stdio.h
    level: int  # leading dots of a relative import of Python; else 0
    name: str | None  # the name taken from the module; *: all; None: the module itself
    bound_name: str | None  # the name that this content uses for it; None: binds none
    scope: str | None  # qualified name of the symbol that it is inside
    is_type_only: bool = False  # only for type checkers


class Call(NamedTuple):
    """One call, or one creation of an object."""

    line: int
    caller: str | None  # qualified name of the innermost symbol; None: top level
    callee: str  # as written, without arguments and white space
    via: str
    target: str | None = None
    import_index: int | None = None


class Base(NamedTuple):
    """One type that a type inherits from, implements, embeds or mixes in."""

    symbol: str  # qualified name of the inheriting type
    line: int
    kind: str  # a word of tables.BASE_KINDS
    base: str  # as written
    via: str
    target: str | None = None
    import_index: int | None = None


class Halstead(NamedTuple):
    """Distinct and all operators and operands (Halstead 1977)."""

    distinct_operators: int
    distinct_operands: int
    operators: int
    operands: int

    @property
    def volume(self) -> float:
        """The length of the program, in bits of its vocabulary."""
        vocabulary = self.distinct_operators + self.distinct_operands
        length = self.operators + self.operands
        return length * math.log2(vocabulary) if vocabulary else 0.0


class Code(NamedTuple):
    """All that is known about the code of one content."""

    # tree: parsed; partial: parsed but for error_lines; lines: only lines are counted, because
    # there is no parser or it is too large for one; too_large: not read; refused: ended a worker.
    parse_state: str
    total_lines: int | None = None
    code_lines: int | None = None
    comment_lines: int | None = None
    blank_lines: int | None = None
    error_lines: int | None = None  # lines inside what does not parse
    package: str | None = None  # that the content says it is part of: Java, Go, PHP, C#
    cyclomatic: int | None = None  # sum over all functions and the top level, by the tool's formula
    cognitive: int | None = None
    nesting: int | None = None
    halstead: Halstead | None = None
    maintainability_index: float | None = None  # 0 to 100
    symbols: list[Symbol] = []  # noqa: RUF012  (a NamedTuple's default is never changed)
    imports: list[Import] = []  # noqa: RUF012
    calls: list[Call] = []  # noqa: RUF012
    bases: list[Base] = []  # noqa: RUF012
