"""Torn, absurd and hostile SBOMs, lock files and audits: each is refused with a reason, or lands.

No reader raises anything but Invalid: the reports beside it land.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.reports.known_formats import BY_NAME
from loaders.sources.reports.reading import whole_documents
from loaders.sources.reports.reading.report_head import Head
from tests.python.sources.test_reports_audits import EXAMPLES as AUDITS
from tests.python.sources.test_reports_locks import EXAMPLES as LOCKS
from tests.python.sources.test_reports_sboms import EXAMPLES as SBOMS
from tests.python.support.read_reports import read_report

_ABSURD: list[Any] = [None, -5, 1e308, "", "x" * 5000, [], {}, True, [None], [[]], {"": 1}, "\0"]
_REPORTS = {
    name: (example[1], example[0] if isinstance(example[0], str) else json.dumps(example[0]))
    for examples in (AUDITS, LOCKS, SBOMS)
    for name, example in examples.items()
}


def _places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if place:
        yield place
    inner = value.items() if isinstance(value, dict) else ()
    inner = enumerate(value) if isinstance(value, list) else inner
    for key, one in inner:
        yield from _places(one, (*place, key))


def _with(document: Any, place: tuple[Any, ...], value: Any) -> str:
    """Return *document* with *value* at *place*; None: without what is at it."""
    changed = owner = copy.deepcopy(document)
    for key in place[:-1]:
        owner = owner[key]
    if value is None:
        del owner[place[-1]]
    else:
        owner[place[-1]] = value
    return json.dumps(changed)


def _mutants(text: str, draw: random.Random) -> Iterator[str]:
    yield from (text[: len(text) * part // 20] for part in range(20))
    lines = text.splitlines()
    for number in draw.sample(range(len(lines)), min(4, len(lines))):
        yield "\n".join([*lines[:number], *lines[number + 1 :]])
        yield "\n".join([*lines[:number], "  " + lines[number], *lines[number:]])
    try:
        document = json.loads(text)
    except ValueError:
        return
    places = list(_places(document))
    for place in draw.sample(places, min(8, len(places))):
        yield _with(document, place, draw.choice(_ABSURD))


@pytest.mark.parametrize("name", _REPORTS)
def test_only_invalid_comes_out_of_a_reader(name: str) -> None:
    form, text = _REPORTS[name]
    reasons: list[str] = []
    for mutant in _mutants(text, random.Random(name)):
        try:
            read_report(mutant, form=form)
        except Invalid as error:
            reasons.append(str(error))
    assert reasons and all(reasons) and "\n" not in "".join(reasons)


@pytest.mark.parametrize("name", _REPORTS)
def test_a_report_is_recognised_whatever_its_name(name: str) -> None:
    form, text = _REPORTS[name]
    for file in ("x", "package.json", "pom.xml", "Gemfile"):
        facts = read_report(text, name=file)
        assert facts.format == form


@pytest.mark.parametrize("name", _REPORTS)
def test_another_format_does_not_take_a_report(name: str) -> None:
    form, text = _REPORTS[name]
    head = Head("x", text.encode())
    assert [one.name for one in BY_NAME.values() if one.recognises(head)] == [form]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"lockfileVersion": 3, "packages": {"": NaN}}', "not a JSON number"),
        ('{"lockfileVersion": 3, "a": 1, "a": 2}', "duplicate key"),
        ('{"lockfileVersion": 3, "packages": ' + "[" * 100 + "]" * 100 + "}", "nested deeper"),
        ('{"lockfileVersion": 3, "packages": {"": 1e400}}', "beyond 64 bits"),
        ("lockfileVersion: 5.4\n\t- x: [\n", "not YAML"),
        ("# yarn lockfile v1\n\nx@1\n  version 1\n", "neither a package nor indented"),
    ],
)
def test_what_is_wrong_is_named(text: str, reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        read_report(text)


def test_an_entity_is_refused() -> None:
    text = '<?xml version="1.0"?><!DOCTYPE bom [<!ENTITY a "b">]>'
    text += '<bom xmlns="http://cyclonedx.org/schema/bom/1.4"/>'
    with pytest.raises(Invalid, match="document type"):
        read_report(text)


def test_a_lock_of_200_mb_is_refused_before_it_is_read() -> None:
    class Endless:
        size = 200 << 20

        def text_stream(self) -> Any:
            raise AssertionError("it was read")

    with pytest.raises(Invalid, match="more than"):
        whole_documents.content_of(Endless())  # type: ignore[arg-type]
