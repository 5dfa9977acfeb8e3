"""Scanners of locked packages for advisories: osv-scanner, Snyk, OWASP Dependency-Check, Safety.

Sources: https://google.github.io/osv-scanner/output/, https://docs.snyk.io (`snyk test --json`),
https://jeremylong.github.io/DependencyCheck, https://docs.safetycli.com
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.reports.reading.json_fields import (
    as_object,
    first_in,
    list_in,
    needed_text_in,
    object_in,
    objects_in,
    text_in,
    truth_in,
)
from loaders.sources.reports.reading.json_values import values_at
from loaders.sources.reports.reading.package_names import package_of_purl
from loaders.sources.reports.reading.report_advisories import advisory, score_of, texts_in
from loaders.sources.reports.reading.report_facts import Advisory, ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.reading.report_times import moment_of
from loaders.sources.reports.reading.whole_documents import compact_json, json_document

# -- osv-scanner -----------------------------------------------------------------------------------


def _is_osv(head: Head) -> bool:
    document = head.document
    if not isinstance(document, dict):
        return False
    results, config = document.get("results"), document.get("experimental_config")
    if isinstance(config, dict) and "licenses" in config and isinstance(results, list):
        return True
    first = first_in(results)
    source = first.get("source") if isinstance(first, dict) else None
    return isinstance(source, dict) and {"path", "type"} <= source.keys()


def _read_osv(file: ArtifactFile, rows: Rows) -> None:
    count = 0
    for place, value in values_at(file.text_stream(), "results[]"):
        if not place:
            continue
        result = as_object(value, "a result")
        path = text_in(object_in(result, "source"), "path")
        path_index = rows.path(path) if path else None
        for entry in objects_in(result, "packages"):
            count += 1
            for found in _of_osv(entry):
                rows.add(found._replace(path_index=path_index))
    # Packages without an advisory are listed only on request.
    totals = compact_json({"packages": count})
    rows.add(ToolRun("osv-scanner", is_measured=True, stated_totals=totals))


def _of_osv(entry: dict[str, Any]) -> Iterator[Advisory]:
    """Yield one advisory per group: the ids in a group are aliases of each other."""
    package = object_in(entry, "package")
    known = {needed_text_in(one, "id"): one for one in objects_in(entry, "vulnerabilities")}
    groups = objects_in(entry, "groups") or [{"ids": [one]} for one in known]
    for group in groups:
        ids = texts_in(group, "ids")
        details = [known[one] for one in ids if one in known]
        aliases = [*texts_in(group, "aliases"), *_aliases(details)]
        first = details[0] if details else {}
        specific = object_in(first, "database_specific")
        yield advisory(
            text_in(package, "ecosystem"),
            needed_text_in(package, "name"),
            text_in(package, "version") or text_in(package, "commit"),
            ids=[*ids, *aliases],
            level=text_in(specific, "severity"),
            score=group.get("max_severity"),
            vector=_vector(details),
            fixed=_fixed(details, text_in(package, "name")),
            title=text_in(first, "summary") or text_in(first, "details"),
        )


def _aliases(details: list[dict[str, Any]]) -> Iterator[str]:
    for one in details:
        yield from texts_in(one, "aliases")


def _vector(details: list[dict[str, Any]]) -> str | None:
    """Return the vector of the newest version of CVSS."""
    found = [
        (str(severity.get("type")), vector)
        for one in details
        for severity in objects_in(one, "severity")
        if isinstance(vector := severity.get("score"), str)
    ]
    return max(found)[1] if found else None


def _fixed(details: list[dict[str, Any]], name: str | None) -> Iterator[str]:
    for one in details:
        for affected in objects_in(one, "affected"):
            if object_in(affected, "package").get("name") != name:
                continue
            for span in objects_in(affected, "ranges"):
                for event in objects_in(span, "events"):
                    # The events of a git range are commits.
                    if span.get("type") != "GIT" and isinstance(event.get("fixed"), str):
                        yield event["fixed"]


# -- snyk test -------------------------------------------------------------------------------------


def _is_snyk(head: Head) -> bool:
    first = head.first
    if not isinstance(first, dict):
        return False
    if first.keys() == {"ok", "error", "path"}:
        return True
    found = first.get("vulnerabilities")
    if "packageManager" in first and isinstance(found, list):
        return True
    one = first_in(found)
    return isinstance(one, dict) and {"packageName", "identifiers"} <= one.keys()


def _read_snyk(file: ArtifactFile, rows: Rows) -> None:
    document = json_document(file)
    # `--all-projects` gives a list.
    for project in document if isinstance(document, list) else [document]:
        _add_snyk(as_object(project, "a project"), rows)


def _add_snyk(project: dict[str, Any], rows: Rows) -> None:
    if "vulnerabilities" not in project:
        reason = text_in(project, "error") or "no vulnerabilities"
        rows.add(ToolRun("snyk", is_successful=False, is_measured=False, unmeasured_reason=reason))
        return
    path = text_in(project, "displayTargetFile")
    path_index = rows.path(path, [text_in(project, "path") or ""]) if path else None
    seen: set[tuple[Any, ...]] = set()
    for found in objects_in(project, "vulnerabilities"):
        # It is listed once for each way to the package.
        key = tuple(text_in(found, name) for name in ("id", "packageName", "version"))
        if key not in seen:
            seen.add(key)
            ecosystem = text_in(found, "language") or text_in(project, "packageManager")
            rows.add(_of_snyk(found, ecosystem)._replace(path_index=path_index))
    rows.add(
        ToolRun(
            "snyk",
            category=text_in(project, "projectName"),
            is_successful=True,
            is_measured=True,
            working_directory=text_in(project, "path"),
        )
    )


def _of_snyk(found: dict[str, Any], ecosystem: str | None) -> Advisory:
    identifiers = object_in(found, "identifiers")
    path = texts_in(found, "from")
    return advisory(
        text_in(found, "packageManager") or ecosystem,
        needed_text_in(found, "packageName"),
        text_in(found, "version"),
        ids=[
            needed_text_in(found, "id"),
            *texts_in(identifiers, "CVE"),
            *texts_in(identifiers, "GHSA"),
        ],
        level=text_in(found, "severity"),
        score=found.get("cvssScore"),
        vector=text_in(found, "CVSSv3"),
        fixed=texts_in(found, "fixedIn"),
        title=text_in(found, "title"),
        # The first step is the project.
        is_direct=len(path) == 2 if path else None,
        is_suppressed=bool(found.get("isIgnored") or list_in(found, "filteredIgnored")),
    )


# -- OWASP Dependency-Check ------------------------------------------------------------------------


def _is_dependency_check(head: Head) -> bool:
    document = head.document
    return isinstance(document, dict) and {"reportSchema", "scanInfo"} <= document.keys()


def _read_dependency_check(file: ArtifactFile, rows: Rows) -> None:
    count = 0
    document: dict[str, Any] = {}
    for place, value in values_at(file.text_stream(), "dependencies[]"):
        if not place:
            document = as_object(value, "the document")
            continue
        count += 1
        dependency = as_object(value, "a dependency")
        for key, is_suppressed in (
            ("vulnerabilities", False),
            ("suppressedVulnerabilities", True),
        ):
            for found in objects_in(dependency, key):
                rows.add(_of_dependency_check(dependency, found, rows, is_suppressed))
    info, project = object_in(document, "scanInfo"), object_in(document, "projectInfo")
    rows.add(
        ToolRun(
            "dependency-check",
            text_in(info, "engineVersion"),
            category=text_in(project, "name"),
            is_measured=count > 0,
            unmeasured_reason=None if count else "no dependency was found",
            ended_at=moment_of(text_in(project, "reportDate")),
            stated_totals=compact_json({"packages": count}),
        )
    )


def _of_dependency_check(
    dependency: dict[str, Any], found: dict[str, Any], rows: Rows, is_suppressed: bool
) -> Advisory:
    purls = [text_in(one, "id") for one in objects_in(dependency, "packages")]
    package = package_of_purl(next(filter(None, purls), None))
    three, two = object_in(found, "cvssv3"), object_in(found, "cvssv2")
    path = text_in(dependency, "filePath")
    name = needed_text_in(found, "name")
    return Advisory(
        advisory_id=name,
        name=package.canonical_name or needed_text_in(dependency, "fileName"),
        version=package.version,
        ecosystem=package.ecosystem,
        canonical_name=package.canonical_name,
        purl=package.purl,
        level=text_in(found, "severity"),
        cvss_score=score_of(three.get("baseScore")) or score_of(two.get("score")),
        title=(text_in(found, "description") or "")[:500] or None,
        is_suppressed=is_suppressed,
        suppression=text_in(found, "notes") if is_suppressed else None,
        path_index=rows.path(path) if path else None,
    )


# -- safety ----------------------------------------------------------------------------------------


def _is_safety(head: Head) -> bool:
    document = head.document
    if isinstance(document, dict):
        return {"report_meta", "affected_packages"} <= document.keys()
    # Version 1: name, affected versions, version, advisory, number.
    first = first_in(document)
    return (
        isinstance(first, list)
        and len(first) >= 5
        and all(isinstance(one, str) for one in first[:5])
        and re.fullmatch(r"\d{5,}", first[4]) is not None
    )


def _read_safety(file: ArtifactFile, rows: Rows) -> None:
    document = json_document(file)
    if isinstance(document, list):
        for entry in document:
            texts = entry[:5] if isinstance(entry, list) else []
            if len(texts) < 5 or not all(isinstance(text, str) for text in texts):
                raise Invalid("an entry without its five texts")
            name, _, version, title, number = texts
            rows.add(advisory("python", name, version, ids=[number], title=title))
        rows.add(ToolRun("safety", is_measured=True))
        return
    report = as_object(document, "the document")
    meta = object_in(report, "report_meta")
    for found in objects_in(report, "vulnerabilities"):
        rows.add(_of_safety(found, is_suppressed=False))
    for found in objects_in(report, "ignored_vulnerabilities"):
        rows.add(_of_safety(found, is_suppressed=True))
    packages = meta.get("packages_found")
    rows.add(
        ToolRun(
            "safety",
            text_in(meta, "safety_version"),
            is_measured=packages != 0,
            unmeasured_reason="no package was found" if packages == 0 else None,
        )
    )


def _of_safety(found: dict[str, Any], *, is_suppressed: bool) -> Advisory:
    severity = object_in(found, "severity")
    three = object_in(severity, "cvssv3")
    direct = truth_in(found, "is_transitive")
    ignored = object_in(found, "ignored") if isinstance(found.get("ignored"), dict) else {}
    return advisory(
        "python",
        needed_text_in(found, "package_name"),
        text_in(found, "analyzed_version"),
        ids=[_text(found.get("vulnerability_id")), text_in(found, "CVE")],
        level=text_in(three, "base_severity"),
        score=three.get("base_score"),
        vector=text_in(three, "vector_string"),
        fixed=texts_in(found, "fixed_versions"),
        title=text_in(found, "advisory"),
        url=text_in(found, "more_info_url"),
        is_direct=None if direct is None else not direct,
        is_suppressed=is_suppressed,
        suppression=(text_in(found, "ignored_reason") or text_in(ignored, "reason"))
        if is_suppressed
        else None,
    )


def _text(value: Any) -> str | None:
    return str(value) if isinstance(value, int | str) and not isinstance(value, bool) else None


ADVISORY_SCANNERS = (
    Form("dependency-check", _is_dependency_check, _read_dependency_check),
    Form("osv-scanner", _is_osv, _read_osv),
    Form("safety", _is_safety, _read_safety),
    Form("snyk-test", _is_snyk, _read_snyk),
)
