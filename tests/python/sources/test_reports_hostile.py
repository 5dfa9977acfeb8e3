"""Hostile and absurd JSON reports: one line each, and memory that is bounded."""

from __future__ import annotations

import io
import json
import random
from typing import Any

import pytest

from loaders.sources.artifacts.strict_json import Invalid, parse
from loaders.sources.reports.reading import json_pieces
from loaders.sources.reports.reading.json_values import items_of, values_at
from tests.python.support.read_reports import (
    SHARED_REPORTS,
    faults_in,
    needs_shared_reports,
    read_report,
    reason_of,
)
from tests.python.support.report_mutations import mutations

_START = '{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "Lint"}}, "results": ['
_RESULT = '{"message": {"text": "wrong"}, "ruleId": "X1"}'
_END = "]}]}"


def _sarif(result: str, **replaced: str) -> bytes:
    """Return a log with 50 results, of which one in the middle is *result*."""
    text = _START + ", ".join([_RESULT] * 25 + [result] + [_RESULT] * 24) + _END
    for old, new in replaced.items():
        text = text.replace(old, new)
    return text.encode()


_DEEP = 5_000
_HOSTILE = {
    "torn": (_sarif(_RESULT)[:-40], "it ends in the middle"),
    "torn in a text": (_sarif(_RESULT)[:-70], "it ends in the middle"),
    "deep lists": (_sarif('{"x": ' + "[" * _DEEP + "]" * _DEEP + "}"), "nested deeper than 64"),
    "deep objects": (_sarif('{"x": ' * _DEEP + "1" + "}" * _DEEP), "nested deeper than 64"),
    "deep lists that do not end": (_sarif('{"x": ' + "[" * _DEEP), "nested deeper than 64"),
    "NaN": (_sarif('{"rank": NaN}'), "not JSON: invalid character"),
    "Infinity": (_sarif('{"rank": -Infinity}'), "not JSON: "),
    "1e400": (_sarif('{"rank": 1e400}'), "a number beyond 64 bits"),
    "endless digits": (_sarif('{"rank": ' + "9" * 9_999 + "}"), "a number beyond 64 bits"),
    "duplicate keys": (_sarif('{"ruleId": "a", "ruleId": "b"}'), "duplicate key in an object"),
    "duplicate keys, escaped": (_sarif('{"a": 1, "\\u0061": 2}'), "duplicate key in an object"),
    "duplicate keys around it": (_sarif(_RESULT, version='runs": [], "v'), "duplicate key"),
    "lone surrogate": (_sarif('{"ruleId": "\\ud800"}'), "lone surrogate"),
    "not UTF-8": (_sarif("@").replace(b"@", b'{"ruleId": "\xff"}'), "not UTF-8"),
    "Latin-1": (_sarif('{"ruleId": "gr\xf6\xdfe"}').decode().encode("latin-1"), "not UTF-8"),
    "surrogates as UTF-8": (_sarif("@").replace(b"@", b'{"a": "\xed\xa0\x80"}'), "not UTF-8"),
    "control character": (_sarif('{"ruleId": "a\x01"}'), "not JSON: invalid character"),
    "comma at the end": (_sarif(_RESULT + ","), "not JSON: "),
    "no comma": (_sarif(_RESULT + _RESULT), "not JSON: unexpected text at byte"),
    "single quotes": (_sarif("{'ruleId': 'a'}"), "not JSON: "),
    "comment": (_sarif("/* x */" + _RESULT), "not JSON: invalid character"),
    "text after it": (_sarif(_RESULT) + b"\nDone in 3 s\n", "text after the document: Done in 3 s"),
    "two documents": (_sarif(_RESULT) * 2, "not JSON: text after the document"),
    "UTF-16, torn": (_sarif(_RESULT).decode().encode("utf-16")[:-1], "not UTF-16"),
}
_READ = {
    "CRLF": _sarif(_RESULT, **{", ": ",\r\n\t"}),
    "byte order mark": b"\xef\xbb\xbf" + _sarif(_RESULT),
    "blank lines before it": b"\r\n \n" + _sarif(_RESULT),
    "UTF-16 of PowerShell": b"\xff\xfe" + _sarif(_RESULT).decode().encode("utf-16-le"),
    "UTF-16, big-endian": b"\xfe\xff" + _sarif(_RESULT).decode().encode("utf-16-be"),
    # Clang counts its warnings in the same stream.
    "counts of clang": b"\n" + _sarif(_RESULT) + b"\n2 warnings generated.\n",
    "counts of clang, twice": _sarif(_RESULT) + b"1 warning and 2 errors generated.\n" * 2,
}


