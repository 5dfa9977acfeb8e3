"""Count the lines of a content that no parser reads."""

from __future__ import annotations

from loaders.sources.contents.parsed import Parsed


def count_lines(parsed: Parsed) -> tuple[int, int]:
    """Return the number of lines, and of blank ones; which are code, only a parser knows."""
    lines = parsed.source.split(b"\n")
    if not lines[-1]:
        lines.pop()
    blank = sum(not line or line.isspace() for line in lines)
    return len(lines), blank
