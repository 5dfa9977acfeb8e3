"""The rows of one report: runs of the tool, positions, strict values."""

from __future__ import annotations

import json

import pytest

from loaders.sources.reports.known_formats import BY_NAME
from loaders.sources.reports.reading import report_rows
from loaders.sources.reports.reading.report_facts import Finding
from loaders.sources.reports.reading.report_form import Form
from tests.python.support.read_reports import read_report, reason_of


def _issue(path: str = "src/app.py", **more: object) -> dict[str, object]:
    place = {"path": path, "lines": {"begin": 3}}
    return {"description": "unused", "fingerprint": "0", "location": place, **more}


def test_rows_of_a_report() -> None:
    facts = read_report(json.dumps([_issue(), _issue("src/größe.py", severity="major")]))
    assert facts.format == "gitlab-code-quality"
    assert [(facts.path(one), one.level) for one in facts.findings] == [
        ("src/app.py", None),
        ("src/größe.py", "major"),
    ]
    assert facts.count("findings", "kind") == {"finding": 2}
    assert len(facts.runs) == 1 and not facts.faults()


def test_the_helper_names_rows_that_a_build_rejects(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(_: object, rows: report_rows.Rows) -> None:
        rows.add(Finding("X1", "message", start_line=-3))

    monkeypatch.setitem(BY_NAME, "absurd", Form("absurd", lambda _: True, read))
    facts = read_report(b"", form="absurd")
    assert any("start_line: not a count" in fault for fault in facts.faults())


def test_rows_that_were_passed_on_get_an_unknown_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_rows, "_HELD", 2)

    def read(_: object, rows: report_rows.Rows) -> None:
        for _number in range(4):
            rows.add(Finding("X1", "message"))

    monkeypatch.setitem(BY_NAME, "endless", Form("endless", lambda _: True, read))
    facts = read_report(b"", form="endless")
    assert len(facts.findings) == 4 and len(facts.runs) == 1
    assert facts.tables["report_findings"]["run_index"].to_pylist() == [0] * 4


def test_what_is_no_report() -> None:
    assert read_report(b"{}").format is None
    assert reason_of(b'[{"description": "x", "fingerprint": "0", "location": {"path": "a"}}, 3]')
