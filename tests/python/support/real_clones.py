"""Clones of public repositories, as the crowded workspace of real_workspace.py has them.

Every clone is set to the commit of its row of real_sources.csv, whatever was fetched later.
"""

from __future__ import annotations

import csv
import shutil
from dataclasses import dataclass
from pathlib import Path

from git_fixtures import git
from real_work import DATES, commit, lines, write

from loaders.base.paths import PROJECT_ROOT

SOURCES_SEED = PROJECT_ROOT / "tests/python/data/real_sources.csv"


@dataclass(frozen=True)
class Source:
    """A public repository and the commit that the workspace has of it."""

    name: str
    repository: str
    branch: str
    commit: str

    @property
    def url(self) -> str:
        return f"https://github.com/{self.repository}.git"


def sources() -> dict[str, Source]:
    with SOURCES_SEED.open(encoding="utf-8", newline="") as file:
        return {row["name"]: Source(**row) for row in csv.DictReader(file)}


def missing_sources(folder: Path) -> list[str]:
    """Return the names of the repositories that are not in *folder*."""
    return [name for name in sources() if not (folder / name / ".git").is_dir()]


class Clones:
    """Makes clones of *folder* below *root*, each set to one commit."""

    def __init__(self, folder: Path, root: Path) -> None:
        self._folder = folder
        self._root = root
        self._sources = sources()

    def clone(self, name: str, place: str, at: str | None = None) -> Path:
        """Clone with a work tree, as if just cloned when *at* was the newest commit."""
        source, target = self._sources[name], self._root / place
        self._fetch(source, target, at or source.commit, "--no-checkout")
        commit_id = at or source.commit
        git(target, "update-ref", f"refs/remotes/origin/{source.branch}", commit_id)
        head = f"refs/remotes/origin/{source.branch}"
        git(target, "symbolic-ref", "refs/remotes/origin/HEAD", head)
        git(target, "config", f"branch.{source.branch}.remote", "origin")
        git(target, "config", f"branch.{source.branch}.merge", f"refs/heads/{source.branch}")
        return target

    def checked_out(self, name: str, place: str, at: str | None = None) -> Path:
        target = self.clone(name, place, at)
        git(target, "reset", "--quiet", "--hard", **DATES)
        return target

    def bare(self, name: str, place: str) -> Path:
        source, target = self._sources[name], self._root / place
        self._fetch(source, target, source.commit, "--bare")
        return target

    def release(self, name: str, commit_id: str, place: str) -> Path:
        """The files of a commit, without version control."""
        target = self._root / place
        target.mkdir(parents=True)
        archive = target.with_suffix(".tar")
        git(self._folder / name, "archive", "--format", "tar", "--output", str(archive), commit_id)
        shutil.unpack_archive(archive, target, "tar", filter="tar")
        archive.unlink()
        return target

    def _fetch(self, source: Source, target: Path, commit_id: str, *options: str) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        origin = self._folder / source.name
        git(target.parent, "clone", "--quiet", *options, str(origin), str(target), **DATES)
        branch = f"refs/heads/{source.branch}"
        git(target, "update-ref", branch, commit_id)
        git(target, "symbolic-ref", "HEAD", branch)
        self._forget_other_refs(target, branch, commit_id)
        git(target, "config", "remote.origin.url", source.url)

    @staticmethod
    def _forget_other_refs(target: Path, branch: str, commit_id: str) -> None:
        """Leave the branch and the tags that it contains, whatever was fetched later."""
        merged = git(target, "tag", "--merged", commit_id).decode().splitlines()
        kept = {branch, *(f"refs/tags/{tag}" for tag in merged)}
        names = git(target, "for-each-ref", "--format=%(refname)").decode().splitlines()
        orders = "".join(f"delete {name}\n" for name in names if name not in kept)
        git(target, "update-ref", "--no-deref", "--stdin", text=orders.encode())


_CURRENT = (
    *("click", "flask", "itsdangerous", "requests", "commander.js", "express", "fd", "ripgrep"),
    *("gin", "gson", "semver", "sinatra", "docopt", "llm.c", "smallchat", "sqlite-utils"),
    *("datasette", "jq", "dotfiles", "PythonDataScienceHandbook"),
    "CodeGraphX",
)
# Commits of releases: the workspace has older states of these.
_CLICK_8_1_7 = "874ca2bc1c30d93a4ac6e36a15ed685eafe89097"
_REQUESTS_2_31 = "147c8511ddbfa5e8f71bbf5c18ede0c4ceb3bba4"
_FLASK_2023 = "c2f65dd1cfff0672b902fd5b30815f0b4137214c"


