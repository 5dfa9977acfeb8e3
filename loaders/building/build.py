"""One build: hold the lock, see one moment of the landing zone, make what changed, publish."""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import duckdb

from loaders.base.engine_paths import plain_path
from loaders.base.paths import Locations
from loaders.base.permissions import keep_private, prepare_folders
from loaders.building.news import made_from, unchanged_since
from loaders.building.plan import Plan
from loaders.building.replay import Outcome, Replay
from loaders.publishing import build_database, builds, graph_functions, publish
from loaders.publishing.moment import Moment
from loaders.publishing.own_verdicts import OwnRules
from loaders.publishing.places import refuse_unfit_places

# Is called with the unique id of each node that is done, and the number of all.
Done = Callable[[str, int], None]


@dataclass(frozen=True)
class Built:
    """How a build ended: exit code, one line, what became of the nodes; since when nothing has
    changed, if there was nothing to build.
    """

    code: int = 0
    line: str = ""
    outcome: Outcome = field(default_factory=Outcome)
    unchanged_since: datetime | None = None

    def as_json(self) -> str:
        since = self.unchanged_since
        return json.dumps(
            {
                "statuses": self.outcome.statuses,
                "made": self.outcome.made,
                "seconds": self.outcome.seconds,
                "unchanged_since": since and since.isoformat(),
            }
        )


def build(where: Locations, plan: Plan, done: Done, *, command: str, full: bool = False) -> Built:
    """Build and publish, if there is anything new; with *full*, keep nothing.

    Raises one of `refusals.REFUSING` if it cannot start, duckdb.Error, MemoryError.
    """
    with holding_the_lock(where):
        build_database.make_ready(where.build_database, is_whole=full)
        with Moment(where) as moment:
            since = None if full else unchanged_since(where, plan, moment)
            if since is not None:
                return Built(unchanged_since=since)
            invocation_id = str(uuid.uuid4())
            builds.begin(where, invocation_id, command)
            try:
                outcome, request = make(where, plan, moment, done, invocation_id, full=full)
                moment.close()
                code, line = publish.settle(request | {"command": command}, where)
            except BaseException as error:
                # A disk that is too full for the record leaves the start note, which says that.
                with contextlib.suppress(OSError):
                    builds.end_early(where, invocation_id, f"{type(error).__name__}: {error}")
                raise
            return Built(code, line, outcome)


@contextlib.contextmanager
def holding_the_lock(where: Locations) -> Iterator[None]:
    """Prepare the folders, and hold the build lock of a refresh."""
    keep_private()
    refuse_unfit_places(where)
    prepare_folders(where)
    where.build_database.parent.mkdir(parents=True, exist_ok=True)
    lock = builds.hold_build_lock(where, is_of_refresh=True)
    try:
        yield
    finally:
        lock.release()


def make(
    where: Locations,
    plan: Plan,
    moment: Moment,
    done: Done,
    invocation_id: str,
    *,
    full: bool = False,
) -> tuple[Outcome, dict[str, Any]]:
    """Make or keep every table; return how the nodes ended, and the request to publish them.

    For the holder of the build lock.
    """
    manifest = plan.manifest_of(invocation_id)
    builds.manifest_of(where).write_text(manifest, encoding="utf-8")
    rules = OwnRules()
    rules.begin(moment.own_rules, where.build_database.parent)
    database, config = plain_path(where.build_database), build_database.CONFIG
    with duckdb.connect(database, config=config) as db:
        db.create_function("judge_by_own_rules", rules.judge, [], "VARCHAR", side_effects=True)
        graph_functions.register(db)
        rules.use(db)
        settings = build_database.settings(at_first=True)
        for statements in (settings, moment.views, moment.settings):
            db.execute(statements)
        outcome = Replay(db, plan, moment).run(done, full=full)
        rules.use(None)
        db.execute("force checkpoint")
    return outcome, {
        "which": "build",
        **dict.fromkeys(("has_vars", "is_empty", "is_sample"), False),
        **dict.fromkeys(("target", "default_target"), "local"),
        "invocation_id": invocation_id,
        "results": outcome.statuses | dict.fromkeys(plan.unit_tests, "pass"),
        "errors": outcome.errors,
        "made_from": made_from(plan, moment),
        "contents": outcome.contents,
        **moment.facts,
    }
