"""The code of a Python module, from its own syntax tree."""

from __future__ import annotations

import ast
from typing import Any

from loaders.sources.code.facts import Base, Call, Code, Halstead, Symbol
from loaders.sources.code.maintainability import maintainability_index
from loaders.sources.code.python_cognitive import Cognition, Effort
from loaders.sources.code.python_counts import COUNTS
from loaders.sources.code.python_definitions import DEFINITIONS
from loaders.sources.code.python_lines import Lines, count_python_lines
from loaders.sources.code.python_names import NAMES
from loaders.sources.code.python_walk import Definition, Handlers, Walk

_HANDLERS: Handlers = {**DEFINITIONS, **NAMES, **COUNTS}
_LONGEST_CALLEE = 200
_FUNCTION_KINDS = ("function", "method")


def python_code(tree: ast.Module, text: str) -> Code:
    """Return the code of a module that parses, given with its text."""
    walk = Walk(tree)
    walk.run(_HANDLERS)
    lines = count_python_lines(text)
    cognition = Cognition()
    symbols = [_symbol(found, lines, cognition) for found in walk.definitions]
    others = cognition.of_module(tree)
    halstead = Halstead(
        len(walk.distinct_operators),
        len(walk.operand_keys) + walk.unnamed_operands,
        walk.operators,
        walk.operands,
    )
    listed = [
        symbol
        for symbol, found in zip(symbols, walk.definitions, strict=True)
        if found.kind in _FUNCTION_KINDS and not _is_inside_function(found)
    ]
    return Code(
        "tree",
        total_lines=lines.total,
        code_lines=lines.code,
        comment_lines=lines.comment,
        blank_lines=lines.blank,
        error_lines=0,
        cyclomatic=walk.total_cyclomatic,
        cognitive=others.score + sum(symbol.cognitive or 0 for symbol in listed),
        nesting=max([others.depth, *(symbol.nesting or 0 for symbol in symbols)]),
        halstead=halstead,
        maintainability_index=maintainability_index(
            halstead.volume, walk.total_cyclomatic, lines.logical, lines.comment_percent
        ),
        symbols=symbols,
        imports=walk.imports,
        calls=_calls(walk),
        bases=_bases(walk),
    )


def _is_inside_function(found: Definition) -> bool:
    outer = found.outer
    while outer is not None and outer.kind == "class":
        outer = outer.outer
    return outer is not None and outer.kind in _FUNCTION_KINDS


def _symbol(found: Definition, lines: Lines, cognition: Cognition) -> Symbol:
    node = found.node
    first, last = node.lineno, node.end_lineno or node.lineno
    effort = Effort(0, 0)
    if found.kind in _FUNCTION_KINDS:
        effort = cognition.of_function(node)
    return Symbol(
        found.qualified_name,
        found.name,
        found.kind,
        found.parent,
        first,
        last,
        _parameters(node.args) if found.kind in _FUNCTION_KINDS else None,
        found.kind != "type" and _has_docs(node.body),
        found.is_exported,
        lines.code_between(first, last),
        found.cyclomatic if found.kind != "type" else None,
        effort.score + found.calls_itself if found.kind in _FUNCTION_KINDS else None,
        effort.depth if found.kind in _FUNCTION_KINDS else None,
    )


def _parameters(arguments: ast.arguments) -> list[str]:
    names = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    if arguments.vararg:
        names.append(f"*{arguments.vararg.arg}")
    names += [argument.arg for argument in arguments.kwonlyargs]
    return [*names, f"**{arguments.kwarg.arg}"] if arguments.kwarg else names


def _has_docs(body: list[ast.stmt]) -> bool:
    first = body[0] if body else None
    return (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
        and bool(first.value.value.strip())
    )


def _calls(walk: Walk) -> list[Call]:
    resolve = walk.resolver.call
    return [
        Call(line, caller, _written(function), *resolve(function, scope))
        for line, caller, function, scope in walk.calls
    ]


def _bases(walk: Walk) -> list[Base]:
    return [
        Base(
            found.qualified_name,
            base.lineno,
            "extends",
            _written(base.value if isinstance(base, ast.Subscript) else base),
            *walk.resolver.base(base, found.scope),
        )
        for found in walk.definitions
        if found.kind == "class"
        for base in found.node.bases
        if not isinstance(base, ast.Starred)
    ]


def _written(node: Any) -> str:
    """Return an expression that is called as it is written, without white space and arguments."""
    if type(node) is ast.Name:
        return node.id
    parts: list[str] = []
    while True:
        if isinstance(node, ast.Attribute):
            parts.append(f".{node.attr}")
            node = node.value
        elif isinstance(node, ast.Call):
            parts.append("()")
            node = node.func
        elif isinstance(node, ast.Subscript):
            parts.append("[]")
            node = node.value
        else:
            break
    parts.append(node.id if isinstance(node, ast.Name) else _in_brief(node))
    text = "".join(reversed(parts))
    return text if len(text) <= _LONGEST_CALLEE else f"…{text[-_LONGEST_CALLEE:]}"


def _in_brief(node: ast.expr) -> str:
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return "''" if is_text or isinstance(node, ast.JoinedStr) else "(…)"
