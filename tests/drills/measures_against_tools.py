"""Compares the measures of code with those of the field's own tools, on real packages.

By hand, with a package registry, over a folder of packages of any languages:

    python tests/drills/measures_against_tools.py FOLDER [--home TOOLS] [--language PHP]

It installs lizard, radon, complexipy, pygount and cloc (in the folder TOOLS, if it is named and
does not have them). Per language it prints which share of functions has lizard's name and lines,
and lizard's complexity, and which share of files has the lines of cloc (without perl or npm: of
pygount); for Python also the measures of radon and complexipy. Every class of difference is
counted and has its first example. Nothing is rounded: two measures are equal, or not; those of
radon that are not whole numbers count as equal within 1 %.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import on_path  # noqa: F401

# isort: split

from field_tools import FieldTools, Measured

from loaders.sources.code.extract import extract
from loaders.sources.contents.parsed import Parsed

# The language of each ending, as the crawl has it.
ENDINGS = {
    ending: language
    for language, endings in {
        "Python": "py",
        "JavaScript": "js jsx mjs cjs",
        "TypeScript": "ts tsx mts cts",
        "Go": "go",
        "Rust": "rs",
        "Java": "java",
        "C": "c h",
        "C++": "cpp cc cxx hpp hh",
        "C#": "cs",
        "PHP": "php",
        "Ruby": "rb",
        "Shell": "sh bash",
    }.items()
    for ending in endings.split()
}
_FUNCTIONS = ("function", "method")
_LONGEST = 1 << 20  # larger files are not parsed
# What a tool that reads tokens takes for the name of a function.
_KEYWORDS = frozenset("if for foreach while switch catch using lock return new else do".split())
_ANONYMOUS = re.compile(r"^\(?anonymous\)?(?:__\d+)?$")
_TYPE_PARAMETERS = re.compile(r"(?<=\w)<.*")
# An `end` whose beginning lizard does not see: of a `case`, of a value, of a call.
_MORE_ENDS = re.compile(r"\bcase\b|[=(,]\s*(?:if|unless|while|begin)\b|\.end\b")


class Comparison:
    """Counts of what is equal, and of every class of difference, with its first example."""

    def __init__(self, of: str) -> None:
        self.of = of
        self.compared = self.equal = self.ours_alone = 0
        self.classes: Counter[str] = Counter()
        self.examples: dict[str, str] = {}

    def add(self, difference: str | None, example: str) -> None:
        self.compared += 1
        self.equal += difference is None
        if difference is not None:
            self.classes[difference] += 1
            self.examples.setdefault(difference, example)

    def add_alone(self, difference: str, example: str) -> None:
        """Add what only the product has."""
        self.ours_alone += 1
        self.classes[difference] += 1
        self.examples.setdefault(difference, example)

    def rows(self, most: int) -> Iterator[str]:
        share = f"{100 * self.equal / self.compared:.3f} %" if self.compared else "-"
        alone = f"; {self.ours_alone} more that only the product has" if self.ours_alone else ""
        yield f"  {self.of}: {self.equal} of {self.compared} equal, {share}{alone}"
        for name, count in self.classes.most_common(most):
            yield f"    {count:6} {name}  e.g. {self.examples[name]}"


def of_product(task: tuple[Path, str]) -> tuple[Path, Measured, Measured, str]:
    """The product's measures of a file: with cyclomatic, and with cognitive complexity."""
    path, language = task
    code = extract(Parsed(path.read_bytes(), language, path.suffix[1:].lower()))
    lines = (code.code_lines, code.comment_lines, code.blank_lines)
    volume = None
    if code.halstead is not None:
        counts = code.halstead
        vocabulary = counts.distinct_operators + counts.distinct_operands
        length = counts.operators + counts.operands
        volume = length * math.log2(vocabulary) if vocabulary else 0.0
    functions = [one for one in code.symbols if one.kind in _FUNCTIONS]
    cyclomatic, cognitive = (
        Measured(
            [
                (plain(one.name, language), one.start_line, one.end_line, getattr(one, measure))
                for one in functions
            ],
            lines if None not in lines else None,  # type: ignore[arg-type]
            volume,
            code.maintainability_index,
        )
        for measure in ("cyclomatic", "cognitive")
    )
    return path, cyclomatic, cognitive, code.parse_state


