"""The results of dbt as tests and errors."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from tests.python.support.read_reports import SHARED_REPORTS, needs_shared_reports, read_report


def _results(*results: dict[str, Any], version: int = 5) -> str:
    return json.dumps(
        {
            "metadata": {
                "dbt_schema_version": f"https://schemas.getdbt.com/dbt/run-results/v{version}.json",
                "dbt_version": "1.8.0",
                "generated_at": "2026-01-01T01:00:00.123456789Z",
            },
            "results": list(results),
            "args": {"which": "build"},
        }
    )


@needs_shared_reports
def test_genuine_results() -> None:
    facts = read_report(SHARED_REPORTS / "dbt-core/1.12.6/run_results.json")
    assert [(one.suite, one.class_name, one.test_name, one.outcome) for one in facts.tests] == [
        ("shop", "a", "a_adds", "passed"),
        ("shop", None, "not_null_a_id", "passed"),
        ("shop", None, "unique_a_id", "passed"),
    ]
    assert not facts.findings and not facts.faults()
    assert facts.runs[0].started_at == datetime(2026, 11, 27, 10, 53, 11, 221773)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("pass", "passed"),
        ("warn", "passed"),
        ("fail", "failed"),
        ("error", "error"),
        ("skipped", "skipped"),
    ],
)
def test_the_word_of_dbt_for_an_outcome_stays(status: str, outcome: str) -> None:
    facts = read_report(_results({"unique_id": "test.shop.x.0123456789", "status": status}))
    (one,) = facts.tests
    assert (one.test_name, one.outcome, one.outcome_given) == ("x", outcome, status)


def test_a_failed_model_is_an_error_and_a_skipped_one_is_not() -> None:
    facts = read_report(
        _results(
            {"unique_id": "model.shop.a", "status": "error", "message": "Catalog Error"},
            {"unique_id": "model.shop.b", "status": "skipped"},
            {"unique_id": "model.shop.c", "status": "success", "compiled_code": "select 'hunter2'"},
        )
    )
    (one,) = facts.findings
    assert (one.kind, one.logical_name, one.message) == ("error", "model.shop.a", "Catalog Error")
    assert facts.runs[0].is_successful is False and not facts.tests
    assert "hunter2" not in str([table.to_pylist() for table in facts.tables.values()])


def test_other_artifacts_of_dbt_are_no_results() -> None:
    assert read_report(_results().replace("run-results", "manifest")).format is None
