"""The changes as text for people: the whole page, and its first lines."""

from __future__ import annotations

from enrich.answers.version_changes import (
    Project,
    Since,
    changes_since,
    counts,
    in_words,
    lines_of,
    since,
)
from enrich.db import Published
from enrich.screen import Screen

_FIRST_LINES = 5
_NOTHING_BEFORE = "this is the first published version: nothing to compare it with"


def summary(begin: Since | None, found: list[Project]) -> str:
    """Return the numbers of changes as a sentence, also if there are none."""
    if begin is None:
        return _NOTHING_BEFORE
    if not found:
        return f"nothing changed since {begin}"
    return in_words(counts(found))


def write_page(begin: Since | None, found: list[Project]) -> None:
    """Write all changes, a block per project."""
    screen = Screen()
    if found:
        screen.heading(f"Changed since {begin}")
    screen.text(summary(begin, found))
    for one in found:
        screen.gap()
        screen.heading(one.title)
        screen.text(one.path or "", 2, "dim")
        for line in lines_of(one):
            screen.text(line, 2)


def write_first_lines(published: Published) -> None:
    """Write the most important changes since the version before; nothing if there are none."""
    with published:
        begin = since(published, None)
        found = changes_since(published, begin) if begin else []
    if not found:
        return
    screen = Screen()
    screen.gap()
    screen.heading(f"Changed since {begin}")
    screen.text(summary(begin, found))
    lines = [f"{one.title}: {line}" for one in found for line in lines_of(one)]
    for line in lines[:_FIRST_LINES]:
        screen.text(line, 2)
    if len(lines) > _FIRST_LINES:
        screen.text(f"and {len(lines) - _FIRST_LINES:,} more: enrich changes", 2, "dim")
