"""The strict parsers: what they refuse, wherever blocks end.

The fast path takes what the strict one takes.
"""

from __future__ import annotations

import io
import json
import math

import pyarrow as pa
import pytest
from codegraphx_fixtures import AST_ROW, EDGE, NODES, SCAN_ROW, lines
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.sources.artifacts import strict_json
from loaders.sources.artifacts.strict_json import Invalid, events_of, parse
from loaders.sources.codegraphx import events
from loaders.sources.codegraphx import lines as reading
from loaders.sources.codegraphx.artifact_formats import AST, EVENTS, SCAN, Lines
from loaders.sources.codegraphx.lines import Block, Reject, Rows, blocks_of, check_of_keys, rows_of

# -- values ----------------------------------------------------------------------------------------

INVALID = {
    b'{"a": 1, "a": 1}': "duplicate key",
    b'[{"b": {"a": 1, "\\u0061": 2}}]': "duplicate key",
    b"[NaN]": "JSON",
    b"[Infinity]": "JSON",
    b"[-Infinity]": "JSON",
    b"[1e400]": "beyond 64 bits",
    b"[-1e400]": "beyond 64 bits",
    b"[9223372036854775808]": "beyond 64 bits",
    b"[-9223372036854775809]": "beyond 64 bits",
    b"[" + b"9" * 5000 + b"]": "beyond 64 bits",
    b"[1." + b"9" * 5000 + b"e" + b"9" * 5000 + b"]": "beyond 64 bits",
    b'["\\ud800"]': "surrogate",
    b'["\\udc00"]': "surrogate",
    b'["\\ud800\\ud800"]': "surrogate",
    b'["\\ud83dx\\ude00"]': "surrogate",
    b'["\\\\\\ud800"]': "surrogate",
    b'{"\\udfff": 1}': "surrogate",
    b'["\xff"]': "UTF-8",
    b'["\xc0\x80"]': "UTF-8",
    b'["\x1f"]': "not JSON",
    b"[\v]": "not JSON",
    b"[\f]": "not JSON",
    b'["\\x41"]': "not JSON",
    b"[01]": "not JSON",
    b"[1,]": "not JSON",
    b"{'a': 1}": "not JSON",
    b"[1] // one": "not JSON",
    b"[1][2]": "not JSON",
    b'[1]"': "not JSON",
    b'{"a": 1} "}': "not JSON",
    b"[1]-": "not JSON",
    b"[1]tru": "not JSON",
    b'["a': "not JSON|middle",
    b"[": "not JSON|middle",
    b"": "not JSON|middle",
    b"[" * 65 + b"]" * 65: "nested deeper than 64",
    b'{"a":' * 100_000 + b"1" + b"}" * 100_000: "nested deeper than 64",
}
TAKEN = [
    b'{"a": 1, "b": {"a": 1}}',
    b"[9223372036854775807, -9223372036854775807, 1e308, -0, 0.1]",
    b'["\\ud83d\\ude00", "\\\\ud800", "\\\\\\\\ud83d", "\\"\\u0041", "\\u0000"]',
    b'["\\\\\\ud83d\\ude00"]',
    b"[" * 64 + b"]" * 64,
    b' {"a" : [ ] } \r\n',
    '["ä€😀", "\u2028"]'.encode(),
]


def value_of(raw: bytes, block: int = 1 << 16) -> object:
    """Return the value that the stream of events builds, read in blocks of a size."""
    from ijson.common import ObjectBuilder

    class Chunked(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(size or 0, block))

    builder = ObjectBuilder()
    for event, value in events_of(Chunked(raw)):
        builder.event(event, value)
    return builder.value


@pytest.mark.parametrize("raw", INVALID, ids=lambda raw: repr(raw[:30]))
def test_documents_that_are_refused(raw: bytes):
    for read in (parse, value_of):
        with pytest.raises(Invalid, match=INVALID[raw]) as error:
            read(raw)
        assert str(error.value).isprintable()


