"""A component from what lock files have of a package: ecosystem, name and version."""

from __future__ import annotations

from typing import Any

from loaders.sources.reports.reading.package_names import package_named, without_credentials
from loaders.sources.reports.reading.report_facts import Component


def component_of(
    ecosystem: str,
    name: str,
    version: str | None,
    *,
    real: str | None = None,
    reference: str | None = None,
    **more: Any,
) -> Component:
    """Return a package, installed as *name*; *real* is its name in the registry, if it differs.

    Its reference is `name@version` if none is given, with the canonical name in Python. *more* are
    further columns.
    """
    package = package_named(ecosystem, real or name, version)
    shown = package.canonical_name if package.ecosystem == "python" else name
    return Component(
        name=name,
        version=version,
        reference=without_credentials(reference or f"{shown}@{version or ''}"),
        purl=package.purl,
        ecosystem=package.ecosystem,
        canonical_name=package.canonical_name,
    )._replace(**more)
