"""The pages of the documentation agree with the code, and their links lead somewhere."""

from __future__ import annotations

import csv
import re
import subprocess
from pathlib import Path

import click
import pages
import pytest
from pages import PAGES, PROJECT

from enrich.cli import GROUPS
from enrich.cli import main as enrich
from loaders.land import main as land

README = PROJECT / "README.md"
PROGRAMS = {"enrich": enrich, "land.py": land, "land": land}
COMMANDS = [
    (name, path)
    for name, group in PROGRAMS.items()
    if name != "land"  # another name of land.py
    for path in pages.paths_of(group)
]
# Extensions in which environment variables are read.
CODE = ("*.py", "*.sql", "*.yml", "*.sh", "Makefile")


def _name(page: Path) -> str:
    return str(page.relative_to(PROJECT))


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_resolve(page):
    for link in pages.links_of(page):
        if re.match(r"https?:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in pages.anchors_of(target), link


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_lines_have_at_most_100_columns(page):
    text = page.read_text(encoding="utf-8")
    # Output of programs and rows of tables cannot be wrapped.
    text = re.sub(r"^```text.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    lines = [line for line in text.splitlines() if not line.startswith("|")]
    assert [line for line in lines if len(line) > 100] == []


def test_the_first_page_is_short():
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 90


def test_the_first_page_explains_foreign_names_and_shows_what_is_needed():
    text = README.read_text(encoding="utf-8")
    for words in (
        "CodeGraphX](https://",
        "optional",
        "Python 3.11 to 3.13",
        "git and make",
        "WSL2",
    ):
        assert words in text
    assert text.index("Python 3.11") < text.index("$ make refresh ROOT=")


def test_the_index_lists_every_page():
    index = PROJECT / "docs" / "README.md"
    listed = {(index.parent / link).resolve() for link in pages.links_of(index)}
    assert {page for page in PAGES if page.parent == index.parent} - {index} <= listed


@pytest.mark.parametrize(("program", "path"), COMMANDS, ids=lambda value: str(value))
def test_every_command_has_help_and_is_documented(program, path):
    command = pages.resolve(PROGRAMS[program], list(path))
    assert command.help and command.get_short_help_str()
    named = re.compile(rf"\b{re.escape(program)} {' '.join(path)}\b")
    assert any(named.search(page.read_text(encoding="utf-8")) for page in PAGES)


@pytest.mark.parametrize("group", GROUPS)
def test_the_page_on_commands_has_the_groups_of_the_help(group):
    page = (PROJECT / "docs" / "ask.md").read_text(encoding="utf-8")
    section = page.split(f"## {group}\n")[1].split("\n## ")[0]
    rows = "".join(line for line in section.splitlines() if line.startswith("| `"))
    assert set(re.findall(r"`enrich ([\w-]+)", rows)) == set(GROUPS[group])


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_commands_in_the_text_exist(page):
    """Code spans such as `enrich gaps --type T`; words in capitals stand for values."""
    for span in pages.spans_of(page):
        words = span.removeprefix("python loaders/").replace("|", " ").split()
        if words[0] in PROGRAMS and len(words) > 1 and words[1].islower():
            pages.resolve(PROGRAMS[words[0]], words[1:])


def test_a_command_that_does_not_exist_is_noticed():
    for words in (["no-such"], ["gaps", "--no-such"], ["rules", "no-such"]):
        with pytest.raises(click.UsageError):
            pages.resolve(enrich, words)


def _variables(*paths: str) -> set[str]:
    """Return the names of the variables of this product in the code below *paths*."""
    command = ["git", "grep", "-hoE", r"\bMETA_[A-Z_]+[A-Z]\b", "--", *paths]
    answer = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    return set(answer.stdout.split())


def test_every_environment_variable_is_documented():
    page = (PROJECT / "docs" / "configure.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `META_")]
    documented = {name for row in rows for name in re.findall(r"META_[A-Z_]+", row)}
    assert _variables(*CODE, ":!tests/python", ":!tests/drills") <= documented
    assert documented <= _variables(*CODE)


def test_the_contract_page_lists_every_relation():
    with open(PROJECT / "tests/python/data/contract_columns.csv", encoding="utf-8") as file:
        relations = {row["relation"] for row in csv.DictReader(file)}
    page = (PROJECT / "docs" / "contract.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == relations


def test_the_page_on_rules_lists_the_columns_of_a_verdict_and_the_texts():
    page = (PROJECT / "docs" / "add-a-rule.md").read_text(encoding="utf-8")
    shape = (PROJECT / "macros" / "verdict_shape.sql").read_text(encoding="utf-8")
    columns = re.findall(r"'name': '(\w+)', 'type': '(\w+)'(, 'default')?", shape)
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| [^|]+ \| ([^|]+) \|$", page, re.MULTILINE)
    assert [(name, kind, default == "required") for name, kind, default in rows] == [
        (name, kind, not default) for name, kind, default in columns
    ]

    texts = (PROJECT / "models/gaps/int_gaps__texts.sql").read_text(encoding="utf-8")
    fields = re.findall(r"^    '(\w+)': '", texts, re.MULTILINE)
    table = page.split("| text | meaning |")[1].split("\n\n")[0]
    assert fields and set(fields) == set(re.findall(r"`(\w+)`", table)) - {
        *("read", "land", "execute", "situations", "situation")
    }


def test_the_glossary_has_each_word_once_and_in_order():
    page = (PROJECT / "docs" / "glossary.md").read_text(encoding="utf-8")
    words = re.findall(r"^\| ([^|]+) \|", page, re.MULTILINE)[1:]
    assert words == sorted(set(words), key=str.lower)


def test_a_word_that_the_glossary_replaces_is_not_used_as_a_word():
    page = (PROJECT / "docs" / "glossary.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|`]+) \| [^|]+ \| ([^|]*) \|$", page, re.MULTILINE)
    kept = {word.strip() for cell, _ in rows for word in cell.split(",")}
    replaced = {word for _, cell in rows for word in re.findall("`([^`]+)`", cell)}
    assert replaced and not kept & replaced


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_targets_of_make_exist(page):
    targets = re.findall(r"^([a-z-]+):.*## ", (PROJECT / "Makefile").read_text(), re.MULTILINE)
    shown = [span.split() for span in pages.spans_of(page)]
    shown += [command.words for command in pages.commands_of(page)]
    used = {words[1] for words in shown if words[0] == "make" and len(words) > 1}
    assert used <= set(targets)


def test_seeds_are_named_by_a_page():
    pages_text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    unnamed = [
        seed.name
        for seed in sorted((PROJECT / "seeds").glob("*.csv"))
        if seed.name not in pages_text
    ]
    assert unnamed == []


def test_each_promise_names_a_test_of_its_module():
    folder = PROJECT / "tests"
    page = (folder / "README.md").read_text(encoding="utf-8")
    promises = re.findall(r"\]\((python/\S+\.py)\) \| `(test_\w+)` \|$", page, re.MULTILINE)
    assert len(promises) == page.count("| `test_")
    for module, name in promises:
        assert f"def {name}(" in (folder / module).read_text(encoding="utf-8"), name


def test_each_builder_of_tests_is_described():
    page = (PROJECT / "tests" / "README.md").read_text(encoding="utf-8")
    support = PROJECT / "tests" / "python" / "support"
    assert [file.name for file in support.glob("*.py") if f"`{file.name}`" not in page] == []


# Section of CONTRIBUTING → the files that such a change needs, as its checklist names them.
CHANGES = {
    "A rule": [
        "seeds/gap_rules.csv",
        "macros/rule_models.sql",
        "models/gaps/gap_<rule>.sql",
        "models/gaps/gap_<rule>.yml",
        "seeds/rule_thresholds.csv",
    ],
    "A source": [
        "loaders/sources/<source>/",
        "loaders/sources/registry.py",
        "tests/python/sources/test_<source>.py",
    ],
    "A column": [
        "models/<floor>/<relation>.sql",
        "models/<floor>/<relation>.yml",
        "tests/python/data/contract_columns.csv",
    ],
    "A threshold": ["seeds/rule_thresholds.csv"],
}


@pytest.mark.parametrize("change", CHANGES)
def test_each_checklist_names_the_files_of_its_change(change):
    page = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    checklist = page.split(f"\n## {change}\n")[1].split("\n## ")[0]
    assert re.findall(r"^- \[ \] `([^`]+)`", checklist, re.MULTILINE) == CHANGES[change]
    assert checklist.count("- [ ]") == len(CHANGES[change])
    for file in CHANGES[change]:
        assert "<" in file or (PROJECT / file).is_file()
