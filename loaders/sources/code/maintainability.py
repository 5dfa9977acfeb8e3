"""The maintainability index of a content."""

from __future__ import annotations

import math


def maintainability_index(
    volume: float, cyclomatic: int, lines: int, comment_percent: float
) -> float:
    """Return the maintainability index from 0 to 100, by the formula of radon and of Microsoft.

    171 - 5.2 ln V - 0.23 G - 16.2 ln L + 50 sin(sqrt(2.46 C)), scaled to 100. V is Halstead's
    *volume*, L the number of *lines*, and C the *comment_percent* (0 to 100), taken as degrees and
    converted to radians.
    """
    if volume <= 0 or lines <= 0:
        return 100.0
    index = (
        171
        - 5.2 * math.log(volume)
        - 0.23 * cyclomatic
        - 16.2 * math.log(lines)
        + 50 * math.sin(math.sqrt(2.46 * math.radians(comment_percent)))
    )
    return min(max(0.0, index * 100 / 171), 100.0)
