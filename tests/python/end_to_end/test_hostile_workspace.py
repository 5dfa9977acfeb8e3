"""A hostile workspace, with everything that real disks contain.

Nothing of it runs, all of it is recorded, and its neighbours are not affected.
"""

from __future__ import annotations

import json
import os
import re
import socket
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from exec_trace import Trace, below, reason_not_to_trace, traced
from git_fixtures import ENVIRONMENT, git, make_repository, plant_traps
from hostile_set import SECRET_URLS, Expected, Place, plant_set
from product import PROJECT, Product
from replayed_build import build
from worlds import hostile_tree, landed, on_disk, plant, small_workspace

from loaders.base.paths import bytes_of
from loaders.safe_git import sandbox
from loaders.zone.landing import LandingZone

NOW = "2026-03-01T12:00:00"
HEALTHY = ("one", "two", "tool")
RELATIONS = (
    "projects",
    "files",
    "packages",
    "v_project_health",
    "v_index_coverage",
    "v_gap_backlog",
)


@dataclass(frozen=True)
class Planted:
    """A workspace before and after hostile things were planted in it."""

    root: Path
    before: Product
    after: Product
    place: Place  # where traps leave their marks
    expected: dict[bytes, Expected]  # repository → state and reason
    totals: dict  # of the crawl
    trace: Trace | None  # of the crawl; None if nothing can be traced


@pytest.fixture(scope="module")
def planted(tmp_path_factory) -> Planted:
    base = tmp_path_factory.mktemp("hostile")
    root = base / "code"
    root.mkdir()
    small_workspace(root)
    before = Product(base / "before", now=NOW)
    before.crawl(root)
    build(before)
    place, expected = plant_set(root / "set", base)
    _plant_what_is_hostile(root)
    after = Product(base / "after", now=NOW, environment=_hostile_environment(place))
    trace = None
    if reason_not_to_trace():
        totals = after.crawl(root)
    else:
        trace = after.trace(
            sys.executable, PROJECT / "loaders" / "land.py", "crawl", "--json", root
        )
        totals = json.loads(trace.printed[trace.printed.index(b'{"run_id"') :].splitlines()[0])
    build(after)
    return Planted(root, before, after, place, expected, totals, trace)


def _plant_what_is_hostile(root: Path) -> None:
    plant(root / "hostile", hostile_tree())
    git(root, "init", "--quiet", "empty")
    (make_repository(root / "broken") / ".git" / "HEAD").write_text("no such thing\n")
    waiting = make_repository(root / "waiting") / ".git" / "HEAD"
    waiting.unlink()
    os.mkfifo(waiting)
    plant(root / "elsewhere", {".git": b"gitdir: /etc\n", "file.txt": b"1\n"})
    os.symlink(root / "one", root / "link to one")


def _hostile_environment(place: Place) -> dict[str, str]:
    """Variables for git that a shell may contain; none may reach the product."""
    trap = str(place.root / "trap-other")
    names = (
        "GIT_EXTERNAL_DIFF",
        "GIT_SSH_COMMAND",
        "GIT_ASKPASS",
        "GIT_PAGER",
        "PAGER",
        "GIT_EDITOR",
        "GIT_PROXY_COMMAND",
    )
    return {
        **dict.fromkeys(names, trap),
        "SUDO_UID": "65534",
        "GIT_WORK_TREE": "/etc",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(place.outside / "repository/.git/objects"),
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": "core.fsmonitor",
        "GIT_CONFIG_VALUE_0": trap,
        "GIT_CONFIG_KEY_1": "safe.directory",
        "GIT_CONFIG_VALUE_1": "*",
    }


def _rows(product: Product, root: Path, relation: str) -> list[tuple]:
    paths = [str(root / name) for name in HEALTHY]
    return product.query(
        f"select columns(lambda name: name <> 'source_run_id') from {relation} where"
        " list_contains(?, project_path) order by all",
        paths,
    )


@pytest.mark.parametrize("relation", RELATIONS)
def test_healthy_projects_have_the_same_rows_as_without_hostile_ones(planted, relation):
    rows = _rows(planted.before, planted.root, relation)
    assert rows == _rows(planted.after, planted.root, relation)
    assert rows or relation == "v_gap_backlog"


