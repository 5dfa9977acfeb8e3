"""The exposure of `enrich` lists exactly the relations that its commands read."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import codegraphx_file
import duckdb
import pytest
import yaml
from contract_layers import committed
from enrich_fixtures import GAP, JQ, Workspace, make_file, sample

from enrich import db
from enrich.cli import main
from enrich.commands.codegraphx import index_audit
from loaders.base.paths import PROJECT_ROOT

FOLDER = "c:\\dev\\BETA"
# Every command that reads the published file, with words that let it ask all that it can ask.
READING = {
    "adoption": [],
    "backlog": [["backlog"]],
    "backup": [],
    "branches": [["branches"], ["branches", "jq"]],
    "callers": [["callers", "Engine.run"]],
    "campaign": [["campaign"]],
    "changes": [["changes", "--since", "2020-01-01"]],
    "chunk-scan": [],
    "code": [["code", "/w/jq/src/core.py"], ["code", "Engine.run"]],
    "collectors": [["collectors"], ["collectors", "--source-path", FOLDER]],
    "completion": [],
    "coupling": [["coupling"], ["coupling", "jq"]],
    "coverage": [["coverage"], ["coverage", "jq"]],
    "config check": [],
    "config edit": [],
    "config import": [],
    "config path": [],
    "dependencies": [["dependencies", "jq"]],
    # It checks the installation, whether or not something is published.
    "doctor": [],
    "export": [["export", "--sqlite", "FILE"]],
    "export-graph": [["export-graph", "jq"]],
    "export-sarif": [["export-sarif", "jq", "FILE", "--force"]],
    "gap-history": [["gap-history"]],
    "gaps": [["gaps"]],
    "gaps show": [["gaps", "show", GAP]],
    "hotspots": [["hotspots"], ["hotspots", "jq"]],
    "history": [["history", "/w/jq/main.c"]],
    "ignore": [["ignore", GAP, "--reason", "planned"]],
    "imports": [["imports", "/w/jq/src/core.py"]],
    "index-audit": [["index-audit"]],
    "intelligence": [
        ["intelligence"],
        ["intelligence", "--source-path", FOLDER, "--min-file-sim", "0.5"],
    ],
    "lineage": [["lineage"], ["lineage", "jq"]],
    "map": [["map"], ["map", "jq"]],
    "next-actions": [["next-actions"]],
    "owners": [["owners"], ["owners", "jq"]],
    "packages": [["packages"], ["packages", "libjq"]],
    "projects": [["projects"]],
    "quality": [["quality"], ["quality", "jq", "--findings"]],
    "refresh-meta": [],
    "restore": [],
    "roles": [["roles"], ["roles", "--explain", "/w/jq/main.c"]],
    "rollback": [],
    "rules list": [["rules", "list"]],
    "rules show": [["rules", "show", "DUPLICATE"]],
    "rules try": [],
    # The runs of scripts are read from the landing zone.
    "run end": [],
    "run exec": [],
    "run show": [],
    "run start": [],
    "runs": [["runs"]],
    "schedule": [],
    "sha-at": [
        ["sha-at", "/w/jq/main.c", "2026-01-01"],
        ["sha-at", "/w/jq/main.c", "2026-01-01", "--ref", "main"],
    ],
    "show": [["show", "jq"]],
    "sources add": [],
    "sources forget": [],
    "sources list": [],
    # It reads what it is asked to.
    "sql": [],
    "status": [["status"]],
    "technologies": [["technologies"], ["technologies", "--technology", "pytest"]],
    "tests": [["tests"]],
    "unsaved": [["unsaved"]],
    "verify": [],
    "vulnerabilities": [["vulnerabilities"]],
    "waive": [
        ["waive", GAP, "--reason", "planned", "--until", "never", "--owner", "me"],
    ],
    "waivers": [["waivers"]],
    "warnings accept": [],
    "warnings list": [],
    "warnings withdraw": [],
}


def commands_in(
    group: click.Group, before: tuple[str, ...] = ()
) -> Iterator[tuple[str, click.Command]]:
    """Yield the words and the command of everything in *group* that can be called."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        words = (*before, name)
        if isinstance(command, click.Group):
            yield from commands_in(command, words)
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield " ".join(words), command


