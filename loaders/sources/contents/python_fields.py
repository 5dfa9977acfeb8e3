"""The fields of the nodes of Python's syntax trees that hold nodes worth a visit."""

from __future__ import annotations

import ast

_SKIPPED = (ast.expr_context, ast.operator, ast.boolop, ast.unaryop, ast.cmpop)


def _child_fields() -> dict[type, tuple[str, ...]]:
    """Return, for each kind of node, the fields that hold nodes worth a visit, last first."""
    idle = {"ctx", "op", "ops", "type_comment", "type_ignores", "kind", "id", "attr", "name",
            "asname", "level", "module", "names", "conversion", "is_async", "simple", "lineno",
            "tag", "rest"}  # fmt: skip
    kinds = [
        kind for kind in vars(ast).values() if isinstance(kind, type) and issubclass(kind, ast.AST)
    ]
    fields: dict[type, tuple[str, ...]] = {
        kind: tuple(field for field in reversed(kind._fields) if field not in idle)
        for kind in kinds
    }
    # Also what a list of nodes holds besides nodes: None for `**rest` in a dictionary, names in
    # patterns.
    for kind in (
        ast.Constant,
        ast.MatchSingleton,
        ast.Name,
        ast.Import,
        ast.ImportFrom,
        ast.Global,
        ast.Nonlocal,
        *_SKIPPED,
        type(None),
        str,
    ):
        fields[kind] = ()
    return fields


NODE_FIELDS = _child_fields()
