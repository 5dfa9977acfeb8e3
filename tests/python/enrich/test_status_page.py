"""The sentences of the status page, and the points that tables show."""

from __future__ import annotations

from enrich.answers.status_page import _of_the_week, _scanned
from enrich.values import whole


def test_points_never_round_up_to_the_next_grade() -> None:
    assert [whole(score) for score in (84.6, 85.0, 0.0, None)] == [84, 85, 0, None]


def test_the_trend_is_a_few_short_sentences() -> None:
    measures = {
        "projects_with_fresh_scan": (0.8, 0.1, 8, 10),
        "tracked_files_in_scan": (1.0, 0.0, 1, 1),
        "high_gaps_opened": (1.0, -2.0, None, None),
        "high_gaps_closed": (0.0, 0.0, None, None),
        "median_hours_to_queue": (0.004, None, None, None),
    }
    assert _scanned(measures) == (
        "scanned lately: 8 of 10 projects (80 %, +10 points), 1 of 1 tracked file (100 %)"
    )
    assert _of_the_week(measures) == (
        "this week: 1 high finding opened (-2 since the week before), 0 high findings closed,"
        " half were in the queue within 1 hour"
    )
    assert (_scanned({}), _of_the_week({})) == (None, None)
