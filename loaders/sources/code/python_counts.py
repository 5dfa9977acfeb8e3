"""Cyclomatic complexity, and the operators and operands of Halstead, of a Python module.

They are counted by the rules of radon 6 (https://radon.readthedocs.io/en/latest/intro.html).
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from loaders.sources.code.python_walk import NOT_COUNTED, Handlers, Walk


def _one(walk: Walk, node: Any) -> bool:
    walk.at.counted.cyclomatic += 1
    return False


def _loop(walk: Walk, node: ast.For | ast.AsyncFor | ast.While) -> bool:
    walk.at.counted.cyclomatic += 1 + bool(node.orelse)
    return False


def _try(walk: Walk, node: ast.Try) -> bool:
    walk.at.counted.cyclomatic += len(node.handlers) + bool(node.orelse)
    return False


def _match(walk: Walk, node: ast.Match) -> bool:
    is_any = any(
        isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
        for case in node.cases
    )
    walk.at.counted.cyclomatic += len(node.cases) - is_any
    return False


def _assert(walk: Walk, node: ast.Assert) -> bool:
    walk.at.counted.cyclomatic += 1
    inner = [node.test, *([node.msg] if node.msg else [])]
    walk.inside(walk.at._replace(counted=NOT_COUNTED), inner)
    return True


def _count(walk: Walk, operators: Sequence[ast.AST], operands: Sequence[ast.expr]) -> None:
    context = walk.at.context
    if context is None:
        return
    walk.operators += len(operators)
    walk.operands += len(operands)
    walk.distinct_operators.update(map(type, operators))
    for operand in operands:
        if isinstance(operand, ast.Name):
            walk.operand_keys.add((context, operand.id))
        elif isinstance(operand, ast.Attribute):
            walk.operand_keys.add((context, operand.attr))
        elif isinstance(operand, ast.Constant):
            walk.operand_keys.add((context, operand.value))
        else:
            walk.unnamed_operands += 1


def _binary(walk: Walk, node: ast.BinOp) -> bool:
    _count(walk, [node.op], [node.left, node.right])
    return False


def _unary(walk: Walk, node: ast.UnaryOp) -> bool:
    _count(walk, [node.op], [node.operand])
    return False


def _boolean(walk: Walk, node: ast.BoolOp) -> bool:
    walk.at.counted.cyclomatic += len(node.values) - 1
    _count(walk, [node.op], node.values)
    return False


def _augmented(walk: Walk, node: ast.AugAssign) -> bool:
    _count(walk, [node.op], [node.target, node.value])
    return False


def _compare(walk: Walk, node: ast.Compare) -> bool:
    _count(walk, node.ops, [*node.comparators, node.left])
    return False


def _generator(walk: Walk, node: ast.comprehension) -> bool:
    walk.at.counted.cyclomatic += len(node.ifs) + 1
    return False


COUNTS: Handlers = {
    ast.IfExp: _one,
    ast.For: _loop,
    ast.AsyncFor: _loop,
    ast.While: _loop,
    ast.Try: _try,
    ast.Match: _match,
    ast.Assert: _assert,
    ast.comprehension: _generator,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _boolean,
    ast.AugAssign: _augmented,
    ast.Compare: _compare,
}
