"""Builds a small published file with the contract's columns, without dbt, and queries it."""

from __future__ import annotations

import atexit
import json
import re
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from click.testing import CliRunner, Result

from enrich import build
from enrich.cli import main
from loaders.base.paths import PROJECT_ROOT, locations

# Everything that a name may do to a terminal, a spreadsheet or our own markup.
HOSTILE = "=cmd()\x1b[31m[red]\x07\n\u202e\x9b\x7f"
# The characters of it that must not reach a reader.
OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")
FORMULA = re.compile(r"\s*[=+@]|\s*-(?!\d+(\.\d+)?$)")
JQ, FZF, TWIN, EVIL = ("a" * 31 + digit for digit in "1234")
GAP, WAIVED, EVIL_GAP = ("c" * 31 + digit for digit in "567")
PROJECTS = (
    {
        "project_id": JQ,
        "project_path": "/w/jq",
        "project_name": "jq",
        "health_score": 91.2,
        "health_grade": "A",
    },
    {
        "project_id": FZF,
        "project_path": "/w/deep/fzf",
        "project_name": "fzf",
        "health_score": 41.0,
        "health_grade": "D",
    },
    {"project_id": TWIN, "project_path": "/w/old/fzf", "project_name": "fzf"},
    {
        "project_id": EVIL,
        "project_path": f"/w/{HOSTILE}",
        "project_name": HOSTILE,
        "remote_url": HOSTILE,
    },
)


@cache
def contract_columns() -> dict[str, list[tuple[str, str]]]:
    """Return relation → (column, type), as the contract's YAML files give them."""
    found = {}
    for folder in ("views", "core"):
        for path in sorted((PROJECT_ROOT / "models" / folder).glob("*.yml")):
            for model in yaml.safe_load(path.read_text()).get("models", []):
                columns = model.get("columns", [])
                found[model["name"]] = [(column["name"], column["data_type"]) for column in columns]
    return {name: columns for name, columns in found.items() if columns}


def make_file(path: Path, rows: dict[str, list[dict[str, Any]]] | None = None) -> Path:
    """Make a published file at *path* with *rows* (default: the sample) in all tables."""
    if rows is None:
        return Path(shutil.copy(sample_file(), path))
    with duckdb.connect(str(path)) as db:
        # By this, beside the views, a published file is known.
        db.execute(
            "create schema internal; create table internal.as_of as select timestamp"
            " '2026-03-01' as as_of"
        )
        for name, columns in contract_columns().items():
            db.execute(
                f"create table {name} ({', '.join(f'{column} {kind}' for column, kind in columns)})"
            )
        for name, table in rows.items():
            for row in table:
                db.execute(
                    f"insert into {name} ({', '.join(row)}) values ({', '.join('?' for _ in row)})",
                    list(row.values()),
                )
    return path


@cache
def sample_file() -> Path:
    folder = tempfile.TemporaryDirectory(prefix="enrich")
    atexit.register(folder.cleanup)
    return make_file(Path(folder.name) / "sample.duckdb", sample())


def sample() -> dict[str, list[dict[str, Any]]]:
    """Return a workspace of four projects (one hostile), three findings and two actions."""
    health = [
        {
            "kind": "repository",
            "index_state": "fresh",
            "root_path": "/w",
            "file_count": 12,
            "size_bytes": -5,
        }
        | project
        for project in PROJECTS
    ]
    return {
        "v_project_health": health,
        "v_index_coverage": [
            {
                "project_id": JQ,
                "scan_source": "crawl",
                "files_scanned": 12,
                "files_eligible": 12,
                "is_fresh": True,
            }
        ],
        "v_gap_backlog": [
            {"status": "open", "age_days": 3} | gap
            for gap in (
                _gap(GAP, JQ, "/w/jq", "/w/jq/vendor/copy", "high"),
                _gap(WAIVED, FZF, "/w/deep/fzf", "crawl", "low")
                | {"status": "waived", "waiver_reason": "planned"},
                _gap(EVIL_GAP, EVIL, f"/w/{HOSTILE}", f"/w/{HOSTILE}/x" + "é" * 90, "critical"),
            )
        ],
        "v_gap_history": [
            _gap(EVIL_GAP, EVIL, f"/w/{HOSTILE}", f"/w/{HOSTILE}/x", "critical")
            | {"kind": HOSTILE, "cause": "world", "event_number": 1}
        ],
        "v_waivers": [
            {
                "waiver_id": "w1",
                "gap_type": "*",
                "subject_pattern": HOSTILE,
                "owner": HOSTILE,
                "covered_findings": 1,
            }
        ],
        "v_next_actions": [
            _action(1, "Test the largest file of jq", JQ),
            _action(2, HOSTILE, EVIL),
        ],
        "project_dependencies": [
            _need(EVIL, f"/w/{HOSTILE}", JQ, "/w/jq") | {"match_reason": "name"},
            _need(EVIL, f"/w/{HOSTILE}", None, None)
            | {"specifier": HOSTILE, "dependency_name": HOSTILE},
        ],
        "project_dependants": [
            _dependant(JQ, EVIL, f"/w/{HOSTILE}", True),
            _dependant(EVIL, JQ, "/w/jq", False),
        ],
        "ingest_runs": [
            {
                "run_id": "r1",
                "run_seq": 1,
                "action": "crawl",
                "error_message": HOSTILE,
                "landed": -1,
            }
        ],
    }


