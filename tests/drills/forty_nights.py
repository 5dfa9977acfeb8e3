"""Refreshes a scripted workspace on forty nights, and compares what `enrich changes` says each
time with what was done.

    python tests/drills/forty_nights.py [--nights N] [--home FOLDER]

Each night has its own META_NOW. NIGHTS has what happens, written down before the first run: what is
done to the workspace or to the refresh, the changes that must be reported, and whether the night
publishes. Changes of grades are compared with the grades of the version before. The exit code
is 1 if a night differs.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import on_path

# isort: split

from git_fixtures import git
from product import BIN, Product
from real_work import commit, lines, write

from loaders.base.paths import Locations
from loaders.publishing.published_versions import kept_versions

_FIRST = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
_LARGE = 60_000_000
_LARGEST_FILE = 200_000
_WRONG_CLOCK = timedelta(days=300)


@dataclass
class World:
    """The workspace below *root*, the remotes of its repositories, and the installation."""

    home: Path
    product: Product
    day: datetime = _FIRST

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


def _tool(name: str, needs: str = "", version: str = "1.0.0") -> dict[str, str]:
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
    world.create("api", _tool("api", "lib>=1"))
    world.create("web", _tool("web"))
    world.create("lib", _tool("lib"))
    write(world.at("papers") / "pyproject.toml", '[project]\nname = "papers"\n')
    write(world.at("papers") / "LICENSE", "MIT License\n")
    write(world.at("papers") / "README.md", "# papers\n")


@dataclass(frozen=True)
class Night:
    """*done* changes the world; the *changes* are to be reported, as `kind project subject`."""

    text: str
    done: Callable[[World], None] = lambda world: None
    changes: tuple[str, ...] = ()
    publishes: bool = True
    how: Callable[[World], None] | None = None
    says: tuple[str, ...] = field(default=())


def _files(name: str, change: Callable[[Path], None], message: str) -> Callable[[World], None]:
    """Change files of a project, commit and push."""

    def done(world: World) -> None:
        change(world.at(name))
        world.commit(name, message)
        world.push(name)

    return done


def _branch(world: World) -> None:
    git(world.at("web"), "checkout", "--quiet", "-b", "feature")
    write(world.at("web") / "src/web/feature.py", "feature = 1\n")
    world.commit("web", "Begin a feature")
    world.push("web", "feature")
    git(world.at("web"), "checkout", "--quiet", "main")


def _branch_gone(world: World) -> None:
    git(world.at("web"), "branch", "--quiet", "-D", "feature")
    git(world.at("web"), "push", "--quiet", "origin", "--delete", "feature")


def _release(world: World) -> None:
    git(world.at("lib"), "tag", "v1.0.0")
    world.push("lib", "v1.0.0")


def _rewrite(world: World) -> None:
    """Three commits are pushed, two of which are replaced the next night; see `_force`."""
    for number in range(3):
        write(world.at("web") / f"src/web/step_{number}.py", lines(5, f"step_{number}"))
        world.commit("web", f"Step {number}")
    world.push("web")


def _force(world: World) -> None:
    git(world.at("web"), "reset", "--quiet", "--hard", "HEAD~2")
    write(world.at("web") / "src/web/other.py", lines(6, "other"))
    world.commit("web", "Another step")
    world.push("web")


def _draft(world: World) -> None:
    """Work that was not committed for weeks."""
    file = world.at("api") / "src/api/draft.py"
    write(file, lines(300, "draft"))
    before = (world.day - timedelta(days=60)).timestamp()
    os.utime(file, (before, before))


def _lonely(world: World) -> None:
    """A repository without a remote."""
    world.create("lonely", _tool("lonely"))
    git(world.at("lonely"), "remote", "remove", "origin")


def _requires(version: str) -> Callable[[Path], None]:
    def change(project: Path) -> None:
        write(project / "pyproject.toml", _tool("api", f"lib{version}")["pyproject.toml"])

    return change


def _restored(name: str, *paths: str) -> Callable[[Path], None]:
    def change(project: Path) -> None:
        for path in paths:
            write(project / path, _tool(name)[path])

    return change


def _without(*paths: str) -> Callable[[Path], None]:
    def change(project: Path) -> None:
        for path in paths:
            (project / path).unlink()

    return change


def _move(before: str, after: str) -> Callable[[World], None]:
    def done(world: World) -> None:
        world.at(after).parent.mkdir(parents=True, exist_ok=True)
        world.at(before).rename(world.at(after))

    return done


def _bad_row(file: str, row: str) -> Callable[[World], None]:
    """Write a configuration file of one row, which is wrong; the night before had none."""

    def done(world: World) -> None:
        shutil.rmtree(world.config, ignore_errors=True)
        header = (on_path.PROJECT / "seeds" / file).read_text(encoding="utf-8").splitlines()[0]
        write(world.config / file, f"{header}\n{row}\n")

    return done


def _two_at_once(world: World) -> None:
    """Two refreshes begin together; one of them publishes, and the other one says why not."""
    both = [world.product.start(BIN / "enrich", "refresh-meta", world.root) for _ in range(2)]
    ended = [process.communicate() and process.returncode for process in both]
    assert 0 in ended, ended


def _killed(world: World) -> None:
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


def _full_disk(world: World) -> None:
    """No file may grow as large as the published one is."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE, limits[1]))
    try:
        world.product.enrich("refresh-meta", str(world.root), check=False)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def _copy(world: World) -> None:
    git(world.home, "clone", "--quiet", str(world.at("lib")), str(world.at("lib-copy")))


