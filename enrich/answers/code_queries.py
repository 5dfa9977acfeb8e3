"""The queries about imports and calls, for the commands about code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from enrich.screen import Column
from enrich.values import digits

# Symbols with the path of their project.
SYMBOLS = """
    select symbols.*, projects.project_path
    from code_symbols as symbols
    inner join projects using (project_id)
"""
# The imports of a file ($1: its id).
IMPORTED = """
    select
        'imports' as direction, line, kind, repeat('.', level) || module as module, name,
        resolved_project_path as project_path, resolved_file_path as file_path, leads_to,
        resolved_via, confidence_ratio,
    from code_imports
    where file_id = $1
    order by line, module, name
"""
# The imports that lead to it ($1: its id).
IMPORTING = """
    select
        'imported by' as direction, line, kind, repeat('.', level) || module as module, name,
        project_path, file_path, leads_to,
        resolved_via, confidence_ratio,
    from code_imports
    where resolved_file_id = $1
    order by project_path, file_path, line
"""
# The calls of a symbol ($1: its ids), the surest first.
CALLERS = """
    select
        projects.project_path, file_path, line, caller_name, callee, resolved_via, confidence_ratio,
    from code_calls
    inner join projects using (project_id)
    where list_contains($1, symbol_id)
    order by confidence_ratio desc nulls last, project_path, file_path, line
"""
# The calls inside a symbol ($1: its ids).
CALLED = """
    select
        calls.line, calls.callee, projects.project_path, targets.file_path,
        targets.qualified_name, calls.resolved_via, calls.confidence_ratio,
    from code_calls as calls
    left join code_symbols as targets using (symbol_id)
    left join projects on projects.project_id = targets.project_id
    where list_contains($1, calls.caller_symbol_id)
    order by calls.line, calls.callee
"""


def certainty(row: Mapping[str, Any]) -> str | None:
    """Return how a name was resolved, and how sure that is; None if it was not."""
    if row["resolved_via"] is None or row["confidence_ratio"] is None:
        return None
    return f"{row['resolved_via']} {row['confidence_ratio']:.2f}"


def imported_name(row: Mapping[str, Any]) -> str:
    return f"{row['module']}: {row['name']}" if row["name"] else str(row["module"])


def leads_to(row: Mapping[str, Any]) -> str | None:
    """Return the file that an import leads to, else what it leads to."""
    return row["file_path"] or f"({row['leads_to']})"


def line_of(name: str) -> Column:
    """Return the column of a line number, which has no separators."""
    return Column("line", lambda row: digits(row[name]), justify="right")


CERTAINTY = Column("resolved via", certainty, "right", at_least=8)
