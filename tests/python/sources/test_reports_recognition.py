"""No file that is not a report is taken for one, whatever its keys and tags are called."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from loaders.sources.reports.known_formats import FORMS, form_of
from loaders.sources.reports.reading.report_head import Head

_CORPUS = Path(__file__).parents[1] / "data" / "not_reports.tsv"
_OTHERS = [line.split("\t", 1) for line in _CORPUS.read_text(encoding="utf-8").splitlines()]
# Names that an eager reader trusts.
_NAMES = (
    "report.json",
    "results.sarif",
    "junit.xml",
    "coverage.xml",
    "bom.json",
    "package-lock.json",
)


def _content(given: str) -> bytes:
    is_data = given[:1] in "{[<"
    return (given if is_data else given.replace("\\n", "\n").replace("\\t", "\t")).encode()


def test_the_corpus_is_large_and_has_no_name_twice() -> None:
    assert len(_OTHERS) >= 200 and max(Counter(name for name, _ in _OTHERS).values()) == 1


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_no_format_recognises_another_kind_of_file(form) -> None:
    taken = [
        (name, given_name)
        for name, given in _OTHERS
        for given_name in (name, *_NAMES)
        if form.recognises(Head(given_name, _content(given)))
    ]
    assert taken == []


def test_a_report_is_recognised_whatever_it_is_called() -> None:
    log = b'{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "results": []}]}'
    for name in (*_NAMES, "x", ".hidden", "a.txt"):
        found = form_of(Head(name, log))
        assert found and found.name == "sarif"


@pytest.mark.parametrize(
    "log",
    [
        '{"$schema": "https://x.org/sarif-2.1.0.json", "version": "2.1.0", "runs": []}',
        '{"runs": [{"results": [{"message": {"text": "x"}, "ruleId": "a"}]}], "version": "2.1.0"}',
        '{"runs": [{"artifacts": [], "tool": {"driver": {"name": "x"}}}]}',
        # The head of a file may end anywhere.
        '{"version": "2.1.0", "runs": [{"tool": {"driver": {"na',
    ],
)
def test_logs_of_sarif_are_recognised(log: str) -> None:
    found = form_of(Head("x", log.encode()))
    assert found and found.name == "sarif"
