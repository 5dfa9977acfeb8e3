"""Make the landing zones in `data/zones` again, each with the code of the commit it is named after.

    python tests/drills/make_old_zones.py [COMMIT ...]

Everything is done below `/srv/meta-old-world`, which is made and removed, so that no path of the
machine that makes them gets into a zone. Each zone sees the same world twice, a week apart:
projects come and go, a finding is waived, and each time a build publishes and remembers. The last
published file of the old code is written beside the zone, in `shown.json`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

from on_path import PROJECT

# isort: split
from typing import Any

import duckdb
from git_fixtures import git
from worlds import plant

ZONES = PROJECT / "tests" / "python" / "data" / "zones"
PLACE = Path("/srv/meta-old-world")
ROOT = PLACE / "code"

# The commits after which a new zone looked different, and what was new.
COMMITS = {
    "0f62fd1": "the first: manifests and identity without seals, one file for each table",
    "61511fc": "manifests hold their own SHA-256",
    "1d26bae": "manifests name what they replace, and the safeguards",
    "db3ab51": "tables in parts, a sealed identity, compaction",
    "1ab03b0": "artifacts and catalogues of CodeGraphX",
    "b068cfa": "signals of source files, manifests of packages",
    "1f16e96": "git history, measures of success",
}
NIGHTS = ("2026-09-01T02:00:00+00:00", "2026-09-08T02:00:00+00:00")
_OLD = int(datetime.fromisoformat("2026-08-01T00:00:00+00:00").timestamp())

_WAIVE = """
import sys
from datetime import datetime
from loaders.zone.landing import LandingZone
from loaders.base.paths import locations
with LandingZone(locations().landing).run("decisions", ["enrich", "waive"]) as run:
    run.table("waiver_events").append_rows([{
        "gap_type": "HIGH_SIZE_LOW_TEST_COVERAGE", "subject_pattern": sys.argv[1],
        "reason": "planned", "note": "moves out", "owner": "ada", "expires_on": None,
        "happened_at": datetime(2026, 9, 1),
    }])
    run.counts.landed += 1
