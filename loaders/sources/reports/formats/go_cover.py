"""Go's cover profile: blocks of statements, and how often each was executed.

Source: https://pkg.go.dev/golang.org/x/tools/cover
"""

from __future__ import annotations

import re

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.reports.reading.coverage_facts import CoveredFiles, ranges_of
from loaders.sources.reports.reading.report_facts import FileCoverage
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.reading.whole_documents import lines_of

_MODE = re.compile(r"mode: (?:set|count|atomic)")
_BLOCK = re.compile(r"(.+):(\d{1,9})\.\d{1,9},(\d{1,9})\.\d{1,9} (\d{1,9}) (\d{1,18})")
_MOST_BLOCKS = 2_000_000
_MOST_LINES = 20_000_000  # of all blocks

# File → block → whether it was executed.
_Blocks = dict[str, dict[tuple[int, int, int, str], bool]]


def _is_profile(head: Head) -> bool:
    lines = head.lines
    if not lines or not _MODE.fullmatch(lines[0].rstrip()):
        return False
    return len(lines) < 2 or not lines[1].strip() or _BLOCK.match(lines[1]) is not None


def _read(file: ArtifactFile, rows: Rows) -> None:
    blocks: _Blocks = {}
    count = lines = 0
    for number, line in enumerate(lines_of(file), 1):
        # Profiles are often put together, each with its mode.
        if not line.strip() or _MODE.fullmatch(line.rstrip()):
            continue
        match = _BLOCK.fullmatch(line.rstrip())
        if match is None:
            raise Invalid(f"line {number}: not a block of statements")
        path, start, end, statements, hits = match.groups()
        place = line[len(path) : match.end(3)]
        # Tests of several packages may measure the same block.
        of_file = blocks.setdefault(path, {})
        key = (int(start), int(end), int(statements), place)
        count += key not in of_file
        lines += max(int(end) - int(start), 0) if key not in of_file else 0
        if lines > _MOST_LINES:
            raise Invalid(f"blocks of more than {_MOST_LINES} lines")
        if count > _MOST_BLOCKS:
            raise Invalid(f"more than {_MOST_BLOCKS} blocks")
        of_file[key] = of_file.get(key, False) or int(hits) > 0
    files = CoveredFiles(rows)
    for path, of_file in blocks.items():
        files.add(_fact_of(files.path(path, form="package"), of_file))
    files.finish(tool_name="go test")


def _fact_of(path_index: int, blocks: dict[tuple[int, int, int, str], bool]) -> FileCoverage:
    missed: set[int] = set()
    hit: set[int] = set()
    for (start, end, statements, _), is_hit in blocks.items():
        if statements and start <= end:
            (hit if is_hit else missed).update(range(start, end + 1))
    # A line that an executed block shares with another one was executed.
    return FileCoverage(
        path_index,
        sum(statements for _, _, statements, _ in blocks),
        sum(block[2] for block, is_hit in blocks.items() if is_hit),
        line_basis="statements",
        missing_lines=ranges_of(sorted(line for line in missed - hit if line > 0)),
    )


GO_COVER = (Form("go-cover", _is_profile, _read),)