@pytest.mark.parametrize("raw", TAKEN, ids=lambda raw: repr(raw[:30]))
def test_documents_that_are_accepted(raw: bytes):
    assert parse(raw) == value_of(raw) == json.loads(raw)


@pytest.mark.parametrize("block", [1, 2, 3, 5, 7, 12, 13, 14, 31])
def test_the_ends_of_blocks_do_not_change_the_refusals(block: int):
    for raw in TAKEN:
        assert value_of(raw, block) == json.loads(raw)
    for raw in INVALID:
        if len(raw) < 100:
            with pytest.raises(Invalid):
                value_of(raw, block)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(["\\", "\\ud83d", "\\ude00", "\\u0041", "u", '\\"', "d83d", "x", "ä"]),
        max_size=12,
    ),
    st.integers(1, 20),
)
def test_escapes_are_distinguished_as_in_python(parts: list[str], block: int):
    raw = ('["' + "".join(parts) + '"]').encode()
    try:
        expected = json.loads(raw)
        "".join(expected).encode()
    except (ValueError, UnicodeEncodeError):
        expected = None
    for read in (parse, lambda raw: value_of(raw, block)):
        if expected is None:
            with pytest.raises(Invalid):
                read(raw)
        else:
            assert read(raw) == expected


def test_an_endless_string_is_not_kept_in_memory(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(strict_json, "LONGEST_LINE", 1 << 18)
    with pytest.raises(Invalid, match="a string of more than"):
        value_of(b'["' + b"x" * (1 << 19) + b'"]')
    assert value_of(b'["' + b"x" * (1 << 17) + b'"]')


# -- lines -----------------------------------------------------------------------------------------

CHECKS = {"events": events.CHECK, "scan": check_of_keys(SCAN), "ast": check_of_keys(AST)}


def read_lines(raw: bytes, form: Lines) -> tuple[list[dict], list[int], list[Reject]]:
    """Return the rows in *raw*, the numbers of their lines, and the lines that are not rows."""
    rows, positions, rejects = [], [], []
    for block in blocks_of(io.BytesIO(raw)):
        for found in (
            [Rows(form.schema.empty_table(), [], [block])]
            if isinstance(block, Reject)
            else rows_of(block, form, CHECKS[form.kind])
        ):
            rows += found.table.to_pylist()
            positions += list(found.positions)
            rejects += found.rejects
    return rows, positions, rejects


def read_strictly(raw: bytes, form: Lines) -> tuple[list[dict], list[int], list[Reject]]:
    found = reading._line_by_line(
        Block(1, raw.removesuffix(b"\n"), not raw.endswith(b"\n")), form, CHECKS[form.kind]
    )
    return found.table.to_pylist(), found.positions, found.rejects


SEEDS = {"scan": [SCAN_ROW], "ast": [AST_ROW], "events": [*NODES, EDGE]}
# Pieces that make a line of JSON another one, or none.
PIECES = [
    b'"', b"\\", b"{", b"}", b"[", b"]", b":", b",", b" ", b"\n", b"}\n{", b"}{", b"} {", b"null",
    b"1", b"1.5", b"-0", b"1e2", b"NaN", b"true", b"9223372036854775808", b'"kind": "edge", ',
    b'"size": 1, ', b'"uid": "x", ', b'"x": {}, ', b"\xff", b"\xc3\xa4", b"\\u0041", b"\\ud800",
    b"\\ud83d\\ude00", b"\x00", b"\x1f", b"\r", b"/**/", b"[[", b'"props": {}',
]  # fmt: skip


@settings(max_examples=1500, deadline=None)
@given(st.data(), st.sampled_from([SCAN, AST, EVENTS]))
def test_the_fast_and_the_strict_path_accept_the_same(data: st.DataObject, form: Lines):
    seeds = lines(data.draw(st.lists(st.sampled_from(SEEDS[form.kind]), min_size=1, max_size=4)))
    raw = bytearray(seeds)
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(0, len(raw)))
        gone = data.draw(st.integers(0, 6))
        raw[place : place + gone] = data.draw(st.sampled_from([*PIECES, b""]))
    fast = reading._by_arrow(Block(1, bytes(raw).removesuffix(b"\n")), form)
    rows, positions, rejects = read_strictly(bytes(raw), form)
    if fast is not None and CHECKS[form.kind].are_valid(fast):
        assert not rejects
        assert fast.to_pylist() == rows and positions == list(range(1, len(rows) + 1))
    assert read_lines(bytes(raw), form) == (rows, positions, rejects)


