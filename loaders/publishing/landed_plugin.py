"""The dbt-duckdb plugin: one build sees one moment of the landing zone, and ends in one
publication.

At the start of an invocation it takes the build lock and reads the landing zone once (`moment`).
`publish_build` hands the finished build over to
`loaders.publishing.publish` in a process of its own, because opening and closing the database file
in dbt's own process would drop DuckDB's lock on it.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.adapters.factory import FACTORY
from dbt.contracts.graph.manifest import Manifest
from dbt.flags import get_flags
from dbt_common.invocation import get_invocation_id
from duckdb import DuckDBPyConnection

from loaders.base import clock, programs
from loaders.base.engine_paths import plain_path
from loaders.base.locks import FileLock
from loaders.base.paths import PROJECT_ROOT, locations
from loaders.base.permissions import keep_private, prepare_folders
from loaders.publishing import build_database, builds, graph_functions
from loaders.publishing.moment import Moment
from loaders.publishing.own_verdicts import OwnRules
from loaders.publishing.places import refuse_unfit_places
from loaders.publishing.refusals import REFUSING, Refusal, refusal_of

# A manifest begins with its metadata.
_METADATA_BYTES = 4096
# The commands of dbt that change tables.
_CHANGING = ("build", "run", "seed", "snapshot", "retry", "clone", "run-operation")
_held: FileLock | None = None
# The invocation whose start note waits for its end; None unless a build is under way here.
_unended: str | None = None


# That of the build under way, for `loaders.building.planning`: dbt itself keeps only words.
refusal: Refusal | None = None


@contextmanager
def _refusing() -> Iterator[None]:
    """Let what keeps a build from starting be a RuntimeError of one line, and keep it as
    `refusal`.
    """
    global refusal
    try:
        yield
    except REFUSING as error:
        refusal = refusal_of(error)
        raise RuntimeError(refusal.line) from None


def _hold_build_lock() -> bool:
    """Take the build lock for the rest of this process's life, once; say whether it was taken
    now.
    """
    global _held
    where = locations()
    if _held is not None and _held.path == where.build_lock:
        return False
    _held = builds.hold_build_lock(where, is_of_refresh=False)
    return True


def _release_build_lock() -> None:
    """Let another build begin: this one cannot, and its process may live on."""
    global _held
    if _held is not None:
        _held.release()
    _held = None


def _begin_build(invocation_id: str) -> None:
    """Note that a build begins, if this invocation of dbt is one: a dry build leaves no trace."""
    global _unended
    if get_flags().WHICH != "build":
        return
    if _unended is None:
        atexit.register(end_early)
    builds.begin(
        locations(), invocation_id, getattr(get_flags(), "INVOCATION_COMMAND", None) or "dbt build"
    )
    _unended = invocation_id


def end_early(reason: str = "dbt ended before the build did; its log says why") -> None:
    """Record the end of a build that never reached `publish_build`; only a kill prevents this."""
    global _unended
    if _unended is not None:
        # A disk that is too full for the record leaves the start note, which says that much.
        with contextlib.suppress(OSError):
            builds.end_early(locations(), _unended, reason)
    _unended = None


def _recorded() -> None:
    """Leave the note of this build alone from now on."""
    global _unended
    _unended = None


def _keep_manifest(invocation_id: str) -> None:
    """Keep the manifest of a build where only the holder of the build lock writes.

    The target folder is shared: dbt that cannot build now has replaced the file there before it
    finds the lock held. Raises OSError.
    """
    if get_flags().WHICH != "build":
        return
    kept = builds.manifest_of(locations())
    kept.unlink(missing_ok=True)
    with contextlib.suppress(FileNotFoundError):
        content = (Path(get_flags().TARGET_PATH or "target") / "manifest.json").read_bytes()
        if invocation_id.encode() in content[:_METADATA_BYTES]:
            kept.write_bytes(content)
            return
    manifest = FACTORY.lookup_adapter("duckdb").get_macro_resolver()
    if isinstance(manifest, Manifest):
        manifest.write(str(kept))


def _explicit_as_of() -> datetime | None:
    """Return the moment that this invocation of dbt is given as the variable `as_of`, if any."""
    given = (getattr(get_flags(), "VARS", None) or {}).get("as_of")
    try:
        return clock.parse_naive_utc(str(given)) if given else None
    except ValueError:
        raise click.ClickException(f"as_of: {given} is not a time in ISO 8601") from None


def _is_whole_build() -> bool:
    """Say whether this invocation of dbt is going to make everything that there is."""
    flags = get_flags()
    is_partial = any(
        getattr(flags, name, None)
        for name in ("SELECT", "EXCLUDE", "SELECTOR", "RESOURCE_TYPES", "EXCLUDE_RESOURCE_TYPES")
    )
    is_retry = "retry" in (getattr(flags, "INVOCATION_COMMAND", None) or "").split()
    return flags.WHICH == "build" and not is_partial and not is_retry


class Plugin(BasePlugin):
    """See the module. Errors are RuntimeError, which dbt shows as one line."""

    _own_rules = OwnRules()

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        self._moment = Moment(locations())
        with _refusing():
            where = locations()
            keep_private()
            refuse_unfit_places(where)
            prepare_folders(where)
            where.build_database.parent.mkdir(parents=True, exist_ok=True)
            is_new = _hold_build_lock()
            # The profile cannot expand `~` or make paths absolute; this is the one place that
            # decides.
            assert self.creds is not None  # dbt-duckdb gives them to every plugin
            self.creds.path = plain_path(where.build_database)
            self._begin(is_new_lock=is_new)

    def _begin(self, *, is_new_lock: bool = False) -> None:
        """Begin this invocation of dbt: its start note, its moment of the landing zone, its
        database.
        """
        self._invocation = get_invocation_id()
        _begin_build(self._invocation)
        try:
            with _refusing():
                _keep_manifest(self._invocation)
                self._read_landing_zone()
                self._settle_build_database(is_new_lock)
        except RuntimeError as error:
            end_early(str(error))
            raise

    def _settle_build_database(self, is_new_lock: bool) -> None:
        """Make the build database fit for this build; with the lock taken long ago, DuckDB may
        have it open.
        """
        if not is_new_lock:
            return
        try:
            build_database.make_ready(locations().build_database, is_whole=_is_whole_build())
        except BaseException:
            _release_build_lock()
            raise

    def _read_landing_zone(self) -> None:
        self._moment.close()
        self._moment = Moment(locations(), _explicit_as_of())
        self._moment.__enter__()
        # Once a build: the lists grow with every run, and there is a cursor for every node.
        self._views, self._variables = self._moment.views, self._moment.settings
        self._own_rules.begin(self._moment.own_rules, locations().build_database.parent)

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        conn.create_function(
            "publish_build", self._publish, ["VARCHAR"], "VARCHAR", side_effects=True
        )
        conn.create_function(
            "judge_by_own_rules", self._own_rules.judge, [], "VARCHAR", side_effects=True
        )
        graph_functions.register(conn)
        if get_flags().WHICH in _CHANGING:
            # The record of a refresh no longer describes the tables (loaders.building.kept).
            conn.execute("drop schema if exists kept cascade")
        conn.execute(build_database.settings())
        conn.execute(self._views)

    def configure_cursor(self, cursor: DuckDBPyConnection) -> None:
        if get_invocation_id() != self._invocation:
            # Several invocations in one process keep this object; each is a build of its own
            # moment.
            with _refusing():
                self._begin()
            cursor.execute(self._views)
        cursor.execute(self._variables)
        self._own_rules.use(cursor)

    def _publish(self, request: str) -> str:
        """Run `python -m loaders.publishing.publish` on *request* (JSON); return its one line."""
        self._moment.close()
        facts = json.loads(request) | self._moment.facts
        assert _held is not None  # since the build began
        answer = subprocess.run(
            [sys.executable, "-m", "loaders.publishing.publish"],
            input=json.dumps(facts),
            capture_output=True,
            text=True,
            env=programs.environment(locations()),
            # Python imports from the folder that it is started in: dbt may run in any.
            cwd=PROJECT_ROOT,
            # If dbt is killed meanwhile, the lock stays held until this process has also ended.
            pass_fds=[_held.fileno()],
        )
        if locations().start_note.exists():
            end_early(
                f"publishing ended without a record of its end (exit code {answer.returncode})"
            )
        _recorded()
        if answer.returncode != 0:
            raise RuntimeError(
                answer.stderr.strip() or f"publishing ended with {answer.returncode}"
            )
        return str(answer.stdout.strip())
