"""The findings of pip-audit and of the audits of npm, pnpm and Yarn.

Sources: https://github.com/pypa/pip-audit (docs), https://docs.npmjs.com/cli/commands/npm-audit,
https://yarnpkg.com/cli/npm/audit
"""

from __future__ import annotations

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
from loaders.sources.reports.reading.json_lines import documents_in
from loaders.sources.reports.reading.json_values import items_of
from loaders.sources.reports.reading.report_advisories import advisory, cvss_of, ghsa_of, texts_in
from loaders.sources.reports.reading.report_facts import Advisory, ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.reading.whole_documents import compact_json, json_object

# -- pip-audit -------------------------------------------------------------------------------------


def _is_pip_audit(head: Head) -> bool:
    document = head.document
    # Before 1.1, the list was the document.
    found = document.get("dependencies") if isinstance(document, dict) else document
    first = first_in(found)
    if isinstance(first, dict) and isinstance(first.get("name"), str):
        return "vulns" in first or "skip_reason" in first
    return isinstance(document, dict) and document == {"dependencies": [], "fixes": []}


def _read_pip_audit(file: ArtifactFile, rows: Rows) -> None:
    examined = skipped = 0
    reason = None
    for item in items_of(file.text_stream(), "dependencies[]", "[]"):
        package = as_object(item, "a dependency")
        if "skip_reason" in package:
            skipped += 1
            reason = reason or text_in(package, "skip_reason")
            continue
        examined += 1
        for found in objects_in(package, "vulns"):
            rows.add(_of_pip_audit(package, found))
    # It exits with 0 and "No known vulnerabilities found" if it could look up no package.
    is_measured = examined > 0 or not skipped
    rows.add(
        ToolRun(
            tool_name="pip-audit",
            is_measured=is_measured,
            unmeasured_reason=None if is_measured else f"{skipped} packages skipped: {reason}",
            stated_totals=compact_json({"packages": examined, "skipped": skipped}),
        )
    )


def _of_pip_audit(package: dict[str, Any], found: dict[str, Any]) -> Advisory:
    return advisory(
        "python",
        needed_text_in(package, "name"),
        text_in(package, "version"),
        ids=[needed_text_in(found, "id"), *texts_in(found, "aliases")],
        fixed=texts_in(found, "fix_versions"),
        title=text_in(found, "description"),
    )


# -- npm audit, from npm 7 on ----------------------------------------------------------------------


def _is_npm_audit(head: Head) -> bool:
    document = head.document
    if not isinstance(document, dict):
        return False
    if "auditReportVersion" in document:
        return True
    return _is_old_audit(document) or _is_refused(document)


def _is_old_audit(document: dict[str, Any]) -> bool:
    if not isinstance(document.get("advisories"), dict):
        return False
    if {"actions", "muted"} & document.keys():
        return True
    first = next(iter(document["advisories"].values()), None)
    return isinstance(first, dict) and "module_name" in first


def _is_refused(document: dict[str, Any]) -> bool:
    """Recognise what `npm audit --json` prints if it gets no answer from the registry."""
    error = document.get("error")
    if not isinstance(error, dict) or not document.keys() <= _OF_REFUSALS:
        return False
    is_of_pnpm = str(error.get("code", "")).startswith("ERR_PNPM_AUDIT")
    return is_of_pnpm or {"summary", "detail"} <= error.keys()


_OF_REFUSALS = {"message", "method", "uri", "headers", "statusCode", "body", "error"}


def _read_npm_audit(file: ArtifactFile, rows: Rows) -> None:
    document = json_object(file)
    if _is_refused(document):
        error = object_in(document, "error")
        words = [document.get("message"), error.get("code"), error.get("summary")]
        words.append(error.get("message"))
        reason = " ".join(word for word in words if isinstance(word, str) and word)
        rows.add(
            ToolRun("npm audit", is_successful=False, is_measured=False, unmeasured_reason=reason)
        )
        return
    if "advisories" in document:
        for found in object_in(document, "advisories").values():
            _add_old(as_object(found, "an advisory"), rows)
    elif "vulnerabilities" in document:
        for name, entry in object_in(document, "vulnerabilities").items():
            for one in _of_npm_audit(name, as_object(entry, "a vulnerability")):
                rows.add(one)
    else:
        raise Invalid("neither vulnerabilities nor advisories")
    totals = object_in(object_in(document, "metadata"), "vulnerabilities")
    rows.add(
        ToolRun(
            tool_name="npm audit",
            is_measured=True,
            stated_totals=compact_json(totals) if totals else None,
        )
    )


