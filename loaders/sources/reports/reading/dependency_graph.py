"""The packages of a report and what needs what: from it follow the marks that a format leaves out.

A package is direct if a root needs it. It is for development if no way from a root leads to it
without a link for development, and optional if each such way has an optional link.
"""

from __future__ import annotations

from collections.abc import Iterable

from loaders.sources.reports.reading.report_facts import Component, ComponentLink, ToolRun
from loaders.sources.reports.reading.report_rows import Rows

RUNTIME, DEV, OPTIONAL, PEER = "runtime", "dev", "optional", "peer"


class Graph:
    """Links between packages, by their references."""

    def __init__(self) -> None:
        self._needs: dict[str, list[tuple[str, str | None]]] = {}

    def link(self, owner: str, other: str, kind: str | None = None) -> None:
        self._needs.setdefault(owner, []).append((other, kind))

    def direct(self, roots: Iterable[str]) -> set[str]:
        """Return what the roots need themselves."""
        return {other for root in roots for other, _ in self._needs.get(root, ())}

    def reached(self, roots: Iterable[str], *without: str) -> set[str]:
        """Return the roots and all that they need in the end, not along links of some kinds."""
        found = set(roots)
        waiting = list(found)
        while waiting:
            for other, kind in self._needs.get(waiting.pop(), ()):
                if kind not in without and other not in found:
                    found.add(other)
                    waiting.append(other)
        return found


class Marks:
    """The marks of each package, given the roots."""

    def __init__(self, graph: Graph, roots: Iterable[str]) -> None:
        roots = list(roots)
        self._direct = graph.direct(roots)
        self._all = graph.reached(roots)
        self._shipped = graph.reached(roots, DEV)
        self._required = graph.reached(roots, DEV, OPTIONAL)
        self._required_or_dev = graph.reached(roots, OPTIONAL)

    def is_direct(self, reference: str) -> bool:
        return reference in self._direct

    def is_dev(self, reference: str) -> bool | None:
        return reference not in self._shipped if reference in self._all else None

    def is_optional(self, reference: str) -> bool | None:
        if reference not in self._all:
            return None
        is_shipped = reference in self._shipped
        return reference not in (self._required if is_shipped else self._required_or_dev)


class Packages:
    """The packages of one lock file, and their links; they land at the end, with their marks."""

    def __init__(self) -> None:
        self._components: dict[str, Component] = {}
        self._links: dict[tuple[str, str], str | None] = {}
        self._repeated = 0

    def __contains__(self, reference: str) -> bool:
        return reference in self._components

    def add(self, component: Component) -> None:
        """Add a package; its reference distinguishes it from the others."""
        reference = component.reference or component.name
        if reference in self._components:
            self._repeated += 1
            reference = f"{reference}+{self._repeated}"
        self._components[reference] = component._replace(reference=reference)

    def link(self, owner: str, other: str, kind: str | None = None) -> None:
        """Add a link; of several between two packages, the strongest counts."""
        strength = (RUNTIME, None, PEER, OPTIONAL, DEV)
        known = self._links.get((owner, other), DEV)
        if strength.index(kind) <= strength.index(known):
            self._links[owner, other] = kind

    def land(self, rows: Rows, run: ToolRun, *, derives: bool) -> None:
        """Add all to *rows*. Marks that a format leaves out are derived if it has kinds of links.

        Only what a root needs itself is derived otherwise, if there are links from a root.
        """
        graph = Graph()
        for (owner, other), kind in self._links.items():
            graph.link(owner, other, kind)
        roots = [ref for ref, component in self._components.items() if component.is_root]
        has_direct = bool(roots) and (derives or bool(graph.direct(roots)))
        marks = Marks(graph, roots) if has_direct else None
        for reference, component in self._components.items():
            if marks and not component.is_root:
                component = _marked(component, reference, marks, derives)
            rows.add(component)
        for (owner, other), kind in self._links.items():
            rows.add(ComponentLink(owner, other, kind))
        rows.add(run)


def _marked(component: Component, reference: str, marks: Marks, derives: bool) -> Component:
    # The marks of the file itself count.
    if component.is_direct is None:
        component = component._replace(is_direct=marks.is_direct(reference))
    if derives and component.is_dev is None:
        component = component._replace(is_dev=marks.is_dev(reference))
    if derives and component.is_optional is None:
        component = component._replace(is_optional=marks.is_optional(reference))
    return component
