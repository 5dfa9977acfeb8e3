"""A wheel has everything that an installed copy needs, and nothing else.

`tests/drills/install_drill.py` installs one for real, refreshes a folder with it and upgrades it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml
from product import PROJECT

from loaders.publishing.build_database import code_fingerprint

PACKED = "loaders/project/"
METADATA = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def _tracked(*patterns: str) -> list[str]:
    command = ["git", "ls-files", "-co", "--exclude-standard", "--", *patterns]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    return [name for name in done.stdout.splitlines() if (PROJECT / name).is_file()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of this clone, unpacked."""
    base = tmp_path_factory.mktemp("wheel")
    # The build writes beside its sources.
    for name in _tracked(".", ":!tests/python", ":!tests/drills"):
        (base / "source" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / name, base / "source" / name)
    # Files of an earlier build must not get into this one.
    for name in ("enrich/old.py", f"{PACKED}models/old.sql"):
        (base / "source" / "build" / "lib" / name).parent.mkdir(parents=True)
        (base / "source" / "build" / "lib" / name).touch()
    offline = ("--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check")
    done = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", *offline, "-w", base, base / "source"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    [built] = base.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        archive.extractall(base / "unpacked")
    return base / "unpacked"


def _names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def _read_by_dbt() -> set[str]:
    """Return the files that dbt reads in the clone, by its settings."""
    settings = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    folders = {
        folder
        for kind in ("model", "seed", "macro", "test", "docs", "snapshot", "analysis")
        for folder in settings.get(f"{kind}-paths", [])
    }
    ignored = (PROJECT / ".dbtignore").read_text(encoding="utf-8").splitlines()
    patterns = [line for line in ignored if line and not line.startswith("#")]
    return {
        name
        for name in _tracked(*sorted(folders))
        if not any(fnmatch(name.rpartition("/")[2], pattern) for pattern in patterns)
    }


def _missing(names: Iterable[str]) -> set[str]:
    """Return the files that dbt needs and a wheel with these *names* does not have."""
    needed = _read_by_dbt() | {"dbt_project.yml", "profiles.yml", ".dbtignore"}
    return needed - {name.removeprefix(PACKED) for name in names if name.startswith(PACKED)}


def test_a_wheel_has_every_file_that_dbt_reads(wheel: Path) -> None:
    names = _names(wheel)
    assert _missing(names) == set()
    # The digest that a build has, of names and contents.
    assert code_fingerprint(wheel / PACKED) == code_fingerprint(PROJECT)


def test_a_missing_file_is_noticed(wheel: Path) -> None:
    lost = f"{PACKED}loaders/sources/crawl/staging/landed.yml"
    assert _missing(_names(wheel) - {lost}) == {lost.removeprefix(PACKED)}


def test_a_wheel_has_every_module_and_nothing_else(wheel: Path) -> None:
    rest = {
        name for name in _names(wheel) if not name.startswith(PACKED) and "dist-info" not in name
    }
    modules = _tracked("enrich/*.py", "loaders/*.py")
    assert rest == {*modules, "loaders/publishing/published_macros.sql"}
    packed = {name.removeprefix(PACKED) for name in _names(wheel) if name.startswith(PACKED)}
    assert packed <= {*_tracked(".")}


def test_a_wheel_has_both_programs(wheel: Path) -> None:
    [entries] = wheel.glob("*.dist-info/entry_points.txt")
    assert entries.read_text().split("\n")[1:3] == [
        "enrich = enrich.__main__:main",
        "land = loaders.__main__:main",
    ]


def _run_installed(wheel: Path, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a module of the wheel as an installed copy would, with its data in *home*."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("META_")}
    return subprocess.run(
        [sys.executable, *words],
        cwd=home,
        env=kept | {"PYTHONPATH": str(wheel), "HOME": str(home), "XDG_DATA_HOME": ""},
        capture_output=True,
        text=True,
    )


def test_an_installed_copy_finds_its_project_and_recommends_its_own_commands(
    wheel: Path, tmp_path: Path
) -> None:
    answer = _run_installed(wheel, tmp_path, "-m", "enrich", "refresh-meta")
    assert answer.returncode == 2
    assert answer.stderr.endswith("registered yet; run: enrich refresh-meta ~/code\n")
    probe = "from loaders.base import paths as p; print(p.PROJECT_ROOT, p.locations().published)"
    answer = _run_installed(wheel, tmp_path, "-c", probe)
    data = tmp_path / ".local/share/meta-collector/meta.duckdb"
    assert answer.stdout.split() == [str(wheel / "loaders/project"), str(data)]
    # It has no commit, even in a folder of another repository.
    (tmp_path / ".git").mkdir()
    probe = "from loaders.base.tools import code_ref; print(code_ref())"
    assert _run_installed(wheel, tmp_path, "-c", probe).stdout == "None\n"


def test_reading_needs_only_the_libraries_that_the_page_names(tmp_path: Path) -> None:
    """They are what `enrich.db` imports."""
    page = (PROJECT / "docs" / "install.md").read_text(encoding="utf-8")
    named = re.findall(r"'((?:click|duckdb|[a-z-]+)>=[^']+)'", page)
    assert set(named) <= set(METADATA["dependencies"])
    probe = (
        "import sys, contextlib, enrich.db, duckdb, pathlib\n"
        "published = pathlib.Path(sys.argv[1]); duckdb.connect(str(published)).close()\n"
        "enrich.db.connect(published).sql('select 1').fetchall()\n"
        "print(*sorted({name.partition('.')[0] for name, module in sys.modules.items()"
        " if 'site-packages' in (getattr(module, '__file__', None) or '')}))"
    )
    command = [sys.executable, "-c", probe, tmp_path / "meta.duckdb"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    imported = {name.strip("_") for name in done.stdout.split() if "editable" not in name}
    assert imported - {"distutils_hack"} == {re.split("[<>=]", name)[0] for name in named}


@pytest.mark.long
def test_an_installed_copy_works_and_loses_nothing_by_an_upgrade() -> None:
    drill = PROJECT / "tests" / "drills" / "install_drill.py"
    done = subprocess.run([sys.executable, drill], capture_output=True, text=True)
    if done.stdout.startswith("skipped: "):
        pytest.skip(done.stdout.strip())
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("nothing was lost\n")
