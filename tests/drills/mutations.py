"""Changes real repositories in ten ways, and compares the conclusions with what is right.

    python tests/drills/mutations.py SOURCES [--rounds 10] [--first 0] [--home FOLDER]

SOURCES has clones of the repositories in real_sources.csv. In every round ten of them are cloned
and crawled, each is changed in another one of the ten ways, and all are crawled again. The rounds
take the repositories in turn, and in ten rounds none is changed twice in the same way. The answers
that are right are in CHECKS: a value, the answer before the change, or the output of git. The exit
code is 1 if one is wrong. A refresh executes the SQL that dbt compiled once, which takes a quarter
of the time.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import on_path  # noqa: F401

# isort: split

from answers import Answers
from git_fixtures import git
from product import Product
from real_clones import Clones, sources
from real_work import DATES, MIRA, commit, lines, write
from real_workspace import NOW
from replayed_build import refresh

_BOT = ("renovate[bot]", "29139614+renovate[bot]@users.noreply.github.com")
_DAY = "2026-09-14"
_LATER = "2026-09-15T12:10:00+00:00"


@dataclass(frozen=True)
class Check:
    """A question in SQL; `$path` is the project, `$old` the path that it had before.

    `right` is a value, `before` for the answer before the change, or a git command.
    """

    asked: str
    question: str
    right: str


BEFORE = "before"
_SAME_PROJECT = Check(
    "id of the project", "select project_id from projects where project_path = '$path'", BEFORE
)
_NOT_GONE = Check(
    "projects at the old path that are gone",
    "select count(*) from projects where project_path = '$old' and is_gone",
    "0",
)
_NOTHING_CLOSED = Check(
    "findings that closed",
    "select count(*) from v_gap_history"
    " where kind = 'closed' and project_path in ('$path', '$old')",
    "0",
)
_SAME_FINDINGS = Check(
    "findings and their start",
    "select gap_type, first_seen from v_gap_backlog where project_path = '$path' order by 1, 2",
    BEFORE,
)
# The commit of the change was not pushed.
_SAME_OTHER_FINDINGS = Check(
    "findings and their start, without those of unsaved work",
    "select gap_type, first_seen from v_gap_backlog where project_path = '$path'"
    " and gap_type <> 'UNSAVED_WORK' order by 1, 2",
    BEFORE,
)
_NOT_PUSHED = (
    Check(
        "findings of unsaved work",
        "select count(*) from v_gap_backlog where project_path = '$path'"
        " and gap_type = 'UNSAVED_WORK'",
        "1",
    ),
    Check(
        "commits that no remote has",
        "select unpushed_commit_count from v_unsaved_work where project_path = '$path'",
        "git rev-list --count --branches --not --remotes",
    ),
)
_SAME_OWNER = Check(
    "main author",
    "select main_author_email from v_ownership where project_path = '$path' and scope = 'project'",
    BEFORE,
)
_SAME_BUS_FACTOR = Check(
    "bus factor",
    "select bus_factor from v_ownership where project_path = '$path' and scope = 'project'",
    BEFORE,
)
_SAME_ACTIVITY = Check(
    "points for activity",
    "select round(health_activity, 0) from v_project_health where project_path = '$path'",
    BEFORE,
)
_SAME_LANGUAGE = Check(
    "language", "select primary_language from v_project_health where project_path = '$path'", BEFORE
)
_COMMITS = Check(
    "commits of the default branch",
    "select count(*) from commits where project_path = '$path' and is_in_default",
    "git rev-list --count HEAD",
)
_ROOTED = (_SAME_PROJECT, _NOT_GONE, _NOTHING_CLOSED)

CHECKS: dict[str, tuple[Check, ...]] = {
    "rename": (*_ROOTED, _SAME_FINDINGS, _SAME_OWNER, _COMMITS),
    "move": (*_ROOTED, _SAME_FINDINGS, _SAME_OWNER, _COMMITS),
    "copy": (
        *_ROOTED,
        Check(
            "findings that the original is a copy",
            "select count(*) from v_gap_backlog where project_path = '$path'"
            " and gap_type = 'DUPLICATE_MIRROR_CONTENT'",
            "0",
        ),
        Check(
            "projects that are the copy",
            "select count(*) from projects where project_path = '$path.copy'",
            "1",
        ),
        Check(
            "hotspots of the copy",
            "select count(*) from v_hotspots where project_path = '$path.copy' and not is_repeat",
            "0",
        ),
    ),
    "split": (
        _SAME_PROJECT,
        _NOT_GONE,
        _COMMITS,
        *_NOT_PUSHED,
        Check(
            "projects that are the part",
            "select count(*) from projects where project_path = '$path.part'"
            " and project_id <> (select project_id from projects where project_path = '$path')",
            "1",
        ),
    ),
    "merge": (*_ROOTED, _SAME_LANGUAGE, _COMMITS, *_NOT_PUSHED),
    "rebase": (*_ROOTED, _SAME_FINDINGS, _SAME_OWNER, _COMMITS),
    "mailmap": (
        *_ROOTED,
        Check(
            "main author",
            "select main_author_email from v_ownership"
            " where project_path = '$path' and scope = 'project'",
            "new@example.org",
        ),
        _COMMITS,
        *_NOT_PUSHED,
    ),
    "bot": (*_ROOTED, _SAME_OWNER, _SAME_BUS_FACTOR, _COMMITS, *_NOT_PUSHED),
    "future": (
        *_ROOTED,
        _SAME_OTHER_FINDINGS,
        *_NOT_PUSHED,
        _SAME_ACTIVITY,
        Check(
            "commits in 90 days",
            "select commits_90d from v_project_health where project_path = '$path'",
            "git rev-list --count --since 2026-06-17T12:10:00Z --until 2026-09-15T12:10:00Z HEAD",
        ),
        _COMMITS,
    ),
    "ignored": (
        *_ROOTED,
        _SAME_OTHER_FINDINGS,
        *_NOT_PUSHED,
        _SAME_LANGUAGE,
        Check(
            "ignored files with a role",
            "select count(*) from v_file_roles where project_path = '$path'"
            " and file_path like 'out/%'",
            "0",
        ),
    ),
}


# -- the changes: each returns the path that the project has afterwards ----------------------------


def rename(repository: Path) -> Path:
    return repository.rename(repository.with_name(f"{repository.name}-renamed"))


def move(repository: Path) -> Path:
    target = repository.parent / "elsewhere/deep" / repository.name
    target.parent.mkdir(parents=True)
    return repository.rename(target)


def copy(repository: Path) -> Path:
    shutil.copytree(repository, f"{repository}.copy", symlinks=True)
    return repository


def split(repository: Path) -> Path:
    """Move the larger half of the top-level folders to a repository of its own."""
    part = Path(f"{repository}.part")
    part.mkdir()
    git(part, "init", "--quiet")
    entries = sorted(path for path in repository.iterdir() if path.name != ".git")
    for entry in entries[len(entries) // 2 :]:
        entry.rename(part / entry.name)
    commit(part, "Begin with the part", _DAY)
    commit(repository, "Take the part out", _DAY)
    return repository


def merge(repository: Path) -> Path:
    """Merge the history of another repository, with its files in a folder."""
    with tempfile.TemporaryDirectory() as other:
        git(Path(other), "init", "--quiet")
        write(Path(other) / "merged/notes.md", "note\n" * 30)
        commit(Path(other), "Begin another", "2026-09-10")
        git(repository, "fetch", "--quiet", other, "main")
    unrelated = ("merge", "--quiet", "--allow-unrelated-histories", "--no-edit", "FETCH_HEAD")
    git(repository, *unrelated, **DATES)
    return repository


def rebase(repository: Path) -> Path:
    """Write the newest three commits again, with other ids."""
    again = ("rebase", "--quiet", "--force-rebase", "--rebase-merges", "HEAD~3")
    git(repository, *again, **DATES)
    return repository


def mailmap(repository: Path) -> Path:
    """Map every address to one new one."""
    emails = set(git(repository, "log", "--format=%ae").decode().splitlines())
    rows = "".join(f"New Name <new@example.org> <{email}>\n" for email in sorted(emails))
    write(repository / ".mailmap", f"{rows}New Name <new@example.org> <{MIRA[1]}>\n")
    commit(repository, "Map all addresses", _DAY)
    return repository


def bot(repository: Path) -> Path:
    tops = sorted(path for path in repository.rglob("*") if _is_text_of(repository, path))
    for number in range(40):
        with tops[number % len(tops)].open("a", encoding="utf-8") as file:
            file.write("\n")
        commit(repository, f"Update dependency {number}", _DAY, _BOT)
    return repository


def _is_text_of(repository: Path, path: Path) -> bool:
    inside = path.relative_to(repository).parts
    return path.is_file() and not path.is_symlink() and ".git" not in inside


def future(repository: Path) -> Path:
    write(repository / "later.txt", "later\n")
    commit(repository, "Later", "", at="2099-01-01T00:00:00Z")
    return repository


def ignored(repository: Path) -> Path:
    with (repository / ".gitignore").open("a", encoding="utf-8") as file:
        file.write("\n/out/\n")
    commit(repository, "Ignore the output", _DAY)
    write(repository / "out/bundle.ts", lines(20_000, "bundle"))
    return repository


WAYS: dict[str, Callable[[Path], Path]] = {
    "rename": rename,
    "move": move,
    "copy": copy,
    "split": split,
    "merge": merge,
    "rebase": rebase,
    "mailmap": mailmap,
    "bot": bot,
    "future": future,
    "ignored": ignored,
}


@dataclass(frozen=True)
class Outcome:
    """One check of one changed repository."""

    way: str
    repository: str
    asked: str
    answer: str
    right: str


def repositories_of(number: int) -> list[str]:
    """The ten repositories of a round."""
    names = sorted(sources())
    return [names[(len(WAYS) * number + place) % len(names)] for place in range(len(WAYS))]


def run_round(folder: Path, home: Path, number: int) -> Iterator[Outcome]:
    """Change ten repositories, each in another way, and yield every check."""
    root = home / "code"
    clones = Clones(folder, root)
    names = repositories_of(number)
    for name in names:
        clones.checked_out(name, name)
    before = Product(home / "before", now=NOW)
    before.home.mkdir()
    refresh(before, root)
    changed = {}
    for place, name in enumerate(names):
        way = list(WAYS)[(place + number) % len(WAYS)]
        changed[name] = way, WAYS[way](root / name)
    after = before.twin(home / "after")
    after.now = _LATER
    refresh(after, root)
    for name, (way, path) in changed.items():
        for check in CHECKS[way]:
            answer = _ask(after, check.question, path, root / name)
            yield Outcome(way, name, check.asked, answer, _right(check, before, path, root / name))


def _ask(product: Product, question: str, path: Path, old: Path) -> str:
    filled = question.replace("$path", str(path)).replace("$old", str(old))
    return Answers(product, path).answer("sql", filled)


def _right(check: Check, before: Product, path: Path, old: Path) -> str:
    if check.right == BEFORE:
        return _ask(before, check.question, old, old)
    if check.right.startswith("git "):
        return git(path, *check.right.split()[1:]).decode()
    return check.right


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sources", type=Path)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--rounds", type=int, default=len(WAYS))
    parser.add_argument("--first", type=int, default=0, help="the number of the first round")
    given = parser.parse_args(arguments)
    wrong, asked = 0, 0
    with tempfile.TemporaryDirectory(prefix="meta-mutations-") as own:
        for number in range(given.first, given.first + given.rounds):
            home = (given.home or Path(own)).absolute() / f"round-{number}"
            home.mkdir(parents=True)
            for outcome in run_round(given.sources.resolve(), home, number):
                asked += 1
                if outcome.answer != outcome.right:
                    wrong += 1
                    print(
                        f"round {number}: {outcome.way} {outcome.repository}: {outcome.asked}: "
                        f"{outcome.answer!r}, right is {outcome.right!r}"
                    )
            if given.home is None:
                shutil.rmtree(home)
    print(f"{asked - wrong} of {asked} checks of {given.rounds * len(WAYS)} changes hold")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
