"""The formats of reports, in the order in which a file is compared with them."""

from __future__ import annotations

import hashlib

from loaders.sources.reports.formats.advisory_scanners import ADVISORY_SCANNERS
from loaders.sources.reports.formats.clover import CLOVER
from loaders.sources.reports.formats.cobertura import COBERTURA
from loaders.sources.reports.formats.coverage_py import COVERAGE_PY
from loaders.sources.reports.formats.cucumber import CUCUMBER
from loaders.sources.reports.formats.cyclonedx import CYCLONEDX
from loaders.sources.reports.formats.cyclonedx_xml import CYCLONEDX_XML
from loaders.sources.reports.formats.dbt_results import DBT_RESULTS
from loaders.sources.reports.formats.dotnet_coverage import DOTNET_COVERAGE
from loaders.sources.reports.formats.dotnet_tests import DOTNET_TESTS
from loaders.sources.reports.formats.further_audits import FURTHER_AUDITS
from loaders.sources.reports.formats.further_locks import FURTHER_LOCKS
from loaders.sources.reports.formats.go_cover import GO_COVER
from loaders.sources.reports.formats.govulncheck import GOVULNCHECK
from loaders.sources.reports.formats.istanbul import ISTANBUL
from loaders.sources.reports.formats.jacoco import JACOCO
from loaders.sources.reports.formats.js_tests import JS_TESTS
from loaders.sources.reports.formats.junit import JUNIT
from loaders.sources.reports.formats.lcov import LCOV
from loaders.sources.reports.formats.licence_checks import LICENCE_CHECKS
from loaders.sources.reports.formats.linters import LINTERS
from loaders.sources.reports.formats.native_coverage import NATIVE_COVERAGE
from loaders.sources.reports.formats.node_locks import NODE_LOCKS
from loaders.sources.reports.formats.npm_lock import NPM_LOCK
from loaders.sources.reports.formats.other_locks import OTHER_LOCKS
from loaders.sources.reports.formats.package_audits import PACKAGE_AUDITS
from loaders.sources.reports.formats.pip_reports import PIP_REPORTS
from loaders.sources.reports.formats.python_locks import PYTHON_LOCKS
from loaders.sources.reports.formats.robot import ROBOT
from loaders.sources.reports.formats.sarif import SARIF
from loaders.sources.reports.formats.simplecov import SIMPLECOV
from loaders.sources.reports.formats.spdx import SPDX
from loaders.sources.reports.formats.spdx_graph import SPDX_GRAPH
from loaders.sources.reports.formats.syft import SYFT
from loaders.sources.reports.formats.test_lines import TEST_LINES
from loaders.sources.reports.formats.yarn_locks import YARN_LOCKS
from loaders.sources.reports.reading.report_form import Form
from loaders.sources.reports.reading.report_head import Head

# If the mark of a format occurs in another one, the other one comes first.
FORMS: tuple[Form, ...] = (
    *CYCLONEDX,
    *LINTERS,
    *NPM_LOCK,
    *PACKAGE_AUDITS,
    *PYTHON_LOCKS,
    *SARIF,
    *COBERTURA,
    *COVERAGE_PY,
    *LCOV,
    *CLOVER,
    *GO_COVER,
    *ISTANBUL,
    *JACOCO,
    *CUCUMBER,
    *DOTNET_TESTS,
    *JS_TESTS,
    *ROBOT,
    *TEST_LINES,
    *DOTNET_COVERAGE,
    *NATIVE_COVERAGE,
    *SIMPLECOV,
    *JUNIT,
    *DBT_RESULTS,
    *FURTHER_LOCKS,
    *NODE_LOCKS,
    *OTHER_LOCKS,
    *PIP_REPORTS,
    *YARN_LOCKS,
    *SPDX,
    *SPDX_GRAPH,
    *SYFT,
    *CYCLONEDX_XML,
    *FURTHER_AUDITS,
    *ADVISORY_SCANNERS,
    *LICENCE_CHECKS,
    *GOVULNCHECK,
)

BY_NAME = {form.name: form for form in FORMS}

# Changes when a file that was not recognised so far may be a report.
RECOGNISER_VERSION = hashlib.sha256(
    repr([(form.name, form.version) for form in FORMS]).encode()
).hexdigest()[:12]


def form_of(head: Head) -> Form | None:
    """Return the format of a file that begins with *head*; None: it is not a report."""
    return next((form for form in FORMS if form.recognises(head)), None)
