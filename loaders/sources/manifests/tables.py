"""The landed tables of manifests.

Rows belong to a content, not to a file: what one reader made of one content as one format. Files with
that content, wherever they lie, say the same, and a content is read once.
"""

from __future__ import annotations

import pyarrow as pa

from loaders.base.integrity import Rules

TABLES: dict[str, pa.Schema] = {
    # One row per content and format: what the manifest says it is, or why it could not be read.
    "manifest_packages": pa.schema(
        [
            ("run_id", pa.string()),
            ("sha256", pa.string()),
            ("format", pa.string()),  # see seeds/dependency_files.csv
            ("reader_version", pa.int64()),
            ("state", pa.string()),  # read, quarantined
            ("reason", pa.string()),
            ("ecosystem", pa.string()),
            ("name", pa.string()),  # as written; NULL where the manifest names no package
            ("canonical_name", pa.string()),
            ("version", pa.string()),
            (
                "is_complete",
                pa.bool_(),
            ),  # false where part of what is needed is only known when it is run
            ("dependency_count", pa.int64()),
            ("rejected_count", pa.int64()),  # entries that are none
        ]
    ),
    # One row per entry of such a content, in its order.
    "manifest_dependencies": pa.schema(
        [
            ("run_id", pa.string()),
            ("sha256", pa.string()),
            ("format", pa.string()),
            ("position", pa.int64()),
            ("ecosystem", pa.string()),
            ("name", pa.string()),  # as written; NULL where only a place is said
            ("canonical_name", pa.string()),
            ("specifier", pa.string()),
            # runtime, dev, build, optional, peer; indirect: needed by what is needed; inherited: declared for members
            # of a workspace that ask for it; include, constraint: another file of requirements
            ("scope", pa.string()),
            ("group_name", pa.string()),  # extra, dependency group, target, Maven scope
            ("marker", pa.string()),
            ("source_key", pa.string()),  # where in the manifest: a key, or `line N`
            (
                "pointer_kind",
                pa.string(),
            ),  # path, git, url, workspace; NULL where only a registry is meant
            (
                "pointer",
                pa.string(),
            ),  # a path as text, relative to the manifest, or a URL without credentials
        ]
    ),
}

RULES: dict[str, Rules] = {
    "manifest_packages": Rules(
        "manifests",
        "sha256 format",
        required="state",
        words={"state": "read quarantined"},
        counts="reader_version dependency_count rejected_count",
    ),
    "manifest_dependencies": Rules(
        "manifests",
        "sha256 format position",
        required="scope",
        words={
            "scope": "runtime dev build optional peer indirect inherited include constraint",
            "pointer_kind": "path git url workspace",
        },
        counts="position",
    ),
}
