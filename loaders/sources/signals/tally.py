"""Count the signals of one file in a single pass over its code."""

from __future__ import annotations

from collections.abc import Iterable

from loaders.sources.signals import words

# [count, first line]; a list, because the count changes in place.
Count = list[int]
# (signal, count, first line)
Signal = tuple[str, int, int]
# The syntactic places of names. A word counts separately for each place.
PLACES = ("function", "class", "base", "parameter", "name", "imported", "decorator", "key")


class Tally:
    """Counts names by place, and converts them to signals at the end.

    For speed, each name is looked up in the seeds once per file, not once per occurrence.
    """

    def __init__(self) -> None:
        self.shapes: dict[str, Count] = {}
        self.names: dict[str, dict[str, Count]] = {place: {} for place in PLACES}
        self.calls: dict[str, Count] = {}
        self.modules: dict[str, Count] = {}
        self.prose: dict[str, dict[str, Count]] = {"doc": {}, "first doc": {}, "text": {}}

    def shape(self, name: str, line: int, count: int = 1) -> None:
        """Count a shape of the code, such as a loop or a function that yields."""
        _count(self.shapes, name, line, count)

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
        counts = self.prose[place]
        for word in found:
            _count(counts, word.lower(), line)

    def signals(self, aliases: dict[str, str] | None = None) -> list[Signal]:
        """Return all signals, sorted; *aliases* maps imported names to their modules."""
        found = {f"shape: {name}": count for name, count in self.shapes.items()}
        for place, names in self.names.items():
            _add_names(found, place, names)
        for name, count in self.calls.items():
            _add_call(found, name, count, aliases or {})
        for name, count in self.modules.items():
            _add(found, "import", words.purpose(name), count)
        for place, counts in self.prose.items():
            for word, count in counts.items():
                _add(found, place, words.family(word), count)
        return sorted((signal, count, line) for signal, (count, line) in found.items())


def _count(counts: dict[str, Count], name: str, line: int, count: int = 1) -> None:
    entry = counts.get(name)
    if entry is None:
        counts[name] = [count, line]
    else:
        entry[0] += count
        # A query finds the nodes of a script in no fixed order.
        if line < entry[1]:
            entry[1] = line


def _add(found: dict[str, Count], place: str, meaning: str | None, count: Count) -> None:
    if meaning is None:
        return
    signal = f"{place}: {meaning}"
    entry = found.get(signal)
    if entry is None:
        found[signal] = count[:]
    else:
        entry[0] += count[0]
        if count[1] < entry[1]:
            entry[1] = count[1]


def _add_names(found: dict[str, Count], place: str, names: dict[str, Count]) -> None:
    """Add each word of each name, and the first word of functions and the last of classes again.

    These extra words are the signals `function verb`, `class kind` and `base kind`.
    """
    for name, count in names.items():
        parts = words.families(name)
        if not parts:
            continue
        if place == "function":
            _add(found, "function verb", parts[0], count)
        elif place in ("class", "base"):
            _add(found, f"{place} kind", parts[-1], count)
        for part in {*parts}:
            _add(found, place, part, count)


def _add_call(found: dict[str, Count], name: str, count: Count, aliases: dict[str, str]) -> None:
    _add(found, "call", words.effect(name), count)
    head, _, rest = name.partition(".")
    if head in aliases:
        _add(found, "use", words.purpose(aliases[head]), count)
    last = name.rpartition(".")[2]
    for part in {*words.families(last)}:
        _add(found, "called", part, count)
    if rest and head != "self":
        for part in {*words.families(head)}:
            _add(found, "called on", part, count)