def _of_npm_audit(name: str, entry: dict[str, Any]) -> Iterator[Advisory]:
    """Yield the advisories of a package itself; those of what it needs are at those packages."""
    fix = entry.get("fixAvailable")
    fixed = [fix["version"]] if isinstance(fix, dict) and fix.get("name") == name else []
    for via in list_in(entry, "via"):
        if isinstance(via, str):
            continue
        found = as_object(via, "an element of via")
        score, vector = cvss_of(object_in(found, "cvss"))
        yield advisory(
            "npm",
            text_in(found, "name") or name,
            text_in(found, "range") or text_in(entry, "range"),
            ids=[ghsa_of(found.get("url")), _number(found.get("source"))],
            level=text_in(found, "severity"),
            score=score,
            vector=vector,
            fixed=fixed,
            title=text_in(found, "title"),
            url=text_in(found, "url"),
            is_direct=truth_in(entry, "isDirect"),
        )


def _number(value: Any) -> str | None:
    """Return a number of the npm registry as an id."""
    if isinstance(value, bool) or not isinstance(value, int | str) or value in ("", 0):
        return None
    return str(value)


# -- npm 6, pnpm, Yarn 1 and Yarn 2 to 3: one object per advisory ----------------------------------


def _add_old(found: dict[str, Any], rows: Rows, *, path: str | None = None) -> None:
    """Add an advisory for each version of the package that was found."""
    versions = dict.fromkeys(
        version
        for finding in objects_in(found, "findings")
        if isinstance(version := finding.get("version"), str)
    )
    paths = [
        path
        for finding in objects_in(found, "findings")
        for path in list_in(finding, "paths")
        if isinstance(path, str)
    ]
    score, vector = cvss_of(object_in(found, "cvss"))
    ids = [
        text_in(found, "github_advisory_id") or ghsa_of(found.get("url")),
        *texts_in(found, "cves"),
        _number(found.get("id")),
    ]
    patched = text_in(found, "patched_versions")
    for version in versions or [text_in(found, "vulnerable_versions")]:
        rows.add(
            advisory(
                "npm",
                needed_text_in(found, "module_name"),
                version,
                ids=ids,
                level=text_in(found, "severity"),
                score=score,
                vector=vector,
                # `<0.0.0` says that there is none.
                fixed=[patched] if patched and patched != "<0.0.0" else [],
                title=text_in(found, "title"),
                url=text_in(found, "url"),
                is_direct=_is_direct(paths, needed_text_in(found, "module_name")),
            )
        )


def _is_direct(paths: list[str], name: str) -> bool | None:
    """Return whether a path begins with the package; `.>name` is from the root in pnpm."""
    if not paths:
        return None
    steps = [[step for step in path.split(">") if step != "."] for path in paths]
    return any(path[:1] == [name] for path in steps)


def _is_yarn_audit(head: Head) -> bool:
    document = head.document
    if not isinstance(document, dict):
        return False
    if document.get("type") in ("auditAdvisory", "auditSummary", "auditAction"):
        return isinstance(document.get("data"), dict)
    children = document.get("children")
    return isinstance(children, dict) and {"Severity", "Vulnerable Versions"} <= children.keys()


def _read_yarn_audit(file: ArtifactFile, rows: Rows) -> None:
    totals = None
    seen: set[str] = set()
    for _, line in documents_in(file.text_stream()):
        found = as_object(line, "a line")
        if isinstance(found.get("children"), dict):
            for one in _of_new_yarn(found):
                rows.add(one)
            continue
        data = found.get("data")
        if found.get("type") == "auditAdvisory":
            given = object_in(as_object(data, "data"), "advisory")
            # Yarn prints an advisory once for each way to the package.
            key = f"{given.get('id')} {compact_json(given.get('findings'))}"
            if key not in seen:
                seen.add(key)
                _add_old(given, rows)
        elif found.get("type") == "auditSummary":
            totals = object_in(as_object(data, "data"), "vulnerabilities")
    rows.add(
        ToolRun(
            tool_name="yarn audit",
            is_measured=True,
            stated_totals=compact_json(totals) if totals else None,
        )
    )


def _of_new_yarn(found: dict[str, Any]) -> Iterator[Advisory]:
    """Yield what a line of Yarn 4 says, for each version of the package."""
    name, details = needed_text_in(found, "value"), object_in(found, "children")
    url = text_in(details, "URL")
    ids = [ghsa_of(url), _number(details.get("ID"))]
    # Without an advisory, the line says that the package is deprecated.
    if not any(ids) or str(details.get("ID", "")).endswith("(deprecation)"):
        return
    vulnerable = text_in(details, "Vulnerable Versions") or ""
    for version in texts_in(details, "Tree Versions") or [vulnerable]:
        yield advisory(
            "npm",
            name,
            version,
            ids=ids,
            level=text_in(details, "Severity"),
            title=text_in(details, "Issue"),
            url=url,
        )


PACKAGE_AUDITS = (
    Form("npm-audit", _is_npm_audit, _read_npm_audit),
    Form("pip-audit", _is_pip_audit, _read_pip_audit),
    Form("yarn-audit", _is_yarn_audit, _read_yarn_audit),
)
