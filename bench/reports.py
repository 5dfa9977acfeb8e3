"""The sections about reports of other tools: landing large ones, beside plain readers of the same
files, and a folder of reports of which none has changed.

The files are generated from a seed, in the shapes of real ones.
"""

from __future__ import annotations

import json
import random
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.comparing import Section, Side
from bench.measuring import measure
from bench.trees import Home, Tree
from loaders.base.paths import PROJECT_ROOT
from loaders.sources.reports.known_formats import BY_NAME

_LAND = str(PROJECT_ROOT / "loaders" / "land.py")
_MEGABYTE = 1 << 20
_SEED = 20
_RULES, _FILES = 500, 4_000
_UNCHANGED = 1_000
_WORDS = "the value of a name that is not used here may be an error in most calls".split()

_LOAD = "import json, sys; json.load(open(sys.argv[1], encoding='utf-8'))"
_READ_LINES = """
import sys
with open(sys.argv[1], encoding="utf-8") as file:
    for line in file:
        line.rstrip().partition(":")
"""
_ITERATE = """
import sys
from xml.etree.ElementTree import iterparse
for _, element in iterparse(sys.argv[1]):
    if element.tag == "testcase":
        element.clear()
"""


@dataclass(frozen=True)
class Kind:
    """A format, a file of it, and the plain reader beside which it lands."""

    form: str
    megabytes: int
    pieces: Callable[[random.Random], Iterator[str]]
    end: str
    yardstick: str
    program: str


def reports(tree: Tree) -> Iterator[Section]:
    """Land a large report of each kind, then a folder of small ones again."""
    for kind in KINDS:
        if kind.form in BY_NAME:
            yield _large(tree, kind)
    yield _unchanged(tree)


def _large(tree: Tree, kind: Kind) -> Section:
    report = tree.scratch / "reports" / f"large.{kind.form}"
    fresh = Home(tree.scratch / f"landed-{kind.form}")

    def land() -> list[str | bytes]:
        shutil.rmtree(fresh.folder, ignore_errors=True)
        return [sys.executable, _LAND, "reports", "--json", str(report)]

    def prepare() -> None:
        if not report.exists():
            write_report(report, kind.pieces(random.Random(_SEED)), kind.end, kind.megabytes)

    return Section(
        f"report, {kind.form}",
        Side("land.py reports", land, fresh.environment),
        Side(
            kind.yardstick,
            lambda: [sys.executable, "-c", kind.program, str(report)],
            fresh.environment,
        ),
        {"megabytes": kind.megabytes},
        is_of_tree=False,
        before=prepare,
        limits={"wall": 2.0},
    )


def _unchanged(tree: Tree) -> Section:
    folder = tree.scratch / "reports" / "many"
    home = Home(tree.scratch / "landed-many")
    land: list[str | bytes] = [sys.executable, _LAND, "reports", "--json", str(folder)]

    def prepare() -> None:
        if not folder.exists():
            for number in range(_UNCHANGED):
                pieces = _sarif(random.Random(number))
                write_report(folder / f"{number}.sarif", pieces, _END_OF_SARIF, 0)
            measure(land, home.environment)

    return Section(
        "reports, none changed",
        Side("land.py reports", lambda: land, home.environment),
        amounts={"reports": _UNCHANGED},
        is_of_tree=False,
        before=prepare,
    )


def write_report(target: Path, pieces: Iterator[str], end: str, megabytes: int) -> None:
    """Write *pieces* to *target* until it has that many megabytes, two pieces at least."""
    target.parent.mkdir(parents=True, exist_ok=True)
    size = 0
    with open(target, "w", encoding="utf-8", newline="\n") as file:
        for number, piece in enumerate(pieces):
            size += file.write(piece)
            if number and size >= megabytes * _MEGABYTE:
                break
        file.write(end)


def _sentence(chance: random.Random) -> str:
    return " ".join(chance.choices(_WORDS, k=chance.randrange(8, 25)))


def _paths(chance: random.Random) -> list[str]:
    return [f"src/part_{chance.randrange(40)}/module_{number}.py" for number in range(_FILES)]


_END_OF_SARIF = "]}]}\n"


def _sarif(chance: random.Random) -> Iterator[str]:
    rules = [
        {"id": f"R{number:04}", "shortDescription": {"text": _sentence(chance)}}
        for number in range(_RULES)
    ]
    driver = json.dumps({"name": "generated", "version": "1.0", "rules": rules})
    yield f'{{"version": "2.1.0", "runs": [{{"tool": {{"driver": {driver}}}, "results": [\n'
    paths, mark = _paths(chance), ""
    while True:
        rule, line = chance.randrange(_RULES), chance.randrange(1, 3_000)
        region = {
            "startLine": line,
            "startColumn": 5,
            "endColumn": 40,
            "snippet": {"text": f"    {_sentence(chance)}"},
        }
        file = {"uri": chance.choice(paths), "uriBaseId": "%SRCROOT%"}
        result = {
            "ruleId": f"R{rule:04}",
            "ruleIndex": rule,
            "level": chance.choice(["error", "warning", "note"]),
            "message": {"text": _sentence(chance)},
            "locations": [{"physicalLocation": {"artifactLocation": file, "region": region}}],
            "partialFingerprints": {"line/v1": f"{chance.getrandbits(128):032x}"},
        }
        yield mark + json.dumps(result)
        mark = ",\n"


def _lcov(chance: random.Random) -> Iterator[str]:
    number = 0
    while True:
        number += 1
        count = chance.randrange(20, 400)
        lines = "".join(f"DA:{line},{chance.randrange(3)}\n" for line in range(1, count))
        yield f"TN:\nSF:src/part/module_{number}.py\n{lines}LF:{count - 1}\nLH:0\nend_of_record\n"


def _junit(chance: random.Random) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="utf-8"?>\n<testsuites><testsuite name="generated">\n'
    while True:
        opened = (
            f'<testcase classname="tests.test_{chance.randrange(_FILES)}"'
            f' name="test_{chance.getrandbits(32)}" time="{chance.random():.3f}"'
        )
        failed = f'<failure message="{_sentence(chance)}">{_sentence(chance)}</failure>'
        has_failed = chance.randrange(20) == 0
        yield f"{opened}>{failed}</testcase>\n" if has_failed else f"{opened} />\n"


KINDS = (
    Kind("sarif", 300, _sarif, _END_OF_SARIF, "json.load", _LOAD),
    Kind("lcov", 200, _lcov, "", "line reader", _READ_LINES),
    Kind("junit", 200, _junit, "</testsuite></testsuites>\n", "iterparse", _ITERATE),
)
