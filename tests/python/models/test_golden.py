"""The golden workspace end to end: landed, built, queried, changed, and rebuilt from nothing."""

from __future__ import annotations

import csv
import json
import re
import shutil
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest
import readable
from compiled_models import run_model
from contract_layers import committed, contained, declared_in, disagreements
from equal_tables import RELATIONS, differences
from golden import build_golden_artifacts, build_golden_workspace
from import_cases import CASES, answers, imports_of, tables
from model_layout import cycles, upward_references
from product import PROJECT, Product, copy_of_project
from replayed_build import build
from rule_trials import TrialBench
from typed import ask

from loaders.publishing.trial import rebuilt_for
from loaders.sources.registry import TABLES

DATA = Path(__file__).parents[1] / "data"
BEGINNING = "2026-03-01T12:00:00"
WEEKS_LATER = "2026-03-21T12:00:00"
NEXT_DAY = "2026-03-22T12:00:00"


@pytest.fixture(scope="session")
def planted(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("workspace")
    build_golden_workspace(root)
    return root


@pytest.fixture(scope="session")
def landed(planted, tmp_path_factory) -> Product:
    """The golden workspace: `old` crawled weeks ago, `code` today, CodeGraphX landed."""
    product = Product(tmp_path_factory.mktemp("landed"), now=BEGINNING)
    product.crawl(planted / "old")
    product.now = WEEKS_LATER
    product.crawl(planted / "code")
    product.land("codegraphx", build_golden_artifacts(planted))
    product.land("signals")
    product.land("code")
    product.land("manifests")
    return product


@pytest.fixture(scope="session")
def golden(landed, tmp_path_factory) -> Product:
    """The golden workspace, built by dbt, with the unit tests of the models."""
    product = landed.twin(tmp_path_factory.mktemp("golden") / "home", with_database=False)
    product.environment["META_UNIT_TESTS"] = "on"
    assert "published: version 1" in product.dbt("build").stdout
    del product.environment["META_UNIT_TESTS"]
    return product


def test_each_rule_has_exactly_the_expected_findings(golden, planted):
    with open(DATA / "golden_findings.csv", newline="", encoding="utf-8") as file:
        expected = sorted(tuple(row.values()) for row in csv.DictReader(file))
    found = golden.query(
        "select gap_type, project_path, subject, severity from v_gap_backlog where status = 'open'"
    )
    prefix = f"{planted}/"
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


ANSWERS = (
    *("status", "projects", "gaps --status all", "gap-history", "next-actions", "rules list"),
    *("rules show HIGH_SIZE", "runs", "show untested", "show busy", "show original", "roles"),
    *("dependencies original", "hotspots", "owners", "owners busy", "coupling", "lineage"),
    *("branches", "packages", "waivers", "sources list", "map", "code tangled/core.py"),
    *("code decide_0 --project tangled", "callers tangled/core.py:decide_0"),
    *("imports tangled/core.py",),
)


def test_every_answer_reads_well_at_80_columns(golden, monkeypatch):
    for name, value in {
        "META_DB_PATH": golden.published,
        "META_LANDING_DIR": golden.landing,
        "META_NOW": golden.now,
        "COLUMNS": readable.WIDTH,
    }.items():
        monkeypatch.setenv(name, str(value))
    finding = golden.query("select finding_id from v_gap_backlog order by 1")[0][0]

    for command in (*ANSWERS, f"gaps show {finding}"):
        answer = ask(*command.split())
        assert (answer.exit_code, list(readable.faults_in(answer.stdout))) == (0, []), command


@pytest.mark.parametrize(
    "line",
    ["1 files", "has 1 open findings", "found 12345 lines", "None", "x nan", "2 file(s)", "x" * 81],
)
def test_a_fault_of_a_page_is_named(line):
    assert len(list(readable.faults_in(line))) == 1


@pytest.mark.parametrize(
    "line",
    [
        "1 file",
        "1,001 files",
        "21 files",
        "run 1 has 3",
        "$ " + "x" * 90,
        "2026-11-28",
        "a/12345/b",
    ],
)
def test_a_page_without_a_fault_is_left_alone(line):
    assert list(readable.faults_in(line)) == []


def test_files_are_those_on_disk(golden, planted):
    excluded = {".git"}
    on_disk = {
        str(path): path.lstat().st_size
        for name in ("code", "old")
        for path in (planted / name).rglob("*")
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


def test_actions_add_up_and_their_commands_are_safe(golden, planted):
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


def test_the_memory_of_a_finding_outlives_the_database(golden, planted, tmp_path):
    """A refresh lands changes only, and the landing zone alone rebuilds every table."""
    root = tmp_path / "code"
    shutil.copytree(planted / "code", root, symlinks=True, copy_function=_copy_sparse)
    life = Product(tmp_path / "life", now=BEGINNING)
    life.crawl(root)
    build(life)
    first = tmp_path / "first.duckdb"
    shutil.copy(life.published, first)

    life.now = WEEKS_LATER
    counts = life.crawl(root)
    assert (counts["landed"], counts["errors"]) == (0, 1)
    build(life)
    assert differences(first, life.published, same_runs=False) == []

    shutil.rmtree(root / "backup")
    life.now = NEXT_DAY
    life.crawl(root)
    build(life)
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
    build(life)
    build(reborn)
    assert differences(life.published, reborn.published, same_runs=True) == []

    # Compaction changes no table; it is one more run.
    before = set(reborn.landed_files())
    reborn.land("compact")
    assert before <= set(reborn.landed_files())
    build(reborn)
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


def test_a_replayed_build_equals_one_of_dbt(landed, golden, tmp_path):
    """Other tests build their worlds by the SQL that dbt executed for an empty landing zone."""
    twin = landed.twin(tmp_path / "twin", with_database=False)
    assert "published: version 1" in build(twin)
    assert differences(golden.published, twin.published, same_runs=True) == []
    assert disagreements(committed(), contained(twin.published)) == []
    for catalogue in ("duckdb_columns()", "duckdb_views()", "duckdb_tables()"):
        query = "select columns('^(schema|table|view|column)_name$'), comment"
        query += f" from {catalogue} where comment is not null order by all"
        found = twin.query(query)
        assert found and found == golden.query(query)


def test_the_comparison_can_fail(golden, tmp_path):
    changed = tmp_path / "changed.duckdb"
    shutil.copy(golden.published, changed)
    with duckdb.connect(str(changed)) as db:
        # `files` is a view of it.
        changed_size = "set size_bytes = size_bytes + 1 where file_path = 'README.md'"
        db.execute(f"update internal.int_files__current {changed_size}")
    found = differences(golden.published, changed, same_runs=False)
    assert [line.split(":")[0] for line in found] == ["files", "files"]


def test_no_model_reads_a_model_of_a_later_floor(golden):
    manifest = json.loads((golden.target / "manifest.json").read_bytes())
    assert upward_references(manifest) == []
    assert cycles(manifest) == []


def test_only_what_records_a_moment_reads_it(golden):
    """Everything else reads the day: two builds of one day do not differ because of time alone."""
    children = json.loads((golden.target / "manifest.json").read_bytes())["child_map"]
    readers = {
        name.split(".")[2]
        for name in children["model.meta_collector.as_of"]
        if name.startswith("model.")
    }
    assert readers - {"stg_landing__runs"} == {
        "as_of_day",
        "action_queue",
        "gap_findings",
        "int_actions__changes",
        "int_gaps__finding_changes",
        "int_health__project_changes",
        "int_memory__metric_changes",
        "int_memory__rule_changes",
        "int_technologies__snapshot_changes",
    }


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
    # The comparison says something: most numbers of the rules that find something here change
    # findings, also those that only earlier models read.
    assert len(changed) > sum(bool(untouched[row["gap_type"]]) for row in rows) / 2
    assert {
        ("PROJECT_STALE_SCAN", "max_age_days"),
        ("DUPLICATE_MIRROR_CONTENT", "min_identical_files"),
    } <= changed


def test_no_situation_of_a_rule_has_an_empty_reason(golden, tmp_path):
    """A value that a sentence takes is NULL: the general sentence replaces it.

    If it is an empty text, the sentence does without it.
    """
    database = tmp_path / "meta.duckdb"
    shutil.copy(golden.published.with_name("meta.duckdb.d") / "build" / "meta.duckdb", database)
    compiled = golden.target / "compiled/meta_collector/models/gaps/int_gaps__failing.sql"
    with duckdb.connect(str(database)) as db:
        texts = db.execute("select * from internal.int_gaps__texts").fetchall()
        names = sorted(set(re.findall(r"{(\w+)(?::[\w -]+)?}", str(texts))))
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
        query = (
            "select gap_type, situation, headline, because, recommended_action"
            f" from ({compiled.read_text(encoding='utf-8')})"
        )
        rows = db.execute(query).fetchall()
        known = dict.fromkeys(names, "x") | {"state_text": "", "state_advice": ""}
        db.execute("update internal.int_gaps__verdicts set evidence = $1", [json.dumps(known)])
        [(reason,)] = db.execute(
            f"select because from ({query})"
            " where gap_type = 'DUPLICATE_MIRROR_CONTENT' and situation = ''"
        ).fetchall()
    assert reason == "x of x non-empty files in x are also in x"
    assert len(rows) == len(texts) > 20
    for rule, situation, *sentences in rows:
        assert all(sentence and sentence.strip(" .:") for sentence in sentences), (rule, situation)
        assert not any(re.search(r"[{}]|None|null", text) for text in sentences), sentences


# -- grades ----------------------------------------------------------------------------------------

# A project with everything; each case below changes some of it.
_BEST = {
    "project_id": "best",
    "is_gone": False,
    "kind": "repository",
    "last_active_at": datetime(2026, 3, 20),
    "commit_age_days": 1.0,
    "last_scanned_at": datetime(2026, 3, 20),
    "index_state": "fresh",
    "known_share": 1.0,
    "least_source": "crawl",
    "files_scanned": 9,
    "files_eligible": 9,
    "scanned_at": datetime(2026, 3, 20),
    "is_judged": True,
    "is_left_out": False,
    "source_lines": 100,
    "code_lines": 90,
    "test_lines": 60,
    "inline_test_lines": 10,
    "test_share": 0.6,
    "has_readme": True,
    "has_docs": True,
    "has_license": True,
    "has_ci": True,
    "has_documents": True,
    "lifecycle": "unstated",
    "gap_cost": 0.0,
    "open_in_words": "no open findings",
    "run_id": "r",
}
_NOTHING = dict.fromkeys(
    ("has_readme", "has_docs", "has_license", "has_ci", "has_documents"), False
)
_NEVER = {"known_share": 0.0, "index_state": "never", "gap_cost": 0.8}
# Case → what differs from the best, and the grades that it may have.
_GRADES = {
    "best": ({}, "A"),
    "never scanned by one source": (_NEVER, "CDF"),
    "hardly scanned": ({"known_share": 0.0, "gap_cost": 0.45}, "CDF"),
    "nothing beside code": (_NOTHING | {"test_lines": 0, "test_share": 0.0}, "DF"),
    "nothing at all": (
        _NOTHING | {"test_lines": 0, "test_share": None, "source_lines": 0, "code_lines": 0},
        "DF",
    ),
    "deprecated": ({"lifecycle": "deprecated"}, "BCDF"),
    "deprecated without history": (
        {"lifecycle": "archived", "commit_age_days": None, "last_active_at": None},
        "BCDF",
    ),
    "documents alone": (
        {"test_lines": 0, "test_share": None, "source_lines": 0, "code_lines": 0},
        "AB",
    ),
    "no commits known": ({"commit_age_days": None, "last_active_at": None}, "A"),
    "no CI": ({"has_ci": False}, "AB"),
    "sparse checkout": ({"is_left_out": True, "is_judged": False}, ""),
    "never looked into": (
        _NEVER | {"is_judged": None, "commit_age_days": None, "last_active_at": None},
        "",
    ),
}


@pytest.fixture(scope="module")
def graded(golden) -> dict[str, dict]:
    facts = [_BEST | changes | {"project_id": case} for case, (changes, _) in _GRADES.items()]
    rows = run_model(golden, "health/int_health__terms", {"int_health__facts": facts})
    return {row["project_id"]: row for row in rows}


@pytest.mark.parametrize("case", _GRADES)
def test_a_grade_means_something(graded, case):
    row, grades = graded[case], _GRADES[case][1]
    limits = {"A": 85, "B": 70, "C": 55, "D": 40, "F": 0}
    score = row["health_score"]
    grade = next((name for name, low in limits.items() if score >= low), "") if score else ""
    assert grade in grades if grades else score is None, (score, row)


@pytest.mark.parametrize("case", _GRADES)
def test_terms_add_up_and_share_the_maximum_of_an_unknown_one(graded, case):
    row = graded[case]
    terms = [name for name in row if name.startswith("health_") and f"{name}_maximum" in row]
    known = [name for name in terms if row[name] is not None]
    assert len(terms) == 5 and all(0 <= row[name] <= row[f"{name}_maximum"] for name in known)
    assert sum(float(row[f"{name}_maximum"]) for name in known) == pytest.approx(100, abs=0.01)
    if row["health_score"] is not None:
        assert sum(float(row[name]) for name in known) == pytest.approx(
            float(row["health_score"]), abs=0.001
        )
    # Known findings always count; a sparse checkout is not graded.
    assert (row["health_gaps"] is None) == (case == "sparse checkout")


def test_every_term_has_a_reason_and_the_page_shows_the_sum(golden):
    rows = golden.query("select project_name, term, points, maximum, reason from v_health_terms")
    assert rows and all(reason and "NULL" not in reason for *_, reason in rows)
    assert {(points is None) == (maximum is None) for _, _, points, maximum, _ in rows} == {True}
    page = golden.enrich("show", "tested").stdout
    [line] = [line for line in page.splitlines() if line.startswith("Score: ")]
    terms, score = re.fullmatch(r"Score: (.*) = (\S+) of 100", line).groups()
    assert sum(map(float, terms.split(" + "))) == pytest.approx(float(score), abs=0.3)
    assert "600 test lines against 3,000 source lines; CI" in " ".join(page.split())


# -- the user's own projects -----------------------------------------------------------------------


def _project(name: str, **more) -> dict:
    return {
        "project_id": name,
        "project_path": f"/w/{name}",
        "project_name": name,
        "vcs": "git",
        "remote_url": None,
        "is_pointer": False,
        "is_gone": False,
    } | more


def _commits(project: str, **authors: int) -> list[dict]:
    return [
        {
            "project_id": project,
            "author_email": f"{name}@example.org".replace("_", "[bot]"),
            "author_name": name.replace("_", "[bot]"),
            "authored_at": datetime(2026, 3, 1),
            "is_in_default": True,
            "parent_count": 1,
            "changes_state": "read",
        }
        for name, number in authors.items()
        for _ in range(number)
    ]


_PROJECTS = [
    _project("notes"),
    _project("theirs", remote_url="https://github.com/other/theirs"),
    _project("theirs/sub", remote_url="https://github.com/third/sub"),
    _project("helped", remote_url="git@github.com:other/helped.git"),
    _project("mine", remote_url="https://github.com/me/mine"),
    _project("merged", remote_url="https://github.com/far/merged"),
    _project("copied", vcs="none"),
    _project("unpacked", vcs="none"),
    _project("unpacked_and_touched", vcs="none"),
    _project("unpacked_and_changed", vcs="none"),
]
# Folders without history that have 20 files of `theirs`.
_OWN_FILES = {"unpacked": 0, "unpacked_and_touched": 2, "unpacked_and_changed": 3}
_COPIED = [
    {
        "project_path": f"/w/{name}",
        "folder_path": f"/w/{name}",
        "origin_path": "/w/theirs",
        "known_files": 20,
        "own_files": own_files,
    }
    for name, own_files in _OWN_FILES.items()
]
_WRITTEN = [
    *_commits("notes", me=5, friend=1),
    *_commits("theirs", other=50, me=1, dependabot_=90),
    *_commits("helped", other=50),
    *_commits("mine", me=7, other=9),
    *_commits("merged", robot_=3),
]


@pytest.mark.parametrize(
    ("identities", "expected"),
    [
        # The main author of a repository without a remote is the user.
        (
            [],
            {"notes": True, "theirs": False, "theirs/sub": False, "helped": False, "mine": True},
        ),
        (
            [{"kind": "email", "value": "Other@example.org", "note": ""}],
            {"notes": None, "theirs": True, "theirs/sub": True, "helped": True, "mine": True},
        ),
        (
            [{"kind": "remote_owner", "value": "github.com/third", "note": ""}],
            {"notes": True, "theirs": False, "theirs/sub": True, "helped": False, "mine": True},
        ),
    ],
)
def test_own_projects_are_recognised_by_commits_remotes_and_the_seed(golden, identities, expected):
    empty = [{"kind": "none", "value": "none", "note": ""}]
    tables = {
        "int_structure__projects": _PROJECTS,
        "commits": _WRITTEN,
        "as_of_day": [{"as_of_day": date(2026, 3, 20)}],
        "int_structure__pointers": [
            {"path": "/elsewhere", "pointed_from": "/w/mine", "pointer_kind": "submodule"}
        ],
        "my_identities": identities or empty,
        "int_copies__states": _COPIED,
    }
    rows = run_model(golden, "measures/git/int_git__mine", tables)
    assert {row["project_id"]: row["is_mine"] for row in rows} == expected | {
        "copied": None,
        # All of its commits are those of a bot.
        "merged": False,
        "unpacked": expected["theirs"],
        "unpacked_and_touched": expected["theirs"],
        "unpacked_and_changed": None,
    }
    assert all(row["mine_reason"] for row in rows)


# -- what further rules measure --------------------------------------------------------------------


def test_git_has_a_large_file_only_if_it_tracks_its_content(golden):
    cases = {  # name → size, what git tracks, whether it is a link
        "model.bin": (12_000_000, "blob model.bin", False),
        "text.csv": (11_000_000, "text text.csv", False),
        "pointer.bin": (12_000_000, "blob of a pointer", False),
        "changed.bin": (12_000_000, "blob of another content", False),
        "untracked.bin": (12_000_000, None, False),
        "small.bin": (9_999_999, "blob small.bin", False),
        "link.bin": (12_000_000, "blob link.bin", True),
    }
    files = [
        {
            "path": f"/w/p/{name}",
            "file_path": name,
            "project_id": "p",
            "size_bytes": size,
            "is_symlink": is_link,
            "state": "present",
            "blob_id": f"blob {name}",
            "text_blob_id": f"text {name}",
        }
        for name, (size, _, is_link) in cases.items()
    ]
    tables = {
        "int_files__current": files,
        "int_files__states": files,
        "int_structure__tracked_files": [
            {"path": f"/w/p/{name}", "object_id": tracked}
            for name, (_, tracked, _) in cases.items()
            if tracked
        ],
        "int_rules__thresholds": [
            {"gap_type": "LARGE_FILE_TRACKED", "threshold": "min_bytes", "value": 1e7}
        ],
    }
    [row] = run_model(golden, "intermediate/files/int_files__large", tables)
    assert [one["path"] for one in row["largest"]] == ["model.bin", "text.csv"]
    assert (row["large_files"], row["large_bytes"]) == (2, 23_000_000)


def test_activity_counts_whole_days_up_to_that_of_the_build(golden):
    """The first of 90 days begins at midnight; later on the day of the build is not the future."""

    def commit(name: str, committed_at: datetime) -> dict:
        return {
            "project_id": "p",
            "commit_sha": name,
            "committed_at": committed_at,
            "person_email": f"{name}@example.org",
            "is_bot": False,
            "is_in_default": True,
        }

    project = {"project_id": "p", "project_path": "/w/p", "repository_run_id": "r"}
    tables = {
        "as_of_day": [{"as_of_day": date(2026, 3, 31)}],
        "int_structure__projects": [project | {"has_history": True, "is_gone": False}],
        "git_repositories": [{"project_id": "p", "commit_count": 4}],
        "commits": [
            commit("before", datetime(2025, 12, 31, 23, 59, 59)),
            commit("first", datetime(2026, 1, 1)),
            commit("last", datetime(2026, 3, 31, 23, 59, 59)),
            commit("future", datetime(2026, 4, 1)),
        ],
        "stg_landing__runs": [{"run_id": "r", "run_seq": 1, "believed_at": datetime(2026, 3, 31)}],
        "crawl_commits": [
            {"repository_path": "/w/none", "run_id": "r", "commit_sha": "", "author_hash": "",
             "committed_at": datetime(2026, 1, 1)}
        ],
    }  # fmt: skip
    [row] = run_model(golden, "measures/git/int_git__activity", tables)
    assert (row["commits_90d"], row["contributors_90d"]) == (2, 2)
    assert row["last_active_at"] == datetime(2026, 3, 31, 23, 59, 59)


def test_a_version_conflicts_if_a_project_here_needs_another(golden):
    def need(name: str, is_satisfied: bool | None = False, **more) -> dict:
        return {
            "project_id": name,
            "dependency_name": "flask",
            "specifier": "==0.12",
            "scope": "runtime",
            "provider_project_id": "flask",
            "provider_project_path": "/w/flask",
            "provider_version": "3.1",
            "manifest_path": "requirements.txt",
            "is_copy": False,
            "is_satisfied": is_satisfied,
        } | more

    needs = [
        need("conflict"),
        need("conflict", True, dependency_name="click"),
        need("satisfied", True),
        need("open", None),
        need("for_developers", scope="dev"),
        need("an_extra", scope="optional"),
        need("copy", is_copy=True),
        need("itself", provider_project_id="itself"),
        need("external", None, provider_project_id=None),
    ]
    rows = run_model(
        golden,
        "measures/dependencies/int_dependencies__conflicts",
        {"project_dependencies": needs},
    )
    found = {row["project_id"]: (row["conflicts"], row["satisfied"]) for row in rows}
    assert found == {"conflict": (1, 1), "satisfied": (0, 1), "open": (0, 0)}
    [sentence] = next(row["sentences"] for row in rows if row["project_id"] == "conflict")
    assert sentence == "it needs flask ==0.12 (requirements.txt), and flask here is 3.1"


def test_a_needed_project_has_the_age_of_its_newest_commit(golden):
    def commit(name: str, at: datetime, is_reachable: bool = True) -> dict:
        return {"project_id": name, "committed_at": at, "is_reachable": is_reachable}

    old, recent, future = datetime(2020, 1, 1), datetime(2026, 3, 1), datetime(2099, 1, 1)
    tables = {
        "as_of_day": [{"as_of_day": date(2026, 3, 20)}],
        "project_dependants": [
            {"project_id": name, "dependant_project_path": f"/w/{by}", "is_direct": by != "far"}
            for name in ("idle", "alive", "by_head", "unread")
            for by in ("shop", "far")
        ],
        "commits": [
            commit("idle", old),
            commit("idle", recent, is_reachable=False),
            commit("idle", future),
            commit("alive", old),
            commit("alive", recent),
            commit("unneeded", old),
        ],
        "int_structure__projects": [
            {"project_id": "by_head", "last_commit_at": old},
            {"project_id": "alive", "last_commit_at": old},
        ],
    }
    rows = run_model(golden, "measures/dependencies/int_dependencies__needed", tables)
    assert {row["project_id"]: row["newest_commit_at"] for row in rows} == {
        "idle": old,
        "alive": recent,
        "by_head": old,
        "unread": None,
    }
    assert {row["project_id"]: row["idle_days"] for row in rows}["alive"] == 19
    assert all(row["needed_by"] == ["shop"] for row in rows)


def test_a_part_or_copy_of_another_project_answers_for_nothing(golden):
    paths = [
        "/w/own",
        "/w/tree",
        "/w/sub",
        "/w/mirror",
        "/w/old",
        "/w/own/Vendor/lib",
        "/w/vendors",
    ]
    tables = {
        "int_structure__projects": [{"project_path": path, "root_path": "/w"} for path in paths],
        "int_mirrors__work_trees": [
            {"path": "/w/own", "is_linked": False, "is_submodule": False},
            {"path": "/w/tree", "is_linked": True, "is_submodule": False},
            {"path": "/w/sub", "is_linked": False, "is_submodule": True},
        ],
        "int_mirrors__mirrors": [
            {"mirror_path": "/w/mirror", "project_path": "/w/mirror"},
            {"mirror_path": "/w/own/lib", "project_path": "/w/own"},
        ],
        "int_copies__states": [
            {"folder_path": "/w/old", "is_old_state": True},
            {"folder_path": "/w/own", "is_old_state": False},
        ],
    }
    rows = run_model(golden, "measures/copies/int_copies__elsewhere", tables)
    assert {row["project_path"] for row in rows} == set(paths) - {"/w/own", "/w/vendors"}


# -- work that is only on this disk ----------------------------------------------------------------

_HEAD, _OTHER, _LINES = "a" * 40, "b" * 40, "c" * 40
_AT = datetime(2026, 3, 1)
_FILE = {
    "state": "present", "kind": "file", "blob_id": _OTHER, "text_blob_id": None,
    "is_ignored": False, "file_kind": "source", "size_bytes": 7, "mtime": _AT, "is_symlink": False,
}  # fmt: skip
_ENTRY = {
    "change": None, "blob_id": _OTHER, "is_assumed": False, "is_skipped": False,
    "is_intended": False, "size_bytes": 7, "mtime_ns": 1_772_323_200_000_000_000,
}  # fmt: skip
_TRACKED = {"object_id": _HEAD, "is_submodule": False}
# case: what HEAD has, what is on disk, what the index states, whether a filter applies; the kind
_PATHS: dict[str, tuple[dict | None, dict | None, dict | None, bool, str | None]] = {
    "clean": (_TRACKED, {"blob_id": _HEAD}, None, False, None),
    "changed": (_TRACKED, {}, None, False, "modified"),
    "line ends": (_TRACKED, {"text_blob_id": _HEAD}, None, False, None),
    "not hashed": (_TRACKED, {"blob_id": None}, None, False, "unknown"),
    "unreadable": (_TRACKED, {"state": "unreadable"}, None, False, "unknown"),
    "new": (None, {}, None, False, "untracked"),
    "ignored": (None, {"is_ignored": True}, None, False, None),
    "rules unknown": (None, {"is_ignored": None}, None, False, "unknown"),
    ".env": (None, {"is_ignored": True}, None, False, "precious"),
    ".env.example": (None, {"is_ignored": True}, None, False, None),
    "example.env": (None, {"is_ignored": True}, None, False, None),
    "in/.env": (None, {"is_ignored": True, "size_bytes": 0}, None, False, None),
    "in/link/.env": (None, {"is_ignored": True, "is_symlink": True}, None, False, None),
    "server.key": (None, {"is_ignored": True, "file_kind": "vendored"}, None, False, None),
    "added": (None, {}, {"change": "A"}, False, "added"),
    "added and ignored": (None, {"is_ignored": True}, {"change": "A"}, False, "added"),
    "meant": (None, {}, {"is_intended": True}, False, "added"),
    "added, not on disk": (None, None, {"change": "A"}, False, "added"),
    "staged and the same": (_TRACKED, {}, {"change": "M"}, False, "modified"),
    "staged, then undone": (_TRACKED, {"blob_id": _HEAD}, {"change": "M"}, False, "staged"),
    "conflict": (_TRACKED, {}, {"change": "U"}, False, "conflict"),
    "assumed": (_TRACKED, {}, {"is_assumed": True}, False, None),
    "skipped": (_TRACKED, {}, {"is_skipped": True}, False, None),
    "gone": (_TRACKED, None, None, False, "deleted"),
    "hidden/gone": (_TRACKED, None, None, False, None),
    "filtered": (_TRACKED, {}, None, True, "unknown"),
    "filtered and checked out": (_TRACKED, {}, _ENTRY, True, None),
    "filtered and touched": (_TRACKED, {"mtime": datetime(2026, 3, 2)}, _ENTRY, True, "unknown"),
    "filtered, the same": (_TRACKED, {"blob_id": _HEAD}, None, True, None),
    "module": (_TRACKED | {"is_submodule": True}, None, None, False, "submodule"),
    "module in place": (
        {"object_id": _LINES, "is_submodule": True}, None, None, False, None,
    ),
}  # fmt: skip


def _unsaved_tables() -> dict[str, list[dict]]:
    """The tables of `_unsaved_world`, landed by one run."""
    run = {"run_seq": 1, "landed_at": _AT}
    return {
        name: [row | run for row in rows] if name in TABLES else rows
        for name, rows in _unsaved_world().items()
    }


def _unsaved_world() -> dict[str, list[dict]]:
    """One repository `/w` with a path of each case, and a linked work tree of it."""
    disk = {name: _FILE | case[1] for name, case in _PATHS.items() if case[1] is not None}
    folders = [("/w", "listed", "/w"), ("/w/hidden", "excluded", "/w"), ("/l", "listed", "/l")]
    reading = {
        "run_id": "r", "state": "read", "reason": None, "operation": None, "remote_kind": "tracked",
        "has_own_attributes": True, "index_at_ns": 1_772_323_200_000_000_001,
        "object_format": "sha1", "read_at": _AT, "common_dir": "/w/.git",
    }  # fmt: skip
    project = {"root_path": "/", "is_sparse": False, "last_commit_at": _AT, "is_gone": False}
    repository = {"has_tracked_files": True, "is_gone": False, "head_commit": _LINES}
    ref = {"ref_kind": "branch", "run_id": "r", "commit_sha": _HEAD}
    return {
        "int_structure__projects": [
            project | {"project_id": path, "project_path": path} for path in ("/w", "/l")
        ],
        "int_structure__repositories": [
            repository | {"path": path, "kind": kind}
            for path, kind in (("/w", "directory"), ("/l", "worktree"), ("/w/module", "gitfile"),
                               ("/w/module in place", "gitfile"))
        ],
        "int_structure__directories": [
            {"path": path, "work_tree_path": tree} for path, _, tree in folders
        ],
        "int_structure__directory_states": [
            {"path": path, "state": state} for path, state, _ in folders
        ],
        "int_structure__tracked_files": [
            case[0] | {"repository_path": "/w", "path": f"/w/{name}"}
            for name, case in _PATHS.items() if case[0]
        ],
        "int_files__current": [
            file | {"path": f"/w/{name}", "directory_path": "/w", "is_tracked": False}
            for name, file in disk.items()
        ],
        "int_files__states": [file | {"path": f"/w/{name}"} for name, file in disk.items()],
        "crawl_path_rules": [
            {"run_id": "r", "top_path": "/w", "kind": "file", "path": f"/w/{name}", "state": None,
             "is_ignored": None, "is_vendored": None, "is_generated": None,
             "is_documentation": None, "is_filtered": True}
            for name, case in _PATHS.items() if case[3]
        ] + [
            {"run_id": "r", "top_path": "/w", "kind": "top", "path": "/w", "state": "read"}
        ],
        "git_unsaved": [reading | {"path": path} for path in ("/w", "/l")],
        "git_index_entries": [
            _ENTRY | case[2] | {"run_id": "r", "worktree_path": "/w", "path": f"/w/{name}"}
            for name, case in _PATHS.items() if case[2]
        ],
        "git_stashes": [
            {"run_id": "r", "repository_path": path, "stashed_at": _AT, "message": "WIP",
             "stash_number": 0}
            for path in ("/w", "/l")
        ],
        "git_worktrees": [
            {"run_id": "r", "repository_path": "/w", "worktree_path": "/l", "acted_at": _AT,
             "unpushed_count": 2, "head_commit": _HEAD}
        ],
        "git_commits": [{"project_id": "/w", "commit_sha": _HEAD, "committed_at": _AT}],
        "git_repositories": [
            {"project_id": "/w", "project_path": "/w", "source_run_id": "r", "commit_count": 9}
        ],
        "git_refs": [
            ref | {"project_id": project, "project_path": project, "ref_name": f"refs/heads/{name}",
                   "unpushed_count": count, "has_content_on_remote": content}
            for project in ("/w", "/l")
            for name, count, content in (("mine", 3, False), ("pushed", 0, None),
                                         ("squashed", 2, True))
        ],
    }  # fmt: skip


def test_work_that_is_only_on_this_disk_is_recognised(golden):
    rows = run_model(golden, "measures/unsaved/int_unsaved__work", _unsaved_tables())
    work = {row["project_id"]: row for row in rows}
    expected = [case[4] for case in _PATHS.values() if case[4]]
    counted = {
        kind: work["/w"][f"{kind}_count"]
        for kind in ("modified", "added", "untracked", "deleted", "staged", "conflict", "submodule",
                     "precious", "unknown")
    }  # fmt: skip
    assert counted == {kind: expected.count(kind) for kind in counted}
    # Attributes of the repository itself were not read: any change may be that of a filter.
    tables = _unsaved_tables()
    tables["crawl_path_rules"][-1]["state"] = "incomplete"
    rows = run_model(golden, "measures/unsaved/int_unsaved__work", tables)
    [unread] = [row for row in rows if row["project_id"] == "/w"]
    assert unread["modified_count"] == 0
    assert unread["unknown_count"] == counted["unknown"] + counted["modified"]
    # Branches and stashes count once for all work trees of a repository; a HEAD for its own.
    shared = ("stash_count", "branch_count", "unpushed_commit_count", "detached_count")
    assert [work["/w"][name] for name in shared] == [1, 1, 3, 0]
    assert [work["/l"][name] for name in shared] == [0, 0, 2, 1]
    assert work["/l"]["sentence"] == "2 commits that no remote has"
    first = json.loads(work["/w"]["things"])
    assert [one["kind"] for one in first[:3]] == ["conflict", "stash", "branch"]
    assert len(first) == min(20, len(expected) + 2)


@pytest.fixture(scope="module")
def import_answers(golden) -> dict[tuple[str, int], str]:
    return answers(run_model(golden, "core/code_imports", tables()))


@pytest.mark.parametrize("name", CASES)
def test_an_import_leads_to_the_file_or_package_that_it_means(name, import_answers):
    numbers: dict[str, int] = {}
    for path, written, leads in imports_of(CASES[name]):
        numbers[path] = numbers.get(path, -1) + 1
        found = import_answers[f"{name} {path}", numbers[path]]
        assert (path, written, found) == (path, written, leads)
