"""Commands of CodeGraphX, answered from the published file."""

from __future__ import annotations

import csv
import io
import json
import shlex
from pathlib import Path
from typing import Any

import codegraphx_file
import duckdb
import pytest
from codegraphx_file import ODD
from enrich_fixtures import FORMULA, HOSTILE, OBEYED, Workspace, make_file

BETA = "C:\\Dev\\Beta"
COMMANDS = {
    "backlog": ["backlog", "--include-enriched"],
    "collectors": ["collectors"],
    "collectors of one": ["collectors", "--source-path", "/w/evil"],
    "intelligence": ["intelligence"],
    "intelligence of one": ["intelligence", "--source-path", BETA],
    "index-audit": ["index-audit"],
    "campaign": ["campaign", "--min-lines", "0", "--include-enriched"],
}


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.delenv("META_CODEGRAPHX_ROOT", raising=False)
    made = Workspace(tmp_path, monkeypatch)
    make_file(made.published, codegraphx_file.rows())
    return made


def report(workspace: Workspace, *words: str) -> Any:
    result = workspace.ask(*words, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    return json.loads(result.stdout)


# -- all of them -----------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["table", "csv", "json", "theirs"])
@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_answers_in_every_format_and_obeys_nothing(
    workspace: Workspace, name: str, form: str
) -> None:
    result = workspace.ask(
        *COMMANDS[name], *(["--json"] if form == "theirs" else ["--format", form])
    )

    assert (result.exit_code, result.stderr) == (0, "")
    assert not OBEYED.search(result.stdout)
    if form in ("json", "theirs"):
        json.loads(result.stdout)
    if form == "csv":
        rows = list(csv.reader(io.StringIO(result.stdout)))
        assert {len(row) for row in rows} == {len(rows[0])}
        assert not [cell for row in rows for cell in row if FORMULA.match(cell)]


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_without_a_published_file_one_line_shows_the_command_to_run(
    tmp_path: Path, monkeypatch, name: str
) -> None:
    result = Workspace(tmp_path, monkeypatch).ask(*COMMANDS[name])

    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["backlog", "collectors", "intelligence", "index-audit"])
def test_the_output_is_also_written_to_a_file(
    workspace: Workspace, tmp_path: Path, name: str
) -> None:
    for words in (["--json"], ["--format", "csv"], []):
        if (name, words) == ("index-audit", ["--json"]):
            continue  # It contains durations.
        file = tmp_path / "said"
        assert workspace.ask(name, *words, "--output", str(file)).stdout == file.read_text()


@pytest.mark.parametrize(
    ("words", "theirs"),
    [
        (["collectors", "--append"], "collectors --append --db project_catalog.db"),
        (
            ["collectors", "--scan", "a b.jsonl", "--db", "x"],
            "collectors --scan 'a b.jsonl' --db project_catalog.db",
        ),
        (["intelligence", "--append", "--db=x"], "intelligence --append --db project_catalog.db"),
        (["intelligence", "--scan", "x"], "intelligence --scan x --db project_catalog.db"),
        (
            ["intelligence", "--no-default-excludes"],
            "intelligence --no-default-excludes --db project_catalog.db",
        ),
        (
            ["index-audit", "--apply", "--format", "csv"],
            "index-audit --apply --db project_catalog.db",
        ),
        (
            [
                "chunk-scan",
                "--target-root",
                "/w",
                "--update-db",
                "my.db",
                "--execute",
                "--timeout=5",
                "--json",
            ],
            "chunk-scan --target-root /w --update-db my.db",
        ),
    ],
)
def test_an_option_that_writes_into_the_catalogue_is_refused_with_the_original_command(
    workspace: Workspace, words: list[str], theirs: str
) -> None:
    result = workspace.ask(*words)

    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert result.stderr.strip().endswith(f"codegraphx enrich {theirs}")
    assert shlex.split(theirs)


# -- backlog ---------------------------------------------------------------------------------------


def names(workspace: Workspace, *words: str) -> list[str | None]:
    return [row["name"] for row in report(workspace, "backlog", *words)]


