"""The landed tables of manifests.

Rows belong to a content, not to a file: the result of one reader for one content as one format. All
files with that content have these rows, and a content is read once.
"""

from __future__ import annotations

import pyarrow as pa

from loaders.base.integrity import Rules
from loaders.base.masking import NAME
from loaders.zone.schemas import Table, declare

STATEMENT_KINDS = "action command hook image plugin run runtime section"
PLACE_KINDS = "main export alias base extends root entry module"

TABLES = declare(
    Table(
        "manifest_packages",
        "One row per content and format: its package, or the reason why it could not be read.",
        [
            ("sha256", pa.string()),
            ("format", pa.string(), "See seeds/dependency_files.csv."),
            ("reader_version", pa.int64()),
            ("state", pa.string()),
            ("reason", pa.string()),
            ("ecosystem", pa.string()),
            ("name", pa.string(), "As written; NULL if the manifest does not name a package."),
            ("canonical_name", pa.string()),
            ("version", pa.string()),
            (
                "is_complete",
                pa.bool_(),
                "False where part of what is needed is only known when it is run.",
            ),
            ("dependency_count", pa.int64()),
            ("rejected_count", pa.int64(), "Invalid entries."),
            (
                "version_key",
                pa.string(),
                "Text that sorts as the version; NULL if it is unknown or a placeholder.",
            ),
        ],
        Rules(
            "manifests",
            "sha256 format",
            required="state",
            words={"state": "read quarantined"},
            counts="reader_version dependency_count rejected_count",
        ),
        masked={NAME: "version_key"},
    ),
    Table(
        "manifest_dependencies",
        "One row per entry of such a content, in its order.",
        [
            ("sha256", pa.string()),
            ("format", pa.string()),
            ("position", pa.int64()),
            ("ecosystem", pa.string()),
            ("name", pa.string(), "As written; NULL if only a place is given."),
            ("canonical_name", pa.string()),
            ("specifier", pa.string()),
            (
                "scope",
                pa.string(),
                (
                    "Runtime, dev, build, optional, peer; indirect: needed by what is needed; "
                    "inherited: declared for members of a workspace that ask for it; include, "
                    "constraint: another file of requirements; version: a module that may have "
                    "the version in the attribute `group_name`."
                ),
            ),
            ("group_name", pa.string(), "Extra, dependency group, target, Maven scope."),
            ("marker", pa.string()),
            ("source_key", pa.string(), "Where in the manifest: a key, or `line N`."),
            (
                "pointer_kind",
                pa.string(),
                "NULL for a package of a registry.",
            ),
            (
                "pointer",
                pa.string(),
                "A path as text, relative to the manifest, or a URL without credentials.",
            ),
            (
                "accepted_versions",
                pa.string(),
                (
                    "`*`, or intervals of keys with `|` between them: `low high`, or `low high "
                    "releases`; NULL if unknown."
                ),
            ),
        ],
        Rules(
            "manifests",
            "sha256 format position",
            required="scope",
            words={
                "scope": (
                    "runtime dev build optional peer indirect inherited include constraint version"
                ),
                "pointer_kind": "path git url workspace",
            },
            counts="position",
        ),
        masked={NAME: "accepted_versions"},
    ),
    Table(
        "manifest_places",
        "One row per place in its package that such a content names, in its order.",
        [
            ("sha256", pa.string()),
            ("format", pa.string()),
            ("position", pa.int64()),
            (
                "kind",
                pa.string(),
                (
                    "Main: where the package begins; export: what others import by the name; "
                    "alias: where an import of the name leads; base, root: a folder of modules; "
                    "extends: another such file; entry: a program; module: a program, by the path "
                    "of its module."
                ),
            ),
            ("name", pa.string(), "As written; `*` stands for any text."),
            ("pointer", pa.string(), "A path as text, relative to the manifest."),
        ],
        Rules(
            "manifests",
            "sha256 format position",
            required="kind name pointer",
            words={"kind": PLACE_KINDS},
            counts="position",
        ),
    ),
    Table(
        "manifest_statements",
        "One row per further statement of such a content, each once, in its order.",
        [
            ("sha256", pa.string()),
            ("format", pa.string()),
            ("position", pa.int64()),
            (
                "kind",
                pa.string(),
                (
                    "Action: a step of a pipeline; command: what people call by this name, such as "
                    "a target or a script; hook: a program before a commit; image: an image of "
                    "containers; plugin: one of a build; run: the first words of a line that is "
                    "run; runtime: a language whose version is given; section: the settings of a "
                    "tool."
                ),
            ),
            ("name", pa.string(), "As written; a text that is not a plain name does not land."),
            ("value", pa.string(), "Version or range, as written; NULL if there is none."),
        ],
        Rules(
            "manifests",
            "sha256 format position",
            required="kind name",
            words={"kind": STATEMENT_KINDS},
            counts="position",
        ),
        masked={NAME: "value"},
    ),
)
