"""The workspace of the forty nights, and everything that is done to it or to a refresh.

`nights` has what is done on which night.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import on_path

# isort: split

from git_fixtures import git
from product import BIN, Product
from real_work import commit, lines, write

FIRST = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
_LARGE = 60_000_000
_LARGEST_FILE = 200_000


@dataclass
class World:
    """The workspace below *root*, the remotes of its repositories, and the installation."""

    home: Path
    product: Product
    day: datetime = FIRST

    @property
    def root(self) -> Path:
        return self.home / "code"

    @property
    def config(self) -> Path:
        return self.home / "config"

    def at(self, name: str) -> Path:
        return self.root / name

    def commit(self, name: str, message: str) -> None:
        commit(self.at(name), message, (self.day - timedelta(days=1)).strftime("%Y-%m-%d"))

    def push(self, name: str, *what: str) -> None:
        git(self.at(name), "push", "--quiet", "--force", "origin", *(what or ("main",)))

    def create(self, name: str, files: dict[str, str]) -> None:
        """Make a repository with a remote, and push its first commit."""
        remote = self.home / "remotes" / f"{name}.git"
        remote.mkdir(parents=True)
        git(remote, "init", "--quiet", "--bare")
        self.at(name).mkdir(parents=True)
        git(self.at(name), "init", "--quiet")
        git(self.at(name), "remote", "add", "origin", str(remote))
        for path, text in files.items():
            write(self.at(name) / path, text)
        self.commit(name, "Begin")
        self.push(name)


def tool(name: str, needs: str = "", version: str = "1.0.0") -> dict[str, str]:
    """The files of a Python project that has everything that a project should have."""
    dependencies = f'dependencies = ["{needs}"]\n' if needs else ""
    described = f'[project]\nname = "{name}"\nversion = "{version}"\n{dependencies}'
    return {
        "pyproject.toml": described,
        "README.md": f"# {name}\n\nA small tool.\n",
        "LICENSE": "MIT License\n\nCopyright Mira Example\n",
        f"src/{name}/__init__.py": lines(700, name),
        f"tests/test_{name}.py": "def test_it():\n    assert 1\n" * 120,
        ".github/workflows/ci.yml": "on: push\njobs: {}\n",
    }


def begin(world: World) -> None:
    """Make the workspace of the first night."""
    world.create("api", tool("api", "lib>=1"))
    world.create("web", tool("web"))
    world.create("lib", tool("lib"))
    write(world.at("papers") / "pyproject.toml", '[project]\nname = "papers"\n')
    write(world.at("papers") / "LICENSE", "MIT License\n")
    write(world.at("papers") / "README.md", "# papers\n")


def files(name: str, change: Callable[[Path], None], message: str) -> Callable[[World], None]:
    """Change files of a project, commit and push."""

    def done(world: World) -> None:
        change(world.at(name))
        world.commit(name, message)
        world.push(name)

    return done


def branch(world: World) -> None:
    git(world.at("web"), "checkout", "--quiet", "-b", "feature")
    write(world.at("web") / "src/web/feature.py", "feature = 1\n")
    world.commit("web", "Begin a feature")
    world.push("web", "feature")
    git(world.at("web"), "checkout", "--quiet", "main")


def branch_gone(world: World) -> None:
    git(world.at("web"), "branch", "--quiet", "-D", "feature")
    git(world.at("web"), "push", "--quiet", "origin", "--delete", "feature")


def release(world: World) -> None:
    git(world.at("lib"), "tag", "v1.0.0")
    world.push("lib", "v1.0.0")


def rewrite(world: World) -> None:
    """Three commits are pushed, two of which are replaced the next night; see `force`."""
    for number in range(3):
        write(world.at("web") / f"src/web/step_{number}.py", lines(5, f"step_{number}"))
        world.commit("web", f"Step {number}")
    world.push("web")


def force(world: World) -> None:
    git(world.at("web"), "reset", "--quiet", "--hard", "HEAD~2")
    write(world.at("web") / "src/web/other.py", lines(6, "other"))
    world.commit("web", "Another step")
    world.push("web")


def draft(world: World) -> None:
    """Work that was not committed for weeks."""
    file = world.at("api") / "src/api/draft.py"
    write(file, lines(300, "draft"))
    before = (world.day - timedelta(days=60)).timestamp()
    os.utime(file, (before, before))


def lonely(world: World) -> None:
    """A repository without a remote."""
    world.create("lonely", tool("lonely"))
    git(world.at("lonely"), "remote", "remove", "origin")


def requires(version: str) -> Callable[[Path], None]:
    def change(project: Path) -> None:
        write(project / "pyproject.toml", tool("api", f"lib{version}")["pyproject.toml"])

    return change


def restored(name: str, *paths: str) -> Callable[[Path], None]:
    def change(project: Path) -> None:
        for path in paths:
            write(project / path, tool(name)[path])

    return change


def without(*paths: str) -> Callable[[Path], None]:
    def change(project: Path) -> None:
        for path in paths:
            (project / path).unlink()

    return change


def move(before: str, after: str) -> Callable[[World], None]:
    def done(world: World) -> None:
        world.at(after).parent.mkdir(parents=True, exist_ok=True)
        world.at(before).rename(world.at(after))

    return done


def bad_row(file: str, row: str) -> Callable[[World], None]:
    """Write a configuration file of one row, which is wrong; the night before had none."""

    def done(world: World) -> None:
        shutil.rmtree(world.config, ignore_errors=True)
        header = (on_path.PROJECT / "seeds" / file).read_text(encoding="utf-8").splitlines()[0]
        write(world.config / file, f"{header}\n{row}\n")

    return done


def two_at_once(world: World) -> None:
    """Two refreshes begin together; one of them publishes, and the other one says why not."""
    both = [world.product.start(BIN / "enrich", "refresh-meta", world.root) for _ in range(2)]
    ended = [process.communicate() and process.returncode for process in both]
    assert 0 in ended, ended


def killed(world: World) -> None:
    """The refresh is killed as the build begins, with its children left behind."""
    process = world.product.start(BIN / "enrich", "refresh-meta", world.root)
    note = world.product.published.with_name("meta.duckdb.d")
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        if any(note.glob("*start*")) or any(note.glob("*.note")):
            break
        time.sleep(0.2)
    process.send_signal(signal.SIGKILL)
    process.communicate()


def full_disk(world: World) -> None:
    """No file may grow as large as the published one is."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE, limits[1]))
    try:
        world.product.enrich("refresh-meta", str(world.root), check=False)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def copy(world: World) -> None:
    git(world.home, "clone", "--quiet", str(world.at("lib")), str(world.at("lib-copy")))


def large(project: Path) -> None:
    with (project / "model.bin").open("wb") as file:
        for _ in range(_LARGE // 1_000_000):
            file.write(os.urandom(1_000_000))


def unmount(world: World) -> None:
    world.root.rename(world.home / "away")
    world.root.mkdir()


def mount(world: World) -> None:
    world.root.rmdir()
    (world.home / "away").rename(world.root)
