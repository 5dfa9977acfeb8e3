"""The risks that tests/drills/planted_risks.py plants, look-alikes, and what must be reported.

The rows of a repository are planted in their order. A row states what must be reported, as
(rule, detail) of the repository, or (rule, detail, project) of a project beside it. Look-alikes
state what would be reported if they were taken for risks; nothing of it may be.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import planting as p
from planting import Plant, git

Key = tuple[str, ...]
WORK, OLD, LARGE = "UNSAVED_WORK", "ABANDONED_PROJECT", "LARGE_FILE_TRACKED"
REWRITTEN, BASICS, VERSION = "HISTORY_REWRITTEN", "NO_BASICS", "VERSION_CONFLICT"
OTHER = {"GIT_AUTHOR_NAME": "Other", "GIT_AUTHOR_EMAIL": "other@example.org"}


@dataclass(frozen=True)
class Case:
    """`before` is done before the first refresh, `plant` before the second one."""

    name: str
    plant: Plant
    keys: tuple[Key, ...]
    before: Plant | None = None
    is_risk: bool = True


def risk(name: str, plant: Plant, *keys: Key, before: Plant | None = None) -> Case:
    return Case(name, plant, keys, before)


def twin(name: str, plant: Plant, *keys: Key, before: Plant | None = None) -> Case:
    return Case(name, plant, keys, before, is_risk=False)


def nothing(clone: Path) -> None:
    """The plant of a case that is complete before the first refresh."""


def hub(clone: Path) -> None:
    path = clone.parent / "hub.git"
    git(clone.parent, "init", "-q", "--bare", "-b", "main", str(path))
    git(clone, "push", "-q", str(path), "HEAD:refs/heads/main")


def no_remote(clone: Path) -> None:
    git(clone, "remote", "remove", "origin")


def unborn(clone: Path) -> None:
    git(clone.parent, "init", "-q", "unborn")
    p.new(clone.parent / "unborn", "first.go", "package first\n")


def taken_back(clone: Path) -> None:
    p.commit(clone, "taken-back.txt")
    git(clone, "reset", "-q", "--hard", "HEAD~1")


def stash(clone: Path, name: str, **environment: str) -> None:
    p.add_to(p.tracked(clone))
    git(clone, "stash", "push", "-q", "-m", name, **environment)


def to_link(path: Path, target: str) -> None:
    path.unlink()
    path.symlink_to(target)


def only_staged(clone: Path, name: str) -> None:
    before = (clone / name).read_bytes()
    p.add_to(clone / name)
    git(clone, "add", name)
    (clone / name).write_bytes(before)


def bare(clone: Path, name: str, *words: str) -> None:
    git(clone.parent, "clone", "-q", *words, f"file://{p.upstream(clone)}", name)


def flagged(clone: Path, flag: str, name: str) -> None:
    git(clone, "update-index", flag, name)
    p.add_to(clone / name)


TABLE: dict[str, list[Case]] = {
    "click": [
        risk("a badge states that it is not maintained",
             lambda c: p.readme(c, "![](https://img.shields.io/badge/maintained-no-red.svg)"),
             (OLD, "unmaintained")),
        twin("the licence is in a folder of licences",
             lambda c: p.moved(c, "LICENSE.txt", to="LICENSES/BSD-3-Clause.txt"), (BASICS, "")),
        twin("a branch that was merged upstream",
             lambda c: p.merged_upstream(c, "--no-edit"), (WORK, "topic-no-edit")),
        risk("a stash of long ago",
             lambda c: stash(c, "old", GIT_COMMITTER_DATE="2024-03-01T12:00:00+00:00"),
             (WORK, "stash On main: old@2024-03-01")),
        twin("touched", lambda c: os.utime(c / "pyproject.toml", (0, 0)),
             (WORK, "pyproject.toml")),
        twin("only its mode changed, which git is told to ignore",
             lambda c: (git(c, "config", "core.fileMode", "false"), (c / "uv.lock").chmod(0o755)),
             (WORK, "uv.lock")),
        risk("another content of the same size and time",
             lambda c: p.same_size_and_time(c / "CHANGES.md"), (WORK, "modified CHANGES.md")),
        risk("an untracked file in a new folder",
             lambda c: p.new(c, "notes/Idee ü.txt"), (WORK, "untracked notes/Idee ü.txt")),
    ],
    "sqlite-utils": [
        risk("the readme states that it is archived",
             lambda c: p.readme(c, "> This repository is archived."), (OLD, "archived")),
        risk("it pins an old version",
             lambda c: p.replaced(c, "pyproject.toml", '"click>=8.3.1"', '"click==7.0"'),
             (VERSION, "click")),
        twin("the licence is named COPYING", lambda c: p.moved(c, "LICENSE", to="COPYING"),
             (BASICS, "")),
        twin("a branch that was squashed upstream, in the clone of a fork that is behind",
             lambda c: p.forked(c, lambda: p.merged_upstream(c, "--squash")),
             (WORK, "topic-squash")),
        risk("a content that only the index has", lambda c: only_staged(c, "Justfile"),
             (WORK, "staged Justfile")),
        risk("settings with passwords", lambda c: p.ignored(c, ".env", "PASSWORD=1\n"),
             (WORK, "precious .env")),
        twin("templates of settings", lambda c: (p.ignored(c, ".env.example"),
                                                 p.ignored(c, "example.env")), (WORK, "example")),
        twin("git is told that it does not change",
             lambda c: flagged(c, "--assume-unchanged", "mypy.ini"), (WORK, "mypy.ini")),
    ],
    "datasette": [
        risk("it needs a later version than is here",
             lambda c: p.replaced(c, "pyproject.toml", '"sqlite-utils>=4.0"', '"sqlite-utils>=9"'),
             (VERSION, "sqlite-utils")),
        twin("a range that the version here satisfies",
             lambda c: p.replaced(c, "pyproject.toml", "itsdangerous>=1.1", "itsdangerous~=2.0"),
             (VERSION, "itsdangerous")),
        risk("a model in git",
             lambda c: p.publish(p.large(c, "models/weights.bin", 12_000_000)),
             (LARGE, "models/weights.bin")),
        twin("a large file in Git LFS",
             lambda c: p.in_lfs(c, "lfs.bin", 12_000_000), (LARGE, "lfs.bin"), (WORK, "lfs.bin")),
        twin("a large file that is ignored",
             lambda c: (p.ignore(c, "/cache/"), p.large(c, "cache/big.bin", 30_000_000)),
             (LARGE, "cache/big.bin"), (WORK, "cache/big.bin")),
        risk("a rebase that did not end", p.stopped_rebase, (WORK, "operation rebase")),
        risk("deleted", lambda c: (c / "Justfile").unlink(), (WORK, "deleted Justfile")),
        twin("line ends of Windows", lambda c: p.crlf(c, "pytest.ini"), (WORK, "pytest.ini")),
    ],
    "itsdangerous": [
        risk("no commit for years", nothing, (OLD, "unstated"),
             before=lambda c: p.cut(c, "71df0f9648d94b7f94e376e0429072f773352425")),
        twin("a stash that was dropped",
             lambda c: (stash(c, "dropped"), git(c, "stash", "drop", "-q")), (WORK, "dropped")),
        twin("an index of version 4",
             lambda c: git(c, "update-index", "--index-version", "4"), (WORK, "src/")),
        risk("intended to be added",
             lambda c: (p.new(c, "meant.txt"), git(c, "add", "-N", "meant.txt")),
             (WORK, "added meant.txt")),
        risk("a key in an ignored folder",
             lambda c: (p.ignore(c, "/deploy/"), p.new(c, "deploy/tls/server.key")),
             (WORK, "precious deploy/tls/server.key")),
        twin("git is told that it is kept local",
             lambda c: flagged(c, "--skip-worktree", "setup.cfg"), (WORK, "setup.cfg")),
        twin("from the future", lambda c: os.utime(c / "tox.ini", (4e9, 4e9)), (WORK, "tox.ini")),
    ],
    "docopt": [
        risk("the branch of the remote was rewritten by force",
             lambda c: p.rewritten(c, "master", reset=True),
             (REWRITTEN, "refs/remotes/origin/master")),
        risk("the licence is only a word in setup.py", lambda c: p.moved(c, "LICENSE-MIT"),
             (BASICS, "no licence")),
        twin("archived, but no project here needs it",
             lambda c: p.readme(c, "This project is archived."), (OLD, "archived")),
        twin("a tag of a commit that the remote has",
             lambda c: git(c, "tag", "-a", "-m", "mine", "v-own", "HEAD~2"), (WORK, "v-own")),
        twin("a tag of the remote whose commit is on none of its branches",
             p.tag_without_branch, (WORK, "v-release")),
        twin("HEAD is at a commit that the remote has",
             lambda c: git(c, "checkout", "-q", "--detach"), (WORK, "detached")),
        risk("added", lambda c: (p.new(c, "fresh.py"), git(c, "add", "fresh.py")),
             (WORK, "added fresh.py")),
        risk("an untracked file with a dot", lambda c: p.new(c, ".plan"),
             (WORK, "untracked .plan")),
    ],
    "semver": [
        risk("a dump in git",
             lambda c: p.publish(p.new(c, "tests/fixtures/dump.sql", "insert 1;\n" * 1_100_000)),
             (LARGE, "tests/fixtures/dump.sql")),
        twin("a file just below the limit",
             lambda c: p.publish(p.large(c, "tests/fixtures/almost.bin", 9_999_999)),
             (LARGE, "almost.bin")),
        twin("a tracked link to a large file that is ignored",
             lambda c: (p.ignore(c, "/data/"), p.large(c, "data/big.bin", 20_000_000),
                        (c / "big-link").symlink_to("data/big.bin"), p.publish(c / "big-link")),
             (LARGE, "big-link")),
        twin("the readme is in docs", lambda c: p.moved(c, "README.md", to="docs/README.md"),
             (BASICS, "")),
        twin("a bisection", lambda c: git(c, "bisect", "start"), (WORK, "bisect")),
        risk("a merge with a conflict, in a split index",
             lambda c: (git(c, "update-index", "--split-index"),
                        p.conflict(c, "both.txt", "merge")),
             (WORK, "conflict both.txt"), (WORK, "operation merge")),
        risk("a private key", lambda c: p.ignored(c, "keys/id_rsa"),
             (WORK, "precious keys/id_rsa")),
    ],
    "mini-redis": [
        risk("a Cargo version of another minor release",
             lambda c: p.replaced(c, "Cargo.toml", r"^\[dependencies\]$",
                                  '[dependencies]\nglobset = "0.3"'), (VERSION, "globset")),
        twin("without a remote it needs no licence", lambda c: p.moved(c, "LICENSE"),
             (BASICS, "")),
        risk("a submodule at another commit",
             lambda c: git(p.submodule(c, c.parent / "docopt"), "checkout", "-q", "HEAD~1"),
             (WORK, "submodule sub")),
        risk("a link with another target",
             lambda c: ((c / "pointer").symlink_to("README.md"), p.publish(c / "pointer"),
                        to_link(c / "pointer", "Cargo.toml")), (WORK, "modified pointer")),
        risk("no remote any more", no_remote, (WORK, "no_remote ")),
        twin("keys among the packages of others",
             lambda c: (p.ignore(c, "node_modules/", "/venv/"), p.new(c, "node_modules/a/.env"),
                        p.new(c, "venv/lib/site-packages/certifi/cacert.pem")),
             (WORK, ".env"), (WORK, "cacert.pem")),
        twin("a folder with nothing but what the desktop wrote",
             lambda c: p.new(c, "empty/.DS_Store"), (WORK, "empty")),
        twin("written again with the same content",
             lambda c: (c / "Cargo.lock").write_bytes((c / "Cargo.lock").read_bytes()),
             (WORK, "Cargo.lock")),
    ],
    "fd": [
        risk("no readme", lambda c: p.moved(c, "README.md", to="old/README.md"),
             (BASICS, "no readme")),
        risk("an exact Cargo version",
             lambda c: p.replaced(c, "Cargo.toml", '^ignore = "0.4.25"', 'ignore = "=0.4.1"'),
             (VERSION, "ignore")),
        twin("an old version for developers",
             lambda c: p.replaced(c, "Cargo.toml", r"^\[dev-dependencies\]$",
                                  '[dev-dependencies]\nglobset = "0.2"'), (VERSION, "globset")),
        twin("a branch that was rebased upstream", lambda c: p.merged_upstream(c, "rebase"),
             (WORK, "topic-rebase")),
        twin("a linked work tree with nothing to lose", lambda c: p.worktree(c, "fd-clean"),
             (WORK, "", "fd-clean"), (LARGE, "", "fd-clean"), (BASICS, "", "fd-clean")),
        risk("commits of a detached HEAD in a linked work tree",
             lambda c: p.commit(p.worktree(c, "fd-linked"), "a"), (WORK, "detached", "fd-linked")),
        twin("the remote has another name",
             lambda c: git(c, "remote", "rename", "origin", "server"), (WORK, "no_remote")),
        risk("a commit that was not pushed", p.commit, (WORK, "branch master")),
    ],
    "ripgrep": [
        risk("the readme begins with a notice", lambda c: p.readme(c, "**DEPRECATED**"),
             (OLD, "deprecated")),
        twin("of its licences only UNLICENSE is left",
             lambda c: p.moved(c, "COPYING", "LICENSE-MIT"), (BASICS, "")),
        twin("a merged branch that was deleted upstream",
             lambda c: p.gone_upstream(c, merged=True), (WORK, "merged-and-gone")),
        twin("a commit that was taken back", taken_back, (WORK, "branch")),
        twin("a sparse checkout",
             lambda c: git(c, "sparse-checkout", "set", "--cone", "crates"), (WORK, "deleted")),
        risk("a stash of untracked files",
             lambda c: (p.new(c, "later.txt"), git(c, "stash", "push", "-q", "-u", "-m", "all")),
             (WORK, "stash On master: all")),
        risk("a revert with a conflict", lambda c: p.conflict(c, "FAQ.md", "revert"),
             (WORK, "conflict FAQ.md"), (WORK, "operation revert")),
        risk("the state of an infrastructure",
             lambda c: (p.ignore(c, "/infra/"), p.new(c, "infra/prod/terraform.tfstate")),
             (WORK, "precious infra/prod/terraform.tfstate")),
    ],
    "commander.js": [
        risk("a branch lost the commits of others", lambda c: p.rewritten(c, "feature"),
             (REWRITTEN, "refs/remotes/origin/feature"),
             before=lambda c: p.remote_branch(c, "feature", **OTHER)),
        twin("a filter stores another content", p.filtered, (WORK, "x.upper")),
        twin("another encoding in git", p.encoded, (WORK, "x.u16")),
        twin("a part of it is deprecated, and others need it",
             lambda c: p.readme(c, "The original project is archived. The old API is deprecated.\n"
                                   "\n- `--old`: deprecated since 2.0"),
             (OLD, "")),
        twin("the text of the licence is in the readme",
             lambda c: (p.replaced(c, "Readme.md", r"\Z", (c / "LICENSE").read_text()),
                        p.moved(c, "LICENSE")), (BASICS, "")),
        risk("a staged renaming", lambda c: git(c, "mv", "SECURITY.md", "POLICY.md"),
             (WORK, "added POLICY.md"), (WORK, "deleted SECURITY.md")),
        risk("a link in place of a file", lambda c: to_link(c / ".prettierignore", "/etc/passwd"),
             (WORK, "modified .prettierignore")),
        risk("a database", lambda c: p.ignored(c, "prod.sqlite3"), (WORK, "precious prod.sqlite3")),
    ],
    "gson": [
        risk("a file at the limit", lambda c: p.publish(p.large(c, "data/exact.bin", 10_000_000)),
             (LARGE, "data/exact.bin")),
        risk("neither readme nor licence", lambda c: p.moved(c, "LICENSE", "README.md"),
             (BASICS, "neither")),
        twin("a large file that HEAD has no more",
             lambda c: (p.publish(p.large(c, "data/was.bin", 15_000_000)),
                        p.moved(c, "data/was.bin")), (LARGE, "was.bin")),
        risk("a branch that was deleted upstream before it was merged",
             lambda c: p.gone_upstream(c, merged=False), (WORK, "branch gone-topic")),
        twin("a merge that was called off",
             lambda c: (git(c, "merge", "--no-commit", "--no-ff", "-q", "gone-topic"),
                        git(c, "merge", "--abort")), (WORK, "operation")),
        twin("packed refs", lambda c: git(c, "pack-refs", "--all"), (WORK, "gson-parent")),
        risk("the branch of the remote was moved back", lambda c: p.moved_back(c, 8),
             (REWRITTEN, "refs/remotes/origin/main"), (WORK, "branch main")),
        twin("what a build made", lambda c: p.ignored(c, "target/classes/A.class", "\0"),
             (WORK, "A.class")),
        risk("a new line among line ends of Windows",
             lambda c: (p.crlf(c, "UserGuide.md"), p.add_to(c / "UserGuide.md")),
             (WORK, "modified UserGuide.md")),
    ],
    "gin": [
        risk("a bare repository that others push to was rewritten",
             lambda c: git(c.parent / "hub.git", "update-ref", "refs/heads/main", "main~3"),
             (REWRITTEN, "refs/heads/main", "hub.git"), (WORK, "no_remote ", "hub.git"),
             before=hub),
        twin("a submodule in its place", lambda c: p.submodule(c, c.parent / "semver"),
             (WORK, "submodule"), (BASICS, "", "gin/sub"), (LARGE, "", "gin/sub")),
        risk("a change in a submodule", lambda c: p.add_to(c / "sub/composer.json"),
             (WORK, "modified composer.json", "gin/sub")),
        risk("a repository without its first commit", unborn,
             (WORK, "untracked first.go", "unborn")),
        twin("a mirror", lambda c: bare(c, "mirror.git", "--mirror"), (WORK, "", "mirror.git")),
        twin("a shallow clone", lambda c: bare(c, "shallow", "--depth=1"), (WORK, "", "shallow")),
        twin("a clone that was not checked out", lambda c: bare(c, "unchecked", "-n"),
             (WORK, "", "unchecked")),
        risk("a cherry-pick with a conflict", lambda c: p.conflict(c, "both.txt", "cherry-pick"),
             (WORK, "conflict both.txt"), (WORK, "operation cherry-pick")),
    ],
    "smallchat": [
        risk("no remote", nothing, (WORK, "no_remote "), before=no_remote),
        risk("without a remote, its branch lost commits",
             lambda c: (git(c, "reset", "-q", "--hard", "HEAD~2"), p.commit(c)),
             (REWRITTEN, "refs/heads/main")),
        twin("it has no licence, and no remote", nothing, (BASICS, "")),
        twin("a local branch was rewritten", lambda c: git(c, "branch", "-f", "topic", "main"),
             (REWRITTEN, "refs/heads/topic"), before=p.branch_of_two),
        twin("a tracked link to a file outside",
             lambda c: ((c / "outside").symlink_to("/etc/hostname"), git(c, "add", "outside"),
                        git(c, "commit", "-q", "-m", "link")), (WORK, "outside")),
        twin("a split index", lambda c: git(c, "update-index", "--split-index"),
             (WORK, "Makefile")),
        risk("an untracked file", lambda c: p.new(c, "todo.md"), (WORK, "untracked todo.md")),
        risk("the key of a server", lambda c: p.ignored(c, "server.pem"),
             (WORK, "precious server.pem")),
    ],
    "llm.c": [
        risk("a licence only of others",
             lambda c: p.moved(c, "LICENSE", to="third_party/x/LICENSE"), (BASICS, "no licence")),
        risk("a range that ends below the version here",
             lambda c: p.published(c, "requirements.txt",
                                   "click<8\nsqlite-utils>=99; python_version < '3'\n"
                                   "sqlite-utils>=4; python_version >= '3'\n"), (VERSION, "click")),
        twin("one of two alternatives is satisfied", nothing, (VERSION, "sqlite-utils")),
        twin("a file for developers pins an old version",
             lambda c: p.published(c, "requirements-dev.txt", "itsdangerous==1.0\n"),
             (VERSION, "itsdangerous")),
        twin("its author rewrote a topic branch", lambda c: p.rewritten(c, "own"),
             (REWRITTEN, "own"), before=lambda c: p.remote_branch(c, "own")),
        twin("a branch of the remote was deleted",
             lambda c: (git(p.upstream(c), "branch", "-D", "ended"),
                        git(c, "fetch", "-q", "--prune")), (REWRITTEN, "ended"),
             before=lambda c: p.remote_branch(c, "ended", **OTHER)),
        risk("a commit, and another address for pushing",
             lambda c: (git(c, "remote", "set-url", "--push", "origin", "ssh://host.invalid/x"),
                        p.commit(c)), (WORK, "branch master")),
        risk("a staged deletion", lambda c: git(c, "rm", "-q", "test_gpt2.c"),
             (WORK, "deleted test_gpt2.c")),
        risk("changed beside a filter for other files",
             lambda c: (p.new(c, ".git/info/attributes", "*.ipynb filter=nbstripout\n"),
                        p.add_to(c / "Makefile")), (WORK, "modified Makefile")),
    ],
    "dotfiles": [
        risk("an npm range of an old major release",
             lambda c: p.depends(c, commander="^2.20.0"), (VERSION, "commander")),
        twin("settings that are tracked", lambda c: p.published(c, ".env", "A=1\n"),
             (WORK, ".env")),
        twin("the remote has new commits",
             lambda c: (p.published(p.elsewhere(c), "theirs.txt", "x\n"), git(c, "fetch", "-q")),
             (REWRITTEN, "main"), (WORK, "branch main")),
        twin("the branch has another name upstream",
             lambda c: (git(p.upstream(c), "branch", "-m", "main", "trunk"),
                        git(c, "fetch", "-q", "--prune"),
                        git(c, "remote", "set-head", "origin", "trunk"),
                        git(c, "branch", "-q", "-u", "origin/trunk")),
             (REWRITTEN, "trunk"), (WORK, "branch main")),
        twin("a branch that the remote has under another name",
             lambda c: (p.branch_of_two(c, "mine"), git(c, "push", "-q", "origin", "mine:theirs")),
             (WORK, "branch mine")),
        risk("passwords of hosts", lambda c: p.ignored(c, ".netrc"), (WORK, "precious .netrc")),
        risk("an untracked file in a linked work tree",
             lambda c: p.new(p.worktree(c, "dotfiles-linked"), "idea.md"),
             (WORK, "untracked idea.md", "dotfiles-linked")),
        risk("changed in a folder", lambda c: p.add_to(c / "init/Solarized Dark.itermcolors"),
             (WORK, "modified init/Solarized Dark.itermcolors")),
    ],
}  # fmt: skip
