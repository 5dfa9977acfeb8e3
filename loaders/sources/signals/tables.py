"""The landed table of signals."""

from __future__ import annotations

import pyarrow as pa

from loaders.base.integrity import MOST, Rules
from loaders.base.masking import LEFT
from loaders.zone.schemas import Table, declare

TABLES = declare(
    Table(
        "file_signals",
        "One row per source file or readme, by its content, and version of the extractor: what a"
        " reader would point at.",
        [
            ("sha256", pa.string()),
            ("extractor_version", pa.string()),
            ("language", pa.string()),
            ("parse_state", pa.string()),
            (
                "signals",
                pa.list_(
                    pa.struct(
                        [("signal", pa.string()), ("count", pa.int64()), ("line", pa.int64())]
                    )
                ),
            ),
            ("inline_test_lines", pa.int64()),
            ("lifecycle", pa.string()),
        ],
        Rules(
            "signals",
            "sha256",
            required="extractor_version parse_state",
            words={
                "parse_state": "tree words too_large refused",
                "lifecycle": "unstated deprecated archived unmaintained",
            },
            counts="inline_test_lines",
            more={
                "signals: not a count of a signal": (
                    "len(list_filter(signals, lambda one: one.signal is null or one.count is null"
                    f" or one.count not between 1 and {MOST})) = 0"
                )
            },
        ),
        masked={LEFT: "lifecycle"},
    ),
)
