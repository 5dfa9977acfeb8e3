"""The commands that read: formats, exit codes, hostile data, lookups."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import duckdb
import pytest
from enrich_fixtures import (
    EVIL,
    EVIL_GAP,
    FORMULA,
    FZF,
    GAP,
    HOSTILE,
    JQ,
    OBEYED,
    Workspace,
)
from rich.cells import cell_len

COMMANDS = {
    "status": ["status"],
    "gaps": ["gaps", "--status", "all"],
    "one gap": ["gaps", "show", GAP],
    "a hostile gap": ["gaps", "show", EVIL_GAP],
    "gap-history": ["gap-history"],
    "waivers": ["waivers"],
    "next-actions": ["next-actions"],
    "projects": ["projects"],
    "runs": ["runs"],
    "show": ["show", EVIL],
    "dependencies": ["dependencies", EVIL],
    "dependants": ["dependencies", "jq"],
    "sources": ["sources", "list"],
    **{name: [name] for name in ("hotspots", "owners", "coupling", "lineage", "branches")},
    **{f"{name} of jq": [name, "jq"] for name in ("hotspots", "owners", "coupling", "branches")},
    "packages": ["packages"],
    "users of a package": ["packages", "libjq"],
    "a file": ["code", "/w/jq/src/core.py"],
    "a symbol": ["code", "Engine.run"],
    "callers": ["callers", "Engine.run"],
    "imports": ["imports", "/w/jq/src/core.py"],
    "map": ["map"],
    "map of jq": ["map", "jq"],
    "quality": ["quality"],
    "quality of jq": ["quality", "jq"],
    "findings of tools": ["quality", "--findings", "--suppressed"],
    "coverage": ["coverage"],
    "coverage of jq": ["coverage", "jq"],
    "tests": ["tests"],
    "vulnerabilities": ["vulnerabilities", "--all"],
    "sql": ["sql", "select project_name, project_path, size_bytes from v_project_health"],
    "wide sql": ["sql", "select * from v_project_health"],
}


def test_a_column_that_older_code_did_not_publish_is_named(workspace: Workspace) -> None:
    with duckdb.connect(str(workspace.published)) as db:
        db.execute("alter table v_project_health drop column own_line_count")

    result = workspace.ask("projects")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "the published file cannot answer; enrich refresh-meta builds it again:"
        " it has no column own_line_count\n"
    )


@pytest.mark.parametrize("form", ["table", "csv", "json"])
@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_answers_in_every_format(workspace: Workspace, name: str, form: str) -> None:
    result = workspace.ask(*COMMANDS[name], "--format", form)

    assert (result.exit_code, result.stderr) == (0, "")
    if form == "json":
        assert isinstance(json.loads(result.stdout), list)
    if form == "csv":
        rows = list(csv.reader(io.StringIO(result.stdout)))
        assert {len(row) for row in rows} == {len(rows[0])}


@pytest.mark.parametrize("form", ["table", "csv", "json"])
@pytest.mark.parametrize("name", COMMANDS)
def test_no_control_character_in_the_data_reaches_the_output(
    workspace: Workspace, name: str, form: str
) -> None:
    stdout = workspace.ask(*COMMANDS[name], "--format", form).stdout

    assert not OBEYED.search(stdout)
    if form == "csv":
        cells = [cell for row in csv.reader(io.StringIO(stdout)) for cell in row]
        assert not [cell for cell in cells if FORMULA.match(cell)]
    elif form == "table" and name in ("show", "next-actions", "wide sql"):
        assert "[red]" in stdout


def test_numbers_stay_numbers_in_csv_and_texts_become_harmless(workspace: Workspace) -> None:
    query = (
        "select -1 as n, -1.5::decimal(7,3) as d, '-1' as t, '  =x' as f, "
        "chr(9) || 'x' as tab, '＝y' as wide"
    )

    stdout = workspace.ask("sql", query, "--format", "csv").stdout

    assert stdout == "n,d,t,f,tab,wide\n-1,-1.5,'-1,'  =x,'\\x09x,'＝y\n"


def test_json_gives_plain_values(workspace: Workspace) -> None:
    query = (
        "select 1.5::decimal(7,3) d, 'nan'::double n, timestamp '2026-01-02 03:04:05' t, "
        "'\\x00\\xff'::blob b, 1 x, 2 x"
    )

    [row] = json.loads(workspace.ask("sql", query, "--format", "json").stdout)

    assert row == {
        "d": 1.5,
        "n": None,
        "t": "2026-01-02T03:04:05Z",
        "b": "00ff",
        "x_1": 1,
        "x_2": 2,
    }


@pytest.mark.parametrize("name", COMMANDS)
def test_tables_fit_the_width(workspace: Workspace, name: str) -> None:
    lines = workspace.ask(*COMMANDS[name]).stdout.splitlines()

    # A command stays on one line, so that it can be copied.
    assert max(cell_len(line) for line in lines if not line.lstrip().startswith("$ ")) <= 80


def test_a_long_subject_is_cut_at_its_beginning(workspace: Workspace) -> None:
    assert re.search(r" …é+$", workspace.ask("gaps").stdout, re.MULTILINE)


def test_findings_are_filtered_and_ordered(workspace: Workspace) -> None:
    def ids(*words: str) -> list[str]:
        return [
            row["finding_id"]
            for row in json.loads(workspace.ask("gaps", "--format", "json", *words).stdout)
        ]

    assert ids() == [EVIL_GAP, GAP]
    assert ids("--project", "jq") == ids("--severity", "high") == [GAP]
    assert len(ids("--status", "all")) == 3
    assert len(ids("--status", "waived")) == 1
    assert len(ids("--type", "duplicate-mirror")) == 2
    assert len(ids("--limit", "1")) == 1
    assert workspace.ask("gaps", "--limit", "1").stderr == "1 of 2 rows; --limit 0 shows all\n"
    assert workspace.ask("gaps", "--type", "NO_SUCH").exit_code == 2


def test_fail_on_counts_open_findings_only(workspace: Workspace) -> None:
    assert workspace.ask("gaps", "--fail-on", "high").exit_code == 1
    assert workspace.ask("gaps", "--project", "jq", "--fail-on", "critical").exit_code == 0
    assert (
        workspace.ask("gaps", "--status", "all", "--severity", "low", "--fail-on", "low").exit_code
        == 0
    )
    assert (
        workspace.ask("gaps", "--limit", "1", "--fail-on", "low", "--format", "csv").exit_code == 1
    )


def test_a_project_is_found_by_name_path_or_id(workspace: Workspace) -> None:
    for given in ("jq", "JQ", "/w/jq", "/w/jq/src/main.c", JQ):
        assert (
            json.loads(workspace.ask("show", given, "--format", "json").stdout)[0]["project_id"]
            == JQ
        )


def test_a_project_that_moved_is_found_by_its_earlier_path_and_name(workspace: Workspace) -> None:
    for given, project in {
        "/w/before/jqlang": JQ,
        "/w/before/jqlang/src/main.c": JQ,
        "jqlang": JQ,
        # Another project is at that earlier path now.
        "/w/deep/fzf": FZF,
        "/w/deep/fzf/src": FZF,
    }.items():
        found = json.loads(workspace.ask("show", given, "--format", "json").stdout)
        assert [row["project_id"] for row in found] == [project], given


def test_an_ambiguous_project_lists_its_candidates(workspace: Workspace) -> None:
    result = workspace.ask("show", "fzf")

    assert (result.exit_code, result.stdout) == (2, "")
    assert (
        "/w/deep/fzf" in result.stderr
        and FZF[:8] in result.stderr
        and "/w/old/fzf" in result.stderr
    )
    assert workspace.ask("show", "jqq").stderr == "no project is called jqq; did you mean jq?\n"
    assert not OBEYED.search(workspace.ask("show", HOSTILE + "x").stderr)


def test_show_json_has_the_details(workspace: Workspace) -> None:
    [row] = json.loads(workspace.ask("show", "jq", "--format", "json").stdout)

    assert [finding["finding_id"] for finding in row["findings"]] == [GAP]
    assert [action["rank"] for action in row["actions"]] == [1]
    assert row["coverage"][0]["scan_source"] == "crawl"


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"status", "sources"}))
def test_without_a_published_file_one_line_shows_the_command_to_run(
    tmp_path: Path, monkeypatch, name: str
) -> None:
    result = Workspace(tmp_path, monkeypatch).ask(*COMMANDS[name])

    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert str(tmp_path / "meta.duckdb") in result.stderr and "make refresh ROOT=" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_was_not_published_is_reported_in_one_line(
    workspace: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "junk").write_text("junk")

    result = workspace.ask("gaps", "--db", str(tmp_path / "junk"))

    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)


def test_sql_runs_one_select_and_reports_a_cut_answer(workspace: Workspace) -> None:
    assert workspace.ask("sql", "select 42 as answer").stdout.split()[-1] == "42"
    for refused in (
        "select 1; select 2",
        "create table x as select 1",
        "copy (select 1) to 'x'",
        "selec",
        "",
    ):
        assert workspace.ask("sql", refused).exit_code == 2
    result = workspace.ask("sql", "from range(5)", "--limit", "2", "--format", "json")
    assert [row["range"] for row in json.loads(result.stdout)] == [0, 1]
    assert result.stderr == "the first 2 rows; --limit 0 shows all\n"
    assert (
        len(
            json.loads(
                workspace.ask("sql", "from range(500)", "--limit", "0", "--format", "json").stdout
            )
        )
        == 500
    )


def test_status_works_if_views_are_missing(tmp_path: Path, monkeypatch) -> None:
    workspace = Workspace(tmp_path, monkeypatch)
    assert workspace.ask("status").stdout.startswith("Nothing is published yet")

    import duckdb

    with duckdb.connect(str(workspace.published)) as db:
        db.execute("create table v_gap_backlog (severity varchar, status varchar)")
    result = workspace.ask("status")

    assert result.exit_code == 0
    assert "none open" in result.stdout and "not in this file" in result.stdout


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ({"repository": 3, "manifest": 1}, "3 repositories, 1 other folder with a manifest below"),
        (
            {"manifest": 2, "repository": 1, "loose_files": 1},
            "2 folders with a manifest, 1 other folder of loose files, 1 repository below",
        ),
    ],
)
def test_status_counts_no_project_twice(
    tmp_path: Path, monkeypatch, kinds: dict[str, int], expected: str
) -> None:
    workspace = Workspace(tmp_path, monkeypatch)

    import duckdb

    with duckdb.connect(str(workspace.published)) as db:
        db.execute(
            "create table v_project_health (kind varchar, index_state varchar, file_count bigint,"
            " line_count bigint, size_bytes bigint, last_crawled_at timestamp, root_path varchar)"
        )
        for kind, count in kinds.items():
            db.execute(
                "insert into v_project_health (kind, index_state, root_path)"
                " select $1, 'fresh', '/w' from range($2)",
                [kind, count],
            )
    assert f"{expected} /w" in " ".join(workspace.ask("status").stdout.split())


def test_status_reports_a_build_that_did_not_publish(workspace: Workspace) -> None:
    run = workspace.landing / "runs" / "r1"
    run.mkdir(parents=True)
    (run / "started.json").write_text(json.dumps({"action": "crawl", "scope": ["/w/my code"]}))
    state = {
        "outcome": "not published: 3 of 4 nodes",
        "is_published": False,
        "ended_at": "2026-01-02T03:04:05+00:00",
        "failures": ["test.meta_collector.unique_projects.1f"],
        "left_out": [str(run / "crawl_files.parquet")],
    }
    work_folder = workspace.published.with_name("meta.duckdb.d")
    work_folder.mkdir()
    (work_folder / "state.json").write_text(json.dumps(state))

    page = workspace.ask("status").stdout

    assert "The last build (2026-01-02 03:04): not published: 3 of 4 nodes" in page
    assert "failed: unique_projects" in page
    assert "$ enrich refresh-meta '/w/my code'" in page
