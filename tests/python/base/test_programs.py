"""Programs: only those outside of what is crawled are found, whatever PATH says."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from baits import BAITS, MODULES, PACKAGES
from git_fixtures import make_repository
from product import PROJECT, Product

from loaders.base import programs, tools
from loaders.base.paths import Locations
from loaders.safe_git.sandbox import GitSandbox
from loaders.zone.landing import LandingZone
from loaders.zone.registered import ROOT, Registered, keep_roots_out
from loaders.zone.registering import add_sources

Plant = Callable[..., Path]


@pytest.fixture(autouse=True)
def no_roots(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test begins with a process that has crawled nothing, and leaves PATH unchanged."""
    monkeypatch.setattr(programs, "_roots", {})
    monkeypatch.setenv("PATH", os.environ["PATH"])
    monkeypatch.setenv("PYTHONPATH", os.environ.get("PYTHONPATH", ""))


@pytest.fixture
def plant() -> Plant:
    """Plant a program in a folder; it leaves a mark beside itself where it runs."""

    def plant_one(folder: Path, name: str = "codegraphx") -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / name
        path.write_text(f'#!/bin/sh\n: > "{folder}/{name}-was-run"\n')
        path.chmod(0o755)
        return path

    return plant_one


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A crawled root, which is also the working folder."""
    folder = tmp_path / "code"
    folder.mkdir()
    monkeypatch.chdir(folder)
    programs.keep_out([os.fsencode(folder)])
    return folder


def _entries(root: Path) -> dict[str, str]:
    """Names of a folder `root/bin` in PATH that must not be searched."""
    outside = root.parent / "link to bin"
    outside.symlink_to(root / "bin")
    (root.parent / "link to root").symlink_to(root)
    return {
        "relative": "bin",
        "dot": "./bin",
        "absolute": f"{root}/bin",
        "trailing slashes": f"{root}/bin//",
        "dots": f"{root.parent}/elsewhere/../code/./bin",
        "link": str(outside),
        "link above": f"{root.parent}/link to root/bin",
        "twice": f"/{root}/bin",
        "tilde": "~/bin",
    }


ENTRIES = (
    "relative",
    "dot",
    "absolute",
    "trailing slashes",
    "dots",
    "link",
    "link above",
    "twice",
    "tilde",
)


@pytest.mark.parametrize("kind", ENTRIES)
def test_an_entry_in_a_crawled_root_is_not_searched(root, plant, monkeypatch, kind):
    (root.parent / "elsewhere").mkdir()
    plant(root / "bin")
    plant(root / "~" / "bin")
    plant(root / "bin", "git")
    entry = _entries(root)[kind]
    monkeypatch.setenv("PATH", f"{entry}:{os.environ['PATH']}")
    assert programs.find("codegraphx") is None
    assert programs.find("git") not in (None, f"{entry}/git")
    programs.keep_out()
    assert entry not in os.environ["PATH"].split(":") and "/usr/bin" in os.environ["PATH"].split(
        ":"
    )


@pytest.mark.parametrize("path", ["", ":", "::", ".", "bin", ".:bin:", "{root}", "{root}/bin:"])
def test_a_search_path_without_allowed_folders_becomes_that_of_the_system(
    root, plant, monkeypatch, path
):
    plant(root, "ls")
    plant(root / "bin", "ls")
    monkeypatch.setenv("PATH", path.format(root=root))
    assert programs.find("ls") is None
    programs.keep_out()
    assert subprocess.run("ls", capture_output=True).returncode == 0
    assert subprocess.run(["/bin/sh", "-c", "ls"], capture_output=True).returncode == 0
    assert not list(root.rglob("*-was-run"))


def test_an_unset_search_path_is_that_of_the_system(root, plant, monkeypatch):
    plant(root, "ls")
    monkeypatch.delenv("PATH")
    assert programs.find("ls") in ("/bin/ls", "/usr/bin/ls")


def test_a_folder_that_is_mounted_twice_is_recognised_by_its_identity(
    root, plant, tmp_path, monkeypatch
):
    plant(root / "bin")
    other = tmp_path / "mounted"
    other.mkdir()
    if subprocess.run(["mount", "--bind", root, other], capture_output=True).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        monkeypatch.setenv("PATH", f"{other}/bin:{os.environ['PATH']}")
        assert programs.find("codegraphx") is None
    finally:
        subprocess.run(["umount", other], check=True)


@pytest.mark.parametrize("kind", ["link", "chain of links", "link to a folder"])
def test_a_program_that_links_into_a_crawled_root_is_skipped(
    root, plant, tmp_path, monkeypatch, kind
):
    target = plant(root / "project")
    first, second = tmp_path / "first", tmp_path / "second"
    fine = plant(second)
    first.mkdir()
    if kind == "link":
        (first / "codegraphx").symlink_to(target)
    elif kind == "chain of links":
        (tmp_path / "middle").symlink_to(target)
        (first / "codegraphx").symlink_to(tmp_path / "middle")
    else:
        first.rmdir()
        first.symlink_to(root / "project")
    monkeypatch.setenv("PATH", f"{first}:{second}")
    assert programs.find("codegraphx") == str(fine)


def test_a_file_that_is_not_a_program_is_skipped(root, plant, tmp_path, monkeypatch):
    fine = plant(tmp_path / "fine")
    (tmp_path / "folder" / "codegraphx").mkdir(parents=True)
    plain = plant(tmp_path / "plain")
    plain.chmod(0o644)
    os.mkfifo(tmp_path / "fifo")
    entries = [
        plain.parent,
        tmp_path / "folder",
        tmp_path / "fifo",
        fine,
        tmp_path / "gone",
        fine.parent,
    ]
    long = [str(tmp_path / ("x" * 200) / str(number)) for number in range(300)]
    monkeypatch.setenv("PATH", ":".join([*long, *map(str, entries)]))
    assert programs.find("codegraphx") == str(fine)
    assert programs.find("code\0graphx") is None and programs.find("") is None


@pytest.mark.parametrize("place", ["code-tools", "cod", "code.d"])
def test_a_folder_beside_a_crawled_root_is_searched(root, plant, tmp_path, monkeypatch, place):
    """The control: containment goes by folders, not by letters."""
    fine = plant(tmp_path / place)
    monkeypatch.setenv("PATH", f"{fine.parent}:{os.environ['PATH']}")
    programs.keep_out()
    assert programs.find("codegraphx") == str(fine)
    assert os.environ["PATH"].split(":")[0] == str(fine.parent)


@pytest.mark.parametrize("crawled", ["/", "/usr", "/usr/bin"])
def test_a_crawl_of_the_system_does_not_take_its_programs_away(monkeypatch, crawled):
    programs.keep_out([os.fsencode(crawled)])
    assert programs.find("git") and programs.find("sh")
    assert GitSandbox().git


def test_a_crawl_of_everything_takes_the_other_folders_away(plant, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{plant(tmp_path / 'bin').parent}:/usr/bin")
    assert programs.find("codegraphx")
    programs.keep_out([b"/"])
    assert programs.find("codegraphx") is None and os.environ["PATH"] == "/usr/bin"


@pytest.mark.parametrize("variable", ["PYTHONPATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"])
@pytest.mark.parametrize("entry", ["", "lib", ".", "{root}/lib"])
def test_modules_and_libraries_are_not_taken_from_a_crawled_root(
    root, monkeypatch, variable, entry
):
    """The folder beside the root stays, and so does our clone, which may be in a crawled folder."""
    mine = root.parent / "mine"
    monkeypatch.setenv(variable, f"{entry.format(root=root)}:{mine}:{PROJECT}/tests")
    programs.keep_out([os.fsencode(PROJECT.parent)] if PROJECT not in root.parents else [])
    assert os.environ[variable].split(":") == [str(mine), f"{PROJECT}/tests"]


@pytest.mark.parametrize("variable", ["PYTHONPATH", "LD_LIBRARY_PATH"])
def test_a_module_path_without_allowed_folders_is_unset(root, monkeypatch, variable):
    monkeypatch.setenv(variable, ":lib:")
    programs.keep_out()
    assert variable not in os.environ


@pytest.mark.parametrize("variable", ["TMPDIR", "TEMP", "TMP"])
@pytest.mark.parametrize("given", [".", "tmp", "{root}", "{root}/tmp", "{root}/../code/tmp"])
def test_temporary_files_are_not_made_in_a_crawled_root(root, monkeypatch, variable, given):
    (root / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", None)
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, given.format(root=root))
    assert Path(os.path.abspath(tempfile.gettempdir())).is_relative_to(root), "the control"
    programs.keep_out()
    assert not Path(os.path.abspath(tempfile.gettempdir())).is_relative_to(root)


def test_another_folder_for_temporary_files_is_kept(root, monkeypatch, tmp_path):
    """The control."""
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    programs.keep_out()
    assert tempfile.gettempdir() == str(tmp_path)


@pytest.mark.parametrize("is_registered", [False, True])
def test_no_loader_makes_temporary_files_in_a_crawled_root(root, tmp_path, is_registered):
    """Any file that is made in a folder changes the time of that folder."""
    make_repository(root / "code")
    (root / "code" / "a.py").write_text("import csv\n")
    (root / "code" / "requirements.txt").write_text("click\n")
    temporary = root / "tmp"
    temporary.mkdir()
    product = Product(tmp_path / "home", environment={"TMPDIR": str(temporary)})
    product.home.mkdir()
    if is_registered:
        replace(product, environment={}).crawl(root)
    commands = [
        ("crawl", "--dry-run", root), ("crawl", root), ("git",), ("signals",), ("manifests",),
        ("codegraphx", "--dry-run", root), ("compact",), ("runs",),
    ]  # fmt: skip
    os.utime(temporary, (1, 1))
    for command in commands:
        product.land(*command, check=command[0] != "codegraphx")
        assert temporary.stat().st_mtime == 1, command


# -- settings of dbt -------------------------------------------------------------------------------

_SETTINGS = "import os, dbt.cli.main; print(sorted(n for n in os.environ if n.startswith('DBT_')))"


def _settings_of_dbt(cwd: Path, environment: Mapping[str, str]) -> str:
    command = [sys.executable, "-Pc", _SETTINGS]
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_settings_of_another_project_do_not_reach_dbt(tmp_path, monkeypatch):
    """Neither from a variable, nor from the file that dbt reads in a surrounding folder."""
    below = tmp_path / "code" / "clone"
    below.mkdir(parents=True)
    (tmp_path / "code" / ".env").write_text("DBT_EXCLUDE=*\n")
    monkeypatch.setenv("DBT_ENGINE_TARGET", "foreign")
    # `make test` sets it for the plain dbt of the tests.
    monkeypatch.delenv("PYTHON_DOTENV_DISABLED", raising=False)
    assert _settings_of_dbt(below, os.environ) == "['DBT_ENGINE_TARGET', 'DBT_EXCLUDE']", (
        "the control"
    )
    where = Locations(tmp_path / "meta.duckdb", tmp_path / "landing")
    environment = programs.environment(where)
    assert _settings_of_dbt(below, environment) == "[]"
    assert environment.items() >= where.environment().items() and environment["PATH"]


def test_dbt_in_the_clone_reads_no_settings_from_folders_around_it():
    """The nearest file counts; ours sets nothing."""
    from dotenv import dotenv_values

    assert dotenv_values(PROJECT / ".env") == {}
    assert (PROJECT / ".env").is_file()


# -- in a run --------------------------------------------------------------------------------------


def test_a_tool_in_a_registered_root_is_not_landed(
    zone: LandingZone, root, plant, tmp_path, monkeypatch
):
    other = tmp_path / "registered"
    add_sources(zone, [Registered(ROOT, str(other), "default")], [])
    monkeypatch.setenv(
        "PATH", f"{plant(other / 'bin').parent}:{plant(other / 'bin', 'diff').parent}:/usr/bin"
    )
    with zone.run("test") as run:
        assert {tool["name"]: tool["path"] for tool in run.tools if tool["name"] != "enrich"} == {
            "git": "/usr/bin/git",
            "diff": "/usr/bin/diff",
        }
    with zone.rehearsal("test") as run:
        assert "codegraphx" not in {tool["name"] for tool in run.tools}


def test_a_tool_elsewhere_is_landed(zone: LandingZone, root, plant, tmp_path, monkeypatch):
    """The control."""
    tool = plant(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{tool.parent}:/usr/bin")
    with zone.run("test") as run:
        assert {"name": "codegraphx", "path": str(tool), "version": None} in run.tools


def test_without_git_a_run_has_no_product_commit(monkeypatch):
    monkeypatch.setattr(programs, "find", lambda name, **how: None)
    tools.code_ref.cache_clear()
    try:
        assert tools.code_ref() is None
    finally:
        tools.code_ref.cache_clear()


def test_if_the_registered_roots_cannot_be_read_only_the_systems_programs_are_found(
    zone: LandingZone, plant, tmp_path, monkeypatch
):
    add_sources(zone, [Registered(ROOT, str(tmp_path / "code"), "default")], [])
    [part] = [file.path for entry in zone.entries() for file in entry.files]
    part.write_bytes(b"no Parquet")
    monkeypatch.setenv("PATH", f"{plant(tmp_path / 'bin').parent}:/usr/bin")
    keep_roots_out(zone)
    assert programs.find("codegraphx") is None and programs.find("git") == "/usr/bin/git"


def test_the_quarantined_git_is_searched_only_outside_the_crawled_roots(root, plant, monkeypatch):
    monkeypatch.setattr(
        programs, "_USUAL", (str(plant(root / "bin", "git").parent), "/usr/bin", "/bin")
    )
    assert GitSandbox().git == "/usr/bin/git"
    assert programs.usual_path() == "/usr/bin:/bin"


@pytest.fixture
def baited(tmp_path: Path, plant: Plant) -> Path:
    """A folder of which everything leaves a mark where it is used."""
    folder = tmp_path / "baited"
    for name in BAITS:
        plant(folder, name)
        plant(folder / "bin", name)
    for name in MODULES:
        (folder / f"{name}.py").write_text(f"open({str(folder / name)!r} + '-was-run', 'w')\n")
    for package in PACKAGES:
        (folder / package).mkdir()
        (folder / package / "__init__.py").write_text(
            f"open({str(folder / package)!r} + '-was-run', 'w')\n"
        )
    (folder / "dbt_project.yml").write_text("name: foreign\nprofile: foreign\n")
    (folder / "profiles.yml").write_text(
        "meta_collector: {target: x, outputs: {x: {type: duckdb, path: was-run}}}\n"
    )
    (folder / ".env").write_text(
        "DBT_EXCLUDE=*\nMETA_DB_PATH=was-run.duckdb\nLD_PRELOAD=./was-run.so\n"
    )
    (folder / "Makefile").write_text("all:\n\ttouch make-was-run\n")
    return folder


def _marks(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*was-run*"))


COMMANDS = (
    ["enrich", "refresh-meta", "."],
    ["land.py", "crawl", "."],
    ["land.py", "git"],
    ["land.py", "signals"],
    ["land.py", "code"],
    ["land.py", "manifests"],
    ["land.py", "codegraphx", "."],
    ["land.py", "compact"],
    ["enrich", "status"],
    [
        "enrich",
        "rules",
        "try",
        "HIGH_SIZE_LOW_TEST_COVERAGE",
        "--set",
        "min_source_lines=1",
        "--weeks",
        "0",
    ],
    ["enrich", "waive", "NO_TESTS:*", "--reason", "planned", "--until", "never", "--owner", "me"],
    ["enrich", "chunk-scan", "--target-root", ".", "--execute"],
    ["enrich", "campaign", "--execute"],
    ["enrich", "adoption", "."],
)


def test_nothing_in_the_working_folder_of_a_command_runs(baited: Path, tmp_path: Path):
    """Also as a program of PATH, which names the folder in every way; and not as a module."""
    product = Product(tmp_path / "home")
    product.remember_a_parse(product.published.with_name("meta.duckdb.d") / "plan" / "target")
    environment = product._environment() | {
        "PATH": f".::{baited}:bin:{baited}/bin:./bin:{os.environ['PATH']}:",
        "DBT_PROJECT_DIR": str(baited),
        "DBT_PROFILES_DIR": str(baited),
    }
    for command, *words in COMMANDS:
        ours = [sys.executable, f"{PROJECT}/loaders/{command}"]
        program = [programs.own("enrich")] if command == "enrich" else ours
        done = subprocess.run(
            [*program, *words], cwd=baited, env=environment, capture_output=True, text=True
        )
        assert (command, words, _marks(baited)) == (command, words, []), done.stdout + done.stderr
        if words[0] in ("refresh-meta", "crawl", "git", "signals", "manifests", "rules", "status"):
            assert done.returncode == 0, done.stdout + done.stderr
    zone = LandingZone(product.landing)
    landed = {tool["path"] for entry in zone.entries() for tool in entry.manifest["tools"]}
    assert landed and not [
        path for path in landed if not os.path.isabs(path) or path.startswith(str(baited))
    ]


def test_the_baits_work_without_protection(baited: Path):
    """The control: a program that searches the folder finds them."""
    subprocess.run(["git"], cwd=baited, env={"PATH": "."})
    subprocess.run([sys.executable, "-c", "import loaders"], cwd=baited)
    assert {"git-was-run", "loaders-was-run"} <= set(_marks(baited))
