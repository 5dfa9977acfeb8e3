"""Look up the parts of a run in SARIF that its results refer to: rules, messages, files, places."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import unquote

from loaders.sources.reports.formats.sarif_parts import DRIVER, Parts, RuleRef
from loaders.sources.reports.formats.sarif_shapes import (
    ArtifactLocation,
    Component,
    Location,
    LogicalLocation,
    Message,
    Reference,
    Region,
    Step,
)
from loaders.sources.reports.reading.json_shapes import counted, indexed
from loaders.sources.reports.reading.report_facts import Rule
from loaders.sources.reports.reading.report_rows import Rows

# No URI has these characters: a tool wrote a path without encoding it.
_NOT_IN_URIS = re.compile(r'[\s\\"<>^`{|}]|%(?![0-9A-Fa-f]{2})')
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_PLACEHOLDER = re.compile(r"\{(\d{1,3})\}|\{\{|\}\}")
_BRACES = {"{{": "{", "}}": "}"}
_NO_REGION = Region()


class FoundPlace(NamedTuple):
    """Where something is."""

    path_index: int | None = None
    start_line: int | None = None
    start_column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    snippet: str | None = None
    logical_name: str | None = None


class RunParts:
    """Looks up what results refer to.

    *read_ahead* gives all parts of the run. *names_base_ids* returns whether the report has any.
    """

    def __init__(
        self, rows: Rows, read_ahead: Callable[[], Parts], names_base_ids: Callable[[], bool]
    ) -> None:
        self._rows = rows
        self._read_ahead = read_ahead
        self._names_base_ids = names_base_ids
        self._is_complete = False
        self._first_rule = rows.count(Rule)
        self._paths: dict[tuple[str, str | None], int] = {}
        self.parts = Parts()

    def need_tool(self) -> None:
        """Read ahead if results come before the tool."""
        if not self.parts.has_tool:
            self._complete()

    def take(self, place: str, value: object) -> None:
        """Keep the value at *place*, unless all were read ahead."""
        if not self._is_complete:
            self.parts.take(place, value)

    def _complete(self) -> None:
        """Read everything that comes later."""
        if not self._is_complete:
            self._is_complete = True
            self.parts = self._read_ahead()

    # -- rules and messages ------------------------------------------------------------------------

    def rule(self, component: int, index: int | None, rule_id: str | None) -> RuleRef | None:
        """Return the rule at *index*, or the one with this id or with the beginning of it."""
        found = None if index is None else self.parts.rules_by_index.get((component, index))
        if found and rule_id in (None, found.rule_id):
            return found
        # An id may have parts: the rule of CA1000/1 may be CA1000.
        while rule_id:
            for one in (component, DRIVER, *range(len(self.parts.extensions))):
                if known := self.parts.rules_by_id.get((one, rule_id)):
                    return known
            rule_id = rule_id.rpartition("/")[0]
        return found

    def position(self, rule: RuleRef | None) -> int | None:
        """Return the position of a rule in report_rules."""
        return None if rule is None else self._first_rule + rule.number

    def component(self, reference: Component | None) -> int:
        """Return which component of the tool a reference means."""
        if reference is None:
            return DRIVER
        if (index := indexed(reference.index)) is not None:
            return index
        for number, one in enumerate(self.parts.extensions):
            if reference.guid is not None and one.guid == reference.guid:
                return number
        for number, one in enumerate(self.parts.extensions):
            if reference.name is not None and one.name == reference.name:
                return number
        return DRIVER

    def message(
        self, message: Message | None, component: int = DRIVER, rule: RuleRef | None = None
    ) -> str | None:
        """Return a message as text: its own, or the one that its id names, with its arguments."""
        if message is None:
            return None
        text = message.text or message.markdown
        if text is None and message.id is not None:
            named = rule.strings.get(message.id) if rule else None
            named = named or self._shared_string(component, message.id) or Message()
            text = named.text or named.markdown
        return _filled(text, message.arguments) if text and message.arguments else text

    def _shared_string(self, component: int, key: str) -> Message | None:
        """Return the message with this id of a component, which all its rules share."""
        extensions = self.parts.extensions
        is_extension = 0 <= component < len(extensions)
        owner = extensions[component] if is_extension else self.parts.driver
        return (owner.global_message_strings or {}).get(key)

    def taxon(self, reference: Reference) -> str | None:
        """Return a taxon, as `CWE-79`."""
        component = reference.tool_component or Component()
        name, taxon = component.name, reference.id
        number, index = indexed(component.index), indexed(reference.index)
        if (taxon is None or name is None) and number is not None:
            if number >= len(self.parts.taxonomies):
                self._complete()
            if number < len(self.parts.taxonomies):
                own_name, taxa = self.parts.taxonomies[number]
                name = name or own_name
                taxon = taxon or (taxa[index] if index is not None and index < len(taxa) else None)
        if taxon is None or name is None or taxon.upper().startswith(name.upper()):
            return taxon
        return f"{name}-{taxon}"

    # -- places ------------------------------------------------------------------------------------

    def place(self, location: Location) -> FoundPlace:
        """Return a location as a place."""
        logical = location.logical_locations
        name = self._logical_name(logical[0]) if logical else None
        physical = location.physical_location
        if physical is None:
            return FoundPlace(logical_name=name)
        region = physical.region or _NO_REGION
        return FoundPlace(
            None if physical.artifact_location is None else self._path(physical.artifact_location),
            counted(region.start_line),
            counted(region.start_column),
            counted(region.end_line),
            counted(region.end_column),
            None if region.snippet is None else region.snippet.text,
            name,
        )

    def first_place(self, locations: list[Location] | None) -> FoundPlace:
        """Return the first of *locations*."""
        return self.place(locations[0]) if locations else FoundPlace()

    def step(self, step: Step) -> Location | None:
        """Return where a step of a flow is."""
        index = indexed(step.index)
        if step.location is not None or index is None:
            return step.location
        if index >= len(self.parts.steps):
            self._complete()
        return self.parts.steps[index].location if index < len(self.parts.steps) else None

    def _path(self, location: ArtifactLocation) -> int | None:
        """Return the index of the path of a file."""
        if location.uri is not None:
            return self._path_of(location.uri, location.uri_base_id)
        index = indexed(location.index)
        return None if index is None else self._path_at(index)

    def _path_at(self, index: int) -> int | None:
        """Return the path of a file; that of a nested one is the file that holds it."""
        if index >= len(self.parts.files):
            self._complete()
        files = self.parts.files
        seen: set[int] = set()
        while index < len(files) and index not in seen:
            seen.add(index)
            uri, base_id, parent = files[index]
            if parent is None:
                return None if uri is None else self._path_of(uri, base_id)
            index = parent
        return None

    def _path_of(self, uri: str, base_id: str | None) -> int:
        key = uri, base_id
        found = self._paths.get(key)
        if found is None:
            is_path = _NOT_IN_URIS.search(uri) or ("%" not in uri and not _SCHEME.match(uri))
            folder = self._folder_of(base_id)
            form = "path" if is_path else "uri"
            found = self._paths[key] = self._rows.path(uri, (folder,) if folder else (), form)
        return found

    def _folder_of(self, base_id: str | None) -> str:
        """Return the folder that a base id stands for; "" if the report does not say."""
        if base_id is not None and self.parts.base_ids is None:
            if self._names_base_ids():
                self._complete()
            self.parts.base_ids = self.parts.base_ids or {}
        base_ids = self.parts.base_ids or {}
        folder = ""
        seen: set[str] = set()
        while base_id in base_ids and base_id not in seen:
            seen.add(base_id)
            location = base_ids[base_id]
            uri = location.uri or ""
            folder = f"{uri.rstrip('/')}/{folder}" if uri else folder
            if _SCHEME.match(uri) or uri.startswith("/"):
                return folder
            base_id = location.uri_base_id
        return unquote(folder)

    def _logical_name(self, location: LogicalLocation) -> str | None:
        """Return the qualified name of a logical location."""
        name = location.fully_qualified_name or location.decorated_name
        index = indexed(location.index)
        if name is None and index is not None:
            if index >= len(self.parts.logical):
                self._complete()
            if index < len(self.parts.logical):
                known = self.parts.logical[index]
                name = known.fully_qualified_name or known.decorated_name or known.name
        return name or location.name


def _filled(text: str, arguments: list[object]) -> str:
    """Return *text* with its placeholders `{0}` replaced."""

    def argument(match: re.Match[str]) -> str:
        if match[1] is None:
            return _BRACES[match[0]]
        number = int(match[1])
        return str(arguments[number]) if number < len(arguments) else match[0]

    return _PLACEHOLDER.sub(argument, text)
