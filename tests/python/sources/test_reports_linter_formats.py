"""Each format of linters and scanners: what lands of a small report, and of a broken one."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from loaders.base.integrity import MOST
from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.reports.formats.linters import LINTERS
from loaders.sources.reports.known_formats import FORMS
from loaders.sources.reports.reading.report_facts import Finding
from loaders.sources.reports.reading.report_head import Head
from tests.python.support.linter_reports import SAMPLES, Row, Sample
from tests.python.support.read_reports import SHARED_REPORTS, Facts, read_report, reason_of


def _text(document: Any) -> str:
    lines = document if isinstance(document, tuple) else (document,)
    return "\n".join(json.dumps(line) for line in lines)


def _rows(facts: Facts) -> list[Row]:
    return [
        (
            one.kind,
            one.level,
            one.rule_id,
            facts.path(one),
            one.start_line,
            one.start_column,
            *(["suppressed"] if one.is_suppressed else []),
        )
        for one in facts.findings
    ]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.format)
def test_a_report_lands(sample: Sample) -> None:
    facts = read_report(_text(sample.document))
    assert facts.format == sample.format
    assert _rows(facts) == sample.rows
    assert [
        (one.advisory_id, one.name, one.level, one.is_suppressed) for one in facts.advisories
    ] == sample.advisories
    assert facts.runs[0].tool_name == sample.tool
    # A table is asked in an engine, which takes as long as a hundred reports.
    if sample.format in ("checkov", "grype", "oxlint", "trivy", "zizmor"):
        assert not facts.faults()
    assert all(map(_is_healthy, facts.findings))


def test_every_format_has_a_report() -> None:
    """Formats without a small report here have genuine ones, or tests of their own."""
    elsewhere = {
        "unix-lines",
        "ty-lines",
        "ast-grep-lines",
        "flawfinder",
        "vulture-lines",
        "codespell-lines",
        "msbuild-lines",
        "android-lint",
        "azure-annotations",
        "checkstyle",
        "compiler-lines",
        "cppcheck",
        "flake8-lines",
        "github-annotations",
        "pmd-xml",
        "pylint-lines",
        "ruff-grouped",
        "spotbugs",
        "yamllint-lines",
        "bandit",
        "bandit-csv",
        "code-climate",
        "credsweeper",
        "detect-secrets",
        "eslint",
        "gitleaks",
        "gitlab-code-quality",
        "gitlab-security",
        "kingfisher",
        "kingfisher-lines",
        "mypy",
        "njsscan",
        "noseyparker",
        "noseyparker-lines",
        "pylint",
        "pylint-json2",
        "pyright",
        "rdjson",
        "rdjsonl",
        "ruff",
        "ruff-lines",
        "secretlint",
        "semgrep",
        "shellcheck",
        "shellcheck-json1",
        "trufflehog",
    }
    assert {form.name for form in LINTERS} - elsewhere == {one.format for one in SAMPLES}


# -- broken reports --------------------------------------------------------------------------------

_OTHER_VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    1.5,
    1 << 62,
    "",
    "x",
    [],
    {},
    [None],
    [{}],
    {"a": 1},
    [[1, "2"]],
)


def _places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the place of each value in a document, in keys and indexes."""
    yield place
    inner = value.items() if isinstance(value, dict) else ()
    inner = enumerate(value) if isinstance(value, list | tuple) else inner
    for key, one in inner:
        yield from _places(one, (*place, key))


def _changed(document: Any, place: tuple[Any, ...], value: Any, *, is_removed: bool) -> Any:
    copy = json.loads(json.dumps(document))
    owner = copy
    for key in place[:-1]:
        owner = owner[key]
    if is_removed:
        del owner[place[-1]]
    else:
        owner[place[-1]] = value
    return tuple(copy) if isinstance(document, tuple) else copy


def _broken(document: Any, seed: str) -> Iterator[str]:
    """Yield a report torn at some 20ths of it, and with values removed or of other types."""
    whole = _text(document)
    chance = random.Random(seed)
    for part in chance.sample(range(20), 3):
        yield whole[: len(whole) * part // 20]
    places = [place for place in _places(document) if place]
    for place in chance.sample(places, min(len(places), 4)):
        yield _text(_changed(document, place, None, is_removed=True))
        for value in chance.sample(_OTHER_VALUES, 1):
            yield _text(_changed(document, place, value, is_removed=False))


def _genuine() -> list[tuple[str, Any]]:
    found = []
    for name in (
        "credsweeper/1.19.5/shop.json",
        "detect-secrets/1.5.0/shop.baseline.json",
        "eslint/9.39.5/shop-web.json",
        "njsscan/1.0.2/njsscan.json",
        "pyright/1.1.414/typed.json",
        "ruff/0.17.6/syntax-error.json",
        "ruff/0.17.6/shop.rdjson",
        "semgrep/1.185.0/proj.json",
        "shellcheck/0.11.0/run.json1",
    ):
        path = SHARED_REPORTS / name
        if path.exists():
            found.append((name, json.loads(path.read_text(encoding="utf-8"))))
    return found


def _all_documents() -> list[tuple[str, Any]]:
    return [(one.format, one.document) for one in SAMPLES] + _genuine()


@pytest.mark.parametrize(("name", "document"), _all_documents(), ids=lambda value: str(value)[:30])
def test_a_broken_report_lands_healthy_rows_or_has_a_reason(name: str, document: Any) -> None:
    form = read_report(_text(document)).format
    reasons = set()
    for text in _broken(document, name):
        # Nothing but Invalid comes out of a reader, recognised or not.
        try:
            facts = read_report(text, form=form)
        except Invalid as error:
            reasons.add(str(error))
            continue
        assert all(map(_is_healthy, facts.findings)), text
        assert all(one.advisory_id and one.name for one in facts.advisories), text
        assert facts.runs, text
    assert all("\n" not in reason and len(reason) < 500 for reason in reasons)


def _is_healthy(found: Finding) -> bool:
    numbers = (found.start_line, found.start_column, found.end_line, found.end_column)
    return all(one is None or 0 < one < MOST for one in numbers) and found.kind in _KINDS


_KINDS = ("finding", "error", "pass", "not_applicable")


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.format)
def test_hostile_json_has_a_reason(sample: Sample) -> None:
    whole = _text(sample.document)
    deep = "[" * 5_000
    for text in (
        whole.replace(":", ":NaN,", 1),
        whole.replace('"', '"\\ud800', 1),
        whole[:-1] + deep,
        whole.replace(": ", f": {deep}", 1),
    ):
        assert reason_of(text, form=sample.format)
    assert reason_of(whole.encode()[:-1] + b"\xff", form=sample.format)


def test_a_file_of_any_shape_is_recognised_once_or_not_at_all() -> None:
    chance = random.Random("shapes")
    for _, document in _all_documents():
        places = [place for place in _places(document) if place]
        for place in chance.sample(places, min(len(places), 3)):
            value = chance.choice(_OTHER_VALUES)
            text = _text(_changed(document, place, value, is_removed=False))
            head = Head("file", text.encode())
            assert sum(form.recognises(head) for form in FORMS) <= 1, text
