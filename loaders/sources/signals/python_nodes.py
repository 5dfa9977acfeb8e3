"""The signals of each kind of node of a Python syntax tree.

The names of shapes are keys of seeds/role_signal_weights.csv.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from loaders.sources.signals.literals import kind_of_text
from loaders.sources.signals.tally import Tally

_WORD = re.compile(r"[A-Za-z]{2,}")
_DOC_WORDS = 40
_TEXT_WORDS = 8
_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
# After this, a text shows how a command is called, not the job of its code.
_USAGE = re.compile(
    r"^[ \t]*(?:usage\b[ \t]*:?|(?:options|arguments|examples?|synopsis)[ \t]*:[ \t]*$)",
    re.IGNORECASE | re.MULTILINE,
)
_HELP_KEYWORDS = ("help", "epilog", "usage", "metavar")


@dataclass
class Found:
    """The findings of one pass over one tree so far."""

    tally: Tally = field(default_factory=Tally)
    # Name in the file → the module or the member of a module that it was imported as.
    aliases: dict[str, str] = field(default_factory=dict)
    # Ids of the nodes of texts that describe options to a user, and not the code.
    help_texts: set[int] = field(default_factory=set)


def dotted(node: ast.expr) -> str:
    """Return a name such as `os.path.join`; other expressions are left out: `f().x` → `.x`."""
    parts: list[str] = []
    while type(node) is ast.Attribute:
        parts.append(node.attr)
        node = node.value
    parts.append(node.id if type(node) is ast.Name else "")
    return ".".join(parts[::-1])


def _first_words(text: str, count: int) -> list[str]:
    return [match.group() for match in islice(_WORD.finditer(text[: count * 20]), count)]


def _docstring(body: list[ast.stmt]) -> tuple[str, int] | None:
    """Return the text and its line."""
    first = body[0] if body else None
    if (
        type(first) is ast.Expr
        and type(first.value) is ast.Constant
        and type(first.value.value) is str
    ):
        text = first.value.value
        if usage := _USAGE.search(text):
            text = text[: usage.start()]
        return text, first.value.lineno
    return None


def count_module(tree: ast.Module, tally: Tally) -> None:
    body = tree.body
    doc = _docstring(body)
    if doc:
        text, place = doc
        tally.say("first doc", _first_words(text, _DOC_WORDS), place)
    for node in body:
        kind = type(node)
        if kind in (ast.Assign, ast.AnnAssign):
            tally.shape("module assignment", node.lineno)
        elif isinstance(node, ast.If) and _is_main_guard(node.test):
            tally.shape("main guard", node.lineno)
        elif kind not in (ast.Import, ast.ImportFrom, ast.Expr, ast.ClassDef, *_FUNCTION):
            tally.shape("module statement", node.lineno)
    if body and all(
        type(node) in (ast.Import, ast.ImportFrom, ast.Expr, ast.Assign) for node in body
    ):
        tally.shape("no definitions", body[0].lineno)


def _is_main_guard(test: ast.expr) -> bool:
    return type(test) is ast.Compare and type(test.left) is ast.Name and test.left.id == "__name__"


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef, found: Found) -> None:
    tally, line = found.tally, node.lineno
    name = node.name
    body = node.body
    doc = _docstring(body)
    tally.name("function", name, line)
    arguments = node.args
    for argument in arguments.args:
        tally.name("parameter", argument.arg, line)
    for argument in arguments.kwonlyargs:
        tally.name("parameter", argument.arg, line)
    if doc:
        text, place = doc
        tally.say("doc", _first_words(text.partition("\n\n")[0], 12), place)
    if type(node) is ast.AsyncFunctionDef:
        tally.shape("async function", line)
    is_method = bool(arguments.args) and arguments.args[0].arg in ("self", "cls")
    tally.shape("method" if is_method else "function", line)
    length = len(body) - (doc is not None)
    if length == 0 or (length == 1 and type(body[-1]) is ast.Pass):
        tally.shape("empty function", line)
    elif length == 1:
        tally.shape("one-line function", line)
    elif length > 10:
        tally.shape("long function", line)
    if type(body[-1]) is ast.Return and is_method and length == 1:
        tally.shape("getter", line)
    if name.startswith(("visit_", "leave_", "depart_", "visit")):
        tally.shape("visitor method", line)
    elif name.startswith("test"):
        tally.shape("test function", line)
    elif name == "__init__":
        tally.shape("constructor", line)
    elif name.startswith("__"):
        tally.shape("special method", line)
    _decorators(node, tally)


def _decorators(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, tally: Tally) -> None:
    for decorator in node.decorator_list:
        target = decorator.func if type(decorator) is ast.Call else decorator
        name = dotted(target)
        last = name.rpartition(".")[2]
        tally.name("decorator", last, decorator.lineno)
        if last in _KNOWN_DECORATORS:
            tally.shape(_KNOWN_DECORATORS[last], decorator.lineno)


_KNOWN_DECORATORS = {
    "property": "property",
    "setter": "property",
    "cached_property": "property",
    "abstractmethod": "abstract method",
    "staticmethod": "static method",
    "classmethod": "class method",
    "dataclass": "data class",
    "s": "data class",
    "define": "data class",
    "frozen": "data class",
    "contextmanager": "context manager",
    "overload": "overload",
    "command": "command function",
    "group": "command function",
    "fixture": "test fixture",
    "hookimpl": "hook",
    "wraps": "decorator made",
}


def _class(node: ast.ClassDef, found: Found) -> None:
    tally, line = found.tally, node.lineno
    tally.name("class", node.name, line)
    tally.shape("class", line)
    body = node.body
    doc = _docstring(body)
    if doc:
        text, place = doc
        tally.say("doc", _first_words(text.partition("\n\n")[0], 15), place)
    for base in node.bases:
        name = dotted(base).rpartition(".")[2] if type(base) in (ast.Name, ast.Attribute) else ""
        if not name:
            continue
        tally.name("base", name, line)
        if name.endswith(("Error", "Exception", "Warning")):
            tally.shape("exception class", line)
        elif name in _DATA_BASES:
            tally.shape("data class", line)
        elif name in ("ABC", "Protocol", "Interface"):
            tally.shape("abstract class", line)
        elif name.endswith("TestCase") or name.startswith("Test"):
            tally.shape("test class", line)
    methods = 0
    for item in body:
        kind = type(item)
        if kind is ast.AnnAssign:
            tally.shape("class field", item.lineno)
        elif isinstance(item, ast.Assign):
            tally.shape("class attribute", item.lineno)
            target = item.targets[0]
            if type(target) is ast.Name:
                tally.name("key", target.id, item.lineno)
        elif kind in _FUNCTION:
            methods += 1
    if not methods:
        tally.shape("class without methods", line)
    elif methods == 1:
        tally.shape("class of one method", line)
    _decorators(node, tally)


_DATA_BASES = {
    "NamedTuple", "TypedDict", "Enum", "IntEnum", "StrEnum", "Flag", "BaseModel", "Struct",
}  # fmt: skip


def _call(node: ast.Call, found: Found) -> None:
    func = node.func
    tally = found.tally
    name = dotted(func)
    met = tally.calls.get(name)
    if met is None:
        tally.calls[name] = [1, node.lineno]
    else:
        met[0] += 1
    if name == "open" or name.endswith(".open"):
        _open(node, tally)
    for keyword in node.keywords:
        if keyword.arg:
            tally.name("key", keyword.arg, node.lineno)
            if keyword.arg in _HELP_KEYWORDS:
                found.help_texts.add(id(keyword.value))


def _open(node: ast.Call, tally: Tally) -> None:
    mode = node.args[1] if len(node.args) > 1 else None
    for keyword in node.keywords:
        if keyword.arg == "mode":
            mode = keyword.value
    text = mode.value if type(mode) is ast.Constant and type(mode.value) is str else "r"
    tally.shape("opens to write" if set(text) & set("wax+") else "opens to read", node.lineno)


def _import(node: ast.Import, found: Found) -> None:
    for alias in node.names:
        found.tally.module(alias.name, node.lineno)
        found.aliases[alias.asname or alias.name.partition(".")[0]] = alias.name
        for part in alias.name.split("."):
            found.tally.name("imported", part, node.lineno)


def _import_from(node: ast.ImportFrom, found: Found) -> None:
    tally = found.tally
    module = node.module or ""
    if node.level:
        tally.shape("relative import", node.lineno)
    else:
        tally.module(module, node.lineno)
    for part in module.split("."):
        tally.name("imported", part, node.lineno)
    for alias in node.names:
        if alias.name == "*":
            tally.shape("star import", node.lineno)
            continue
        tally.name("imported", alias.name, node.lineno)
        if not node.level:
            found.aliases[alias.asname or alias.name] = f"{module}.{alias.name}"


def _constant(node: ast.Constant, found: Found) -> None:
    value = node.value
    if type(value) is not str or len(value) < 3 or id(node) in found.help_texts:
        return
    tally = found.tally
    if len(value) > 4000:
        tally.shape("long text", node.lineno)
        return
    head = value[:200]
    if usage := _USAGE.search(head):
        head = head[: usage.start()]
    if " " in head:
        tally.say("text", _first_words(head, _TEXT_WORDS), node.lineno)
    kind = kind_of_text(head)
    if kind:
        tally.shape(kind, node.lineno)


def _assign(node: ast.Assign, found: Found) -> None:
    target = node.targets[0]
    tally = found.tally
    if (
        type(target) is ast.Attribute
        and type(target.value) is ast.Name
        and target.value.id == "self"
    ):
        tally.shape("sets own field", node.lineno)
    elif type(target) is ast.Attribute:
        tally.shape("sets another's field", node.lineno)
    elif type(target) is ast.Subscript:
        tally.shape("sets an entry", node.lineno)
    elif type(target) is ast.Name and target.id.isupper():
        tally.shape("constant", node.lineno)
        tally.name("key", target.id, node.lineno)
    elif type(target) is ast.Name and target.id == "__all__":
        tally.shape("export list", node.lineno)
    size = _size(node.value)
    if size > 8:
        tally.shape("long literal", node.lineno)
        tally.shape("literal entry", node.lineno, size)


def _size(node: ast.expr) -> int:
    if isinstance(node, ast.Dict):
        return len(node.keys)
    return len(node.elts) if isinstance(node, (ast.List, ast.Tuple, ast.Set)) else 0


def _return(node: ast.Return, found: Found) -> None:
    value = node.value
    kind = type(value)
    name = "returns"
    if value is None:
        name = "returns nothing"
    elif isinstance(value, ast.Constant):
        name = "returns a verdict" if type(value.value) is bool else "returns a constant"
    elif kind in (ast.Compare, ast.BoolOp) or (
        isinstance(value, ast.UnaryOp) and type(value.op) is ast.Not
    ):
        name = "returns a verdict"
    elif kind in (ast.Dict, ast.List, ast.ListComp, ast.DictComp, ast.Tuple):
        name = "returns a collection"
    elif kind in (ast.JoinedStr, ast.BinOp):
        name = "returns a text or sum"
    elif kind is ast.Call:
        name = "returns a call"
    found.tally.shape(name, node.lineno)


def _raise(node: ast.Raise, found: Found) -> None:
    error = node.exc.func if type(node.exc) is ast.Call else node.exc
    if type(error) is ast.Name and error.id == "NotImplementedError":
        found.tally.shape("not implemented", node.lineno)
    else:
        found.tally.shape("raises", node.lineno)


def _dict(node: ast.Dict, found: Found) -> None:
    for key in node.keys[:40]:
        if type(key) is ast.Constant and type(key.value) is str:
            found.tally.name("key", key.value, key.lineno)
    found.tally.shape("dictionary", node.lineno)


def _subscript(node: ast.Subscript, found: Found) -> None:
    index = node.slice
    if type(index) is ast.Constant and type(index.value) is str:
        found.tally.name("key", index.value, node.lineno)
        found.tally.shape("entry by name", node.lineno)
    elif type(index) is ast.Slice:
        found.tally.shape("slice", node.lineno)


def _counted(name: str) -> Callable[[ast.stmt | ast.expr, Found], None]:
    def count(node: ast.stmt | ast.expr, found: Found) -> None:
        found.tally.shape(name, node.lineno)

    return count


HANDLERS: dict[type, Callable[[Any, Found], None]] = {
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Call: _call,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Constant: _constant,
    ast.Assign: _assign,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Dict: _dict,
    ast.Subscript: _subscript,
    ast.AugAssign: _counted("adds up"),
    ast.For: _counted("loop"),
    ast.AsyncFor: _counted("loop"),
    ast.While: _counted("while loop"),
    ast.If: _counted("branch"),
    ast.IfExp: _counted("branch"),
    ast.Try: _counted("handles errors"),
    ast.With: _counted("with block"),
    ast.AsyncWith: _counted("with block"),
    ast.Yield: _counted("yields"),
    ast.YieldFrom: _counted("yields"),
    ast.Await: _counted("awaits"),
    ast.Assert: _counted("assertion"),
    ast.Lambda: _counted("lambda"),
    ast.ListComp: _counted("comprehension"),
    ast.GeneratorExp: _counted("comprehension"),
    ast.DictComp: _counted("comprehension"),
    ast.SetComp: _counted("comprehension"),
    ast.JoinedStr: _counted("formatted text"),
    ast.Compare: _counted("comparison"),
    ast.Delete: _counted("deletes a name"),
    ast.BinOp: _counted("arithmetic or joined text"),
    ast.Global: _counted("global state"),
}
