"""Every command and query that the pages show works, on a small workspace that was refreshed."""

from __future__ import annotations

import re
import sys
from importlib.util import find_spec
from pathlib import Path

import click
import pages
import pytest
from click.testing import CliRunner
from golden import commit_all, source, write
from pages import PAGES, PROJECT, Command
from product import Product
from replayed_build import refresh

from bench.__main__ import main as bench
from enrich import db
from enrich.cli import main as enrich
from evaluation.__main__ import main as evaluation
from loaders.land import main as land

PROGRAMS: dict[str, click.Command] = {
    "enrich": enrich,
    "land.py": land,
    "land": land,
    "bench": bench,
    "evaluation": evaluation,
}
# Only parsed: they build, open an editor, or need a scanner, a second published version or files
# of a team.
PARSED_ONLY = (
    ("enrich", "refresh-meta"),
    ("enrich", "rules", "try"),
    ("enrich", "config", "edit"),
    ("enrich", "config", "import"),
    ("enrich", "rollback"),
    ("enrich", "campaign"),
    ("enrich", "chunk-scan"),
    ("land.py", "codegraphx"),
    ("land.py", "catalog"),
    ("land.py", "reports"),
    ("bench",),
    ("evaluation",),
)
# They install: tests/drills/install_drill.py runs them.
INSTALLERS = {"docker": "Dockerfile", "pip": "setup.py", "pipx": "setup.py", "uv": "setup.py"}
WITH_CONSOLE = [page for page in PAGES if pages.blocks_of(page, "console")]
QUERIES = [
    pytest.param(statement.strip(), id=f"{block} {statement.strip().splitlines()[-1][:40]}")
    for page in PAGES
    for block in pages.blocks_of(page, "sql")
    if "{{" not in block.text
    for statement in block.text.split(";")
    if statement.strip()
]


def _plant(home: Path) -> None:
    """Make the workspace that the pages use, with its names."""
    method = "class Context:\n    def invoke(self):\n        return self\n"
    write(home / "code/click/src/click/core.py", source(27, "core") + method)
    write(home / "code/click/tests/test_core.py", source(9, "check"))
    write(home / "code/click/README.md", "# click\n")
    write(home / "code/click/pyproject.toml", "[project]\nname = 'click'\n")
    write(home / "code/legacy/pyproject.toml", "[project]\nname = 'legacy'\n")
    write(home / "code/legacy/big.py", source(3000, "big"))
    write(home / "scripts/report.py", "import duckdb\n")
    write(home / "srv/more/notes.md", "# notes\n")
    labels = "pattern,kind,value\nclick,group,payments\nclick,tag,billing\n"
    write(home / "config/project_labels.csv", labels)
    for name in ("click", "legacy"):
        commit_all(home / "code" / name)


@pytest.fixture(scope="module")
def refreshed(tmp_path_factory) -> tuple[Product, str]:
    """The workspace after the command of the quick start, and the output of that command."""
    home = tmp_path_factory.mktemp("pages")
    _plant(home)
    environment = {"HOME": str(home), "META_CONFIG_DIR": str(home / "config")}
    product = Product(home, environment=environment)
    return product, refresh(product, home / "code").stdout


@pytest.fixture
def at_home(refreshed: tuple[Product, str], monkeypatch: pytest.MonkeyPatch) -> Product:
    """This process has the environment in which the workspace was refreshed."""
    product, _ = refreshed
    monkeypatch.setenv("HOME", str(product.home))
    monkeypatch.setenv("META_DB_PATH", str(product.published))
    monkeypatch.setenv("META_LANDING_DIR", str(product.landing))
    monkeypatch.setenv("META_CONFIG_DIR", str(product.home / "config"))
    monkeypatch.setenv("META_HOST_LABEL", "testhost")
    return product


def test_the_output_on_the_first_page_is_that_of_the_command(
    refreshed: tuple[Product, str],
) -> None:
    """Messages are equal but for their numbers and paths; lines of the summary have its labels."""
    _, output = refreshed
    [block] = pages.blocks_of(PROJECT / "README.md", "text")
    shown = block.text.splitlines()
    messages = {_shape(line) for line in output.splitlines()}
    assert {_shape(line) for line in shown if re.match(r"\w+: ", line)} <= messages
    labels = {words[1] for line in shown if (words := re.match(r"(\w+)  +\S", line))}
    assert labels and all(re.search(rf"^{label}  +\S", output, re.MULTILINE) for label in labels)
    assert "What to do next" in shown and "What to do next" in output