def test_the_backlog_has_the_score_the_keys_and_the_order_of_codegraphx(
    workspace: Workspace,
) -> None:
    found = report(workspace, "backlog", "--include-enriched", "--min-lines", "0")

    assert [(row["name"], row["enrich_score"]) for row in found] == [
        ("alpha", 5000 / 5000 + 40 / 40 + 3 + 1),
        ("beta", 10_000 / 5000 + 80 / 40 + 1.5),
        ("ours\\x09x", 2500 / 5000 + 20 / 40 + 1.5 + 1),
        (HOSTILE, round(100 / 5000 + 4 / 40 + 1 + 0.5, 3)),
        ("odd", 100 / 5000 + 8 / 40 + 1),
        (None, 0.0),
    ]
    assert list(found[0]) == [
        *(
            "name",
            "path",
            "file_count",
            "line_count",
            "has_readme",
            "has_tests",
            "has_git",
            "has_ci_cd",
            "has_docs",
        ),
        *("has_license", "already_enriched", "enrich_score"),
    ]
    assert found[0]["path"] == "/w/00_Tools/alpha" and found[0]["has_readme"] == 0
    # A project that no catalogue lists has our values, and its path as a script opens it.
    assert found[2]["path"] == "/w/ours\tx" and (found[2]["has_ci_cd"], found[2]["has_tests"]) == (
        1,
        0,
    )


def test_the_backlog_omits_scanned_projects_under_any_spelling(
    workspace: Workspace,
) -> None:
    assert "beta" not in names(workspace)
    assert [row["already_enriched"] for row in report(workspace, "backlog", "--include-enriched")][
        1
    ] == 1


def test_the_backlog_can_be_filtered(workspace: Workspace) -> None:
    assert names(workspace, "--limit", "1") == ["alpha"]
    assert len(names(workspace, "--limit", "0", "--min-lines", "0")) == 5
    assert names(workspace, "--min-lines", "2500") == ["alpha", "ours\\x09x"]


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("/w/00_Tools", ["alpha"]),  # `_` is not a wildcard
        ("/w/00_Tools/", ["alpha"]),
        ("/w/00_Too", []),  # whole parts only
        ("/w/00xTools", ["odd"]),
        (f"/w/00xTools/{ODD}", ["odd"]),
        ("c:/DEV", ["beta"]),
        ("\\\\?\\C:\\dev\\", ["beta"]),
        ("/", ["alpha", "ours\\x09x", HOSTILE, "odd"]),
        ("%", []),
    ],
)
def test_a_root_prefix_is_a_folder(workspace: Workspace, prefix: str, expected: list[str]) -> None:
    assert names(workspace, "--include-enriched", "--root-prefix", prefix) == expected


def test_a_workspace_without_scans_is_not_an_error(tmp_path: Path, monkeypatch) -> None:
    workspace = Workspace(tmp_path, monkeypatch)
    make_file(workspace.published, codegraphx_file.rows() | {"codegraphx_enrichment": []})

    assert names(workspace)[:2] == ["alpha", "beta"]


def test_an_empty_backlog_is_reported(tmp_path: Path, monkeypatch) -> None:
    workspace = Workspace(tmp_path, monkeypatch)
    make_file(workspace.published, {"projects": []})

    assert workspace.ask("backlog").stdout == "nothing is left to scan\n"
    assert report(workspace, "backlog") == []


# -- collectors ------------------------------------------------------------------------------------


def test_collectors_has_the_report_of_codegraphx(workspace: Workspace) -> None:
    found = report(workspace, "collectors", "--source-path", BETA)

    assert list(found) == [
        *(
            "status",
            "source_path",
            "source_project",
            "scan_artifact",
            "min_score",
            "files_analyzed",
        ),
        *(
            "collector_files",
            "collector_ratio",
            "missing_files",
            "skipped_by_filter",
            "append_mode",
            "db_updated",
        ),
        "top_collectors",
    ]
    assert (found["files_analyzed"], found["collector_files"], found["missing_files"]) == (
        4,
        2,
        None,
    )
    first = found["top_collectors"][0]
    assert list(first) == [
        *(
            "file_path",
            "language",
            "collector_score",
            "is_file_collector",
            "evidence",
            "signal_walk",
            "signal_read",
        ),
        *(
            "signal_filter",
            "signal_metadata",
            "signal_aggregate",
            "signal_fs_imports",
            "signal_name_hint",
        ),
    ]
    assert (first["file_path"], first["evidence"], first["signal_filter"]) == (
        f"{BETA}\\walker.py",
        ["walk", "read"],
        1,
    )


