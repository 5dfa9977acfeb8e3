"""`enrich code`: one file, or one symbol, on one page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import click

from enrich import options
from enrich.answers import code as lookup
from enrich.answers.code_queries import (
    CALLED,
    CALLERS,
    CERTAINTY,
    IMPORTED,
    IMPORTING,
    SYMBOLS,
    imported_name,
    leads_to,
    line_of,
)
from enrich.db import Published
from enrich.project_choice import Choice
from enrich.render import write_json, write_rows
from enrich.screen import Column, Screen
from enrich.values import shown
from loaders.base.figures import counted

_SHOWN = 25
_SYMBOL_COLUMNS = (
    line_of("start_line"),
    Column("kind", "kind"),
    Column("name", "qualified_name", "right", at_least=20),
    Column("lines", "code_lines"),
    Column("complexity", "cyclomatic_complexity"),
    Column("cognitive", "cognitive_complexity"),
    Column("documented", "has_docs"),
)
_IMPORT_COLUMNS = (
    line_of("line"),
    Column("imports", imported_name, "right", at_least=16),
    Column("file", leads_to, "left", at_least=16),
    CERTAINTY,
)
_IMPORTER_COLUMNS = (Column("imported by", "file_path", "left"), line_of("line"), CERTAINTY)
_CALLER_COLUMNS = (
    Column("called by", lambda row: row["caller_name"] or "(top level)", "right", at_least=16),
    Column("file", "file_path", "left", at_least=16),
    line_of("line"),
    CERTAINTY,
)
_CALLED_COLUMNS = (
    line_of("line"),
    Column("calls", "callee", "right", at_least=16),
    Column("file", "file_path", "left", at_least=16),
    CERTAINTY,
)


@click.command()
@click.argument("target", metavar="FILE|SYMBOL")
@options.project_option
@options.format_option
@options.db_option
def code(target: str, project: str | None, form: str, db: str | None) -> None:
    """Show the measures and the links of a file or a symbol.

    FILE is a path, or the end of one. SYMBOL is a name, a qualified name such as Class.method, or
    one of these after the end of a path: core.py:Class.method. The page of a file has its symbols
    and its imports, and that of a symbol its callers and its calls.
    """
    with Published(db) as published:
        choice = Choice(project)
        file = lookup.find_file(published, target, choice.condition(published, "codebase_id"))
        if file is not None:
            parts = _of_file(published, file["id"])
        else:
            file = lookup.the_symbol(published, target, choice.condition(published))
            parts = _of_symbol(published, file["symbol_ids"])
    if form == "csv":
        first = next(iter(parts))
        write_rows(parts[first], form)
    elif form == "json":
        write_json([file | {name: rows.dicts() for name, rows in parts.items()}])
    elif "symbols" in parts:
        _write_file(file, parts)
    else:
        _write_symbol(file, parts)


def _of_file(published: Published, key: str) -> dict[str, Any]:
    symbols = f"{SYMBOLS} where file_id = $1 order by start_line, qualified_name"
    place = "select * from v_code_map where file_id = $1"
    queries = {"symbols": symbols, "imports": IMPORTED, "importers": IMPORTING, "place": place}
    return {name: published.query(sql, [key]) for name, sql in queries.items()}


def _of_symbol(published: Published, keys: list[str]) -> dict[str, Any]:
    queries = {"callers": CALLERS, "calls": CALLED}
    return {name: published.query(sql, [keys]) for name, sql in queries.items()}


def _write_file(file: Mapping[str, Any], parts: Mapping[str, Any]) -> None:
    screen = Screen()
    screen.heading(f"{file['path']}  ({file['language']}, {file['file_type']})")
    place: Mapping[str, Any] = next(iter(parts["place"].dicts()), {})
    screen.facts((label.ljust(12), text) for label, text in _file_facts(file, place) if text)
    _write_part(screen, "definition", _SYMBOL_COLUMNS, parts["symbols"].dicts())
    _write_part(screen, "import", _IMPORT_COLUMNS, parts["imports"].dicts())
    _write_part(screen, "importing line", _IMPORTER_COLUMNS, parts["importers"].dicts())


def _file_facts(
    file: Mapping[str, Any], place: Mapping[str, Any]
) -> Iterable[tuple[str, str | None]]:
    yield "project", file["codebase_path"]
    if file["code_lines"] is None:
        yield "code", "was not read"
    else:
        kinds = {
            "code_lines": "with code",
            "comment_lines": "with comments",
            "blank_lines": "blank",
        }
        yield "lines", ", ".join(f"{shown(file[name])} {kind}" for name, kind in kinds.items())
    if file["cyclomatic_complexity"] is not None:
        yield (
            "complexity",
            _complexity(file["cyclomatic_complexity"], file["cognitive_complexity"])
            + f", nesting {shown(file['nesting_depth'])}",
        )
        yield "quality", _quality(file)
        yield (
            "graph",
            f"imports {counted(file['dependency_count'] or 0, 'file')}, imported by"
            f" {counted(file['dependent_count'] or 0, 'file')}"
            + _score(", PageRank {:.4f}", file["pagerank_score"]),
        )
    if file["test_file_count"] is not None:
        yield "tests", counted(file["test_file_count"], "test file")
    if place.get("recent_revisions"):
        yield (
            "changes",
            f"{counted(place['recent_revisions'], 'commit')} lately"
            + _score(", hotspot score {:.2f}", place["hotspot_score"]),
        )
    yield "role", place.get("primary_role")
    yield "owner", place.get("main_author_name")


def _complexity(cyclomatic: int | None, cognitive: int | None) -> str:
    return f"cyclomatic {shown(cyclomatic)}, cognitive {shown(cognitive)}"


def _quality(file: Mapping[str, Any]) -> str:
    parts = [
        _score("{:.0f} of 100", file["quality_score"]),
        _score("maintainability {:.0f}", file["maintainability_index"]),
        f"{counted(file['documented_count'], 'definition')} of {file['exported_count']} documented"
        if file["exported_count"]
        else "",
        ""
        if file["code_smells_count"] is None
        else counted(file["code_smells_count"], "code smell"),
    ]
    return ", ".join(filter(None, parts))


def _score(template: str, value: float | None) -> str:
    return "" if value is None else template.format(value)


def _write_symbol(symbol: Mapping[str, Any], parts: Mapping[str, Any]) -> None:
    screen = Screen()
    screen.heading(f"{symbol['qualified_name']}  ({symbol['kind']})")
    screen.facts((label.ljust(12), text) for label, text in _symbol_facts(symbol) if text)
    _write_part(screen, "call", _CALLER_COLUMNS, parts["callers"].dicts(), "of it")
    _write_part(screen, "call", _CALLED_COLUMNS, parts["calls"].dicts(), "in it")


def _symbol_facts(symbol: Mapping[str, Any]) -> Iterable[tuple[str, str | None]]:
    yield "project", symbol["project_path"]
    yield "file", f"{symbol['file_path']}:{symbol['start_line']}"
    yield "id", symbol["symbol_id"]
    yield "parameters", ", ".join(json.loads(symbol["parameters"] or "[]"))
    yield "documented", shown(symbol["has_docs"])
    yield "exported", shown(symbol["is_exported"])
    if symbol["cyclomatic_complexity"] is not None:
        yield (
            "complexity",
            _complexity(symbol["cyclomatic_complexity"], symbol["cognitive_complexity"])
            + f", nesting {shown(symbol['nesting_depth'])}",
        )


def _write_part(
    screen: Screen,
    noun: str,
    columns: tuple[Column, ...],
    rows: list[dict[str, Any]],
    ending: str = "",
) -> None:
    screen.gap()
    title = f"{counted(len(rows), noun)} {ending}".rstrip()
    left = len(rows) - _SHOWN
    screen.heading(f"{title}; {_SHOWN} are shown, --format json has all" if left > 0 else title)
    if rows:
        screen.table(columns, rows[:_SHOWN])
