"""Our calls beside those of scip-python and scip-typescript, which ask a type checker.

By hand, with a package registry and Node; installs both indexers in a temporary folder, and prints
for each repository how many of its calls both resolve, and where they differ:

    python tests/drills/calls_against_scip.py ~/code/click ~/code/redux

A repository is cloned first: the indexers run tools on what they index. A call is compared if the
index has a name at its line that ends as the callee does. Both agree if our symbol is in the file
and around the line of a definition of theirs; a class and its constructor are one definition.

- right: of our calls with confidence 0.8 or more that the index resolves into the repository, those
  that agree (limit: 95 %)
- found: of the calls that the index resolves to a function, method or type of the repository, those
  that we resolve to the same one (limit: 70 %)
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import on_path  # noqa: F401

# isort: split

import duckdb
from scip_index import Index, Place, kind_of, name_of, owner_of, read_index

_CLONE = Path(__file__).resolve().parents[2]
_INDEXERS = ("@sourcegraph/scip-python", "@sourcegraph/scip-typescript")
_SURE, _MOST_WRONG, _LEAST_FOUND = 0.8, 0.05, 0.7
_CONSTRUCTORS = {"__init__", "__new__", "<constructor>", "constructor"}
_LINES_OF_A_CALL = 6
_CALLED = re.compile(r"\s*(?:\(|<[^=]|\?\.\(|!\()")
_LANGUAGES = {"python": ("Python",), "typescript": ("JavaScript", "TypeScript", "TSX")}
_CALLS = """
    select
        calls.file_path, calls.line, calls.callee, calls.resolved_via, calls.confidence_ratio,
        symbols.file_path, symbols.qualified_name, symbols.name, definitions.places,
    from code_calls as calls
    left join code_symbols as symbols using (symbol_id)
    left join (
        select file_id, qualified_name, list([start_line, end_line]) as places
        from code_symbols
        group by all
    ) as definitions
        on definitions.file_id = symbols.file_id
        and definitions.qualified_name = symbols.qualified_name
    where
        list_contains($1, calls.language)
        and calls.project_id in (select project_id from projects where project_name = $2)
    order by calls.file_path, calls.call_index
