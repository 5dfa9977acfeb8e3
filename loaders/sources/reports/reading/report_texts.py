"""Texts of reports, as they are kept."""

from __future__ import annotations

# Only the beginning of a longer text is kept: a message is for people, and a list of them stays
# small.
LONGEST_TEXT = 4_000
_CUT = " …"


def shortened(text: str | None) -> str | None:
    """Return *text*, or the beginning of a long one."""
    if text is None or len(text) <= LONGEST_TEXT:
        return text
    return text[: LONGEST_TEXT - len(_CUT)] + _CUT
