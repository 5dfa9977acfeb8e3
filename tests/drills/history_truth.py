"""Compares the history in the published file with what git says, repository by repository.

Run by hand over the repositories of a published file. All of them must be trusted, because plain
git runs in them:

    META_DB_PATH=… python tests/drills/history_truth.py [--triples 2000]
"""

from __future__ import annotations

import argparse
import os
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import on_path  # noqa: F401

# isort: split

import duckdb

from loaders.base.paths import bytes_of, text_of

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "LC_ALL": "C",
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
}
ENVIRONMENT |= {
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_REPLACE_OBJECTS": "1",
}
_HEADER = re.compile(rb"([0-9a-f]{40,64})(?: \(from ([0-9a-f]{40,64})\))?(?: |$)")


def git(where: str, *arguments: str, text: bytes = b"") -> bytes:
    """Output of plain git."""
    command = ["git", "-C", os.fsdecode(bytes_of(where)), "-c", "safe.directory=*", *arguments]
    return subprocess.run(
        command, input=text, capture_output=True, env=ENVIRONMENT, check=True
    ).stdout


def differences(db: duckdb.DuckDBPyConnection, project: str) -> dict[str, int]:
    """Return how many commits, refs and changes of *project* (its path) are in one of both only."""
    try:
        changes = _apart(_changes(db, project), Counter(_changes_of_git(project)))
    except subprocess.CalledProcessError:
        # Contents are missing: git cannot compare them, and ends; without renames it needs none.
        ours = Counter(
            part for change in _changes(db, project).elements() for part in _without_rename(change)
        )
        print(f"{project}: contents are missing; renames are compared as an end and a beginning")
        changes = _apart(ours, Counter(_changes_of_git(project, "--no-renames")))
    return {
        "commits": _apart(
            _commits(db, project), Counter(git(project, "rev-list", "--all").decode().split())
        ),
        "refs": _apart(_refs(db, project), _refs_of_git(project)),
        "changes": changes,
        "chain": _chain(db, project)
        != git(project, "rev-list", "--first-parent", "--reverse", _default(db, project))
        .decode()
        .split(),
    }


def _without_rename(change: tuple) -> Iterator[tuple]:
    commit, parent, what, before, after, old, new, old_path, path = change
    if what[0] != "R":
        yield change
        return
    yield commit, parent, "D", before, None, old, None, None, old_path
    yield commit, parent, "A", None, after, None, new, None, path


def _apart(ours: Counter, theirs: Counter) -> int:
    return ((ours - theirs) + (theirs - ours)).total()


def _commits(db: duckdb.DuckDBPyConnection, project: str) -> Counter:
    rows = db.execute(
        "select commit_sha from commits where project_path = $1 and is_reachable", [project]
    )
    return Counter(sha for (sha,) in rows.fetchall())


def _default(db: duckdb.DuckDBPyConnection, project: str) -> str:
    rows = db.execute(
        "select commit_sha from git_refs where project_path = $1 and is_default", [project]
    )
    return rows.fetchone()[0]


def _chain(db: duckdb.DuckDBPyConnection, project: str) -> list[str]:
    query = (
        "select commit_sha from commits where project_path = $1 and chain_place is not null"
        " order by chain_place"
    )
    return [sha for (sha,) in db.execute(query, [project]).fetchall()]


def _refs(db: duckdb.DuckDBPyConnection, project: str) -> Counter:
    rows = db.execute(
        """
        select ref_name, object_type, object_id, commit_sha, symbolic_target from git_refs
        where project_path = $1 and ref_kind <> 'head'
        """,
        [project],
    )
    return Counter(rows.fetchall())


def _refs_of_git(project: str) -> Counter:
    fields = ("refname", "objecttype", "objectname", "*objecttype", "*objectname", "symref")
    wanted = "--format=" + "%00".join(f"%({field})" for field in fields)
    found: Counter = Counter()
    for line in git(project, "for-each-ref", wanted).split(b"\n")[:-1]:
        name, kind, oid, end_kind, end, target = (field or None for field in line.split(b"\0"))
        if end_kind == b"tag":  # a tag of a tag, of which for-each-ref takes one step
            end_kind, end = (
                b"commit",
                git(project, "rev-parse", f"{oid.decode()}^{{commit}}").strip(),
            )
        commit = oid if kind == b"commit" else end if end_kind == b"commit" else None
        fields = (
            text_of(name),
            kind.decode(),
            oid.decode(),
            commit and commit.decode(),
            target and text_of(target),
        )
        found[fields] += 1
    return found


def _changes(db: duckdb.DuckDBPyConnection, project: str) -> Counter:
    rows = db.execute(
        """
        select
            commits.commit_sha, cast(commits.parent_shas as json) ->> (parent_number - 1),
            change_type || coalesce(lpad(cast(similarity as varchar), 3, '0'), ''),
            mode_before, mode_after, blob_before, blob_after, old_path, file_path
        from git_commits
        inner join commits using (project_id, commit_sha)
        where project_path = $1 and commits.is_reachable
        """.replace("project_path", "commits.project_path"),
        [project],
    )
    return Counter(rows.fetchall())


