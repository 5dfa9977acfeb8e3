"""Rules end to end.

A life of six builds, a rule of one's own, other thresholds, and the score of the next actions.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from click.testing import CliRunner
from enrich_fixtures import HOSTILE
from golden import commit_all, source, write
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from product import PROJECT, Product, copy_of_project
from replayed_build import build
from worlds import HOSTILE_NAMES, plant

from enrich.cli import main
from enrich.commands.findings.rule_trials import _PARSED, _remember_parse
from loaders.base.paths import Locations, text_of

DATA = Path(__file__).parents[1] / "data"


def configure(product: Product, file: str, *lines: str) -> None:
    """Write a file of the configuration folder of *product*; without lines, delete it."""
    path = product.config / f"{file}.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    if not lines:
        path.unlink()


# -- a life ----------------------------------------------------------------------------------------


class Life:
    """A workspace and an installation with its own clone, through six weekly builds."""

    def __init__(self, folder: Path) -> None:
        self.code = folder / "code"
        self.product = Product(folder / "home", project=copy_of_project(folder / "clone"))
        self._plant()

    def _plant(self) -> None:
        write(self.code / "untested/core.py", source(3000, "core"))
        write(self.code / "untested/README.md", "untested\n")
        write(self.code / "original/README.md", "original\n")
        for number in range(12):
            write(self.code / f"original/lib/module_{number}.py", source(5, f"m{number}"))
        write(self.code / "busy/app.py", source(30, "app"))
        for _ in range(12):
            commit_all(self.code / "busy")
        for name in ("untested", "original"):
            commit_all(self.code / name)
        self.copy_original("first")

    def copy_original(self, name: str) -> None:
        shutil.copytree(self.code / "original/lib", self.code / f"copies/{name}/lib")
        write(self.code / f"copies/{name}/pyproject.toml", f"[project]\nname = 'copy-{name}'\n")

    def edit_seed(self, seed: str, old: str, new: str) -> None:
        path = self.product.project / "seeds" / f"{seed}.csv"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def configure(self, file: str, *lines: str) -> None:
        """Write a file of the configuration folder; without lines, delete it."""
        configure(self.product, file, *lines)

    def build(self, day: str) -> None:
        self.product.now = f"{day}T12:00:00"
        self.product.crawl(self.code)
        build(self.product, full=False)

    def statuses(self, rule: str) -> list[tuple]:
        return self.product.query(
            "select regexp_extract(subject, '[^/]*$'), status from gap_findings"
            " where gap_type = $1 order by all",
            rule,
        )


@pytest.fixture(scope="module")
def life(tmp_path_factory) -> Life:
    """Six builds.

    In between, the database is deleted twice and the landing zone is compacted once.
    """
    life = Life(tmp_path_factory.mktemp("life"))
    product, size = life.product, "HIGH_SIZE_LOW_TEST_COVERAGE"
    life.build("2026-03-01")

    product.now = "2026-03-02T12:00:00"
    target = f"HIGH_SIZE*:{life.code}/untested"
    product.enrich("waive", target, "--reason", "planned", "--until", "2026-03-20", "--owner", "me")
    life.copy_original("second")
    life.build("2026-03-08")
    assert life.statuses(size) == [("untested", "waived")]

    product.forget_database()
    # The memory of a project, and the waiver for its old path, move with it.
    (life.code / "moved").mkdir()
    (life.code / "untested").rename(life.code / "moved/untested")
    write(life.code / "busy/tests/test_app.py", source(9, "check"))
    life.build("2026-03-15")
    assert life.statuses(size) == [("untested", "waived")]
    assert life.statuses("HIGH_CHANGE_NO_TESTS") == [("busy", "resolved")]

    shutil.rmtree(life.code / "busy/tests")
    life.build("2026-03-22")
    assert life.statuses(size) == [("untested", "open")]
    assert life.statuses("WAIVER_NEEDS_REVIEW") == [("untested", "open")]
    product.land("compact")

    # A row of the configuration folder has the effect of a changed row of the seed. The others are
    # wrong, and cost nothing but themselves.
    threshold = f"{size},min_source_lines"
    header = "gap_type,threshold,value"
    life.configure("rule_thresholds", header, f"{threshold},many", f"{threshold},5000", "X,y,1")
    life.configure("project_labels", "pattern,kind,value", "busy,tag,web", "busy,lifecycle,dead")
    # Vendored files need no tests of their own: a seed reclassifies the file, and no file changes.
    life.edit_seed(
        "file_kind_rules", "doc,name,readme\n", "doc,name,readme\nvendored,name,app.py\n"
    )
    product.enrich("waive", target, "--withdraw")
    life.build("2026-03-29")

    product.forget_database()
    life.configure("rule_thresholds")
    shutil.rmtree(life.code / "copies/first")
    (life.code / "moved/untested").rename(life.code / "untested")
    life.build("2026-04-05")
    return life


def test_six_builds_are_remembered_as_they_happened(life):
    found = life.product.query(
        """
        select
            cast(observed_at as date), gap_type, regexp_extract(subject, '[^/]*$'), kind, cause,
            days_before,
        from v_gap_history
        order by all
        """
    )
    with open(DATA / "life_history.csv", newline="", encoding="utf-8") as file:
        expected = sorted(tuple(row.values()) for row in csv.DictReader(file))
    assert [
        tuple("" if value is None else str(value) for value in row) for row in found
    ] == expected


def test_six_builds_changed_what_was_done(life):
    found = life.product.query(
        """
        select
            cast(changed_at as date), coalesce(project_name, ''), change_kind,
            regexp_replace(replace(sentence, $1, ''), ' .[0-9]+ → [0-9]+ of 100.', ''),
            coalesce(cause, ''), recorded_run_id is null,
        from v_changes
        order by all
        """,
        str(life.code),
    )
    with open(DATA / "life_changes.csv", newline="", encoding="utf-8") as file:
        expected = [tuple(row.values()) for row in csv.DictReader(file)]
    assert [tuple(map(str, row)) for row in found] == expected
    # The version before was lost with the database: the memory takes its place.
    shown = life.product.enrich("changes").stdout
    assert shown.startswith("Changed since 2026-03-29 12:00 UTC\n1 project gone, 1 project moved, ")
    shown = json.loads(life.product.enrich("changes", "--format", "json").stdout)
    newest = [row for row in expected if row[0] == "2026-04-05"]
    assert sum(len(one["changes"]) for one in shown["projects"]) == len(newest)


def test_a_project_that_moved_away_and_back_is_one_project(life):
    found = life.product.query(
        "select project_path, alias_path, moved_to_path, used_from::date, moved_at::date, evidence,"
        " first_seen::date, is_gone from project_aliases inner join projects"
        " using (project_id, project_path) order by moved_at"
    )
    there, away = f"{life.code}/untested", f"{life.code}/moved/untested"
    first, moved, back = date(2026, 3, 1), date(2026, 3, 15), date(2026, 4, 5)
    assert found == [
        (there, there, away, first, moved, "same_head", first, False),
        (there, away, there, moved, back, "same_head", first, False),
    ]
    assert life.product.query(
        "select count(*), count(distinct project_id), min(first_seen)::date, max(first_seen)::date"
        " from files where project_path = $1",
        there,
    ) == [(2, 1, first, first)]


def test_the_last_build_leaves_the_expected_findings(life):
    found = life.product.query(
        "select gap_type, regexp_extract(subject, '[^/]*$'), status, reopened_count,"
        " cast(first_seen as date) from gap_findings order by all"
    )
    assert found == [
        ("DUPLICATE_MIRROR_CONTENT", "first", "resolved", 0, date(2026, 3, 1)),
        ("DUPLICATE_MIRROR_CONTENT", "second", "open", 0, date(2026, 3, 8)),
        ("HIGH_CHANGE_NO_TESTS", "busy", "resolved", 1, date(2026, 3, 22)),
        ("HIGH_SIZE_LOW_TEST_COVERAGE", "untested", "open", 1, date(2026, 4, 5)),
        ("WAIVER_NEEDS_REVIEW", "untested", "resolved", 0, date(2026, 3, 22)),
    ]


def test_six_builds_are_measured_week_by_week(life):
    found = life.product.query(
        "select week_start, metric, value from v_success_metrics order by all"
    )
    weeks = [date(2026, 2, 23) + timedelta(weeks=number) for number in range(6)]
    expected = {
        "projects_with_fresh_scan": [1.0] * 6,
        "tracked_files_in_scan": [1.0] * 6,
        "coverage_ratio crawl": [1.0] * 6,
        "high_gaps_opened": [2, 0, 0, 1, 0, 1],
        "high_gaps_closed": [0, 0, 1, 0, 2, 0],
        # In the third and the fifth week nothing was queued. In the fourth, a waiver ended after
        # the build of the week before.
        "median_hours_to_queue": [0.0, 0.0, None, 84.0, None, 0.0],
    }
    assert found == sorted(
        (week, metric, value)
        for metric, values in expected.items()
        for week, value in zip(weeks, values, strict=True)
        if value is not None
    )
    status = " ".join(life.product.enrich("status").stdout.split())
    assert (
        "scanned lately: 4 of 4 projects (100 %)" in status
        and "1 high finding opened (+1 since the week before)" in status
    )


# -- a rule of one's own ---------------------------------------------------------------------------


def _rule_of_the_docs() -> tuple[str, str, str]:
    """Return the row of the seed, the name of the file and its SQL, from docs/add-a-rule.md."""
    text = (PROJECT / "docs" / "add-a-rule.md").read_text(encoding="utf-8")
    row = re.search(r"^(NO_LICENSE,.*)$", text, re.MULTILINE)
    code = re.search(r"^-- models/gaps/(\w+)\.sql\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return row[1], code[1], code[2]


def test_a_new_rule_needs_a_row_a_line_and_a_file(life, tmp_path):
    row, name, sql = _rule_of_the_docs()
    product = life.product.twin(tmp_path / "home")
    product.project = copy_of_project(tmp_path / "clone")
    judged = ["int_gaps__waivers", "gap_waiver_needs_review", "int_gaps__verdicts"]
    models = [*judged, "int_gaps__texts", "int_gaps__failing"]
    file = product.project / "models" / "gaps" / f"{name}.sql"
    rules = product.project / "macros" / "rule_models.sql"

    # Now dbt knows this clone, and parses what changes in it.
    product.dbt("parse")
    file.write_text(sql, encoding="utf-8")
    answer = product.dbt("run", "--select", *judged, check=False)
    line = f"add the line '{name}', to macros/rule_models.sql"
    assert f"models/gaps/{name}.sql is not in the list of rules: {line}" in flat(answer.stdout)

    without = rules.read_text(encoding="utf-8")
    first = "        'gap_duplicate_mirror_content',\n"
    rules.write_text(without.replace(first, f"{first}        '{name}',\n"), encoding="utf-8")
    answer = product.dbt("run", "--select", name, *judged, check=False)
    assert "add a row for NO_LICENSE to the seed" in flat(answer.stdout)

    with open(product.project / "seeds" / "gap_rules.csv", "a", encoding="utf-8") as seed:
        seed.write(f"{row}\n")
    kinds = ["--resource-type", "seed", "--resource-type", "model"]
    product.dbt("build", *kinds, "--select", "gap_rules", "int_rules__effective", *models)
    found = _verdicts(product, "NO_LICENSE")
    assert found == {
        "busy": "fail",
        "copies/second": "not_applicable",
        "original": "fail",
        "untested": "fail",
    }
    assert _texts(product, "NO_LICENSE", "busy") == (
        "Repository without a licence: busy",
        row.split(",")[7].rstrip("."),
        "Choose a licence.",
        ["enrich", "show", str(life.code / "busy")],
    )

    shape = ["test", "--select", "rules_have_the_verdict_shape"]
    product.dbt(*shape)
    file.write_text(sql.replace("as verdict,", "as verdict, 1 as advise,"), encoding="utf-8")
    product.dbt("run", "--select", name)
    assert "Got 1 result" in product.dbt(*shape, check=False).stdout

    file.unlink()
    answer = product.dbt("run", "--select", *judged, check=False)
    assert f"depends on a node named '{name}'" in flat(answer.stdout)
    rules.write_text(without, encoding="utf-8")
    answer = product.dbt("run", "--select", *judged, check=False)
    assert f"add the line {name} to the list" in flat(answer.stdout)


def flat(text: str) -> str:
    return " ".join(text.split())


def test_a_further_seed_that_does_not_exist_is_an_error(life, tmp_path):
    product = life.product.twin(tmp_path / "home")
    product.project = copy_of_project(tmp_path / "clone")
    rules = product.project / "seeds" / "gap_rules.csv"
    text = rules.read_text(encoding="utf-8")
    rules.write_text(text.replace("manifest_files codegraphx_scope", "manifest_fields"))
    answer = product.dbt("build", "--select", "gap_rules", "int_rules__effective", check=False)
    assert (
        "further_seeds of FILE_MISSING_FROM_SCAN names manifest_fields, which is not a seed"
        in flat(answer.stdout)
    )


def _verdicts(product: Product, rule: str) -> dict[str, str]:
    build = product.published.with_name("meta.duckdb.d") / "build" / "meta.duckdb"
    with duckdb.connect(str(build), read_only=True) as db:
        rows = db.execute(
            "select regexp_extract(project_path, 'code/(.*)', 1), verdict"
            " from internal.int_gaps__verdicts where gap_type = $1"
            " and project_path not like '%/first'",
            [rule],
        ).fetchall()
    return dict(rows)


def _texts(product: Product, rule: str, project: str) -> tuple:
    """Return headline, reason, advice and command of the only finding of a rule in a project."""
    build = product.published.with_name("meta.duckdb.d") / "build" / "meta.duckdb"
    with duckdb.connect(str(build), read_only=True) as db:
        [(headline, because, advice, argv)] = db.execute(
            "select headline, because, recommended_action, argv from internal.int_gaps__failing"
            " where gap_type = $1 and ends_with(project_path, $2)",
            [rule, f"/{project}"],
        ).fetchall()
    return headline, because, advice, [Path(argv[0]).name, *argv[1:]]


def test_a_waiver_in_the_seed_shows_its_expiry(life, tmp_path):
    product = life.product.twin(tmp_path / "home")
    product.project = copy_of_project(tmp_path / "clone")
    with open(product.project / "seeds" / "waivers.csv", "a", encoding="utf-8") as file:
        file.write("HIGH_*,*/legacy/*,planned,moves out,me,\n")
    answer = product.dbt(
        "build",
        "--select",
        "waivers",
        "int_memory__waivers",
        "--exclude",
        "test_type:unit",
        check=False,
    )
    assert "expires_on of */legacy/* is neither a date (YYYY-MM-DD) nor never" in answer.stdout


def test_a_row_of_each_file_of_the_configuration_reaches_the_build(life, tmp_path):
    product = life.product.twin(tmp_path / "home")
    for file, (header, row, bad) in CONFIGURED.items():
        own = ["OWN,Mine,project,low,0.5,1"] if file == "gap_rules" else []
        configure(product, file, header, bad, row, *own)
    write(product.config / "rules/OWN.sql", "select project_id, 'fail' as verdict from projects")

    made = ["projects", "int_rules__effective", "int_gaps__texts", "int_gaps__verdicts"]
    product.dbt(
        "build", "--select", *CONFIGURED, *made, "int_gaps__failing", "--exclude", "test_type:unit"
    )

    build = product.published.with_name("meta.duckdb.d") / "build" / "meta.duckdb"
    with duckdb.connect(str(build), read_only=True) as db:
        for file, (header, row, bad) in CONFIGURED.items():
            where = " and ".join(
                f"cast({name} as varchar) = '{value}'"
                for name, value in zip(header.split(","), row.split(","), strict=True)
            )
            rows = f"select count(*) from seeds.{file}"
            assert db.execute(f"{rows} where {where}").fetchall() == [(1,)], file
            with open(PROJECT / "seeds" / f"{file}.csv", newline="", encoding="utf-8") as seed:
                before = len(list(csv.DictReader(seed)))
            is_change = file in ("rule_thresholds", "priority_weights", "health_weights")
            assert db.execute(rows).fetchall() == [(before + (not is_change),)], file
            assert bad.split(",")[-1] not in str(db.sql(f"from seeds.{file}").fetchall())
        assert db.sql(
            "select severity, weight from internal.int_rules__effective"
            " where gap_type = 'PROJECT_UNINDEXED'"
        ).fetchall() == [("off", 0.25)]
        assert db.sql(
            "select project_groups, project_tags from projects where project_name = 'busy'"
        ).fetchall() == [('["team"]', "[]")]
        judged = "select distinct verdict from internal.int_gaps__verdicts where gap_type = $1"
        assert db.execute(judged, ["PROJECT_UNINDEXED"]).fetchall() == []
        assert db.execute(judged, ["OWN"]).fetchall() == [("fail",)]
    assert _texts(product, "OWN", "busy")[0] == "Mine: busy"


# File → header, a row that counts, and one that does not.
CONFIGURED = {
    "gap_rules": (
        "gap_type,title,scope,severity,weight,version",
        "PROJECT_UNINDEXED,Unindexed,project,off,0.25,1",
        "NO_SUCH,None,project,low,0.111,97",
    ),
    "rule_thresholds": (
        "gap_type,threshold,value",
        "PROJECT_STALE_SCAN,max_age_days,7.0",
        "PROJECT_STALE_SCAN,max_age,9.111",
    ),
    "priority_weights": ("name,value", "impact_max,40.0", "impact_max,-41.111"),
    "health_weights": ("term,maximum", "grade_a,90.0", "grade_z,91.111"),
    "exclude_profiles": (
        "profile,kind,pattern,reason", "default,marker,x,ours", "default,gitignore,!y,refused"
    ),
    "waivers": (
        "gap_type,subject_pattern,reason,owner,expires_on",
        "*,*/legacy/*,planned,me,2027-01-31",
        "*,*/legacy/*,planned,me,soon",
    ),
    "role_overrides": (
        "path_pattern,role,decided_on", "*/tools/*,fixer,2026-01-31", "*/tools/*,fixer,31.1."
    ),
    "my_identities": ("kind,value", "email,me@example.org", "mail,refused"),
    "project_labels": ("pattern,kind,value", "bus?,group,team", "bus?,lifecycle,refused"),
}  # fmt: skip


# -- asking about rules ----------------------------------------------------------------------------


def test_rules_are_listed_with_their_verdicts(life):
    rows = {
        row["gap_type"]: row
        for row in json.loads(life.product.enrich("rules", "list", "--format", "json").stdout)
    }
    with open(PROJECT / "seeds" / "gap_rules.csv", newline="", encoding="utf-8") as file:
        assert set(rows) == {row["gap_type"] for row in csv.DictReader(file)}
    size = rows["HIGH_SIZE_LOW_TEST_COVERAGE"]
    assert (size["fail"], size["severity"]) == (1, "high")


def test_a_rule_is_shown_with_its_numbers_and_reasons(life):
    text = life.product.enrich("rules", "show", "high-size").stdout
    for words in ("Reason to flag.", "How to remediate.", "1 fail"):
        assert words in text
    with open(PROJECT / "seeds" / "rule_thresholds.csv", newline="", encoding="utf-8") as file:
        [least] = [
            float(row["value"])
            for row in csv.DictReader(file)
            if (row["gap_type"], row["threshold"])
            == ("HIGH_SIZE_LOW_TEST_COVERAGE", "min_source_lines")
        ]
    assert re.search(rf"min_source_lines +{least:,.0f}\b", text)


def test_a_threshold_is_tried_now_and_a_week_ago(life):
    published = life.product.published.stat()
    answer = life.product.enrich(
        *(
            "rules",
            "try",
            "HIGH_SIZE",
            "--set",
            "min_source_lines=20",
            "--weeks",
            "1",
            "--format",
            "json",
        )
    )
    found = sorted(
        (row["moment"][:10], row["change"], row["subject"].removeprefix(f"{life.code}/"))
        for row in json.loads(answer.stdout)
    )
    assert found == [
        ("2026-03-29", "added", "busy"),
        ("2026-03-29", "added", "copies/first"),
        ("2026-03-29", "added", "copies/second"),
        ("2026-03-29", "added", "original"),
        ("2026-04-05", "added", "busy"),
        ("2026-04-05", "added", "copies/second"),
        ("2026-04-05", "added", "original"),
    ]
    assert life.product.published.stat() == published


@pytest.mark.parametrize(
    "words",
    [
        ["NO_RULE", "--set", "a=1"],
        ["HIGH_SIZE", "--set", "no_such=1"],
        ["HIGH_SIZE", "--set", "stake_low=much"],
    ],
)
def test_a_trial_of_an_unknown_rule_or_threshold_is_refused(words):
    result = CliRunner().invoke(main, ["rules", "try", *words])
    assert (result.exit_code, len(result.stdout)) == (2, 0)


def test_a_trial_begins_with_the_parse_of_the_last_refresh(tmp_path):
    of, where = (
        Locations(tmp_path / name / "meta.duckdb", tmp_path / "zone") for name in ("home", "trial")
    )
    _remember_parse(of, where)
    assert list((where.work_folder / "target").iterdir()) == []
    shutil.rmtree(where.work_folder)
    plant(of.work_folder, {"plan": {"target": {_PARSED: b"parsed"}}})
    _remember_parse(of, where)
    assert (where.work_folder / "target" / _PARSED).read_bytes() == b"parsed"


# -- the score -------------------------------------------------------------------------------------

NOW = datetime(2026, 4, 5)
_CANDIDATE = st.fixed_dictionaries(
    {
        "highest_impact": st.floats(0, 100),
        "confidence_ratio": st.floats(0, 1),
        "has_no_facts": st.booleans(),
        "oldest_facts_at": st.integers(0, 200).map(lambda days: NOW - timedelta(days=days)),
        "blocked_verdicts": st.integers(0, 30),
        "finding_count": st.integers(1, 30),
        "direct_dependants": st.none() | st.integers(0, 30),
        "further_dependants": st.integers(0, 30),
        "is_of_others": st.booleans(),
    }
)
# The changes that make an action more urgent, whatever its other facts are.
_MORE = {
    "highest_impact": lambda value: min(100.0, value + 7),
    "confidence_ratio": lambda value: min(1.0, value + 0.2),
    "oldest_facts_at": lambda value: value - timedelta(days=9),
    "blocked_verdicts": lambda value: value + 1,
    "finding_count": lambda value: value + 1,
    "direct_dependants": lambda value: value if value is None else value + 1,
}


@pytest.fixture(scope="module")
def scored(life):
    """The model of the score as dbt compiled it, as a function of candidates."""
    compiled = (
        life.product.target / "compiled/meta_collector/models/actions/int_actions__scored.sql"
    )
    query = compiled.read_text(encoding="utf-8")
    db = duckdb.connect()
    db.execute("attach ':memory:' as meta; create schema meta.internal; create schema meta.seeds")
    db.execute(
        "create table meta.internal.as_of_day as select cast($1 as date) as as_of_day", [NOW]
    )
    weights = PROJECT / "seeds" / "priority_weights.csv"
    db.execute(f"create table meta.seeds.priority_weights as from read_csv('{weights}')")

    def score(candidates: list[dict]) -> list[dict]:
        rows = [
            {"action_id": f"a{number:03}", **candidate}
            for number, candidate in enumerate(candidates)
        ]
        db.register("rows", pa.Table.from_pylist(rows, _CANDIDATE_SCHEMA))
        db.execute("create or replace table meta.internal.int_actions__candidates as from rows")
        found = db.execute(f"select * from ({query}) order by action_id")
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    return score


_CANDIDATE_SCHEMA = pa.schema(
    [
        ("action_id", pa.string()),
        ("highest_impact", pa.float64()),
        ("confidence_ratio", pa.float64()),
        ("has_no_facts", pa.bool_()),
        ("oldest_facts_at", pa.timestamp("us")),
        ("blocked_verdicts", pa.int64()),
        ("finding_count", pa.int64()),
        ("direct_dependants", pa.int64()),
        ("further_dependants", pa.int64()),
        ("is_of_others", pa.bool_()),
    ]
)
_TERMS = {"impact": 50, "freshness_penalty": 20, "dependency_weight": 20, "confidence": 10}


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(candidates=st.lists(_CANDIDATE, min_size=1, max_size=8), data=st.data())
def test_the_score_is_additive_bounded_deterministic_and_monotone(scored, candidates, data):
    before = scored(candidates)
    for row in before:
        assert row["priority"] == sum(row[term] for term in _TERMS)
        assert all(0 <= row[term] <= most for term, most in _TERMS.items())
    order = data.draw(st.permutations(range(len(candidates))))
    again = scored([candidates[number] for number in order])
    assert [again[order.index(number)]["priority"] for number in range(len(order))] == [
        row["priority"] for row in before
    ]
    name = data.draw(st.sampled_from(sorted(_MORE)))
    after = scored([{**candidate, name: _MORE[name](candidate[name])} for candidate in candidates])
    for low, high in zip(before, after, strict=True):
        assert all(high[term] >= low[term] for term in _TERMS)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(candidate=_CANDIDATE)
def test_work_on_the_repositories_of_others_ranks_below_the_users_own(scored, candidate):
    others, own = scored(
        [{**candidate, "is_of_others": is_of_others} for is_of_others in (True, False)]
    )
    # seeds/priority_weights.csv bounds it: a tenth of the points, so at most 10 of 100.
    assert float(others["priority"]) == pytest.approx(float(own["priority"]) / 10, abs=0.003)


def test_a_changed_weight_changes_ranks_by_its_input(life):
    rows = life.product.query(
        """
        select
            sensitivity.*, next_actions.impact, next_actions.freshness_penalty,
            next_actions.dependency_weight, next_actions.confidence
        from v_priority_sensitivity as sensitivity
        inner join v_next_actions as next_actions using (action_id)
        order by sensitivity.rank, term, weight_change
        """
    )
    actions = {row[0] for row in rows}
    assert len(rows) == 8 * len(actions) > 0
    terms = dict(
        zip(
            ("impact", "freshness_penalty", "dependency_weight", "confidence"),
            range(12, 16),
            strict=True,
        )
    )
    for row in rows:
        _, term, change, *_, rank, changed_rank, rank_change, priority, changed, _ = row[:12]
        assert rank_change == rank - changed_rank
        assert float(changed) == pytest.approx(
            float(priority) + change * float(row[terms[term]]), abs=0.001
        )


# -- waivers ---------------------------------------------------------------------------------------

_JUDGED = """
    create table {table} as
    select *, '{{}}' as evidence, null as facts_at, 'r' as run_id from (values
        ('f1', 'HIGH_X', '/r/a', 'crawl', 'fail'), ('f2', 'HIGH_X', '/r/b', 'crawl', 'fail'),
        ('f3', 'OTHER', '/r/a', '/r/a/x', 'fail'), ('f4', 'HIGH_X', '/r/nothing', 'crawl', 'pass')
    ) as judged (project_id, gap_type, project_path, subject, verdict)
