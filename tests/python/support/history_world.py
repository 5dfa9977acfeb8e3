"""Builds repositories with a tangled history: every kind of change, merge, name and clock."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from git_fixtures import DAY_S, FIRST_COMMIT_AT_S, git, make_repository

from loaders.sources.crawl.crawling import crawl
from loaders.sources.crawl.excludes import load_excludes
from loaders.sources.git_history.land import Summary, land_history
from loaders.zone.landing import LandingZone

ODD_NAMES = (
    b"na\xc3\xafve caf\xc3\xa9.txt",
    b"tab\there",
    b"new\nline",
    b"not \xff utf-8",
    b"back\\slash",
    b":100644 000000 x M",
)


def commit(repository: Path, day: float, message: str = "change", **more: str) -> str:
    """Commit all files on the given day; the commit's id."""
    when = f"{FIRST_COMMIT_AT_S + int(day * DAY_S)} +0200"
    git(repository, "add", "-A")
    author = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when, **more}
    git(repository, "commit", "-q", "--allow-empty", "-m", message, **author)
    return git(repository, "rev-parse", "HEAD").decode()


def merge(repository: Path, day: float, *branches: str) -> None:
    when = f"{FIRST_COMMIT_AT_S + int(day * DAY_S)} +0000"
    git(
        repository, "merge", "-q", "--no-ff", "-X", "ours", "-m", f"Merge {' '.join(branches)}",
        *branches, GIT_AUTHOR_DATE=when, GIT_COMMITTER_DATE=when,
    )  # fmt: skip


def write(repository: Path, name: str | bytes, lines: list[str]) -> None:
    path = os.path.join(os.fsencode(repository), os.fsencode(name))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    Path(os.fsdecode(path)).write_text("".join(f"{line}\n" for line in lines))


def tangled(path: Path) -> Path:
    """A repository of about thirty commits in which everything happens."""
    make_repository(path, commits=3)
    text = [f"line {number}" for number in range(40)]
    write(path, "lib/a.py", text)
    commit(path, 3, "Add a\n\nWith a body.\n\n\tindented")
    _rename(path, "lib/a.py", "lib/b.py")
    write(path, "lib/b.py", [*text[:-1], "changed"])
    commit(path, 4, "Rename a to b")
    # The clock of one runs ahead, that of the next runs back.
    write(path, "skew.txt", ["ahead"])
    commit(path, 9, "ahead")
    write(path, "skew.txt", ["behind"])
    commit(path, 5, "behind")
    _rename(path, "lib/b.py", "src/c.py")
    commit(path, 6, "Rename b to c")
    write(path, "lib/a.py", ["another file of the first name"])
    commit(path, 7)
    for number, branch in enumerate(("one", "two", "three")):
        git(path, "checkout", "-q", "-b", branch, "main~2")
        write(path, f"{branch}.txt", [branch] * (number + 2))
        write(path, "src/c.py", [*text[:-1], branch])
        commit(path, 7 + number / 10, f"on {branch}")
    git(path, "checkout", "-q", "main")
    merge(path, 8, "one")
    merge(path, 8.5, "two")
    for number in range(2):
        git(path, "checkout", "-q", "-b", f"leg{number}", "main~1")
        write(path, f"leg{number}.txt", [str(number)])
        commit(path, 8.6, f"leg {number}")
    git(path, "checkout", "-q", "main")
    merge(path, 8.7, "leg0", "leg1")
    _kinds_of_change(path)
    git(path, "checkout", "-q", "--orphan", "other-roots")
    git(path, "rm", "-rqf", ".")
    write(path, "apart.txt", ["apart"])
    commit(path, 11, "another root")
    git(path, "checkout", "-q", "main")
    merge_unrelated(path)
    git(path, "rm", "-q", "src/c.py")
    commit(path, 13, "c is removed")
    commit(path, 14, "nothing changed")
    first = git(path, "rev-list", "--max-parents=0", "--first-parent", "HEAD").decode()
    words = WORDS_OF_A_MESSAGE.format(sha=first, short=first[:8])
    commit(
        path, 14.5, f"in the words of {first[:9]}\n\n{words}", GIT_AUTHOR_EMAIL="ADA@example.org"
    )
    _people(path)
    _name_things(path)
    return path


# Line by line: references, and words that only look like them.
WORDS_OF_A_MESSAGE = """\
someone/tangled@{short}, x.py:12 and ./pair/y.py.
https://forge.example/someone/tangled/commit/{sha}
https://forge.example/someone/else/blob/main/pair/x.py and www.example.org/pair/x.py
version 1.2/1.3.4, 3.14159265, 1234567, release/2.x.py, Node.js, owner/feature.py and pair.
checksum feedface2 and 0x{short}, but nowhere/lost.py and defaced.
"""


