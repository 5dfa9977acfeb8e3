"""The landed tables of CodeGraphX artifacts and of its catalogue.

Every row of an artifact carries the artifact's canonical path and the run that landed it: the rows
of the run that landed an artifact last are its present state, older ones are its history. A path
occurs twice: as written in the artifact, and as the key (`loaders.sources.artifacts.path_keys`)
that joins it to the crawl. Fields that no model reads one by one stay together as JSON.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from loaders.base.integrity import MOST, Rules
from loaders.base.masking import LEFT
from loaders.sources.codegraphx.catalogue_columns import (
    CATALOG_COLUMNS,
    CATALOG_PATHS,
    CATALOG_TABLES,
    INT,
    REAL,
    TEXT,
)
from loaders.zone.schemas import Column, Table, declare

# The kinds of registered sources, which are also the actions of their runs.
CODEGRAPHX, CATALOG = "codegraphx", "catalog"
_utc = pa.timestamp("us")


_IN_ARTIFACT: tuple[Column, ...] = (
    ("artifact_path", pa.string(), "Canonical path of the artifact."),
    ("position", pa.int64(), "Number of the row in the artifact."),
)
_JSON = pa.string()
_name_and_line = pa.struct([("name", pa.string()), ("line", pa.int64())])
_calls_of_function = pa.struct(
    [("name", pa.string()), ("line", pa.int64()), ("calls", pa.list_(pa.string()))]
)

# The key of a row of an artifact: its place, which is unique in the artifact.
_PLACE = "artifact_path position"
# Keys of the catalogue: the models take one of several rows with the same key.
_CATALOG_KEYS = {
    "codegraphx_enrichment": "source_path_key",
    "codegraphx_file_signals": "source_path_key file_path_key",
    "codegraphx_project_signals": "source_path_key",
    "codegraphx_project_intelligence": "source_path_key",
    "codegraphx_dependency_edges": "source_path_key file_path_key import_name",
    "codegraphx_call_edges": "source_path_key caller_uid callee_name callee_uid",
    "codegraphx_complexity_nodes": "source_path_key function_uid",
    "codegraphx_similarity_pairs": "source_path_key pair_type left_id right_id",
}


def _of_rows(**rules: Any) -> Rules:
    return Rules("codegraphx", _PLACE, **{"paths": "artifact_path", "counts": "position"} | rules)


def _of_catalog(name: str, columns: list[tuple[str, pa.DataType]]) -> Rules:
    numbers = [column for column, kind in columns if kind == INT and column != "id"]
    keys = [CATALOG_PATHS[column] for column, _ in columns if column in CATALOG_PATHS]
    return _of_rows(
        required=_CATALOG_KEYS.get(name, ""),
        counts=" ".join(["position", *numbers]),
        keys=" ".join(keys),
        json="more",
        # The catalogue's own scores have no bounds; what is added up must not leave 64 bits.
        more={
            f"{column}: too large": f"abs({column}) <= {MOST}"
            for column, kind in columns
            if kind == REAL
        },
    )


def _catalog_table(name: str, columns: list[tuple[str, pa.DataType]]) -> Table:
    written = [(column, kind, "As in the catalogue.") for column, kind in columns]
    keys = [
        (CATALOG_PATHS[column], TEXT, f"Key of {column}, which joins it to the crawl.")
        for column, _ in columns
        if column in CATALOG_PATHS
    ]
    return Table(
        CATALOG_TABLES[name],
        f"One row per row of the table {name} of a catalogue.",
        [*_IN_ARTIFACT, *written, *keys, ("more", _JSON, "Other columns, as a JSON object.")],
        _of_catalog(name, columns),
    )


TABLES = declare(
    Table(
        "artifacts",
        "One row per artifact that is new or changed, or of which nothing could be read.",
        [
            ("artifact_path", pa.string()),
            ("path_bytes", pa.binary()),
            (
                "kind",
                pa.string(),
                (
                    "Scan, ast, events, snapshot, …: loaders.sources.codegraphx.artifact_formats; "
                    "catalog."
                ),
            ),
            ("state", pa.string()),
            ("reason", pa.string()),
            (
                "checkout_path",
                pa.string(),
                "Path of the CodeGraphX checkout with the artifact in it, else NULL.",
            ),
            ("sha256", pa.string()),
            ("size_bytes", pa.int64()),
            ("mtime_ns", pa.int64()),
            ("row_count", pa.int64()),
            ("quarantined_count", pa.int64()),
            (
                "variant",
                pa.string(),
                "Old or odd features of its form, comma-separated: bom, crlf, cut, bare_list …",
            ),
        ],
        Rules(
            "codegraphx",
            "artifact_path",
            required="state kind",
            words={"state": "landed quarantined"},
            paths="artifact_path checkout_path",
            counts="row_count quarantined_count",
            sizes="size_bytes",
        ),
    ),
    Table(
        "artifact_rejects",
        "One row per row of an artifact that is not what its format says.",
        [
            *_IN_ARTIFACT,
            ("reason", pa.string()),
            ("excerpt", pa.string()),
        ],
        # Each table of a catalogue has numbers of its own for its rows.
        _of_rows(repeats=True),
    ),
    Table(
        "artifact_pointers",
        "One row per path that an artifact or a catalogue row points at.",
        [
            *_IN_ARTIFACT,
            (
                "owner",
                pa.string(),
                "Key of the project or scope that owns the path, NULL if there is none.",
            ),
            ("pointer", pa.string(), "Project_path, scan_artifact, merged_scan_file, scan_file, …"),
            ("path", pa.string()),
            ("path_key", pa.string()),
            ("is_promised", pa.bool_(), "False for what a dry run only planned."),
        ],
        Rules(
            "codegraphx",
            "artifact_path position pointer path",
            repeats=True,
            paths="artifact_path",
            counts="position",
            keys="path_key owner",
        ),
        masked={LEFT: "owner pointer"},
    ),
    Table(
        "path_looks",
        "One row per path in artifacts whose existence was checked with a new answer.",
        [
            ("path_key", pa.string()),
            ("state", pa.string()),
            ("reason", pa.string()),
            ("looked_at", _utc),
        ],
        Rules(
            "codegraphx",
            "path_key",
            required="state",
            words={"state": "there gone unknown"},
            moments="looked_at",
        ),
        masked={LEFT: "reason"},
    ),
    Table(
        "codegraphx_scan_rows",
        "One row per row of such a file.",
        [
            *_IN_ARTIFACT,
            ("project", pa.string()),
            ("root", pa.string()),
            ("root_key", pa.string()),
            ("path", pa.string()),
            ("path_key", pa.string()),
            ("rel_path", pa.string()),
            ("ext", pa.string()),
            ("size_bytes", pa.int64()),
        ],
        _of_rows(required="path_key", keys="path_key root_key", sizes="size_bytes"),
    ),
    Table(
        "codegraphx_ast_rows",
        "One row per row of such a file.",
        [
            *_IN_ARTIFACT,
            ("project", pa.string()),
            ("path", pa.string()),
            ("path_key", pa.string()),
            ("rel_path", pa.string()),
            ("language", pa.string()),
            ("line_count", pa.int64()),
            ("functions", pa.list_(_name_and_line)),
            ("imports", pa.list_(pa.string())),
            ("calls", pa.list_(pa.string())),
            ("function_calls", pa.list_(_calls_of_function)),
        ],
        _of_rows(keys="path_key", counts="position line_count"),
    ),
    Table(
        "codegraphx_events",
        "One row per graph event, repetitions included; the ends are NULL for nodes, `uid` for "
        "edges.",
        [
            *_IN_ARTIFACT,
            ("kind", pa.string()),
            ("label", pa.string(), "Label of the node, or type of the edge."),
            ("uid", pa.string()),
            ("src_label", pa.string()),
            ("src_uid", pa.string()),
            ("dst_label", pa.string()),
            ("dst_uid", pa.string()),
            ("name", pa.string()),
            ("project", pa.string()),
            ("path", pa.string()),
            ("path_key", pa.string()),
            ("rel_path", pa.string()),
            ("language", pa.string()),
            ("line_count", pa.int64()),
            ("line", pa.int64()),
            ("file_uid", pa.string()),
            ("signature_hash", pa.string()),
        ],
        _of_rows(
            required="kind",
            words={"kind": "node edge"},
            keys="path_key",
            counts="position line_count line",
        ),
    ),
    Table(
        "codegraphx_snapshot_entries",
        "One row per identity in a snapshot or a load state.",
        [
            *_IN_ARTIFACT,
            ("identity", pa.string()),
            ("hash", pa.string()),
        ],
        _of_rows(required="identity"),
    ),
    Table(
        "codegraphx_reports",
        "One row per artifact that is one document: all of it but its long lists.",
        [
            *_IN_ARTIFACT,
            ("kind", pa.string(), "Format of the artifact."),
            ("document", _JSON),
        ],
        # One document an artifact: what is made of its lists takes the rest of it from here.
        Rules(
            "codegraphx",
            "artifact_path",
            required="kind document",
            paths="artifact_path",
            json="document",
        ),
    ),
    Table(
        "codegraphx_report_items",
        "One row per element of a long list of such a document.",
        [
            *_IN_ARTIFACT,
            ("kind", pa.string(), "Format of the artifact."),
            ("list", pa.string()),
            ("item", _JSON),
            ("path_key", pa.string()),
        ],
        Rules(
            "codegraphx",
            "artifact_path list position",
            required="kind item",
            paths="artifact_path",
            keys="path_key",
            counts="position",
            json="item",
            more={
                "item: a stage without a name": (
                    "list <> 'stages' or coalesce(json_extract_string(item, '$.stage'), '') <> ''"
                )
            },
        ),
    ),
    Table(
        "codegraphx_search_rows",
        "One row per row of such a file.",
        [
            *_IN_ARTIFACT,
            ("name", pa.string()),
            ("path", pa.string()),
            ("uid", pa.string()),
            ("label", pa.string()),
            ("project", pa.string()),
            ("rel_path", pa.string()),
        ],
        _of_rows(),
    ),
    *(_catalog_table(name, columns) for name, columns in CATALOG_COLUMNS.items()),
    Table(
        "catalog_other_rows",
        "One row per row of a table that CodeGraphX does not make.",
        [
            *_IN_ARTIFACT,
            ("table_name", pa.string()),
            ("row", _JSON),
        ],
        Rules(
            "codegraphx",
            "artifact_path table_name position",
            paths="artifact_path",
            counts="position",
            json="row",
        ),
    ),
)
