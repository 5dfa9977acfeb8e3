"""The dbt-duckdb plugin: one build sees one moment of the landing zone, and ends in one
publication.

At the start of an invocation it takes the build lock and reads the log once. For each table it
makes one view `landed.<table>` over the committed files, and a typed file of no rows after them, so
that a table without landed files can be read. `publish_build` hands the finished build over to
`loaders.publishing.publish` in a process of its own, because opening and closing the database file
in dbt's own process would drop DuckDB's lock on it.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import click
import pyarrow as pa
import pyarrow.parquet as pq
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.adapters.factory import FACTORY
from dbt.contracts.graph.manifest import Manifest
from dbt.flags import get_flags
from dbt_common.invocation import get_invocation_id
from duckdb import DuckDBPyConnection

from loaders.base import clock, programs
from loaders.base.engine_paths import path_list, plain_path, read_parquet, sql_text
from loaders.base.errors import NotOurs
from loaders.base.exits import EXIT_BUSY, EXIT_DAMAGED, EXIT_NO, EXIT_USAGE
from loaders.base.locks import Busy, FileLock
from loaders.base.masking import Masker
from loaders.base.paths import PROJECT_ROOT, clean_text, locations
from loaders.base.permissions import keep_private, prepare_folders
from loaders.publishing import build_database, builds, configured_seeds
from loaders.publishing.own_verdicts import OwnRules
from loaders.publishing.places import refuse_unfit_places
from loaders.publishing.rejects import Rejects, find_rejects, name_of
from loaders.sources.registry import TABLES
from loaders.zone.landing import LandedFile, LandingError, LandingZone, LogEntry
from loaders.zone.registered import keep_roots_out
from loaders.zone.schemas import RUNS

# A manifest begins with its metadata.
_METADATA_BYTES = 4096
# Whether a refresh, which has its own lock, runs this dbt: `waiting_dbt` of enrich sets it.
is_of_refresh = False
_held: FileLock | None = None
# The invocation whose start note waits for its end; None unless a build is under way here.
_unended: str | None = None


class Refusal(NamedTuple):
    """Why a build could not start: a documented exit code, and one line."""

    code: int
    line: str


# That of the build under way, for `waiting_dbt` of enrich: dbt itself keeps only words.
refusal: Refusal | None = None


@contextmanager
def _refusing() -> Iterator[None]:
    """Let what keeps a build from starting be a RuntimeError of one line, and keep it as
    `refusal`.
    """
    global refusal
    try:
        yield
    except Busy as error:
        refusal = Refusal(EXIT_BUSY, clean_text(str(error)))
    except LandingError as error:
        refusal = Refusal(
            EXIT_USAGE if isinstance(error, NotOurs) else EXIT_DAMAGED, clean_text(str(error))
        )
    except click.ClickException as error:
        refusal = Refusal(error.exit_code, clean_text(error.message))
    except OSError as error:
        where = os.fsdecode(error.filename or locations().landing)
        refusal = Refusal(EXIT_NO, clean_text(f"{where}: {error.strerror or error}"))
    else:
        return
    raise RuntimeError(refusal.line) from None


def _hold_build_lock() -> bool:
    """Take the build lock for the rest of this process's life, once; say whether it was taken
    now.
    """
    global _held
    where = locations()
    if _held is not None and _held.path == where.build_lock:
        return False
    _held = builds.hold_build_lock(where, is_of_refresh=is_of_refresh)
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
        self._reading = ExitStack()
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
                self._show_configured()
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
        where = locations()
        zone = LandingZone(where.landing)
        # Files that a compaction replaces meanwhile are kept until the last node has run.
        self._reading.close()
        entries = self._reading.enter_context(zone.reading())
        keep_roots_out(zone)
        self._landed_up_to = entries[-1].seq if entries else 0
        self._landed_last = entries[-1].run_id if entries else None
        self.left_out: list[str] = []
        self._started_at = clock.as_naive_utc(clock.now())
        by_name: set[str] = set()
        landed: dict[str, list[LandedFile]] = {}
        for table in TABLES:
            files = [file for entry in entries for file in entry.files if file.table == table]
            footers = {file: _footer(file) for file in files}
            landed[table] = [file for file, footer in footers.items() if footer]
            if _has_other_columns(table, filter(None, footers.values())):
                by_name.add(table)
            self.left_out += sorted(
                {str(file.path) for file in files} - {str(file.path) for file in landed[table]}
            )
        work_folder = where.build_database.parent
        rejects = find_rejects(zone, work_folder / "rejects.parquet", entries, landed)
        configuration = configured_seeds.read_aloud()
        self._configured = configured_seeds.settings_of(configuration)
        self._own_rules.begin(configuration.own_rules, work_folder)
        views = {
            **configured_seeds.views_of(configuration, work_folder),
            "runs": read_parquet(path_list([_write_runs(entries, work_folder / "runs.parquet")])),
            "rejects": read_parquet(path_list([rejects.path])),
            **{
                table: _healthy_rows(table, landed[table], rejects, zone, table in by_name)
                for table in landed
            },
        }
        # Once a build: the lists grow with every run, and there is a cursor for every node.
        self._views = _make_views(views)
        self._variables = (
            "set variable build_started_at = timestamp "
            f"{sql_text(self._started_at.isoformat(sep=' '))};"
            f"set variable host_label = {sql_text(zone.host_label)}"
        )

    def _show_configured(self) -> None:
        """Let macros see what is configured: as `target.plugins` in Jinja."""
        assert self.creds is not None and self.creds.plugins  # this plugin is one of them
        settings = self.creds.plugins[0]
        settings.config = {**(settings.config or {}), **self._configured}

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        conn.create_function(
            "publish_build", self._publish, ["VARCHAR"], "VARCHAR", side_effects=True
        )
        conn.create_function(
            "judge_by_own_rules", self._own_rules.judge, [], "VARCHAR", side_effects=True
        )
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
        self._reading.close()
        facts = json.loads(request) | {
            "left_out": self.left_out,
            "landed_up_to": self._landed_up_to,
            "started_at": self._started_at.isoformat(),
            "landed_last": self._landed_last,
        }
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


def _footer(file: LandedFile) -> pq.FileMetaData | None:
    try:
        return file.footer()
    except OSError:
        return None


def _has_other_columns(table: str, footers: Iterable[pq.FileMetaData]) -> bool:
    """Say whether any of these files of *table* has other columns than those declared."""
    # Most have the same, and converting a schema takes much longer than comparing names.
    layouts = {tuple(footer.schema.names): footer for footer in footers}
    declared = TABLES[table].names
    return any(one.schema.to_arrow_schema().names != declared for one in layouts.values())


def _healthy_rows(
    table: str, files: list[LandedFile], rejects: Rejects, zone: LandingZone, is_by_name: bool
) -> str:
    """Return the SQL of the landed rows of *table* that keep its rules.

    Files with other columns than those declared, which other code has landed, are read *by name*.
    All others are not, since looking at the columns of every file costs every node that reads the
    view.
    """
    dirty = [file.path for file in files if rejects.has(file)]
    clean = [file.path for file in files if not rejects.has(file)]
    # DuckDB guesses the rows of all from those of the first.
    options = {"union_by_name": True} if is_by_name else {}
    parts = [
        f"select * from {read_parquet(path_list([*clean, zone.empty_table(table)]), **options)}"
    ]
    parts += [
        "select * exclude (file_row_number) from "
        f"{read_parquet(path_list([path]), file_row_number=True)}"
        f" where file_row_number not in"
        f" (select row_number from landed.rejects where file = {sql_text(name_of(path))})"
        for path in dirty
    ]
    rows = " union all by name ".join(parts)
    if is_by_name:
        columns = ", ".join(f'"{name}"' for name in TABLES[table].names)
        rows = f"select {columns} from ({rows})"
    return f"({rows})"


def _make_views(landed: dict[str, str]) -> str:
    """Return the statements that make one view per relation of *landed* (name → SQL), all of them
    or none.
    """
    views = [
        f"create or replace view landed.{name} as from {relation}"
        for name, relation in landed.items()
    ]
    return ";".join(["begin", "create schema if not exists landed", *views, "commit"])


def _write_runs(entries: list[LogEntry], target: Any) -> str:
    """Write the log's records as a Parquet file for the build and return its path."""
    rows = []
    for entry in entries:
        row = {item.name: entry.manifest.get(item.name) for item in RUNS}
        row["run_seq"] = entry.seq
        row["argv"] = json.dumps(entry.manifest["argv"])
        masked = entry.manifest.get("masked")
        row["masked_count"] = None if masked is None else sum(masked.values())
        for name in ("started_at", "ended_at"):
            row[name] = clock.as_naive_utc(datetime.fromisoformat(entry.manifest[name]))
        rows.append(row)
    draft = target.with_suffix(".draft")
    # Records of older versions were written as they came, and are never changed.
    pq.write_table(Masker().table("runs", pa.Table.from_pylist(rows, RUNS)), plain_path(draft))
    os.replace(draft, target)
    return str(target)
