"""Published and landed data is readable by its owner only, unless shared on purpose.

The umask does not matter.
"""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from git_fixtures import make_repository
from product import BIN, PROJECT, Product
from replayed_build import refresh
from small_project import small_project
from unprivileged import NOBODY, as_nobody

from enrich.answers.status_facts import gather
from enrich.cli import main as enrich
from enrich.db import connect
from loaders.base.paths import Locations, locations
from loaders.base.permissions import prepare_folders, tighten
from loaders.publishing.published_versions import point_to, swap_in
from loaders.zone.landing import LandingZone

UMASKS = ("000", "022", "077", "0777")


def modes(*places: Path) -> dict[str, str]:
    """Return path → mode of all files that are not 0600 and all folders that are not 0700.

    *places* and everything below them are examined.
    """
    found = {}
    for place in places:
        for path in [place, *sorted(place.rglob("*"))]:
            status = path.lstat()
            wanted = 0o700 if stat.S_ISDIR(status.st_mode) else 0o600
            if stat.S_IMODE(status.st_mode) != wanted and not stat.S_ISLNK(status.st_mode):
                found[str(path)] = oct(stat.S_IMODE(status.st_mode))
    return found


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def under(umask: str, product: Product, *command: str | Path) -> subprocess.CompletedProcess[str]:
    return product.run("/bin/sh", "-c", f'umask {umask}; exec "$@"', "sh", *command)


def loosen(*places: Path) -> None:
    """Give everything the modes that an older version gave it under an ordinary umask."""
    for place in places:
        for path in [place, *place.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)


@pytest.fixture
def product(tmp_path: Path) -> Product:
    """An installation whose folder does not exist yet."""
    return Product(tmp_path / "made" / "home")


@pytest.fixture
def repository(world: Path) -> Path:
    made = make_repository(world / "one")
    (made / "app.py").write_text("import os\n")
    (made / "setup.py").write_text("from setuptools import setup\nsetup(name='one')\n")
    return made


# -- whatever the umask ----------------------------------------------------------------------------


@pytest.mark.parametrize("umask", UMASKS)
def test_landed_files_are_private(
    product: Product, repository: Path, world: Path, umask: str
) -> None:
    land = [sys.executable, PROJECT / "loaders" / "land.py"]
    for command in (
        ["crawl", world],
        ["signals"],
        ["code"],
        ["manifests"],
        ["git"],
        ["crawl", world],
        ["compact"],
    ):
        under(umask, product, *land, *command)
    assert {"zone.json", "log", "runs", "locks", "empty"} <= {
        path.name for path in product.landing.iterdir()
    }
    assert modes(product.home) == {}


@pytest.fixture(scope="module")
def refreshed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """An installation that was refreshed, backed up and exported under a permissive umask."""
    folder = tmp_path_factory.mktemp("refreshed")
    make_repository(folder / "world" / "one")
    product = Product(folder / "made" / "home")
    under("000", product, BIN / "enrich", "refresh-meta", folder / "world")
    under("000", product, BIN / "enrich", "backup", product.home / "backup")
    under("000", product, BIN / "enrich", "export", "--sqlite", product.home / "export.db")
    under(
        "000",
        product,
        BIN / "enrich",
        "index-audit",
        "--json",
        "--output",
        product.home / "audit.json",
    )
    return product


def test_files_of_a_refresh_are_private(refreshed: Product) -> None:
    work_folder = refreshed.published.with_name("meta.duckdb.d")
    made = {path.name for path in work_folder.rglob("*")} | {
        path.name for path in refreshed.home.iterdir()
    }
    assert {
        "meta.duckdb", "state.json", "build.log", "manifest.json", "partial_parse.msgpack",
        "runs.parquet", "00000001.json", "build.lock", "backup", "export.db", "audit.json",
    } <= made  # fmt: skip
    assert modes(refreshed.home) == {}


@pytest.mark.long
def test_a_umask_without_any_permission_does_not_break_a_refresh(
    refreshed: Product, tmp_path: Path
) -> None:
    twin = refreshed.twin(tmp_path / "twin")
    under("0777", twin, BIN / "enrich", "refresh-meta")
    twin.forget_database()
    under("0777", twin, BIN / "enrich", "refresh-meta")
    assert modes(twin.landing, twin.published, twin.published.with_name("meta.duckdb.d")) == {}


def test_a_plain_build_publishes_for_its_owner(refreshed: Product, tmp_path: Path) -> None:
    twin = refreshed.twin(tmp_path / "twin", with_database=False)
    twin.project = small_project(tmp_path / "project")
    under("000", twin, BIN / "dbt", "build", "--target-path", twin.target)
    assert twin.published.exists()
    assert modes(twin.landing, twin.published, twin.published.with_name("meta.duckdb.d")) == {}


# -- what an older version made --------------------------------------------------------------------


def test_files_of_an_older_version_become_private(refreshed: Product, tmp_path: Path) -> None:
    twin = refreshed.twin(tmp_path / "twin")
    backup, work_folder = twin.home / "backup", twin.published.with_name("meta.duckdb.d")
    twin.enrich("backup", backup)
    loosen(twin.landing, twin.published, work_folder, backup)
    twin.land("git")
    twin.land("crawl", tmp_path)
    assert modes(twin.landing) == {}
    twin.enrich("refresh-meta")
    assert modes(twin.published, work_folder) == {}
    assert modes(backup)
    twin.enrich("backup", backup)
    assert modes(*backup.iterdir()) == {}
    assert mode(backup) == 0o755, "the person named it: it is theirs"