def _people(path: Path) -> None:
    """Add authors with several addresses and names, mapped by `.mailmap`, and a bot."""
    mapped = [
        "New Name <new@example.org> <old@example.org>",
        "Alan <alan@example.org> alan b <shared@example.org>",
    ]
    write(path, ".mailmap", mapped)
    for at, (name, email, message) in enumerate(
        (
            ("Old Name", "OLD@example.org", "one of the old\r\n\r\nwith a body\r\n"),
            ("Alan B", "shared@example.org", "by Alan (#7)"),
            ("Barbara", "shared@example.org", "Merged PR 8: by Barbara"),
            ("dependabot[bot]", "4+dependabot[bot]@users.noreply.github.com", "Bump (#9)"),
            ("Abbot", "5+abbot@users.noreply.github.com", "by a person (see #10)"),
        )
    ):
        write(path, "people.txt", [name])
        author = {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": email}
        commit(path, 14.6 + at / 100, message, **author)


def _kinds_of_change(path: Path) -> None:
    for name in ODD_NAMES:
        write(path, b"odd/" + name, ["odd", name.hex()])
    commit(path, 9.1, "odd names")
    os.chmod(path / "skew.txt", 0o755)
    commit(path, 9.2, "executable")
    (path / "one.txt").unlink()
    (path / "one.txt").symlink_to("two.txt")
    commit(path, 9.3, "a file becomes a link")
    for number in range(6):
        write(path, "pair/x.py", [f"x = {number}"])
        write(path, "pair/y.py", [f"y = {number}"])
        commit(
            path,
            9.31 + number / 100,
            f"both {number}\n\nSee lib/b.py and pair/x.py, not lib/nowhere.py or commit feedface1.",
        )
    (path / "binary.bin").write_bytes(bytes(range(256)) * 4)
    (path / "vendored").mkdir()
    git(path, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},vendored")
    commit(path, 9.4, "binary", GIT_AUTHOR_NAME="Grace", GIT_AUTHOR_EMAIL="grace@example.org")
    (path / "lib/a.py").unlink()
    commit(path, 9.5, "a ends, for a while")
    write(path, "lib/a.py", ["back"])
    commit(
        path, 9.6, "Merge https://ada:secret@example.org/x\n\nSee https://token@example.org/y?z."
    )


def merge_unrelated(path: Path) -> None:
    when = f"{FIRST_COMMIT_AT_S + 12 * DAY_S} +0000"
    git(
        path, "merge", "-q", "--no-ff", "--allow-unrelated-histories", "-m", "join", "other-roots",
        GIT_AUTHOR_DATE=when, GIT_COMMITTER_DATE=when,
    )  # fmt: skip


def _name_things(path: Path) -> None:
    git(path, "tag", "light")
    git(path, "tag", "-a", "-m", "annotated", "v1", "main~3")
    git(path, "tag", "-a", "-m", "a tag of a tag", "v1-again", "v1")
    git(path, "tag", "of-a-tree", "main^{tree}")
    git(path, "update-ref", "refs/notes/commits", "main~5")
    git(path, "symbolic-ref", "refs/heads/alias", "refs/heads/main")
    git(path, "pack-refs", "--all")
    git(path, "branch", "-q", "loose", "main~4")


def _rename(path: Path, old: str, new: str) -> None:
    (path / new).parent.mkdir(exist_ok=True)
    git(path, "mv", old, new)


def history_world(root: Path) -> Path:
    """The tangled repository and its relatives.

    Clones, a bare one, a shallow one, a work tree and an empty one.
    """
    root.mkdir(parents=True)
    main = tangled(root / "tangled")
    git(root, "clone", "-q", "--no-local", str(main), str(root / "clone"))
    with (root / "clone/.git/logs/HEAD").open("a") as log:
        log.write(
            f"{'0' * 40} {'1' * 40} Ada <ada@example.org> 1700000000 +0000\tclone: from"
            " https://u:secret@example.org/x\n"
        )
    git(root, "clone", "-q", "--mirror", "--no-local", str(main), str(root / "mirror.git"))
    git(root, "clone", "-q", "--depth", "3", f"file://{main}", str(root / "shallow"))
    git(main, "worktree", "add", "-q", str(root / "linked"), "three")
    (root / "empty").mkdir()
    git(root / "empty", "init", "-q")
    return root


def change(root: Path) -> None:
    """Make the changes between two crawls.

    Commits, a forced push, a rebase, a deleted branch and a moved folder.
    """
    main = root / "tangled"
    write(main, "lib/new.py", ["new"])
    commit(main, 20, "new")
    git(main, "branch", "-q", "-D", "leg0")
    git(root / "clone", "checkout", "-q", "-B", "main", "main~3")
    write(root / "clone", "forced.txt", ["forced"])
    commit(root / "clone", 21, "by force")
    shutil.move(root / "mirror.git", root / "moved.git")


def crawl_history(zone: LandingZone, root: Path, **how) -> Summary:
    """Crawl, and land the history of the repositories that were found."""
    crawl(zone, [os.fsencode(root)], load_excludes("default"), [])
    return land_history(zone, **how)
