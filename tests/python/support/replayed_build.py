"""Builds an installation by the SQL that dbt executed in one build, and publishes as dbt would.

For a build of a small workspace, dbt takes 15 to 20 seconds of CPU; its SQL and publishing take
four. The SQL follows from the code and not from what has landed. `reference` therefore lets dbt
build an empty landing zone once per version of the code, and `build` executes the same statements
over another zone: seeds, models, tests and comments, each in its place. test_golden compares a
build of each kind.

For tests of the rows that a build makes. Tests of dbt itself, and of how a build ends, run dbt.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import io
import json
import os
import shutil
import sys
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import duckdb
from click.testing import CliRunner, Result
from product import PROJECT, Product

from enrich.cli import main as enrich_main
from enrich.commands.operate import dbt_build
from loaders.base.engine_paths import plain_path
from loaders.base.paths import locations
from loaders.base.permissions import keep_private, prepare_folders
from loaders.publishing import build_database, builds, publish
from loaders.publishing.places import refuse_unfit_places

_CACHE = PROJECT / ".venv" / ".cache" / "replayed_builds"
_KEPT = 2
_COMMAND = "dbt build"
_KINDS = ("seed", "model", "test")
# As in profiles.yml.
_CONFIG = {
    "storage_compatibility_version": "v1.5.0",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


@dataclass(frozen=True)
class Node:
    """A seed, a model or a data test, and what dbt executed for it; the *key* is that of a seed."""

    unique_id: str
    kind: str
    sql: str
    comments: str
    key: str

    @property
    def name(self) -> str:
        return self.unique_id.rpartition(".")[2]


@dataclass(frozen=True)
class Reference:
    """A build of dbt: its target folder, and its nodes in the order in which they ran."""

    target: Path
    manifest: str
    invocation_id: str
    nodes: tuple[Node, ...]
    # Seed → the checksum of its file, which some models have as text.
    checksums: dict[str, str]


@functools.cache
def reference() -> Reference:
    """Return the build of this version of the code, which dbt makes if it has not yet been made."""
    folder = _folder()
    _CACHE.mkdir(parents=True, exist_ok=True)
    with open(_CACHE / "lock", "w") as lock:
        # One worker makes it, and the others wait for it.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            draft = folder.with_suffix(".draft")
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            assert "published: version 1" in Product(draft).dbt("build").stdout
            draft.rename(folder)
            others = sorted(_CACHE.glob("*/"), key=lambda path: path.stat().st_mtime)
            for old in others[:-_KEPT]:
                shutil.rmtree(old)
    return _read(folder)


def parsed() -> Path | None:
    """Return what dbt remembers of its parse of this version of the code, if it has parsed it."""
    path = _folder() / "target" / "partial_parse.msgpack"
    return path if path.exists() else None


@functools.cache
def _folder() -> Path:
    return _CACHE / build_database.code_fingerprint(PROJECT)


def _read(folder: Path) -> Reference:
    target = folder / "target"
    text = (target / "manifest.json").read_text(encoding="utf-8")
    manifest = json.loads(text)
    results = json.loads((target / "run_results.json").read_bytes())["results"]
    comments = _comments(folder / "meta.duckdb.d/build/meta.duckdb")
    nodes, checksums = [], {}
    for result in results:
        node = manifest["nodes"].get(result["unique_id"], {})
        if node.get("resource_type") not in _KINDS:
            continue
        original = Path(node["original_file_path"])
        # The SQL of a generic test is below the file that names it.
        place = original if original.suffix == ".yml" else original.parent
        path = target / "run" / node["package_name"] / place / Path(node["path"]).name
        kind = node["resource_type"]
        # A model of this name is the only relation that has it.
        spoken = comments.get((node["schema"], node["alias"]), "") if kind == "model" else ""
        key = node["config"]["meta"].get("configured", {}).get("key", "")
        sql = path.read_text(encoding="utf-8")
        nodes.append(Node(node["unique_id"], kind, sql, spoken, key))
        if kind == "seed":
            checksums[node["name"]] = node["checksum"]["checksum"]
    invocation_id = manifest["metadata"]["invocation_id"]
    return Reference(target, text, invocation_id, tuple(nodes), checksums)


def _comments(database: Path) -> dict[tuple[str, str], str]:
    """Return relation → the statements that comment on it and on its columns."""
    found: dict[tuple[str, str], str] = {}
    with duckdb.connect(plain_path(database), read_only=True) as db:
        rows = db.execute(
            """
            select schema_name, view_name, 'view', '', comment from duckdb_views()
            where not internal and comment is not null
            union all
            select schema_name, table_name, 'table', '', comment from duckdb_tables()
            where comment is not null
            union all
            select schema_name, table_name, 'column', '."' || column_name || '"', comment
            from duckdb_columns() where not internal and comment is not null
            """
        ).fetchall()
    for schema, name, kind, column, comment in rows:
        text = comment.replace("'", "''")
        statement = f"""comment on {kind} "{schema}"."{name}"{column} is '{text}';"""
        found[schema, name] = found.get((schema, name), "") + statement
    return found


def build(product: Product) -> str:
    """Build and publish *product*, whose project may differ from this clone in its seeds only.

    Return the line about the published version. A statement or a test that fails is an error.
    """
    if not product.target.exists():
        shutil.copytree(reference().target, product.target)
    with _as_in_a_process(product):
        return _build(product.project)


def refresh(product: Product, *words: str | Path) -> Result:
    """Run `enrich refresh-meta` with such a build in place of dbt, in this process."""

    def start(*_: object) -> _Process:
        return _Process(product.project)

    command = ["refresh-meta", *map(str, words)]
    with _as_in_a_process(product), mock.patch.object(dbt_build, "_start", start):
        answer = CliRunner().invoke(enrich_main, command, catch_exceptions=False)
    assert answer.exit_code == 0, f"{command} ended with {answer.exit_code}\n{answer.output}"
    return answer


class _Process:
    """Stands for the process of dbt that waits for a refresh."""

    pid = 0

    def __init__(self, project: Path) -> None:
        self._project = project
        self.returncode: int | None = None

    def poll(self) -> int | None:
        return self.returncode

    def communicate(self, given: str | None = None) -> tuple[str, str]:
        self.returncode = 0
        return _build(self._project, is_of_refresh=True) if given else "", ""


@contextlib.contextmanager
def _as_in_a_process(product: Product) -> Iterator[None]:
    """Have the environment of a command of *product*, and keep the umask of this process."""
    reference()
    before = os.umask(0o022)
    os.umask(before)
    try:
        with mock.patch.dict(os.environ, product._environment(), clear=True):
            yield
    finally:
        os.umask(before)


def unpublished(product: Product) -> str:
    """Build *product* as if its build died before it published; return the request to do so."""
    with _as_in_a_process(product), _holding_the_lock():
        return _request(product.project)


def _build(project: Path, *, is_of_refresh: bool = False) -> str:
    with _holding_the_lock(is_of_refresh):
        request, printed = _request(project), io.StringIO()
        with (
            mock.patch.object(sys, "stdin", io.StringIO(request)),
            contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(printed),
        ):
            publish.main()
    line = printed.getvalue().strip()
    assert line.startswith("published: "), line
    return line


@contextlib.contextmanager
def _holding_the_lock(is_of_refresh: bool = False) -> Iterator[None]:
    """Prepare the folders as a build of dbt does when it starts."""
    where = locations()
    keep_private()
    refuse_unfit_places(where)
    prepare_folders(where)
    where.build_database.parent.mkdir(parents=True, exist_ok=True)
    lock = builds.hold_build_lock(where, is_of_refresh=is_of_refresh)
    try:
        yield
    finally:
        lock.release()


def _request(project: Path) -> str:
    """Make all tables; return the request to publish them, as dbt would make it."""
    made, invocation_id = reference(), str(uuid.uuid4())
    builds.begin(locations(), invocation_id, _COMMAND)
    manifest = made.manifest.replace(made.invocation_id, invocation_id)
    builds.manifest_of(locations()).write_text(manifest, encoding="utf-8")
    request = _make_tables(made, project) | {
        "which": "build",
        "command": _COMMAND,
        **dict.fromkeys(("has_vars", "is_empty", "is_sample"), False),
        **dict.fromkeys(("target", "default_target"), "local"),
        "invocation_id": invocation_id,
        "results": {node.unique_id: "success" for node in made.nodes},
    }
    return json.dumps(request)


def _make_tables(made: Reference, project: Path) -> dict:
    """Execute every statement of a build; return what its plugin knows about the landing zone."""
    # It imports dbt.
    from loaders.publishing.landed_plugin import Plugin

    where = locations()
    plugin = object.__new__(Plugin)
    plugin._reading = ExitStack()
    plugin._read_landing_zone()
    configured = plugin._configured["configured"]
    assert not plugin._configured["own_rules"], "the SQL of a build with own rules is another one"
    build_database.make_ready(where.build_database, is_whole=True)
    with (
        plugin._reading,
        duckdb.connect(plain_path(where.build_database), config=_CONFIG) as db,
    ):
        db.execute("set TimeZone = 'UTC'")
        for schema in ("internal", "staging", "seeds"):
            db.execute(f"create schema {schema}")
        db.execute(plugin._views)
        db.execute(plugin._variables)
        db.execute("begin")
        for node in made.nodes:
            _execute(db, node, _of_project(node.sql, made, project, configured))
            if node.kind == "seed" and node.name in configured:
                _configure(db, node)
        db.execute("commit")
        db.execute("force checkpoint")
    return {
        "left_out": plugin.left_out,
        "landed_up_to": plugin._landed_up_to,
        "started_at": plugin._started_at.isoformat(),
        "landed_last": plugin._landed_last,
    }


def _of_project(sql: str, made: Reference, project: Path, configured: dict[str, str]) -> str:
    """Return *sql* over the seeds of another *project*, and with the digests of *configured* rows:
    rules have both as text.
    """
    if project == PROJECT and not configured:
        return sql
    sql = sql.replace(f"'{PROJECT}/seeds/", f"'{project}/seeds/")
    for seed, checksum in made.checksums.items():
        if checksum in sql:
            text = (project / "seeds" / f"{seed}.csv").read_text(encoding="utf-8").strip()
            digest = hashlib.sha256(text.encode()).hexdigest()
            sql = sql.replace(checksum, digest + configured.get(seed, ""))
    return sql


def _configure(db: duckdb.DuckDBPyConnection, seed: Node) -> None:
    """Put the configured rows over those of a seed, as with_configured_rows.sql does."""
    rows, table = f"landed.configured_{seed.name}", f"seeds.{seed.name}"
    db.execute(f"delete from {table} where ({seed.key}) in (select ({seed.key}) from {rows})")
    db.execute(f"insert into {table} by name select * from {rows}")


def _execute(db: duckdb.DuckDBPyConnection, node: Node, sql: str) -> None:
    try:
        answer = db.execute(sql)
        if node.kind == "test":
            [(failures, _, is_error)] = answer.fetchall()
            assert not is_error, f"{node.unique_id}: {failures} rows"
        elif node.comments:
            db.execute(node.comments)
    except duckdb.Error as error:
        raise AssertionError(f"{node.unique_id}: {error}") from error
