"""Paths that something could read as more than a path, and a drill over all of them.

`python tests/drills/odd_paths.py` refreshes a small world for each of PATHS as META_DB_PATH,
META_LANDING_DIR and ROOT (`--together`: all three in one run), queries the published file, and
prints a tally as one line of JSON. Each path must work, or be refused in one line before
anything is done; the exit code is 1 if one does neither.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import on_path  # noqa: F401

# isort: split
from git_fixtures import make_repository

from loaders.base.paths import text_of

_PARSED = b"partial_parse.msgpack"
ENRICH = str(Path(sys.executable).with_name("enrich"))

# Every character below 128 that a name can hold, a few to a name.
_CHARACTERS = [chr(number) for number in range(1, 128) if chr(number) != "/"]
_EVERY_CHARACTER = [
    ("x" + "".join(_CHARACTERS[first : first + 6])).encode() for first in range(0, 126, 6)
]

_FORMS: list[bytes] = [
    # patterns
    b"[", b"a[b]c", b"[!a]", b"*", b"**", b"a?b", b"{a,b}",
    # separators, quotes, and what a shell, Jinja or printf would replace
    b"back\\slash\\", b"it's", b'say "so"', b"$HOME `id` $(id)", b"{{ 1 }}{% x %}", b"%41%s%00",
    b"; drop;--",
    # partitions, some of them called like columns
    b"state=NY/run_id=5/filename=f", b"path=", b"=",
    # words of errors
    b"lock", b"could not set lock: Permission denied", b"already under way",
    # URLs, schemes and queries
    b"file:x", b"s3:/bucket/key", b"http:/host?a=b&c#d", b":memory:", b"md:mine", b"ducklake:x",
    # options and homes
    b"-rf", b"--db", b"~", b"~root", b"...", b".hidden",
    # beyond ASCII, and beyond UTF-8
    "é日本😀".encode(), "\u202ertl\u200b".encode(), b"\xff\xfe\x80", b"two\nlines\r\x1b[31m",
    # long: a name, and a path
    b"n" * 240, b"/".join([b"deep" * 50] * 6),
    # ends
    b" ", b"ends in a space ", b"dot.",
]  # fmt: skip

PATHS = [*_EVERY_CHARACTER, *_FORMS]
ROLES = ("META_DB_PATH", "META_LANDING_DIR", "ROOT")


def plant_world(root: bytes) -> None:
    """Make a repository of two files in the folder *root*."""
    plain = tempfile.mkdtemp()
    make_repository(Path(plain, "proj"), commits=2)
    os.makedirs(root, exist_ok=True)
    shutil.move(os.path.join(plain, "proj"), os.path.join(root, b"proj"))
    os.rmdir(plain)


def places(base: bytes, odd: dict[str, bytes]) -> dict[str, bytes]:
    """Return role → path below *base*: plain, but for those that are *odd*."""
    ends = {"META_DB_PATH": b"meta.duckdb", "META_LANDING_DIR": b"landing", "ROOT": b"root"}
    found = {}
    for role, plain in ends.items():
        path = os.path.join(base, role.encode(), odd.get(role, plain))
        # The name of the published file is odd as well.
        if role == "META_DB_PATH" and role in odd:
            path = os.path.join(path, os.path.basename(odd[role])[:200] or b"x")
        found[role] = path
    return found


def run(arguments: list[bytes | str], where: dict[bytes, bytes]) -> subprocess.CompletedProcess:
    """Run `enrich` over these places, away from any project of dbt."""
    kept = {
        name: value
        for name, value in os.environb.items()
        if not name.startswith((b"META_", b"DBT_"))
    }
    chosen = {name.encode(): where[name] for name in ("META_DB_PATH", "META_LANDING_DIR")}
    more = {b"META_UNIT_TESTS": b"off", b"NO_COLOR": b"1"}
    return subprocess.run(
        [ENRICH, *arguments], env=kept | chosen | more, capture_output=True, cwd="/"
    )


def faults(base: bytes, odd: dict[str, bytes], parsed: Path | None = None) -> Iterator[str]:
    """Refresh with these *odd* paths and yield a line for each thing that went wrong.

    A refusal yields nothing.

    *parsed* is where dbt keeps what it parsed, from one call to the next.
    """
    where = places(base, odd)
    plant_world(where["ROOT"])
    target = os.path.join(where["META_DB_PATH"] + b".d", b"plan", b"target", _PARSED)
    if parsed and parsed.exists():
        os.makedirs(os.path.dirname(target))
        shutil.copy(parsed, target)
    before = _tree(base)
    refreshed = run(["refresh-meta", b"./" + os.path.relpath(where["ROOT"], b"/")], where)
    yield from _unprintable(refreshed)
    if refreshed.returncode:
        if refreshed.stderr.count(b"\n") != 1 or refreshed.stdout:
            yield f"refresh ended with {refreshed.returncode}: {refreshed.stderr!r}"
        if _tree(base) != before:
            yield f"refused after something was done: {sorted(_tree(base) - before)[:3]}"
        return
    if parsed:
        shutil.copy(target, parsed)
    expected = [
        {
            "project_path": text_of(where["ROOT"] + b"/proj"),
            "root": text_of(where["ROOT"]),
            "files": 2,
        }
    ]
    question = "select project_path, root_path as root, file_count as files from v_project_health"
    asked = run(["sql", question, "--format", "json"], where)
    if asked.returncode or json.loads(asked.stdout) != expected:
        yield f"sql: {asked.stdout!r} {asked.stderr!r}"
    for command in (
        ["status"],
        ["verify"],
        ["gaps"],
        ["runs"],
        ["show", expected[0]["project_path"]],
    ):
        answer = run(command, where)
        yield from _unprintable(answer)
        if answer.returncode or answer.stderr:
            yield f"{command[0]} ended with {answer.returncode}: {answer.stderr!r}"
    if not os.path.isfile(where["META_DB_PATH"]) or not os.path.isdir(
        where["META_LANDING_DIR"] + b"/log"
    ):
        yield "not published where it was to be"


def _unprintable(answer: subprocess.CompletedProcess) -> Iterator[str]:
    if controls := set(answer.stdout + answer.stderr) & (set(range(32)) - {10}):
        yield f"prints control characters: {sorted(controls)}"


def _tree(base: bytes) -> set[bytes]:
    return {
        os.path.join(folder, name)
        for folder, *names in os.walk(base)
        for some in names
        for name in some
    }


def main() -> int:
    """Run the drill and print the tally."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--together", action="store_true", help="one refresh for the three roles of a path"
    )
    parser.add_argument(
        "--skip", type=int, default=0, metavar="N", help="without the first N paths"
    )
    parser.add_argument(
        "--first", type=int, default=len(PATHS), metavar="N", help="only up to the Nth path"
    )
    options = parser.parse_args()
    chosen_paths = PATHS[options.skip : options.first]
    roles = [ROLES] if options.together else [(role,) for role in ROLES]
    parsed = Path(tempfile.mkdtemp(prefix="odd-paths-parsed-"), "parsed")
    tally = {"refreshes": 0, "worked": 0, "refused": 0, "broke": 0}
    for path in chosen_paths:
        for chosen in roles:
            base = os.fsencode(tempfile.mkdtemp(prefix="odd-paths-"))
            found = list(faults(base, dict.fromkeys(chosen, path), parsed))
            is_published = os.path.isfile(places(base, dict.fromkeys(chosen, path))["META_DB_PATH"])
            tally["refreshes"] += 1
            tally["broke" if found else "worked" if is_published else "refused"] += 1
            for fault in found:
                print(f"{path!r} as {' and '.join(chosen)}: {fault}", file=sys.stderr, flush=True)
            shutil.rmtree(base)
    shutil.rmtree(parsed.parent)
    print(json.dumps({"paths": len(chosen_paths), **tally}))
    return 1 if tally["broke"] else 0


if __name__ == "__main__":
    sys.exit(main())
