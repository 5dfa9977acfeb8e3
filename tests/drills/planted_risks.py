"""Plant 60 risks and 60 look-alikes in clones of 15 real repositories; then compare the findings.

    python tests/drills/planted_risks.py FOLDER_OF_CLONES [PLACE]

tests/drills/risks_table.py states before the run what must be reported, and nothing else may be.
Each clone also configures programs for everything that git may run. They leave marks, and `strace`,
if it is installed, lists all programs that the refresh starts: no other than ours may be among
them. With a PLACE that exists already, only the last refresh and the comparison run again.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import on_path
from planting import git, trap
from risks_table import BASICS, LARGE, OLD, REWRITTEN, TABLE, VERSION, WORK, Key

_BASICS = {(True, False): "no licence", (False, True): "no readme", (False, False): "neither"}
_STARTED = re.compile(r'execve\("((?:[^"\\]|\\.)*)", \[(.*)\](?:\.\.\.)?, .*\) = 0')
_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"')
# The commands of git that only read objects, an index or rules from their input.
_READING = set(
    "cat-file check-attr check-ignore diff-index diff-tree for-each-ref log ls-files ls-tree"
    " merge-base patch-id rev-list".split()
)


def clone_all(source: Path, place: Path) -> None:
    for name in TABLE:
        origin = place / "origins" / f"{name}.git"
        git(source, "clone", "-q", "--bare", "--single-branch", str(source / name), str(origin))
        git(source, "clone", "-q", str(origin), str(place / "code" / name))


def plant(place: Path, *, before: bool) -> None:
    for name, cases in TABLE.items():
        for case in cases:
            if action := case.before if before else case.plant:
                try:
                    action(place / "code" / name)
                except subprocess.CalledProcessError as error:
                    sys.exit(f"{name}, {case.name}: {error}: {error.stderr.decode()}")


def trap_all(place: Path) -> None:
    marks = place / "marks"
    marks.mkdir()
    for folder in (*(place / "code").iterdir(), *(place / "code").glob("*/sub")):
        trap(folder, marks)
    unaware = place / "unaware"
    shutil.copytree(place / "code/click", unaware, symlinks=True)
    git(unaware, "status", check=False)
    assert list(marks.iterdir()), "the traps work"
    for mark in marks.iterdir():
        mark.unlink()


def refresh(place: Path, trace: Path | None = None) -> None:
    environment = os.environ | {
        "META_LANDING_DIR": str(place / "landing"),
        "META_DB_PATH": str(place / "meta.duckdb"),
        "META_CONFIG_DIR": str(place / "config"),
        "META_UNIT_TESTS": "off",
    }
    tracing = ["strace", "-f", "--seccomp-bpf", "-s", "300", "-e", "trace=execve,execveat"]
    with_trace = [*tracing, "-o", str(trace)] if trace and shutil.which("strace") else []
    command = [sys.executable, "-m", "enrich", "refresh-meta", str(place / "code")]
    subprocess.run([*with_trace, *command], env=environment, cwd=on_path.PROJECT, check=True)


# -- what was reported -----------------------------------------------------------------------------


def reported(place: Path) -> set[Key]:
    """Return (rule, detail, project) of everything that the rules report."""
    from enrich.db import connect

    database = connect(place / "meta.duckdb")
    start = len(str(place / "code")) + 1
    rows = database.sql(
        "select gap_type, project_path, subject, evidence from v_gap_backlog"
        f" where gap_type in {(WORK, OLD, LARGE, REWRITTEN, BASICS, VERSION)}"
    ).fetchall()
    found = {
        (rule, detail, path[start:])
        for rule, path, subject, evidence in rows
        for detail in _details(rule, subject, json.loads(evidence))
    }
    # A thing that is unknown is neither lost nor safe.
    work = database.sql("select project_path, things, unknown_reason from v_unsaved_work")
    for path, things, reason in work.fetchall():
        details = {_thing(thing) for thing in json.loads(things)}
        found |= {(WORK, detail, path[start:]) for detail in details}
        if reason and not details:
            found.add((WORK, f"unknown: {reason}", path[start:]))
    return found


def _details(rule: str, subject: str, evidence: dict) -> list[str]:
    return {
        WORK: lambda: ["flagged"],
        OLD: lambda: [evidence["lifecycle"]],
        LARGE: lambda: [one["path"] for one in evidence["largest"]],
        REWRITTEN: lambda: [subject],
        BASICS: lambda: [_BASICS[evidence["has_readme"], evidence["has_license"]]],
        VERSION: lambda: [one["dependency"] for one in evidence["conflicting"]],
    }[rule]()


def _thing(thing: dict) -> str:
    if thing["kind"] == "stash":
        return f"stash {thing['name']}@{(thing['changed_at'] or '')[:10]}"
    return "detached" if thing["kind"] == "detached" else f"{thing['kind']} {thing['name']}"


# -- what must be reported -------------------------------------------------------------------------


def judge(found: set[Key]) -> tuple[list[str], Counter[bool]]:
    """Return what is wrong, one line each, and how many risks and look-alikes are right."""
    wrong: list[str] = []
    right: Counter[bool] = Counter()
    expected: set[Key] = set()
    for name, cases in TABLE.items():
        for case in filter(lambda case: case.is_risk, cases):
            keys = {_whole(key, name) for key in case.keys}
            hits = {hit for key in keys if (hit := _hit(key, found))}
            expected |= hits
            expected |= {(WORK, "flagged", hit[2]) for hit in hits if hit[0] == WORK}
            right[True] += len(hits) == len(keys)
            wrong += [
                f"not found: {name}, {case.name}: {key}" for key in keys if not _hit(key, found)
            ]
    rest = found - expected
    for name, cases in TABLE.items():
        for case in filter(lambda case: not case.is_risk, cases):
            loud = {one for key in case.keys for one in rest if _is_about(one, _whole(key, name))}
            right[False] += not loud
            wrong += [f"reported: {name}, {case.name}: {one}" for one in sorted(loud)]
            rest -= loud
    wrong += [f"reported, and not planted: {one}" for one in sorted(rest)]
    return wrong, right


def _whole(key: Key, name: str) -> Key:
    return key if len(key) == 3 else (*key, name)


def _hit(key: Key, found: set[Key]) -> Key | None:
    """Return what was reported; the time of a stash counts only if it was written down.

    Work counts only if there is a finding about its project.
    """
    rule, detail, project = key
    if rule == WORK and (WORK, "flagged", project) not in found:
        return None
    is_open = detail.startswith("stash ") and "@" not in detail
    return next(
        (
            one
            for one in found
            if (one[0], one[2]) == (rule, project)
            and detail == (one[1].rpartition("@")[0] if is_open else one[1])
        ),
        None,
    )


def _is_about(one: Key, key: Key) -> bool:
    return (one[0], one[2]) == (key[0], key[2]) and key[1] in one[1]


# -- what ran --------------------------------------------------------------------------------------


def strange(place: Path, trace: Path) -> tuple[list[str], Counter[str]]:
    """Return the programs of others that ran, and how often each program of the product did."""
    wrong = [f"ran for a repository: {mark}" for mark in (place / "marks").iterdir()]
    if not trace.exists():
        return wrong, Counter()
    ours: Counter[str] = Counter()
    lines = trace.read_text(errors="replace").splitlines()
    for program, text in (m.groups() for line in lines if (m := _STARTED.search(line))):
        words = _WORD.findall(text)
        if name := _ours(program, words):
            ours[name] += 1
        else:
            wrong.append(f"a program that is not ours: {program} {words}")
    return wrong, ours


def _ours(program: str, words: list[str]) -> str | None:
    """Return a short name of a program that the refresh may start."""
    name = os.path.basename(program)
    if os.path.realpath(program) == os.path.realpath(sys.executable):
        return "python"
    if not program.startswith(("/usr/bin/", "/bin/", "/usr/lib/git-core/", "/sbin/", "/usr/sbin/")):
        return None
    if words[1:] == ["-C", str(on_path.PROJECT), "rev-parse", "HEAD"]:
        return "git rev-parse, about our own version"
    if name == "git":
        commands = [word for word in words[1:] if word in _READING or word == "--version"]
        return f"git {commands[0]}" if commands else None
    if name in ("sh", "dash"):
        # The limits of a sandbox, the probe of it, and what Python itself asks of the system.
        is_ours = words[1:2] == ["-c"] and (words[2].startswith("ulimit") or words[2] == ":")
        return "sh" if is_ours else None
    return name if name in ("unshare", "uname", "ldconfig", "file") else None


def main() -> None:
    place = Path(sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp(prefix="planted-"))
    if not (place / "marks").exists():
        (place / "code").mkdir(parents=True)
        clone_all(Path(sys.argv[1]).resolve(), place)
        plant(place, before=True)
        refresh(place)
        plant(place, before=False)
        trap_all(place)
    trace = place / "trace"
    refresh(place, trace)
    wrong, right = judge(reported(place))
    foreign, ours = strange(place, trace)
    print("\n".join([*wrong, *foreign]) or "all found, and nothing else")
    print(f"programs: {dict(ours) or 'strace is not installed'}")
    total = Counter(case.is_risk for cases in TABLE.values() for case in cases)
    print(f"{right[True]} of {total[True]} risks found, ", end="")
    print(f"{right[False]} of {total[False]} look-alikes silent; {place}")
    sys.exit(bool(wrong or foreign))


if __name__ == "__main__":
    main()