def test_the_fast_path_is_taken(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reading, "_line_by_line", None)
    for form in (SCAN, AST, EVENTS):
        seeds = SEEDS[form.kind]
        spaced = lines(seeds).replace(b": ", b" : ").replace(b"\n", b"\r\n")
        reordered = lines(dict(reversed(row.items())) for row in seeds)
        for raw in (lines(seeds * 3), spaced, reordered):
            assert [len(found) for found in read_lines(raw, form)] == [
                raw.count(b"\n"),
                raw.count(b"\n"),
                0,
            ]


def test_one_odd_line_among_many_costs_little_and_only_itself(monkeypatch: pytest.MonkeyPatch):
    looked_at = []
    one_by_one = reading._line_by_line

    def counted(block: Block, *rest: object) -> Rows:
        looked_at.append(len(block.lines))
        return one_by_one(block, *rest)

    monkeypatch.setattr(reading, "_line_by_line", counted)
    raw = lines([EDGE] * 5000) + b"odd\n" + lines([EDGE] * 5000)
    rows, positions, rejects = read_lines(raw, EVENTS)
    assert (len(rows), [one.position for one in rejects]) == (10_000, [5001])
    assert positions == [*range(1, 5001), *range(5002, 10_002)]
    assert sum(looked_at) < 100


@pytest.mark.parametrize("block", [1, 7, 100, 1000])
def test_lines_are_whole_wherever_blocks_end(monkeypatch: pytest.MonkeyPatch, block: int):
    monkeypatch.setattr(reading, "_BLOCK", block)
    raw = lines([*NODES, EDGE] * 5)
    rows, positions, rejects = read_lines(raw, EVENTS)
    assert (len(rows), positions, rejects) == (30, list(range(1, 31)), [])
    assert read_lines(raw[:-20], EVENTS)[2][0].reason.startswith("the last line is cut off")
    # A row without only the end of its line is complete.
    assert read_lines(raw[:-1], EVENTS) == (rows, positions, [])


@pytest.mark.parametrize("block", [64, 1 << 20])
def test_a_line_too_long_for_memory_is_left_out(monkeypatch: pytest.MonkeyPatch, block: int):
    monkeypatch.setattr(reading, "_BLOCK", block)
    monkeypatch.setattr(reading, "LONGEST_LINE", 1000)
    long_line = b'{"x": "' + b"y" * 5000 + b'"}\n'
    # Held in one block it is read, and no event; else it is not read.
    for raw, number, count in (
        (lines([EDGE]) + long_line + lines([EDGE, EDGE]), 2, 3),
        (long_line, 1, 0),
        (lines([EDGE]) + long_line[:-1], 2, 1),
    ):
        rows, positions, rejects = read_lines(raw, EVENTS)
        assert (len(rows), [one.position for one in rejects]) == (count, [number])
        assert len(rejects[0].excerpt) <= 120


def test_numbers_of_rows_stay_exact():
    rows, _, _ = read_lines(
        lines([SCAN_ROW | {"size": size} for size in (2**63 - 1, -(2**63), 2**53 + 1, 0)]), SCAN
    )
    assert [row["size"] for row in rows] == [2**63 - 1, -(2**63), 2**53 + 1, 0]
    assert not any(isinstance(row["size"], float) and math.isnan(row["size"]) for row in rows)
    assert pa.types.is_int64(SCAN.schema.field("size").type)
