"""The objects of SARIF, with the fields that are read."""

from __future__ import annotations

from typing import Any

from loaders.sources.reports.reading.json_shapes import Count, Shape


class SarifObject(Shape, rename="camel"):
    """Any object: its fields are named as in Python."""


class Message(SarifObject):
    """A text for people, or the id of one."""

    text: str | None = None
    markdown: str | None = None
    id: str | None = None
    arguments: list[Any] | None = None


class Component(SarifObject):
    """A reference to a component of the tool, or to a taxonomy."""

    name: str | None = None
    index: Count = None
    guid: str | None = None


class Reference(SarifObject):
    """A reference to a rule, a notification or a taxon."""

    id: str | None = None
    index: Count = None
    tool_component: Component | None = None


class ArtifactLocation(SarifObject):
    """The place of a file."""

    uri: str | None = None
    uri_base_id: str | None = None
    index: Count = None


class Snippet(SarifObject):
    """A part of a source text."""

    text: str | None = None


class Region(SarifObject):
    """A part of a file."""

    start_line: Count = None
    start_column: Count = None
    end_line: Count = None
    end_column: Count = None
    snippet: Snippet | None = None


class PhysicalLocation(SarifObject):
    """A place in a file."""

    artifact_location: ArtifactLocation | None = None
    region: Region | None = None


class LogicalLocation(SarifObject):
    """A function, resource … by its name."""

    name: str | None = None
    fully_qualified_name: str | None = None
    decorated_name: str | None = None
    index: Count = None


class Location(SarifObject):
    """A place."""

    physical_location: PhysicalLocation | None = None
    logical_locations: list[LogicalLocation] | None = None
    message: Message | None = None


class Suppression(SarifObject):
    """Why a result is not to be shown."""

    status: str | None = None
    justification: str | None = None


class Step(SarifObject):
    """A step of a flow, or the number of one that several flows share."""

    location: Location | None = None
    index: Count = None


class ThreadFlow(SarifObject):
    """The steps of one thread."""

    locations: list[Step] | None = None


class CodeFlow(SarifObject):
    """A way that leads to a result."""

    thread_flows: list[ThreadFlow] | None = None


class Result(SarifObject):
    """A result: what is found, or that nothing is."""

    rule_id: str | None = None
    rule_index: Count = None
    rule: Reference | None = None
    level: str | None = None
    kind: str | None = None
    message: Message | None = None
    locations: list[Location] | None = None
    related_locations: list[Location] | None = None
    code_flows: list[CodeFlow] | None = None
    fingerprints: dict[str, Any] | None = None
    partial_fingerprints: dict[str, Any] | None = None
    suppressions: list[Suppression] | None = None
    baseline_state: str | None = None
    taxa: list[Reference] | None = None
    properties: dict[str, Any] | None = None


class Relationship(SarifObject):
    """How a rule is related to a weakness, or to another rule."""

    target: Reference | None = None


class Configuration(SarifObject):
    """How a rule is configured."""

    level: str | None = None


class Descriptor(SarifObject):
    """A rule."""

    id: str | None = None
    name: str | None = None
    short_description: Message | None = None
    full_description: Message | None = None
    help_uri: str | None = None
    default_configuration: Configuration | None = None
    message_strings: dict[str, Message] | None = None
    relationships: list[Relationship] | None = None
    properties: dict[str, Any] | None = None


class ToolComponent(SarifObject):
    """The driver of a tool, an extension of it, or a taxonomy."""

    name: str | None = None
    guid: str | None = None
    version: str | None = None
    semantic_version: str | None = None
    dotted_quad_file_version: str | None = None
    global_message_strings: dict[str, Message] | None = None


class Artifact(SarifObject):
    """A file that a run names."""

    location: ArtifactLocation | None = None
    parent_index: Count = None


class Error(SarifObject):
    """An exception in the tool."""

    message: Any = None


class Notification(SarifObject):
    """A report of a tool about its own work."""

    level: str | None = None
    descriptor: Reference | None = None
    message: Message | None = None
    exception: Error | None = None
    locations: list[Location] | None = None


class Invocation(SarifObject):
    """How a tool was started, and how it ended."""

    execution_successful: bool | None = None
    start_time_utc: str | None = None
    end_time_utc: str | None = None
    command_line: str | None = None
    working_directory: ArtifactLocation | None = None


class Details(SarifObject):
    """The series to which a run belongs."""

    id: str | None = None


class Run(SarifObject):
    """A run, without what is read one by one."""

    results: list[Any] | None = None
    automation_details: Details | None = None
    external_property_file_references: dict[str, Any] | None = None


class Log(SarifObject):
    """The document, without its runs."""

    version: str | None = None
    runs: list[Any] | None = None
