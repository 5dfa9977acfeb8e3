"""The messages of govulncheck, which knows what of a module the code calls.

Source: https://pkg.go.dev/golang.org/x/vuln/internal/govulncheck
"""

from __future__ import annotations

from typing import Any

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.reports.reading.json_fields import (
    needed_text_in,
    object_in,
    objects_in,
    text_in,
)
from loaders.sources.reports.reading.report_advisories import advisory, texts_in
from loaders.sources.reports.reading.report_facts import Advisory, ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.reading.whole_documents import (
    json_sequence,
)


def _is_govulncheck(head: Head) -> bool:
    document = head.document
    config = document.get("config") if isinstance(document, dict) else None
    return isinstance(config, dict) and bool(
        {"protocol_version", "scanner_name"} & config.keys() and len(document) == 1
    )


def _read_govulncheck(file: ArtifactFile, rows: Rows) -> None:
    """Read the messages. A finding is repeated for the module, its packages and its symbols."""
    config: dict[str, Any] = {}
    known: dict[str, dict[str, Any]] = {}
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for message in json_sequence(file):
        if "config" in message:
            config = object_in(message, "config")
        elif "osv" in message:
            given = object_in(message, "osv")
            known[needed_text_in(given, "id")] = {
                key: given.get(key) for key in ("aliases", "summary", "database_specific")
            }
        elif "finding" in message:
            finding = object_in(message, "finding")
            trace = objects_in(finding, "trace")
            if trace:
                key = (needed_text_in(finding, "osv"), needed_text_in(trace[0], "module"))
                entry = found.setdefault(key, {"reach": "module"})
                entry["fixed"] = text_in(finding, "fixed_version") or entry.get("fixed")
                entry["version"] = text_in(trace[0], "version") or entry.get("version")
                _note_reach(entry, trace[0])
    is_of_symbols = config.get("scan_level") in (None, "symbol")
    for (identifier, module), entry in found.items():
        why = _UNREACHED.get(entry["reach"]) if is_of_symbols else None
        one = _of_govulncheck(identifier, module, entry, known.get(identifier, {}))
        rows.add(one._replace(is_suppressed=why is not None, suppression=why))
    rows.add(
        ToolRun(
            text_in(config, "scanner_name") or "govulncheck",
            text_in(config, "scanner_version"),
            category=text_in(config, "scan_level"),
            is_measured=True,
        )
    )


# The tool itself says that the code is not affected, in these words of OpenVEX.
_UNREACHED = {
    "module": "vulnerable_code_not_present",
    "package": "vulnerable_code_not_in_execute_path",
}


def _note_reach(entry: dict[str, Any], step: dict[str, Any]) -> None:
    """Keep how near the code is to the fault: its module, its package, or the function is used."""
    if step.get("function"):
        entry["reach"] = "symbol"
    elif step.get("package") and entry["reach"] == "module":
        entry["reach"] = "package"


def _of_govulncheck(
    identifier: str, module: str, entry: dict[str, Any], given: dict[str, Any]
) -> Advisory:
    return advisory(
        "go",
        module,
        entry.get("version"),
        ids=[identifier, *texts_in(given, "aliases")],
        fixed=[entry["fixed"]] if entry.get("fixed") else [],
        title=text_in(given, "summary"),
        url=text_in(object_in(given, "database_specific"), "url"),
    )


GOVULNCHECK = (Form("govulncheck", _is_govulncheck, _read_govulncheck),)
