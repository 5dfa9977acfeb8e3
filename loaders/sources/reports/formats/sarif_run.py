"""What the results of a run in SARIF refer to: rules, files, base ids, taxonomies."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from loaders.sources.reports.formats.sarif_parts import DRIVER, Parts, RuleRef
from loaders.sources.reports.reading.json_fields import as_object, count_in, object_in, text_in
from loaders.sources.reports.reading.report_facts import Rule
from loaders.sources.reports.reading.report_rows import Rows

# A URI has none of these as they are: a tool wrote a path without encoding it.
_NOT_IN_URIS = re.compile(r'[\s\\"<>^`{|}]|%(?![0-9A-Fa-f]{2})')
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")


class RunParts:
    """Looks up what results refer to. *read_ahead* gives all parts of the run."""

    def __init__(self, rows: Rows, read_ahead: Callable[[], Parts]) -> None:
        self._rows = rows
        self._read_ahead = read_ahead
        self._is_complete = False
        self._first_rule = rows.count(Rule)
        self._paths: dict[tuple[str, str | None], int] = {}
        self.parts = Parts()

    def take(self, place: str, value: Any) -> None:
        """Keep the value at *place*, unless all were read ahead."""
        if not self._is_complete:
            self.parts.take(place, value)

    def need_tool(self) -> None:
        """Read ahead if results come before the tool."""
        if not self.parts.has_tool:
            self._complete()

    def _complete(self) -> None:
        """Read everything that comes later."""
        if not self._is_complete:
            self._is_complete = True
            self.parts = self._read_ahead()

    # -- rules and messages ------------------------------------------------------------------------

    def rule(self, component: int, index: int | None, rule_id: str | None) -> RuleRef | None:
        """Return the rule at *index*, or the one with this id or with the beginning of it."""
        found = None if index is None else self.parts.rules_by_index.get((component, index))
        if found and (rule_id is None or (rule_id + "/").startswith(f"{found.rule_id}/")):
            return found
        return self._rule_with_id(component, rule_id) or found

    def _rule_with_id(self, component: int, rule_id: str | None) -> RuleRef | None:
        components = [component, *range(len(self.parts.extensions))]
        # An id may have parts: the rule of CA1000/1 may be CA1000.
        while rule_id:
            for one in components:
                if found := self.parts.rules_by_id.get((one, rule_id)):
                    return found
            rule_id = rule_id.rpartition("/")[0]
        return None

    def position(self, rule: RuleRef | None) -> int | None:
        """Return the position of a rule in report_rules."""
        return None if rule is None else self._first_rule + rule.number

    def component(self, reference: dict[str, Any]) -> int:
        """Return which component of the tool a reference means."""
        index = count_in(reference, "index")
        if index is not None:
            return index
        for key in ("guid", "name"):
            wanted = text_in(reference, key)
            for number, extension in enumerate(self.parts.extensions):
                if wanted and extension.get(key) == wanted:
                    return number
        return DRIVER

    def shared_string(self, component: int, key: str) -> Any:
        """Return the message with this id of a component, which all its rules share."""
        extensions = self.parts.extensions
        is_extension = 0 <= component < len(extensions)
        owner = extensions[component] if is_extension else self.parts.driver
        return object_in(owner, "globalMessageStrings").get(key)

    def taxon(self, reference: dict[str, Any]) -> str | None:
        """Return a taxon, as `CWE-79`."""
        component = object_in(reference, "toolComponent")
        name, taxon = text_in(component, "name"), text_in(reference, "id")
        number, index = count_in(component, "index"), count_in(reference, "index")
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

    def path(self, location: dict[str, Any]) -> int | None:
        """Return the index of the path of an artifact's location."""
        uri = text_in(location, "uri")
        if uri is not None:
            return self._path(uri, text_in(location, "uriBaseId"))
        index = count_in(location, "index")
        return None if index is None else self._path_at(index)

    def _path_at(self, index: int) -> int | None:
        """Return the path of an artifact; that of a nested one is the file that holds it."""
        if index >= len(self.parts.artifacts):
            self._complete()
        artifacts = self.parts.artifacts
        seen: set[int] = set()
        while index < len(artifacts) and index not in seen:
            seen.add(index)
            uri, base_id, parent = artifacts[index]
            if parent is None:
                return None if uri is None else self._path(uri, base_id)
            index = parent
        return None

    def _path(self, uri: str, base_id: str | None) -> int:
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
            self._complete()
        folder = ""
        seen: set[str] = set()
        while base_id is not None and base_id not in seen:
            seen.add(base_id)
            location = as_object((self.parts.base_ids or {}).get(base_id) or {}, "a base id")
            uri = text_in(location, "uri") or ""
            folder = f"{uri.rstrip('/')}/{folder}" if uri else folder
            if _SCHEME.match(uri) or uri.startswith("/"):
                return folder
            base_id = text_in(location, "uriBaseId")
        return unquote(folder)

    def logical_name(self, location: dict[str, Any]) -> str | None:
        """Return the qualified name of a logical location."""
        if name := _logical_name(location):
            return name
        index = count_in(location, "index")
        if index is None:
            return None
        if index >= len(self.parts.logical):
            self._complete()
        return _logical_name(self.parts.logical[index]) if index < len(self.parts.logical) else None

    def step(self, index: int) -> dict[str, Any]:
        """Return the step of flows at *index*."""
        if index >= len(self.parts.steps):
            self._complete()
        return self.parts.steps[index] if index < len(self.parts.steps) else {}


def _logical_name(location: dict[str, Any]) -> str | None:
    for key in ("fullyQualifiedName", "decoratedName", "name"):
        if name := text_in(location, key):
            return name
    return None
