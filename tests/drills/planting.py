"""Ways to plant work and other risks in clones, and what only looks like them, for the drills.

Each function takes a clone whose remote `origin` is a bare repository that belongs to it alone.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

Plant = Callable[[Path], object]
_GIT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_AUTHOR_NAME": "Owner",
    "GIT_AUTHOR_EMAIL": "owner@example.org",
    "GIT_COMMITTER_NAME": "Owner",
    "GIT_COMMITTER_EMAIL": "owner@example.org",
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "protocol.file.allow",
    "GIT_CONFIG_VALUE_0": "always",
}


def git(where: Path, *words: str, check: bool = True, **environment: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(where), *words],
        env=_GIT | environment, capture_output=True, check=check,
    )  # fmt: skip
    return done.stdout.decode("utf-8", "surrogateescape").strip()


def branch_of(clone: Path) -> str:
    return git(clone, "branch", "--show-current")


def upstream(clone: Path) -> Path:
    return Path(git(clone, "remote", "get-url", "origin"))


def tracked(clone: Path) -> Path:
    """A tracked text file at the top of a clone."""
    names = git(clone, "ls-files", "--", ":(top)*").splitlines()
    return clone / min(name for name in names if "/" not in name and name.endswith((".md", ".rst")))


# -- files -----------------------------------------------------------------------------------------


def add_to(path: Path, text: str = "more\n") -> None:
    with open(path, "a", encoding="utf-8") as file:
        file.write(text)


def new(clone: Path, name: str, text: str = "new\n") -> Path:
    path = clone / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def large(clone: Path, name: str, size: int) -> Path:
    """Make a file that git stores in little time, and that occupies little space on disk."""
    path = new(clone, name, "")
    with open(path, "wb") as file:
        file.write(b"\0binary\0")
        file.truncate(size)
    return path


def same_size_and_time(path: Path) -> None:
    """Change a file so that only its content and the time of its inode differ."""
    status = path.stat()
    path.write_bytes(path.read_bytes()[::-1])
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def ignore(clone: Path, *patterns: str) -> None:
    folder = Path(git(clone, "rev-parse", "--path-format=absolute", "--git-common-dir"))
    with open(folder / "info/exclude", "a", encoding="utf-8") as file:
        file.writelines(f"{pattern}\n" for pattern in patterns)


def ignored(clone: Path, name: str, text: str = "value\n") -> None:
    ignore(clone, "/" + name)
    new(clone, name, text)


# -- commits ---------------------------------------------------------------------------------------


def commit(clone: Path, name: str = "own.txt", text: str = "own\n", **environment: str) -> None:
    new(clone, name, text)
    git(clone, "add", "-f", name)
    git(clone, "commit", "-q", "-m", f"Add {name}", **environment)


def publish(*paths: Path) -> None:
    """Commit files of a clone, and push."""
    clone = Path(git(paths[0].parent, "rev-parse", "--show-toplevel"))
    git(clone, "add", "-f", "--", *map(str, paths))
    git(clone, "commit", "-q", "-m", f"Change {paths[0].name}")
    git(clone, "push", "-q", "origin", "HEAD")


def published(clone: Path, name: str, text: str) -> None:
    commit(clone, name, text)
    git(clone, "push", "-q", "origin", "HEAD")


def replaced(clone: Path, name: str, pattern: str, text: str) -> None:
    """Publish a file in which *text* takes the place of the first match."""
    before = (clone / name).read_text()
    after = re.sub(pattern, text, before, count=1, flags=re.MULTILINE)
    assert after != before, (clone, name, pattern)
    published(clone, name, after)


def moved(clone: Path, *names: str, to: str | None = None) -> None:
    """Publish that a file has another place, or that files are gone."""
    if to:
        (clone / to).parent.mkdir(parents=True, exist_ok=True)
        git(clone, "mv", *names, to)
    else:
        git(clone, "rm", "-q", *names)
    git(clone, "commit", "-q", "-m", f"Move {names[0]}")
    git(clone, "push", "-q", "origin", "HEAD")


def readme(clone: Path, text: str) -> None:
    """Publish a readme that begins with *text*."""
    name = next(one.name for one in clone.iterdir() if one.name.lower().startswith("readme."))
    published(clone, name, text + "\n\n" + (clone / name).read_text())


def branch_of_two(clone: Path, name: str = "topic", **environment: str) -> str:
    main = branch_of(clone)
    git(clone, "checkout", "-q", "-b", name)
    for number in (1, 2):
        commit(clone, f"{name}-{number}.txt", **environment)
    git(clone, "checkout", "-q", main)
    return main


def gone_upstream(clone: Path, *, merged: bool) -> None:
    """Push a branch, which is then deleted upstream."""
    name = "merged-and-gone" if merged else "gone-topic"
    branch_of_two(clone, name)
    git(clone, "push", "-q", "-u", "origin", name)
    if merged:
        git(clone, "merge", "-q", "--no-ff", "--no-edit", name)
        git(clone, "push", "-q", "origin", "HEAD")
    git(upstream(clone), "branch", "-D", name)
    git(clone, "fetch", "-q", "--prune")


def elsewhere(clone: Path) -> Path:
    """Another clone of the same origin."""
    work = clone.parents[1] / "elsewhere" / clone.name
    if work.exists():
        shutil.rmtree(work)
    git(clone.parent, "clone", "-q", str(upstream(clone)), str(work))
    return work


def merged_upstream(clone: Path, *how: str) -> None:
    """Merge a branch upstream in some way, after other work, and fetch."""
    topic = f"topic-{how[0].strip('-')}"
    main = branch_of_two(clone, topic)
    work = elsewhere(clone)
    commit(work, "meanwhile.txt")
    git(work, "fetch", "-q", str(clone), topic)
    if how == ("rebase",):
        git(work, "cherry-pick", "FETCH_HEAD~1", "FETCH_HEAD")
    else:
        git(work, "merge", "-q", *how, "FETCH_HEAD")
        git(work, "commit", "-q", "-m", "Topic (#1)", check=False)
    git(work, "push", "-q", "origin", f"HEAD:{main}")
    git(clone, "fetch", "-q")


def tag_without_branch(clone: Path) -> None:
    """Fetch a tag whose commit is on none of the branches of the remote."""
    work = elsewhere(clone)
    git(work, "checkout", "-q", "--detach", "HEAD~1")
    commit(work, "release.txt")
    git(work, "tag", "v-release")
    git(work, "push", "-q", "origin", "v-release")
    git(clone, "fetch", "-q", "--tags")


def forked(clone: Path, action: Callable[[], object]) -> None:
    """Do something upstream, and let `origin` be a fork that did not see it."""
    fork = upstream(clone).with_name("fork.git")
    git(clone, "clone", "-q", "--bare", str(upstream(clone)), str(fork))
    action()
    git(clone, "remote", "rename", "origin", "upstream")
    git(clone, "remote", "add", "-f", "origin", str(fork))


# -- history that changes --------------------------------------------------------------------------


def rewritten(clone: Path, branch: str, *, drops: int = 2, reset: bool = False) -> None:
    """Rewrite a branch of the remote by force, and fetch."""
    work = elsewhere(clone)
    git(work, "checkout", "-q", branch)
    git(work, "reset", "-q", "--hard", f"HEAD~{drops}")
    commit(work, "rewritten.txt")
    git(work, "push", "-q", "--force", "origin", branch)
    git(clone, "fetch", "-q")
    if reset:
        git(clone, "reset", "-q", "--hard", f"origin/{branch}")


def moved_back(clone: Path, commits: int) -> None:
    """Move the branch of the remote back by some commits, and fetch."""
    main = branch_of(clone)
    git(upstream(clone), "update-ref", f"refs/heads/{main}", f"refs/heads/{main}~{commits}")
    git(clone, "fetch", "-q")


def remote_branch(clone: Path, name: str, **environment: str) -> None:
    """Let the remote have a branch of two commits that is not here."""
    work = elsewhere(clone)
    branch_of_two(work, name, **environment)
    git(work, "push", "-q", "origin", name)
    git(clone, "fetch", "-q")


def cut(clone: Path, commit_id: str) -> None:
    """Let the clone and its origin end at an earlier commit."""
    main, origin = branch_of(clone), upstream(clone)
    for ref in git(origin, "for-each-ref", "--format=%(refname)").splitlines():
        git(origin, "update-ref", "-d", ref)
    git(origin, "update-ref", f"refs/heads/{main}", commit_id)
    shutil.rmtree(clone)
    git(clone.parent, "clone", "-q", str(origin), str(clone))


# -- operations that did not end -------------------------------------------------------------------


def conflict(clone: Path, name: str, operation: str) -> None:
    """Begin an operation that ends in a conflict about a file; both sides are on the remote."""
    main = branch_of(clone)
    git(clone, "checkout", "-q", "-b", "side")
    commit(clone, name, "side\n")
    git(clone, "push", "-q", "origin", "side")
    git(clone, "checkout", "-q", main)
    commit(clone, name, "main\n")
    published(clone, name, "main again\n")
    git(clone, operation, "HEAD~1" if operation == "revert" else "side", check=False)


def stopped_rebase(clone: Path) -> None:
    git(clone, "rebase", "-q", "-i", "HEAD~1", GIT_SEQUENCE_EDITOR="sed -i 1ibreak")


# -- checkouts in other forms ----------------------------------------------------------------------


def settled(clone: Path) -> None:
    """Write the index later than the files: git does not trust one of the same age either."""
    time.sleep(0.05)
    git(clone, "update-index", "--force-write-index")


def crlf(clone: Path, name: str) -> None:
    git(clone, "config", "core.autocrlf", "true")
    path = clone / name
    path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))


def filtered(clone: Path) -> None:
    """A clean checkout of a file that a filter stores in another form."""
    git(clone, "config", "filter.upper.clean", "tr a-z A-Z")
    git(clone, "config", "filter.upper.smudge", "tr A-Z a-z")
    add_to(clone / ".gitattributes", "\n*.upper filter=upper\n")
    publish(new(clone, "x.upper", "content\n"), clone / ".gitattributes")
    (clone / "x.upper").unlink()
    git(clone, "checkout", "-q", "x.upper")
    settled(clone)


def in_lfs(clone: Path, name: str, size: int) -> None:
    """A large file of which git tracks a pointer."""
    git(clone, "config", "filter.lfs.clean", "sha256sum >/dev/null; echo version lfs")
    add_to(clone / ".gitattributes", f"\n{name} filter=lfs diff=lfs merge=lfs -text\n")
    publish(large(clone, name, size), clone / ".gitattributes")
    settled(clone)


def encoded(clone: Path) -> None:
    """A clean checkout of a file that is in another encoding than git stores."""
    add_to(clone / ".gitattributes", "\n*.u16 working-tree-encoding=UTF-16\n")
    (clone / "x.u16").write_bytes("text\n".encode("utf-16"))
    publish(clone / "x.u16", clone / ".gitattributes")
    settled(clone)


def submodule(clone: Path, source: Path, name: str = "sub") -> Path:
    git(clone, "submodule", "add", "-q", str(upstream(source)), name)
    git(clone, "commit", "-q", "-m", "sub")
    git(clone, "push", "-q", "origin", "HEAD")
    return clone / name


def worktree(clone: Path, name: str) -> Path:
    git(clone, "worktree", "add", "-q", "--detach", str(clone.parent / name))
    return clone.parent / name


def depends(clone: Path, **versions: str) -> None:
    """Publish a package.json with dependencies."""
    published(clone, "package.json", json.dumps({"name": clone.name, "dependencies": versions}))


# -- programs that git would run -------------------------------------------------------------------

_HOOKS = ("post-index-change", "post-checkout", "reference-transaction", "pre-commit", "fsmonitor")
_SETTINGS = (
    "core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.askPass",
    "core.gitProxy", "core.alternateRefsCommand", "sequence.editor", "diff.external",
    "diff.trap.command", "diff.trap.textconv", "merge.trap.driver", "filter.trap.clean",
    "filter.trap.smudge", "filter.trap.process", "gpg.program", "gpg.ssh.defaultKeyCommand",
    "remote.trap.uploadpack", "remote.trap.receivepack", "uploadpack.packObjectsHook",
    "interactive.diffFilter", "pager.log", "pager.status", "trailer.trap.command",
    "browser.trap.cmd", "difftool.trap.cmd", "tar.trap.command", "web.browser",
)  # fmt: skip
_SHELL_SETTINGS = ("alias.status", "alias.log", "credential.helper", "submodule.trap.update")


def trap(clone: Path, marks: Path) -> None:
    """Let everything that git could run for a clone leave a mark in the folder *marks*."""
    program = marks.parent / "trap"
    program.write_text(f"#!/bin/sh\ntouch '{marks}'/$PPID\ncat\n")
    program.chmod(0o755)
    folder = Path(git(clone, "rev-parse", "--path-format=absolute", "--git-common-dir"))
    hooks = marks.parent / "hooks"
    for place in (hooks, folder / "hooks"):
        place.mkdir(exist_ok=True)
        for name in _HOOKS:
            shutil.copy(program, place / name)
    values = {name: str(program) for name in _SETTINGS}
    values |= dict.fromkeys(_SHELL_SETTINGS, f"!{program}")
    values |= {"core.hooksPath": str(hooks), "log.showSignature": "true"}
    included = folder / "included"
    for name, value in values.items():
        git(clone, "config", "--file", str(included), name, value)
        git(clone, "config", "--file", str(folder / "config"), name, value)
    git(clone, "config", "--file", str(folder / "config"), "include.path", str(included))
