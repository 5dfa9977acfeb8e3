"""Publish a finished build: judge whether it may be, make the file, land what it observed, swap it
in.

Run by the plugin in a process of its own with the facts of the build as JSON on standard input:
`python -m loaders.publishing.publish`. Prints one line. Exit code 1 means that publishing itself
failed; a build that is not a candidate (a dry build, a red build) is a normal end and changes
nothing.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from loaders.base.engine_paths import plain_path
from loaders.base.figures import counted
from loaders.base.locks import Busy
from loaders.base.paths import Locations, clean_text, locations
from loaders.publishing import builds
from loaders.publishing.compacted import copy_database
from loaders.publishing.contract import breaches, contract_columns, relations
from loaders.publishing.observe import observe
from loaders.publishing.previous import remember_previous
from loaders.publishing.published_file import journal_of, refuse_foreign_published
from loaders.publishing.published_versions import current_note, swap_in
from loaders.zone.landing import LandingError, LandingZone

_MACROS = Path(__file__).with_name("published_macros.sql")
_HEALTHY = {"success", "pass", "warn"}
_COUNTED = {"seed", "snapshot", "model", "test", "unit_test"}


class PublishError(Exception):
    """The build was fit to be published and could not be; the message says why."""


def why_not(request: Mapping[str, Any], manifest: Mapping[str, Any]) -> str | None:
    """Say why this build must not be published, or None.

    *request* holds `which`, `command`, `has_vars`, `is_empty`, `is_sample`, `target`,
    `default_target`, `invocation_id`, `landed_up_to`, `left_out` and `results` (unique id →
    status), and may hold `errors`, the messages of the nodes that ended with one.
    """
    if request["which"] != "build" or "retry" in request["command"].split():
        return f"dbt {request['which']} is not a build"
    for is_so, what in (
        (request["is_empty"], "--empty"),
        (request["is_sample"], "--sample"),
        (request["has_vars"], "--vars"),
    ):
        if is_so:
            return f"a build with {what} is a dry build"
    if request["target"] != request["default_target"]:
        return f"target {request['target']} is not the default target"
    if manifest["metadata"]["invocation_id"] != request["invocation_id"]:
        return "the manifest is not of this build"
    if request["left_out"]:
        return (
            f"{len(request['left_out'])} landed files are damaged: {', '.join(request['left_out'])}"
        )
    expected = set(expected_nodes(manifest))
    done = {name for name, status in request["results"].items() if status in _HEALTHY}
    if missing := expected - done:
        cause = builds.known_cause("\n".join(map(str, request.get("errors", []))))
        return f"{len(expected) - len(missing)} of {len(expected)} nodes" + (
            f"; {cause}" if cause else ""
        )
    return None


def expected_nodes(manifest: Mapping[str, Any]) -> list[str]:
    """Return the unique ids of the nodes that a build must have done to be published."""
    nodes = {**manifest["nodes"], **manifest.get("unit_tests", {})}
    return [
        name
        for name, node in nodes.items()
        if node["resource_type"] in _COUNTED
        and node["config"].get("enabled", True)
        and node["config"].get("materialized") != "ephemeral"
    ]


def publish(request: Mapping[str, Any], manifest: Mapping[str, Any], where: Locations) -> str:
    """Make the published file of the build that just ended. Returns the line to print.

    Raises PublishError where the contract does not hold, NotOurs where a file of others is in the
    place, OSError where the disk does not hold.
    """
    refuse_foreign_published(where)
    draft = where.engine_folder / "next.duckdb"
    for leftover in (draft, journal_of(draft)):
        leftover.unlink(missing_ok=True)
    if where.build_database.with_name("meta.duckdb.wal").exists():
        raise PublishError(
            f"{where.build_database}: changes are not in the file yet (there is a .wal beside it)"
        )
    # dbt has its database open while it publishes, and nothing in that was replaced.
    copy = copy_database if request.get("made_from") else shutil.copyfile
    copy(where.build_database, draft)
    _finish(draft, manifest)
    zone = LandingZone(where.landing)
    current = current_note(where)
    remember_previous(draft, current, zone.entries())
    contract = contract_columns(manifest)
    # A refresh knows the contents of relations, and what has answered with the same does so again.
    contents, before = request.get("contents", {}), dict((current or {}).get("contents", ()))
    answered = {name for name, digest in contents.items() if before.get(name) == digest}
    if breach := next(breaches(draft, contract, answered=answered), None):
        raise PublishError(f"the file to publish: {breach}")
    _flush(draft)
    count, recorded_run_id = observe(
        draft, zone, request["command"].split(), request["landed_up_to"], request["landed_last"]
    )
    remembered = f"; remembered {counted(count, 'change')}" if count else ""
    facts = {
        "as_of": _as_of(draft),
        "invocation_id": request["invocation_id"],
        "landed_up_to": request["landed_up_to"],
        "landed_last": request["landed_last"],
        "recorded_run_id": recorded_run_id,
        # Only a refresh gives it.
        "made_from": request.get("made_from"),
        "contract": contract,
        "contents": {name: contents[name] for name in contract if name in contents},
    }
    number = swap_in(draft, where, facts)
    zone.discard_replaced(request["landed_up_to"])
    return f"published: version {number}, {where.published}{remembered}"


def _finish(draft: Path, manifest: Mapping[str, Any]) -> None:
    """Drop what the manifest does not know, and what reaches outside the file; add the shipped
    macros.
    """
    kept = {name for name, node in relations(manifest).items() if "staging" not in node["fqn"]}
    with duckdb.connect(
        plain_path(draft), config={"storage_compatibility_version": "v1.5.0"}
    ) as db:
        present = db.execute(
            """
            select schema_name, view_name, 'view' from duckdb_views() where not internal
            union all
            select schema_name, table_name, 'table' from duckdb_tables() where not internal
            """
        ).fetchall()
        # Views first: one of them may read a table.
        for schema, name, kind in sorted(present, key=lambda relation: relation[2], reverse=True):
            if (schema, name) not in kept:
                db.execute(f'drop {kind} "{schema}"."{name.replace(chr(34), chr(34) * 2)}"')
        schemas = {schema for schema, _ in kept} | {"main"}
        for (schema,) in db.execute(
            "select schema_name from duckdb_schemas() where not internal"
        ).fetchall():
            if schema not in schemas:
                db.execute(f'drop schema "{schema}"')
        if ("main", "file_versions") in kept:
            db.execute(_MACROS.read_text(encoding="utf-8"))
        db.execute("checkpoint")


def _flush(path: Path) -> None:
    with open(path, "rb") as file:
        os.fsync(file.fileno())


def _as_of(draft: Path) -> str:
    with duckdb.connect(plain_path(draft), read_only=True) as db:
        [(as_of,)] = db.execute("select as_of from internal.as_of").fetchall()
        return str(as_of.isoformat())


# -- the outcome -----------------------------------------------------------------------------------


def _failures(request: Mapping[str, Any]) -> list[str]:
    return sorted(
        name
        for name, status in request["results"].items()
        if status in ("error", "fail", "runtime error")
    )


def settle(request: Mapping[str, Any], where: Locations) -> tuple[int, str]:
    """Publish or say why not, and write the state file; return the exit code and the line."""
    try:
        is_build = request["which"] == "build"
        manifest = json.loads(builds.manifest_of(where).read_bytes()) if is_build else {}
        reason = why_not(request, manifest)
        line = f"not published: {reason}" if reason else publish(request, manifest, where)
        # A build that must not be published is a normal end of dbt.
        code = 0
    except (
        PublishError,
        LandingError,
        Busy,
        OSError,
        ValueError,
        MemoryError,
        duckdb.Error,
    ) as error:
        line, code = f"not published: {_cause(error, where)}", 1
        if number := builds.published_by(request["invocation_id"], where):
            # It failed on what comes after the swap, such as the deletion of an old version.
            line, code = (
                f"published: version {number}, {where.published}; then {_cause(error, where)}",
                0,
            )
    state = builds.outcome_of(
        line,
        command=request["command"],
        which=request["which"],
        started_at=request["started_at"],
        invocation_id=request["invocation_id"],
        failures=_failures(request),
        left_out=request["left_out"],
    )
    if request["which"] == "build":
        try:
            builds.end(where, state)
        except OSError as error:
            # `enrich status` will not show this build: a failure, even if the file was swapped in.
            line, code = f"{line}; its outcome could not be written: {_cause(error, where)}", 1
    return code, clean_text(line)


def main() -> int:
    """Read the request, and settle it."""
    code, line = settle(json.load(sys.stdin), locations())
    print(line, file=sys.stderr if code else sys.stdout)
    return code


def _cause(error: Exception, where: Locations) -> str:
    """Return what went wrong and where: the kernel says no path with what fails on an open file."""
    if isinstance(error, duckdb.Error):
        return f"{where.work_folder}: {error}"
    if isinstance(error, MemoryError):
        return "out of memory"
    if not isinstance(error, OSError):
        return str(error)
    return (
        f"{error.filename or f'{where.work_folder} or {where.landing}'}: {error.strerror or error}"
    )


if __name__ == "__main__":
    sys.exit(main())