def _gap(key: str, project: str, path: str, subject: str, severity: str) -> dict[str, Any]:
    return {
        "finding_id": key,
        "gap_type": "DUPLICATE_MIRROR_CONTENT",
        "severity": severity,
        "project_id": project,
        "project_path": path,
        "subject": subject,
        "impact_score": 38.7,
    }


def _need(
    project: str, path: str, provider: str | None, provider_path: str | None
) -> dict[str, Any]:
    return {
        "project_id": project,
        "project_path": path,
        "dependency_name": "libjq",
        "ecosystem": "python",
        "scope": "runtime",
        "provider_project_id": provider,
        "provider_project_path": provider_path,
        "manifest_path": HOSTILE,
        "is_copy": False,
    }


def _dependant(
    project: str, dependant: str, dependant_path: str, is_direct: bool
) -> dict[str, Any]:
    return {
        "project_id": project,
        "dependant_project_id": dependant,
        "dependant_project_path": dependant_path,
        "is_direct": is_direct,
    }


def _action(rank: int, title: str, project: str) -> dict[str, Any]:
    return {
        "rank": rank,
        "action_id": f"act{rank}",
        "title": title,
        "project_id": project,
        "priority": 57.5,
        "rationale": "Because of "
        + "many reasons that need more than one line to be seen in full, " * 3
        + title,
        "command": f"/usr/bin/wc -l -- '/w/{title}/{'long/' * 30}'",
        "status": "queued",
    }


class Workspace:
    """A published file and an empty landing zone below one folder, with the command line."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.published = folder / "meta.duckdb"
        self.landing = folder / "landing"
        monkeypatch.setenv("META_DB_PATH", str(self.published))
        monkeypatch.setenv("META_LANDING_DIR", str(self.landing))
        monkeypatch.setenv("COLUMNS", "80")
        monkeypatch.delenv("META_NOW", raising=False)

    def ask(self, *words: str) -> Result:
        """Run `enrich` with *words*; a traceback fails the test."""
        result = CliRunner().invoke(main, list(words))
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result


class PlayedDbt:
    """Replace dbt: print *output* and write the state of a build with *outcome*, if any.

    `calls` has command and environment of every build, not of processes that were never asked to
    build.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.outcome = "published: version 7"
        self.output = ""
        self.calls: list[tuple[list[str], dict[str, str]]] = []
        monkeypatch.setattr(build, "_start", lambda *call: PlayedProcess(self, call))


class PlayedProcess:
    def __init__(self, dbt: PlayedDbt, call: tuple[list[str], dict[str, str]]) -> None:
        self.dbt, self.call = dbt, call
        self.returncode: int | None = None
        self.pid = 0

    def poll(self) -> int | None:
        return self.returncode

    def communicate(self, told: str | None = None) -> tuple[str, str]:
        self.returncode = 0
        if told is None:
            return "", ""
        self.dbt.calls.append(self.call)
        is_published = self.dbt.outcome.startswith("published")
        if self.dbt.outcome:
            state = {"outcome": self.dbt.outcome, "is_published": is_published, "failures": []}
            locations().build_state.write_text(json.dumps(state))
        self.returncode = 0 if is_published else 1
        return self.dbt.output, ""