"""
# id, rule, pattern, holds → state, findings that it covers
_WAIVERS = (
    ("used", "HIGH_X", "/r/a", True),
    ("used", "HIGH_X", "/r/a/*", True),
    ("like", "HIGH_*", "/r/[ac]", True),
    ("remembered", "HIGH_X", "/r/old", True),
    ("ended", "HIGH_X", "/r/b", False),
    ("useless", "HIGH_X", "/r/nothing", True),
    ("total", "*", "*", True),
    ("wide", "*", "/r/*", True),
    ("on waivers", "WAIVER_NEEDS_REVIEW", "*", True),
)
_STATES = {
    "used": ("in_use", 1),
    "like": ("in_use", 1),
    "remembered": ("in_use", 1),
    "ended": ("expired", 1),
    "useless": ("unused", 0),
    "total": ("over_broad", 4),
    "wide": ("over_broad", 4),
    "on waivers": ("in_use", 0),
}


def test_waivers_are_in_use_or_need_review(life):
    """The model as dbt compiled it, on waivers of every kind.

    Remembered open findings also count.
    """
    compiled = life.product.target / "compiled/meta_collector/models/gaps/int_gaps__waivers.sql"
    query = compiled.read_text(encoding="utf-8")
    db = duckdb.connect()
    db.create_function("judge_by_own_rules", lambda: "[]", [], "VARCHAR")
    db.execute("attach ':memory:' as meta; create schema meta.internal; create schema meta.seeds")
    db.execute("create schema meta.landed; create table meta.landed.own_rules (name varchar)")
    rules = sorted(set(re.findall(r'"meta"."internal"."(gap_\w+)"', query)))
    for rule in rules:
        db.execute(_JUDGED.format(table=f"meta.internal.{rule}"))
        if rule != rules[0]:
            db.execute(f"delete from meta.internal.{rule}")
    db.execute("create table meta.seeds.gap_rules (gap_type varchar, severity varchar)")
    db.executemany(
        "insert into meta.seeds.gap_rules values ($1, 'low')",
        [["WAIVER_NEEDS_REVIEW"], *([rule.removeprefix("gap_").upper()] for rule in rules)],
    )
    weights = PROJECT / "seeds" / "priority_weights.csv"
    db.execute(f"create table meta.seeds.priority_weights as from read_csv('{weights}')")
    db.execute(
        "create table meta.internal.int_rules__thresholds as"
        " select 'WAIVER_NEEDS_REVIEW' as gap_type, 'max_covered_findings' as threshold, 3.0 as"
        " value"
    )
    db.execute(
        """
        create table meta.internal.int_memory__findings as
        select * from (values
            ('f5', 'HIGH_X', '/r/old', 'crawl', true),
            ('f6', 'HIGH_X', '/r/nothing', 'crawl', false)
        ) as remembered (finding_id, gap_type, project_path, subject, is_open)
        """
    )
    # No project has moved.
    db.execute(
        "create table meta.internal.int_structure__projects"
        " (project_id varchar, project_path varchar, first_path varchar);"
        "create table meta.main.project_aliases (project_path varchar, alias_path varchar)"
    )
    db.execute(
        """
        create table meta.internal.int_memory__waivers (
            waiver_id varchar, gap_type varchar, subject_pattern varchar, holds boolean,
            reason varchar, note varchar, owner varchar, expires_on date,
            given_at timestamp, run_id varchar, precedence bigint
        )
        """
    )
    db.executemany(
        "insert into meta.internal.int_memory__waivers (waiver_id, gap_type, subject_pattern,"
        " holds, precedence) values ($1, $2, $3, $4, 1)",
        _WAIVERS,
    )
    found = db.execute(f"select waiver_id, state, covered_findings from ({query})").fetchall()
    assert {waiver: (state, covered) for waiver, state, covered in found} == _STATES


# -- hostile words ---------------------------------------------------------------------------------

_WORDS = st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), max_size=12)


@pytest.fixture(scope="module")
def queue_of(life):
    """The compiled model of the queue, as a function of commands (lists of words)."""
    compiled = life.product.target / "compiled/meta_collector/models/actions/int_actions__queue.sql"
    query = compiled.read_text(encoding="utf-8")
    db = duckdb.connect()
    db.execute("attach ':memory:' as meta; create schema meta.internal; create schema meta.seeds")
    weights = PROJECT / "seeds" / "priority_weights.csv"
    db.execute(f"create table meta.seeds.priority_weights as from read_csv('{weights}')")

    def run(commands: list[list[str]], **unknown: None) -> list[tuple]:
        text = commands[0][0]
        texts = dict.fromkeys(
            "gap_type headline project_id project_path subject because recommended_action cwd"
            " effect run_id mine_reason".split(),
            text,
        )
        rows = [
            {
                "action_id": f"a{number:03}",
                "weightiest": texts
                | {"argv": command}
                | {key: None for key in texts if key in unknown},
                "finding_ids": [text],
                **dict.fromkeys(
                    ("priority", "impact", "freshness_penalty", "dependency_weight", "confidence"),
                    1.0,
                ),
                **dict.fromkeys(("finding_count", "project_count", "blocked_verdicts"), 1),
                **dict.fromkeys(("direct_dependants", "further_dependants"), 1),
                "has_no_facts": False,
                "oldest_facts_at": datetime(2026, 3, 1),
                "is_of_others": True,
                "needed_path": text,
                **{key: None for key in unknown if key not in texts},
            }
            for number, command in enumerate(commands)
        ]
        db.register("rows", pa.Table.from_pylist(rows))
        db.execute("create or replace table meta.internal.int_actions__scored as from rows")
        return db.execute(
            f"select command_argv, command, rationale from ({query}) order by action_id"
        ).fetchall()

    return run


def _split_by_shell(command: str) -> list[str]:
    """Return the words of which a POSIX shell takes *command* to consist; nothing of it is run."""
    script = f"for word in {command}; do printf '%s\\0' \"$word\"; done"
    answer = subprocess.run(["/bin/sh", "-c", script], capture_output=True, check=True, env={})
    return answer.stdout.decode("utf-8").split("\0")[:-1]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(commands=st.lists(st.lists(_WORDS, min_size=1, max_size=6), min_size=1, max_size=8))
@example(
    commands=[
        [text_of(name) for name in HOSTILE_NAMES],
        [HOSTILE],
        ["'", "''", '"', "$(id)", "`id`", "~", ""],
    ]
)
def test_a_command_splits_into_the_same_words_again(queue_of, commands):
    rows = queue_of(commands)
    assert [json.loads(argv) for argv, *_ in rows] == commands
    assert [_split_by_shell(command) for _, command, _ in rows] == commands


@pytest.mark.parametrize(
    "unknown",
    "because recommended_action mine_reason oldest_facts_at direct_dependants further_dependants"
    " blocked_verdicts needed_path project_path".split(),
)
def test_an_unknown_value_leaves_no_hole_in_the_reasons_of_an_action(queue_of, unknown):
    [(_, _, rationale)] = queue_of([["words"]], **{unknown: None})
    assert rationale and not re.search(r"\(\)|\( |  |\. \.|, ,|: \.", rationale), rationale