def test_nothing_planted_was_executed(planted):
    assert list(planted.place.marks.iterdir()) == []
    assert not [path for path in on_disk(planted.root.parent) if path.endswith(b"/pwned")]
    assert not (PROJECT / "pwned").exists()


# -- as the kernel saw it --------------------------------------------------------------------------

_untraced = reason_not_to_trace()
traceable = pytest.mark.skipif(_untraced is not None, reason=_untraced or "")
_GIT_OPTIONS = ["--no-pager", "--literal-pathspecs", "--no-replace-objects"]
# git reads only copies of rules in a private folder; check-ignore refuses literal pathspecs.
_RULES_OPTIONS = [
    *("--no-pager", "--no-replace-objects"),
    *("-c", "core.bare=false", "-c", "core.ignorecase=false"),
]


def _kind_of(command: list[str]) -> str:
    """One word for a command that a crawl may start, else the command."""
    match command:
        case [sys.executable, _, land, "crawl", *_] if land.endswith("loaders/land.py"):
            return "crawl"
        case [_, _, "-m", "loaders.sources.crawl.pool" | "loaders.sources.contents.read"]:
            return "reader"
        case ["/bin/sh", "sh" | "/bin/sh", "-c", ":" | sandbox._LIMITS, *_]:
            return "limits"
    name, words = os.path.basename(command[0]), command[2:]
    if name == "unshare":
        return "isolation"
    if name == "git" and (
        words == ["--version"] or words == ["-C", str(PROJECT), "rev-parse", "HEAD"]
    ):
        return "about us"
    if (
        name == "git"
        and words[:3] == _GIT_OPTIONS
        and words[3] in ("cat-file", "rev-list", "ls-tree")
    ):
        return f"git {words[3]}"
    if (
        name == "git"
        and words[: len(_RULES_OPTIONS)] == _RULES_OPTIONS
        and words[len(_RULES_OPTIONS)] in ("check-ignore", "check-attr")
    ):
        return "git rules"
    return repr(command)


@traceable
def test_only_programs_of_the_product_are_started(planted):
    assert planted.trace.returncode == 0
    assert list(below(planted.root, planted.trace)) == []
    kinds = Counter(map(_kind_of, planted.trace.started))
    asked = {"git cat-file", "git rev-list", "git ls-tree"}
    assert (
        kinds.keys() <= {"crawl", "reader", "limits", "isolation", "about us", "git rules", *asked}
        and asked <= kinds.keys()
    )


@traceable
def test_no_network_contact_is_made(planted):
    assert planted.trace.contacted == []


@traceable
@pytest.mark.parametrize("command", ["status", "log"])
def test_the_trace_sees_what_plain_git_starts(tmp_path, command):
    """The control: a trap that works shows in a trace."""
    repository = make_repository(tmp_path / "code" / "trapped")
    plant_traps(repository, tmp_path / "marks")
    trace = traced(
        ["git", "-C", repository, command], {**ENVIRONMENT, "GIT_WORK_TREE": str(repository)}
    )
    assert list(below(tmp_path / "code", trace)) and list((tmp_path / "marks").iterdir())
    assert "git" not in _kind_of(trace.started[-1])[:3]


@traceable
@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6", "AF_UNIX"])
def test_the_trace_sees_a_contact(tmp_path, family):
    """The control: also one that failed."""
    address = {
        "AF_INET": ("127.0.0.1", 9),
        "AF_INET6": ("::1", 9),
        "AF_UNIX": str(tmp_path / "no socket"),
    }[family]
    code = f"import socket; socket.socket(socket.{family}).connect_ex({address!r})"
    if family == "AF_INET6" and not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    assert any(
        family in contact for contact in traced([sys.executable, "-I", "-c", code]).contacted
    )


def test_the_traps_work_without_protection(planted, tmp_path):
    """The control: plain git in the same kind of repository springs them."""
    marks = tmp_path / "marks"
    repository = make_repository(tmp_path / "trapped")
    plant_traps(repository, marks)
    for command in (["status"], ["log"], ["diff"]):
        git(repository, *command, check=False)
    assert list(marks.iterdir())