"""


@dataclass(frozen=True)
class Call:
    """A call as we resolve it."""

    path: str
    line: int
    callee: str
    via: str | None
    confidence: float | None
    symbol_path: str | None
    symbol: str | None
    name: str | None
    # first and last lines of all its definitions: a name that is overloaded has several
    places: list[tuple[int, int]] | None

    @property
    def last_name(self) -> str:
        found = re.search(r"[\w$#]+$", self.callee)
        return found[0] if found else ""


@dataclass
class Tally:
    """The calls of a repository, by what became of them."""

    counts: Counter[str] = field(default_factory=Counter)
    samples: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def note(self, what: str, sample: str = "") -> None:
        self.counts[what] += 1
        self.samples[what].append(sample)


def compared(calls: list[Call], index: Index) -> Tally:
    """Return how our *calls* compare with the *index*."""
    tally, seen = Tally(), Counter[tuple[str, int, str]]()
    for call in calls:
        key = (call.path, call.line, call.last_name)
        theirs = _their_symbol(call, index, seen[key])
        seen[key] += 1
        ours = f"{call.symbol_path} {call.symbol} ({call.via})"
        at = f"{call.path}:{call.line} {call.callee}"
        if theirs is None:
            tally.note("not in the index", f"{at} → {ours}")
            continue
        definitions = _definitions(theirs, index)
        if not definitions:
            tally.note("resolved elsewhere by the index", f"{at} → {theirs}")
            if call.symbol and (call.confidence or 0) >= _SURE:
                tally.note("sure, but elsewhere", f"{at} → {ours}, theirs {theirs}")
            continue
        agrees = any(_is_at(call, place, theirs) for place in definitions)
        first = definitions[0]
        sample = f"{at} → {ours}, theirs {first.path}:{first.line} {theirs[-60:]}"
        is_sure = call.symbol is not None and (call.confidence or 0) >= _SURE
        if is_sure:
            tally.note("sure and right" if agrees else "sure and wrong", sample)
        if kind_of(theirs) != "value" or agrees:
            tally.note("theirs")
            tally.note("found" if agrees else "missed" if call.symbol is None else "other", sample)
            tally.note(f"theirs by {call.via or 'nothing'}")
    return tally


def _their_symbol(call: Call, index: Index, number: int) -> str | None:
    """Return the symbol of the name at the end of the callee, the *number*-th of its line."""
    for line in range(call.line, call.line + _LINES_OF_A_CALL):
        names = index.references.get((call.path, line), [])
        found = [
            (place, symbol)
            for place, symbol in sorted(names, key=lambda one: one[0].start)
            if index.text_of(place) == call.last_name
        ]
        called = [one for one in found if _CALLED.match(index.text_after(one[0]))]
        if found := called or found:
            return found[min(number, len(found) - 1)][1]
    return None


def _definitions(symbol: str, index: Index) -> list[Place]:
    found = index.definitions.get(symbol, [])
    if not found and name_of(symbol) in _CONSTRUCTORS:
        return index.definitions.get(owner_of(symbol), [])
    return found


def _is_at(call: Call, place: Place, theirs: str) -> bool:
    """Say whether our symbol is what is defined at *place*."""
    around = [(first, last) for first, last in call.places or [] if first <= place.line <= last]
    if call.symbol_path != place.path or not around:
        return False
    names = {name_of(theirs), name_of(owner_of(theirs))} if _is_constructor(theirs) else set()
    is_named = call.name in names or call.name == name_of(theirs) or theirs.startswith("local ")
    return is_named or any(first == place.line for first, _last in around)


def _is_constructor(symbol: str) -> bool:
    return name_of(symbol) in _CONSTRUCTORS


def index_of(repository: Path, language: str, tools: Path, work: Path) -> Index:
    """Run an indexer on *repository*."""
    output = work / f"{language}.scip"
    if language == "python":
        environment = work / "environment.json"
        environment.write_text("[]", encoding="utf-8")
        program = ["scip-python", "index", ".", "--project-name", "it", "--project-version", "1"]
        program += ["--environment", str(environment), "--output", str(output)]
    else:
        program = ["scip-typescript", "index", "--infer-tsconfig", "--output", str(output)]
    with (work / "indexer.log").open("w") as log:
        subprocess.run(
            [str(tools / "node_modules/.bin" / program[0]), *program[1:]],
            cwd=repository,
            stdout=log,
            stderr=log,
            check=True,
        )
    return read_index(output, repository)


def refresh(folder: Path, work: Path) -> Path:
    """Refresh the repositories in *folder* into a landing zone of their own; return the file."""
    published = work / "meta.duckdb"
    places = {"META_LANDING_DIR": f"{work}/landing", "META_DB_PATH": str(published)}
    subprocess.run(
        [sys.executable, "-m", "enrich", "refresh-meta", str(folder)],
        cwd=_CLONE,
        env=os.environ | places | {"META_UNIT_TESTS": "off"},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return published


def our_calls(published: Path, repository: str, language: str) -> list[Call]:
    """Return the calls of a *repository* by its name."""
    with duckdb.connect(str(published), read_only=True) as db:
        rows: list[Any] = db.execute(_CALLS, [[*_LANGUAGES[language]], repository]).fetchall()
    return [Call(*row) for row in rows]


def report(name: str, tally: Tally, samples: int) -> bool:
    """Print what became of the calls; say whether the limits are kept."""
    counts = tally.counts
    sure = counts["sure and right"] + counts["sure and wrong"]
    right = counts["sure and right"] / max(sure, 1)
    found = counts["found"] / max(counts["theirs"], 1)
    print(f"{name}: right {right:.1%} of {sure:,} sure, found {found:.1%} of {counts['theirs']:,}")
    print("   ", json.dumps(dict(counts.most_common())))
    for kind in ("sure and wrong", "missed", "other", "sure, but elsewhere"):
        for sample in tally.samples[kind][:: max(len(tally.samples[kind]) // samples, 1)][:samples]:
            print(f"    {kind}: {sample}")
    return right >= 1 - _MOST_WRONG and found >= _LEAST_FOUND


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--language", choices=[*_LANGUAGES], default="python")
    parser.add_argument("--tools", type=Path, help="A folder in which the indexers are installed.")
    parser.add_argument("--samples", type=int, default=5, help="Of each class of difference.")
    given = parser.parse_args()
    is_good = True
    with tempfile.TemporaryDirectory(prefix="scip-") as name:
        tools = given.tools or Path(name) / "tools"
        if not given.tools:
            tools.mkdir()
            subprocess.run(["npm", "install", "--no-audit", *_INDEXERS], cwd=tools, check=True)
        work, code = Path(name), Path(name) / "code"
        for repository in given.repositories:
            clone = code / repository.name
            subprocess.run(["git", "clone", "-q", str(repository), str(clone)], check=True)
            if given.language == "python":
                # As if its packages were installed.
                paths = json.dumps({"extraPaths": ["src"]})
                (clone / "pyrightconfig.json").write_text(paths, encoding="utf-8")
        published = refresh(code, work)
        for repository in given.repositories:
            index = index_of(code / repository.name, given.language, tools, work)
            calls = our_calls(published, repository.name, given.language)
            is_good &= report(repository.name, compared(calls, index), given.samples)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
