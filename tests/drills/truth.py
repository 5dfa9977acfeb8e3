"""Compares the published file with the output of find, sha256sum and git for the same folder.

    python tests/drills/truth.py ~/code [--profile everything]

crawls and builds in a home of its own, which it deletes, and exits 1 on any difference:

- `files` against `find -printf`: the paths (as bytes), sizes, which are links
- `sha256` against `sha256sum`, every regular file
- `is_tracked` against `git ls-tree -r HEAD`, `head_commit` against `git rev-parse HEAD`,
  `commits_90d` against `git rev-list --count --since`
- `projects` of kind `repository` against the `.git` entries and the bare repositories of `find`

Nothing of `loaders` is used; the exclusions of a profile are derived independently from its seed. A
file that changes while this runs is a difference.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path

import on_path  # noqa: F401

# isort: split

from product import PROJECT, Product

_SHOWN = 10
_ESCAPED = re.compile(rb"\\x([0-9a-f]{2})")
# Nothing that a repository's own configuration names is started, nothing is fetched or written.
_GIT_SETTINGS = {
    "safe.directory": "*",
    "core.fsmonitor": "false",
    "core.hooksPath": "/dev/null",
    "log.showSignature": "false",
}
_GIT_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "LC_ALL": "C",
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_CONFIG_COUNT": str(len(_GIT_SETTINGS)),
    **{f"GIT_CONFIG_KEY_{number}": key for number, key in enumerate(_GIT_SETTINGS)},
    **{f"GIT_CONFIG_VALUE_{number}": value for number, value in enumerate(_GIT_SETTINGS.values())},
}


@dataclass
class Truth:
    """The comparisons and the differences: question → examples, all of them."""

    counts: dict[str, int] = field(default_factory=dict)
    differences: dict[str, list[str]] = field(default_factory=dict)

    def differ(self, question: str, examples: Iterable[object]) -> None:
        found = [str(example) for example in examples]
        if found:
            self.differences.setdefault(question, []).extend(found)

    def as_json(self) -> str:
        return json.dumps(
            {
                **self.counts,
                "differences": {name: len(them) for name, them in self.differences.items()},
            }
        )


@dataclass(frozen=True)
class Entry:
    """A name that `find` lists: its kind (f, d, l …) and size in bytes."""

    kind: str
    size: int


# -- the disk --------------------------------------------------------------------------------------


def listing(root: bytes) -> dict[bytes, Entry]:
    """Path → entry of everything below *root*, version-control internals too."""
    parts = subprocess.run(
        ["find", root, "-mindepth", "1", "-printf", r"%p\0%y\0%s\0"],
        capture_output=True,
        env={"LC_ALL": "C"},
    ).stdout.split(b"\0")[:-1]
    return {
        parts[at]: Entry(parts[at + 1].decode(), int(parts[at + 2]))
        for at in range(0, len(parts), 3)
    }


def kept(
    entries: dict[bytes, Entry], root: bytes, profile: str
) -> tuple[dict[bytes, Entry], set[bytes]]:
    """Return what of a listing the profile leaves in, and the repositories among it."""
    names, folder_names, markers, folders_with = _profile_rules(profile)
    folders = {path for path, entry in entries.items() if entry.kind == "d"}
    outside = {path for path in folders if _name(path) in folder_names}
    outside |= {_above(path) for path in entries if _name(path) in markers} - {root}
    outside |= {path for path in entries if any(fnmatchcase(_name(path), name) for name in names)}
    outside |= {
        _above(path)
        for path in entries
        if path.rpartition(b"/")[0].rpartition(b"/")[2] + b"/" + _name(path) in folders_with
    }
    worktrees = {_above(path) for path in entries if _name(path) == b".git"}
    bare = {
        path
        for path in folders - worktrees
        if {path + b"/objects", path + b"/refs"} <= folders
        and path + b"/HEAD" in entries
        and path + b"/HEAD" not in folders
        and not _lies_in(path, worktrees)
    }
    left = {path: entry for path, entry in entries.items() if not _lies_in(path, outside | bare)}
    reached = {path for path in worktrees if path == root or path in left}
    return left, reached | {
        path for path in bare if not _lies_in(path, outside) and not _lies_in(_above(path), bare)
    }


def _profile_rules(profile: str) -> tuple[set[bytes], set[bytes], set[bytes], set[bytes]]:
    """Return the names that are left out, those of folders, the markers, and the folders with a
    certain entry.

    Exits if a row is more than a name that may have stars.
    """
    names, folder_names, markers, folders_with = set(), set(), set(), set()
    with open(PROJECT / "seeds" / "exclude_profiles.csv", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["profile"] != profile:
                continue
            name = os.fsencode(row["pattern"].rstrip("/"))
            if row["kind"] == "folder_with":
                folders_with.add(name)
                continue
            if re.search(rb"[/?\[\]\\]", name):
                raise SystemExit(
                    f"truth.py knows names and stars, not the pattern {row['pattern']}"
                )
            is_folder = row["pattern"].endswith("/")
            (markers if row["kind"] == "marker" else folder_names if is_folder else names).add(name)
    return names, folder_names, markers, folders_with


def _name(path: bytes) -> bytes:
    return path.rpartition(b"/")[2]


def _above(path: bytes) -> bytes:
    return path.rpartition(b"/")[0]


def _lies_in(path: bytes, folders: set[bytes]) -> bool:
    while path:
        if path in folders:
            return True
        path = _above(path)
    return False


def checksums(paths: Sequence[bytes]) -> dict[bytes, str]:
    """Path → SHA-256, by two sha256sum at a time."""

    def some(part: Sequence[bytes]) -> bytes:
        command = ["xargs", "-0", "--no-run-if-empty", "sha256sum", "-z", "--"]
        return subprocess.run(
            command, input=b"\0".join(part), capture_output=True, env={"LC_ALL": "C", **_PATH}
        ).stdout

    with ThreadPoolExecutor(2) as pool:
        lines = b"".join(pool.map(some, (paths[::2], paths[1::2]))).split(b"\0")[:-1]
    return {line[66:]: line[:64].decode() for line in lines}


_PATH = {"PATH": os.environ["PATH"]}


def git(repository: bytes, *arguments: str) -> bytes | None:
    """Output of git, or None where it refuses."""
    done = subprocess.run(
        ["git", "-C", repository, *arguments], capture_output=True, env=_GIT_ENVIRONMENT
    )
    return done.stdout if done.returncode == 0 else None


# -- the published file ----------------------------------------------------------------------------


def path_of(text: str) -> bytes:
    """Return the bytes of a published path, whose text escapes invalid UTF-8 as \\xNN."""
    return _ESCAPED.sub(lambda match: bytes([int(match[1], 16)]), text.encode())


@dataclass(frozen=True)
class Row:
    """One row of `files`."""

    size: int
    sha256: str | None
    is_link: bool
    is_tracked: bool | None


def published_files(product: Product, truth: Truth) -> dict[bytes, Row]:
    """Return path → row.

    Notes paths whose `path_bytes` and text differ, and paths that occur twice.
    """
    rows: dict[bytes, Row] = {}
    answers = product.query(
        "select project_path, file_path, path_bytes, size_bytes, sha256, is_symlink, is_tracked"
        " from files"
    )
    for project, text, raw, size, sha256, is_link, is_tracked in answers:
        inside = text.encode() if raw is None else raw
        if inside != path_of(text):
            truth.differ("path_bytes is not what the text says", [text])
        path = path_of(project).rstrip(b"/") + b"/" + inside
        if path in rows:
            truth.differ("is listed twice", [path])
        rows[path] = Row(size, sha256, bool(is_link), is_tracked)
    return rows


# -- comparing -------------------------------------------------------------------------------------


def compare(product: Product, root: Path, profile: str, as_of: datetime) -> Truth:
    """Compare the published facts about *root* with the disk.

    *as_of* is the moment of the build of *product*.
    """
    truth = Truth()
    raw_root = os.fsencode(os.path.realpath(root))
    entries, repositories = kept(listing(raw_root), raw_root, profile)
    on_disk = {path: entry for path, entry in entries.items() if entry.kind in "fl"}
    rows = published_files(product, truth)
    _compare_files(truth, rows, on_disk)
    _compare_checksums(truth, rows, [path for path, entry in on_disk.items() if entry.kind == "f"])
    _compare_repositories(truth, product, repositories)
    _compare_git(truth, product, rows, repositories, as_of)
    return truth


def _compare_files(truth: Truth, rows: dict[bytes, Row], on_disk: dict[bytes, Entry]) -> None:
    truth.counts |= {"files": len(rows), "files_on_disk": len(on_disk)}
    truth.differ("is in files and not on disk", sorted(rows.keys() - on_disk.keys()))
    truth.differ("is on disk and not in files", sorted(on_disk.keys() - rows.keys()))
    both = rows.keys() & on_disk.keys()
    truth.differ(
        "has another size", (path for path in both if rows[path].size != on_disk[path].size)
    )
    truth.differ(
        "is wrongly a link or not a link",
        (path for path in both if rows[path].is_link != (on_disk[path].kind == "l")),
    )


def _compare_checksums(truth: Truth, rows: dict[bytes, Row], paths: list[bytes]) -> None:
    known = [path for path in paths if path in rows and rows[path].sha256]
    sums = checksums(known)
    truth.counts |= {"checksums": len(sums), "links": sum(row.is_link for row in rows.values())}
    truth.differ(
        "has another sha256", (path for path in known if sums.get(path) != rows[path].sha256)
    )
    truth.differ(
        "has no sha256", (path for path in paths if path in rows and not rows[path].sha256)
    )


def _compare_repositories(truth: Truth, product: Product, repositories: set[bytes]) -> None:
    # A submodule that is not checked out is only pointed at: a project without a state.
    answers = product.query(
        "select project_path from projects where kind = 'repository' and repository_state is not"
        " null and not is_gone"
    )
    published = {path_of(path) for (path,) in answers}
    truth.counts |= {"repositories": len(published), "repositories_on_disk": len(repositories)}
    truth.differ("is a project and no repository on disk", sorted(published - repositories))
    truth.differ("is a repository on disk and no project", sorted(repositories - published))


def _compare_git(
    truth: Truth,
    product: Product,
    rows: dict[bytes, Row],
    repositories: set[bytes],
    as_of: datetime,
) -> None:
    answers = product.query(
        "select project_path, vcs, head_commit, commits_90d from v_project_health"
    )
    said = {path_of(path): (vcs, head, commits) for path, vcs, head, commits in answers}
    tracked: set[bytes] = set()
    unknown: set[bytes] = set()
    today = as_of.replace(hour=0, minute=0, second=0, microsecond=0)
    # git takes both bounds in.
    since = f"--since={(today - timedelta(days=89)).timestamp():.0f}"
    until = f"--until={(today + timedelta(days=1)).timestamp() - 1:.0f}"
    commits_in_all = 0
    for path in sorted(repositories & said.keys()):
        head = git(path, "rev-parse", "--verify", "--quiet", "HEAD")
        tree = git(path, "ls-tree", "-r", "-z", "--name-only", "--full-tree", "HEAD")
        commits = git(path, "rev-list", "--count", since, until, "HEAD")
        _, said_head, said_commits = said[path]
        if head is not None and head.decode().strip() != said_head:
            truth.differ(
                "has another HEAD", [f"{path!r}: {said_head}, and git says {head.decode().strip()}"]
            )
        if commits is not None and int(commits) != said_commits:
            truth.differ(
                "has other commits_90d", [f"{path!r}: {said_commits}, and git says {int(commits)}"]
            )
        commits_in_all += int(commits or 0)
        if tree is None and head is not None:
            unknown.add(path)
        tracked |= {path + b"/" + name for name in (tree or b"").split(b"\0")[:-1]}
    truth.counts |= {
        "tracked_paths": len(tracked),
        "tracked_files": sum(bool(row.is_tracked) for row in rows.values()),
        "tracked_on_disk": len(tracked & rows.keys()),
        "commits_90d": commits_in_all,
    }
    truth.differ(
        "is_tracked is not what the tree of HEAD says",
        (
            path
            for path, row in rows.items()
            if row.is_tracked != (path in tracked)
            and not (row.is_tracked is None and _lies_in(path, unknown))
        ),
    )


def check(root: Path, home: Path, profile: str, now: datetime) -> Truth:
    """Crawl *root* and build in *home*, both at the moment *now*, and compare."""
    product = Product(home, now=now.isoformat())
    product.land("crawl", "--profile", profile, root)
    product.dbt("build")
    return compare(product, root, profile, now)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("root", type=Path)
    parser.add_argument(
        "--profile", default="default", help="a profile of seeds/exclude_profiles.csv"
    )
    parser.add_argument(
        "--now",
        type=datetime.fromisoformat,
        help="the moment of the crawl; matters for commits_90d",
    )
    options = parser.parse_args()
    now = (options.now or datetime.now(UTC)).replace(microsecond=0)
    now = now.replace(tzinfo=now.tzinfo or UTC)
    with tempfile.TemporaryDirectory(prefix="truth-") as home:
        truth = check(options.root, Path(home), options.profile, now)
    for name, count in truth.counts.items():
        print(f"{name:24}{count:>12,}")
    for question, examples in truth.differences.items():
        print(f"{question}: {len(examples):,}")
        for example in examples[:_SHOWN]:
            print(f"    {example}")
    print(truth.as_json())
    return 1 if truth.differences else 0


if __name__ == "__main__":
    sys.exit(main())