def plain(name: str, language: str) -> str:
    """Return a name without owner, type parameters, quotes and blanks: tools differ in them."""
    name = name.replace("operator", "")
    if language in ("C++", "C#", "Rust", "Java", "TypeScript"):
        name = _TYPE_PARAMETERS.sub("", name)
    if not name.startswith(("'", '"')):
        name = name.rpartition("::")[2]
        name = name.rpartition(".")[2] or name
    if language == "Ruby":
        # Lizard leaves out the sign of a method that sets.
        name = name.removesuffix("=")
    name = _ANONYMOUS.sub("(anonymous)", name)
    return re.sub(r"[\s\"']", "", name)


def compare_functions(
    language: str,
    ours: dict[Path, Measured],
    theirs: dict[Path, Measured],
    with_ends: bool = True,
) -> tuple[Comparison, Comparison]:
    """Compare names and lines of all functions of either side; complexity of those in both."""
    found, complexity = Comparison("names and lines"), Comparison("complexity")
    for path, other in theirs.items():
        if other.error is not None:
            found.add(f"the tool failed: {other.error[:60]}", str(path))
            continue
        left: dict[tuple[str, int], list[tuple[int, int | None]]] = defaultdict(list)
        for name, start, end, value in ours[path].functions:
            left[name, start].append((end, value))
        alone = []
        for written, start, end, value in other.functions:
            name = plain(written, language)
            same = left.get((name, start))
            if not same:
                alone.append((name, start, end))
                continue
            same.sort(key=lambda one: (abs(one[0] - end), abs((one[1] or 0) - value)))
            our_end, our_value = same.pop(0)
            where = f"{path}:{start} {name}"
            differs = with_ends and our_end != end
            found.add(
                _cause_of_end(language, path, start, our_end) if differs else None,
                f"{where}: ours {our_end}, theirs {end}",
            )
            if our_value is None:
                continue
            apart = our_value - value
            complexity.add(
                f"ours {apart:+d}" if apart else None, f"{where}: ours {our_value}, theirs {value}"
            )
        ours_alone = [
            (name, start, end)
            for (name, start), rest in left.items()
            for end, value in rest
            if value is not None
        ]
        _add_apart(found, path, alone, ours_alone, len(other.functions))
    return found, complexity


def _cause_of_end(language: str, path: Path, start: int, end: int) -> str:
    """Say why the last lines differ."""
    if language == "Ruby":
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()[start - 1 : end]
        if _MORE_ENDS.search("\n".join(lines)):
            return "last line: the tool ends a method at the `end` of a `case` or of a value"
    return "last line"


def _add_apart(
    found: Comparison,
    path: Path,
    theirs: list[tuple[str, int, int]],
    ours: list[tuple[str, int, int]],
    tool_count: int,
) -> None:
    """Name the kind of each function that only one side has at its line with its name."""
    lost = len(ours) > max(tool_count, 4)
    for name, start, end in theirs:
        by_name = next((one for one in ours if one[0] == name and one[2] == end), None)
        by_line = next((one for one in ours if one[1] == start), None)
        near = by_name or by_line
        if near is not None:
            ours.remove(near)
            kind = "first line" if near is by_name else "name"
            example = f"{start} {name} to {end}, ours {near[1]} {near[0]} to {near[2]}"
        else:
            kind = "only the tool has it"
            kind += ": a keyword" if name in _KEYWORDS else ""
            example = f"{start} {name} to {end}"
        found.add(kind, f"{path}:{example}")
    for name, start, end in ours:
        kind = "only the product has it"
        kind += ": the tool lost its place in the file" if lost else ""
        found.add_alone(kind, f"{path}:{start} {name} to {end}")


