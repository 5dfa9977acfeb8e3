"""A whole build starts from an empty database; any other command keeps the database."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from product import PROJECT, Product
from worlds import plant

from loaders.base.locks import Busy
from loaders.publishing import build_database
from loaders.publishing.build_database import code_fingerprint, make_ready


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A build database with one table."""
    path = tmp_path / "build" / "meta.duckdb"
    path.parent.mkdir()
    make(path)
    return path


def make(path: Path) -> None:
    with duckdb.connect(str(path)) as db:
        db.execute("create table t as select 42 as answer")


def mark(database: Path) -> Path:
    return database.with_name("meta.made-by.json")


# -- which database is kept ------------------------------------------------------------------------


def test_only_a_whole_build_starts_afresh(database: Path) -> None:
    before = database.stat().st_ino
    make_ready(database, is_whole=False)
    assert database.stat().st_ino == before
    make_ready(database, is_whole=True)
    assert not database.exists()


@pytest.mark.parametrize("is_whole", [True, False])
def test_a_mark_of_an_earlier_version_goes(database: Path, is_whole: bool) -> None:
    # That version would take its mark for a statement about this database.
    mark(database).write_bytes(b"{}")
    make_ready(database, is_whole=is_whole)
    assert not mark(database).exists()


KILLED = """
import os, sys
from pathlib import Path
from loaders.publishing import build_database
database, remaining = Path(sys.argv[1]), int(sys.argv[2])
def dying(function):
    def call(*arguments):
        global remaining
        if remaining == 0:
            os._exit(9)
        remaining -= 1
        return function(*arguments)
    return call
build_database._remove = dying(build_database._remove)
build_database.make_ready(database, is_whole=True)
"""


@pytest.mark.parametrize("steps", range(2))
def test_a_kill_between_any_two_steps_leaves_no_journal_alone(database: Path, steps: int) -> None:
    wal = database.with_name("meta.duckdb.wal")
    wal.write_bytes(b"")
    command = [sys.executable, "-c", KILLED, database, str(steps)]
    assert subprocess.run(command, cwd=PROJECT).returncode == 9
    assert wal.exists() <= database.exists(), "a journal without its database would be replayed"
    make_ready(database, is_whole=True)
    assert not database.exists() and not wal.exists()


# -- which database cannot be opened ---------------------------------------------------------------


def newer_storage(path: Path) -> None:
    """Make *path* a file that a later DuckDB wrote: its storage version is above all known ones."""
    raw = bytearray(path.read_bytes())
    raw[12:20] = struct.pack("<Q", 1000)
    checksum = 5381
    for (word,) in struct.iter_unpack("<Q", raw[8:4096]):
        checksum ^= word * 0xBF58476D1CE4E5B9 % 2**64
    raw[:8] = struct.pack("<Q", checksum)
    path.write_bytes(raw)
    with pytest.raises(duckdb.IOException, match="newer version of DuckDB"):
        duckdb.connect(str(path))


def foreign_journal(path: Path) -> None:
    other = path.with_name("other.duckdb")
    script = (
        "import duckdb, os, sys\n"
        "db = duckdb.connect(sys.argv[1])\n"
        "db.execute('create table o as select 1 as x; checkpoint; insert into o values (2)')\n"
        "os._exit(9)\n"
    )
    subprocess.run([sys.executable, "-c", script, other])
    os.rename(f"{other}.wal", f"{path}.wal")
    other.unlink()


def journal_alone(path: Path) -> None:
    foreign_journal(path)
    path.unlink()


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


DAMAGE = {
    "not a database": lambda path: path.write_bytes(b"SQLite format 3\0" + bytes(8192)),
    "text": lambda path: path.write_text("no database"),
    "empty": lambda path: path.write_bytes(b""),
    "cut short": lambda path: os.truncate(path, 5000),
    "header only": lambda path: os.truncate(path, 12288),
    "newer storage": newer_storage,
    "foreign journal": foreign_journal,
    "journal alone": journal_alone,
    "folder": folder,
    "fifo": fifo,
}


