"""The licences of installed npm packages, as license-checker lists them.

Source: https://github.com/RSeidelsohn/license-checker-rseidelsohn
"""

from __future__ import annotations

import re

from loaders.sources.artifacts.artifact_files import ArtifactFile
from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.reports.reading.package_components import component_of
from loaders.sources.reports.reading.report_facts import ToolRun
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head
from loaders.sources.reports.reading.report_rows import Rows
from loaders.sources.reports.reading.whole_documents import json_object

_PACKAGE = re.compile(r"((?:@[^/@]+/)?[^/@]+)@(\d[^@]*)")


def _is_checker(head: Head) -> bool:
    document = head.document
    if not isinstance(document, dict) or not document:
        return False
    # The last may be torn off.
    entries = list(document.items())
    return all(
        _PACKAGE.fullmatch(key) and isinstance(entry, dict) and "licenses" in entry
        for key, entry in entries[: max(len(entries) - 1, 1)]
    )


def _read_checker(file: ArtifactFile, rows: Rows) -> None:
    document = json_object(file)
    for key in document:
        if not (found := _PACKAGE.fullmatch(key)):
            raise Invalid(f"not a package and its version: {key[:100]}")
        licences = document[key].get("licenses") if isinstance(document[key], dict) else None
        texts = licences if isinstance(licences, list) else [licences]
        text = ", ".join(one for one in texts if isinstance(one, str))
        rows.add(component_of("npm", found[1], found[2], licence=text or None))
    rows.add(ToolRun(tool_name="license-checker"))


LICENCE_CHECKS = (Form("license-checker", _is_checker, _read_checker),)
