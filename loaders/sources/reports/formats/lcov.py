"""LCOV's tracefiles, old and new, of any tool.

Source: https://manpages.debian.org/lcov/geninfo.1 (FILES)

A report of 200 MB has 20 million lines: no statement of Python runs for each of them, only searches
in the text of a file's record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.reports.reading.coverage_facts import (
    CoveredFiles,
    PhysicalLines,
    Tally,
    ranges_of,
)
from loaders.sources.reports.reading.lcov_lines import Missed, missed_lines
from loaders.sources.reports.reading.report_facts import FileCoverage
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows

_BLOCK = 4 << 20
_LARGEST_RECORD = 64 << 20
_MOST_FILES = 1_000_000
_Place = tuple[int, int]  # offset and length of a record
_MOST_REPEATED = 10_000_000  # lines of files that have several records

_NAMES = "TN|SF|VER|FN|FNL|FNA|FNDA|FNF|FNH|DA|LF|LH|BRDA|BRF|BRH|BA|MCDC|MCF|MCH|end_of_record"
_LINE = re.compile(rf"(?:{_NAMES})(?::.*)?|#.*|\s*")
_END = b"\nend_of_record"
_FILE = re.compile(rb"\nSF:([^\n]*)")
_MISSED = re.compile(rb"\nDA:([0-9]{1,9}),0(?=[\n,])")
_HITS = re.compile(rb"\nDA:([0-9]{1,9}),(-?[0-9.e+]+)")
_NOT_TAKEN = re.compile(rb"\nBRDA:[^\n]*,(?:0|-)(?=\n)")
_CALLED = re.compile(rb"\nFNDA:[0-9.e+]*[1-9][0-9.e+]*,")
_INDEXES = re.compile(rb"\nFNA:([0-9]+),[0-9.e+]*[1-9][0-9.e+]*,")
_MOST_DIGITS = 15


def _is_lcov(head: Head) -> bool:
    lines = [line for line in head.lines if line.strip() and not line.startswith("#")]
    if not lines or not lines[0].startswith(("TN:", "SF:")):
        return False
    # The last line of the head may be torn; there are 200 at most.
    is_torn = not head.raw.endswith(b"\n") and len(lines) > 2
    known = lines[:-1] if is_torn else lines
    return any(line.startswith("SF:") for line in lines) and all(map(_LINE.fullmatch, known))


def _read(file: ArtifactFile, rows: Rows) -> None:
    files = CoveredFiles(rows)
    physical = PhysicalLines()
    facts: dict[bytes, FileCoverage] = {}
    # The records of each file, as their places in the report: a file may have one per test.
    first: dict[bytes, _Place] = {}
    repeated: dict[bytes, list[_Place]] = {}
    for place, record, missed in _records_of(file.text_stream()):
        name = _file_of(record)
        if name not in first:
            if len(first) >= _MOST_FILES:
                raise Invalid(f"more than {_MOST_FILES} files")
            first[name] = place
            path_index = files.path(_text_of(name))
            facts[name] = _fact_of(record, path_index, missed or _missed_in(record), physical)
        else:
            repeated.setdefault(name, [first[name]]).append(place)
            facts.pop(name, None)
    for fact in facts.values():
        files.add(fact)
    if repeated:
        _merge_all(file.text_stream(), repeated, files)
    files.finish()


def _records_of(stream: BinaryIO) -> Iterator[tuple[_Place, bytes, Missed | None]]:
    """Yield each record, its place, and its lines that were not executed, if they are usual ones.

    A record has a line feed before and after each of its lines.
    """
    before = stream.tell() - 1  # the place of the text
    rest = b"\n"
    while block := stream.read(_BLOCK):
        text = rest + block
        spans, start = [], 0
        while (end := text.find(_END, start)) >= 0:
            spans.append((start, end + 1))
            start = end + len(_END)
        has_returns = b"\r" in text
        starts = [] if has_returns else [begin for begin, _ in spans]
        all_missed = missed_lines(text[:start], starts)
        for number, (begin, end) in enumerate(spans):
            record = text[begin:end]
            missed = None if has_returns or _has_checksums(record) else all_missed[number]
            yield (before + begin, len(record)), record.replace(b"\r", b""), missed
        rest = text[start:]
        before += start
        if len(rest) > _LARGEST_RECORD:
            raise Invalid(f"a record of more than {_LARGEST_RECORD} bytes")
    if _FILE.search(rest):
        raise Invalid("it ends in the middle of a record")


def _has_checksums(record: bytes) -> bool:
    start = record.find(b"\nDA:")
    return start >= 0 and record.count(b",", start, record.find(b"\n", start + 1)) > 1


def _file_of(record: bytes) -> bytes:
    start = record.find(b"\nSF:")
    if start < 0 or record.find(b"\nSF:", start + 1) >= 0:
        raise Invalid(f"a record of {len(_FILE.findall(record))} files")
    return record[start + 4 : record.find(b"\n", start + 1)]


def _merge_all(stream: BinaryIO, repeated: dict[bytes, list[_Place]], files: CoveredFiles) -> None:
    """Add the files with several records, each of which is read again."""
    beginning = stream.tell()
    lines = 0
    for name, places in repeated.items():
        tally = files.tally(_text_of(name))
        for start, length in places:
            # The line feed before the first record is not in the report.
            stream.seek(max(start, beginning))
            record = stream.read(length)
            record = record if start >= beginning else b"\n" + record[:-1]
            lines += record.count(b"\n")
            if lines > _MOST_REPEATED:
                raise Invalid(f"more than {_MOST_REPEATED} lines of files with several records")
            _merge(record.replace(b"\r", b""), tally)


def _fact_of(
    record: bytes, path_index: int, missed_lines: Missed, physical: PhysicalLines
) -> FileCoverage:
    missed, missing_lines = missed_lines
    found, hit = _stated(record, b"\nLF:"), _stated(record, b"\nLH:")
    if found is None or hit is None or hit > found:
        found = record.count(b"\nDA:")
        hit = max(found - missed, 0)
    branches, branches_hit = _branches_of(record)
    functions, functions_hit = _functions_of(record)
    first, last = _ends_of(record)
    return FileCoverage(
        path_index,
        found,
        hit,
        branches,
        branches_hit,
        functions,
        functions_hit,
        physical.basis_of(found, first, last),
        missing_lines,
    )


def _missed_in(record: bytes) -> Missed:
    """Return the lines that were not executed, of a record in any form."""
    numbers = [int(line) for line in _MISSED.findall(record)]
    return len(numbers), ranges_of(sorted(set(numbers)))


def _stated(record: bytes, tag: bytes) -> int | None:
    """Return the count at *tag*; None if there is none that can be one."""
    start = record.rfind(tag)
    if start < 0:
        return None
    text = record[start + len(tag) : record.find(b"\n", start + 1)]
    return int(text) if text.isdigit() and len(text) < _MOST_DIGITS else None


def _branches_of(record: bytes) -> tuple[int | None, int | None]:
    found, hit = _stated(record, b"\nBRF:"), _stated(record, b"\nBRH:")
    if found is not None and hit is not None and hit <= found:
        return found, hit
    count = record.count(b"\nBRDA:")
    return (count, count - len(_NOT_TAKEN.findall(record))) if count else (None, None)


def _functions_of(record: bytes) -> tuple[int | None, int | None]:
    found, hit = _stated(record, b"\nFNF:"), _stated(record, b"\nFNH:")
    if found is not None and hit is not None and hit <= found:
        return found, hit
    count = record.count(b"\nFN:") + record.count(b"\nFNL:")
    called = len(_CALLED.findall(record)) + len(set(_INDEXES.findall(record)))
    return (count, min(called, count)) if count else (None, None)


def _ends_of(record: bytes) -> tuple[int, int]:
    """Return the numbers of the first and the last line of a record."""
    begin = record.find(b"\nDA:")
    if begin < 0:
        return 0, 0
    ends = (_HITS.match(record, begin), _HITS.match(record, record.rfind(b"\nDA:")))
    first, last = (0 if match is None else int(match[1]) for match in ends)
    return first, last


def _merge(record: bytes, tally: Tally) -> None:
    """Add a record of a file that has others."""
    for line, hits in _HITS.findall(record):
        tally.add_line(int(line), is_hit=hits.strip(b"0.") != b"" and not hits.startswith(b"-"))
    for (found, hit), keep in (
        (_branches_of(record), tally.keep_branches),
        (_functions_of(record), tally.keep_functions),
    ):
        if found is not None:
            keep(found, hit or 0)


def _text_of(name: bytes) -> str:
    return name.strip().decode("utf-8", "replace")


LCOV = (Form("lcov", _is_lcov, _read),)
