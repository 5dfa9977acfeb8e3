"""The legend of the grades of health, from the rows of the seed that set them."""

from __future__ import annotations

from enrich.lookup import seed

_GRADES = ("A", "B", "C", "D")


def legend() -> str:
    """Return the lowest score of each grade in a sentence."""
    lowest = {
        row["term"].removeprefix("grade_").upper(): row["maximum"]
        for row in seed("health_weights")
        if row["term"].startswith("grade_")
    }
    parts = [f"{grade} from {lowest[grade]}" for grade in _GRADES if grade in lowest]
    return f"Grades of 100 points: {', '.join(parts)}, else F. enrich show PROJECT adds them up."
