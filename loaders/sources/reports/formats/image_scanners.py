"""The JSON of Trivy and Grype: vulnerabilities of packages, and Trivy's other findings.

Sources: https://trivy.dev/latest/docs/configuration/reporting/#json,
https://github.com/anchore/grype.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.reports.reading.json_fields import (
    as_object,
    list_in,
    object_in,
    objects_in,
    text_in,
)
from loaders.sources.reports.reading.json_values import values_at
from loaders.sources.reports.reading.listed_findings import (
    Findings,
    Keys,
    Object,
    has,
    starts_with,
    text_at,
    value_at,
)
from loaders.sources.reports.reading.package_names import package_of_purl
from loaders.sources.reports.reading.report_advisories import advisory, score_of, texts_in
from loaders.sources.reports.reading.report_facts import Advisory, ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.reading.report_times import moment_of

# -- Trivy -----------------------------------------------------------------------------------------

_MISCONFIGURATION = Keys(
    rule="ID|AVDID",
    rule_name="Title",
    help_uri="PrimaryURL",
    message="Message|Description|Title",
    level="Severity",
    line="CauseMetadata.StartLine",
    end_line="CauseMetadata.EndLine",
    logical_name="CauseMetadata.Resource",
)
_SECRET = Keys(
    rule="RuleID",
    rule_name="Category",
    message="Title",
    level="Severity",
    line="StartLine",
    end_line="EndLine",
)
_LICENCE = Keys(rule="Name", help_uri="Link", message="Category", level="Severity")
_PARTS = ("Class", "Vulnerabilities", "Misconfigurations", "Secrets")
_KINDS = {"PASS": "pass", "FAIL": "finding", "EXCEPTION": "finding"}
# They may be larger than all findings, and are left out.
_PACKAGES = ("Results[].Packages[]", "[].Packages[]")


def _is_trivy(head: Head) -> bool:
    document = head.document
    if has(document, "SchemaVersion", "ArtifactName"):
        return True
    found = document.get("Results") if isinstance(document, dict) else document
    return any(starts_with(found, "Target", part) for part in _PARTS)


def _read_trivy(file: ArtifactFile, rows: Rows) -> None:
    rest: Any = None
    results = 0
    parts = {
        "Misconfigurations": (Findings(rows, _MISCONFIGURATION), _of_misconfiguration),
        "Secrets": (Findings(rows, _SECRET), _of_secret),
        "Licenses": (Findings(rows, _LICENCE), _of_licence),
    }
    for place, value in values_at(file.text_stream(), "Results[]", "[]", *_PACKAGES):
        if place in _PACKAGES:
            continue
        if not place:
            rest = value
            continue
        results += 1
        result = as_object(value, "a result")
        for part, (findings, refine) in parts.items():
            for item in objects_in(result, part):
                findings.add(item, **({"path": _file_of(result)} | refine(item)))
        for item in objects_in(result, "Vulnerabilities"):
            rows.add(_of_vulnerability(item, result, rows))
        _add_modified(result, rows, parts["Misconfigurations"][0], parts["Secrets"][0])
    report = rest if isinstance(rest, dict) else {}
    rows.add(
        ToolRun(
            "trivy",
            text_at(report, "Trivy.Version"),
            category=text_in(report, "ArtifactType"),
            # Without a result, it found nothing that it knows, or no secret in what it read.
            is_measured=True if results else None,
            ended_at=moment_of(text_in(report, "CreatedAt")),
        )
    )


def _file_of(result: Object) -> str | None:
    """Return the file that a result is about; None for an image, or the packages of a language."""
    kind, target = text_in(result, "Class"), text_in(result, "Target")
    if kind == "os-pkgs" or (kind == "lang-pkgs" and not _is_path(target)):
        return None
    return target


def _is_path(target: str | None) -> bool:
    # The target of installed packages is "Python" or "Node.js".
    return bool(target) and (target not in _OF_LANGUAGES)


_OF_LANGUAGES = ("Python", "Node.js", "Ruby", "Java", "conda-pkg", "Go", "Rust", "PHP")


def _of_misconfiguration(item: Object) -> dict[str, Any]:
    status = text_in(item, "Status") or ""
    return {
        "kind": _KINDS.get(status, "finding"),
        "is_suppressed": status == "EXCEPTION",
    }


def _of_secret(item: Object) -> dict[str, Any]:
    # It leaves out the secret itself.
    return {"values": [text_in(item, "Match")], "tags": ["secret"]}


def _of_licence(item: Object) -> dict[str, Any]:
    name, path = text_in(item, "PkgName"), text_in(item, "FilePath")
    return {"logical_name": name or None} | ({"path": path} if path else {})


def _of_vulnerability(item: Object, result: Object, rows: Rows) -> Advisory:
    score, vector = _highest(_scores_of_trivy(item))
    purl = text_at(item, "PkgIdentifier.PURL")
    package = package_of_purl(purl)
    path = text_in(item, "PkgPath") or _file_of(result)
    fixed = (text_in(item, "FixedVersion") or "").split(",")
    found = advisory(
        package.ecosystem or text_in(result, "Type"),
        _name_in(item, "PkgName"),
        text_in(item, "InstalledVersion"),
        ids=[text_in(item, "VulnerabilityID"), *texts_in(item, "VendorIDs")],
        fixed=[one.strip() for one in fixed if one.strip()],
        score=score,
        vector=vector,
        level=text_in(item, "Severity"),
        title=text_in(item, "Title"),
        url=text_in(item, "PrimaryURL"),
        path_index=rows.path(path) if path else None,
    )
    if package.purl:
        found = found._replace(purl=package.purl, canonical_name=package.canonical_name)
    return found


def _scores_of_trivy(item: Object) -> Iterator[tuple[Any, Any]]:
    for source in object_in(item, "CVSS").values():
        given = as_object(source, "a score")
        for version in ("V40", "V3", "V2"):
            if given.get(f"{version}Score"):
                yield given[f"{version}Score"], given.get(f"{version}Vector")
                break


def _name_in(owner: Object, key: str) -> str:
    name = text_in(owner, key)
    if not name:
        raise Invalid("a package without a name")
    return name


def _highest(scores: Iterator[tuple[Any, Any]]) -> tuple[float | None, str | None]:
    """Return the highest of (score, vector)."""
    known = [(score, vector) for given, vector in scores if (score := score_of(given))]
    score, vector = max(known, key=lambda one: one[0], default=(None, None))
    return score, vector if isinstance(vector, str) else None


def _add_modified(
    result: Object, rows: Rows, misconfigurations: Findings, secrets: Findings
) -> None:
    """Add what the user, or a VEX statement, ruled out."""
    for one in objects_in(result, "ExperimentalModifiedFindings"):
        finding = object_in(one, "Finding")
        reason = text_in(one, "Statement") or text_in(one, "Status")
        if "VulnerabilityID" in finding:
            rows.add(
                _of_vulnerability(finding, result, rows)._replace(
                    is_suppressed=True, suppression=reason
                )
            )
        elif "RuleID" in finding or "ID" in finding:
            findings = secrets if "RuleID" in finding else misconfigurations
            findings.add(finding, path=_file_of(result), is_suppressed=True, suppression=reason)


# -- Grype -----------------------------------------------------------------------------------------


def _is_grype(head: Head) -> bool:
    document = head.document
    if not has(document, "matches"):
        return False
    return starts_with(document["matches"], "vulnerability", "artifact") or (
        has(document, "descriptor", "source") and document["matches"] == []
    )


def _read_grype(file: ArtifactFile, rows: Rows) -> None:
    for place, value in values_at(file.text_stream(), "matches[]", "ignoredMatches[]"):
        item = as_object(value, place or "the report")
        if place:
            found = _of_match(item, rows)
            if place == "ignoredMatches[]":
                found = found._replace(is_suppressed=True, suppression=_reason_of(item))
            rows.add(found)
        else:
            rows.add(
                ToolRun(
                    text_at(item, "descriptor.name") or "grype",
                    text_at(item, "descriptor.version"),
                    category=text_at(item, "source.type"),
                    ended_at=moment_of(text_at(item, "descriptor.timestamp")),
                )
            )


def _of_match(item: Object, rows: Rows) -> Advisory:
    found, artifact = object_in(item, "vulnerability"), object_in(item, "artifact")
    related = objects_in(item, "relatedVulnerabilities")
    score, vector = _highest(_scores_of_grype([found, *related]))
    package = package_of_purl(text_in(artifact, "purl"))
    path = next(
        (text_in(one, "path") for one in objects_in(artifact, "locations") if one.get("path")), None
    )
    made = advisory(
        package.ecosystem or text_in(artifact, "language") or text_in(artifact, "type"),
        _name_in(artifact, "name"),
        text_in(artifact, "version"),
        ids=[text_in(found, "id"), *(text_in(one, "id") for one in related)],
        fixed=texts_in(object_in(found, "fix"), "versions"),
        score=score,
        vector=vector,
        level=text_in(found, "severity"),
        title=text_in(found, "description"),
        url=text_in(found, "dataSource"),
        path_index=rows.path(path) if path else None,
    )
    if package.purl:
        made = made._replace(purl=package.purl, canonical_name=package.canonical_name)
    return made


def _scores_of_grype(vulnerabilities: list[dict[str, Any]]) -> Iterator[tuple[Any, Any]]:
    for one in vulnerabilities:
        for cvss in objects_in(one, "cvss"):
            yield value_at(cvss, "metrics.baseScore"), cvss.get("vector")


def _reason_of(item: Object) -> str | None:
    reasons = [
        text_at(as_object(rule, "a rule"), "reason|vex-justification|vex-status|fix-state")
        for rule in list_in(item, "appliedIgnoreRules")
    ]
    return " · ".join(dict.fromkeys(filter(None, reasons))) or None


IMAGE_SCANNERS = (
    Form("grype", _is_grype, _read_grype),
    Form("trivy", _is_trivy, _read_trivy),
)
