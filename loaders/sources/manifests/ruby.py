"""Read Gemfile and *.gemspec (bundler.io, "Gemfile"; guides.rubygems.org).

Both are programs. They are parsed and never run; a part whose result is not certain makes the
manifest incomplete: a condition, a loop over computed values, an unknown method.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from loaders.sources.manifests.manifest_facts import (
    InvalidManifest,
    Manifest,
    Pointer,
    forge_pointer,
    path_pointer,
    url_pointer,
)
from loaders.sources.manifests.manifest_texts import text_of_file
from loaders.sources.manifests.ruby_syntax import (
    LARGEST_BYTES,
    SEQUENCES,
    UNKNOWN,
    Program,
    nodes,
)

if TYPE_CHECKING:
    from tree_sitter import Node

# A program may loop in loops.
_MOST_STEPS = 100_000
_NO_DEV = {"default", "production"}
_FORGES = {"github": "github.com", "gitlab": "gitlab.com", "bitbucket": "bitbucket.org"}
_PLACES = ("path", "git", *_FORGES)
# Blocks of a Gemfile that only choose when, or from which server, a gem is installed.
_OPEN_BLOCKS = ("source", "platforms", "platform", "install_if", "env")
# Methods that add nothing to a Gemfile.
_SILENT = (
    *("source", "ruby", "plugin", "git_source", "require", "require_relative", "raise", "puts"),
    *("warn", "print", "abort", "exit", "p", "private", "lambda", "proc", "gets", "format"),
)
# Methods that run any code.
_RUNNERS = (
    *("eval", "instance_eval", "instance_exec", "class_eval", "module_eval", "eval_gemfile"),
    *("send", "public_send", "__send__", "load", "method", "define_method"),
)
_ADDERS = {
    "add_dependency": "runtime",
    "add_runtime_dependency": "runtime",
    "add_development_dependency": "dev",
}


@dataclass(frozen=True)
class _Around:
    """The context of a statement: loop variables, groups, a place, the text of a condition."""

    local: Mapping[str, Any] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    place: Pointer | None = None
    condition: str | None = None


class _Reader(ABC):
    """Walks the statements of a program in their order; subclasses know its methods."""

    # The methods that add a dependency, or may do so.
    relevant: tuple[str, ...]

    def __init__(self, program: Program) -> None:
        self.manifest = Manifest("ruby", is_complete=program.is_whole)
        self.program = program
        self._steps = 0
        # The nodes that contain a call of a relevant method.
        self._relevant: set[int] = set()
        for node in nodes(program.root):
            if self._is_relevant(node):
                above: Node | None = node
                while above is not None and above.id not in self._relevant:
                    self._relevant.add(above.id)
                    above = program.parents.get(above.id)

    def read(self) -> Manifest:
        self.walk(self.program.root, _Around())
        return self.manifest

    def walk(self, node: Node, around: _Around) -> None:
        """Read a statement, or the statements of a block."""
        self._steps += 1
        if self._steps > _MOST_STEPS:
            self.manifest.is_complete = False
        elif node.type in SEQUENCES:
            for child in node.named_children:
                self.walk(child, around)
        elif node.type == "call" or (node.type == "identifier" and node.id in self._relevant):
            self.call(node, self._name_of(node), around)
        elif node.type == "assignment":
            self.assignment(node, around)
        elif node.id in self._relevant:
            self.uncertain(node, around)

    @abstractmethod
    def call(self, node: Node, name: str, around: _Around) -> None:
        """Read a call of *name*, which may declare a gem."""

    def assignment(self, node: Node, around: _Around) -> None:
        if node.id in self._relevant:
            self.uncertain(node, around)

    def uncertain(self, node: Node, around: _Around) -> None:
        """Read statements that may not run, or run more than once."""
        self.manifest.is_complete = False
        condition = self.program.text(node.child_by_field_name("condition"))
        if not condition or node.child_by_field_name("alternative") is not None:
            condition = around.condition or ""
        elif node.type.startswith("unless"):
            condition = f"not ({condition})"
        self._inside(node, replace(around, condition=condition))

    def block(self, node: Node, around: _Around) -> None:
        """Read the block of a call, if it has one, as statements that run once."""
        block = node.child_by_field_name("block")
        body = block.child_by_field_name("body") if block is not None else None
        if body is not None:
            self.walk(body, around)

    def loop(self, node: Node, around: _Around) -> None:
        """Read `values.each { |name| … }`; any other call with a block is uncertain."""
        if node.id not in self._relevant:
            return
        receiver, block = (node.child_by_field_name(part) for part in ("receiver", "block"))
        values = self.program.value(receiver, around.local)
        if isinstance(values, dict) and UNKNOWN not in values:
            values = [list(pair) for pair in values.items()]
        is_each = self.program.method(node) in ("each", "each_pair")
        if block is None or not is_each or not isinstance(values, list) or UNKNOWN in values:
            self.uncertain(node, around)
            return
        parameters = block.child_by_field_name("parameters")
        names = [self.program.text(one) for one in parameters.named_children] if parameters else []
        for value in values:
            several = value if len(names) > 1 and isinstance(value, list) else [value]
            several = several + [None] * (len(names) - len(several))
            local = {**around.local, **dict(zip(names, several, strict=False))}
            self.block(node, replace(around, local=local))

    def add(self, arguments: list[Any], add: Callable[[str, Any], None], around: _Around) -> None:
        """Add the gem that *arguments* name and require; a computed name adds nothing."""
        texts: list[Any] = []
        for value in arguments[1:]:
            texts += value if isinstance(value, list) else [value]
        texts = [text for text in texts if text is not None]
        is_certain = all(isinstance(text, str) for text in texts)
        self.manifest.is_complete &= is_certain and around.condition is None
        if arguments and isinstance(arguments[0], str):
            add(arguments[0], ", ".join(texts) if is_certain else UNKNOWN)
        else:
            self.manifest.is_complete = False

    def arguments(self, node: Node, around: _Around) -> tuple[list[Any], dict[Any, Any]]:
        """Return positional arguments and options; a hash at the end is options."""
        listed = node.child_by_field_name("arguments")
        values = self.program.values(listed, around.local)
        options = self.program.pairs(listed, around.local)
        if values and isinstance(values[-1], dict):
            options = values.pop() | options
        return values, options

    def is_relevant(self, node: Node) -> bool:
        return node.id in self._relevant

    def _inside(self, node: Node, around: _Around) -> None:
        for child in node.named_children:
            if child.id in self._relevant:
                if child.type in ("call", "identifier"):
                    self.walk(child, around)
                else:
                    self._inside(child, around)

    def _is_relevant(self, node: Node) -> bool:
        if node.type not in ("call", "identifier"):
            return False
        return self._name_of(node) in (*self.relevant, *_RUNNERS)

    def _name_of(self, node: Node) -> str:
        return self.program.method(node) if node.type == "call" else self.program.text(node)


class _Gemfile(_Reader):
    relevant = ("gem", "gemspec", "dependency", "dependencies")

    def call(self, node: Node, name: str, around: _Around) -> None:
        receiver = node.child_by_field_name("receiver")
        if receiver is not None and self.program.text(receiver) != "self":
            self.loop(node, around)
        elif name == "gem":
            self._gem(node, around)
        elif name == "group":
            values, _ = self.arguments(node, around)
            groups = tuple(value for value in values if isinstance(value, str))
            self.manifest.is_complete &= len(groups) == len(values)
            self.block(node, replace(around, groups=around.groups + groups))
        elif name in _PLACES and node.child_by_field_name("block") is not None:
            values, options = self.arguments(node, around)
            place = self._place({name: values[0] if values else UNKNOWN} | options)
            self.block(node, replace(around, place=place))
        elif name in _OPEN_BLOCKS:
            self.block(node, around)
        elif name not in _SILENT:
            # `gemspec`, a file that is read, a method of the program.
            self.manifest.is_complete = False
            self._inside(node, around)

    def _gem(self, node: Node, around: _Around) -> None:
        values, options = self.arguments(node, around)
        inline = [options.get(key, []) for key in ("group", "groups")]
        groups = {*around.groups}
        for one in inline:
            groups |= {*one} if isinstance(one, list) else {one}
        self.manifest.is_complete &= UNKNOWN not in groups and UNKNOWN not in options
        groups = {group for group in groups if isinstance(group, str)}
        pointer = self._place(options) or around.place
        key = f"line {node.start_point[0] + 1}"

        def add(name: str, specifier: Any) -> None:
            self.manifest.add_dependency(
                name,
                specifier,
                scope="dev" if groups and not groups & _NO_DEV else "runtime",
                group=", ".join(sorted(groups)) or None,
                marker=around.condition or None,
                key=key,
                pointer=pointer,
            )

        self.add(values, add, around)

    def _place(self, options: Mapping[Any, Any]) -> Pointer | None:
        kind = next((kind for kind in _PLACES if kind in options), None)
        if kind is None:
            return None
        value = options[kind]
        if not isinstance(value, str):
            self.manifest.is_complete = False
            return None
        if kind == "path":
            return path_pointer(value)
        if kind == "git" or "://" in value:
            return url_pointer(f"git+{value}")
        # `github: "rails"` is short for `rails/rails`.
        return forge_pointer(value if "/" in value else f"{value}/{value}", _FORGES[kind])


class _Gemspec(_Reader):
    relevant = (*_ADDERS, "dependencies")

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self._own: dict[str, Any] = {}
        self._specifications = 0
        fields = [self._field_of(node) for node in nodes(program.root)]
        # A field that several statements set has the value of the last one that ran.
        self._set_once = {part for part in ("name", "version") if fields.count(part) == 1}

    def read(self) -> Manifest:
        manifest = super().read()
        name, version = (self._own.get(part) for part in ("name", "version"))
        manifest.set_identity(name, version)
        manifest.is_complete &= self._specifications == 1
        return manifest

    def call(self, node: Node, name: str, around: _Around) -> None:
        receiver = self.program.text(node.child_by_field_name("receiver"))
        if name == "new" and receiver.removeprefix("::") == "Gem::Specification":
            self._specifications += 1
            values, _ = self.arguments(node, around)
            for part, value in zip(("name", "version"), values, strict=False):
                self._own[part] = value
            self.block(node, around)
        elif name in _ADDERS and receiver:
            values, _ = self.arguments(node, around)
            scope, key = _ADDERS[name], f"line {node.start_point[0] + 1}"
            marker = around.condition or None
            self.add(
                values,
                lambda gem, specifier: self.manifest.add_dependency(
                    gem, specifier, scope=scope, marker=marker, key=key
                ),
                around,
            )
        else:
            self.loop(node, around)

    def assignment(self, node: Node, around: _Around) -> None:
        right = node.child_by_field_name("right")
        if right is not None and (self.is_relevant(right) or self._is_specification(right)):
            self.walk(right, around)
        elif (part := self._field_of(node)) in self._set_once and around.condition is None:
            self._own[part] = self.program.value(right, around.local)
        else:
            super().assignment(node, around)

    def _field_of(self, node: Node) -> str:
        """Return the field of the specification that an assignment sets, else an empty text."""
        left = node.child_by_field_name("left") if node.type == "assignment" else None
        return self.program.method(left) if left is not None and left.type == "call" else ""

    def _is_specification(self, node: Node) -> bool:
        return node.type == "call" and self.program.text(node).startswith("Gem::Specification.new")


def read_gemfile(raw: bytes) -> Manifest:
    """Read a Gemfile. A gem in a group other than default and production has scope dev."""
    return _read(raw, _Gemfile)


def read_gemspec(raw: bytes) -> Manifest:
    """Read name, version and dependencies of a gemspec, as far as they are certain."""
    return _read(raw, _Gemspec)


def _read(raw: bytes, reader: type[_Reader]) -> Manifest:
    source = text_of_file(raw, errors="replace").encode("utf-8", "replace")
    if len(source) > LARGEST_BYTES:
        return Manifest("ruby", is_complete=False)
    try:
        return reader(Program(source)).read()
    except RecursionError:
        raise InvalidManifest("nested too deeply") from None
