"""The tools of `make lint` find nothing in this repository, and find what is planted."""

from __future__ import annotations

import shlex
from pathlib import Path

import lint
import pytest
import yaml

LONG_LINE = f"words = {'word ' * 20!r}\n"
BAD_SQL = "SELECT project_id  from {{ ref('projects') }} where  is_gone\n"

# Tool → arguments and input; {file} has the same text. The names select the settings that apply.
PLANTED = {
    "ruff check": (("--stdin-filename", "loaders/planted.py", "-"), LONG_LINE),
    "ruff format": (("--stdin-filename", "loaders/planted.py", "-"), "words = [ 'word' ]\n"),
    "mypy": (("{file}",), "def length(words: list[str]) -> str:\n    return len(words)\n"),
    "sqlfluff": (("--stdin-filename", "models/views/planted.sql", "-"), BAD_SQL),
    "hadolint": (("-",), "FROM python\nUSER root\n"),
}
NAMED = {
    "ruff check": "E501",
    "ruff format": "",
    "mypy": "[return-value]",
    "sqlfluff": "CP01",
    "hadolint": "DL3006",
}


@pytest.mark.parametrize("tool", lint.TOOLS)
def test_the_repository_is_clean(tool: str):
    result = lint.run(tool)
    assert result.is_clean, result.output


@pytest.mark.parametrize("tool", lint.TOOLS)
def test_a_planted_fault_is_found(tmp_path: Path, tool: str):
    arguments, text = PLANTED[tool]
    (tmp_path / "planted.py").write_text(text)
    words = [word.format(file=tmp_path / "planted.py") for word in arguments]
    result = lint.run(tool, words, text)
    if result.output == "not installed":
        pytest.skip(f"{tool} is not installed")
    assert not result.is_clean and NAMED[tool] in result.output, result.output


@pytest.mark.parametrize("is_clean", [True, False])
def test_one_failing_tool_fails_the_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], is_clean: bool
):
    def run(tool: str) -> lint.Result:
        return lint.Result(tool, is_clean or tool != "mypy", f"output of {tool}", 0.1)

    monkeypatch.setattr(lint, "run", run)
    assert lint.main([]) == (0 if is_clean else 1)
    printed = capsys.readouterr().out
    assert all(f"\n{tool} " in f"\n{printed}" for tool in lint.TOOLS)
    assert ("output of mypy" in printed) is not is_clean and "output of ruff" not in printed


def test_a_commit_runs_the_same_tools_from_the_same_place():
    """No hook is downloaded: each is a tool of `make lint`, in the locked version."""
    settings = yaml.safe_load((lint.PROJECT / ".pre-commit-config.yaml").read_text())
    [repository] = settings["repos"]
    assert repository["repo"] == "local"
    assert [hook["name"] for hook in repository["hooks"]] == list(lint.TOOLS)
    for hook in repository["hooks"]:
        program, *words = shlex.split(hook["entry"])
        command, _ = lint.TOOLS[hook["name"]]
        assert program == f".venv/bin/{command[0]}" and set(words) <= set(command)
