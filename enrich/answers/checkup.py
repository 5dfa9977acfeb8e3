"""Whether this installation can work: one check per thing that a refresh or a query needs.

A check never fails: if the thing cannot be read, its line is a problem with that reason.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import click

from enrich.db import NothingPublished, Published
from loaders.base import clock, programs
from loaders.base.errors import LandingError
from loaders.base.figures import counted, days_since
from loaders.base.locks import Busy, holder_of
from loaders.base.paths import CODE_ROOT, IS_CLONE, PROJECT_ROOT, Locations
from loaders.base.remedies import FIRST_REFRESH, LAND, REFRESH, SET_UP
from loaders.base.tools import code_ref, git_version, tool_version

if TYPE_CHECKING:
    from loaders.zone.commit_log import LogEntry

OK, WARNING, PROBLEM = "ok", "warning", "problem"

_PYTHONS = ((3, 11), (3, 13))
_ENGINES = ("dbt-core", "dbt-duckdb", "duckdb")
# Older ones do not obey GIT_CONFIG_GLOBAL, one of the settings that keep git from foreign files.
_OLDEST_GIT = (2, 32)
_GIGABYTE = 10**9
_LITTLE_SPACE, _NO_SPACE = 2 * _GIGABYTE, _GIGABYTE // 10
_IN_MEMORY = (b"tmpfs", b"ramfs")
_REMOTE = re.compile(rb"nfs|cifs|smb|9p|afs|ceph|lustre|fuse\.(ssh|s3|rclone|gcs)|drvfs|vboxsf")
_LONG_AGO_HOURS = 24
# No run of this product is older.
_FIRST_YEAR = 2026


@dataclass(frozen=True)
class Check:
    """One line of the page. *remedy* is what to do, empty if nothing is."""

    name: str
    state: str
    found: str
    remedy: str = ""


def check_up(where: Locations) -> Iterator[Check]:
    """Yield all checks in the order of the page."""
    for name, check in _CHECKS.items():
        try:
            yield from check(name, where)
        except ImportError as error:
            yield Check(name, WARNING, f"not looked at: {error.name} is not installed", SET_UP)
        except Exception as error:  # whatever it is, the other checks are still of use
            text = error.message if isinstance(error, click.ClickException) else str(error)
            yield Check(name, PROBLEM, text or type(error).__name__)


# -- programs --------------------------------------------------------------------------------------


def _product(name: str, where: Locations) -> Iterator[Check]:
    kind = "clone" if IS_CLONE else "installed copy"
    commit = (code_ref() or "")[:12]
    yield Check(
        name, OK, f"meta-collector {tool_version()}, {kind} {CODE_ROOT}" + f" {commit}".rstrip()
    )


def _python(name: str, where: Locations) -> Iterator[Check]:
    version = sys.version_info[:2]
    found = f"{'.'.join(map(str, sys.version_info[:3]))}, {sys.executable}"
    if _PYTHONS[0] <= version <= _PYTHONS[1]:
        yield Check(name, OK, found)
    else:
        yield Check(name, PROBLEM, found, "use Python 3.11, 3.12 or 3.13; docs/install.md")


def tested_versions() -> dict[str, str]:
    """Return the versions of libraries with which this version was tested."""
    lock = (PROJECT_ROOT / "requirements" / "lock.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", lock, re.MULTILINE))


def _engines(name: str, where: Locations) -> Iterator[Check]:
    tested = tested_versions()
    ranges = _declared_ranges()
    for engine in _ENGINES:
        try:
            version = metadata.version(engine)
        except metadata.PackageNotFoundError:
            needed = PROBLEM if engine == "duckdb" else WARNING
            yield Check(engine, needed, "not installed: this installation can only read", SET_UP)
            continue
        yield _judged_engine(engine, version, tested.get(engine, "?"), ranges.get(engine))


def _judged_engine(engine: str, version: str, tested: str, allowed: str | None) -> Check:
    if version == tested:
        return Check(engine, OK, f"{version}, the tested version")
    if allowed and _is_in(version, allowed):
        return Check(engine, OK, f"{version}, supported; the tests run with {tested}")
    return Check(engine, PROBLEM, f"{version}; the tests run with {tested}", SET_UP)


def _declared_ranges() -> dict[str, str]:
    """Return library → the versions that this product declares to support."""
    with contextlib.suppress(metadata.PackageNotFoundError):
        lines = [line.partition(";")[0] for line in metadata.requires("meta-collector") or []]
        return {
            matched[1]: matched[2].strip()
            for line in lines
            if (matched := re.match(r"([A-Za-z0-9-]+)\s*(.*)", line))
        }
    return {}


def _is_in(version: str, allowed: str) -> bool:
    from packaging.specifiers import SpecifierSet

    return SpecifierSet(allowed).contains(version, prereleases=True)


def _git(name: str, where: Locations) -> Iterator[Check]:
    path = programs.find("git", usual_first=True)
    if path is None:
        yield Check(name, PROBLEM, "not found on PATH", "install git")
        return
    version = git_version(path) or ""
    numbers = re.match(r"(\d+)\.(\d+)", version)
    found = f"{version or 'of an unknown version'}, {path}"
    if numbers is None or (int(numbers[1]), int(numbers[2])) < _OLDEST_GIT:
        least = ".".join(map(str, _OLDEST_GIT))
        yield Check(name, WARNING, f"{found}; older than {least}", f"install git {least} or newer")
    else:
        yield Check(name, OK, found)


# -- folders ---------------------------------------------------------------------------------------


def _folders(name: str, where: Locations) -> Iterator[Check]:
    yield _folder("landing zone", where.landing, "META_LANDING_DIR")
    yield _folder("published in", where.published.parent, "META_DB_PATH")


def _folder(name: str, folder: Path, variable: str) -> Check:
    from loaders.sources.crawl.mounts import kind_of

    existing = next(path for path in (folder, *folder.parents) if path.exists())
    system = os.statvfs(existing)
    free = system.f_bavail * system.f_frsize
    kind = kind_of(os.path.realpath(os.fsencode(existing)))
    found = f"{folder}, {free / _GIGABYTE:,.1f} GB free on {os.fsdecode(kind) or 'its disk'}"
    if existing != folder:
        found += "; will be made"
    elsewhere = f"set {variable} to a folder on a local disk"
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        return Check(name, PROBLEM, f"{found}; {existing} is not a folder that you can write to",
                     f"set {variable}, or change its permissions")  # fmt: skip
    if free < _NO_SPACE:
        return Check(name, PROBLEM, found, "make space")
    if kind in _IN_MEMORY:
        return Check(name, WARNING, f"{found}; it is empty after a restart", elsewhere)
    if _REMOTE.search(kind):
        why = "locks and renames may fail on a network file system"
        return Check(name, WARNING, f"{found}; {why}", elsewhere)
    if free < _LITTLE_SPACE:
        return Check(name, WARNING, found, "make space: a build needs several copies of the file")
    return Check(name, OK, found)


def _log(where: Locations) -> list[LogEntry]:
    """Return the log of the landing zone, which need not exist. Raises LandingError."""
    from loaders.zone.commit_log import CommitLog

    log = CommitLog(where.landing)
    log.refuse_newer()
    return log.entries() if where.landing.is_dir() else []


# -- data ------------------------------------------------------------------------------------------


def _landed(name: str, where: Locations) -> Iterator[Check]:
    try:
        entries = _log(where)
    except LandingError as error:
        yield Check(name, PROBLEM, str(error), f"{LAND} verify")
        return
    if not entries:
        yield Check(name, WARNING, "nothing has landed yet", FIRST_REFRESH)
    else:
        yield Check(name, OK, f"{counted(len(entries), 'run')}, newest {entries[-1].run_id}")


def _published(name: str, where: Locations) -> Iterator[Check]:
    from enrich.answers.freshness import judge_now

    try:
        with Published(where.published) as published:
            limit = judge_now(published)
            [(projects,)] = published.query("select count(*) from v_project_health").rows
    except NothingPublished:
        yield Check(name, WARNING, f"{where.published}: nothing is published yet", FIRST_REFRESH)
        return
    except Busy as error:
        yield Check(name, WARNING, str(error), "wait for that program")
        return
    written_at = datetime.fromtimestamp(where.published.stat().st_mtime, UTC)
    days = days_since(written_at)
    found = f"{counted(projects, 'project')}, published {counted(days, 'day')} ago"
    if limit is not None and days > limit:
        yield Check(name, WARNING, found, f"{REFRESH}; every night: enrich schedule")
    else:
        yield Check(name, OK, found)


def _last_build(name: str, where: Locations) -> Iterator[Check]:
    from loaders.publishing.builds import last_build

    build = last_build(where)
    if build is None:
        yield Check(name, OK, "none yet")
    elif build.get("is_published"):
        yield Check(name, OK, str(build["outcome"]))
    else:
        yield Check(name, WARNING, str(build["outcome"]), REFRESH)


def _roots(name: str, where: Locations) -> Iterator[Check]:
    from loaders.zone.landing import LandingZone
    from loaders.zone.registered import ROOT, registered_sources

    # A landing zone is made by the first who opens it.
    roots = registered_sources(LandingZone(where.landing), ROOT) if _log(where) else []
    missing = [root.path for root in roots if not os.path.isdir(root.path_bytes)]
    for path in missing:
        forget = shlex.join(["enrich", "sources", "forget", path])
        yield Check(name, WARNING, f"{path} is missing", f"mount it, or: {forget}")
    if not missing:
        yield Check(name, OK, f"{counted(len(roots), 'folder')} registered, all there")


def _locks(name: str, where: Locations) -> Iterator[Check]:
    from loaders.publishing.builds import refresh_lock

    held = [
        (path, note)
        for path in (refresh_lock(where), where.build_lock)
        if (note := holder_of(path)) is not None
    ]
    for path, note in held:
        since = str(note.get("since", "an unknown time"))
        found = f"{path.name} is held by process {note.get('pid', '?')} since {since}"
        if _hours_since(since) > _LONG_AGO_HOURS:
            yield Check(name, WARNING, found, "see what that process does, and end it if it hangs")
        else:
            yield Check(name, OK, found)
    if not held:
        yield Check(name, OK, "none is held")


def _hours_since(moment: str) -> float:
    with contextlib.suppress(ValueError):
        then = datetime.fromisoformat(moment)
        if then.tzinfo is not None:
            return (clock.now() - then).total_seconds() / 3600
    return 0.0


# -- settings --------------------------------------------------------------------------------------


def _settings(name: str, where: Locations) -> Iterator[Check]:
    names = sorted(name for name in os.environ if name.startswith("META_"))
    if "META_NOW" in names:
        found = f"META_NOW={os.environ['META_NOW']} replaces the time, for tests and drills"
        yield Check(name, WARNING, found, "unset META_NOW")
    else:
        yield Check(name, OK, ", ".join(names) or "no variable of this product is set")


def _configuration(name: str, where: Locations) -> Iterator[Check]:
    from loaders.configuration.configured import read_configuration
    from loaders.sources.crawl.excludes import CHECKS

    found = read_configuration(CHECKS)
    for problem in found.problems:
        yield Check(name, WARNING, f"left out: {problem}", "enrich config check")
    if not found.problems:
        yield Check(name, OK, found.summary if found.folder else "no folder: HOME is not set")


def _clock(name: str, where: Locations) -> Iterator[Check]:
    now = clock.now()
    found = now.isoformat(sep=" ", timespec="seconds")
    ends = [entry.manifest.get("ended_at") for entry in _log(where)]
    newest = max((datetime.fromisoformat(end) for end in ends if end), default=None)
    if now.year < _FIRST_YEAR or (newest and newest > now):
        after = f"; the newest run ended at {newest:%Y-%m-%d %H:%M:%S}" if newest else ""
        yield Check(name, PROBLEM, f"{found} is before what has landed{after}", "set the clock")
    else:
        yield Check(name, OK, found)


_CHECKS: Mapping[str, Callable[[str, Locations], Iterator[Check]]] = {
    "product": _product,
    "python": _python,
    "libraries": _engines,
    "git": _git,
    "folders": _folders,
    "landed": _landed,
    "roots": _roots,
    "published": _published,
    "last build": _last_build,
    "locks": _locks,
    "settings": _settings,
    "configuration": _configuration,
    "clock": _clock,
}
