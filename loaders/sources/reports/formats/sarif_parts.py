"""The parts of a run in SARIF to which its results refer, as they are read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from loaders.sources.reports.reading.json_fields import (
    as_object,
    count_in,
    object_in,
    objects_in,
    text_in,
)

_DRIVER = "runs[].tool.driver"
_EXTENSION = "runs[].tool.extensions[]"
_TOOL = "runs[].tool"
_TAXONOMY = "runs[].taxonomies[]"
_ARTIFACT = "runs[].artifacts[]"
_BASE_IDS = "runs[].originalUriBaseIds"
_LOGICAL = "runs[].logicalLocations"
_STEPS = "runs[].threadFlowLocations"
# What is read one by one, whether it is kept or not.
PLACES = (
    f"{_DRIVER}.rules[]",
    f"{_DRIVER}.notifications[]",
    f"{_DRIVER}.taxa[]",
    _DRIVER,
    f"{_EXTENSION}.rules[]",
    f"{_EXTENSION}.notifications[]",
    f"{_EXTENSION}.taxa[]",
    _EXTENSION,
    _TOOL,
    f"{_TAXONOMY}.taxa[]",
    _TAXONOMY,
    _ARTIFACT,
    _BASE_IDS,
    _LOGICAL,
    _STEPS,
)
# The number of the driver among the components of a tool; extensions count from 0.
DRIVER = -1


class RuleRef(NamedTuple):
    """A rule that the tool describes."""

    rule_id: str | None
    number: int  # among all rules of the run
    strings: dict[str, Any]  # its messages by their ids


class Artifact(NamedTuple):
    """A file that the run names."""

    uri: str | None
    base_id: str | None
    parent: int | None


@dataclass
class Parts:
    """The parts of one run."""

    has_tool: bool = False
    driver: dict[str, Any] = field(default_factory=dict)
    extensions: list[dict[str, Any]] = field(default_factory=list)
    rules_by_index: dict[tuple[int, int], RuleRef] = field(default_factory=dict)
    rules_by_id: dict[tuple[int, str], RuleRef] = field(default_factory=dict)
    artifacts: list[Artifact] = field(default_factory=list)
    base_ids: dict[str, Any] | None = None
    logical: list[dict[str, Any]] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)
    taxonomies: list[tuple[str | None, list[str | None]]] = field(default_factory=list)
    _taxa: list[str | None] = field(default_factory=list)  # of the taxonomy under way
    _rules: int = 0  # of the component under way

    def take(self, place: str, value: Any) -> None:
        """Keep the value at *place*, one of PLACES."""
        if place == _ARTIFACT:
            self.artifacts.append(_artifact_of(as_object(value, "an artifact")))
        elif place.endswith(".rules[]"):
            component = DRIVER if place.startswith(_DRIVER) else len(self.extensions)
            self._take_rule(component, as_object(value, "a rule"))
        elif place == _DRIVER:
            self.driver = as_object(value, "driver")
            self._rules = 0
        elif place == _EXTENSION:
            self.extensions.append(as_object(value, "an extension"))
            self._rules = 0
        elif place == _TOOL:
            as_object(value, "tool")
            self.has_tool = True
        elif place == f"{_TAXONOMY}.taxa[]":
            self._taxa.append(text_in(as_object(value, "a taxon"), "id"))
        elif place == _TAXONOMY:
            name = text_in(as_object(value, "a taxonomy"), "name")
            self.taxonomies.append((name, self._taxa))
            self._taxa = []
        elif place == _BASE_IDS:
            self.base_ids = {} if value is None else as_object(value, "originalUriBaseIds")
        elif place == _LOGICAL:
            self.logical = objects_in({"logicalLocations": value}, "logicalLocations")
        elif place == _STEPS:
            self.steps = objects_in({"threadFlowLocations": value}, "threadFlowLocations")

    def _take_rule(self, component: int, rule: dict[str, Any]) -> None:
        number = len(self.rules_by_index)
        ref = RuleRef(text_in(rule, "id"), number, object_in(rule, "messageStrings"))
        self.rules_by_index[component, self._rules] = ref
        self._rules += 1
        if ref.rule_id is not None:
            self.rules_by_id.setdefault((component, ref.rule_id), ref)


def _artifact_of(artifact: dict[str, Any]) -> Artifact:
    location = object_in(artifact, "location")
    return Artifact(
        text_in(location, "uri"), text_in(location, "uriBaseId"), count_in(artifact, "parentIndex")
    )