@pytest.mark.parametrize("is_whole", [True, False])
@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_database_that_cannot_be_opened_is_replaced(
    database: Path, damage, is_whole: bool
) -> None:
    damage(database)
    make_ready(database, is_whole=is_whole)
    with duckdb.connect(str(database)) as db:
        assert db.execute("select count(*) from duckdb_tables()").fetchone() == (0,)
    assert not database.with_name("meta.duckdb.wal").exists()


def test_a_database_with_its_own_journal_is_kept(database: Path) -> None:
    script = (
        "import duckdb, os, sys\n"
        "db = duckdb.connect(sys.argv[1])\n"
        "db.execute('insert into t values (7)')\n"
        "os._exit(9)\n"
    )
    subprocess.run([sys.executable, "-c", script, database])
    assert database.with_name("meta.duckdb.wal").exists()
    make_ready(database, is_whole=False)
    with duckdb.connect(str(database)) as db:
        assert db.execute("from t order by all").fetchall() == [(7,), (42,)]


@pytest.mark.parametrize("is_read_only", [True, False])
def test_a_database_that_another_process_has_open_is_kept(
    database: Path, is_read_only: bool
) -> None:
    script = (
        f"import duckdb, sys; db = duckdb.connect(sys.argv[1], read_only={is_read_only});"
        "print('open', flush=True); sys.stdin.read()"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", script, database], **pipes) as other:
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(Busy, match="another program has the build database open"):
            make_ready(database, is_whole=True)
        assert database.exists()
        other.communicate()
    make_ready(database, is_whole=True)
    assert not database.exists()


def test_a_folder_with_entries_is_named_and_not_emptied(database: Path) -> None:
    folder(database)
    (database / "mine.txt").write_text("mine")
    with pytest.raises(OSError) as raised:
        make_ready(database, is_whole=True)
    assert raised.value.filename == str(database) and (database / "mine.txt").exists()


def test_the_fingerprint_depends_on_the_code_and_the_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(tmp_path, {"models": {"a.sql": b"select 1"}, "seeds": {"s.csv": b"id\n1\n"}})
    first = code_fingerprint(tmp_path)
    assert code_fingerprint(tmp_path) == first
    monkeypatch.setattr(build_database, "version", lambda name: "99")
    found = [code_fingerprint(tmp_path)]
    monkeypatch.undo()
    plant(tmp_path, {"seeds": {"s.csv": b"id,more\n1,2\n"}})
    found.append(code_fingerprint(tmp_path))
    assert len({first, *found}) == 3


# -- with dbt itself -------------------------------------------------------------------------------

_PROJECT = b"""
name: meta_collector
config-version: 2
profile: meta_collector
models: {meta_collector: {+materialized: table}}
"""
_VIEW = b"{{ config(materialized='view') }} select 1 as x"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Product:
    """A small dbt project with our profile, built."""
    home = tmp_path_factory.mktemp("upgrade")
    tree = {
        "dbt_project.yml": _PROJECT,
        "profiles.yml": (PROJECT / "profiles.yml").read_bytes(),
        "seeds": {"numbers.csv": b"id,size\n1,10\n2,20\n", "words.csv": b"id,word\n1,a\n"},
        "models": {
            "total.sql": b"select sum(size) as total from {{ ref('numbers') }}",
            "looks.sql": _VIEW,
            "stays.sql": b"select 'kept' as what",
        },
    }
    plant(home / "project", tree)
    product = Product(home / "home", project=home / "project")
    product.dbt("build")
    return product


@pytest.fixture
def upgraded(built: Product, tmp_path: Path) -> Product:
    shutil.copytree(built.home, tmp_path / "home")
    shutil.copytree(built.project, tmp_path / "project", ignore=shutil.ignore_patterns("logs"))
    return Product(tmp_path / "home", project=tmp_path / "project")


def build_file(product: Product) -> Path:
    return product.home / "meta.duckdb.d" / "build" / "meta.duckdb"


def rows(product: Product, sql: str) -> list[tuple]:
    with duckdb.connect(str(build_file(product)), read_only=True) as db:
        return db.execute(sql).fetchall()


UPGRADES = {
    "column added": (
        {"seeds": {"numbers.csv": b"id,size,unit\n1,10,kB\n"}},
        "numbers",
        {"id": 1, "size": 10, "unit": "kB"},
    ),
    "column removed": ({"seeds": {"words.csv": b"id\n1\n"}}, "words", {"id": 1}),
    "column renamed": (
        {"seeds": {"words.csv": b"id,term\n1,a\n"}},
        "words",
        {"id": 1, "term": "a"},
    ),
    "column retyped": (
        {"seeds": {"words.csv": b"id,word\nx,a\n"}},
        "words",
        {"id": "x", "word": "a"},
    ),
    "columns swapped": (
        {"seeds": {"words.csv": b"word,id\na,1\n"}},
        "words",
        {"word": "a", "id": 1},
    ),
    "view became a seed": (
        {"models/looks.sql": None, "seeds": {"looks.csv": b"x\n5\n"}},
        "looks",
        {"x": 5},
    ),
    "seed became a view": (
        {"seeds/words.csv": None, "models": {"words.sql": _VIEW}},
        "words",
        {"x": 1},
    ),
    "view became a table": ({"models": {"looks.sql": b"select 2 as x"}}, "looks", {"x": 2}),
    "table became a view": ({"models": {"stays.sql": _VIEW}}, "stays", {"x": 1}),
}


# One of each kind of change: to a seed's columns, to its order, to what a name is.
_EACH_KIND = ("column added", "columns swapped", "view became a seed", "table became a view")


@pytest.mark.parametrize(
    ("change", "relation", "expected"),
    [
        pytest.param(*case, id=name, marks=[] if name in _EACH_KIND else pytest.mark.long)
        for name, case in UPGRADES.items()
    ],
)
def test_the_build_after_an_upgrade_succeeds(
    upgraded: Product, change: dict, relation: str, expected: dict
) -> None:
    for gone in [name for name, content in change.items() if content is None]:
        (upgraded.project / gone).unlink()
    plant(
        upgraded.project, {name: content for name, content in change.items() if content is not None}
    )
    upgraded.dbt("build")
    with duckdb.connect(str(build_file(upgraded)), read_only=True) as db:
        assert db.sql(f"from {relation}").to_arrow_table().to_pylist() == [expected]


def test_the_second_build_of_a_project_has_no_free_blocks(upgraded: Product) -> None:
    rows_of_many = b"select range as number, hash(range) as digest from range(500000)"
    plant(upgraded.project, {"models": {"many.sql": rows_of_many}})
    upgraded.dbt("build")
    with duckdb.connect(str(build_file(upgraded))) as db:
        db.execute("create table beside as select 1 as x")
    upgraded.dbt("build")
    [(free, used)] = rows(upgraded, "select free_blocks, used_blocks from pragma_database_size()")
    assert free == 0 and used > 10
    assert rows(upgraded, "select count(*) from duckdb_tables() where table_name = 'beside'") == [
        (0,)
    ]


def test_a_developer_who_edits_one_model_finds_the_others(upgraded: Product) -> None:
    plant(
        upgraded.project,
        {"models": {"total.sql": b"select sum(size) + 1 as total from {{ ref('numbers') }}"}},
    )
    before = build_file(upgraded).stat().st_ino
    upgraded.dbt("run", "--select", "total")
    assert rows(upgraded, "from total") == [(31,)] and rows(upgraded, "from stays") == [("kept",)]
    upgraded.dbt("build", "--select", "total")
    assert build_file(upgraded).stat().st_ino == before
    upgraded.dbt("build")
    assert rows(upgraded, "from total") == [(31,)]


def test_a_retry_continues_with_the_tables_of_the_red_build(upgraded: Product) -> None:
    red = b"select nothing from {{ ref('numbers') }}"
    plant(upgraded.project, {"models": {"total.sql": red}})
    assert upgraded.dbt("build", check=False).returncode == 1
    before = build_file(upgraded).stat().st_ino
    plant(
        upgraded.project,
        {"models": {"total.sql": b"select max(size) as total from {{ ref('numbers') }}"}},
    )
    upgraded.dbt("retry", "--state", str(upgraded.target))
    assert rows(upgraded, "from total") == [(20,)] and rows(upgraded, "from stays") == [("kept",)]
    assert build_file(upgraded).stat().st_ino == before