def _shape(line: str) -> str:
    return re.sub(r"[\d,]*\d", "N", re.sub(r"[~/][^ ;,]*", "PATH", line))


def _localized(text: str, home: Path) -> str:
    """Return *text* with the folders of the pages replaced by those of the workspace."""
    text = re.sub(r"^~(?=/|$)|(?<==)~(?=/|$)", str(home), text)
    return text.replace("/home/me", str(home)).replace("/srv/", f"{home}/srv/")


@pytest.mark.parametrize("page", WITH_CONSOLE, ids=lambda page: page.name)
def test_commands_work(page: Path, at_home: Product) -> None:
    failed = []
    for command in pages.commands_of(page):
        answer = _run(command, at_home.home)
        if answer:
            failed.append(f"{command}: {answer}")
    assert failed == []


def _run(command: Command, home: Path) -> str:
    """Run *command* or, if that takes long, parse it; return how it failed, or an empty text."""
    if command.program == "dbt":
        return _parse_dbt(command)
    if command.program not in PROGRAMS:
        return "" if _is_known(command) else "unknown program or path"
    program = PROGRAMS[command.program]
    words = [_localized(word, home) for word in command.arguments]
    if "ID" in words:
        words[words.index("ID")] = _a_finding()
    try:
        pages.resolve(program, words)
    except click.UsageError as error:
        return error.message
    called = (command.program, *command.arguments)
    if any(called[: len(start)] == start for start in PARSED_ONLY):
        return ""
    result = CliRunner().invoke(program, words)
    return f"exit code {result.exit_code}\n{result.output}" if result.exit_code else ""


def _a_finding() -> str:
    """Return the id of a finding, which a page can only name ID."""
    [(finding,)] = db.connect().sql("select min(finding_id) from v_gap_backlog").fetchall()
    return finding


def _parse_dbt(command: Command) -> str:
    from dbt.cli.main import cli

    try:
        pages.resolve(cli, command.arguments)
    except click.UsageError as error:
        return error.message
    return ""


def _is_known(command: Command) -> bool:
    if command.program == "pytest":
        return all(
            (PROJECT / word).exists() for word in command.arguments if not word.startswith("-")
        )
    if command.program in INSTALLERS:
        return (PROJECT / INSTALLERS[command.program]).is_file()
    if command.words[:2] == ("python", "-m"):
        return find_spec(command.words[2]) is not None
    # Targets of make are checked with the pages.
    return command.program == "make" or command.words == (".", ".venv/bin/activate")


@pytest.mark.parametrize("query", QUERIES)
def test_queries_answer(query: str, at_home: Product) -> None:
    connection = db.connect()
    # A rule of one's own reads its numbers from here.
    connection.execute(
        "create temp table thresholds as select 'min_files' as threshold, 3 as value"
    )
    try:
        assert connection.execute(_localized(query, at_home.home)).description
    finally:
        connection.close()


@pytest.mark.parametrize(
    "block",
    # A block that begins with the name of a file is a part of an example with a test of its own.
    [
        block
        for page in PAGES
        for block in pages.blocks_of(page, "python")
        if not block.text.startswith("# ")
    ],
    ids=str,
)
def test_scripts_run(block: pages.Block, at_home: Product) -> None:
    script = at_home.home / "example.py"
    script.write_text(block.text, encoding="utf-8")
    answer = at_home.run(sys.executable, script)
    assert re.search(r"title|\(\d+,\)|cleaned", answer.stdout)


def test_a_broken_example_is_noticed(at_home: Product) -> None:
    words = {
        ("enrich", "gaps", "--no-such"): "No such option",
        ("enrich", "show", "no-such-project"): "exit code 2",
        ("python", "loaders/land.py", "no-such"): "No such command",
        ("dbt", "build", "--no-such"): "No such option",
        ("no-such",): "unknown program",
    }
    for example, message in words.items():
        assert message in _run(Command("here", example), at_home.home)
