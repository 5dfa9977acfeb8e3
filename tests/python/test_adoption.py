"""Which scripts open the published file by hand: what is found in a text, and in a folder."""

from __future__ import annotations

import json
import os
from datetime import date

import pytest
from enrich_fixtures import OBEYED, Workspace
from worlds import landed, plant

from enrich.adoption import BY_HAND, HELPER, Use, uses_in
from loaders.landing import LandingZone


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from enrich.db import connect\nconnect()\n", [Use(HELPER, 1)]),
        ("import enrich.db\n", [Use(HELPER, 1)]),
        ("from enrich import db\n", [Use(HELPER, 1)]),
        ("import os, duckdb\nduckdb.connect(os.environ['META_DB_PATH'])\n", [Use(BY_HAND, 2)]),
        ("import duckdb as d\np = 'x/meta.duckdb'\ndb = d.connect(p)\n", [Use(BY_HAND, 3)]),
        ("from duckdb import connect as c\nc('meta.duckdb')\n", [Use(BY_HAND, 2)]),
        # Another database, another library, words.
        ("import duckdb\nduckdb.connect('mine.duckdb')\n", []),
        ("import sqlite3\nsqlite3.connect('meta.duckdb')\n", []),
        ("# duckdb.connect('meta.duckdb')\n", []),
        # No Python any more: by its words.
        ("print 'x'\nduckdb.connect('meta.duckdb')\n", [Use(BY_HAND, 2)]),
    ],
)
def test_what_a_python_script_does(text, found):
    assert uses_in(text, is_python=True) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('duckdb "$META_DB_PATH" -c "select 1"\n', [Use(BY_HAND, 1)]),
        ('# duckdb "$META_DB_PATH"\necho $META_DB_PATH\n', []),
        ("cp meta.duckdb backup/\n", []),
        ("enrich sql 'select 1'\nenrich --help\n", [Use(HELPER, 1)]),
        ("const db = new duckdb.Database(process.env.META_DB_PATH)\n", [Use(BY_HAND, 1)]),
    ],
)
def test_what_another_script_says(text, found):
    assert uses_in(text, is_python=False) == found


@pytest.fixture
def workspace(tmp_path, monkeypatch) -> Workspace:
    monkeypatch.setenv("META_HOST_LABEL", "test-host")
    made = Workspace(tmp_path, monkeypatch)
    monkeypatch.setenv("META_NOW", "2026-03-05T12:00:00")
    return made


def test_a_folder_is_measured_and_landed(workspace, tmp_path):
    by_hand = b"import duckdb\nduckdb.connect('meta.duckdb')\n"
    plant(
        tmp_path / "scripts",
        {
            "good.py": b"from enrich.db import connect\n",
            b"bad\x1b[31m.py": by_hand,
            "both.py": b"from enrich.db import connect\n" + by_hand,
            "none.py": b"print()\n",
            "notes.txt": by_hand,
            "node_modules": {"dep": {"x.py": by_hand}},
        },
    )
    os.symlink(tmp_path / "scripts" / "both.py", tmp_path / "scripts" / "link.py")
    os.mkfifo(tmp_path / "scripts" / "pipe.py")

    result = workspace.ask("adoption", str(tmp_path / "scripts"))
    assert result.exit_code == 0 and "1 of 3 scripts use the helper, of 6 looked at" in result.stdout
    assert not OBEYED.search(result.stdout + result.stderr)
    rows = json.loads(workspace.ask("adoption", str(tmp_path / "scripts"), "--dry-run", "--format", "json").stdout)
    assert [(row["how"], row["line"]) for row in rows] == [(BY_HAND, 2), (BY_HAND, 3), (HELPER, 1), (HELPER, 1)]

    zone = LandingZone(workspace.landing)
    [row] = landed(zone, "metric_observations")
    assert (row["week_start"], row["metric"], row["numerator"], row["denominator"]) == (
        *(date(2026, 3, 2), "scripts_with_helper"),
        *(1, 3),
    )
    assert zone.entries()[-1].manifest["skipped"] == 2


def test_what_is_not_there_lands_nothing(workspace, tmp_path):
    assert workspace.ask("adoption", str(tmp_path / "no")).exit_code == 2
    assert not workspace.landing.exists()
