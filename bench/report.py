"""All measurements, as one table for people and one JSON object for machines."""

from __future__ import annotations

import os
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from bench.comparing import Result
from bench.trees import Tree
from loaders.base.paths import text_of

# Two threads of C that walk, stat, read and hash, warm; measured once, on another machine.
READ_FLOOR_S_PER_FILE, READ_FLOOR_S_PER_BYTE, READ_FLOOR_THREADS = 7.15e-6, 0.65e-9, 2
WALK_FLOOR_S_PER_FILE = 1.8e-6 + 1.35e-6


def floors(tree: Tree) -> dict[str, float]:
    """Return the floor of reading the tree and that of walking it, in seconds."""
    read = tree.files * READ_FLOOR_S_PER_FILE + tree.bytes * READ_FLOOR_S_PER_BYTE
    return {"read_s": read / READ_FLOOR_THREADS, "walk_s": tree.entries * WALK_FLOOR_S_PER_FILE}


def as_object(tree: Tree, repeat: int, results: Sequence[Result]) -> dict[str, Any]:
    """Return everything that was measured, ready for JSON."""
    return {
        "root": text_of(tree.root),
        "profile": tree.profile,
        "repeat": repeat,
        "processors": os.cpu_count(),
        "load_average": os.getloadavg(),
        "lists_equal": True,  # otherwise nothing is reported
        "entries": tree.entries,
        "directories": tree.directories,
        "files": tree.files,
        "bytes": tree.bytes,
        "floor": floors(tree),
        "results": [_result(result, floors(tree)) for result in results],
    }


def _result(result: Result, floor: Mapping[str, float]) -> dict[str, Any]:
    read_s, walk_s = (floor["read_s"], floor["walk_s"]) if result.section.is_of_tree else (0, 0)
    return {
        "section": result.section.name,
        "side": result.side.name,
        "is_median": result.section.of_runs is statistics.median,
        "is_yardstick": result.side is result.section.yardstick,
        "wall_s": result.wall_s,
        "cpu_s": result.cpu_s,
        "peak_process_bytes": max(run.peak_process_bytes or 0 for run in result.runs) or None,
        "peak_tree_bytes": max(run.peak_tree_bytes or 0 for run in result.runs) or None,
        "per_second": {
            name: amount / result.wall_s for name, amount in result.section.amounts.items()
        },
        "times_read_floor": result.wall_s / read_s if read_s else None,
        "times_walk_floor": result.wall_s / walk_s if walk_s else None,
        "wall_ratio": result.wall_ratio,
        "cpu_ratio": result.cpu_ratio,
        "memory_ratio": result.memory_ratio,
        "limits": {
            name: {"ratio": ratio, "limit": limit}
            for name, (ratio, limit) in result.limited.items()
        },
        "paired_ratios": result.paired_ratios,
        "runs": [asdict(run) for run in result.runs],
    }


def write_table(measured: Mapping[str, Any]) -> None:
    """Write *measured*, as `as_object` gives it, for people."""
    click.echo(_head(measured))
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("", "", "wall", "cpu", "to yardstick: wall", "cpu", "peak, largest", "peak, all"):
        table.add_column(name, justify="left" if not name else "right")
    for name in ("a second", "x read floor", "x walk floor"):
        table.add_column(name, justify="right")
    last = None
    for row in measured["results"]:
        table.add_row(row["section"] if row["section"] != last else "", *_cells(row))
        last = row["section"]
    Console(width=160, highlight=False).print(table)
    click.echo(_foot(measured))


def _cells(row: Mapping[str, Any]) -> list[str]:
    rates = ", ".join(_rate(name, rate) for name, rate in row["per_second"].items())
    return [
        row["side"],
        f"{row['wall_s']:.2f} s",
        f"{row['cpu_s']:.2f} s",
        _times(row["wall_ratio"]),
        _times(row["cpu_ratio"]),
        _megabytes(row["peak_process_bytes"]),
        _megabytes(row["peak_tree_bytes"]),
        rates,
        _times(row["times_read_floor"]),
        _times(row["times_walk_floor"]),
    ]


def _rate(name: str, rate: float) -> str:
    return f"{rate / 1e6:,.0f} MB" if name == "bytes" else f"{rate:,.0f} {name}"


def _times(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.2f}"


def _megabytes(size: int | None) -> str:
    return "?" if size is None else f"{size / 1e6:,.0f} MB"


def _head(measured: Mapping[str, Any]) -> str:
    return (
        f"{measured['root']}, profile {measured['profile']}: {measured['entries']:,} files in"
        f" {measured['directories']:,} folders, the same on both sides;"
        f" {measured['files']:,} of them read, {measured['bytes'] / 1e6:,.0f} MB"
    )


def _foot(measured: Mapping[str, Any]) -> str:
    floor, load = measured["floor"], measured["load_average"]
    paired = [
        f"{row['section']} {' '.join(f'{ratio:.2f}' for ratio in row['paired_ratios'])}"
        for row in measured["results"]
        if row["paired_ratios"]
    ]
    limits = [
        f"{row['section']}: {name} {_times(one['ratio']) or '?'} of at most {one['limit']:.2f}"
        for row in measured["results"]
        for name, one in row["limits"].items()
    ]
    runs = {len(row["runs"]) for row in measured["results"]}
    counts = {"the median" if row["is_median"] else "the best" for row in measured["results"]}
    return "\n".join(
        [
            (
                f"{' or '.join(map(str, sorted(runs)))} runs, of which"
                f" {' or '.join(sorted(counts))} counts; sides in turn, page cache warm;"
                f" {measured['processors']} processors, load average {load[0]:.1f}."
                " Only ratios apply to another machine."
            ),
            *(
                [f"Wall time to the yardstick's in the same repetition: {'; '.join(paired)}."]
                if paired
                else []
            ),
            *(
                [f"Ratios to the other checkout: {'; '.join(limits)}. Memory: of all processes."]
                if limits
                else []
            ),
            (
                f"Floors, measured elsewhere: read {floor['read_s']:.2f} s"
                " = (files x 7.15 us + bytes x 0.65 ns) / 2;"
                f" walk {floor['walk_s']:.2f} s = files x 3.15 us."
            ),
            (
                "Peak memory: of the largest process, and of all processes of the command together"
                " (shared pages count in each)."
            ),
        ]
    )
