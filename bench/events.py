"""The section about CodeGraphX: landing events.jsonl, beside Python's json reading it line by line.

The file is generated: the requested number of events, in the shapes and proportions of a real one
(half of them edges, most nodes repeated symbols).
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.comparing import Section, Side
from bench.trees import Home, Tree
from loaders.base.paths import PROJECT_ROOT

_READ = """
import json, sys
with open(sys.argv[1], encoding="utf-8") as file:
    for line in file:
        json.loads(line)
"""
_CALLS_OF_FUNCTION = 6
_FUNCTIONS_OF_FILE = 12
_FILES_OF_PROJECT = 200
_SYMBOLS = 997


def landed_events(tree: Tree) -> Section:
    """Land a file of events, beside parsing each of its lines by Python's json."""
    artifact = tree.scratch / "artifacts" / "events.jsonl"
    fresh = Home(tree.scratch / "events")

    def land() -> list[str | bytes]:
        shutil.rmtree(fresh.folder, ignore_errors=True)
        command = PROJECT_ROOT / "loaders" / "land.py"
        return [sys.executable, str(command), "codegraphx", "--json", str(artifact)]

    def read() -> list[str | bytes]:
        # Before anything is measured: the yardstick goes first.
        if not artifact.exists():
            write_events(artifact, tree.events)
        return [sys.executable, "-c", _READ, str(artifact)]

    return Section(
        "events of CodeGraphX",
        Side("land.py codegraphx", land, fresh.environment),
        Side("json.loads", read, fresh.environment),
        {"events": tree.events},
        is_of_tree=False,
    )


def write_events(target: Path, count: int) -> None:
    """Write *count* events to *target*, one a line."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(target, "w", encoding="utf-8", newline="\n") as file:
        file.writelines(line for _, line in zip(range(count), _lines(), strict=False))


def _lines() -> Iterator[str]:
    file_number = 0
    while True:
        project = f"project_{file_number // _FILES_OF_PROJECT}"
        rel_path = f"src/package_{file_number % 17}/module_{file_number}.py"
        yield from _lines_of_file(project, rel_path, file_number)
        file_number += 1


def _lines_of_file(project: str, rel_path: str, number: int) -> Iterator[str]:
    uid = f"{project}:{rel_path}"
    yield (
        f'{{"kind": "node", "label": "Project", "uid": "{project}",'
        f' "props": {{"name": "{project}"}}}}\n'
    )
    yield (
        f'{{"kind": "node", "label": "File", "uid": "{uid}",'
        f' "props": {{"uid": "{uid}", "project": "{project}",'
        f' "path": "/srv/projects/{project}/{rel_path}", "rel_path": "{rel_path}",'
        ' "language": "python",'
        f' "line_count": {number % 900}}}}}\n'
    )
    yield _edge("CONTAINS", "Project", project, "File", uid)
    for place in range(_FUNCTIONS_OF_FILE):
        name, line = f"function_{place}", 10 * place + 1
        function = f"{uid}:{name}:{line}"
        yield (
            f'{{"kind": "node", "label": "Function", "uid": "{function}",'
            f' "props": {{"uid": "{function}",'
            f' "name": "{name}", "line": {line}, "project": "{project}", "file_uid": "{uid}",'
            f' "signature_hash": "{number * _FUNCTIONS_OF_FILE + place:064x}"}}}}\n'
        )
        yield _edge("DEFINES", "File", uid, "Function", function)
        for call in range(_CALLS_OF_FUNCTION):
            yield from _call(function, f"symbol_{(number * 31 + place * 7 + call) % _SYMBOLS}")


def _call(function: str, name: str) -> Iterator[str]:
    symbol = f"symbol:{name}"
    yield (
        f'{{"kind": "node", "label": "Symbol", "uid": "{symbol}",'
        f' "props": {{"uid": "{symbol}", "name": "{name}"}}}}\n'
    )
    yield _edge("CALLS", "Function", function, "Symbol", symbol)


def _edge(kind: str, src_label: str, src: str, dst_label: str, dst: str) -> str:
    return (
        f'{{"kind": "edge", "type": "{kind}", "src_label": "{src_label}", "src_uid": "{src}",'
        f' "dst_label": "{dst_label}", "dst_uid": "{dst}", "props": {{}}}}\n'
    )
