"""The source that docs/add-a-source.md adds lands, lands again, and is described."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pages
import pytest
from model_layout import misplaced, models_in
from pages import PROJECT

PAGE = PROJECT / "docs" / "add-a-source.md"
COUNTS = "owners: 2 discovered, {} landed, {} unchanged, 0 skipped, 0 quarantined\n"


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the loaders to which the files of the page, and nothing else, were added."""
    clone = tmp_path_factory.mktemp("clone")
    for folder in ("loaders", "enrich", "seeds", "models/staging"):
        shutil.copytree(PROJECT / folder, clone / folder)
    for block in pages.blocks_of(PAGE, "python", "sql", "yaml"):
        name = re.match(r"(?:#|--) (\S+)\n", block.text)[1]
        file = clone / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text, encoding="utf-8")
    (clone / "loaders/sources/owners/__init__.py").touch()
    registry = clone / "loaders/sources/registry.py"
    text = registry.read_text(encoding="utf-8")
    for old, new in (
        ("from loaders.sources.signals", "from loaders.sources.owners.source import OWNERS\n"),
        ("    SCRIPT_RUNS,\n", "    SCRIPT_RUNS,\n    OWNERS,\n"),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new + old if new.startswith("from") else new)
    registry.write_text(text, encoding="utf-8")
    return clone


def _run(clone: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    # As a module: a script would import the installed loaders.
    return subprocess.run(
        [sys.executable, "-m", *map(str, arguments)],
        cwd=clone,
        env={**os.environ, "PYTHONPATH": str(clone)},
        capture_output=True,
        text=True,
    )


def test_the_source_of_the_page_lands_what_changed(clone: Path, tmp_path: Path) -> None:
    file = tmp_path / "owners.csv"
    file.write_text("folder,owner\n/code/api,web team\n/code/legacy,Ann\n", encoding="utf-8")
    command = ("loaders.land", "owners", file)
    first = _run(clone, *command)
    assert first.stdout == COUNTS.format(2, 0), first.stderr
    assert COUNTS.format(2, 0) in PAGE.read_text(encoding="utf-8")
    assert _run(clone, *command).stdout == COUNTS.format(0, 2)

    file.write_text(file.read_text(encoding="utf-8").replace("Ann", "Bea"), encoding="utf-8")
    assert _run(clone, *command).stdout == COUNTS.format(1, 1)
    listed = _run(clone, "enrich", "sources", "list", "--format", "csv").stdout
    assert f"owners,{file}" in listed
    assert "all as landed" in _run(clone, "loaders.land", "verify").stdout


def test_a_file_that_is_not_one_is_quarantined(clone: Path, tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    answer = _run(clone, "loaders.land", "owners", file)
    assert answer.returncode == 1
    assert "1 quarantined" in answer.stdout
    assert "not read: columns ['a', 'b'], expected folder and owner" in answer.stderr


def test_the_source_of_the_page_becomes_a_dbt_source(clone: Path) -> None:
    folder = "loaders/sources/owners/staging"
    answer = _run(clone, "loaders.publishing.describe_sources")
    assert answer.stdout == f"{folder}/landed.yml\n", answer.stderr
    text = (clone / folder / "landed.yml").read_text(encoding="utf-8")
    assert '- name: owners\n        description: "One row per folder whose owner' in text
    assert 'description: "The absolute path of the folder."' in text
    assert _run(clone, "loaders.publishing.describe_sources").stdout == ""

    models = [str(path.relative_to(clone)) for path in models_in(clone)]
    assert f"{folder}/stg_owners__owners.sql" in models and misplaced(models) == []


def test_the_page_adds_no_file_outside_the_folder() -> None:
    text = PAGE.read_text(encoding="utf-8")
    files = set(re.findall(r"^(?:#|--) (\S+/\S+\.\w+)$", text, re.MULTILINE))
    assert {file.split("/")[2] for file in files} == {"owners"}
