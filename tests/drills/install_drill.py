"""A drill of an installed copy: in a new home without a clone, a wheel is installed, a folder is
refreshed and asked about, and the wheel of the next version replaces it.

By hand, with a package registry; prints each step with its seconds, and exits with 1 at the first
that fails:

    python tests/drills/install_drill.py
    python tests/drills/install_drill.py --python python3.13 --tools uv pipx

Nothing may be lost by the upgrade: ids and dates of findings, a waiver, a setting of each kind if
there is a configuration folder, registered folders, earlier runs. Nothing may be written into the
folders of libraries. Everything is made below --work, and removed at the end.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CLONE = Path(__file__).resolve().parents[2]
NEXT = "0.2.0"
# Variables with which pip and uv reach their registry.
_OF_REGISTRIES = ("PIP_", "UV_", "SSL_", "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")
# Decisions of a person and memories of the product; an upgrade changes none of them.
_KEPT = {
    "findings": "select finding_id, gap_type, status, first_seen, waiver_reason, waiver_owner"
    " from gap_findings order by all",
    "projects": "select project_id, project_path from v_project_health order by all",
    "labels": "select project_groups, project_tags, lifecycle from projects order by all",
    "roles": "select file_path, primary_role from file_roles order by all",
    "waivers": "select finding_id, waiver_reason, waiver_owner from v_gap_backlog"
    " where status = 'waived' order by all",
}
_READ = (
    "from enrich.db import connect;"
    " print(connect().sql('select count(*) from v_project_health').fetchall()[0][0])"
)
# A file of each kind of setting, with {code} for the crawled folder.
_CONFIGURATION = {
    "gap_rules": "gap_type,severity\nDUPLICATE_MIRROR_CONTENT,critical\n",
    "rule_thresholds": "gap_type,threshold,value\n"
    "HIGH_SIZE_LOW_TEST_COVERAGE,min_source_lines,1500\n",
    "priority_weights": "name,value\nimpact_per_further_finding,3\n",
    "health_weights": "term,maximum\nhealth_tests,24\nhealth_docs,22\n",
    "exclude_profiles": "profile,kind,pattern,reason\ndefault,gitignore,scratch/,not kept\n",
    "waivers": "gap_type,subject_pattern,reason,note,owner,expires_on\n"
    "HIGH_SIZE_LOW_TEST_COVERAGE,{code}/one,planned,,me,2099-01-01\n",
    "role_overrides": "path_pattern,role,reason,owner,decided_on\n"
    "{code}/one/src/m1.py,reporter,seen,me,2026-01-01\n",
    "my_identities": "kind,value\nemail,me@example.org\n",
    "project_labels": "pattern,kind,value\n{code}/two,group,team\n{code}/two,tag,small\n"
    "{code}/two,lifecycle,active\n",
}


class Failed(Exception):
    """A step of the drill did not do what it must."""


class Drill:
    """One new home, and the commands in it."""

    def __init__(self, work: Path) -> None:
        self.work = work
        self.home = work / "a home"
        self.code = work / "some code"
        self.home.mkdir()
        registries = {
            name: value for name, value in os.environ.items() if name.startswith(_OF_REGISTRIES)
        }
        self.environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            **registries,
        }

    def run(
        self,
        step: str,
        *command: str | Path,
        code: int = 0,
        variables: Mapping[str, str] | None = None,
    ) -> str:
        """Run *command* in the new home; print the step; return what it printed. Raises Failed."""
        began = time.monotonic()
        done = subprocess.run(
            [os.fspath(word) for word in command],
            cwd=self.home,
            env=self.environment | dict(variables or {}),
            capture_output=True,
            text=True,
        )
        print(f"{time.monotonic() - began:6.1f} s  {step}", flush=True)
        if done.returncode != code:
            raise Failed(f"{step}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def ask(self, enrich: Path, sql: str) -> list[dict[str, Any]]:
        words = ("sql", "--format", "json", "--limit", "0", sql)
        found = subprocess.run(
            [enrich, *words], cwd=self.home, env=self.environment, capture_output=True, text=True
        )
        if found.returncode:
            raise Failed(f"{sql}: {found.stderr}")
        answer = json.loads(found.stdout)
        return answer if isinstance(answer, list) else [answer]


def plant(folder: Path) -> None:
    """Make three repositories: one with much code and no test, a copy of it, and a healthy one."""
    for name in ("one", "copy of one"):
        (folder / name / "src").mkdir(parents=True)
        for number in range(12):
            lines = "\n".join(f"def f{number}_{line}():\n    return {line}" for line in range(100))
            (folder / name / "src" / f"m{number}.py").write_text(f"{lines}\n")
    (folder / "two" / "tests").mkdir(parents=True)
    (folder / "two" / "README.md").write_text("# two\n")
    (folder / "two" / "tests" / "test_x.py").write_text("def test_x():\n    assert True\n")
    who = ("-c", "user.name=Me", "-c", "user.email=me@example.org")
    for repository in folder.iterdir():
        for words in (("init", "-q"), ("add", "."), (*who, "commit", "-qm", "first")):
            subprocess.run(["git", *words], cwd=repository, check=True)


def build_wheel(work: Path, version: str | None = None) -> Path:
    """Build a wheel of this clone, or of what calls itself the next *version*."""
    source = work / f"source {version or 'now'}"
    names = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=CLONE, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    for name in names:
        if (CLONE / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(CLONE / name, source / name)
    if version:
        for name in ("pyproject.toml", "dbt_project.yml"):
            text = (source / name).read_text(encoding="utf-8")
            (source / name).write_text(text.replace("0.1.0", version), encoding="utf-8")
        model = source / "models" / "core" / "projects.sql"
        model.write_text(model.read_text(encoding="utf-8") + "-- the next version\n")
    target = work / "wheels"
    offline = ("--no-deps", "--no-index", "--no-build-isolation", "--quiet", "--wheel-dir")
    subprocess.run([sys.executable, "-m", "pip", "wheel", *offline, target, source], check=True)
    [wheel] = target.glob(f"meta_collector-{version or '0.1.0'}-*.whl")
    return wheel


def files_below(folder: Path) -> dict[str, int]:
    """Return the files of an environment with their times, without what Python compiles."""
    return {
        str(path): path.stat().st_mtime_ns
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }


def configure(drill: Drill, enrich: Path) -> bool:
    """Put a setting of each kind into the configuration folder, if this version has one."""
    probe = subprocess.run([enrich, "config", "--help"], env=drill.environment, capture_output=True)
    if probe.returncode:
        return False
    folder = drill.home / ".config" / "meta-collector"
    folder.mkdir(parents=True)
    for name, text in _CONFIGURATION.items():
        (folder / f"{name}.csv").write_text(text.format(code=drill.code), encoding="utf-8")
    drill.run("the configuration is checked", enrich, "config", "check")
    return True


def upgrade(drill: Drill, python: str, now: Path, following: Path) -> None:
    """Install *now* by pip, refresh, ask, and install the *following* wheel over it."""
    environment = drill.work / "an environment"
    drill.run("an environment is made", python, "-m", "venv", environment)
    pip = (environment / "bin" / "python", "-m", "pip", "install", "--quiet")
    drill.run("pip installs the wheel", *pip, now)
    enrich, land = (environment / "bin" / name for name in ("enrich", "land"))
    installed = files_below(environment)
    is_configured = configure(drill, enrich)
    print(drill.run("the first refresh", enrich, "refresh-meta", drill.code))
    drill.run("the page", enrich, "status")
    print(drill.run("the doctor", enrich, "doctor"))
    drill.run("next actions", enrich, "next-actions")
    drill.run("runs", land, "runs")
    [first, *_] = drill.ask(
        enrich,
        "select finding_id from v_gap_backlog where gap_type = 'DUPLICATE_MIRROR_CONTENT'",
    )
    words = ("--reason", "accepted_risk", "--until", "never", "--owner", "me")
    drill.run("a waiver", enrich, "waive", first["finding_id"], *words)
    drill.run("the second refresh", enrich, "refresh-meta")
    if files_below(environment) != installed:
        raise Failed("something was written into the environment")
    before = {name: drill.ask(enrich, sql) for name, sql in _KEPT.items()}
    if not before["findings"] or not before["waivers"] or len(before["projects"]) < 3:
        raise Failed(f"too little to lose: {before}")
    sources = drill.run("sources", enrich, "sources", "list")
    runs = drill.run("the log", land, "runs", "--limit", "1000", "--json")
    landed = {json.loads(line)["run_id"] for line in runs.splitlines()}

    drill.run("pip installs the next version", *pip, "--upgrade", following)
    version = drill.run("its version", enrich, "--version")
    if version != f"enrich {NEXT}\n":
        raise Failed(f"the version is {version}")
    after = {name: drill.ask(enrich, sql) for name, sql in _KEPT.items()}
    print(drill.run("a refresh by the next version", enrich, "refresh-meta"))
    for found, when in ((after, "after the upgrade"), (
        {name: drill.ask(enrich, sql) for name, sql in _KEPT.items()}, "after a refresh by it"
    )):  # fmt: skip
        for name, rows in before.items():
            if found[name] != rows:
                raise Failed(f"{name} are not the same {when}:\n{rows}\n{found[name]}")
    if drill.run("sources", enrich, "sources", "list") != sources:
        raise Failed("the registered folders are not the same")
    drill.run("the landing zone is whole", land, "verify")
    drill.run("the published file is whole", enrich, "verify")
    runs = drill.run("the log", land, "runs", "--limit", "1000", "--json")
    if not landed < {json.loads(line)["run_id"] for line in runs.splitlines()}:
        raise Failed("earlier runs are missing")
    if is_configured:
        drill.run("the configuration is the same", enrich, "config", "check")
    print("kept:", {name: len(rows) for name, rows in before.items()}, len(landed), "runs")


def read_only(drill: Drill, python: str, wheel: Path) -> None:
    """Install the part that reads, in an environment of its own, and ask with it."""
    environment = drill.work / "a reader"
    drill.run("an environment for reading", python, "-m", "venv", environment)
    pip = (environment / "bin" / "python", "-m", "pip", "install", "--quiet")
    drill.run("its two libraries", *pip, "click>=8.1,<9", "duckdb>=2.0.0,<2.1")
    drill.run("the wheel alone", *pip, "--no-deps", wheel)
    count = drill.run("it reads", environment / "bin" / "python", "-c", _READ)
    if int(count) < 3:
        raise Failed(f"it reads {count} projects")


def install_with(drill: Drill, tool: str, python: str, wheel: Path) -> None:
    """Install the wheel with uv or pipx, which are themselves installed by pip."""
    tools = drill.work / f"{tool} itself"
    drill.run(f"an environment for {tool}", python, "-m", "venv", tools)
    drill.run(f"pip installs {tool}", tools / "bin" / "python", "-m", "pip", "install", "-q", tool)
    command = {"uv": ("tool", "install"), "pipx": ("install",)}[tool]
    program = tools / "bin" / tool
    home = {"HOME": str(drill.work / f"home of {tool}"), "UV_PYTHON": python}
    Path(home["HOME"]).mkdir()
    if tool == "pipx":
        home |= {"PIPX_DEFAULT_PYTHON": python}
    drill.run(f"{tool} installs the wheel", program, *command, wheel, variables=home)
    folder = Path(home["HOME"], ".local", "bin")
    drill.run("enrich is a program", folder / "enrich", "--version", variables=home)
    drill.run("land is a program", folder / "land", "--version", variables=home)
    drill.run("it refreshes", folder / "enrich", "refresh-meta", drill.code, variables=home)
    drill.run("the doctor", folder / "enrich", "doctor", variables=home)


def reason_not_to_install() -> str | None:
    """Return why nothing can be installed here: no package registry answers."""
    with tempfile.TemporaryDirectory() as folder:
        words = ("download", "--quiet", "--no-deps", "--timeout", "10", "-d", folder, "click")
        done = subprocess.run([sys.executable, "-m", "pip", *words], capture_output=True)
    return None if done.returncode == 0 else "no package registry can be reached"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--python", default=sys.executable, help="the interpreter to install for")
    parser.add_argument("--tools", nargs="*", default=[], choices=("uv", "pipx"))
    parser.add_argument("--work", type=Path, help="default: a temporary folder")
    asked = parser.parse_args()
    if reason := reason_not_to_install():
        print(f"skipped: {reason}")
        return 0
    python = shutil.which(asked.python) or asked.python
    with tempfile.TemporaryDirectory(prefix="install drill ", dir=asked.work) as folder:
        drill = Drill(Path(folder))
        plant(drill.code)
        now, following = build_wheel(drill.work), build_wheel(drill.work, NEXT)
        try:
            upgrade(drill, python, now, following)
            read_only(drill, python, following)
            for tool in asked.tools:
                install_with(drill, tool, python, now)
        except Failed as failure:
            print(f"failed: {failure}")
            return 1
    print("nothing was lost")
    return 0


if __name__ == "__main__":
    sys.exit(main())
