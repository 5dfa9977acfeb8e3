"""The parts of a run in SARIF to which its results refer, as they are read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from loaders.sources.reports.formats.sarif_shapes import (
    Artifact,
    ArtifactLocation,
    Descriptor,
    LogicalLocation,
    Message,
    Reference,
    Step,
    ToolComponent,
)
from loaders.sources.reports.reading.json_shapes import indexed, shaped

_DRIVER = "runs[].tool.driver"
_EXTENSION = "runs[].tool.extensions[]"
_TOOL = "runs[].tool"
_TAXONOMY = "runs[].taxonomies[]"
_ARTIFACT = "runs[].artifacts[]"
BASE_IDS = "originalUriBaseIds"
_BASE_IDS = f"runs[].{BASE_IDS}"
_LOGICAL = "runs[].logicalLocations[]"
_STEP = "runs[].threadFlowLocations[]"
RULES = (f"{_DRIVER}.rules[]", f"{_EXTENSION}.rules[]")
# These are read one by one, whether they are kept or not.
PLACES = (
    *RULES,
    f"{_DRIVER}.notifications[]",
    f"{_DRIVER}.taxa[]",
    _DRIVER,
    f"{_EXTENSION}.notifications[]",
    f"{_EXTENSION}.taxa[]",
    _EXTENSION,
    _TOOL,
    f"{_TAXONOMY}.taxa[]",
    _TAXONOMY,
    _ARTIFACT,
    _BASE_IDS,
    _LOGICAL,
    _STEP,
)
# The number of the driver among the components of a tool; extensions count from 0.
DRIVER = -1


class RuleRef(NamedTuple):
    """A rule that the tool describes."""

    rule_id: str | None
    name: str | None
    tags: tuple[str, ...]
    number: int  # among all rules of the run
    strings: dict[str, Message]  # its messages by their ids


class FileRef(NamedTuple):
    """A file that the run names."""

    uri: str | None
    base_id: str | None
    parent: int | None


@dataclass
class Parts:
    """The parts of one run."""

    has_tool: bool = False
    driver: ToolComponent = field(default_factory=ToolComponent)
    extensions: list[ToolComponent] = field(default_factory=list)
    rules_by_index: dict[tuple[int, int], RuleRef] = field(default_factory=dict)
    rules_by_id: dict[tuple[int, str], RuleRef] = field(default_factory=dict)
    files: list[FileRef] = field(default_factory=list)
    base_ids: dict[str, ArtifactLocation] | None = None
    logical: list[LogicalLocation] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    taxonomies: list[tuple[str | None, list[str | None]]] = field(default_factory=list)
    _taxa: list[str | None] = field(default_factory=list)  # of the taxonomy under way
    _rules: int = 0  # of the component under way

    def take(self, place: str, value: Any) -> None:
        """Keep the value at *place*, one of PLACES."""
        if place == _ARTIFACT:
            artifact = shaped(value, Artifact, place)
            location = artifact.location or ArtifactLocation()
            parent = indexed(artifact.parent_index)
            self.files.append(FileRef(location.uri, location.uri_base_id, parent))
        elif place in RULES:
            component = DRIVER if place.startswith(_DRIVER) else len(self.extensions)
            self._take_rule(component, shaped(value, Descriptor, place))
        elif place == _DRIVER:
            self.driver = shaped(value, ToolComponent, place)
            self._rules = 0
        elif place == _EXTENSION:
            self.extensions.append(shaped(value, ToolComponent, place))
            self._rules = 0
        elif place == _TOOL:
            self.has_tool = True
        elif place == f"{_TAXONOMY}.taxa[]":
            self._taxa.append(shaped(value, Reference, place).id)
        elif place == _TAXONOMY:
            self.taxonomies.append((shaped(value, ToolComponent, place).name, self._taxa))
            self._taxa = []
        elif place == _BASE_IDS:
            self.base_ids = shaped(value or {}, dict[str, ArtifactLocation], place)
        elif place == _LOGICAL:
            self.logical.append(shaped(value, LogicalLocation, place))
        elif place == _STEP:
            self.steps.append(shaped(value, Step, place))

    def _take_rule(self, component: int, rule: Descriptor) -> None:
        tags = (rule.properties or {}).get("tags")
        ref = RuleRef(
            rule.id,
            rule.name,
            tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
            len(self.rules_by_index),
            rule.message_strings or {},
        )
        self.rules_by_index[component, self._rules] = ref
        self._rules += 1
        if ref.rule_id is not None:
            self.rules_by_id.setdefault((component, ref.rule_id), ref)