def build_clones(folder: Path, root: Path) -> None:
    """Make current clones in `src`, and old, partial and linked ones beside it."""
    clones = Clones(folder, root)
    for name in _CURRENT:
        clones.checked_out(name, f"src/{name}")
    clones.checked_out("mini-redis", "src/mini-redis")
    _change_without_commit(root / "src/commander.js")
    git(root, "clone", "--quiet", str(root / "src/smallchat"), "backup/smallchat", **DATES)
    clones.checked_out("click", "backup/click-2023", _CLICK_8_1_7)
    clones.release("click", _CLICK_8_1_7, "archive/click-8.1.7")
    clones.release("requests", _REQUESTS_2_31, "archive/requests-2.31.0")
    express = clones.release("express", "4.18.2", "archive/express-4.18.2")
    for name in ("patched", "retry", "audit"):
        write(express / f"lib/{name}.js", f"// added by Mira\nmodule.exports = '{name}';\n")
    _fork(clones.checked_out("flask", "forks/flask", _FLASK_2023))
    _sparse(clones.clone("ripgrep", "partial/ripgrep-sparse"))
    _shallow(folder, root / "partial/jq-shallow", sources()["jq"])
    _work_trees(clones, root)


def _change_without_commit(repository: Path) -> None:
    for name in ("index.js", "Readme.md"):
        with (repository / name).open("a", encoding="utf-8") as file:
            file.write("// not committed\n")
    write(repository / "draft.md", "not tracked\n")


def _fork(repository: Path) -> None:
    """A fork with three commits of Mira's, one of which is not pushed."""
    git(repository, "config", "remote.upstream.url", "https://github.com/pallets/flask.git")
    git(repository, "config", "remote.origin.url", "git@github.com:mira-example/flask.git")
    for number in range(3):
        write(repository / f"src/flask/extra_{number}.py", lines(10, f"extra_{number}"))
        commit(repository, f"Add extra {number}", f"2024-02-0{number + 1}")
    git(repository, "update-ref", "refs/remotes/origin/main", "HEAD~1")


def _sparse(repository: Path) -> None:
    git(repository, "sparse-checkout", "set", "--cone", "crates/globset")
    git(repository, "checkout", "--quiet", "master", **DATES)


def _shallow(folder: Path, target: Path, source: Source) -> None:
    """The last three commits, as a server gives them."""
    target.mkdir(parents=True)
    git(target, "init", "--quiet", "--initial-branch", source.branch)
    git(target, "config", "remote.origin.url", source.url)
    origin = (folder / source.name).as_uri()
    allowed = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "uploadpack.allowAnySHA1InWant"}
    environment = {**allowed, "GIT_CONFIG_VALUE_0": "true"}
    git(
        target,
        "fetch",
        "--quiet",
        "--no-tags",
        "--depth",
        "3",
        origin,
        source.commit,
        **environment,
    )
    git(target, "update-ref", f"refs/remotes/origin/{source.branch}", source.commit)
    head = f"refs/remotes/origin/{source.branch}"
    git(target, "symbolic-ref", "refs/remotes/origin/HEAD", head)
    git(target, "reset", "--quiet", "--hard", source.commit, **DATES)


def _work_trees(clones: Clones, root: Path) -> None:
    """A linked work tree, a hub of work trees, and work trees inside a bare repository."""
    linked = root / "trees/fd-fix"
    linked.parent.mkdir(parents=True)
    git(root / "src/fd", "worktree", "add", "--quiet", "-b", "fix", str(linked), **DATES)
    write(linked / "src/fix.rs", "pub fn fix() {}\n")
    commit(linked, "Fix it", "2026-09-02")
    hub = clones.bare("gson", "hub/.bare").parent
    write(hub / ".git", "gitdir: ./.bare\n")
    git(hub, "worktree", "add", "--quiet", "main", "main", **DATES)
    git(hub, "worktree", "add", "--quiet", "-b", "release", "release", **DATES)
    bare = clones.bare("itsdangerous", "trees/itsdangerous.git")
    git(bare, "worktree", "add", "--quiet", "-b", "docs-update", "docs-update", **DATES)
    clones.bare("docopt", "mirrors/docopt.git")
