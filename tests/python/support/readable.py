"""Names the faults of a page of `enrich` that make it hard to read at 80 columns."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.cells import cell_len

WIDTH = 80
# A singular number before a plural noun, with or without an adjective.
_NOUNS = (
    "files|lines|days|hours|commits|changes|findings|projects|repositories|folders|verdicts|rules"
    "|rows|actions|packages|branches|people|times|thresholds"
)
_WRONG_NUMBER = re.compile(rf"(?<![\w.,:/+-])1 (?:[a-z]+ )?(?:{_NOUNS})\b(?! ?[=(])")
_RAW = re.compile(r"\b(?:None|NULL|nan|NaN|inf)\b|\(s\)")
# Ids are shown by their first 8 digits or more.
_LONG_NUMBER = re.compile(r"(?<![\w.,:/#-])\d{5,7}(?!\d|[\w.,:/-]*[a-z/:-])")


def faults_in(page: str) -> Iterator[str]:
    """Yield a line per fault of *page*. Commands to copy are on one line, however long."""
    for line in page.splitlines():
        if line.lstrip().startswith("$ "):
            continue
        if cell_len(line) > WIDTH:
            yield f"{cell_len(line)} columns: {line}"
        for pattern in (_WRONG_NUMBER, _RAW, _LONG_NUMBER):
            if found := pattern.search(line):
                yield f"{found[0]!r}: {line}"
