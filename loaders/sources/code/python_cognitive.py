"""Cognitive complexity, and the depth of nesting, of Python code, by the rules of complexipy 8.

https://rohaquinlop.github.io/complexipy/understanding-scores/
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_WITH_VALUE = {ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.Expr}
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)
_TRIES: tuple[type, ...] = (ast.Try, getattr(ast, "TryStar", ast.Try))


class Effort(NamedTuple):
    """The complexity of code that is not nested in other code."""

    score: int
    nested: int  # what every further level of nesting adds to it
    depth: int = 0  # of the control structures in it

    def inside(self) -> Effort:
        """Return the complexity of the same code one level deeper."""
        return Effort(self.score + self.nested, self.nested, self.depth + 1)


_NONE = Effort(0, 0)
_STRUCTURE = Effort(1, 1)
_BRANCH = Effort(1, 0)


class Cognition:
    """Asked for the complexity of the functions of a module, and looks at each statement once."""

    def __init__(self) -> None:
        self._known: dict[int, Effort] = {}
        self._leaves_out_definitions = False

    def of_function(self, node: FunctionNode) -> Effort:
        """Return the complexity of a function, with the functions in it."""
        found = self._known.get(id(node))
        if found is None:
            found = self._known[id(node)] = self._function(node)
        return found

    def of_module(self, tree: ast.Module) -> Effort:
        """Return the complexity of what is outside all functions."""
        self._leaves_out_definitions = True
        found = self.of_statements(tree.body)
        self._leaves_out_definitions = False
        return found

    def of_statements(self, statements: Iterable[ast.stmt]) -> Effort:
        return _sum(
            [
                found
                for statement in statements
                if (found := self._statement(statement)) is not _NONE
            ]
        )

    def _function(self, node: FunctionNode) -> Effort:
        body = node.body
        if len(body) == 2 and _is_function(body[0]) and isinstance(body[1], ast.Return):
            # A decorator counts as the function that it makes.
            return self._statement(body[0])
        return _sum(
            [
                found.inside()._replace(depth=0) if _is_function(statement) else found
                for statement in body
                if (found := self._statement(statement)) is not _NONE
            ]
        )

    def _statement(self, node: Any) -> Effort:
        kind = type(node)
        if kind in _WITH_VALUE:
            value = node.value
            return _NONE if value is None else _effort(value)
        if self._leaves_out_definitions and isinstance(node, _DEFINITIONS):
            return _NONE
        if _is_function(node):
            return self.of_function(node)._replace(depth=0)
        if isinstance(node, ast.ClassDef):
            return self.of_statements(filter(_is_function, node.body))
        if isinstance(node, ast.If):
            return self._if(node)
        if isinstance(node, ast.For | ast.AsyncFor | ast.While):
            test = node.test if isinstance(node, ast.While) else node.iter
            body = self.of_statements(node.body).inside()
            return _sum([_STRUCTURE, _effort(test), body, self.of_statements(node.orelse)])
        if isinstance(node, _TRIES):
            return self._try(node)
        if isinstance(node, ast.With | ast.AsyncWith):
            body = self.of_statements(node.body)
            items = [_effort(item.context_expr) for item in node.items]
            return _sum([*items, body])._replace(depth=body.depth + 1)
        if isinstance(node, ast.Match):
            cases = [self.of_statements(case.body).inside() for case in node.cases]
            return _sum([_STRUCTURE, *cases])
        return _sum([_effort(part) for part in _parts(node)])

    def _if(self, node: ast.If) -> Effort:
        found = [_STRUCTURE]
        while True:
            found += [_effort(node.test), self.of_statements(node.body).inside()]
            rest = node.orelse
            if not rest:
                break
            found.append(_BRANCH)
            follower = rest[0]
            is_chain = isinstance(follower, ast.If) and follower.col_offset == node.col_offset
            if not is_chain:
                found.append(self.of_statements(rest).inside())
                break
            assert isinstance(follower, ast.If)
            node = follower
        return _sum(found)

    def _try(self, node: Any) -> Effort:
        body = self.of_statements(node.body)
        found = [body, self.of_statements(node.orelse), self.of_statements(node.finalbody)]
        for handler in node.handlers:
            found += [_STRUCTURE, self.of_statements(handler.body).inside()]
        return _sum(found)._replace(depth=max(max(one.depth for one in found), body.depth + 1))


def _sum(found: Sequence[Effort]) -> Effort:
    if not found:
        return _NONE
    scores, nested, depths = zip(*found, strict=True)
    return Effort(sum(scores), sum(nested), max(depths))


def _is_function(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def _parts(node: ast.stmt) -> Sequence[ast.expr]:
    """Return the expressions of a statement whose complexity counts."""
    if isinstance(node, ast.Raise):
        return [part for part in (node.exc, node.cause) if part is not None]
    if isinstance(node, ast.Assert):
        return [part for part in (node.test, node.msg) if part is not None]
    return []


def _effort(expression: ast.expr) -> Effort:
    """Return the complexity of an expression."""
    score = nested = 0
    waiting: list[tuple[ast.expr, int]] = []
    node, level = expression, 0
    while True:
        look = _LOOKS.get(type(node))
        if look is not None:
            more, deeper = look(node, level, waiting)
            score += more
            nested += deeper
        if not waiting:
            break
        node, level = waiting.pop()
    return Effort(score, nested) if score else _NONE


Waiting = list[tuple[ast.expr, int]]


def _boolean(node: ast.BoolOp, level: int, waiting: Waiting) -> tuple[int, int]:
    return 1 + _changes(node), 0


def _unary(node: ast.UnaryOp, level: int, waiting: Waiting) -> tuple[int, int]:
    operand = node.operand
    while isinstance(operand, ast.UnaryOp):
        operand = operand.operand
    return (1 + _changes(operand) if isinstance(operand, ast.BoolOp) else 0), 0


def _choice(node: ast.IfExp, level: int, waiting: Waiting) -> tuple[int, int]:
    waiting += [(node.test, level), (node.body, level + 1), (node.orelse, level + 1)]
    return 1 + level, 1


def _lambda(node: ast.Lambda, level: int, waiting: Waiting) -> tuple[int, int]:
    waiting.append((node.body, level + 1))
    return 0, 0


def _comprehension(node: Any, level: int, waiting: Waiting) -> tuple[int, int]:
    score = 0
    for generator in node.generators:
        score += 1 + level + len(generator.ifs)
        waiting.append((generator.iter, level))
        waiting += [(test, level + 1) for test in generator.ifs]
    elements = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
    waiting += [(element, level + 1) for element in elements]
    return score, len(node.generators)


def _inside(field: str) -> Callable[[Any, int, Waiting], tuple[int, int]]:
    def look(node: Any, level: int, waiting: Waiting) -> tuple[int, int]:
        for part in getattr(node, field):
            if type(part) in _LOOKS:
                waiting.append((part, level))
        return 0, 0

    return look


def _compare(node: ast.Compare, level: int, waiting: Waiting) -> tuple[int, int]:
    for part in (node.left, *node.comparators):
        if type(part) in _LOOKS:
            waiting.append((part, level))
    return 0, 0


# Kind of expression → what finds its score, what each level of nesting adds to it, and the
# expressions in it that wait to be looked at.
_LOOKS: dict[type, Callable[[Any, int, Waiting], tuple[int, int]]] = {
    ast.BoolOp: _boolean,
    ast.UnaryOp: _unary,
    ast.IfExp: _choice,
    ast.Lambda: _lambda,
    **dict.fromkeys(_COMPREHENSIONS, _comprehension),
    ast.Call: _inside("args"),
    ast.Tuple: _inside("elts"),
    ast.List: _inside("elts"),
    ast.Set: _inside("elts"),
    ast.Dict: _inside("values"),
    ast.Compare: _compare,
}


def _changes(node: ast.BoolOp) -> int:
    """Return how often `and` and `or` change in a condition."""
    found = 0
    waiting = [node]
    while waiting:
        at = waiting.pop()
        for value in at.values:
            is_negated = isinstance(value, ast.UnaryOp)
            inner = value.operand if isinstance(value, ast.UnaryOp) else value
            if isinstance(inner, ast.BoolOp):
                found += is_negated or type(inner.op) is not type(at.op)
                waiting.append(inner)
    return found