def test_a_foreign_file_beside_the_published_one_keeps_its_mode(
    refreshed: Product, tmp_path: Path
) -> None:
    twin = refreshed.twin(tmp_path / "home of a stranger")
    theirs = twin.home / "notes.txt"
    theirs.write_text("theirs")
    theirs.chmod(0o644)
    twin.home.chmod(0o755)
    (twin.published.with_name("meta.duckdb.d") / "link").symlink_to(theirs)
    (twin.landing / "link").symlink_to(twin.home)
    refresh(twin)
    assert (mode(theirs), mode(twin.home)) == (0o644, 0o755)


def test_a_published_file_of_another_user_keeps_its_mode(tmp_path: Path) -> None:
    where = Locations(tmp_path / "theirs.duckdb", tmp_path / "zone")
    where.published.write_bytes(b"theirs")
    where.published.chmod(0o644)
    prepare_folders(where)
    assert mode(where.published) == 0o644


def test_tightening_adds_no_permission_and_follows_no_link(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    theirs.write_text("")
    theirs.chmod(0o666)
    (ours / "inner").mkdir(parents=True)
    (ours / "inner" / "read only").write_text("")
    (ours / "inner" / "read only").chmod(0o444)
    (ours / "link").symlink_to(theirs)
    os.mkfifo(ours / "fifo")
    tighten(ours, tmp_path / "missing")
    assert mode(ours / "inner" / "read only") == 0o400
    assert mode(ours) == mode(ours / "inner") == 0o700
    assert mode(theirs) == 0o666


# -- sharing ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "file", "folder"),
    [("group", 0o640, 0o750), ("all", 0o644, 0o755), ("", 0o600, 0o700)],
)
def test_the_published_file_can_be_shared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: str, file: int, folder: int
) -> None:
    monkeypatch.setenv("META_SHARE", share)
    where = Locations(tmp_path / "new" / "home" / "meta.duckdb", tmp_path / "zone")
    for content in (b"first", b"second"):
        prepare_folders(where)
        draft = where.work_folder / "next.duckdb"
        draft.write_bytes(content)
        swap_in(draft, where, {})
    assert mode(where.published) == file
    assert mode(where.published.parent) == mode(where.published.parent.parent) == folder
    assert mode(where.work_folder) == 0o700
    assert mode(where.versions / "00000001.duckdb") == 0o600
    # A new published version is shared again; a file that is no longer shared is private again.
    point_to(where.versions / "00000001.duckdb", where)
    assert mode(where.published) == file
    assert mode(where.versions / "00000002.duckdb") == 0o600
    monkeypatch.delenv("META_SHARE")
    prepare_folders(where)
    assert mode(where.published) == 0o600


def test_the_default_home_can_be_shared_and_made_private_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("META_DB_PATH")
    monkeypatch.delenv("META_LANDING_DIR")
    home = tmp_path / "data" / "meta-collector"
    home.mkdir(parents=True)
    home.chmod(0o777)
    for share, wanted in (("", 0o700), ("group", 0o750), ("all", 0o755), ("", 0o700)):
        monkeypatch.setenv("META_SHARE", share)
        prepare_folders(locations())
        LandingZone(locations().landing)
        assert mode(home) == wanted
        assert mode(locations().landing) == mode(locations().work_folder) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize("share", ["group", "all"])
def test_another_user_reads_only_the_shared_file(
    refreshed: Product, open_folder: Path, share: str
) -> None:
    shared = refreshed.twin(open_folder / "shared")
    shared.home.chmod(0o755)
    shared.environment["META_SHARE"] = share
    refresh(shared)
    if share == "group":
        os.chown(shared.published, -1, NOBODY)

    def read() -> tuple[int, list[str]]:
        with connect(shared.published) as db:
            count = db.sql("select count(*) from v_project_health").fetchall()[0][0]
        facts = gather(Locations(shared.published, shared.landing))
        assert facts.is_published and facts.build is None and facts.rows("kinds")
        refused = []
        for place in (shared.landing, shared.published.with_name("meta.duckdb.d")):
            try:
                os.listdir(place)
            except PermissionError:
                refused.append(place.name)
        return count, refused

    assert as_nobody(read) == (1, ["landing", "meta.duckdb.d"])


@pytest.mark.parametrize("value", ["0640", "Group", "group,all", "no\x1b[31m\nbody"])
def test_an_unknown_way_to_share_is_refused_in_one_line(
    product: Product, world: Path, value: str
) -> None:
    product.environment["META_SHARE"] = value
    for answer in (
        product.land("crawl", world, check=False),
        product.run(BIN / "enrich", "refresh-meta", world, check=False),
        product.enrich("status", check=False),
    ):
        assert answer.returncode == 2
        [line] = answer.stderr.splitlines()
        assert (
            line.startswith("META_SHARE=")
            and "must be group, all or unset" in line
            and "\x1b" not in line
        )
        assert answer.stdout == ""
    assert not product.home.exists(), "nothing was done"


# -- other people's processes ----------------------------------------------------------------------


def test_a_script_keeps_its_own_umask(refreshed: Product, tmp_path: Path) -> None:
    script = (
        "import os; os.umask(0o022)\nfrom enrich.db import connect\n"
        "connect().sql('select * from v_project_health').fetchall()\nprint(oct(os.umask(0)))"
    )
    assert refreshed.run(sys.executable, "-c", script).stdout.split() == ["0o22"]


def test_a_large_sort_of_a_script_spills_into_a_private_folder(refreshed: Product) -> None:
    with connect(refreshed.published) as db:
        spill = Path(db.sql("select current_setting('temp_directory')").fetchall()[0][0])
    assert (
        spill.parent == refreshed.published.with_name("meta.duckdb.d")
        and mode(spill.parent) == 0o700
    )


def test_the_help_needs_no_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("META_SHARE", "group")
    assert CliRunner().invoke(enrich, ["status", "--help"]).exit_code == 0
