"""The golden workspace end to end: landed, built, queried, changed, and rebuilt from nothing."""

from __future__ import annotations

import csv
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from contract_layers import committed, contained, declared_in, disagreements
from equal_tables import RELATIONS, differences
from golden import build_golden_artifacts, build_golden_workspace
from model_layout import cycles, upward_references
from product import PROJECT, Product, copy_of_project
from rule_trials import TrialBench

from loaders.publishing.trial import rebuilt_for

DATA = Path(__file__).parents[1] / "data"
BEGINNING = "2026-03-01T12:00:00"
WEEKS_LATER = "2026-03-21T12:00:00"
NEXT_DAY = "2026-03-22T12:00:00"


@pytest.fixture(scope="session")
def workspace(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("workspace")
    build_golden_workspace(root)
    return root


@pytest.fixture(scope="session")
def golden(workspace, tmp_path_factory) -> Product:
    """The golden workspace: `old` crawled weeks ago, `code` today, CodeGraphX landed, all built."""
    product = Product(tmp_path_factory.mktemp("golden"), now=BEGINNING)
    product.crawl(workspace / "old")
    product.now = WEEKS_LATER
    product.crawl(workspace / "code")
    product.land("codegraphx", build_golden_artifacts(workspace))
    product.land("signals")
    answer = product.dbt("build")
    assert "published: version 1" in answer.stdout
    return product


def test_each_rule_has_exactly_the_expected_findings(golden, workspace):
    with open(DATA / "golden_findings.csv", newline="", encoding="utf-8") as file:
        expected = sorted(tuple(row.values()) for row in csv.DictReader(file))
    found = golden.query(
        "select gap_type, project_path, subject, severity from v_gap_backlog where status = 'open'"
    )
    prefix = f"{workspace}/"
    assert (
        sorted((a, b.removeprefix(prefix), c.removeprefix(prefix), d) for a, b, c, d in found)
        == expected
    )


def test_every_verdict_of_every_rule_stays_countable(golden):
    judged = dict(
        golden.query("select gap_type, count(distinct project_id) from v_verdicts group by 1")
    )
    projects = golden.query("select count(*) from projects")[0][0]
    rules = {rule for (rule,) in golden.query("select gap_type from v_rules")}
    # This workspace has no waivers.
    assert judged == dict.fromkeys(rules - {"WAIVER_NEEDS_REVIEW"}, projects)


def test_files_are_those_on_disk(golden, workspace):
    excluded = {".git"}
    on_disk = {
        str(path): path.lstat().st_size
        for folder in ("code", "old")
        for path in (workspace / folder).rglob("*")
        if path.is_file() and not excluded & set(path.parts)
    }
    rows = golden.query("select project_path || '/' || file_path, size_bytes from files")
    assert dict(rows) == on_disk
    assert len(rows) == len(on_disk)


def test_files_that_are_not_the_projects_own_are_counted_apart(golden):
    [row] = golden.query(
        "select own_file_count, own_line_count, source_line_count, ignored_file_count,"
        " ignored_line_count, vendored_line_count, generated_file_count, generated_line_count,"
        " primary_language, test_file_count, has_docs from v_project_health"
        " where project_name = 'built'"
    )
    # .gitignore, .gitattributes and package.json have six lines.
    sources = 300 + 20 + 30 + 10
    assert row == (
        *(8, sources + 120 + 5, sources),
        *(2, 4007, 800),
        *(6, 5000 + 4 * 900 + 2500),
        *("JavaScript", 1, True),
    )
    assert (
        golden.query(
            "select project_name from v_project_health where file_count <> own_file_count"
            " + ignored_file_count + vendored_file_count + generated_file_count"
        )
        == []
    )
    others = "select file_path from files where not is_own"
    for relation in ("v_file_roles", "v_hotspots"):
        assert golden.query(f"select 1 from {relation} where file_path in ({others})") == []
    assert golden.query(
        "select distinct verdict from v_verdicts where gap_type = 'HIGH_SIZE_LOW_TEST_COVERAGE'"
        " and project_path like '%/built'"
    ) == [("not_applicable",)]


def test_actions_add_up_and_their_commands_are_safe(golden, workspace):
    rows = golden.query(
        "select priority, impact + freshness_penalty + dependency_weight + confidence,"
        " command_effect, command, rank from v_next_actions order by rank"
    )
    assert rows and [row[4] for row in rows] == list(range(1, len(rows) + 1))
    assert [row[0] for row in rows] == sorted((row[0] for row in rows), reverse=True)
    assert all(priority == total for priority, total, *_ in rows)
    assert {effect for *_, effect, command, _ in rows if command} <= {"read", "land"}


def test_every_relation_of_the_contract_is_committed_declared_and_published_alike(golden):
    assert disagreements(committed(), declared_in(golden.target)) == []
    assert disagreements(committed(), contained(golden.published)) == []


# View → a change of its SQL, and the column that must be named for it.
_CHANGED_SQL = {
    "v_next_actions": ("        owner,\n", "        owner as keeper,\n", "owner"),
    "v_gap_backlog": (
        "        age_days,\n",
        "        cast(age_days as double) as age_days,\n",
        "age_days",
    ),
    "v_file_roles": ("        language,\n", "        language,\n        1 as extra,\n", "extra"),
    "v_role_review": ("        evidence,\n", "", "evidence"),
    "v_index_coverage": (
        "        project_path,\n        project_name,\n",
        "        project_name,\n        project_path,\n",
        "project_name",
    ),
}


def test_a_changed_column_in_the_sql_of_a_view_is_named(golden, tmp_path):
    project = copy_of_project(tmp_path / "clone")
    for view, (before, after, _) in _CHANGED_SQL.items():
        [path] = (project / "models").rglob(f"{view}.sql")
        text = path.read_text(encoding="utf-8")
        assert before in text, view
        path.write_text(text.replace(before, after), encoding="utf-8")
    changed = replace(golden.twin(tmp_path / "changed"), project=project)

    output = changed.dbt("run", "--select", *_CHANGED_SQL, check=False).stdout

    database = changed.home / "meta.duckdb.d" / "build" / "meta.duckdb"
    found = disagreements(committed(), contained(database))
    for view, (*_, column) in _CHANGED_SQL.items():
        reported = re.search(rf"Error in model {view} .*?(?=Error in model|\Z)", output, re.DOTALL)
        named = (
            reported[0] if reported else "\n".join(line for line in found if line.startswith(view))
        )
        assert re.search(rf"\| {column} +\||\.{column}:", named), (view, output)


def test_every_contract_column_is_described_in_the_file(golden):
    bare = golden.query(
        "select table_name, column_name from duckdb_columns()"
        " where schema_name = 'main' and not internal and coalesce(comment, '') = ''"
    )
    assert bare == []


def test_published_relations_reach_no_file_outside(golden, tmp_path):
    alone = tmp_path / "alone.duckdb"
    shutil.copy(golden.published, alone)
    with duckdb.connect(str(alone), read_only=True, config={"enable_external_access": False}) as db:
        for relation in RELATIONS:
            assert db.execute(f"select count(*) from {relation}").fetchone()[0] >= 0


def test_the_memory_of_a_finding_outlives_the_database(golden, workspace, tmp_path):
    """A refresh lands changes only, and the landing zone alone rebuilds every table."""
    root = tmp_path / "code"
    shutil.copytree(workspace / "code", root, symlinks=True, copy_function=_copy_sparse)
    life = Product(tmp_path / "life", now=BEGINNING)
    life.crawl(root)
    life.dbt("build")
    first = tmp_path / "first.duckdb"
    shutil.copy(life.published, first)

    life.now = WEEKS_LATER
    counts = life.crawl(root)
    assert (counts["landed"], counts["errors"]) == (0, 1)
    life.dbt("build")
    assert differences(first, life.published, same_runs=False) == []

    shutil.rmtree(root / "backup")
    life.now = NEXT_DAY
    life.crawl(root)
    life.dbt("build")
    resolved = life.query(
        "select status, first_seen::varchar, resolved_at::varchar from gap_findings"
        " where gap_type like 'DUPLICATE%'"
    )
    assert resolved == [("resolved", "2026-03-01 12:00:00", "2026-03-22 12:00:00")]

    # The same runs, code and moment again: into the old database, and from a backup into a new one.
    backup = tmp_path / "backup"
    life.enrich("backup", backup)
    reborn = Product(tmp_path / "reborn", now=NEXT_DAY)
    reborn.home.mkdir()
    reborn.enrich("restore", backup)
    reborn.enrich("verify")
    assert differences(life.published, reborn.published, same_runs=True) == [], (
        "the copy of the published file"
    )
    life.dbt("build")
    reborn.dbt("build")
    assert differences(life.published, reborn.published, same_runs=True) == []

    # Compaction changes no table; it is one more run.
    before = set(reborn.landed_files())
    reborn.land("compact")
    assert before <= set(reborn.landed_files())
    reborn.dbt("build")
    left = differences(life.published, reborn.published, same_runs=True)
    assert [line.split(": ")[:2] for line in left] == [["ingest_runs", "1 rows only in other"]]
    tables = [
        Path(path).name.split(".")[0] for path in reborn.landed_files() if path.endswith(".parquet")
    ]
    assert tables and len(tables) == len(set(tables)), "one file a table is left"
    reborn.land("verify")


def _copy_sparse(source: str, target: str) -> None:
    """Copy a file; a hole of a tebibyte is made again."""
    if Path(source).name == "hole.bin":
        with open(target, "wb") as file:
            file.truncate(1 << 40)
    else:
        shutil.copy2(source, target)


def test_the_comparison_can_fail(golden, tmp_path):
    changed = tmp_path / "changed.duckdb"
    shutil.copy(golden.published, changed)
    with duckdb.connect(str(changed)) as db:
        db.execute("update files set size_bytes = size_bytes + 1 where file_path = 'README.md'")
    found = differences(golden.published, changed, same_runs=False)
    assert [line.split(":")[0] for line in found] == ["files", "files"]


def test_no_model_reads_a_model_of_a_later_floor(golden):
    manifest = json.loads((golden.target / "manifest.json").read_bytes())
    assert upward_references(manifest) == []
    assert cycles(manifest) == []


def test_rules_and_their_models_correspond():
    with open(PROJECT / "seeds" / "gap_rules.csv", newline="", encoding="utf-8") as file:
        rules = {row["gap_type"].lower() for row in csv.DictReader(file)}
    models = {
        path.stem.removeprefix("gap_")
        for path in (PROJECT / "models" / "gaps").rglob("gap_*.sql")
        if path.stem != "gap_findings"
    }
    assert rules == models


def test_a_trial_of_each_threshold_equals_a_dry_build_with_the_same_number(golden, tmp_path):
    with open(PROJECT / "seeds" / "rule_thresholds.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    of_rule: dict[str, list[str]] = {}
    for row in rows:
        of_rule.setdefault(row["gap_type"], []).append(row["threshold"])
    bench = TrialBench(golden, tmp_path / "bench")
    verdicts = bench.selected("int_rules__thresholds+,+int_gaps__verdicts")
    untouched = bench.findings(of_rule, {}, [])
    changed = set()
    # One dry build has one threshold of each rule.
    for place in range(max(map(len, of_rule.values()))):
        tried = {(rule, names[place]): 0.0 for rule, names in of_rule.items() if place < len(names)}
        dry = bench.findings(of_rule, tried, verdicts)
        for rule, threshold in tried:
            trial = bench.selected(rebuilt_for(f"gap_{rule.lower()}"))
            found = bench.findings([rule], {(rule, threshold): 0.0}, trial)
            assert found[rule] == dry[rule], (rule, threshold)
            changed |= {(rule, threshold)} if found[rule] != untouched[rule] else set()
    # The comparison says something: most numbers change findings of this workspace, also those
    # that only earlier models read.
    assert len(changed) > len(rows) / 2
    assert {
        ("PROJECT_STALE_SCAN", "max_age_days"),
        ("DUPLICATE_MIRROR_CONTENT", "min_identical_files"),
    } <= changed


def test_no_situation_of_a_rule_has_an_empty_reason(golden, tmp_path):
    """Every value that a sentence of a rule takes is NULL: the general sentence replaces it."""
    database = tmp_path / "meta.duckdb"
    shutil.copy(golden.published.with_name("meta.duckdb.d") / "build" / "meta.duckdb", database)
    compiled = golden.target / "compiled/meta_collector/models/gaps/int_gaps__failing.sql"
    with duckdb.connect(str(database)) as db:
        texts = db.execute("select * from internal.int_gaps__texts").fetchall()
        names = sorted(set(re.findall(r"{(\w+)}", str(texts))))
        db.execute("create table one as select * from internal.int_gaps__verdicts limit 1")
        db.execute("delete from internal.int_gaps__verdicts")
        db.execute(
            "insert into internal.int_gaps__verdicts select one.* replace ("
            " texts.gap_type || texts.situation as finding_id, texts.gap_type as gap_type,"
            " 'fail' as verdict,"
            " texts.situation as situation, $1 as evidence, '{}' as text_values,"
            " null as project_id, null as project_path, null as subject, null as scan_source"
            ") from one cross join (select gap_type, situation from internal.int_gaps__texts)"
            " as texts",
            [json.dumps(dict.fromkeys(names))],
        )
        rows = db.execute(
            "select gap_type, situation, headline, because, recommended_action"
            f" from ({compiled.read_text(encoding='utf-8')})"
        ).fetchall()
    assert len(rows) == len(texts) > 20
    for rule, situation, *sentences in rows:
        assert all(sentence and sentence.strip(" .:") for sentence in sentences), (rule, situation)
        assert not any(re.search(r"[{}]|None|null", text) for text in sentences), sentences