def _changes_of_git(project: str, *renames: str) -> Iterator[tuple]:
    """Yield the changes of `git log -m --raw --root`, each with its parent."""
    parents = dict(
        line.partition(" ")[::2]
        for line in git(project, "rev-list", "--all", "--parents").decode().splitlines()
    )
    command = (
        "log",
        "--all",
        "-m",
        "--raw",
        "--root",
        "--no-abbrev",
        "--format=oneline",
        "--no-abbrev-commit",
        "-z",
    )
    tokens = iter(
        git(project, *command, *renames, "--no-show-signature", "--no-decorate").split(b"\0")
    )
    commit = parent = None
    for token in tokens:
        head = token.lstrip(b"\n")
        if not head.startswith(b":"):
            if match := _HEADER.match(head):
                commit = match[1].decode()
                parent = match[2].decode() if match[2] else parents[commit] or None
            continue
        before, after, old, new, what = head[1:].decode().split(" ")
        paths = [next(tokens), next(tokens)] if what[0] == "R" else [None, next(tokens)]
        yield (
            commit,
            parent,
            what,
            *(None if mode == "000000" else mode for mode in (before, after)),
            *(None if not blob.strip("0") else blob for blob in (old, new)),
            *(None if path is None else text_of(path) for path in paths),
        )


# -- as of a time ----------------------------------------------------------------------------------


def triples(
    db: duckdb.DuckDBPyConnection, count: int, seed: int = 7
) -> list[tuple[str, str, datetime]]:
    """Random (project, path, time): there, renamed, deleted, never existing.

    Before, in and after their time.
    """
    chance = random.Random(seed)
    paths = db.execute(
        "select distinct project_path, file_path from git_commits where parent_number = 1 order"
        " by all"
    ).fetchall()
    spans = {
        project: (first, last)
        for project, first, last in db.execute(
            "select project_path, min(committed_at), max(committed_at) from commits group by all"
        ).fetchall()
    }
    exact = db.execute(
        "select project_path, committed_at from commits where chain_place is not null order by all"
    ).fetchall()
    times: dict[str, list[datetime]] = {}
    for project, at in exact:
        times.setdefault(project, []).append(at)
    found = []
    current = db.execute(
        "select distinct project_path, file_path from file_versions order by all"
    ).fetchall()
    for _ in range(count):
        project, path = chance.choice(current if chance.random() < 0.5 else paths)
        if chance.random() < 0.1:
            path += ".never"
        first, last = spans[project]
        span = (last - first).total_seconds()
        if chance.random() < 0.3 and project in times:
            at = chance.choice(times[project])
        else:
            seconds = first.replace(tzinfo=UTC).timestamp() + chance.uniform(-0.05, 1.05) * span
            at = datetime.fromtimestamp(int(seconds), UTC).replace(tzinfo=None)
        found.append((project, path, at))
    return found


def ask(
    db: duckdb.DuckDBPyConnection, asked: list[tuple[str, str, datetime]]
) -> tuple[list[tuple], float]:
    """Answer all of them in one query of the published file; and in how many seconds."""
    import pyarrow as pa

    rows = pa.table(
        {
            "number": list(range(len(asked))),
            "path": [f"{project}/{path}" for project, path, _ in asked],
            "at_time": pa.array([at for *_, at in asked], pa.timestamp("us")),
        }
    )
    db.register("asked", rows)
    began = time.perf_counter()
    answers = db.execute(
        """
        select sha.blob_id, sha.commit_sha
        from (select number, sha_at(path, at_time) as sha from asked)
        order by number
        """
    ).fetchall()
    return answers, time.perf_counter() - began


def answer_of_git(db: duckdb.DuckDBPyConnection, project: str, path: str, at: datetime) -> tuple:
    """Return blob and commit by `rev-list -1 --first-parent --before` and `ls-tree`, or Nones."""
    before = f"--before={int(at.replace(tzinfo=UTC).timestamp())}"
    commit = (
        git(project, "rev-list", "-1", "--first-parent", before, _default(db, project))
        .decode()
        .strip()
    )
    if not commit:
        return None, None
    name = os.fsdecode(bytes_of(path))
    entry = git(project, "--literal-pathspecs", "ls-tree", "-z", "--full-tree", commit, "--", name)
    if not entry or entry.split(b" ")[1] == b"tree":
        return None, None
    return entry.split(b"\t")[0].split(b" ")[2].decode(), commit


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--triples", type=int, default=2_000)
    options = parser.parse_args()
    wrong = 0
    with duckdb.connect(os.environ["META_DB_PATH"], read_only=True) as db:
        projects = db.execute(
            "select project_path, count(*) from commits group by all order by 2 desc"
        ).fetchall()
        for project, count in projects:
            found = differences(db, project)
            wrong += sum(found.values())
            print(f"{project}: {count} commits; apart: {found}", flush=True)
        asked = triples(db, options.triples)
        answers, seconds = ask(db, asked)
        expected = [answer_of_git(db, *triple) for triple in asked]
        apart = [
            (*triple, ours, git)
            for triple, ours, git in zip(asked, answers, expected, strict=True)
            if ours != git
        ]
        there = sum(blob is not None for blob, _ in expected)
        print(
            f"{len(asked)} triples in {seconds:.3f} s, {there} of them there; apart: {len(apart)}"
        )
        for line in apart[:10]:
            print("  ", *line)
    return 1 if wrong or apart else 0


if __name__ == "__main__":
    sys.exit(main())
