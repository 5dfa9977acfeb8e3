"""Scripts that open the published file by hand, found in a text and in a folder."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import date

import pytest
from enrich_fixtures import OBEYED, Workspace
from unprivileged import as_nobody
from worlds import landed, plant

from enrich.commands.operate.adoption import BY_HAND, HELPER, Use, uses_in
from loaders.zone.landing import LandingZone


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from enrich.db import connect\nconnect()\n", [Use(HELPER, 1)]),
        ("import enrich.db\n", [Use(HELPER, 1)]),
        ("from enrich import db\n", [Use(HELPER, 1)]),
        ("import os, duckdb\nduckdb.connect(os.environ['META_DB_PATH'])\n", [Use(BY_HAND, 2)]),
        ("import duckdb as d\np = 'x/meta.duckdb'\ndb = d.connect(p)\n", [Use(BY_HAND, 3)]),
        ("from duckdb import connect as c\nc('meta.duckdb')\n", [Use(BY_HAND, 2)]),
        # Another database, another library, plain words.
        ("import duckdb\nduckdb.connect('mine.duckdb')\n", []),
        ("import sqlite3\nsqlite3.connect('meta.duckdb')\n", []),
        ("# duckdb.connect('meta.duckdb')\n", []),
        # Not valid Python: judged by its words.
        ("print 'x'\nduckdb.connect('meta.duckdb')\n", [Use(BY_HAND, 2)]),
    ],
)
def test_uses_in_a_python_script_are_found(text, found):
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
def test_uses_in_other_scripts_are_found(text, found):
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
    assert result.exit_code == 0 and "1 of 3 scripts uses the helper; 6 files read" in result.stdout
    assert not OBEYED.search(result.stdout + result.stderr)
    rows = json.loads(
        workspace.ask("adoption", str(tmp_path / "scripts"), "--dry-run", "--format", "json").stdout
    )
    assert [(row["how"], row["line"]) for row in rows] == [
        (BY_HAND, 2),
        (BY_HAND, 3),
        (HELPER, 1),
        (HELPER, 1),
    ]

    zone = LandingZone(workspace.landing)
    [row] = landed(zone, "metric_observations")
    assert (row["week_start"], row["metric"], row["numerator"], row["denominator"]) == (
        *(date(2026, 3, 2), "scripts_with_helper"),
        *(1, 3),
    )
    assert zone.entries()[-1].manifest["skipped"] == 2


def test_a_missing_path_lands_nothing(workspace, tmp_path):
    assert workspace.ask("adoption", str(tmp_path / "no")).exit_code == 2
    assert not workspace.landing.exists()


# -- odd folders -----------------------------------------------------------------------------------

SCRIPT = "import duckdb\nduckdb.connect('meta.duckdb')\n"


def _asked(workspace: Workspace, *words: str) -> tuple[list[dict], str]:
    answer = workspace.ask("adoption", *words, "--format", "json", "--dry-run")
    assert answer.exit_code == 0, answer.stderr
    return json.loads(answer.stdout), answer.stderr


def _make_deep(root, names: list[str]) -> None:
    """Make nested folders with a script in the innermost, at a path of any length."""
    root.mkdir()
    folder = os.open(root, os.O_RDONLY)
    for name in names:
        os.mkdir(name, dir_fd=folder)
        deeper = os.open(name, os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = deeper
    script = os.open("a.py", os.O_WRONLY | os.O_CREAT, dir_fd=folder)
    os.write(script, SCRIPT.encode())
    os.close(script)
    os.close(folder)


@pytest.mark.parametrize(
    "names", [["d"] * 1500, ["d"] * 6000, ["long" * 50] * 100], ids=["1500", "6000", "long"]
)
def test_a_script_is_found_however_deep_it_is(workspace, tmp_path, names) -> None:
    _make_deep(tmp_path / "code", names)
    try:
        [row], errors = _asked(workspace, str(tmp_path / "code"))
        assert row["how"] == BY_HAND and row["path"] == "/".join(
            [str(tmp_path / "code"), *names, "a.py"]
        )
        assert errors == ""
    finally:
        # pytest cannot remove paths of this length.
        subprocess.run(["rm", "-rf", tmp_path / "code"], check=True)


def test_links_are_not_followed_round_in_circles(workspace, tmp_path) -> None:
    root = tmp_path / "code"
    plant(root, {"a": {"x.py": SCRIPT.encode()}})
    (root / "a" / "again").symlink_to(root)
    (root / "loop.py").symlink_to("loop.py")
    (root / "b.py").symlink_to("a/x.py")
    rows, errors = _asked(workspace, str(root))
    assert [row["path"] for row in rows] == [f"{root}/a/x.py"]
    assert errors.count("warning") == 2 and "loop.py: Too many levels of symbolic links" in errors


def test_a_special_file_with_the_name_of_a_script_does_not_block(workspace, tmp_path) -> None:
    root = tmp_path / "code"
    files = {
        "x.py": SCRIPT.encode(),
        "binary.py": b"\0\xff" * 1000,
        "attribute.py": b"a" + b".a" * 9000,
    }
    plant(root, files | {"folder.py": {"y.py": SCRIPT.encode()}})
    os.mkfifo(root / "fifo.py")
    (root / "huge.py").write_bytes(b"")
    os.truncate(root / "huge.py", 40 << 30)
    rows, errors = _asked(workspace, str(root))
    assert [row["path"] for row in rows] == [f"{root}/folder.py/y.py", f"{root}/x.py"]
    assert errors == ""
    assert _asked(workspace, str(root / "fifo.py")) == ([], "")


def test_a_folder_that_cannot_be_listed_is_named(open_folder) -> None:
    (open_folder / "shut").mkdir(0o700)
    (open_folder / "shut" / "x.py").write_text(SCRIPT)
    (open_folder / "y.py").write_text(SCRIPT)
    (open_folder / "shut").chmod(0)

    def found() -> list[tuple[bytes, str | None]]:
        from enrich.commands.operate.adoption import scripts_below

        return sorted(scripts_below(os.fsencode(open_folder)))

    shut, script = as_nobody(found)
    assert shut == (os.fsencode(open_folder / "shut"), "Permission denied")
    assert script == (os.fsencode(open_folder / "y.py"), None)
