"""The audits of Cargo, Bundler, Composer, .NET, uv and Bun.

Sources: https://rustsec.org, https://github.com/rubysec/bundler-audit, https://getcomposer.org,
https://learn.microsoft.com/dotnet
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.reports.reading.json_fields import (
    as_object,
    first_in,
    needed_text_in,
    object_in,
    objects_in,
    text_in,
)
from loaders.sources.reports.reading.package_components import component_of
from loaders.sources.reports.reading.report_advisories import advisory, cvss_of, ghsa_of, texts_in
from loaders.sources.reports.reading.report_facts import Advisory, Finding, ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.reading.whole_documents import (
    compact_json,
    json_object,
)

# -- cargo audit -----------------------------------------------------------------------------------


def _is_cargo_audit(head: Head) -> bool:
    document = head.document
    if not isinstance(document, dict):
        return False
    found = document.get("vulnerabilities")
    is_list = isinstance(found, dict) and {"found", "count", "list"} & found.keys()
    return bool(is_list) or {"database", "lockfile", "settings"} <= document.keys()


def _read_cargo_audit(file: ArtifactFile, rows: Rows) -> None:
    document = json_object(file)
    for found in objects_in(object_in(document, "vulnerabilities"), "list"):
        rows.add(_of_cargo_audit(found))
    warnings = object_in(document, "warnings")
    for kind in warnings:
        for found in objects_in(warnings, kind):
            rows.add(_warning(kind, found))
    count = object_in(document, "lockfile").get("dependency-count")
    totals = compact_json({"packages": count}) if isinstance(count, int) else None
    rows.add(
        ToolRun(
            "cargo audit",
            is_measured=count != 0,
            unmeasured_reason="the lock has no packages" if count == 0 else None,
            stated_totals=totals,
        )
    )


def _warning(kind: str, found: dict[str, Any]) -> Finding:
    """Return that a crate is not maintained, unsound or withdrawn: no vulnerability."""
    given, package = object_in(found, "advisory"), object_in(found, "package")
    named = " ".join(filter(None, [text_in(package, "name"), text_in(package, "version")]))
    return Finding(
        rule_id=text_in(given, "id") or kind,
        message=": ".join(filter(None, [named, text_in(given, "title") or kind])),
        level=kind,
        logical_name=text_in(package, "name"),
    )


def _of_cargo_audit(found: dict[str, Any]) -> Advisory:
    given, package = object_in(found, "advisory"), object_in(found, "package")
    return advisory(
        "cargo",
        text_in(package, "name") or needed_text_in(given, "package"),
        text_in(package, "version"),
        ids=[needed_text_in(given, "id"), *texts_in(given, "aliases")],
        vector=text_in(given, "cvss"),
        fixed=texts_in(object_in(found, "versions"), "patched"),
        title=text_in(given, "title"),
        url=text_in(given, "url"),
    )


# -- bundler-audit ---------------------------------------------------------------------------------


def _is_bundler_audit(head: Head) -> bool:
    document = head.document
    if not isinstance(document, dict) or not isinstance(document.get("results"), list):
        return False
    results = document["results"]
    first = results[0] if results else None
    if isinstance(first, dict):
        return first.get("type") in ("unpatched_gem", "insecure_source")
    return document.keys() == {"version", "created_at", "results"}


def _read_bundler_audit(file: ArtifactFile, rows: Rows) -> None:
    document = json_object(file)
    found = [
        _of_bundler_audit(result)
        for result in objects_in(document, "results")
        if result.get("type") == "unpatched_gem"
    ]
    # A gem that is locked for several platforms is listed for each of them.
    for one in dict.fromkeys(found):
        rows.add(one)
    rows.add(ToolRun("bundler-audit", text_in(document, "version"), is_measured=True))


def _of_bundler_audit(result: dict[str, Any]) -> Advisory:
    gem, given = object_in(result, "gem"), object_in(result, "advisory")
    # The numbers of CVE and GHSA are without their prefixes in some versions.
    cve, ghsa = text_in(given, "cve"), text_in(given, "ghsa")
    return advisory(
        "ruby",
        needed_text_in(gem, "name"),
        text_in(gem, "version"),
        ids=[
            text_in(given, "id"),
            f"CVE-{cve.removeprefix('CVE-')}" if cve else None,
            f"GHSA-{ghsa.removeprefix('GHSA-')}" if ghsa else None,
        ],
        level=text_in(given, "criticality"),
        score=given.get("cvss_v3") or given.get("cvss_v2"),
        fixed=texts_in(given, "patched_versions"),
        title=text_in(given, "title"),
        url=text_in(given, "url"),
    )


# -- composer audit --------------------------------------------------------------------------------


def _is_composer_audit(head: Head) -> bool:
    document = head.document
    if not isinstance(document, dict) or "advisories" not in document:
        return False
    advisories = document["advisories"]
    if "abandoned" in document and (advisories == [] or advisories == {}):
        return True
    entries = next(iter(advisories.values()), None) if isinstance(advisories, dict) else None
    values = list(entries.values()) if isinstance(entries, dict) else entries
    first = first_in(values)
    return isinstance(first, dict) and bool({"advisoryId", "affectedVersions"} & first.keys())


def _read_composer_audit(file: ArtifactFile, rows: Rows) -> None:
    document = json_object(file)
    for key, is_suppressed in (("advisories", False), ("ignored-advisories", True)):
        table = document.get(key)
        # PHP writes an empty table as a list.
        for name, entries in table.items() if isinstance(table, dict) else ():
            values = list(entries.values()) if isinstance(entries, dict) else entries
            for value in values if isinstance(values, list) else ():
                found = as_object(value, "an advisory")
                rows.add(_of_composer_audit(name, found)._replace(is_suppressed=is_suppressed))
    rows.add(ToolRun("composer audit", is_measured=True))


def _of_composer_audit(name: str, found: dict[str, Any]) -> Advisory:
    others = [text_in(source, "remoteId") for source in objects_in(found, "sources")]
    return advisory(
        "composer",
        text_in(found, "packageName") or name,
        # It says which versions are affected, and not which one is used.
        text_in(found, "affectedVersions"),
        ids=[
            text_in(found, "cve"),
            *(ghsa_of(other) for other in others),
            text_in(found, "advisoryId"),
        ],
        level=text_in(found, "severity"),
        title=text_in(found, "title"),
        url=text_in(found, "link"),
        suppression=text_in(found, "ignoreReason"),
    )


# -- dotnet list package ---------------------------------------------------------------------------


def _is_dotnet(head: Head) -> bool:
    document = head.document
    if not isinstance(document, dict) or not isinstance(document.get("projects"), list):
        return False
    return "parameters" in document and isinstance(document.get("version"), int)


def _read_dotnet(file: ArtifactFile, rows: Rows) -> None:
    document = json_object(file)
    is_audit = "--vulnerable" in (text_in(document, "parameters") or "")
    is_restored = False
    for project in objects_in(document, "projects"):
        is_restored |= "frameworks" in project
        path = text_in(project, "path")
        path_index = rows.path(path) if path else None
        for is_direct, entry in _dotnet_packages(project):
            if not is_audit:
                component = component_of(
                    "nuget", needed_text_in(entry, "id"), text_in(entry, "resolvedVersion")
                )
                rows.add(component._replace(is_direct=is_direct, path_index=path_index))
            for found in _of_dotnet(entry, is_direct):
                rows.add(found._replace(path_index=path_index))
    problems = [text_in(one, "text") for one in objects_in(document, "problems")]
    # Projects that are not restored have no frameworks.
    is_measured = is_restored or not any(problems)
    rows.add(
        ToolRun(
            "dotnet list package --vulnerable" if is_audit else "dotnet list package",
            is_successful=not any(problems),
            is_measured=is_measured if is_audit else None,
            unmeasured_reason=None if is_measured else next(filter(None, problems)),
        )
    )


def _dotnet_packages(project: dict[str, Any]) -> Iterator[tuple[bool, dict[str, Any]]]:
    """Yield (whether it is direct, package), once for all frameworks."""
    seen: set[tuple[Any, ...]] = set()
    for framework in objects_in(project, "frameworks"):
        for key, is_direct in (("topLevelPackages", True), ("transitivePackages", False)):
            for entry in objects_in(framework, key):
                mark = (text_in(entry, "id"), text_in(entry, "resolvedVersion"))
                if mark not in seen:
                    seen.add(mark)
                    yield is_direct, entry


def _of_dotnet(entry: dict[str, Any], is_direct: bool) -> Iterator[Advisory]:
    for found in objects_in(entry, "vulnerabilities"):
        url = text_in(found, "advisoryurl") or text_in(found, "advisoryUrl")
        yield advisory(
            "nuget",
            needed_text_in(entry, "id"),
            text_in(entry, "resolvedVersion"),
            ids=[ghsa_of(url), url],
            level=text_in(found, "severity"),
            url=url,
            is_direct=is_direct,
        )


# -- uv audit, bun audit ---------------------------------------------------------------------------


def _is_uv_audit(head: Head) -> bool:
    document = head.document
    summary = document.get("summary") if isinstance(document, dict) else None
    return isinstance(summary, dict) and {"audited_packages", "vulnerabilities"} <= summary.keys()


def _read_uv_audit(file: ArtifactFile, rows: Rows) -> None:
    document = json_object(file)
    summary = object_in(document, "summary")
    for found in objects_in(document, "vulnerabilities"):
        package = object_in(found, "dependency")
        rows.add(
            advisory(
                "python",
                needed_text_in(package, "name"),
                text_in(package, "version"),
                ids=[text_in(found, "id"), *texts_in(found, "aliases")],
                fixed=texts_in(found, "fix_versions"),
                title=text_in(found, "summary") or text_in(found, "description"),
                url=text_in(found, "link"),
            )
        )
    is_empty = summary.get("audited_packages") == 0
    rows.add(
        ToolRun(
            "uv audit",
            is_measured=not is_empty,
            unmeasured_reason="no package was audited" if is_empty else None,
            stated_totals=compact_json(summary),
        )
    )


def _is_bun_audit(head: Head) -> bool:
    document = head.document
    entries = next(iter(document.values()), None) if isinstance(document, dict) else None
    first = first_in(entries)
    return isinstance(first, dict) and first.keys() >= _OF_BUN


_OF_BUN = {"id", "url", "title", "severity", "vulnerable_versions"}


def _read_bun_audit(file: ArtifactFile, rows: Rows) -> None:
    document = json_object(file)
    for name in document:
        for found in objects_in(document, name):
            score, vector = cvss_of(object_in(found, "cvss"))
            url = text_in(found, "url")
            rows.add(
                advisory(
                    "npm",
                    name,
                    text_in(found, "vulnerable_versions"),
                    ids=[ghsa_of(url), str(found.get("id") or "") or url],
                    level=text_in(found, "severity"),
                    score=score,
                    vector=vector,
                    title=text_in(found, "title"),
                    url=url,
                )
            )
    rows.add(ToolRun("bun audit", is_measured=True))


FURTHER_AUDITS = (
    Form("bun-audit", _is_bun_audit, _read_bun_audit),
    Form("bundler-audit", _is_bundler_audit, _read_bundler_audit),
    Form("cargo-audit", _is_cargo_audit, _read_cargo_audit),
    Form("composer-audit", _is_composer_audit, _read_composer_audit),
    Form("dotnet-packages", _is_dotnet, _read_dotnet),
    Form("uv-audit", _is_uv_audit, _read_uv_audit),
)
