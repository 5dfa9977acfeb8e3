"""Read JSON lines: one document per line, of limited length."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from loaders.sources.artifacts.strict_json import LONGEST_LINE, Invalid, parse


def documents_in(stream: BinaryIO) -> Iterator[tuple[int, Any]]:
    """Yield (line number, document) for each line that is not blank. Raises Invalid."""
    number = 0
    while line := stream.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise Invalid(f"line {number}: more than {LONGEST_LINE} bytes")
        if line.strip():
            try:
                yield number, parse(line)
            except Invalid as error:
                raise Invalid(f"line {number}: {error}") from None
