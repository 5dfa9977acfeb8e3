"""The sections about git history: landing it, landing it again, and asking for files at times."""

from __future__ import annotations

import os
import shutil
import sys

from bench.comparing import Section, Side
from bench.measuring import measure
from bench.trees import Home, Tree, program
from loaders.base import programs
from loaders.base.paths import PROJECT_ROOT, bytes_of
from loaders.sources.git_history.known_history import load_known
from loaders.zone.asking import asking
from loaders.zone.landing import LandingZone

_LAND = str(PROJECT_ROOT / "loaders" / "land.py")
_ASKED = 2_000
# The yardstick runs two of these at a time. They start nothing that a repository configures.
_LOG = (
    "log",
    "--all",
    "-m",
    "--raw",
    "--root",
    "--no-show-signature",
    "--no-ext-diff",
    "--no-textconv",
)
_GIT_ENVIRONMENT = {
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_TERMINAL_PROMPT": "0",
}
# Random paths of history at random times of it, answered by one query.
_QUERY = """
import duckdb, sys
with duckdb.connect(sys.argv[1], read_only=True) as db:
    db.execute("set threads = 2")
    db.execute('''
        create temp table asked as
        select project_path || '/' || file_path as path,
            timestamp '2010-01-01'
                + to_seconds(cast(random() * 15 * 365 * 86400 as bigint)) as at_time
        from (select distinct project_path, file_path from file_versions)
        using sample ''' + sys.argv[2])
    db.execute("select count(sha_at(path, at_time)) from asked").fetchall()
"""


def landed_history(tree: Tree) -> Section:
    """Land the history of all repositories, beside `git log` on them, both two at a time."""
    fresh = Home(tree.scratch / "history")
    listed = tree.scratch / "repositories.list"

    def command() -> list[str | bytes]:
        # From the same crawl each time, with no history yet.
        shutil.rmtree(fresh.folder, ignore_errors=True)
        shutil.copytree(tree.home.where.landing, fresh.where.landing)
        return _command()

    measure(command(), fresh.environment)
    zone = LandingZone(fresh.where.landing)
    listed.write_bytes(b"".join(path + b"\0" for path in _repositories(zone)))
    return Section(
        "history",
        Side("land.py git", command, fresh.environment),
        # xargs ends with 123 if git fails on a shallow or damaged repository.
        Side("git log -P2", lambda: _log_command(), _git_environment(), listed, fine=(0, 123)),
        {"changes": _rows(zone, "git_changes"), "commits": _rows(zone, "git_commits")},
    )


def unchanged_history(tree: Tree) -> Section:
    """Land history without changes: the cost of every later refresh."""
    home = Home(tree.scratch / "history-known")
    shutil.copytree(tree.home.where.landing, home.where.landing)
    measure(_command(), home.environment)
    count = len(_repositories(LandingZone(home.where.landing)))
    return Section(
        "no-change history",
        Side("land.py git", _command, home.environment),
        amounts={"repositories": count},
    )


def asked_history(tree: Tree) -> Section:
    """Ask the published file for 2,000 files at times in one query, start of Python included."""
    home = Home(tree.scratch / "history-asked")
    shutil.copytree(tree.home.where.landing, home.where.landing)
    measure(_command(), home.environment)
    measure([programs.own("enrich"), "refresh-meta"], home.environment)
    command = [sys.executable, "-c", _QUERY, str(home.where.published), str(_ASKED)]
    return Section(
        "as of a time", Side("sha_at", lambda: command, home.environment), amounts={"files": _ASKED}
    )


def _command() -> list[str | bytes]:
    return [sys.executable, _LAND, "git", "--no-lines"]


def _git_environment() -> dict[str, str]:
    return {
        name: value for name, value in os.environ.items() if not name.startswith("GIT_")
    } | _GIT_ENVIRONMENT


def _log_command() -> list[str | bytes]:
    return [program("xargs"), "-0", "-P2", "-I{}", program("git"), "-C", "{}", *_LOG]


def _repositories(zone: LandingZone) -> list[bytes]:
    """Return the repositories that were read, the largest first."""
    with asking(zone) as (db, entries):
        known = load_known(zone, db, entries)
    paths = [bytes_of(path) for path, state in known.repositories.items() if state.fingerprint]
    return sorted(paths, key=_pack_bytes, reverse=True)


def _pack_bytes(path: bytes) -> int:
    packs = next(
        (
            folder
            for folder in (path + b"/.git/objects/pack", path + b"/objects/pack")
            if os.path.isdir(folder)
        ),
        None,
    )
    return sum(entry.stat().st_size for entry in os.scandir(packs)) if packs else 0


def _rows(zone: LandingZone, table: str) -> int:
    return sum(file.rows for entry in zone.entries() for file in entry.files if file.table == table)
