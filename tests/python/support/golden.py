"""Builds the golden workspace: each rule must find exactly the rows of golden_findings.csv."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

_GIT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
}


def git(folder: Path, *arguments: str) -> str:
    answer = subprocess.run(
        ["git", *arguments], cwd=folder, env=_GIT, capture_output=True, text=True, check=True
    )
    return answer.stdout.strip()


def commit_all(folder: Path) -> None:
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "all")


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def source(lines: int, salt: str) -> str:
    return "".join(f"{salt}_{number} = {number}\n" for number in range(lines))


def decisions(functions: int) -> str:
    """Return functions with 12 paths or more, of two lines each, as the catalogue has them."""
    return "".join(
        f"def decide_{number}(facts):\n    return "
        + " and ".join(f"facts[{place}]" for place in range(12 + number))
        + "\n"
        for number in range(functions)
    )


_FURTHER = ("busy", "busy_tested", "tangled", "explained", "gathering", "gathering_told")
_SCANNED_AT = datetime(2026, 3, 20, 12, tzinfo=UTC)


def build_golden_workspace(root: Path) -> None:
    """Make the workspace below *root*: `code` with the projects, and `old`, crawled once."""
    code = root / "code"
    write(code / "untested/untested/core.py", source(3000, "core"))
    write(code / "untested/README.md", "# untested\n")
    # The negative twin: as much code, and tests beside it.
    write(code / "tested/tested/core.py", source(3000, "twin"))
    write(code / "tested/tests/test_core.py", source(600, "check"))
    write(code / "tested/.github/workflows/ci.yml", "on: push\n")
    # Small and without tests: not judged.
    write(code / "small/small.py", source(12, "small") + decisions(4))
    for number in range(12):
        write(code / f"original/lib/module_{number}.py", source(5, f"m{number}"))
    write(code / "original/README.md", "original\n")
    # Five empty files and two equal ones are not a mirror.
    for number in range(5):
        write(code / f"coincidence/pkg/empty_{number}.py", "")
    for number in range(2):
        write(code / f"coincidence/pkg/module_{number}.py", source(5, f"m{number}"))
    _plant_change(code)
    _plant_complexity(code)
    _plant_collectors(code)
    _plant_files_of_others(code / "built")
    _plant_needs(code)
    for name in ("untested", "tested", "small", "original", "coincidence", "built", *_FURTHER):
        commit_all(code / name)
    shutil.copytree(
        code / "original", code / "backup/original-1.0", ignore=shutil.ignore_patterns(".git")
    )
    write(code / "backup/original-1.0/pyproject.toml", "[project]\nname = 'original'\n")
    write(code / "backup/original-1.0/lib/module_11.py", "drifted = True\n")
    _plant_submodule(code)
    # No process can read it to the end: a hole of a tebibyte.
    write(code / "holey/readable.txt", "fine\n")
    commit_all(code / "holey")
    with open(code / "holey/hole.bin", "wb") as file:
        file.truncate(1 << 40)
    write(code / "notes.txt", "loose\n")
    write(root / "old/forgotten/package.json", "{}\n")
    write(root / "old/forgotten/index.js", "module.exports = 1\n")


def _plant_submodule(code: Path) -> None:
    write(code / "parent/main.py", "print('parent')\n")
    commit_all(code / "parent")
    head = git(code / "original", "rev-parse", "HEAD")
    git(code / "parent", "update-index", "--add", "--cacheinfo", f"160000,{head},vendor/child")
    git(code / "parent", "commit", "--quiet", "--message", "pin a submodule")
    (code / "parent/vendor/child").mkdir(parents=True)


def _plant_change(code: Path) -> None:
    """Two small projects with twelve commits; the twin of the first one tests."""
    for name in ("busy", "busy_tested"):
        write(code / name / "app.py", source(30, name))
        for _ in range(11):
            commit_all(code / name)
    write(code / "busy_tested/tests/test_app.py", source(9, "check_app"))


def _plant_complexity(code: Path) -> None:
    """Two projects with complex functions, which are also in the catalogue of CodeGraphX.

    The twin explains them.
    """
    for name in ("tangled", "explained"):
        # The twin imports in a function, so that no file is half loaded.
        needs = "import limits\n" if name == "tangled" else "def limits():\n    import limits\n"
        write(code / name / "core.py", needs + source(289, name) + decisions(5))
        write(code / name / "limits.py", "import core\n")
        write(code / name / "README.md", f"# {name}\n")
    write(code / "explained/docs/core.md", "Decisions and reasons.\n" * 15)


def _plant_collectors(code: Path) -> None:
    """Two projects of collectors; the twin says what they leave behind."""
    for name in ("gathering", "gathering_told"):
        for what in ("repo", "commit"):
            write(code / name / f"{what}_collector.py", _COLLECTOR.format(name=name, what=what))
    write(code / "gathering_told/docs/collectors.md", "Inputs, outputs and omissions.\n")


def _plant_needs(code: Path) -> None:
    """A project that needs an archived one, and a version that the other one does not have.

    The archived one has a large file in git; that of `holey` is not tracked.
    """
    write(code / "small/requirements.txt", "coincidence\ntested==2.0\n")
    write(code / "tested/pyproject.toml", "[project]\nname = 'tested'\nversion = '1.0'\n")
    write(code / "coincidence/pyproject.toml", "[project]\nname = 'coincidence'\n")
    write(code / "coincidence/README.md", "# coincidence\n\nThis project is archived.\n")
    with open(code / "coincidence/data.bin", "wb") as file:
        file.truncate(10_000_000)


def _plant_files_of_others(project: Path) -> None:
    """A small, tested project with large files that are not its own, and some that only seem so."""
    write(project / "src/a.js", source(300, "a"))
    write(project / "src/kept.gen.js", source(20, "kept"))
    write(project / "test/a.test.js", source(120, "check"))
    write(project / "package.json", "{}\n")
    write(project / ".gitignore", "target/\n*.log.js\n")
    # Ignored, whatever it is.
    write(project / "target/generated/G.java", source(4000, "g"))
    write(project / "run.log.js", source(7, "log"))
    # Built beside the file that configures the build, by a generator of documentation, and by what
    # .gitattributes state.
    write(project / "dist/bundle.js", source(5000, "bundle"))
    for name in ("element-list", "help-doc.html", "pkg/deep/A.html", "script.js"):
        write(project / "docs/api" / name, source(900, name))
    write(project / "src/parser.js", source(2500, "parser"))
    write(project / "src/vendor/lib.js", source(800, "lib"))
    write(project / "src/vendor/mine.js", source(30, "mine"))
    write(
        project / ".gitattributes",
        "src/parser.js linguist-generated\nsrc/vendor/mine.js -linguist-vendored\n",
    )
    # The name of the folder alone is not enough.
    write(project / "tools/dist/pack.js", source(10, "pack"))


_COLLECTOR = '''"""Collect the {what}s of every repository below a folder, for {name}."""
import os
import subprocess


def collect_{what}s(root):
    """Gather the {what}s of every repository below a folder."""
    for folder, names, files in os.walk(root):
        if ".git" in names:
            yield folder, subprocess.check_output(["git", "log", "{what}"], cwd=folder)
'''


# -- the facts of CodeGraphX about the workspace ---------------------------------------------------


def build_golden_artifacts(root: Path) -> Path:
    """Make a scan of every file of the workspace below *root*, and a catalogue.

    Return the folder of both.
    """
    folder = root / "codegraphx"
    scan = folder / "scan.jsonl"
    write(scan, "".join(json.dumps(row) + "\n" for row in _scan_rows(root)))
    os.utime(scan, (_SCANNED_AT.timestamp(),) * 2)
    code = root / "code"
    with closing(sqlite3.connect(folder / "project_catalog.db")) as db, db:
        db.execute(f"create table projects ({_PROJECT_COLUMNS})")
        db.execute(f"create table codegraphx_complexity_nodes ({_NODE_COLUMNS})")
        # The first exists, the second no longer.
        for name in ("tangled", "vanished"):
            row = (name, str(code / name), *[0] * (_PROJECT_COLUMNS.count(",") - 1))
            db.execute(f"insert into projects values ({', '.join('?' * len(row))})", row)
        for name in ("tangled", "explained", "small"):
            # Five complex functions are enough, four are not.
            for number in range(4 if name == "small" else 5):
                db.execute(
                    f"insert into codegraphx_complexity_nodes values ({', '.join('?' * 11)})",
                    _complex_function(code / name, number),
                )
    return folder


_PROJECT_COLUMNS = (
    "name, path, file_count, line_count, has_readme, has_tests, has_git, has_ci_cd, has_docs,"
    " has_license"
)
_NODE_COLUMNS = (
    "source_path, source_project, file_path, function_uid, function_name, start_line, end_line,"
    " language, cyclomatic, call_count, updated_at"
)


def _complex_function(project: Path, number: int) -> tuple:
    file = f"{'small' if project.name == 'small' else 'core'}.py"
    place = (
        str(project),
        project.name,
        str(project / file),
        f"{file}:decide_{number}",
        f"decide_{number}",
    )
    return (
        *place,
        10 * number + 1,
        10 * number + 9,
        "python",
        12 + number,
        3,
        f"{_SCANNED_AT:%Y-%m-%d %H:%M:%S}",
    )


def _scan_rows(root: Path) -> Iterator[dict]:
    for project in sorted(path for path in root.glob("code/*/") if path.name != "backup"):
        yield from _rows_of(project)
    yield from _rows_of(root / "code/backup/original-1.0")
    yield from _rows_of(root / "old/forgotten")


def _rows_of(project: Path) -> Iterator[dict]:
    for path in sorted(project.rglob("*")):
        if path.is_file() and ".git" not in path.parts:
            place = {"project": project.name, "root": str(project), "path": str(path)}
            name = {"rel_path": str(path.relative_to(project)), "ext": path.suffix}
            yield {**place, **name, "size": path.stat().st_size}
