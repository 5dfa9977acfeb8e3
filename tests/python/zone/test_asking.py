"""Reading landed rows in Python."""

from __future__ import annotations

from datetime import date, datetime

import pyarrow as pa

from loaders.sources import registry
from loaders.zone.landed_rows import python_rows, rows_in_order
from loaders.zone.landing import LandingZone


def test_a_time_beyond_python_is_unknown_and_the_rest_is_read(zone: LandingZone) -> None:
    times = pa.array([0, 2**62, -(2**62)], pa.int64()).cast(pa.timestamp("us"))
    with zone.run("sources", ["test"]) as run:
        columns = {item.name: pa.nulls(3, item.type) for item in registry.TABLES["source_events"]}
        columns |= {
            "run_id": pa.array([run.run_id] * 3),
            "kind": pa.array(["root"] * 3),
            "path": pa.array(["/a", "/b", "/c"]),
            "happened_at": times,
        }
        run.table("source_events").append_table(
            pa.table(columns, schema=registry.TABLES["source_events"])
        )

    rows = rows_in_order(zone, "source_events")

    assert [(row["path"], row["happened_at"]) for row in rows] == [
        ("/a", datetime(1970, 1, 1)),
        ("/b", None),
        ("/c", None),
    ]


def test_days_and_empty_tables_are_read_unchanged() -> None:
    days = pa.table({"day": pa.array([0, 2**31 - 1, None], pa.int32()).cast(pa.date32())})
    assert python_rows(days) == [{"day": date(1970, 1, 1)}, {"day": None}, {"day": None}]
    assert python_rows(days.slice(0, 0)) == []
