"""Evidence shows a technology where it counts, and its negative twin shows nothing.

The models of technologies run over a few files, dependencies and statements, without a world.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from product import PROJECT
from replayed_build import plan

from evaluation.detections import Repository, read_repositories, report
from loaders.sources.manifests.tables import TABLES
from loaders.zone.schemas import OF_THE_RUN
from loaders.zone.tables import TABLES as ZONE_TABLES

_MADE = (
    "int_technologies__evidence",
    "technology_detections",
    "int_technologies__snapshot_changes",
    "codebase_snapshots",
)
_SEEDS = (
    "technologies",
    "technology_evidence",
    "technology_settings",
    "technology_commands",
    "file_kind_rules",
    "file_languages",
)
# title, kind of evidence, the evidence itself, technology, whether it is detected
Case = tuple[str, str, dict[str, Any], str, bool]
CASES: list[Case] = [
    ("a file", "file", {"path": "ruff.toml"}, "Ruff", True),
    ("a file of tests", "file", {"path": "tests/data/ruff.toml", "kind": "test"}, "Ruff", False),
    ("a file of what tests", "file", {"path": "tests/conftest.py", "kind": "test"}, "pytest", True),
    ("a vendored file", "file", {"path": "vendor/ruff.toml", "kind": "vendored"}, "Ruff", False),
    ("an example", "file", {"path": "examples/a/package.json"}, "npm", False),
    ("a folder of documents", "file", {"path": "docs/mypy.ini"}, "mypy", False),
    ("what documents are made with", "file", {"path": "docs/conf.py"}, "Sphinx", True),
    ("a folder called samples in a source folder", "file",
     {"path": "src/main/java/org/samples/AndroidManifest.xml"}, "Android", True),
    ("a lock file", "file", {"path": "yarn.lock", "kind": "generated"}, "Yarn", True),
    ("another file that a program wrote", "file",
     {"path": "dist/next.config.js", "kind": "generated"}, "Next.js", False),
    ("a lock file of a fixture", "file",
     {"path": "tests/fixtures/yarn.lock", "kind": "generated"}, "Yarn", False),
    ("a path at the top", "file", {"path": ".github/workflows/ci.yml", "kind": "ci"},
     "GitHub Actions", True),
    ("the same path elsewhere", "file", {"path": "template/.github/workflows/ci.yml"},
     "GitHub Actions", False),
    ("a name that only ends alike", "file", {"path": "my-ruff.toml"}, "Ruff", False),
    ("a pattern, whatever the case", "file", {"path": "DOCKERFILE.dev"}, "Docker", True),
    ("a dependency", "need", {"of": "python", "name": "django"}, "Django", True),
    ("a dependency of developers", "need", {"of": "python", "name": "django", "scope": "dev"},
     "Django", False),
    ("a tool of developers", "need", {"of": "python", "name": "mypy", "scope": "dev"},
     "mypy", True),
    ("a name of another ecosystem", "need", {"of": "npm", "name": "django"}, "Django", False),
    ("a pattern for dependencies", "need", {"of": "npm", "name": "@remix-run/react"},
     "Remix", True),
    ("a lock of requirements", "need",
     {"of": "python", "name": "django", "from": "requirements.txt", "source": "requirements.in"},
     "Django", False),
    ("requirements of another file", "need",
     {"of": "python", "name": "django", "from": "requirements.txt", "source": "dev.in"},
     "Django", True),
    ("a package of the project itself", "need", {"of": "ruby", "name": "sinatra", "own": True},
     "Sinatra", False),
    ("an import", "import", {"path": "a.py", "language": "Python", "name": "torch"},
     "PyTorch", True),
    ("an import of a test", "import",
     {"path": "tests/a.py", "kind": "test", "language": "Python", "name": "torch"}, "PyTorch",
     False),
    ("an import of another language", "import",
     {"path": "a.js", "language": "JavaScript", "name": "torch"}, "PyTorch", False),
    ("a section", "statement", {"of": "pyproject", "kind": "section", "name": "tool.ruff"}, "Ruff",
     True),
    ("a section of another format", "statement",
     {"of": "package_json", "kind": "section", "name": "tool.ruff"}, "Ruff", False),
    ("a program and its subcommand", "statement",
     {"of": "workflow", "kind": "run", "name": "cargo clippy"}, "Clippy", True),
    ("another subcommand", "statement", {"of": "workflow", "kind": "run", "name": "cargo build"},
     "Clippy", False),
    ("a program with any subcommand", "statement",
     {"of": "makefile", "kind": "run", "name": "mypy src"}, "mypy", True),
    ("an image", "statement", {"of": "compose", "kind": "image", "name": "postgres", "value": "16"},
     "PostgreSQL", True),
    ("an image with a similar name", "statement",
     {"of": "compose", "kind": "image", "name": "postgres-backup"}, "PostgreSQL", False),
    ("a version", "statement",
     {"of": "node_version", "kind": "runtime", "name": "node", "value": "22"}, "Node.js", True),
    ("an action", "statement",
     {"of": "workflow", "kind": "action", "name": "ossf/scorecard-action"}, "OpenSSF Scorecard",
     True),
    ("a part of an action that is another tool", "statement",
     {"of": "workflow", "kind": "action", "name": "github/codeql-action/upload-sarif"}, "CodeQL",
     False),
    ("a hook", "statement", {"of": "pre_commit", "kind": "hook", "name": "black"}, "Black", True),
    ("a plugin", "statement",
     {"of": "gradle", "kind": "plugin", "name": "org.springframework.boot", "value": "4.0"},
     "Spring Boot", True),
    ("two weak marks", "file", {"path": "package.json", "more": ["Procfile", "Procfile.x"]},
     "Heroku", True),
]  # fmt: skip


def _rows() -> dict[str, list[dict[str, Any]]]:
    """The rows of each table that the models read; each case is a project of its own."""
    tables: dict[str, list[dict[str, Any]]] = {
        name: []
        for name in ("files", "needs", "manifests", "contents", "statements", "imports", "packages")
    }
    for number, (_, kind, given, _, _) in enumerate(CASES):
        project = f"p{number}"
        tables["files"] += [_file(project, path, given) for path in _paths(given)]
        sha256 = f"s{number}"
        if kind == "need":
            path = given.get("from", "manifest")
            tables["files"] += [_file(project, path, {"path": path})]
            tables["needs"].append(
                {"project_id": project, "path": f"/{project}/{path}", "ecosystem": given["of"]}
                | {"canonical_name": given["name"], "scope": given.get("scope", "runtime")}
                | {"specifier": ">=1", "run_id": "r"}
            )
            if "source" in given:
                tables["manifests"].append(
                    {"project_id": project, "path": f"/{project}/{given['source']}"}
                    | {"sha256": sha256, "format": "requirements"}
                )
            if "own" in given:
                tables["packages"].append(
                    {"project_id": project, "ecosystem": given["of"]}
                    | {"canonical_name": given["name"]}
                )
        elif kind == "statement":
            manifest = {"sha256": sha256, "format": given["of"]}
            tables["manifests"].append(
                manifest | {"path": f"/{project}/manifest", "project_id": project}
                | {"manifest_path": "manifest"}
            )  # fmt: skip
            tables["contents"].append(manifest | {"run_id": "r"})
            tables["statements"].append(
                manifest | {"position": 0, "kind": given["kind"], "name": given["name"]}
                | {"value": given.get("value"), "run_id": "r", "run_seq": 1}
            )  # fmt: skip
        elif kind == "import":
            tables["imports"].append(
                {"project_id": project, "file_path": given["path"], "language": given["language"]}
                | {"resolved_package": given["name"], "module": given["name"]}
                | {"leads_to": "package", "is_type_only": False, "source_run_id": "r"}
            )
    return tables


def _paths(given: dict[str, Any]) -> list[str]:
    return [given.get("path", "manifest"), *given.get("more", [])]


def _file(project: str, path: str, given: dict[str, Any]) -> dict[str, Any]:
    kind = given.get("kind") if "path" in given else None
    return {
        "project_id": project,
        "path": f"/{project}/{path}",
        "file_path": path,
        "name": path.rpartition("/")[2],
        "language": given.get("language"),
        "file_kind": kind or "source",
        "size_bytes": 10,
        "run_id": "r",
        "is_own": kind not in ("vendored", "generated"),
        "is_ignored": False,
    }


def _texts(names: str) -> pa.Schema:
    kinds = {"size_bytes": pa.int64(), "run_seq": pa.int64(), "position": pa.int64()}
    return pa.schema(
        [
            (name, pa.bool_() if name.startswith("is_") else kinds.get(name, pa.string()))
            for name in names.split()
        ]
    )


def _tables() -> Iterator[tuple[str, pa.Table]]:
    rows = _rows()
    columns = {
        "internal.int_files__current": (
            "files",
            "project_id path file_path name language file_kind size_bytes run_id is_own is_ignored",
        ),
        "internal.int_dependencies__declared": (
            "needs",
            "project_id path ecosystem canonical_name scope specifier run_id",
        ),
        "internal.int_dependencies__manifests": (
            "manifests",
            "project_id path manifest_path format sha256 scope",
        ),
        "internal.int_dependencies__packages": (
            "packages",
            "project_id ecosystem canonical_name",
        ),
        "internal.int_dependencies__contents": ("contents", "sha256 format run_id"),
        "internal.int_dependencies__entries": (
            "none",
            "sha256 format ecosystem canonical_name specifier scope run_id",
        ),
        "main.code_imports": (
            "imports",
            (
                "project_id file_path language resolved_package module leads_to is_type_only"
                " source_run_id"
            ),
        ),
    }
    for relation, (name, names) in columns.items():
        yield relation, pa.Table.from_pylist(rows.get(name, []), schema=_texts(names))
    projects = [
        {"project_id": f"p{number}", "project_path": f"/p{number}", "is_gone": False}
        for number in range(len(CASES))
    ]
    names = "project_id project_path is_gone"
    yield "main.projects", pa.Table.from_pylist(projects, schema=_texts(names))
    landed = pa.unify_schemas([TABLES["manifest_statements"].schema, OF_THE_RUN])
    yield "landed.manifest_statements", pa.Table.from_pylist(rows["statements"], schema=landed)
    snapshots = pa.unify_schemas([ZONE_TABLES["technology_snapshots"].schema, OF_THE_RUN])
    yield "landed.technology_snapshots", pa.Table.from_pylist([], schema=snapshots)


@pytest.fixture(scope="module")
def db() -> Iterator[duckdb.DuckDBPyConnection]:
    """The models of technologies over `CASES`, as a refresh makes them."""
    with duckdb.connect() as db:
        db.execute("attach ':memory:' as meta; use meta")
        for schema in ("internal", "landed", "seeds"):
            db.execute(f"create schema {schema}")
        for relation, rows in _tables():
            db.register("rows", rows)
            db.execute(f"create table {relation} as from rows")
        db.execute("create table internal.as_of as select timestamp '2026-01-01' as as_of")
        for seed in _SEEDS:
            path = str(PROJECT / f"seeds/{seed}.csv")
            db.execute(f"create table seeds.{seed} as from read_csv($1)", [path])
        _make(db, *_MADE)
        yield db


def _make(db: duckdb.DuckDBPyConnection, *names: str) -> None:
    nodes = {node.unique_id.split(".")[-1]: node for node in plan().nodes}
    for name in names:
        db.execute(f"drop table if exists {nodes[name].relation}")
        for statement in nodes[name].statements:
            db.execute(statement)


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_evidence_shows_a_technology(db: duckdb.DuckDBPyConnection, case: Case) -> None:
    found = db.execute(
        "select confidence_ratio from technology_detections"
        " where project_id = ? and technology_name = ?",
        [f"p{CASES.index(case)}", case[3]],
    ).fetchall()
    assert [confidence >= 0.5 for (confidence,) in found] == [True] * case[4]


def test_a_detection_names_its_evidence_and_where_the_version_is_from(
    db: duckdb.DuckDBPyConnection,
) -> None:
    rows = db.execute(
        "select technology_name, version, version_source, version_place, evidence"
        " from technology_detections"
        " where technology_name in ('Django', 'Node.js', 'Spring Boot')"
        " and version_place = 'manifest' order by all"
    ).fetchall()
    assert [row[:4] for row in rows] == [
        ("Django", ">=1", "manifest", "manifest"),
        ("Node.js", "22", "file", "manifest"),
        ("Spring Boot", "4.0", "manifest", "manifest"),
    ]
    assert json.loads(rows[0][4]) == [
        {"kind": "dependency", "pattern": "django", "weight": 0.9, "places": ["manifest"],
         "place_count": 1},
    ]  # fmt: skip


def test_a_snapshot_is_not_repeated_and_the_next_one_has_the_next_number(
    db: duckdb.DuckDBPyConnection,
) -> None:
    one = "select * from codebase_snapshots where codebase_id = 'p15'"
    first = db.execute(one).fetchall()
    assert [row[:2] for row in first] == [("p15", 1)]
    everything = "select * from codebase_snapshots order by all"
    before = db.execute(everything).fetchall()
    # The publication lands the changes; a second build over the same facts sees none.
    db.execute(
        "insert into landed.technology_snapshots by name"
        " select *, 'observe' as run_id, 1 as run_seq"
        " from internal.int_technologies__snapshot_changes"
    )
    _make(db, *_MADE)
    count = "select count(*) from internal.int_technologies__snapshot_changes"
    assert db.execute(count).fetchall() == [(0,)]
    assert db.execute(everything).fetchall() == before
    db.execute(
        "update internal.int_dependencies__declared set specifier = '>=2' where path like '/p15/%'"
    )
    _make(db, *_MADE)
    assert db.execute(f"{one} order by 2").fetchall()[:1] == first
    found = db.execute("select codebase_id, snapshot_id, metadata from codebase_snapshots"
                       " where snapshot_id = 2").fetchall()  # fmt: skip
    assert [(row[0], json.loads(row[2])["cause"]) for row in found] == [("p15", "world")]


def test_the_evaluation_counts_what_is_right_wrong_and_missed() -> None:
    labelled = read_repositories()
    assert len(labelled) >= 40
    assert {kind for one in labelled.values() for _, kind in one.labelled} == {
        *("language", "runtime", "framework", "tool"),
    }
    one = Repository("a/b", "c", "kept", {("Go", "language"), ("Make", "tool")}, set())
    one.detected |= {("Go", "language"), ("npm", "tool"), ("Nix", "tool")}
    lines = list(report([one], "kept"))
    assert "  together   precision 0.333 (1 of 3)   recall 0.500 (1 of 2)" in lines
    assert lines[-2:] == ["  wrong:  Nix (tool), npm (tool)", "  missed: Make (tool)"]
