"""`enrich adoption`: which scripts use the helper, and which open the published file by hand."""

from __future__ import annotations

import ast
import os
import re
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import click

from enrich import options
from enrich.db import Rows
from enrich.render import write_rows
from enrich.screen import Column
from loaders.base import clock
from loaders.base.figures import counted
from loaders.base.paths import canonical_root, locations, text_of

HELPER, BY_HAND = "helper", "by hand"
_MOST_BYTES = 4 << 20
_LONGEST_SHOWN = 400
_SCRIPTS = tuple(
    f".{name}".encode()
    for name in "py ipynb sh bash zsh fish sql r jl js mjs ts rb go rs java php pl mk".split()
)
_NAMES = (b"Makefile", b"makefile", b"justfile")
# Text that refers to the published file.
_MEANT = re.compile(r"META_DB_PATH|\bmeta\.duckdb\b")
_HELPER_TEXT = re.compile(
    r"\benrich\.db\b|\benrich +(--?\w[\w-]* +)*(sql|gaps|status|next-actions|projects|show)\b"
)
_BY_HAND_TEXT = re.compile(r"\bduckdb\b", re.IGNORECASE)


@dataclass(frozen=True)
class Use:
    """How a script reaches the published file, and in which line."""

    how: str
    line: int


def uses_in(text: str, is_python: bool) -> list[Use]:
    """Return how a script reaches the published file, if it does.

    Python that cannot be parsed, and any other language, is judged by its words.
    """
    if is_python:
        try:
            return _uses_in_tree(ast.parse(text), bool(_MEANT.search(text)))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            pass
    lines = text.splitlines()
    means_it = bool(_MEANT.search(text))
    found = [
        Use(HELPER, number) for number, line in enumerate(lines, 1) if _HELPER_TEXT.search(line)
    ]
    if means_it:
        found += [
            Use(BY_HAND, number) for number, line in enumerate(lines, 1) if _opens_by_hand(line)
        ]
    return sorted(found, key=lambda use: use.line)


def _opens_by_hand(line: str) -> bool:
    """Return whether *line* starts DuckDB or uses its library, other than in a comment."""
    words = _MEANT.sub("", line).lstrip()
    return not words.startswith(("#", "--", "//")) and bool(_BY_HAND_TEXT.search(words))


def _uses_in_tree(tree: ast.Module, means_it: bool) -> list[Use]:
    names: dict[str, str] = {}  # name in the script → imported name
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {(item.asname or item.name): item.name for item in node.names}
            found += [Use(HELPER, node.lineno) for item in node.names if item.name == "enrich.db"]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            whole = {
                (item.asname or item.name): f"{node.module}.{item.name}" for item in node.names
            }
            names |= whole
            found += (
                [Use(HELPER, node.lineno)]
                if node.module == "enrich.db" or "enrich.db" in whole.values()
                else []
            )
    if means_it:
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        found += [
            Use(BY_HAND, node.lineno)
            for node in calls
            if _dotted(node.func, names) == "duckdb.connect"
        ]
    return sorted(found, key=lambda use: use.line)


def _dotted(node: ast.expr, names: dict[str, str]) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value, names)}.{node.attr}"
    return names.get(node.id, node.id) if isinstance(node, ast.Name) else ""


# -- files -----------------------------------------------------------------------------------------


def scripts_below(root: bytes) -> Iterator[tuple[bytes, str | None]]:
    """Yield the scripts at or below *root* that a crawl by the default profile would read.

    Each comes with None, a folder that cannot be listed with the reason. Links are not followed.
    """
    from loaders.sources.crawl.excludes import load_excludes
    from loaders.sources.crawl.git_places import Around
    from loaders.sources.crawl.mounts import without_files
    from loaders.sources.crawl.walk import Waiting, list_next

    if not os.path.isdir(root):
        yield root, None
        return
    excludes = load_excludes("default").without(without_files())
    waiting: list[Waiting] = [(root, None, Around())]
    while waiting:
        for listing in list_next(root, waiting, excludes):
            if listing.state == "unreadable":
                yield listing.path, listing.reason
            for name, _ in listing.files if listing.state == "listed" else ():
                if name.lower().endswith(_SCRIPTS) or name in _NAMES:
                    yield listing.path.rstrip(b"/") + b"/" + name, None


def text_of_script(path: bytes) -> str | None:
    """Return the text of a regular file, None if it is too large or not one. Raises OSError."""
    from loaders.sources.crawl.walk import open_path

    descriptor = open_path(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _MOST_BYTES:
            return None
        return file.read(_MOST_BYTES).decode("utf-8", errors="replace")


COLUMNS = (
    Column("how", "how"),
    Column("script", "path", "left"),
    Column("line", "line"),
)


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--dry-run", is_flag=True, help="Show the result and do not land it.")
@options.limit_option
@options.format_option
def adoption(paths: tuple[str, ...], dry_run: bool, limit: int | None, form: str) -> None:
    """Find scripts that open the published file by hand.

    They should use the helper (`from enrich.db import connect`) or `enrich`, which open the file
    read-only, reach nothing else, and always see the newest version. The counts are landed, and
    `enrich status` shows them after the next refresh.
    """
    rows: list[tuple[str, str, int]] = []
    scripts: dict[bytes, str | None] = {}
    unread = 0
    for given in paths:
        root = canonical_root(given)
        if not os.path.lexists(root):
            raise options.Refusal(f"{text_of(root)}: no such file or folder")
        scripts.update(scripts_below(root))
    for path, trouble in sorted(scripts.items()):
        text = None
        try:
            text = None if trouble else text_of_script(path)
        except OSError as error:
            trouble = error.strerror or str(error)
        if trouble:
            click.echo(
                options.clean_lines(f"warning: {_short(text_of(path))}: {trouble}"), err=True
            )
        unread += text is None
        uses = uses_in(text, path.lower().endswith(b".py")) if text is not None else []
        rows += [(use.how, text_of(path), use.line) for use in uses]
    by_hand = {path for how, path, _ in rows if how == BY_HAND}
    users = {path for _, path, _ in rows}
    rows.sort(key=lambda row: (row[0] != BY_HAND, *row[1:]))
    found = Rows(("how", "path", "line"), rows)
    write_rows(found, form, COLUMNS, limit, nothing="no script here reads the published file")
    if form == "table":
        read = sum(trouble is None for trouble in scripts.values())
        helped = len(users) - len(by_hand)
        verb = "uses" if helped == 1 else "use"
        click.echo(
            f"{helped:,} of {counted(len(users), 'script')} {verb} the helper; "
            f"{counted(read, 'file')} read"
        )
    if not dry_run:
        _land(len(users) - len(by_hand), len(users), unread)


def _short(path: str) -> str:
    """Return *path*, or its two ends if it would fill a screen."""
    return (
        path
        if len(path) <= _LONGEST_SHOWN
        else f"{path[: _LONGEST_SHOWN // 2]}…{path[-_LONGEST_SHOWN // 2 :]}"
    )


def _land(with_helper: int, users: int, unread: int) -> None:
    from loaders.zone.landing import LandingZone

    now = clock.as_naive_utc(clock.now())
    row = {
        "week_start": now.date() - timedelta(days=now.weekday()),
        "metric": "scripts_with_helper",
        "value": with_helper / users if users else None,
        "numerator": with_helper,
        "denominator": users,
        "observed_at": now,
    }
    with LandingZone(locations().landing).run("adoption", sys.argv) as run:
        run.table("metric_observations").append_rows([row])
        run.counts.landed += 1
        run.counts.skipped += unread
