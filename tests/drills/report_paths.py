"""Matches the paths of the genuine reports in shared/data/reports to files, in three workspaces.

    .venv/bin/python tests/drills/report_paths.py [KIND…]

inside: each report is in the folder in which its tool ran. apart: all are in a folder of CI
artifacts. copies: likewise, and each project has two copies side by side, so that no path means
one file.
Prints the paths that were matched to the right file, to a wrong one and to none; exit code 1 if
one was wrong. The right file is the one that the folder in the manifest leads to.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import on_path
from golden import commit_all

from loaders.base.paths import text_of

SHARED = Path(os.environ.get("META_SHARED_DIR", on_path.PROJECT.parent / "shared"))
REPORTS = SHARED / "data" / "reports"
PROJECTS = REPORTS / "_projects"
ELSEWHERE = "/home/dev/work"
KINDS = ("inside", "apart", "copies")
# The rows of the build database that the right files are compared with.
_PATHS = """
    select
        places.report_path, places.match_state, files.path, paths.place, paths.place_kind,
        paths.bases
    from internal.int_reports__places as places
    inner join read_parquet($landed, hive_partitioning=false) as paths
        on paths.sha256 = places.sha256
        and paths.run_index = places.run_index and paths.position = places.path_index
    left join internal.int_files__current as files on files.file_id = places.file_id
    where paths.place_kind <> 'none'
"""


def folders() -> dict[str, str]:
    """Return the folder in which each report was made, as its manifest names it."""
    found = {}
    for line in (REPORTS / "MANIFEST.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(cells) > 4 and (REPORTS / cells[0]).is_file():
            found[cells[0]] = os.path.normpath(cells[4].strip("`"))
    return found


def plant(root: Path, kind: str) -> dict[str, str]:
    """Make a workspace; return the name in the manifest of each report in it."""
    code = root / "code"
    for copy in ("one", "two") if kind == "copies" else ("",):
        shutil.copytree(PROJECTS, code / copy, dirs_exist_ok=True)
        for project in sorted((code / copy).iterdir()):
            commit_all(project)
    placed = {}
    for name, folder in folders().items():
        where = os.path.relpath(folder, ELSEWHERE)
        target = root / "ci" / name
        if kind == "inside" and where[0] != "." and (PROJECTS / where).is_dir():
            target = code / where / name.replace("/", "_")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPORTS / name, target)
        placed[text_of(os.fsencode(os.path.realpath(target)))] = name
    return placed


def right_file(folder: str, place: str, place_kind: str, bases: str | None) -> str | None:
    """Return the path below the projects that a path of a report means; None if it is not here."""
    project = PROJECTS / os.path.relpath(folder, ELSEWHERE).split("/")[0]
    if place_kind == "package":
        parts = place.split("/")
        ends = {"/".join(parts[cut:]) for cut in range(len(parts))} | {place}
        named = [str(file.relative_to(project)) for file in project.rglob("*") if file.is_file()]
        found = {n for n in named if n in ends or n.endswith(f"/{place}")}
        return f"{project.name}/{found.pop()}" if len(found) == 1 else None
    for base in [*json.loads(bases or "[]"), ""]:
        meant = os.path.relpath(os.path.normpath(os.path.join(folder, base, place)), ELSEWHERE)
        if not meant.startswith("..") and (PROJECTS / meant).is_file():
            return meant
    return None


def compared(root: Path, kind: str) -> Iterator[tuple[str, str]]:
    """Land and build a workspace; yield the outcome of each path, and a line about it."""
    names, where = plant(root, kind), folders()
    environment = os.environ | {
        "META_LANDING_DIR": str(root / "landing"),
        "META_DB_PATH": str(root / "meta.duckdb"),
        "META_UNIT_TESTS": "off",
    }

    def run(*words: str) -> None:
        done = subprocess.run(
            words, cwd=on_path.PROJECT, env=environment, capture_output=True, text=True
        )
        if done.returncode:
            raise SystemExit(f"{words}: {done.stdout[-2000:]}{done.stderr[-2000:]}")

    land = (sys.executable, "loaders/land.py")
    run(*land, "crawl", str(root / "code"))
    run(*land, "git")
    run(*land, "manifests")
    run(*land, "reports", str(root))
    run(
        str(Path(sys.executable).with_name("dbt")),
        "build",
        "--select",
        "+int_reports__places",
        "--exclude",
        "resource_type:test",
        "--target-path",
        str(root / "target"),
    )
    for report, state, path, place, place_kind, bases in _rows(root):
        right = right_file(where[names[report]], place, place_kind, bases)
        is_right = right is not None and path == str((root / "code").resolve() / right)
        if kind == "copies":
            outcome = "guessed" if path else "not guessed"
        elif path is None:
            outcome = f"{state}, missed" if right else f"{state}, not here"
        else:
            outcome = "right" if is_right else "wrong"
        yield outcome, f"{names[report]}: {place}: {path} instead of {right}"


def _rows(root: Path) -> list[tuple[str, str, str | None, str, str, str | None]]:
    import duckdb

    [database] = (root / "meta.duckdb.d" / "build").glob("*.duckdb")
    landed = [str(path) for path in (root / "landing").glob("runs/*/report_paths.*.parquet")]
    with duckdb.connect(str(database), read_only=True) as db:
        return db.execute(_PATHS, {"landed": landed}).fetchall()


def main(kinds: list[str]) -> int:
    wrong = 0
    for kind in kinds or KINDS:
        with tempfile.TemporaryDirectory() as folder:
            outcomes = list(compared(Path(folder), kind))
        counts = Counter(outcome for outcome, _ in outcomes)
        print(f"{kind}: {', '.join(f'{n} {what}' for what, n in sorted(counts.items()))}")
        for outcome, line in outcomes:
            if outcome in ("wrong", "guessed") or outcome.endswith("missed"):
                print(f"  {outcome}: {line}")
        wrong += counts["wrong"] + counts["guessed"]
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
