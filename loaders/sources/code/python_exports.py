"""The names that a Python module exports by `__all__`."""

from __future__ import annotations

import ast


def exported_names(tree: ast.Module) -> set[str] | None:
    """Return the names in `__all__`; None without one that is made of texts."""
    found: set[str] | None = None
    for node in tree.body:
        value: ast.expr | None = None
        if isinstance(node, ast.Assign):
            value = node.value if any(map(_is_all, node.targets)) else None
        elif isinstance(node, ast.AnnAssign | ast.AugAssign):
            value = node.value if _is_all(node.target) else None
        elif (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Call)
            and isinstance(node.value.func, ast.Attribute)
            and _is_all(node.value.func.value)
            and node.value.args
        ):
            value = node.value.args[0]
        if value is None:
            continue
        names = _texts(value)
        if names is None:
            return None
        found = (found or set()) | names
    return found


def _is_all(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "__all__"


def _texts(node: ast.expr) -> set[str] | None:
    """Return the texts of a list, or of a sum of lists; None where it holds anything else."""
    waiting, found = [node], set()
    while waiting:
        part = waiting.pop()
        if isinstance(part, ast.List | ast.Tuple | ast.Set):
            waiting += part.elts
        elif isinstance(part, ast.BinOp) and isinstance(part.op, ast.Add):
            waiting += [part.left, part.right]
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            found.add(part.value)
        else:
            return None
    return found
