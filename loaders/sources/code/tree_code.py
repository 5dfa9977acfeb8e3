"""Extract the code of a content with tree-sitter, in any language that has a grammar."""

from __future__ import annotations

import gc
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from loaders.sources.code.facts import Base, Call, Code, Symbol
from loaders.sources.code.grammar import GRAMMARS, compiled
from loaders.sources.code.maintainability import maintainability_index
from loaders.sources.code.text_measures import Lines, halstead
from loaders.sources.code.tree_matches import DEFINITION, Matches
from loaders.sources.code.tree_sweep import ANONYMOUS, Sighting, Sweep
from loaders.sources.contents.grammars import parser
from loaders.sources.contents.tree_depth import is_too_deep

if TYPE_CHECKING:
    from tree_sitter import Node, Tree

# Every byte that is not ASCII becomes part of a name.
_ASCII = bytes(byte if byte < 128 else 95 for byte in range(256))
# More text than this between a comment and a definition separates them.
_LONGEST_GAP = 2000
_NOT_DOCS = frozenset(b";{}()")
# A query takes quadratic time for the nodes directly inside of an error.
_MOST_IN_ERROR = 5_000
_MAX_VISITS = 2_000
# If so large a share of the lines does not parse, nothing but the counts of lines is kept.
_WORTHLESS = 0.95


def extract(source: bytes, grammar: str, tree: Tree | None = None) -> Code | None:
    """Return the code of *source*.

    None without such a grammar, or if the tree is too deep or broken. *tree* is the tree
    of *source*, if it was parsed already.
    """
    if grammar not in GRAMMARS:
        return None
    # Nothing here is part of a cycle, and a collection would visit all nodes.
    gc.disable()
    try:
        return _extract(source, grammar, tree)
    finally:
        gc.enable()


def _extract(source: bytes, grammar: str, tree: Tree | None) -> Code | None:
    language = compiled(grammar)
    if not _is_utf8(source):
        # The comparisons of a query fail on other texts.
        source, tree = source.translate(_ASCII), None
    if tree is None:
        tree = parser(grammar).parse(language.grammar.mended(source))
    root = tree.root_node
    if is_too_deep(root) or (root.has_error and _is_hopeless(root)):
        return None
    matches = Matches(language.grammar, source)
    matches.add(language, root)
    return _Content(matches, root.has_error).code()


def _is_utf8(source: bytes) -> bool:
    try:
        source.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_hopeless(root: Node) -> bool:
    """Return whether so much in one place does not parse that a query would take too long."""
    nodes = [root]
    for _visit in range(_MAX_VISITS):
        if not nodes:
            break
        node = nodes.pop()
        if node.type == "ERROR" and node.child_count > _MOST_IN_ERROR:
            return True
        nodes += [child for child in node.children if child.has_error]
    return False


