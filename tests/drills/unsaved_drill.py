"""Plant unsaved work, and what only looks like it, in clones of real repositories; then compare.

    python tests/drills/unsaved_drill.py FOLDER_OF_CLONES [PLACE]

Every risk must be found with its kind, its harmless twins must pass, and nothing of a repository's
configuration may run: each clone has a monitor, filters, hooks and drivers that leave a mark.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2])]

PROJECT = Path(__file__).parents[2]
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


def git(where: Path, *words: str, check: bool = True) -> str:
    done = subprocess.run(
        ["git", "-C", str(where), *words], env=_GIT, capture_output=True, text=True, check=check
    )
    return done.stdout.strip()


def tracked(clone: Path, number: int = 0) -> Path:
    """A tracked text file at the top of a clone."""
    names = git(clone, "ls-files", "--", ":(top)*").splitlines()
    plain = [name for name in names if (clone / name).is_file() and not (clone / name).is_symlink()]
    return clone / sorted(plain, key=lambda name: (name.count("/"), name))[number]


def add_to(path: Path, text: str = "more\n") -> None:
    with open(path, "a", encoding="utf-8") as file:
        file.write(text)


def new(clone: Path, name: str, text: str = "new\n") -> Path:
    path = clone / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def commit(clone: Path, name: str = "own.txt", text: str = "own\n") -> None:
    new(clone, name, text)
    git(clone, "add", "-f", name)
    git(clone, "commit", "-q", "-m", f"Add {name}")


def ignore(clone: Path, *patterns: str) -> None:
    with open(clone / ".git/info/exclude", "a", encoding="utf-8") as file:
        file.writelines(f"{pattern}\n" for pattern in patterns)


def upstream(clone: Path) -> Path:
    return Path(git(clone, "remote", "get-url", "origin"))


def branch_of_two(clone: Path) -> str:
    main = git(clone, "branch", "--show-current")
    git(clone, "checkout", "-q", "-b", "topic")
    commit(clone, "topic-1.txt")
    commit(clone, "topic-2.txt")
    git(clone, "checkout", "-q", main)
    return main


def merged_upstream(clone: Path, *how: str) -> None:
    """Merge the branch `topic` upstream in some way, after other work, and fetch."""
    main, origin = branch_of_two(clone), upstream(clone)
    git(origin, "fetch", "-q", str(clone), "topic")
    work = clone.parent / f".{clone.name}-upstream"
    git(clone.parent, "clone", "-q", str(origin), str(work))
    commit(work, "meanwhile.txt")
    git(work, "fetch", "-q", str(clone), "topic")
    if how == ("rebase",):
        git(work, "cherry-pick", "FETCH_HEAD~1", "FETCH_HEAD")
    else:
        git(work, "merge", "-q", *how, "FETCH_HEAD")
        git(work, "commit", "-q", "-m", "Topic (#1)", check=False)
    git(work, "push", "-q", "origin", f"HEAD:{main}")
    shutil.rmtree(work)
    git(clone, "fetch", "-q")


def conflict(clone: Path) -> None:
    file = tracked(clone)
    main = git(clone, "branch", "--show-current")
    git(clone, "checkout", "-q", "-b", "side")
    file.write_text("side\n")
    git(clone, "commit", "-q", "-a", "-m", "side")
    git(clone, "push", "-q", "origin", "side")
    git(clone, "checkout", "-q", main)
    file.write_text("main\n")
    git(clone, "commit", "-q", "-a", "-m", "main")
    git(clone, "push", "-q", "origin", "HEAD")
    git(clone, "merge", "-q", "side", check=False)


def crlf(clone: Path) -> None:
    git(clone, "config", "core.autocrlf", "true")
    file = tracked(clone)
    content = file.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    file.write_bytes(content)


def filtered(clone: Path) -> None:
    """A clean checkout of a file that a filter stores in another form."""
    new(clone, ".gitattributes", "*.upper filter=upper\n")
    git(clone, "config", "filter.upper.clean", "tr a-z A-Z")
    git(clone, "config", "filter.upper.smudge", "tr A-Z a-z")
    new(clone, "x.upper", "content\n")
    git(clone, "add", ".gitattributes", "x.upper")
    git(clone, "commit", "-q", "-m", "filter")
    git(clone, "push", "-q", "origin", "HEAD")
    (clone / "x.upper").unlink()
    git(clone, "checkout", "-q", "x.upper")
    # A file as young as the index is unknown, also to git.
    time.sleep(0.05)
    git(clone, "update-index", "--force-write-index")


def submodule(clone: Path, *, moves: bool) -> None:
    git(clone, "submodule", "add", "-q", str(upstream(clone)), "sub")
    git(clone, "commit", "-q", "-m", "sub")
    git(clone, "push", "-q", "origin", "HEAD")
    if moves:
        git(clone / "sub", "checkout", "-q", "HEAD~1")


def worktree(clone: Path, *, changes: bool) -> None:
    linked = clone.parent / f"{clone.name}-linked"
    git(clone, "worktree", "add", "-q", "--detach", str(linked))
    if changes:
        add_to(tracked(linked))


def encoded(clone: Path) -> None:
    """A clean checkout of a file that is in another encoding than git stores."""
    new(clone, ".gitattributes", "*.u16 working-tree-encoding=UTF-16\n")
    (clone / "x.u16").write_bytes("text\n".encode("utf-16"))
    git(clone, "add", ".gitattributes", "x.u16")
    git(clone, "commit", "-q", "-m", "encoded")
    git(clone, "push", "-q", "origin", "HEAD")
    time.sleep(0.05)
    git(clone, "update-index", "--force-write-index")


def unborn(clone: Path) -> None:
    shutil.rmtree(clone / ".git")
    git(clone, "init", "-q")


def link(clone: Path, *, changes: bool) -> None:
    (clone / "pointer").symlink_to("README")
    git(clone, "add", "pointer")
    git(clone, "commit", "-q", "-m", "pointer")
    git(clone, "push", "-q", "origin", "HEAD")
    if changes:
        (clone / "pointer").unlink()
        (clone / "pointer").symlink_to("elsewhere")


def picking(clone: Path) -> None:
    conflict(clone)
    git(clone, "merge", "--abort")
    git(clone, "cherry-pick", "side", check=False)


# name → how to plant it, and the column of v_unsaved_work that must count it
RISKS: dict[str, tuple[Plant, str]] = {
    "changed": (lambda clone: add_to(tracked(clone)), "modified_count"),
    "changed-same-size": (
        lambda clone: tracked(clone).write_bytes(tracked(clone).read_bytes()[::-1]),
        "modified_count",
    ),
    "untracked": (lambda clone: new(clone, "notes/idea.txt"), "untracked_count"),
    "staged-new": (
        lambda clone: (new(clone, "fresh.txt"), git(clone, "add", "fresh.txt")),
        "added_count",
    ),
    "only-staged": (
        lambda clone: (
            add_to(tracked(clone)),
            git(clone, "add", "-A"),
            git(clone, "show", "HEAD:" + tracked(clone).name),
            tracked(clone).write_bytes(
                subprocess.run(
                    ["git", "-C", str(clone), "show", f"HEAD:{tracked(clone).name}"],
                    env=_GIT, capture_output=True, check=True,
                ).stdout
            ),
        ),
        "staged_count",
    ),
    "intent-to-add": (
        lambda clone: (new(clone, "meant.txt"), git(clone, "add", "-N", "meant.txt")),
        "added_count",
    ),
    "deleted": (lambda clone: tracked(clone).unlink(), "deleted_count"),
    "conflict": (conflict, "conflict_count"),
    "stash": (
        lambda clone: (add_to(tracked(clone)), git(clone, "stash", "-q")),
        "stash_count",
    ),
    "branch": (branch_of_two, "unpushed_commit_count"),
    "ahead": (commit, "unpushed_commit_count"),
    "detached": (
        lambda clone: (git(clone, "checkout", "-q", "--detach"), commit(clone)),
        "detached_count",
    ),
    "no-remote": (
        lambda clone: git(clone, "remote", "remove", "origin"),
        "commits_without_remote",
    ),
    "secret": (
        lambda clone: (ignore(clone, ".env"), new(clone, ".env", "PASSWORD=1\n")),
        "precious_count",
    ),
    "submodule-moved": (lambda clone: submodule(clone, moves=True), "submodule_count"),
    "link-changed": (lambda clone: link(clone, changes=True), "modified_count"),
    "unborn": (unborn, "untracked_count"),
    "picking": (picking, "operation"),
    "ahead-on-a-renamed-remote": (
        lambda clone: (git(clone, "remote", "rename", "origin", "server"), commit(clone)),
        "unpushed_commit_count",
    ),
    "split-index": (
        lambda clone: (git(clone, "update-index", "--split-index"), new(clone, "s.txt"),
                       git(clone, "add", "s.txt")),
        "added_count",
    ),
    "index-4": (
        lambda clone: (git(clone, "update-index", "--index-version", "4"), add_to(tracked(clone))),
        "modified_count",
    ),
    "sparse-changed": (
        lambda clone: (git(clone, "sparse-checkout", "set", "--cone"), add_to(tracked(clone))),
        "modified_count",
    ),
}  # fmt: skip

LOOK_ALIKES: dict[str, Plant] = {
    "encoded": encoded,
    "link": lambda clone: link(clone, changes=False),
    "stash-popped": lambda clone: (
        add_to(tracked(clone)), git(clone, "stash", "-q"), git(clone, "stash", "drop", "-q"),
    ),
    "taken-back": lambda clone: (commit(clone), git(clone, "reset", "-q", "--hard", "@{u}")),
    "tagged": lambda clone: git(clone, "tag", "v-own"),
    "packed": lambda clone: git(clone, "gc", "-q"),
    "remote-renamed": lambda clone: git(clone, "remote", "rename", "origin", "server"),
    "clean": lambda clone: None,
    "touched": lambda clone: os.utime(tracked(clone), (0, 0)),
    "build-output": lambda clone: (ignore(clone, "out/"), new(clone, "out/app.o", "x")),
    "template": lambda clone: (ignore(clone, ".env*"), new(clone, ".env.example", "A=\n")),
    "pushed-under-another-name": lambda clone: (
        branch_of_two(clone), git(clone, "push", "-q", "origin", "topic:other"),
    ),
    "merged": lambda clone: merged_upstream(clone, "--no-edit"),
    "squashed": lambda clone: merged_upstream(clone, "--squash"),
    "rebased": lambda clone: merged_upstream(clone, "rebase"),
    "mode-only": lambda clone: (
        git(clone, "config", "core.fileMode", "false"), tracked(clone).chmod(0o755),
    ),
    "crlf": crlf,
    "sparse": lambda clone: git(clone, "sparse-checkout", "set", "--cone"),
    "filtered": filtered,
    "submodule-in-place": lambda clone: submodule(clone, moves=False),
    "assumed": lambda clone: (
        git(clone, "update-index", "--assume-unchanged", tracked(clone).name),
        add_to(tracked(clone)),
    ),
    "kept-local": lambda clone: (
        git(clone, "update-index", "--skip-worktree", tracked(clone).name), add_to(tracked(clone)),
    ),
    "split-clean": lambda clone: git(clone, "update-index", "--split-index"),
    "linked": lambda clone: worktree(clone, changes=False),
    "bisecting": lambda clone: git(clone, "bisect", "start"),
}  # fmt: skip


def trap(clone: Path, marks: Path) -> None:
    """Let everything that git could run for a clone leave a mark."""
    program = marks.parent / "trap"
    program.write_text(f"#!/bin/sh\ntouch '{marks}'/$PPID\ncat\n")
    program.chmod(0o755)
    hooks = marks.parent / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-index-change", "post-checkout", "reference-transaction"):
        shutil.copy(program, hooks / name)
    for name in ("core.fsmonitor", "diff.external", "gpg.program", "core.sshCommand",
                 "core.pager", "diff.trap.textconv", "filter.trap.clean"):  # fmt: skip
        git(clone, "config", name, str(program))
    git(clone, "config", "core.hooksPath", str(hooks))


def plant(source: Path, place: Path) -> None:
    clones = sorted(path for path in source.iterdir() if (path / ".git").is_dir())
    names = [*RISKS, *LOOK_ALIKES]
    marks = place / "marks"
    marks.mkdir()
    for number, name in enumerate(names):
        origin = place / "origins" / f"{name}.git"
        taken = clones[number % len(clones)]
        git(place, "clone", "-q", "--bare", str(taken), str(origin))
        clone = place / "code" / name
        git(place, "clone", "-q", str(origin), str(clone))
        action = RISKS[name][0] if name in RISKS else LOOK_ALIKES[name]
        action(clone)
        trap(clone, marks)
    taken = clones[0]
    git(place, "clone", "-q", "--mirror", str(taken), str(place / "code/mirror.git"))
    git(place, "clone", "-q", "--depth", "1", f"file://{taken}", str(place / "code/shallow"))
    git(place, "clone", "-q", "-n", str(taken), str(place / "code/not-checked-out"))


def judge(place: Path) -> list[str]:
    """Return what is wrong, one line each."""
    from enrich.db import connect

    rows = connect(place / "meta.duckdb").sql(
        "select v_unsaved_work.*, verdict from v_unsaved_work join v_verdicts using (project_id)"
        " where gap_type = 'UNSAVED_WORK'"
    )
    found = {row[rows.columns.index("project_name")]: dict(zip(rows.columns, row, strict=True))
             for row in rows.fetchall()}  # fmt: skip
    wrong = []
    for name, (_, column) in RISKS.items():
        row = found.get(name, {})
        if row.get("verdict") != "fail" or not row.get(column):
            wrong.append(f"risk {name}: {row.get('verdict')}, {row.get('sentence')}")
    for name in [*LOOK_ALIKES, "linked-linked", "mirror.git", "shallow", "not-checked-out"]:
        row = found.get(name, {})
        if row.get("verdict") != "pass":
            wrong.append(
                f"look-alike {name}: {row.get('verdict')}, {row.get('sentence')}, "
                f"{row.get('unknown_reason')}, {row.get('things')}"
            )
    wrong += [f"something ran: {mark}" for mark in (place / "marks").iterdir()]
    return wrong


def main() -> None:
    place = Path(sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp(prefix="unsaved-"))
    if not (place / "code").exists():
        place.mkdir(exist_ok=True)
        plant(Path(sys.argv[1]), place)
    for mark in (place / "marks").iterdir():
        mark.unlink()
    environment = os.environ | {
        "META_LANDING_DIR": str(place / "landing"),
        "META_DB_PATH": str(place / "meta.duckdb"),
        "META_UNIT_TESTS": "off",
    }
    command = [sys.executable, "-m", "enrich", "refresh-meta", str(place / "code")]
    subprocess.run(command, env=environment, cwd=PROJECT, check=False)
    wrong = judge(place)
    print("\n".join(wrong) or "all found, and nothing else")
    print(f"{len(RISKS)} risks, {len(LOOK_ALIKES) + 4} look-alikes; {place}")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