@pytest.mark.parametrize(
    ("words", "files", "counts"),
    [
        ([], ["walker.py", "vendor\\Copy.py"], (4, 2, 0)),
        (["--min-score", "3.5"], ["walker.py", "vendor\\Copy.py", "reader.py"], (5, 3, 0)),
        (["--min-score", "5.5"], ["walker.py"], (5, 1, 0)),
        (["--exclude-subpath", " VENDOR/ , none"], ["walker.py"], (4, 1, 1)),
        (["--top", "1"], ["walker.py"], (4, 2, 0)),
    ],
)
def test_collectors_are_counted_by_the_given_options(
    workspace: Workspace, words: list[str], files: list[str], counts
) -> None:
    found = report(workspace, "collectors", "--source-path", BETA, *words)

    assert [row["file_path"] for row in found["top_collectors"]] == [
        f"{BETA}\\{name}" for name in files
    ]
    assert (found["files_analyzed"], found["collector_files"], found["skipped_by_filter"]) == counts


@pytest.mark.parametrize("given", ["c:\\dev\\BETA", "C:/Dev/Beta/", "\\\\?\\c:\\dev\\beta"])
def test_a_scanned_folder_is_found_by_any_spelling(workspace: Workspace, given: str) -> None:
    assert report(workspace, "collectors", "--source-path", given)["source_path"] == "c:\\dev\\BETA"
    assert (
        report(workspace, "intelligence", "--source-path", given)["source_path"] == "c:\\dev\\BETA"
    )


def test_a_folder_that_was_not_scanned_is_reported_in_one_line(workspace: Workspace) -> None:
    result = workspace.ask("collectors", "--source-path", "/w/never")

    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)


def test_the_label_can_be_set_and_dry_run_is_accepted(workspace: Workspace) -> None:
    words = ["--source-path", BETA, "--source-project", "mine", "--dry-run"]

    assert report(workspace, "collectors", *words)["source_project"] == "mine"
    assert report(workspace, "intelligence", *words)["source_project"] == "mine"


# -- intelligence ----------------------------------------------------------------------------------


def test_intelligence_has_the_report_of_codegraphx(workspace: Workspace) -> None:
    found = report(workspace, "intelligence", "--source-path", BETA)

    assert list(found) == [
        *(
            "status",
            "source_path",
            "source_project",
            "scan_artifact",
            "scan_rows",
            "files_analyzed",
        ),
        *(
            "functions_analyzed",
            "dependency_edges",
            "call_edges",
            "internal_call_edges",
            "avg_cyclomatic",
        ),
        *("max_cyclomatic", "p95_cyclomatic", "high_complexity_functions", "file_similarity_pairs"),
        *(
            "function_similarity_pairs",
            "max_call_chain_depth",
            "missing_files",
            "skipped_by_filter",
            "db_updated",
        ),
        "append_mode",
    ]
    assert (found["scan_rows"], found["functions_analyzed"], found["missing_files"]) == (2, 4, None)


def test_intelligence_recounts_for_the_given_options(workspace: Workspace) -> None:
    def figure(name: str, *words: str) -> Any:
        return report(workspace, "intelligence", "--source-path", BETA, *words)[name]

    assert figure("high_complexity_functions", "--complexity-threshold", "2") == 3
    assert figure("file_similarity_pairs", "--min-file-sim", "0.8") == 0
    assert figure("function_similarity_pairs", "--min-func-sim", "0.9") == 1
    assert figure("function_similarity_pairs", "--max-func-pairs", "1") == 1
    # An option changes only its own figure.
    assert figure("function_similarity_pairs", "--min-file-sim", "0.8") == 2


def test_intelligence_without_some_files_uses_the_stored_rows(
    workspace: Workspace,
) -> None:
    scanned = report(workspace, "intelligence", "--source-path", BETA)
    same = report(workspace, "intelligence", "--source-path", BETA, "--exclude-subpath", "nowhere")
    fewer = report(
        workspace, "intelligence", "--source-path", BETA, "--exclude-subpath", "Vendor\\"
    )

    # No row contains files without functions, or how calls resolve without some files.
    assert {name for name in scanned if scanned[name] != same[name]} == {
        "files_analyzed",
        "max_call_chain_depth",
    }
    assert same["files_analyzed"] is None
    assert {name: fewer[name] for name in scanned if fewer[name] != same[name]} == {
        "functions_analyzed": 3,
        "dependency_edges": 1,
        "internal_call_edges": 1,
        "avg_cyclomatic": 11.0,
        "function_similarity_pairs": 1,
    }