def filled(path: Path) -> Path:
    """Make a published file with a row in every relation that a later question depends on."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in committed()}
    for some in (sample(), codegraphx_file.rows()):
        for name, more in some.items():
            rows[name] += more
    place = {"project_id": JQ, "project_path": "/w/jq"}
    rows["file_roles"].append({**place, "file_path": "main.c", "primary_role": "none"})
    rows["git_refs"].append({**place, "ref_name": "main"})
    return make_file(path, rows)


def tables_of(sql: str) -> set[str]:
    """Return the relations that a query reads, those behind a shipped macro included."""
    sql = sql.removeprefix("explain (analyze, format json) ")
    sql = re.sub("^create or replace temp view [a-z_]+ as ", "", sql)
    with duckdb.connect() as engine:
        answer = engine.execute("select json_serialize_sql($1)", [sql]).fetchone()
    nodes, tables, named = [json.loads(answer[0])], set(), set()
    while nodes:
        node = nodes.pop()
        if isinstance(node, list):
            nodes += node
        elif isinstance(node, dict):
            nodes += node.values()
            named |= {entry["key"] for entry in node.get("cte_map", {}).get("map", [])}
            if node.get("type") == "BASE_TABLE":
                schema = node["schema_name"].removeprefix("main")
                tables.add(f"{schema}.{node['table_name']}" if schema else node["table_name"])
            if node.get("function_name") == "sha_at":
                tables |= set(re.findall(r"\bmain\.(?!sha_at)(\w+)", _macros()))
    return tables - named - {"health", "health_now", "coverage_now", "backlog_now"}


def _macros() -> str:
    [path] = (PROJECT_ROOT / "loaders").rglob("published_macros.sql")
    return path.read_text(encoding="utf-8")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The queries that commands send to the published file."""
    seen: list[str] = []
    query, stream = db.Published.query, db.Published.stream

    def recorded(method: Any) -> Any:
        return lambda self, sql, *rest, **more: seen.append(sql) or method(self, sql, *rest, **more)

    monkeypatch.setattr(db.Published, "query", recorded(query))
    monkeypatch.setattr(db.Published, "stream", recorded(stream))
    # It describes and counts whatever the file contains; its questions are those of the others.
    monkeypatch.setattr(index_audit, "core_tables", lambda *_: ())
    return seen


def exposed(name: str) -> set[str]:
    """Return the relations that an exposure depends on."""
    [path] = (PROJECT_ROOT / "models").rglob("exposures.yml")
    [exposure] = [
        one for one in yaml.safe_load(path.read_text())["exposures"] if one["name"] == name
    ]
    return {re.fullmatch(r"ref\('(\w+)'\)", ref)[1] for ref in exposure["depends_on"]}


def test_every_command_is_listed_here() -> None:
    assert {words for words, _ in commands_in(main)} == set(READING)


def test_the_exposure_names_what_the_commands_read(tmp_path, monkeypatch, asked) -> None:
    workspace = Workspace(tmp_path, monkeypatch)
    filled(workspace.published)
    with duckdb.connect(str(workspace.published)) as engine:
        engine.execute(_macros())
    for lines in READING.values():
        for words in lines:
            given = [word.replace("FILE", str(tmp_path / "old.db")) for word in words]
            result = workspace.ask(*given)
            assert result.exit_code == 0, (words, result.output)

    assert set().union(*map(tables_of, asked)) == exposed("enrich")


@pytest.mark.parametrize("name", sorted(name for name, lines in READING.items() if lines))
def test_a_command_that_reads_exits_with_2_if_nothing_is_published(
    tmp_path, monkeypatch, name
) -> None:
    lands_anyway = {"ignore", "waive"}
    for words in READING[name]:
        given = [word.replace("FILE", str(tmp_path / "old.db")) for word in words]
        result = Workspace(tmp_path, monkeypatch).ask(*given)
        assert (result.exit_code == 2) != (name in lands_anyway), (words, result.output)


def test_no_query_is_forgotten() -> None:
    """The recorded commands read every relation that the code of `enrich` names."""
    by_macros = {"git_commits"}
    assert set(_named_in_code()) == exposed("enrich") - by_macros


def _named_in_code() -> Iterator[str]:
    """Yield the relations that a query names, or that a text consists of."""
    for path in (PROJECT_ROOT / "enrich").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words = re.findall(r"\b(?:from|join)\s+(\w+)", node.value)
                words += [node.value] if "_" in node.value else []
                yield from (word for word in words if word in committed())


def test_scripts_and_agents_may_read_the_whole_contract() -> None:
    assert exposed("scripts_and_agents") == set(committed())


@pytest.mark.parametrize(
    "path", sorted((PROJECT_ROOT / "enrich").rglob("*.py")), ids=lambda path: path.stem
)
def test_no_command_reads_a_private_schema(path: Path) -> None:
    private = re.findall(r"\b(?:internal|seeds|staging)\.\w+", path.read_text(encoding="utf-8"))
    assert private == []
