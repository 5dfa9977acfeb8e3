"""Read a whole document: JSON, TOML or YAML, of a size that fits into memory."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.artifacts.strict_json import DEEPEST, Invalid, parse
from loaders.sources.manifests.manifest_facts import InvalidManifest
from loaders.sources.manifests.manifest_texts import load_toml, without_comments
from loaders.sources.reports.reading.json_fields import as_object

# The limit for a document that is read as a whole. Locks of large workspaces have 5 MB.
_LARGEST = 32 << 20
_LONGEST_LINE = 1 << 20
_OPENING: dict[str, type] = {"MappingStartEvent": dict, "SequenceStartEvent": list}


def content_of(file: ArtifactFile) -> bytes:
    """Return the content, without a byte order mark. Raises Invalid if it is too large."""
    if file.size > _LARGEST:
        raise Invalid(f"a document of more than {_LARGEST} bytes")
    return file.text_stream().read()


def text_of_report(file: ArtifactFile) -> str:
    """Return the content as text. Raises Invalid."""
    try:
        text = content_of(file).decode("utf-8")
    except UnicodeDecodeError:
        raise Invalid("not UTF-8") from None
    if "\0" in text:
        raise Invalid("not text: contains a NUL")
    return text


def json_document(file: ArtifactFile) -> Any:
    """Return the JSON document. Raises Invalid."""
    return parse(content_of(file))


def json_object(file: ArtifactFile) -> dict[str, Any]:
    return as_object(json_document(file), "the document")


def json_with_comments(file: ArtifactFile) -> dict[str, Any]:
    """Return a JSON object that may have comments, and commas after the last member."""
    text = without_comments(text_of_report(file))
    return as_object(parse(text.encode()), "the document")


def toml_document(file: ArtifactFile) -> dict[str, Any]:
    """Return the TOML document. Raises Invalid."""
    try:
        return load_toml(content_of(file))
    except InvalidManifest as error:
        raise Invalid(str(error)) from None


def lines_of(file: ArtifactFile) -> Iterator[str]:
    """Yield the lines of a text, without their ends. Raises Invalid."""
    stream = file.text_stream()
    while line := stream.readline(_LONGEST_LINE + 1):
        if len(line) > _LONGEST_LINE:
            raise Invalid(f"a line of more than {_LONGEST_LINE} bytes")
        if b"\0" in line:
            raise Invalid("not text: contains a NUL")
        try:
            yield line.decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            raise Invalid("not UTF-8") from None


def json_sequence(file: ArtifactFile) -> Iterator[dict[str, Any]]:
    """Yield the objects that follow each other in a file. Raises Invalid."""
    text = text_of_report(file)
    decoder, place = json.JSONDecoder(), 0
    while True:
        while text[place : place + 1].isspace():
            place += 1
        if place >= len(text):
            return
        try:
            _, end = decoder.raw_decode(text, place)
        except (ValueError, RecursionError) as error:
            raise Invalid(f"not JSON: {str(error)[:100]}") from None
        yield as_object(parse(text[place:end].encode()), "a value")
        place = end


def yaml_document(file: ArtifactFile) -> dict[str, Any]:
    """Return the last YAML document: mappings, lists and texts, as written. Raises Invalid.

    Scalars are texts, so that version 1.10 stays 1.10; a null is an empty text. Aliases are
    refused: no lock file has them, and they can name more than fits into memory. The nodes are
    built here because those of the library are nested on the stack of the process.
    """
    # No other format needs it.
    import yaml  # type: ignore[import-untyped]

    text = text_of_report(file)
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        return as_object(_yaml_value(yaml.parse(text, loader)), "the document")
    except yaml.YAMLError as error:
        problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
        mark = getattr(error, "problem_mark", None)
        raise Invalid(f"not YAML: {problem}{f' in line {mark.line + 1}' if mark else ''}") from None


def _yaml_value(events: Iterable[Any]) -> Any:
    """Return the value of the last document."""
    last = None
    stack: list[Any] = []
    keys: list[str | None] = []
    for event in events:
        value: Any
        kind = type(event).__name__
        if kind == "ScalarEvent":
            value = event.value
        elif kind in _OPENING:
            value = _OPENING[kind]()
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            value = stack.pop()
            keys.pop()
            if not stack:
                last = value
            continue
        elif kind == "AliasEvent":
            raise Invalid("an alias")
        else:
            continue
        if stack:
            _put(stack[-1], keys, value)
        elif isinstance(value, str):
            last = value
        if not isinstance(value, str):
            stack.append(value)
            keys.append(None)
            if len(stack) > DEEPEST:
                raise Invalid(f"nested deeper than {DEEPEST}")
    return last


def _put(owner: Any, keys: list[str | None], value: Any) -> None:
    """Add *value* to the list or mapping *owner*, whose key under way is the last of *keys*."""
    if isinstance(owner, list):
        owner.append(value)
    elif (key := keys[-1]) is not None:
        owner[key] = value
        keys[-1] = None
    elif not isinstance(value, str):
        raise Invalid("a key that is not a text")
    elif value in owner:
        raise Invalid("duplicate key in a mapping")
    else:
        keys[-1] = value


def compact_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