def _large(project: Path) -> None:
    with (project / "model.bin").open("wb") as file:
        for _ in range(_LARGE // 1_000_000):
            file.write(os.urandom(1_000_000))


def _unmount(world: World) -> None:
    world.root.rename(world.home / "away")
    world.root.mkdir()


def _mount(world: World) -> None:
    world.root.rmdir()
    (world.home / "away").rename(world.root)


_OPENED, _CLOSED = "finding_opened", "finding_closed"
NIGHTS = (
    Night("the first refresh", begin),
    Night("nothing happened"),
    Night(
        "a new project",
        lambda world: world.create("tool", _tool("tool")),
        ("project_new tool",),
    ),
    Night(
        "a commit",
        _files("api", lambda p: write(p / "src/api/more.py", "more = 1\n"), "More"),
        ("commits_added api main",),
    ),
    Night("a branch", _branch, ("branch_created web feature",)),
    Night("a release", _release, ("tag_created lib v1.0.0",)),
    Night("a project moved", _move("tool", "tools/tool"), ("project_moved tools/tool",)),
    Night(
        "a project was renamed",
        _move("tools/tool", "tools/instrument"),
        ("project_renamed tools/instrument",),
    ),
    Night("three commits", _rewrite, ("commits_added web main",)),
    Night(
        "a branch was pushed by force",
        _force,
        ("history_rewritten web main", f"{_OPENED} web HISTORY_REWRITTEN"),
    ),
    Night("a branch was deleted", _branch_gone, ("branch_deleted web feature",)),
    Night("old work was never committed", _draft, (f"{_OPENED} api UNSAVED_WORK",)),
    Night(
        "it is committed and pushed",
        _files("api", lambda p: None, "Add the draft"),
        ("commits_added api main", f"{_CLOSED} api UNSAVED_WORK"),
    ),
    Night(
        "a repository without a remote",
        _lonely,
        ("project_new lonely", f"{_OPENED} lonely UNSAVED_WORK"),
    ),
    Night(
        "a large file",
        _files("web", _large, "Add it"),
        ("commits_added web main", f"{_OPENED} web LARGE_FILE_TRACKED"),
    ),
    Night(
        "it is gone from the branch",
        _files("web", _without("model.bin"), "Remove it"),
        ("commits_added web main", f"{_CLOSED} web LARGE_FILE_TRACKED"),
    ),
    Night(
        "no readme and no licence",
        _files("lib", _without("README.md", "LICENSE"), "Remove them"),
        ("commits_added lib main", f"{_OPENED} lib NO_BASICS"),
    ),
    Night(
        "they are back",
        _files("lib", _restored("lib", "README.md", "LICENSE"), "Restore them"),
        ("commits_added lib main", f"{_CLOSED} lib NO_BASICS"),
    ),
    Night(
        "a requirement that the project here does not satisfy",
        _files("api", _requires(">=9"), "Require the next version"),
        ("commits_added api main", f"{_OPENED} api VERSION_CONFLICT"),
    ),
    Night(
        "it is taken back",
        _files("api", _requires(">=1"), "Require the first version"),
        ("commits_added api main", f"{_CLOSED} api VERSION_CONFLICT"),
    ),
    # A rewriting of ten months ago is accepted; it is a recent one when the clock is right again.
    Night("a clock that is ten months ahead", changes=(f"{_CLOSED} web HISTORY_REWRITTEN",)),
    Night("the clock is right again", changes=("finding_reopened web HISTORY_REWRITTEN",)),
    Night(
        "a bad threshold",
        _bad_row("rule_thresholds.csv", "NO_SUCH_RULE,limit,3,days,"),
        says=("rule_thresholds.csv",),
    ),
    Night(
        "a bad rule",
        _bad_row("gap_rules.csv", "PROJECT_STALE_SCAN,,,much,,,,,,"),
        says=("gap_rules.csv",),
    ),
    Night(
        "a bad weight",
        _bad_row("priority_weights.csv", "no_such_weight,1,"),
        says=("priority_weights.csv",),
    ),
    Night(
        "a bad waiver",
        _bad_row("waivers.csv", "NO_SUCH_RULE,web,*,because,mira,never"),
        says=("waivers.csv",),
    ),
    Night(
        "a bad role",
        _bad_row("role_overrides.csv", "*,x.py,king,because"),
        says=("role_overrides.csv",),
    ),
    Night(
        "a bad label",
        _bad_row("project_labels.csv", "web,colour,red,"),
        says=("project_labels.csv",),
    ),
    Night("the configuration is gone", lambda world: shutil.rmtree(world.config)),
    Night(
        "two refreshes at once",
        lambda world: world.create("pair", _tool("pair")),
        ("project_new pair",),
        how=_two_at_once,
    ),
    Night(
        "the refresh is killed",
        lambda world: world.create("late", _tool("late")),
        publishes=False,
        how=_killed,
    ),
    Night("the next one works", changes=("project_new late",)),
    Night("a disk that is full", publishes=False, how=_full_disk),
    Night("there is room again"),
    Night(
        "a project is deleted",
        lambda world: shutil.rmtree(world.at("late")),
        ("project_gone late",),
    ),
    Night(
        "a folder comes back as another one",
        lambda world: write(world.at("papers2") / "pyproject.toml", '[project]\nname = "p2"\n'),
        # Too small for a rule to judge it.
        ("project_new papers2",),
    ),
    Night(
        "a copy", _copy, ("project_new lib-copy", f"{_OPENED} lib-copy DUPLICATE_MIRROR_CONTENT")
    ),
    Night(
        "the copy is deleted",
        lambda world: shutil.rmtree(world.at("lib-copy")),
        ("project_gone lib-copy", f"{_CLOSED} lib-copy DUPLICATE_MIRROR_CONTENT"),
    ),
    Night("the disk is not mounted: nothing can be crawled", _unmount, publishes=False),
    Night("it is mounted again", _mount),
)


def reported(product: Product) -> set[str]:
    """Return the changes of `enrich changes` as NIGHTS writes them, without grades."""
    answer = json.loads(product.enrich("changes", "--format", "json").stdout)
    found = set()
    for project in answer["projects"]:
        for change in project["changes"]:
            kind = change["change_kind"]
            if kind.startswith("grade_"):
                continue
            words = [kind, _below(project["project_path"])]
            if kind.startswith("finding_"):
                words.append(change["gap_type"])
            elif not kind.startswith("project_"):
                words.append(change["subject"])
            found.add(" ".join(words))
    return found


def _below(path: str | None) -> str:
    """Return the part of *path* below the root of the workspace."""
    return (path or "").rpartition("/code/")[2]


def reported_grades(product: Product) -> set[tuple[str, str, str]]:
    """Return (project, grade before, grade after) of the changes of grades."""
    answer = json.loads(product.enrich("changes", "--format", "json").stdout)
    return {
        (project["project_id"], change["value_before"], change["value_after"])
        for project in answer["projects"]
        for change in project["changes"]
        if change["change_kind"].startswith("grade_")
    }


def grades(product: Product) -> dict[str, str]:
    """Return project → grade, for the projects that have one."""
    rows = product.query("select project_id, health_grade from v_project_health")
    return {project: grade for project, grade in rows if grade is not None}


def version(product: Product) -> int:
    """Return the number of the published version, 0 if there is none."""
    return max(kept_versions(Locations(product.published, product.landing)), default=0)


def spend(world: World, number: int, night: Night) -> list[str]:
    """Let a night pass; return what differs from what NIGHTS says."""
    product = world.product
    world.day = _FIRST + timedelta(days=number)
    ahead = _WRONG_CLOCK if "clock that is" in night.text else timedelta()
    product.now = (world.day + ahead).isoformat()
    before, old = version(product), grades(product) if product.published.exists() else {}
    night.done(world)
    if night.how:
        night.how(world)
    else:
        product.enrich("refresh-meta", str(world.root), check=False)
    wrong = []
    has_published = version(product) > before
    if has_published != night.publishes:
        wrong.append(f"published: {has_published}, expected {night.publishes}")
    if has_published and version(product) != before + 1:
        wrong.append(f"versions {before} to {version(product)}")
    if has_published and number:
        found = reported(product)
        wrong += [f"not reported: {change}" for change in set(night.changes) - found]
        wrong += [f"reported, but not done: {change}" for change in found - set(night.changes)]
        new = grades(product)
        right = {(one, old[one], new[one]) for one in old.keys() & new if old[one] != new[one]}
        if right != reported_grades(product):
            wrong.append(f"grades: {reported_grades(product)}, expected {right}")
    page = product.enrich("status", check=False).stdout
    wrong += [f"status does not name {words}" for words in night.says if words not in page]
    return wrong


def main() -> int:
    """Spend the nights; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=len(NIGHTS), help="only the first so many")
    parser.add_argument("--home", type=Path, help="keep everything in this folder")
    given = parser.parse_args()
    home = given.home or Path(tempfile.mkdtemp(prefix="nights-"))
    home.mkdir(parents=True, exist_ok=True)
    product = Product(home / "installation", environment={"META_CONFIG_DIR": str(home / "config")})
    product.home.mkdir()
    world = World(home, product)
    bad = 0
    for number, night in enumerate(NIGHTS[: given.nights]):
        began = time.monotonic()
        wrong = spend(world, number, night)
        bad += bool(wrong)
        mark = "DIFFERS" if wrong else "as written"
        print(
            f"{number + 1:2} {mark:10} {time.monotonic() - began:5.1f} s  {night.text}", flush=True
        )
        for line in wrong:
            print(f"     {line}", flush=True)
    print(f"{given.nights - bad} of {given.nights} nights are as written")
    if not given.home:
        shutil.rmtree(home, ignore_errors=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