"""

# The columns that are compared later: those that mean the same in every version.
SHOWN = {
    "findings": """
        select
            finding_id, gap_type, project_path, subject, status, first_seen, resolved_at,
            reopened_count
        from gap_findings order by all
    """,
    "projects": (
        "select project_id, project_path, kind, vcs, is_gone, first_seen from projects order by all"
    ),
    "files": "select file_path, sha256, size_bytes, file_kind, first_seen from files order by all",
    "waivers": (
        "select finding_id, waiver_reason, waiver_owner from gap_findings"
        " where status = 'waived' order by all"
    ),
    "runs": "select run_id, action, status, landed, unchanged from ingest_runs order by all",
    "history": """
        select
            file_path, chain_place, valid_from, valid_to, blob_id, commit_sha, change_type, old_path
        from file_versions order by all
    """,
    "rules": "select gap_type, version from seeds.gap_rules order by all",
}


def plant_world() -> None:
    """Make the world as it is on the first night."""
    lines = "".join(f"value_{number} = {number}\n" for number in range(2500)).encode()
    parts = {
        f"part{number}.py": f"# part {number}\n".encode() + lines[: 900 * number]
        for number in range(8)
    }
    plant(ROOT / "alpha", {"README.md": b"# alpha\n", "src": {"big.py": lines, **parts}})
    plant(ROOT / "alpha-copy", {"README.md": b"# alpha\n", "src": {"big.py": lines, **parts}})
    plant(
        ROOT / "beta",
        {
            "pyproject.toml": b"[project]\nname='beta'\ndependencies=['click']\n",
            "b.py": b"import os\n",
        },
    )
    plant(ROOT / "gone later", {"setup.py": b"print(1)\n", "c.py": b"print(2)\n"})
    plant(ROOT / "broken", {".git": {"HEAD": b"\xff\xfe"}, "d.py": b"print(3)\n"})
    plant(
        ROOT / "artifacts",
        {"app-code-scan.jsonl": _scan_row("beta/b.py") + _scan_row("beta/lost.py")},
    )
    commit(ROOT / "alpha", "first", 1)
    (ROOT / "alpha" / "src" / "part0.py").rename(ROOT / "alpha" / "src" / "renamed.py")
    commit(ROOT / "alpha", "rename", 2)


def change_world() -> None:
    """Make the world of a week later: one copy goes, one comes, a project goes, a commit comes."""
    shutil.rmtree(ROOT / "alpha-copy")
    shutil.rmtree(ROOT / "gone later")
    shutil.copytree(ROOT / "alpha" / "src", ROOT / "beta" / "vendored")
    (ROOT / "alpha" / "src" / "part1.py").write_bytes(b"changed = True\n")
    commit(ROOT / "alpha", "change", 3)


def _scan_row(path: str) -> bytes:
    whole = f"{ROOT}/{path}"
    row = {
        "project": "app",
        "root": f"{ROOT}/beta",
        "path": whole,
        "rel_path": path,
        "ext": ".py",
        "size": 10,
    }
    return json.dumps(row).encode() + b"\n"


def commit(repository: Path, message: str, day: int) -> None:
    if not (repository / ".git").exists():
        git(repository, "init", "-q")
    when = f"{_OLD + day * 86_400} +0000"
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", message, GIT_AUTHOR_DATE=when, GIT_COMMITTER_DATE=when)


class OldCode:
    """The code of one commit, run as a person of that time ran it."""

    def __init__(self, commit_id: str) -> None:
        self.checkout = PLACE / "checkout"
        subprocess.run(
            ["git", "-C", PROJECT, "worktree", "add", "-fq", "--detach", self.checkout, commit_id],
            check=True,
        )
        self.home = PLACE / "home"
        self.zone = self.home / "landing"
        self.python = PLACE / "venv" / "bin" / "python"

    def run(
        self, *command: str | Path, now: str, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("META_", "DBT_"))
        }
        places = {
            "META_DB_PATH": self.home / "meta.duckdb",
            "META_LANDING_DIR": self.zone,
            "PYTHONPATH": self.checkout,
        }
        environment = {
            **inherited,
            **{name: str(path) for name, path in places.items()},
            "META_HOST_LABEL": "old-world",
            "META_NOW": now,
            "META_UNIT_TESTS": "off",
            "DBT_LOG_PATH": str(self.home / "logs"),
            "DBT_TARGET_PATH": str(self.home / "target"),
            "PATH": "/usr/bin:/bin",
        }
        words = [self.python, *command]
        done = subprocess.run(
            words, cwd=self.checkout, env=environment, capture_output=True, text=True
        )
        if check and done.returncode:
            raise SystemExit(
                f"{words} ended with {done.returncode}\n{done.stdout[-4000:]}\n"
                f"{done.stderr[-4000:]}"
            )
        return done

    def night(self, now: str) -> None:
        land = "loaders/land.py"
        known = self.run(land, "--help", now=now).stdout
        self.run(land, "crawl", ROOT, now=now)
        for command in ("signals", "manifests", "git"):
            if f"\n  {command} " in known:
                self.run(land, command, now=now)
        if "\n  codegraphx " in known:
            self.run(land, "codegraphx", ROOT / "artifacts", now=now)
        done = self.run("-m", "dbt.cli.main", "build", now=now)
        if "published: version" not in done.stdout:
            raise SystemExit(done.stdout[-4000:])

    def shown(self) -> dict[str, list[dict[str, Any]]]:
        answers: dict[str, list[dict[str, Any]]] = {}
        with duckdb.connect(str(self.home / "meta.duckdb"), read_only=True) as db:
            for name, sql in SHOWN.items():
                try:
                    answers[name] = json.loads(
                        json.dumps(db.sql(sql).to_arrow_table().to_pylist(), default=str)
                    )
                except (duckdb.CatalogException, duckdb.BinderException):
                    answers[name] = []  # This version did not show that yet.
        return answers


def make(commit_id: str) -> None:
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir()
    (PLACE / "venv").symlink_to(Path(sys.executable).parent.parent)
    try:
        plant_world()
        code = OldCode(commit_id)
        code.night(NIGHTS[0])
        code.run("-c", _WAIVE, f"{ROOT}/alpha", now=NIGHTS[0])
        change_world()
        code.night(NIGHTS[1])
        target = ZONES / commit_id
        shutil.rmtree(target, ignore_errors=True)
        # Other files that runs leave name the machine, and nothing reads them again.
        left_out = shutil.ignore_patterns("locks", "empty", "started.json", "alive.lock")
        shutil.copytree(code.zone, target / "zone", ignore=left_out)
        (target / "shown.json").write_text(json.dumps(code.shown(), indent=1) + "\n")
    finally:
        subprocess.run(["git", "-C", PROJECT, "worktree", "remove", "--force", PLACE / "checkout"])
        shutil.rmtree(PLACE, ignore_errors=True)


if __name__ == "__main__":
    for one in sys.argv[1:] or COMMITS:
        make(one)
        print(one, sum(path.stat().st_size for path in (ZONES / one).rglob("*")), "bytes")
