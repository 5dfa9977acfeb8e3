"""The tag-value form of SPDX 2: lines `Tag: value`, as the objects of the JSON form.

Source: https://spdx.github.io/spdx-spec/v2.3/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.reports.reading.whole_documents import lines_of

_PACKAGE = {
    "PackageName": "name",
    "PackageVersion": "versionInfo",
    "SPDXID": "SPDXID",
    "PackageDownloadLocation": "downloadLocation",
    "PackageLicenseConcluded": "licenseConcluded",
    "PackageLicenseDeclared": "licenseDeclared",
    "PrimaryPackagePurpose": "primaryPackagePurpose",
}
_FILE = {"FileName": "fileName", "SPDXID": "SPDXID", "LicenseConcluded": "licenseConcluded"}
# The first tags of what begins a new element, and the list that it belongs to.
_BEGINNINGS = {"PackageName": "packages[]", "FileName": "files[]", "SnippetSPDXID": "aside"}
_LONGEST_TEXT = 1 << 20


def tag_value_parts(file: ArtifactFile) -> Iterator[tuple[str, Any]]:
    """Yield (place, object) of the document, as `values_at` does for the JSON form."""
    document: dict[str, Any] = {"creationInfo": {"creators": []}}
    place, held = "", document
    for tag, value in _tags(file):
        if tag in _BEGINNINGS:
            if place:
                yield place, held
            place, held = _BEGINNINGS[tag], {}
        if tag == "Relationship":
            words = value.split()
            if len(words) < 3:
                raise Invalid("a relationship without its two elements and its type")
            keys = ("spdxElementId", "relationshipType", "relatedSpdxElement")
            yield "relationships[]", dict(zip(keys, words, strict=False))
        elif tag == "SPDXVersion":
            document["spdxVersion"] = value
        elif tag == "Creator":
            document["creationInfo"]["creators"].append(value)
        elif tag == "Created":
            document["creationInfo"]["created"] = value
        elif place == "packages[]":
            _add_to_package(held, tag, value)
        elif place == "files[]":
            if tag in _FILE:
                held[_FILE[tag]] = value
            elif tag == "LicenseInfoInFile":
                held.setdefault("licenseInfoInFiles", []).append(value)
    if place:
        yield place, held
    yield "", document


def _add_to_package(package: dict[str, Any], tag: str, value: str) -> None:
    if tag in _PACKAGE:
        package[_PACKAGE[tag]] = value
    elif tag == "ExternalRef":
        words = value.split(None, 2)
        if len(words) == 3:
            package.setdefault("externalRefs", []).append(
                {"referenceType": words[1], "referenceLocator": words[2]}
            )


def _tags(file: ArtifactFile) -> Iterator[tuple[str, str]]:
    """Yield (tag, value); a value in `<text>` may have several lines."""
    waiting: tuple[str, list[str]] | None = None
    size = 0
    for line in lines_of(file):
        if waiting:
            waiting[1].append(line)
            size += len(line)
            if size > _LONGEST_TEXT:
                raise Invalid(f"a text of more than {_LONGEST_TEXT} bytes")
            if "</text>" in line:
                yield waiting[0], "\n".join(waiting[1]).partition("</text>")[0]
                waiting = None
            continue
        tag, colon, value = line.partition(":")
        tag, value = tag.strip(), value.strip()
        if not colon or tag.startswith("#"):
            continue
        if value.startswith("<text>"):
            value = value.removeprefix("<text>")
            if "</text>" not in value:
                waiting, size = (tag, [value]), 0
                continue
            value = value.partition("</text>")[0]
        yield tag, value
    if waiting:
        raise Invalid("it ends in the middle of a text")