# -- index-audit -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "helped_by", "missing"),
    [
        ("create table {files} from many order by file_id", "nothing", ["project_id"]),
        ("create table {files} from many order by project_id", "zone maps", None),
        (
            "create table {files} from many order by file_id; create index i on files (project_id)",
            "index",
            None,
        ),
        ("create table {files} from many limit 10", "one row group", None),
    ],
)
def test_the_audit_recommends_indexes(
    workspace: Workspace, make: str, helped_by: str, missing: list[str] | None
) -> None:
    with duckdb.connect(str(workspace.published)) as db:
        db.execute(
            """
            create temp table many as
            select md5(number::varchar) as file_id, md5((number % 3000)::varchar) as project_id
            from range(300_000) numbers(number);
            update v_project_health
            set project_id = md5('7'), file_count = 100_000
            where file_count = 20;
            """
        )
        db.execute("drop table files;" + make.format(files="files as select *"))

    found = report(workspace, "index-audit")

    [asked] = [row for row in found["questions"] if row["question"] == "files of a project"]
    assert (asked["table"], asked["columns"], asked["helped_by"]) == (
        "files",
        ["project_id"],
        helped_by,
    )
    expected = (
        [{"name": "idx_files_project_id", "table": "files", "columns": missing}] if missing else []
    )
    assert found["recommended_missing"] == expected
    assert [index["columns"] for index in found["existing_indexes"]["files"]] == (
        [["project_id"]] if helped_by == "index" else []
    )
    [files] = [table for table in found["tables"] if table["table"] == "files"]
    assert ("project_id" in files["sorted_by"]) == ("by project_id" in make)
    skipped = {row["name"]: row["reason"] for row in found["recommended_skipped"]}
    assert skipped["idx_file_signals_source_path"] == "one_row_group"


# -- paths of another machine ----------------------------------------------------------------------


def mapped(value: Any) -> Any:
    """Return rows in which a registered prefix maps the folder of BETA to this machine."""
    if isinstance(value, dict):
        return {name: mapped(one) for name, one in value.items()}
    if isinstance(value, list):
        return [mapped(one) for one in value]
    if isinstance(value, str) and value.startswith("c:/dev/beta"):
        return "/here/Beta" + value[len("c:/dev/beta") :]
    return value


def test_a_path_of_another_machine_is_shown_where_a_prefix_maps_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace(tmp_path, monkeypatch)
    rows = mapped(codegraphx_file.rows())
    for name in ("codegraphx_project_signals", "codegraphx_project_intelligence"):
        for row in rows[name]:
            row["scan_artifact_key"] = "/here/scan.jsonl"
    make_file(workspace.published, rows)

    backlog = report(workspace, "backlog", "--include-enriched")
    plan = report(workspace, "campaign", "--include-enriched", "--min-lines", "0")
    for paths in ([row["path"] for row in backlog], [row["path"] for row in plan["runs"]]):
        assert "/here/Beta" in paths and BETA not in paths
    for command in ("collectors", "intelligence"):
        assert "/here/Beta" in [row["source_path"] for row in report(workspace, command)]
        for given in ("/here/Beta", BETA, "c:/dev/beta"):
            page = report(workspace, command, "--source-path", given)
            found = page["source_path"], page["scan_artifact"]
            assert found == ("/here/Beta", "/here/scan.jsonl")
    found = report(workspace, "collectors", "--source-path", BETA)["top_collectors"]
    assert {row["file_path"] for row in found} >= {"/here/Beta/walker.py"}
    for prefix in ("/here", "C:\\Dev", "c:/dev/beta"):
        below = report(workspace, "backlog", "--include-enriched", "--root-prefix", prefix)
        assert [row["path"] for row in below] == ["/here/Beta"], prefix


def test_a_folder_is_named_through_a_symbolic_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    workspace = Workspace(tmp_path, monkeypatch)
    rows = codegraphx_file.rows()
    rows["v_project_health"][1]["project_path"] = f"{tmp_path}/real/ours"
    make_file(workspace.published, rows)
    below = report(workspace, "backlog", "--root-prefix", f"{tmp_path}/link")
    assert [row["path"] for row in below] == [f"{tmp_path}/real/ours"]
