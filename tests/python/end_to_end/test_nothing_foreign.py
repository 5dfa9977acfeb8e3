"""A refresh of a hostile workspace by a hostile shell.

Every program that ran and every file that was written is examined.

The shell works in the crawled folder. Its PATH, its other variables and those that it gives to
make lead to baits. A few hostile repositories keep this short; META_TEST_HOSTILE=full plants all of
them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from baits import BAITS, MODULES, PACKAGES
from exec_trace import Trace, reason_not_to_trace, traced
from git_fixtures import make_repository, plant_traps
from hostile_set import plant_set
from product import PROJECT, Product
from worlds import hostile_tree, on_disk, plant

from loaders.zone.landing import LandingZone

_untraced = reason_not_to_trace() or (None if shutil.which("make") else "make is not installed")
pytestmark = pytest.mark.skipif(_untraced is not None, reason=_untraced or "")

# Programs that a refresh may start, by their names; each is one of the system's or of our
# environment.
OURS = {"make", "sh", "enrich", "python", "git", "unshare", "uname"}
# Where Python keeps what it compiled; devices that keep nothing; semaphores of multiprocessing,
# which dbt imports, gone when it ends.
COMPILED = "__pycache__"
DEVICES = ("/dev/null", "/dev/tty")
SEMAPHORE = "/dev/shm/sem."


@dataclass(frozen=True)
class Refreshed:
    """A workspace, what a refresh of it did, and where that may write."""

    base: Path
    root: Path
    marks: Path
    product: Product
    trace: Trace

    @property
    def own_folders(self) -> tuple[Path, ...]:
        """Landing zone, work folder with the published file, folder of temporary files."""
        return self.product.landing, self.product.home, self.base / "tmp"


@pytest.fixture(scope="module")
def refreshed(tmp_path_factory: pytest.TempPathFactory) -> Refreshed:
    base = tmp_path_factory.mktemp("foreign")
    root = base / "co de $(touch was-run) `touch was-run`; touch was-run #"
    marks = base / "marks"
    _plant_world(root, base)
    _plant_baits(root, marks)
    (base / "link").symlink_to(root)
    for name in ("tmp", "person", "clone"):
        (base / name).mkdir()
    product = Product(base / "data")
    trace = traced(
        _make(_clone(base / "clone"), root),
        _hostile_environment(product, base, root, marks),
        cwd=root,
        with_writes=True,
    )
    return Refreshed(base, root, marks, product, trace)


def _plant_world(root: Path, base: Path) -> None:
    if os.environ.get("META_TEST_HOSTILE") == "full":
        plant_set(root / "set", base / "aside")
    plant(root / "hostile", hostile_tree())
    make_repository(root / "sound")
    plant_traps(make_repository(root / "trapped"), base / "marks")


def _plant_baits(root: Path, marks: Path) -> None:
    """Plant programs and modules that leave a mark, in the root, in `bin` and in a repository."""
    for folder in (root, root / "bin", root / "sound" / "bin"):
        folder.mkdir(exist_ok=True)
        for name in {*BAITS, "enrich", "dbt", "python3.11"}:
            (folder / name).write_text(f"#!/bin/sh\n: > '{marks}/program-{name}'\n")
            (folder / name).chmod(0o755)
        for name in (*MODULES, *PACKAGES):
            text = f"open({str(marks / name)!r}, 'w')\n"
            (folder / f"{name}.py").write_text(text)
    (root / ".venv").mkdir()
    (root / ".venv" / "bin").symlink_to(root / "bin")
    (root / ".env").write_text("DBT_EXCLUDE=*\nDBT_TARGET=foreign\nPYTHONPATH=.\n")
    for name in ("Makefile", "GNUmakefile"):
        (root / name).write_text(f"refresh:\n\t: > '{marks}/{name}'\n")
    (root / "dbt_project.yml").write_text("name: foreign\nprofile: foreign\n")
    (root / "profiles.yml").write_text("foreign: {target: x, outputs: {x: {type: duckdb}}}\n")


def _clone(folder: Path) -> Path:
    """A clone as make sees it, whose environment is the one that this runs in."""
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(PROJECT / name, folder)
    shutil.copytree(PROJECT / "requirements", folder / "requirements")
    (folder / ".venv").symlink_to(sys.prefix)
    return folder


def _make(clone: Path, root: Path) -> list[str]:
    make = shutil.which("make") or "make"
    variables = {
        **dict.fromkeys(("BIN", "VENV", "READY"), str(root / "bin")),
        **dict.fromkeys(("SHELL", "MAKESHELL"), str(root / "sh")),
        **dict.fromkeys(("PYTHON", "FILES", "ANYTHING", "DBT_VARS"), "$(shell touch was-run)"),
        "ROOT": str(root),
    }
    given = [f"{name}={value}" for name, value in variables.items()]
    # The packages of the environment are installed already; the test need not install them again.
    return [make, "-C", str(clone), "-e", "-o", ".venv/.ready", "refresh", *given]


def _hostile_environment(product: Product, base: Path, root: Path, marks: Path) -> dict[str, str]:
    inherited = {
        name: value
        for name, value in product._environment().items()
        if not name.startswith(("MAKE", "MFLAGS", "DBT_", "XDG_"))
    }
    bait, foreign = str(root / "sh"), str(root)
    entries = ("", ".", "bin", "./bin", foreign, f"{foreign}/bin", f"{foreign}//sound/../bin/")
    links = (f"{base}/link", f"{base}/link/bin")
    programs = ("SHELL", "PAGER", "EDITOR", "ENV", "BASH_ENV", "VISUAL", "BROWSER", "MAKESHELL")
    for_git = ("EXTERNAL_DIFF", "SSH", "SSH_COMMAND", "ASKPASS", "PAGER", "EDITOR", "PROXY_COMMAND")
    return {
        **inherited,
        "HOME": str(base / "person"),
        "PATH": ":".join([*entries, *links, os.environ["PATH"], ""]),
        **dict.fromkeys(programs, bait),
        **{f"GIT_{name}": bait for name in for_git},
        **dict.fromkeys(("GIT_EXEC_PATH", "GIT_TEMPLATE_DIR", "GIT_WORK_TREE"), foreign),
        **dict.fromkeys(("GIT_TRACE", "GIT_TRACE2", "GIT_TRACE_PACKET"), f"{marks}/traced"),
        "GIT_DIR": f"{foreign}/trapped/.git",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.fsmonitor",
        "GIT_CONFIG_VALUE_0": bait,
        **dict.fromkeys(("PYTHONPATH", "PYTHONPYCACHEPREFIX"), ":.:bin"),
        **dict.fromkeys(("PYTHONHOME", "PYTHONUSERBASE"), foreign),
        "LD_LIBRARY_PATH": f":.:{foreign}/bin",
        "TMPDIR": str(base / "tmp"),
        "PYTHONSTARTUP": f"{foreign}/json.py",
        **dict.fromkeys(("DBT_PROJECT_DIR", "DBT_PROFILES_DIR", "DBT_STATE"), foreign),
        **dict.fromkeys(("DBT_TARGET_PATH", "DBT_LOG_PATH", "DBT_PACKAGES_INSTALL_PATH"), foreign),
        **dict.fromkeys(("DBT_PROFILE", "DBT_TARGET", "DBT_ENGINE_TARGET"), "foreign"),
        **dict.fromkeys(("DBT_EXCLUDE", "DBT_SELECT", "DBT_EXCLUDE_RESOURCE_TYPES"), "model"),
        **dict.fromkeys(("DBT_EMPTY", "DBT_DEFER", "DBT_FAIL_FAST", "DBT_WARN_ERROR"), "true"),
        "DBT_SAMPLE": "1 day",
        "META_REFRESH_ROOT": "/etc",
        "ROOT": "$(shell touch was-run)",
        "CDPATH": foreign,
    }


def _started(trace: Trace) -> Iterator[str]:
    """The programs that were started, by the paths that the kernel was given."""
    for program, *_ in trace.started:
        yield program


def _foreign_programs(trace: Trace, root: Path) -> list[str]:
    """The started programs that are in *root* by any name, or were named by a relative path."""
    # Make is in its own folder.
    ours = {".venv/bin/enrich"}
    return sorted(
        program
        for program in set(_started(trace)) - ours
        if not os.path.isabs(program)
        or Path(os.path.realpath(program)).is_relative_to(os.path.realpath(root))
    )


def _place(path: str) -> Path:
    """Where *path* is; a link as its last part is itself what was made or removed."""
    folder, name = os.path.split(path)
    return Path(os.path.realpath(folder), name)


def _foreign_writes(trace: Trace, own: tuple[Path, ...]) -> list[str]:
    """The written paths that are in none of our *own* folders, whatever links are on the way."""
    folders = [os.path.realpath(folder) for folder in own]
    return sorted(
        path
        for path in trace.written
        if path not in DEVICES
        and not path.startswith(SEMAPHORE)
        and COMPILED not in Path(path).parts
        and not any(_place(path).is_relative_to(folder) for folder in folders)
    )


def test_the_traced_refresh_published(refreshed):
    """Without it the rest would show nothing: it crawled, asked git, built and published."""
    assert refreshed.trace.returncode == 0, refreshed.trace.printed.decode(errors="replace")
    assert b"published: version 1" in refreshed.trace.printed
    projects = refreshed.product.query("select project_name from projects where vcs = 'git'")
    assert {("sound",), ("trapped",)} <= set(projects)
    [crawl] = [e for e in LandingZone(refreshed.product.landing).entries() if e.action == "crawl"]
    assert crawl.manifest["scope"] == [str(refreshed.root)]
    assert refreshed.product.query("select count(*) from git_commits")[0][0] > 0


def test_no_foreign_program_is_started(refreshed):
    assert _foreign_programs(refreshed.trace, refreshed.root) == []
    names = {os.path.basename(program) for program in _started(refreshed.trace)}
    assert {name.rstrip("0123456789.") for name in names} <= OURS


def test_nothing_is_written_outside_the_folders_of_the_product(refreshed):
    foreign = _foreign_writes(refreshed.trace, refreshed.own_folders)
    assert foreign == [], foreign
    assert any(path.startswith(str(refreshed.product.landing)) for path in refreshed.trace.written)


def test_no_network_contact_is_made(refreshed):
    assert refreshed.trace.contacted == []


def test_no_bait_was_executed(refreshed):
    assert list(refreshed.marks.iterdir()) == []
    names = map(os.path.basename, on_disk(refreshed.base))
    assert [name for name in names if name.startswith(b"was-run")] == []
    assert list((refreshed.base / "person").rglob("*")) == []


def test_only_programs_from_elsewhere_are_landed_as_tools(refreshed):
    entries = LandingZone(refreshed.product.landing).entries()
    paths = {tool["path"] for entry in entries for tool in entry.manifest["tools"]}
    assert paths and all(os.path.isabs(path) for path in paths)
    assert [
        path for path in paths if Path(os.path.realpath(path)).is_relative_to(refreshed.root)
    ] == []


# -- the controls ----------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["relative", "absolute", "by a link", "a link to it"])
def test_the_trace_sees_a_foreign_program(tmp_path: Path, how: str):
    root = tmp_path / "code"
    root.mkdir()
    (root / "bait").write_text("#!/bin/sh\n:\n")
    (root / "bait").chmod(0o755)
    (tmp_path / "link").symlink_to(root)
    (tmp_path / "bait").symlink_to(root / "bait")
    names = {"relative": "./bait", "absolute": f"{root}/bait", "by a link": f"{tmp_path}/link/bait"}
    program = names.get(how, str(tmp_path / "bait"))
    trace = traced(["/bin/sh", "-c", f"'{program}'; :"], cwd=root, with_writes=True)
    assert _foreign_programs(trace, root) == [program]


WRITES = {
    "open": "open('{there}/new', 'w')",
    "append": "open('{there}/old', 'a')",
    "read and write": "os.open('{there}/old', os.O_RDWR)",
    "relative": "os.chdir('{there}'); open('new', 'w')",
    "by a descriptor": "os.open('new', os.O_CREAT, dir_fd=os.open('{there}', os.O_RDONLY))",
    "by a link": "open('{base}/own/link/new', 'w')",
    "no name": "os.open('{there}', os.O_TMPFILE | os.O_RDWR)",
    "mkdir": "os.mkdir('{there}/new')",
    "rename": "os.rename('{base}/own/file', '{there}/new')",
    "rename away": "os.rename('{there}/old', '{base}/own/new')",
    "rename in a folder": "os.chdir('{there}'); os.rename('old', 'new')",
    "unlink": "os.unlink('{there}/old')",
    "rmdir": "os.rmdir('{there}/folder')",
    "hard link": "os.link('{base}/own/file', '{there}/new')",
    "symbolic link": "os.symlink('{base}/own/file', '{there}/new')",
    "chmod": "os.chmod('{there}/old', 0o600)",
    "chmod of what is open": "os.fchmod(os.open('{there}/old', os.O_RDONLY), 0o600)",
    "times": "os.utime('{there}/old')",
    "truncate": "os.truncate('{there}/old', 0)",
    "attribute": "try_(lambda: os.setxattr('{there}/old', 'user.x', b'y'))",
    "fifo": "os.mkfifo('{there}/new')",
    "a try that fails": "try_(lambda: open('{there}/gone/new', 'w'))",
    "odd name": "open('{there}/n>e\\nw \\\\', 'w')",
    "in a child": "subprocess.run(['/bin/sh', '-c', ': > new'], cwd='{there}')",
}


@pytest.mark.parametrize("how", WRITES)
def test_the_trace_sees_a_foreign_write(tmp_path: Path, how: str):
    own, there = tmp_path / "own", tmp_path / "there"
    (there / "folder").mkdir(parents=True)
    own.mkdir()
    for path in (there / "old", own / "file"):
        path.touch()
    (own / "link").symlink_to(there)
    helper = "import os, subprocess\ndef try_(do):\n  try: do()\n  except OSError: pass\n"
    code = helper + WRITES[how].format(there=there, base=tmp_path)
    trace = traced([sys.executable, "-IB", "-c", code], with_writes=True)
    assert trace.returncode == 0, trace.printed
    found = _foreign_writes(trace, (own,))
    assert found and all(path.startswith(str(there)) for path in found)


def test_the_trace_finds_nothing_in_a_harmless_command(tmp_path: Path):
    """A read is not a write, and the folders of the product are not foreign."""
    (tmp_path / "file").touch()
    code = (
        f"open('{tmp_path}/file').read(); open('{tmp_path}/own', 'w'); open('/etc/passwd').read()"
    )
    trace = traced([sys.executable, "-IB", "-c", code], with_writes=True)
    assert trace.written == {f"{tmp_path}/own"} and _foreign_writes(trace, (tmp_path,)) == []


def test_the_baits_work_without_protection(refreshed):
    """The control: such a shell runs them, and a plain search of PATH finds them first."""
    path = {"PATH": f".:{os.environ['PATH']}"}
    try:
        subprocess.run(["git", "--version"], cwd=refreshed.root, env=path, check=True)
        subprocess.run([sys.executable, "-c", "import loaders"], cwd=refreshed.root, check=True)
        assert {path.name for path in refreshed.marks.iterdir()} >= {"program-git", "loaders"}
    finally:
        for mark in refreshed.marks.iterdir():
            mark.unlink()
