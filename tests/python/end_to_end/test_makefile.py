"""The variables of the Makefile are text: nothing in their values is carried out."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from product import PROJECT

ENRICH = """#!/bin/sh
printf 'root<%s>' "$META_REFRESH_ROOT"
env > environment
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone as make sees it, with an `enrich` that prints the root that it was given."""
    folder = tmp_path / "a clone"
    (folder / ".venv" / "bin").mkdir(parents=True)
    shutil.copytree(PROJECT / "requirements", folder / "requirements")
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(PROJECT / name, folder / name)
    _program(folder / ".venv" / "bin" / "enrich", ENRICH)
    (folder / ".venv" / ".ready").touch()
    return folder


def _program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def _make(
    clone: Path, *words: str, environment: Mapping[str, str] | None = None, cwd: Path | None = None
) -> str:
    # Not as a child of the make that runs the tests.
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MAKE", "MFLAGS", "META_"))
    }
    done = subprocess.run(
        ["make", *words],
        cwd=cwd or clone,
        env=inherited | (environment or {}),
        capture_output=True,
        text=True,
    )
    return done.stdout + done.stderr


def _was_run(folder: Path) -> list[str]:
    return [str(path) for path in folder.rglob("*was-run*")]


VALUES = (
    "$(shell touch was-run)", "${shell touch was-run}", "$(eval $(shell touch was-run))",
    "`touch was-run`", "$$(touch was-run)", "$(touch was-run)", "$(error no)", "$(ROOT)", "$HOME",
    "; touch was-run", "&& touch was-run", "| touch was-run", "> was-run", "x\ntouch was-run",
    '"; touch was-run; "', "'; touch was-run; '", "x\n\ttouch was-run", "$", "$$", "-rf", "--help",
    "--eval=x", "a b", "a#b", "a%b", "a\\", "a)", "(", ",", "*", "~", ":", "a=b", "a ",
)  # fmt: skip


@pytest.mark.parametrize("value", VALUES)
def test_a_root_is_only_a_name_for_make(clone: Path, value: str):
    assert _make(clone, "-s", "refresh", f"ROOT={value}") == f"root<{value}>"
    assert _was_run(clone) == []


NAMES = (
    *(
        "ROOT",
        "FILES",
        "AGAINST",
        "PYTHON",
        "SHELL",
        ".SHELLFLAGS",
        "VENV",
        "BIN",
        "READY",
        "LINT_READY",
        "RESOLVE",
        "MAKEFILE_LIST",
        "MAKE",
        ".name",
    ),
    *(
        "META_REFRESH_ROOT",
        "META_BENCH_AGAINST",
        "META_PYTHON",
        "META_DB_PATH",
        "META_LANDING_DIR",
        "DBT_TARGET",
        "ANYTHING",
        "name",
    ),
)


@pytest.mark.parametrize("name", NAMES)
def test_no_value_of_a_variable_is_executed(clone: Path, name: str):
    """Whether it is given to make or to its environment, which `make -e` prefers."""
    for value in ("$(shell touch was-run)", "; touch was-run;", "./was-run", "touch was-run #"):
        _program(clone / "was-run", "#!/bin/sh\ntouch was-run-2\n").rename(clone / "bait")
        given = f"{name}={value}"
        for words, environment in (((given,), {}), ((), {name: value}), (("-e",), {name: value})):
            output = _make(clone, "-s", "refresh", *words, environment=environment)
            # It ran without a root, or was refused; only a ROOT that is given to make is one.
            is_fine = name == "MAKEFILE_LIST" or (name, words) == ("ROOT", (given,))
            assert "root<>" in output or is_fine, output
            assert _was_run(clone) == []
        (clone / "bait").unlink()


@pytest.mark.parametrize("name", ["PYTHON", "BIN", "VENV", "SHELL"])
def test_setup_executes_no_value_of_a_variable(clone: Path, name: str):
    (clone / ".venv" / ".ready").unlink()
    for words, environment in (
        ((f"{name}=false; touch was-run",), {}),
        (("-e",), {name: "false; touch was-run"}),
    ):
        _make(clone, "setup", "PYTHON=false", *words, environment=environment)
    assert _was_run(clone) == []


def test_an_interpreter_may_have_any_path(clone: Path, tmp_path: Path):
    """The control: PYTHON is still the program to use."""
    (clone / ".venv" / ".ready").unlink()
    python = _program(
        tmp_path / "my python's" / "py$(x)thon", '#!/bin/sh\necho "asked for $*"; exit 1\n'
    )
    assert "asked for -m venv .venv" in _make(clone, "setup", f"PYTHON={python}")
    assert "asked for -m venv .venv" in _make(clone, "setup", environment={"PYTHON": str(python)})


@pytest.mark.parametrize(
    "entry", ["", ".", "bin", "{root}", "{root}/bin", "{root}/../code/bin", "{link}"]
)
def test_setup_takes_no_program_from_the_folder_to_crawl(clone: Path, tmp_path: Path, entry: str):
    (clone / ".venv" / ".ready").unlink()
    root, link = tmp_path / "code", tmp_path / "link"
    for folder in (root, root / "bin", clone, clone / "bin"):
        for name in ("python3", "sh", "touch"):
            _program(folder / name, '#!/bin/sh\n: > "$0-was-run"\nexit 1\n')
    link.symlink_to(root / "bin")
    fine = _program(tmp_path / "fine" / "python3", "#!/bin/sh\necho asked >&2; exit 1\n").parent
    path = f"{entry.format(root=root, link=link)}:{fine}:/usr/bin:/bin"
    assert "asked" in _make(clone, "refresh", f"ROOT={root}", environment={"PATH": path})
    assert _was_run(tmp_path) == []


def _interpreter(path: Path, version: str) -> Path:
    """Plant a Python that gives its version and makes no environment."""
    says = f'case $1 in -c) echo {version} ;; *) echo "{version} was asked for $*"; exit 1 ;; esac'
    return _program(path, f"#!/bin/sh\n{says}\n")


def _path_with(tmp_path: Path, **versions: str) -> dict[str, str]:
    for name, version in versions.items():
        _interpreter(tmp_path / "fine" / name.replace("_", "."), version)
    return {"PATH": f"{tmp_path / 'fine'}:/usr/bin:/bin"}


def test_setup_takes_another_python_if_the_usual_one_does_not_fit(clone: Path, tmp_path: Path):
    (clone / ".venv" / ".ready").unlink()
    path = _path_with(tmp_path, python3="3.9", python3_13="3.13")
    output = _make(clone, "setup", environment=path)
    assert "with Python 3.13 and installs the " in output and "minutes" in output
    assert "3.13 was asked for -m venv .venv" in output

    (tmp_path / "fine" / "python3").unlink()
    _interpreter(tmp_path / "fine" / "python3", "3.12")
    assert "3.12 was asked" in _make(clone, "setup", environment=path)


@pytest.mark.parametrize("version", ["3.9", "3.10", "3.14", "2.7"])
def test_setup_refuses_a_named_python_that_does_not_fit(
    clone: Path, tmp_path: Path, version: str
) -> None:
    (clone / ".venv" / ".ready").unlink()
    python = _interpreter(tmp_path / "my python", version)
    output = _make(clone, "setup", f"PYTHON={python}")
    assert f"is Python {version}, and Meta Collector needs Python 3.11, 3.12 or 3.13" in output
    assert "was asked for" not in output


@pytest.mark.parametrize(
    ("old", "words", "is_made_again"),
    [
        ("3.9", (), True),
        ("3.14", (), True),
        (None, (), True),
        ("3.12", (), False),
        ("3.11", (), False),
        ("3.11", ("PYTHON=python3.12",), True),
    ],
)
def test_an_environment_of_the_wrong_python_is_made_again(
    clone: Path, tmp_path: Path, old: str | None, words: tuple[str, ...], is_made_again: bool
) -> None:
    path = _path_with(tmp_path, python3="3.12", python3_12="3.12")
    (clone / ".venv" / "pyvenv.cfg").touch()
    python = clone / ".venv" / "bin" / "python"
    if old:
        (clone / ".venv" / ".ready").unlink()
        _interpreter(python, old)
    else:
        # The interpreter is gone after set-up had ended.
        python.symlink_to(tmp_path / "gone")
    output = _make(clone, "setup", *words, environment=path)
    if old == "3.11" and not is_made_again:
        # It is used unchanged: the other interpreter would change its settings.
        assert "was asked for -m venv" not in output and "3.11 was asked for -m pip" in output
    else:
        asked = "--clear .venv" if is_made_again else ".venv"
        assert f"3.12 was asked for -m venv {asked}\n" in output
    assert is_made_again == ("made again" in output)


def test_settings_of_other_projects_do_not_reach_started_programs(clone: Path):
    foreign = {
        "DBT_EXCLUDE": "*",
        "DBT_ENGINE_TARGET": "x",
        "DBT_X": "y",
        "PYTHONPATH": "",
        "PYTHONHOME": ".",
    }
    _make(clone, "refresh", environment={**foreign, "META_DB_PATH": "/some/where", "KEPT": "yes"})
    left = dict(
        line.partition("=")[::2] for line in (clone / "environment").read_text().splitlines()
    )
    assert not foreign.keys() & left.keys()
    assert (left["META_DB_PATH"], left["KEPT"], left["PYTHONUTF8"]) == ("/some/where", "yes", "1")


def test_a_location_may_be_given_to_make(clone: Path):
    """The control: a variable that is meant for us arrives, as it was given."""
    _make(clone, "refresh", "META_DB_PATH=/some/$(where) else")
    assert "META_DB_PATH=/some/$(where) else\n" in (clone / "environment").read_text()


def test_make_runs_nothing_in_its_working_folder(clone: Path, tmp_path: Path):
    other = tmp_path / "other"
    shutil.copytree(clone, other)
    (other / "Makefile").unlink()
    _program(other / ".venv" / "bin" / "enrich", "#!/bin/sh\ntouch was-run\n")
    assert "make -C" in _make(clone, "-f", f"{clone}/Makefile", "refresh", cwd=other)
    assert _was_run(other) == []
    for words in (
        ("-C", str(clone)),
        ("-C", str(clone), "-f", "Makefile"),
        ("-C", str(clone), "-f", f"{clone}/Makefile"),
    ):
        assert "root<>" in _make(clone, "-s", "refresh", *words, cwd=other)


@pytest.mark.parametrize("code", [1, 3])
def test_make_prints_the_exit_code_that_it_replaces_by_its_own(clone: Path, code: int):
    _program(clone / ".venv" / "bin" / "enrich", f"#!/bin/sh\nexit {code}\n")
    assert _make(clone, "refresh").rstrip().endswith(f"Error {code}")


def test_help_names_every_target(clone: Path):
    output = _make(clone, "help", environment={"PATH": os.environ["PATH"]})
    named = [line.split()[1] for line in output.splitlines()]
    assert named == [
        *(
            "help",
            "setup",
            "refresh",
            "test",
            "lint",
            "bench",
            "eval-roles",
            "eval-technologies",
            "docs",
            "lock",
        ),
    ]


def test_plain_make_does_execute_values(tmp_path: Path):
    """The control: a plain Makefile carries the value out, though its recipe does not name it."""
    (tmp_path / "Makefile").write_text("all:\n\t@true\n")
    _make(tmp_path, "ROOT=$(shell touch was-run)")
    assert _was_run(tmp_path)
