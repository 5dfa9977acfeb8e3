"""The findings that a rule gives with other thresholds, compared with those that it gave before."""

from __future__ import annotations

from typing import Any

# Project and subject → stake and confidence of a finding.
Findings = dict[tuple[str | None, str], tuple[float | None, float | None]]


def compared(moment: str | None, before: Findings, after: Findings) -> dict[str, Any]:
    """Return the numbers of findings at *moment*, and which were added, removed or changed."""
    kept = before.keys() & after.keys()
    return {
        "moment": moment,
        "found_before": len(before),
        "found_after": len(after),
        "added": sorted(after.keys() - before.keys(), key=str),
        "removed": sorted(before.keys() - after.keys(), key=str),
        "changed": sorted((key for key in kept if before[key] != after[key]), key=str),
    }