# -- in the record ---------------------------------------------------------------------------------


def test_every_repository_is_in_the_record_with_its_reason(planted):
    rows = landed(LandingZone(planted.after.landing), "crawl_repositories")
    found = {
        row["path_bytes"] or bytes_of(row["path"]): (row["state"], row["reason"]) for row in rows
    }
    wrong = {
        path: found.get(path)
        for path, expected in planted.expected.items()
        if found.get(path) != expected
    }
    assert wrong == {} and len(planted.expected) > 100


def test_everything_is_accounted_for(planted):
    root, after, totals = planted.root, planted.after, planted.totals
    assert totals["discovered"] == sum(
        totals[name] for name in ("landed", "unchanged", "skipped", "quarantined")
    )
    states = dict(
        after.query("select project_name, repository_state from projects where vcs = 'git'")
    )
    assert states["trapped"] == "truncated" and states["empty"] == "empty"
    assert states["broken"] == "broken" and states["waiting"] in ("refused", "broken")
    reasons = dict(
        after.query("select project_name, repository_reason from projects where vcs = 'git'")
    )
    assert reasons["trapped"].startswith("partial")
    assert "roots" in reasons["elsewhere"] and "fifo" in reasons["waiting"]
    status, message, errors = after.query(
        "select status, error_message, error_count from ingest_runs where action = 'crawl'"
    )[0]
    assert status == "completed_with_errors"
    assert all(
        str(root / name) in message for name in ("broken", "elsewhere")
    )  # it holds the first fifty
    fine = {"shallow", "partial", "partial; objects_missing: tree"}
    faulty = [
        answer
        for answer in planted.expected.values()
        if answer[0] not in ("read", "empty") and answer[1] not in fine
    ]
    assert errors == len(faulty) + 3


def test_no_written_byte_is_part_of_a_secret(planted):
    written = list(_everything_written(planted))
    assert any(b"example.org" in text for text in written)
    assert not [text[:200] for text in written if b"CANARY" in text]
    assert all("CANARY" in url for url in SECRET_URLS)


def _everything_written(planted: Planted) -> Iterator[bytes]:
    """The bytes of all files, of the values packed in them, and of the output."""
    for path in planted.after.home.rglob("*"):
        if path.is_file():
            yield path.read_bytes()
        if path.suffix == ".parquet":
            yield repr(pq.read_table(path).to_pylist()).encode()
        if path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as db:
                for schema, name in db.sql(
                    "select schema_name, table_name from duckdb_tables()"
                ).fetchall():
                    yield repr(db.sql(f'from "{schema}"."{name}"').fetchall()).encode()
    yield planted.trace.printed if planted.trace else b""


def test_every_name_comes_back_as_its_bytes(planted):
    root, after = planted.root, planted.after
    rows = after.query(
        "select project_path, file_path, path_bytes from files where contains(file_path,"
        " 'hostile/')"
    )
    recorded = {
        os.fsencode(project) + b"/" + (raw if raw is not None else os.fsencode(path))
        for project, path, raw in rows
    }
    here = os.fsencode(root / "hostile")
    real = {
        os.path.join(folder, name)
        for folder, _, names in os.walk(here)
        for name in names
        if os.path.islink(os.path.join(folder, name)) or os.path.isfile(os.path.join(folder, name))
    }
    links = {
        os.path.join(here, b"links", name)
        for name in (b"loop", b"up", b"out", b"file out", b"dangling", b"fine")
    }
    assert recorded == real | links


@pytest.mark.parametrize(
    "command",
    [
        *(
            ["status"],
            ["gaps"],
            ["gap-history"],
            ["next-actions"],
            ["rules", "list"],
            ["projects"],
            ["runs"],
        ),
        ["sql", "from files"],
    ],
)
@pytest.mark.parametrize("form", ["table", "csv"])
def test_no_control_byte_reaches_the_reader(planted, command, form):
    printed = planted.after.enrich(*command, "--format", form, check=False).stdout
    assert printed
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b]", printed)
