"""Freshness and ages, judged at the present moment instead of at the last build.

The published rows are judged at the moment of their build. If no refresh runs, they still call a
scan fresh that no longer is.
"""

from __future__ import annotations

import contextlib
import json

from enrich.db import Published
from enrich.screen import Screen
from loaders.base import clock
from loaders.base.figures import counted

_RULE, _THRESHOLD = "PROJECT_STALE_SCAN", "max_age_days"

# Name → the published view, and its columns that depend on the day.
_JUDGED = {
    "health_now": (
        "v_project_health",
        """
            case
                when index_state = 'fresh' and {age_of_scan} > {limit} then 'stale'
                else index_state
            end as index_state,
            {age_of_scan} as scan_age_days
        """,
    ),
    "coverage_now": (
        "v_index_coverage",
        """
            is_fresh and coalesce({age_of_scan} <= {limit}, true) as is_fresh,
            {age_of_scan} as scan_age_days
        """,
    ),
    "backlog_now": (
        "v_gap_backlog",
        "coalesce({age}, age_days) as age_days",
    ),
}
# A waived finding accepts that a project is stale.
_STALE = (
    "select project_id from health_now where kind <> 'loose_files' and index_state = 'stale'"
    " and project_id not in (select project_id from v_gap_backlog"
    f" where gap_type = '{_RULE}' and status = 'waived' and project_id is not null) and {{chosen}}"
)


def judge_now(published: Published) -> int | None:
    """Make `health_now`, `coverage_now` and `backlog_now`: the published views, judged now.

    For one `with` block of *published*. Returns the limit in days after which a scan is stale; None
    if the file does not contain it; then the states of the build remain.
    """
    import duckdb

    limit = _limit(published)
    words = {
        "limit": "null" if limit is None else str(limit),
        "age_of_scan": _age("last_scanned_at"),
        "age": _age("first_seen"),
    }
    for name, (view, columns) in _JUDGED.items():
        judged = columns.format_map(words)
        create = f"create or replace temp view {name} as select * "
        with contextlib.suppress(duckdb.CatalogException):
            try:
                published.query(f"{create} replace ({judged}) from {view}")
            except duckdb.BinderException:
                published.query(f"{create} from {view}")  # An older file does not have each column.
    return limit


def _age(moment: str) -> str:
    """Return the SQL of the days from the date of *moment* to today, as the models count them."""
    return f"cast(date_diff('day', {moment}, date '{clock.now().date()}') as integer)"


def _limit(published: Published) -> int | None:
    """Return the threshold that the published build used."""
    import duckdb

    try:
        rows = published.query("select thresholds from v_rules where gap_type = $1", [_RULE]).rows
    except (duckdb.CatalogException, duckdb.BinderException):
        return None
    for (thresholds,) in rows:
        for threshold in json.loads(thresholds or "[]"):
            if threshold["threshold"] == _THRESHOLD:
                return int(threshold["value"])
    return None


def stale_projects(published: Published, chosen: str = "true") -> int:
    """Return how many projects are stale now, those not counted whose staleness is waived.

    *chosen* is the condition of SQL on their `project_id`.

    After `judge_now`.
    """
    return len(published.query(_STALE.format(chosen=chosen)).rows)


def stale_note(published: Published, limit: int | None) -> str | None:
    """Return a sentence for people if projects are stale now. After `judge_now`."""
    count = stale_projects(published)
    if not count or limit is None:
        return None
    verb = "was" if count == 1 else "were"
    return (
        f"{counted(count, 'project')} {verb} last scanned more than {counted(limit, 'day')} ago; "
        "enrich refresh-meta scans again."
    )


def write_note(note: str | None) -> None:
    """Write *note* below an answer for people, if there is one."""
    if note:
        screen = Screen()
        screen.gap()
        screen.text(note, style="yellow")
