"""The syntax tree of a Python program, and the values in it that are certain without running it."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterator
from typing import Any

# In place of a value that only a run shows.
UNKNOWN: Any = object()

# Functions and methods that change none of their arguments, and not the value that has the method.
_PURE_CALLS = ("dict", "len", "list", "print", "repr", "set", "setup", "sorted", "str", "tuple")
_PURE_METHODS = (
    *("copy", "format", "get", "index", "join", "lower", "replace", "split", "splitlines"),
    *("startswith", "strip"),
)
# Functions that can bind or change any name.
_ANY_NAME = ("eval", "exec", "globals", "locals", "vars")
_DISPLAYS = (ast.Dict, ast.List, ast.Set, ast.Starred, ast.Tuple)
_EXPRESSIONS = (
    *(*_DISPLAYS, ast.BinOp, ast.BoolOp, ast.Compare, ast.FormattedValue, ast.IfExp, ast.UnaryOp),
    *(ast.If, ast.While, ast.For, ast.comprehension, ast.Assert, ast.Raise),
)
_TEXT_METHODS: dict[str, Callable[[str], Any]] = {
    "split": str.split,
    "splitlines": str.splitlines,
    "strip": str.strip,
}


class Program:
    """A parsed program. `is_whole` is false if this Python cannot parse a part of it.

    Raises SyntaxError if it can parse none, and ValueError, RecursionError or MemoryError beyond
    the limits of the parser.
    """

    def __init__(self, source: bytes) -> None:
        self.tree, self.is_whole = _parsed(source)
        self.parents: dict[ast.AST, ast.AST] = {
            child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)
        }
        # Name → the nodes that bind it; the names that an import binds.
        self._bindings: dict[str, list[ast.AST]] = {}
        self.imported: set[str] = set()
        # Names whose value another use than a plain reference may change.
        self._changed: set[str] = set()
        for node in ast.walk(self.tree):
            self._note(node)
        self._spread()

    def value(self, node: ast.expr | None) -> Any:
        """Return the value of an expression of literals and names bound to them, else UNKNOWN."""
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name):
                return self._named(name)
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                return self._items(items)
            case ast.Dict(keys=keys, values=values):
                return self._pairs(keys, values)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return _sum(self.value(left), self.value(right))
            case ast.JoinedStr(values=parts):
                texts = [self.value(part) for part in parts]
                is_text = all(isinstance(text, str) for text in texts)
                return "".join(texts) if is_text else UNKNOWN
            case ast.FormattedValue(value=inner, conversion=-1, format_spec=None):
                return self.value(inner)
            case ast.Subscript(value=inner, slice=ast.Constant(value=key)):
                found = self.value(inner)
                return found.get(key, UNKNOWN) if isinstance(found, dict) else UNKNOWN
            case ast.Call():
                return self._result(node)
        return UNKNOWN

    def _items(self, items: list[ast.expr]) -> list[Any]:
        found: list[Any] = []
        for item in items:
            if isinstance(item, ast.Starred):
                inner = self.value(item.value)
                found += inner if isinstance(inner, list) else [UNKNOWN]
            else:
                found.append(self.value(item))
        return found

    def _pairs(self, keys: list[ast.expr | None], values: list[ast.expr]) -> dict[Any, Any]:
        """Return a dictionary; UNKNOWN is a key of it if it may have other keys."""
        found: dict[Any, Any] = {}
        for key, value in zip(keys, values, strict=True):
            name = self.value(key)
            inner = self.value(value)
            if key is None:
                found |= inner if isinstance(inner, dict) else {UNKNOWN: UNKNOWN}
            else:
                found[name if isinstance(name, str) else UNKNOWN] = inner
        return found

    def _result(self, call: ast.Call) -> Any:
        """Return the result of the few calls that manifests use for literals."""
        match call:
            case ast.Call(func=ast.Name(id="dict"), args=[], keywords=words):
                keys = [ast.Constant(word.arg) if word.arg else None for word in words]
                return self._pairs(list(keys), [word.value for word in words])
            case ast.Call(func=ast.Name(id="list" | "sorted"), args=[inner], keywords=[]):
                value = self.value(inner)
                return value if isinstance(value, list) else UNKNOWN
            case ast.Call(func=ast.Attribute(value=owner, attr=name), args=[], keywords=[]):
                text = self.value(owner)
                is_text = isinstance(text, str) and name in _TEXT_METHODS
                return _TEXT_METHODS[name](text) if is_text else UNKNOWN
        return UNKNOWN

    def _named(self, name: str) -> Any:
        """Return the value of a name that one plain statement binds and nothing can change."""
        bound = self._bindings.get(name, [])
        if len(bound) != 1 or name in self._changed:
            return UNKNOWN
        statement = self.parents.get(bound[0])
        if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or not self._is_plain(statement):
            return UNKNOWN
        # A name in its own value is unknown, which ends a circle of names.
        self._changed.add(name)
        value = self.value(statement.value)
        self._changed.discard(name)
        return value

    def _is_plain(self, statement: ast.stmt) -> bool:
        """Return whether *statement* runs once, if the program runs: not in a loop or a branch."""
        above = self.parents.get(statement)
        while isinstance(above, (ast.FunctionDef, ast.With)) or _is_main(above):
            above = self.parents.get(above) if above is not None else None
        return isinstance(above, ast.Module)

    def _note(self, node: ast.AST) -> None:
        """Note the names that *node* binds, or uses in a way that may change their values."""
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                if self._may_change(node):
                    self._changed.add(name)
            case ast.Name(id=name):
                self._bindings.setdefault(name, []).append(node)
                if isinstance(self.parents.get(node), (ast.AugAssign, ast.Tuple, ast.List)):
                    self._changed.add(name)
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                for alias in names:
                    self.imported.add((alias.asname or alias.name).partition(".")[0])
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
                self._bindings.setdefault(name, []).append(node)
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                self._changed.update(names)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                self._changed.add(name)

    def _may_change(self, name: ast.Name) -> bool:
        """Return whether a use of a name may change its value: a method, an item, a call."""
        parent = self.parents.get(name)
        match parent:
            case ast.Call(func=function) if function is not name:
                return not isinstance(function, (ast.Name, ast.Attribute)) or (
                    _last_name(function) not in (*_PURE_CALLS, *_PURE_METHODS)
                )
            case ast.Attribute(attr=method):
                return method not in _PURE_METHODS
            case ast.Subscript(ctx=ast.Load()):
                user = self.parents.get(parent)
                is_method = isinstance(user, ast.Attribute) and user.attr not in _PURE_METHODS
                return is_method or isinstance(user, (ast.Subscript, ast.AugAssign))
            case ast.keyword():
                call = self.parents.get(parent)
                called = _last_name(call.func) if isinstance(call, ast.Call) else ""
                return called not in _PURE_CALLS
            case ast.Assign() | ast.AnnAssign() | ast.Call():
                return False
        return not isinstance(parent, _EXPRESSIONS)

    def _spread(self) -> None:
        """Mark the names as changed whose values a changed name shares."""
        waiting = list(self._changed)
        while waiting:
            for binding in self._bindings.get(waiting.pop(), []):
                statement = self.parents.get(binding)
                value = getattr(statement, "value", None)
                for name in _shared(value) if isinstance(value, ast.expr) else ():
                    if name not in self._changed:
                        self._changed.add(name)
                        waiting.append(name)

    def binds_any_name(self) -> bool:
        """Return whether the program can bind names that its text does not show."""
        for node in ast.walk(self.tree):
            match node:
                case ast.Call(func=ast.Name(id=name), args=args) if name in _ANY_NAME:
                    # `exec(code, names)` binds in a dictionary of its own.
                    if len(args) < 2:
                        return True
                case ast.ImportFrom(names=[ast.alias(name="*")]):
                    return True
        return False

    def binds(self, name: str) -> bool:
        """Return whether another statement than an import binds *name*."""
        return name in self._bindings


def _last_name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _shared(value: ast.expr) -> Iterator[str]:
    """Yield the names whose values are the value of an expression, or items of it."""
    waiting: list[ast.AST] = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, _DISPLAYS):
            waiting += ast.iter_child_nodes(node)


def _sum(left: Any, right: Any) -> Any:
    if isinstance(left, list) and isinstance(right, list):
        return left + right
    return left + right if isinstance(left, str) and isinstance(right, str) else UNKNOWN


def _is_main(node: ast.AST | None) -> bool:
    return isinstance(node, ast.If) and "__main__" in ast.dump(node.test) and not node.orelse


def _parsed(source: bytes) -> tuple[ast.Module, bool]:
    """Return the tree of *source*; parts of a newer Python, or of Python 2, are left out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(source), True
        except SyntaxError as error:
            if "too many" in str(error):
                raise
            statements: list[ast.stmt] = []
            for part in re.split(rb"\n(?=[A-Za-z_@])", source):
                try:
                    statements += ast.parse(part).body
                except SyntaxError:
                    continue
            if not statements:
                raise
            return ast.Module(body=statements, type_ignores=[]), False
