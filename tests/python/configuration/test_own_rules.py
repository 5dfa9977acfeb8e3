"""The user's own rules: files that are not one query, and queries that give no verdicts."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from loaders.configuration.configured import read_folder
from loaders.configuration.own_rules import read_own_rules
from loaders.configuration.settings import OwnRule
from loaders.publishing.own_verdicts import OwnRules, faults_of_rules, verdicts_of

ROW = "gap_type,title,scope,severity,weight,version\n{},A title,project,low,0.5,1\n"
QUERY = "select project_id, 'fail' as verdict from projects"
# File → content, and the start of its fault.
FILES: dict[str, tuple[str | bytes, str]] = {
    "TWO.sql": ("select 1; select 2", "is not one query"),
    "WRITES.sql": ("drop table projects", "is not one query"),
    "BROKEN.sql": ("selec 1", "Parser Error: "),
    "EMPTY.sql": ("-- nothing", "is not one query"),
    "LATIN.sql": (b"select\n'\xe4'", "line 2 is not UTF-8"),
    "it's.sql": (QUERY, "its name is not that of a rule"),
    "PROJECT_UNINDEXED.sql": (QUERY, "PROJECT_UNINDEXED is a rule of this product"),
    "gap_right.sql": (QUERY, "another file is the rule RIGHT too"),
    "HUGE.sql": (b" " * (1 << 21), "more than 1,048,576 bytes"),
}


def test_a_file_that_is_not_a_rule_costs_itself(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    for name, (content, _) in {**FILES, "RIGHT.sql": (QUERY + ";\n", "")}.items():
        raw = content if isinstance(content, bytes) else content.encode()
        (tmp_path / "rules" / name).write_bytes(raw)
    (tmp_path / "rules" / "LINK.sql").symlink_to("/dev/zero")
    (tmp_path / "rules" / "notes.txt").write_text("ours")

    rules, problems = read_own_rules(tmp_path, ["PROJECT_UNINDEXED"])

    assert [(rule.name, rule.sql) for rule in rules.values()] == [("RIGHT", QUERY)]
    found = {problem.file: problem.reason for problem in problems}
    assert found.pop("rules/LINK.sql") == "not a regular file"
    assert found.keys() == {f"rules/{name}" for name in FILES}
    for name, (_, reason) in FILES.items():
        assert found[f"rules/{name}"].startswith(reason)


def test_a_rule_needs_its_row_and_a_row_its_rule(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    for name in ("WITH_ROW", "WITHOUT_ROW"):
        (tmp_path / "rules" / f"{name}.sql").write_text(QUERY)
    (tmp_path / "gap_rules.csv").write_text(ROW.format("WITH_ROW") + "NO_FILE,A,project,low,1,1\n")
    (tmp_path / "rule_thresholds.csv").write_text(
        "gap_type,threshold,value\nWITH_ROW,most,5\nWITHOUT_ROW,most,5\n"
    )

    found = read_folder(tmp_path)

    assert [*found.own_rules] == ["WITH_ROW"]
    assert [*found.seeds["rule_thresholds"].rows] == [("WITH_ROW", "most")]
    starts = ["gap_rules.csv:3: gap_type: NO_FILE", "rule_thresholds.csv:3: gap_type: WITHOUT_ROW"]
    starts.append("rules/WITHOUT_ROW.sql: the rule WITHOUT_ROW has no row in gap_rules.csv")
    assert [str(one)[: len(start)] for one, start in zip(found.problems, starts, strict=True)] == (
        starts
    )


# Query → the start of its fault; a query with None is right.
QUERIES: dict[str, str | None] = {
    QUERY: None,
    "select project_id, 'pass' as verdict, {'n': 1} as evidence, 7 as stake from projects": None,
    "with a as (from projects) select project_id, 'unknown' as verdict from a": None,
    "select project_id, 'fail' as verdict from projects where"
    " (select value from thresholds where threshold = 'most') > 5 -- the end": None,
    "select project_id, 'fail' as verdict from no_such_table": "Catalog Error: ",
    "select project_id, cast(project_path as integer) as verdict from projects": (
        "Conversion Error: "
    ),
    "select project_id, 'bad' as verdict from projects": "gives the verdict bad; it is one of ",
    "select 'x' as project_id, 'fail' as verdict": "gives the project_id x, which no project has",
    "select project_id, 'fail' as verdict from projects, range(2)": "judges /w/a twice",
    "select project_id, 'fail' as verdict, 101 as stake from projects": "gives the stake 101; ",
    "select project_id, 'fail' as verdict, 'x' as evidence from projects": "Expecting value",
    "select project_id, 'fail' as verdict, '[1]' as evidence from projects": (
        "gives evidence that is not a JSON object"
    ),
    "select project_id, 'fail' as verdict, 5 as subject from projects": "gives a subject that",
}


@pytest.mark.filterwarnings("ignore")
def test_a_query_that_gives_no_verdicts_is_unknown_for_every_project(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    names = {f"RULE_{number:02}": query for number, query in enumerate(QUERIES)}
    rows = ROW.splitlines()[0] + "\n"
    for name, query in names.items():
        (tmp_path / "rules" / f"{name}.sql").write_text(query)
        rows += ROW.splitlines()[1].format(name) + "\n"
    (tmp_path / "gap_rules.csv").write_text(rows)
    configuration = read_folder(tmp_path)
    assert (len(configuration.own_rules), configuration.problems) == (len(QUERIES), [])
    own = OwnRules()
    with duckdb.connect() as db:
        db.execute(
            "create schema internal; create table internal.int_rules__thresholds as"
            " select 'RULE_03' as gap_type, 'most' as threshold, 9.0 as value;"
            "create table projects as select * from (values ('a', '/w/a'), ('b', '/w/b'))"
            " as rows (project_id, project_path),"
            " (select timestamp '2026-01-01' as last_seen, 'r' as source_run_id)"
        )
        own.begin(configuration.own_rules, tmp_path)
        own.use(db)
        verdicts = json.loads(own.judge())
        assert own.judge() == json.dumps(verdicts)

    faults = faults_of_rules(tmp_path)
    for name, (query, reason) in zip(names, QUERIES.items(), strict=True):
        found = [one for one in verdicts if one["gap_type"] == name]
        line = [fault for fault in faults if fault.startswith(f"rules/{name}.sql: ")]
        assert [one["subject"] for one in found] == ["/w/a", "/w/b"], query
        if reason is None:
            assert line == [], query
            assert {one["run_id"] for one in found} == {"r"}
        else:
            assert line and line[0].startswith(f"rules/{name}.sql: {reason}"), (query, line)
            assert {one["verdict"] for one in found} == {"unknown"}


def test_an_own_rule_is_tried_with_other_thresholds(tmp_path: Path) -> None:
    query = (
        "select project_id, case when n >= (select value from thresholds where threshold = 'most')"
        " then 'fail' else 'pass' end as verdict from projects"
    )
    rule = OwnRule("MANY", "rules/MANY.sql", query, "")
    with duckdb.connect() as db:
        db.execute(
            "create table projects as select * from (values ('a', '/w/a', 3), ('b', '/w/b', 9))"
            " as rows (project_id, project_path, n),"
            " (select timestamp '2026-01-01' as last_seen, 'r' as source_run_id)"
        )
        failing = {
            most: {
                one["subject"]
                for one in verdicts_of(db, rule, {} if most is None else {"most": most})
                if one["verdict"] == "fail"
            }
            for most in (None, 2.0, 5.0)
        }
    assert failing == {None: set(), 2.0: {"/w/a", "/w/b"}, 5.0: {"/w/b"}}