@pytest.mark.parametrize("name", _HOSTILE)
def test_one_line_says_why_a_report_is_refused(name: str) -> None:
    report, reason = _HOSTILE[name]
    said = reason_of(report)
    assert reason in said and "\n" not in said and len(said) < 200


@pytest.mark.parametrize("name", _READ)
def test_what_is_odd_and_fine(name: str) -> None:
    assert len(read_report(_READ[name]).findings) == 50


@pytest.mark.parametrize("where", ["text", "key", "number", "spaces", "list"])
def test_no_value_is_larger_than_the_limit(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_pieces.Pieces, "LARGEST", 1 << 20)
    size = 3 << 20
    result = {
        "text": '{"ruleId": "' + "x" * size + '"}',
        "key": '{"' + "x" * size + '": 1}',
        "number": '{"a": ' + "1" * size + "}",
        "spaces": '{"a": 1' + " " * size + "}",
        "list": '{"a": [' + "1," * size + "1]}",
    }[where]
    assert reason_of(_sarif(result)) == "a value of more than 1048576 bytes"
    beside = _sarif(_RESULT, version=f'x": "{"x" * size}", "version')
    assert reason_of(beside, form="sarif").startswith("a value of more than")


def _value(chance: random.Random, depth: int) -> Any:
    kind = chance.randrange(8 if depth < 4 else 4)
    if kind < 4:
        text = "".join(chance.choice('a"\\{}[],:é\n ') for _ in range(chance.randrange(8)))
        return (None, chance.randrange(-9, 99), 1.5, text)[kind]
    some = [_value(chance, depth + 1) for _ in range(chance.randrange(5))]
    if kind < 6:
        return dict(zip("abcdef", some, strict=False))
    return some if kind == 6 else [{"a": one, "b": 1} for one in some]


def _streamed(raw: bytes) -> Any:
    """Return the document, put together from its pieces; None if it is invalid."""
    try:
        found: list[Any] = []
        rest: Any = None
        for place, value in values_at(io.BytesIO(raw), "runs[]"):
            rest = value
            found += [value] if place else []
        return rest | {"runs": found}
    except Invalid:
        return None


def test_pieces_are_those_of_the_whole_document(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(7)
    for number in range(300):
        monkeypatch.setattr(json_pieces, "_BLOCK", chance.choice([1, 3, 50, 1000]))
        runs = [{"id": number, "v": _value(chance, 1)} for _ in range(chance.randrange(9))]
        document = {"runs": [*runs, _value(chance, 0), *runs], "z": _value(chance, 0)}
        raw = json.dumps(document, indent=chance.choice([None, 1])).encode()
        assert _streamed(raw) == document
        place = chance.randrange(len(raw))
        torn = (
            raw[:place] + chance.choice([b"", b"}", b"\xff", b'"', b",", b"]"]) + raw[place + 1 :]
        )
        try:
            whole = parse(torn)
        except Invalid:
            whole = None
        if whole is None or isinstance(whole.get("runs"), list):
            assert _streamed(torn) == whole


def test_members_and_inner_places() -> None:
    text = b'{"files": {"a": {"n": 1}, "b": {"n": 2}}, "x": [[1], [2, 3]], "y": {"z": [4]}}'
    assert list(items_of(io.BytesIO(text), "files{}")) == [("a", {"n": 1}), ("b", {"n": 2})]
    assert list(items_of(io.BytesIO(text), "x[][]")) == [1, 2, 3]
    places = list(values_at(io.BytesIO(text), "y", "y.z[]"))
    assert places[:2] == [("y.z[]", 4), ("y", {"z": []})] and places[2][1]["y"] is None


@needs_shared_reports
@pytest.mark.parametrize(
    "path",
    [
        "eslint/9.39.5/shop-web.sarif",
        "clang-analyzer/14.0.6/main.sarif",
        "njsscan/1.0.2/njsscan.sarif",
    ],
)
def test_no_damage_to_a_genuine_report_breaks_its_reader(path: str) -> None:
    read, refused = [], 0
    for mutant in mutations((SHARED_REPORTS / path).read_bytes()):
        try:
            read.append(read_report(mutant, form="sarif"))
        except Invalid:
            refused += 1
    assert refused > 19 and read and not faults_in(read)
