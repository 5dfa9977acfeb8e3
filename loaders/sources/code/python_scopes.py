"""The scopes of a Python module, and what binds each name in them."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple


class Kind(Enum):
    """The ways to bind a name."""

    SYMBOL = "symbol"  # a definition; *name* is its qualified name
    IMPORT = "import"  # *import_index* is that of the import
    VALUE = "value"  # *node* is the assigned expression
    TYPE = "type"  # *node* is the annotation of the name, or the class of a caught exception
    ENTERED = "entered"  # *node* is a context manager
    SELF = "self"  # the first parameter of a method of the class *name*
    CLASS = "class"  # the first parameter of a class method of the class *name*
    OTHER = "other"  # the value is unknown


class Binding(NamedTuple):
    """One place that binds a name."""

    kind: Kind
    name: str = ""
    import_index: int = -1
    node: ast.expr | None = None


UNKNOWN = Binding(Kind.OTHER)


@dataclass(eq=False)
class Scope:
    """A module, a class, a function (or lambda), or a comprehension."""

    parent: Scope | None
    symbol: str | None  # qualified name of the innermost definition; None: the module
    is_class: bool = False
    is_function: bool = False
    names: dict[str, list[Binding]] = field(default_factory=dict)
    # Names that a statement declares to be of the module, or of an enclosing function.
    elsewhere: dict[str, Scope] = field(default_factory=dict)

    def bind(self, name: str, binding: Binding) -> None:
        """Bind a name here, or where a `global` or `nonlocal` statement says."""
        names = self.elsewhere.get(name, self).names
        bound = names.get(name)
        if bound is None:
            names[name] = [binding]
        else:
            bound.append(binding)

    def find(self, name: str) -> tuple[list[Binding], Scope] | None:
        """Return what binds *name* for code of this scope, and the scope that it is bound in."""
        at: Scope | None = self.elsewhere.get(name, self)
        while at is not None:
            # The names of a class are not those of its methods.
            if (not at.is_class or at is self) and (found := at.names.get(name)):
                return found, at
            at = at.parent
        return None

    def module(self) -> Scope:
        at = self
        while at.parent is not None:
            at = at.parent
        return at

    def enclosing_function(self) -> Scope | None:
        """Return the next scope outwards that is a function."""
        at = self.parent
        while at is not None and not at.is_function:
            at = at.parent
        return at