def compare_lines(ours: dict[Path, Measured], theirs: dict[Path, Measured], of: str) -> Comparison:
    found = Comparison(f"lines of {of}")
    for path, other in theirs.items():
        mine = ours[path].lines
        if other.lines is None or mine is None:
            found.add(f"the tool failed: {other.error}" if mine else "not counted", str(path))
            continue
        apart = [
            f"{name} {mine[place] - other.lines[place]:+d}"
            for place, name in enumerate(("code", "comment", "blank"))
            if mine[place] != other.lines[place]
        ]
        found.add(", ".join(apart) or None, str(path))
    return found


def compare_numbers(
    ours: dict[Path, Measured], theirs: dict[Path, Measured], name: str
) -> Comparison:
    found = Comparison(f"{name} of radon, within 1 %")
    for path, other in theirs.items():
        mine, right = getattr(ours[path], name), getattr(other, name)
        if other.error is not None:
            found.add(f"the tool failed: {other.error[:60]}", str(path))
        elif mine is None:
            found.add("the product has none", str(path))
        else:
            is_equal = abs(mine - right) <= abs(right) / 100
            found.add(None if is_equal else "apart", f"{path}: ours {mine}, theirs {right}")
    return found


def files_of(folder: Path) -> dict[str, list[Path]]:
    """Return the files of each language, without those that are too large for a parser."""
    found: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(folder.rglob("*")):
        language = ENDINGS.get(path.suffix[1:].lower())
        is_file = language and path.is_file() and not path.is_symlink()
        if is_file and path.stat().st_size <= _LONGEST:
            found[language].append(path)
    return found


def compare(language: str, paths: list[Path], tools: FieldTools) -> Iterable[Comparison]:
    started = time.monotonic()
    ours: dict[Path, Measured] = {}
    cognitive: dict[Path, Measured] = {}
    states: Counter[str] = Counter()
    with ProcessPoolExecutor(2) as pool:
        for path, first, second, state in pool.map(
            of_product, [(path, language) for path in paths], chunksize=20
        ):
            ours[path], cognitive[path] = first, second
            states[state] += 1
    functions = sum(len(one.functions) for one in ours.values())
    seconds = time.monotonic() - started
    print(
        f"\n{language}: {len(paths)} files, {functions} functions, {seconds:.1f} s,", dict(states)
    )
    if language != "Shell":
        for found in compare_functions(language, ours, tools.measure("lizard", paths)):
            found.of += " of lizard"
            yield found
    if language == "Python":
        radon = tools.measure("radon", paths)
        found = compare_functions(language, ours, radon, with_ends=False)[1]
        found.of = "cyclomatic complexity of radon"
        yield found
        yield compare_numbers(ours, radon, "volume")
        yield compare_numbers(ours, radon, "index")
        found = compare_functions(
            language, cognitive, tools.measure("complexipy", paths), with_ends=False
        )[1]
        found.of = "cognitive complexity of complexipy"
        yield found
    if tools.has_cloc:
        yield compare_lines(ours, tools.count_lines(paths), "cloc")
    else:
        # It takes lines of nothing but brackets for blank ones.
        yield compare_lines(ours, tools.measure("pygount", paths), "pygount")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--home", type=Path, help="folder of the tools, kept for the next time")
    parser.add_argument("--language", action="append", help="only this one; can be repeated")
    parser.add_argument("--classes", type=int, default=12, help="classes of difference to print")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        tools = FieldTools(arguments.home or Path(scratch))
        print(tools.versions())
        for language, paths in files_of(arguments.folder).items():
            if not arguments.language or language in arguments.language:
                for found in compare(language, paths, tools):
                    print("\n".join(found.rows(arguments.classes)), flush=True)


if __name__ == "__main__":
    sys.exit(main())
