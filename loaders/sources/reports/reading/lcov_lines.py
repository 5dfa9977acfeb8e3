"""The lines of LCOV that were not executed, found in a whole block of text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from loaders.sources.reports.reading.coverage_facts import ranges_of

# How many lines were not executed, and their ranges.
Missed = tuple[int, str]

_COMMA, _ZERO, _NINE, _LINE_FEED = b",09\n"
_MOST_DIGITS = 9


def missed_lines(text: bytes, starts: Sequence[int]) -> list[Missed]:
    """Return the lines `DA:<line>,0` of each record, of which the first begins at *starts*."""
    if not starts:
        return []
    places, lines = _lines_without_hits(text)
    # The first of the lines of each record.
    cuts = np.searchsorted(places, np.array(starts, dtype=np.int64))
    ends = [*cuts[1:].tolist(), len(lines)]
    follows = np.zeros(len(lines), dtype=bool)  # the line before, in the same record
    falls = np.zeros(len(lines), dtype=bool)  # is not after the line before
    if len(lines):
        follows[1:] = lines[1:] == lines[:-1] + 1
        falls[1:] = lines[1:] <= lines[:-1]
        firsts = cuts[cuts < len(lines)]
        follows[firsts] = falls[firsts] = False
    begins = np.flatnonzero(~follows)
    lasts = np.append(begins[1:] - 1, len(lines) - 1) if len(lines) else begins
    texts = [
        str(first) if first == last else f"{first}-{last}"
        for first, last in zip(lines[begins].tolist(), lines[lasts].tolist(), strict=True)
    ]
    range_cuts = [*np.searchsorted(begins, cuts).tolist(), len(texts)]
    disordered = set(np.searchsorted(cuts, np.flatnonzero(falls), side="right").tolist())
    found: list[Missed] = []
    for number, (start, end) in enumerate(zip(cuts.tolist(), ends, strict=True)):
        ranges = " ".join(texts[range_cuts[number] : range_cuts[number + 1]])
        if number + 1 in disordered:
            ranges = ranges_of(np.unique(lines[start:end]).tolist())
        found.append((end - start, ranges))
    return found


def _lines_without_hits(text: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Return the places and the numbers of the lines `DA:<line>,0`."""
    raw = np.frombuffer(text, dtype=np.uint8)
    # Places of `,0` at the end of a line.
    ends = np.flatnonzero((raw[:-2] == _COMMA) & (raw[1:-1] == _ZERO) & (raw[2:] == _LINE_FEED))
    places = ends - 1
    lines = np.zeros(len(ends), dtype=np.int64)
    is_digit = np.ones(len(ends), dtype=bool)
    scale = 1
    for _ in range(_MOST_DIGITS):
        digits = raw[places]
        is_digit &= (digits >= _ZERO) & (digits <= _NINE)
        if not is_digit.any():
            break
        lines += np.where(is_digit, digits - _ZERO, 0).astype(np.int64) * scale
        places -= is_digit
        scale *= 10
    is_line = places == ends - 1  # without digits
    np.logical_not(is_line, out=is_line)
    for back, character in enumerate(b":AD\n"):
        is_line &= raw[places - back] == character
    return ends[is_line], lines[is_line]