class _Content:
    """Everything that was found in one content."""

    def __init__(self, matches: Matches, has_error: bool) -> None:
        self.matches = matches
        self.grammar = matches.grammar
        self.has_error = has_error
        matches.comments.sort()
        self.lines = Lines(matches.source, matches.comments)

    def code(self) -> Code:
        """Return everything about it."""
        matches, lines = self.matches, self.lines
        error_lines = self._error_lines() if self.has_error else 0
        measured = Code(
            "partial" if self.has_error or matches.is_cut else "tree",
            lines.total,
            lines.code_lines,
            lines.comment_lines,
            lines.blank_lines,
            error_lines,
        )
        if error_lines > _WORTHLESS * max(lines.total - lines.blank_lines, 1):
            return measured._replace(parse_state="lines")
        for key, definition in matches.definitions.items():
            matches.events.append((key[0], -key[1], DEFINITION, -len(matches.events), definition))
        matches.events.sort()
        sweep = Sweep(matches)
        sweep.run(matches.events)
        counts = halstead(matches.source, matches.comments, matches.literals, self.grammar)
        cyclomatic = sweep.file_frame.cyclomatic + sum(
            sighting.frame.cyclomatic for sighting in sweep.sightings if sighting.frame is not None
        )
        frames = [sighting.frame for sighting in sweep.sightings if sighting.frame is not None]
        calls = self._calls(sweep)
        recursive = self._count_recursion(sweep, calls)
        return measured._replace(
            package=matches.package,
            cyclomatic=cyclomatic,
            cognitive=sweep.file_frame.cognitive + recursive,
            nesting=max([frame.deepest for frame in frames] + [sweep.file_frame.deepest]),
            halstead=counts,
            maintainability_index=maintainability_index(
                counts.volume, cyclomatic, lines.code_lines, lines.comment_percent
            ),
            symbols=self._symbols(sweep),
            imports=sweep.imports,
            calls=calls,
            bases=self._bases(sweep),
        )

    def _error_lines(self) -> int:
        """Return the number of lines inside what does not parse, but not in whole definitions."""
        line = self.matches.line
        inside: set[int] = set()
        for start, end in self.matches.errors:
            inside.update(range(line(start), line(max(end - 1, start)) + 1))
        if inside:
            for (start, end), definition in self.matches.definitions.items():
                if not definition.node.has_error:
                    inside.difference_update(range(line(start), line(end - 1) + 1))
        return len(inside)

    def _symbols(self, sweep: Sweep) -> list[Symbol]:
        docs = _Docs(self.matches)
        exported = self.matches.exported
        known = sweep.names.symbols
        public: dict[str, bool] = {}
        symbols = []
        for sighting in sweep.sightings:
            is_public = self._is_public(sighting, exported, public)
            if sighting.name is not ANONYMOUS:
                public.setdefault(sighting.qualified_name, is_public)
            symbols.append(self._symbol(sighting, sweep, docs, is_public, known))
        return symbols

    def _is_public(self, sighting: Sighting, exported: set[str], public: dict[str, bool]) -> bool:
        """Return whether other files can name it."""
        node = sighting.definition.node
        key = (node.start_byte, node.end_byte)
        if key in self.matches.private:
            return False
        if key in self.matches.public:
            return True
        if sighting.name is ANONYMOUS:
            return False
        if sighting.qualified_name in exported:
            return True
        if not sighting.is_local and self.grammar.is_public(sighting.name):
            return True
        around = sighting.owned or (sighting.scope.qualified_name if sighting.scope else None)
        return (
            self.grammar.members_public
            and sighting.definition.kind == "method"
            and around is not None
            and (public.get(around, False) or around in exported)
        )

    def _symbol(
        self, sighting: Sighting, sweep: Sweep, docs: _Docs, is_public: bool, known: set[str]
    ) -> Symbol:
        node, frame = sighting.definition.node, sighting.frame
        first = self.matches.line(sighting.start)
        last = self.matches.line(node.end_byte - 1)
        parent = sighting.owned
        scope = sighting.scope
        while parent is None and scope is not None:
            name = scope.qualified_name
            if name in known or scope.is_type:
                parent = name
            scope = scope.outer
        return Symbol(
            sighting.qualified_name,
            sighting.name,
            sighting.definition.kind,
            parent,
            first,
            last,
            sighting.parameters,
            docs.of(min(sighting.start, node.start_byte)),
            is_public,
            *(
                (
                    self.lines.code_between(first, last),
                    frame.cyclomatic,
                    frame.cognitive,
                    frame.deepest,
                )
                if frame is not None
                else ()
            ),
        )

    def _count_recursion(self, sweep: Sweep, calls: list[Call]) -> int:
        """Add 1 to the cognitive complexity of each function that calls itself; count them."""
        own = {call.caller for call in calls if call.caller and call.caller == call.target}
        count = 0
        for sighting in sweep.sightings:
            if own and sighting.frame is not None and sighting.qualified_name in own:
                sighting.frame.cognitive += 1
                count += 1
        return count

    def _calls(self, sweep: Sweep) -> list[Call]:
        resolve, starts = sweep.names.resolve, self.matches.line_starts
        return [
            Call(
                bisect_right(starts, place),
                scope.qualified_name,
                callee,
                *resolve(callee, scope, place),
            )
            for place, callee, scope in sweep.calls
        ]

    def _bases(self, sweep: Sweep) -> list[Base]:
        line = self.matches.line
        return [
            Base(
                owner,
                line(found.place),
                found.kind,
                found.base,
                *sweep.names.resolve_type(found.base, scope.outer or scope, found.place),
            )
            for found, scope, owner in sweep.bases
        ]


class _Docs:
    """The comments of a content that document what follows them."""

    def __init__(self, matches: Matches) -> None:
        self.source = matches.source
        self.grammar = matches.grammar
        self.comments = matches.comments
        self.ends = [end for _start, end in matches.comments]
        self.prefixes = sorted(matches.docs_prefixes)
        self.prefix_starts = [start for start, _end in self.prefixes]

    def of(self, place: int) -> bool:
        """Return whether the definition at *place* has documentation before it."""
        index = bisect_right(self.ends, place) - 1
        if index < 0:
            return False
        start, end = self.comments[index]
        if place - end > _LONGEST_GAP:
            return False
        gap = self._gap(end, place)
        if _NOT_DOCS & set(gap):
            return False
        if self.grammar.docs_adjacent and gap.count(b"\n") > 1:
            return False
        return self.grammar.docs.match(self.source, start, end) is not None

    def _gap(self, start: int, end: int) -> bytes:
        """Return the text from *start* to *end* without attributes and decorators."""
        kept = []
        for index in range(bisect_left(self.prefix_starts, start), len(self.prefixes)):
            prefix_start, prefix_end = self.prefixes[index]
            if prefix_start >= end:
                break
            if prefix_start >= start:
                kept.append(self.source[start:prefix_start])
                start = max(prefix_end, start)
        kept.append(self.source[start:end])
        return b"".join(kept)
