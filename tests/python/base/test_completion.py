"""`--version`, `-h` and the completion of a shell, for both programs."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from product import BIN

from enrich.cli import main as enrich
from loaders.base.tools import tool_version
from loaders.land import main as land

PROGRAMS = {"enrich": enrich, "land": land}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_has_a_version_and_a_short_option_for_its_help(name: str) -> None:
    answer = CliRunner().invoke(PROGRAMS[name], ["--version"])
    assert (answer.exit_code, answer.output) == (0, f"{name} {tool_version()}\n")
    for words in ([], ["completion"], ["runs"], *([["rules", "show"]] if name == "enrich" else [])):
        short, long = (CliRunner().invoke(PROGRAMS[name], [*words, h]) for h in ("-h", "--help"))
        assert short.exit_code == 0 and short.output == long.output and "-h, --help" in short.output


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_of_a_shell_is_sound(tmp_path: Path, name: str, shell: str) -> None:
    answer = CliRunner().invoke(PROGRAMS[name], ["completion", shell])
    assert answer.exit_code == 0 and f"_{name.upper()}_COMPLETE={shell}_complete" in answer.output
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    (tmp_path / "script").write_text(answer.output)
    done = subprocess.run([shell, "-n", tmp_path / "script"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("enrich sched", {"schedule"}),
        ("enrich schedule --for la", {"launchd"}),
        ("enrich rules sh", {"show"}),
        ("enrich gaps --sev", {"--severity"}),
        ("enrich no-such", set()),
    ],
)
def test_bash_completes(tmp_path: Path, words: str, expected: set[str]) -> None:
    """A shell that has read the script completes what was typed."""
    # The installed program may be that of an earlier set-up: this is its module.
    program = tmp_path / "enrich"
    program.write_text(f"#!{BIN}/python\nfrom enrich.__main__ import main\n\nmain()\n")
    program.chmod(0o755)
    script = CliRunner().invoke(enrich, ["completion", "bash"]).output
    typed = words.split()
    asks = (
        f"COMP_WORDS=({words})\nCOMP_CWORD={len(typed) - 1}\n_enrich_completion enrich\n"
        'printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", script + asks],
        env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )
    assert set(done.stdout.split()) == expected, done.stderr


def test_completion_of_an_unknown_shell_is_bad_usage() -> None:
    answer = CliRunner().invoke(enrich, ["completion", "csh"])
    assert answer.exit_code == 2 and isinstance(answer.exception, (SystemExit, click.UsageError))
