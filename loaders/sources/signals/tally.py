"""Count signals of one file while its code is passed once."""

from __future__ import annotations

from collections.abc import Iterable

from loaders.sources.signals import words

# What was met under a name: how often, and in which line first.
Met = list[int]
# A signal, its count and the first line that shows it.
Signal = tuple[str, int, int]
# Where names stand. A word counts once for each place it stands in.
PLACES = ("function", "class", "base", "parameter", "name", "imported", "decorator", "key")


class Tally:
    """Takes names where they stand, and makes signals of them at the end.

    A name is looked up once per file, however often it was met: most of the work is a dictionary's.
    """

    def __init__(self) -> None:
        self.shapes: dict[str, Met] = {}
        self.names: dict[str, dict[str, Met]] = {place: {} for place in PLACES}
        self.calls: dict[str, Met] = {}
        self.modules: dict[str, Met] = {}
        self.prose: dict[str, dict[str, Met]] = {"doc": {}, "first doc": {}, "text": {}}

    def shape(self, name: str, line: int, count: int = 1) -> None:
        """Count a shape of the code, such as a loop or a function that yields."""
        met = self.shapes.get(name)
        if met is None:
            self.shapes[name] = [count, line]
        else:
            met[0] += count

    def name(self, place: str, name: str, line: int) -> None:
        """Count an identifier at a place."""
        _count(self.names[place], name, line)

    def call(self, name: str, line: int) -> None:
        """Count a call by its dotted name."""
        _count(self.calls, name, line)

    def module(self, name: str, line: int) -> None:
        """Count an imported module."""
        _count(self.modules, name, line)

    def say(self, place: str, found: Iterable[str], line: int) -> None:
        """Count words of prose: of a docstring, a comment, a message."""
        said = self.prose[place]
        for word in found:
            _count(said, word.lower(), line)

    def signals(self, aliases: dict[str, str] | None = None) -> list[Signal]:
        """Return all signals, sorted; *aliases* says which module a name at the head of a call stands for."""
        found = {f"shape: {name}": met for name, met in self.shapes.items()}
        for place, met_names in self.names.items():
            _add_names(found, place, met_names)
        for name, met in self.calls.items():
            _add_call(found, name, met, aliases or {})
        for name, met in self.modules.items():
            _add(found, "import", words.purpose(name), met)
        for place, said in self.prose.items():
            for word, met in said.items():
                _add(found, place, words.family(word), met)
        return sorted((signal, count, line) for signal, (count, line) in found.items())


def _count(met: dict[str, Met], name: str, line: int) -> None:
    entry = met.get(name)
    if entry is None:
        met[name] = [1, line]
    else:
        entry[0] += 1


def _add(found: dict[str, Met], place: str, what: str | None, met: Met) -> None:
    if what is None:
        return
    signal = f"{place}: {what}"
    entry = found.get(signal)
    if entry is None:
        found[signal] = met[:]
    else:
        entry[0] += met[0]
        if met[1] < entry[1]:
            entry[1] = met[1]


def _add_names(found: dict[str, Met], place: str, met_names: dict[str, Met]) -> None:
    """Count each word of each name; the first word of a function and the last of a class also as such."""
    for name, met in met_names.items():
        parts = words.families(name)
        if not parts:
            continue
        if place == "function":
            _add(found, "function verb", parts[0], met)
        elif place in ("class", "base"):
            _add(found, f"{place} kind", parts[-1], met)
        for part in {*parts}:
            _add(found, place, part, met)


def _add_call(found: dict[str, Met], name: str, met: Met, aliases: dict[str, str]) -> None:
    _add(found, "call", words.deed(name), met)
    head, _, rest = name.partition(".")
    if head in aliases:
        _add(found, "use", words.purpose(aliases[head]), met)
    last = name.rpartition(".")[2]
    for part in {*words.families(last)}:
        _add(found, "called", part, met)
    if rest and head != "self":
        for part in {*words.families(head)}:
            _add(found, "called on", part, met)
