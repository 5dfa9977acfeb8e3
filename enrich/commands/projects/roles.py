"""`enrich roles`: the role of each file; `enrich roles --explain FILE`: the signals behind it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from enrich import options, project_filters
from enrich.answers.findings import project_name
from enrich.answers.projects import names_apart, names_of
from enrich.db import Published, Rows
from enrich.lookup import present_path
from enrich.project_filters import Filters
from enrich.render import write_rows
from enrich.screen import Column
from loaders.base.paths import canonical_root, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_ROLES = ("collector", "transformer", "analyzer", "reporter", "fixer", "orchestrator", "none")
_UNKNOWN = "unknown"  # its content was not analysed


def in_words(evidence: str | None) -> str:
    """Return the signals of an `evidence` column in a few words."""
    return ", ".join(
        signal["signal"] + (f" (line {signal['line']})" if signal["line"] else "")
        for signal in json.loads(evidence or "[]")
    )


ROLE_COLUMNS = (
    Column("role", lambda row: row["primary_role"] or _UNKNOWN),
    Column(
        "confidence", lambda row: None if row["confidence"] is None else f"{row['confidence']:.2f}"
    ),
    Column("file", "file_path", "left", at_least=24, below=(Column("", project_name, "right"),)),
    Column("because", lambda row: in_words(row["evidence"]), "wrap"),
)
_EXPLAIN_COLUMNS = (
    Column("points", lambda row: f"{row['points']:+.2f}"),
    Column("signal", "signal", "right"),
    Column("times", "count"),
    Column("line", "line"),
    Column("weight", lambda row: f"{row['weight']:+.3f}"),
)


@click.command()
@click.argument("path", required=False)
@click.option("--role", type=click.Choice((*_ROLES, _UNKNOWN)), help="Only files of this role.")
@click.option(
    "--explain", is_flag=True, help="PATH is a file: show every signal, its weight and its line."
)
@project_filters.options
@options.limit_option
@options.format_option
@options.db_option
def roles(
    filters: Filters,
    path: str | None,
    role: str | None,
    explain: bool,
    limit: int | None,
    form: str,
    db: str | None,
) -> None:
    """Show the role of each source file, most certain first.

    Files without a role come last.

    PATH is a folder or a file; default: everywhere. Roles: collector, transformer, analyzer,
    reporter, fixer, orchestrator, none, and unknown if the content was not analysed.
    """
    where = text_of(canonical_root(path)) if path else None
    if explain:
        if where is None:
            raise click.UsageError("--explain needs a file")
        _explain(where, role, limit, form, db)
        return
    with Published(db) as published:
        where = where and present_path(published, where)
        query = _FILES.format(condition=filters.condition(published))
        found = published.query(query, {"role": role, "path": where})
        names = names_of(published)
    write_rows(
        found, form, names_apart(ROLE_COLUMNS, names), limit, nothing="no classified files here"
    )


_FILES = """
    select * from v_file_roles
    where ($role is null or coalesce(primary_role, 'unknown') = $role)
        and (
            $path is null
            or project_path || '/' || file_path = $path
            or starts_with(project_path || '/' || file_path, rtrim($path, '/') || '/')
        )
        and {condition}
    order by primary_role = 'none', confidence desc nulls last, project_path, file_path
"""
# The points that each signal of a file adds to the score of a role.
_SIGNALS = """
    select
        weights.share * weights.weight * signals.strength as points, signals.part, signals.signal,
        signals.signal_count as count, signals.first_line as line, weights.weight,
    from v_role_signals as signals
    inner join v_role_weights as weights using (part, signal)
    where signals.project_path || '/' || signals.file_path = $path and weights.role = $role
    order by points desc, signal
"""


def _explain(path: str, role: str | None, limit: int | None, form: str, db: str | None) -> None:
    with Published(db) as published:
        path = present_path(published, path)
        known = published.query(
            "select * from file_roles where project_path || '/' || file_path = $1", [path]
        ).dicts()
        if not known:
            raise options.Refusal(f"{path}: not a crawled source file; `enrich roles` lists them")
        file = known[0]
        asked = role or file["primary_role"] or "none"
        signals = published.query(_SIGNALS, {"path": path, "role": asked})
    if form == "table":
        _write_head(file, asked)
    write_rows(
        _strongest(signals, limit),
        form,
        _EXPLAIN_COLUMNS,
        0,
        nothing="the file has no signals",
    )


def _write_head(file: dict[str, Any], asked: str) -> None:
    """Write the role of the file, its source, and the probability of each role."""
    likely = sorted(((file[f"{role}_probability"] or 0.0, role) for role in _ROLES), reverse=True)
    source = {"override": "decided by a person", "unknown": "its content was not analysed"}.get(
        file["role_source"]
    )
    click.echo(
        options.clean_lines(
            f"{file['file_path']}: {file['primary_role'] or 'unknown'}"
            + (f" ({source})" if source else "")
        )
    )
    if file["override_reason"]:
        click.echo(options.clean_lines(f"  {file['override_reason']} ({file['overridden_on']})"))
    if file["none_probability"] is not None:
        click.echo("  " + ", ".join(f"{role} {probability:.2f}" for probability, role in likely))
    click.echo(
        f"  by its content {file['content_role'] or 'unknown'}, by its path {file['path_role']}"
    )
    click.echo(f"\nsignals for and against {asked}:")


def _strongest(signals: Rows, limit: int | None) -> Rows:
    """Return the *limit* signals with the most points, for or against, or all of them."""
    if not limit or len(signals.rows) <= limit:
        return signals
    place = signals.columns.index("points")
    strongest = sorted(signals.rows, key=lambda row: -abs(row[place]))[:limit]
    rows: Sequence[tuple[Any, ...]] = sorted(strongest, key=lambda row: -row[place])
    return Rows(signals.columns, list(rows))
