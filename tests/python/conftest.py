"""The order of the tests, and fixtures: each test has a landing zone and a world of its own."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from worlds import CrawlOnce

from loaders.base import programs
from loaders.sources.crawl.crawling import RootSummary, crawl
from loaders.sources.crawl.excludes import load_excludes
from loaders.zone.landing import LandingZone
from loaders.zone.runs import Run

if TYPE_CHECKING:
    from enrich_fixtures import PlayedDbt, Workspace

# A timed test never asserts, so that a busy machine fails none.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# A shell starts what it runs in the background with interrupts ignored, and so would our programs.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


# The longest files, longest first: a worker that began one late would end long after the other.
_LONGEST = (
    "rules lint reused_builds reused_decisions golden builds odd_paths permissions publishing"
    " torture odd_facts rejects programs build_database history nothing_foreign codegraphx_views"
    " hostile_workspace old_zones codegraphx_commands secrets cases bench"
).split()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files.

    Skip, by name, what would make the test command too long, unless META_TEST_LONG is set.
    """
    places = {f"test_{name}": place for place, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))
    if not os.environ.get("META_TEST_LONG"):
        for item in filter(lambda item: item.get_closest_marker("long"), items):
            item.add_marker(pytest.mark.skip(reason="long; set META_TEST_LONG to run it"))


@pytest.fixture(autouse=True)
def own_locations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes what the person who runs it has collected."""
    monkeypatch.setenv("META_DB_PATH", str(tmp_path / "published" / "meta.duckdb"))
    monkeypatch.setenv("META_LANDING_DIR", str(tmp_path / "zone"))
    monkeypatch.setenv("META_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("META_HOST_LABEL", "test-host")
    monkeypatch.delenv("META_NOW", raising=False)


@pytest.fixture(autouse=True)
def own_process() -> Iterator[None]:
    """No test leaves its umask or its environment to the next one."""
    environment, umask = dict(os.environ), os.umask(0o022)
    os.umask(umask)
    yield
    os.umask(umask)
    os.environ.clear()
    os.environ.update(environment)
    programs._roots.clear()


@pytest.fixture
def zone(tmp_path: Path) -> LandingZone:
    return LandingZone(tmp_path / "zone")


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """An empty folder to plant a world in."""
    folder = tmp_path / "world"
    folder.mkdir()
    return folder


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """A folder with one source file, for a refresh."""
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "a.py").write_text("print(1)\n")
    return folder


@pytest.fixture
def crawl_once(zone: LandingZone, world: Path) -> CrawlOnce:
    """Crawl a root (default: the world) and return the run and the summary of the root."""

    def crawl_one(
        root: Path | bytes = world,
        *,
        profile: str = "default",
        where: LandingZone = zone,
        excludes: Any = None,
    ) -> tuple[Run, RootSummary]:
        run, [summary] = crawl(
            where, [os.fsencode(root)], excludes or load_excludes(profile), ["test"]
        )
        return run, summary

    return crawl_one


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that another user reaches, unlike tmp_path."""
    folder = Path(tempfile.mkdtemp(prefix="meta-test-"))
    folder.chmod(0o777)
    yield folder
    for path, directories, _ in os.walk(folder):
        for name in directories:
            if not os.path.islink(os.path.join(path, name)):
                os.chmod(os.path.join(path, name), 0o700)
    shutil.rmtree(folder)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The sample as the published file, an empty landing zone, and the command line."""
    from enrich_fixtures import Workspace, make_file

    made = Workspace(tmp_path, monkeypatch)
    make_file(made.published)
    return made


@pytest.fixture
def dbt(monkeypatch: pytest.MonkeyPatch) -> PlayedDbt:
    """Every build of this test is played."""
    from enrich_fixtures import PlayedDbt

    return PlayedDbt(monkeypatch)
