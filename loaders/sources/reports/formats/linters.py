"""The formats of linters and scanners, other than SARIF and JUnit."""

from __future__ import annotations

from loaders.sources.reports.formats.apps_and_jvm import APPS_AND_JVM
from loaders.sources.reports.formats.bandit import BANDIT
from loaders.sources.reports.formats.checkov import CHECKOV
from loaders.sources.reports.formats.eslint import ESLINT
from loaders.sources.reports.formats.gitlab import GITLAB
from loaders.sources.reports.formats.go_linters import GO_LINTERS
from loaders.sources.reports.formats.image_scanners import IMAGE_SCANNERS
from loaders.sources.reports.formats.infrastructure import INFRASTRUCTURE
from loaders.sources.reports.formats.php_linters import PHP_LINTERS
from loaders.sources.reports.formats.prose_and_schemas import PROSE_AND_SCHEMAS
from loaders.sources.reports.formats.python_linters import PYTHON_LINTERS
from loaders.sources.reports.formats.repository_checks import REPOSITORY_CHECKS
from loaders.sources.reports.formats.reviewdog import REVIEWDOG
from loaders.sources.reports.formats.ruby_and_elixir import RUBY_AND_ELIXIR
from loaders.sources.reports.formats.rust_diagnostics import RUST_DIAGNOSTICS
from loaders.sources.reports.formats.secret_engines import SECRET_ENGINES
from loaders.sources.reports.formats.secret_scanners import SECRET_SCANNERS
from loaders.sources.reports.formats.semgrep import SEMGREP
from loaders.sources.reports.formats.shellcheck import SHELLCHECK
from loaders.sources.reports.formats.source_checks import SOURCE_CHECKS
from loaders.sources.reports.formats.text_linters import TEXT_LINTERS
from loaders.sources.reports.formats.web_linters import WEB_LINTERS
from loaders.sources.reports.formats.xml_linters import XML_LINTERS
from loaders.sources.reports.reading.report_form import Form

LINTERS: tuple[Form, ...] = (
    *APPS_AND_JVM,
    *BANDIT,
    *CHECKOV,
    *ESLINT,
    *GITLAB,
    *GO_LINTERS,
    *IMAGE_SCANNERS,
    *INFRASTRUCTURE,
    *PHP_LINTERS,
    *REPOSITORY_CHECKS,
    *SECRET_ENGINES,
    *PROSE_AND_SCHEMAS,
    *PYTHON_LINTERS,
    *REVIEWDOG,
    *RUBY_AND_ELIXIR,
    *RUST_DIAGNOSTICS,
    *SECRET_SCANNERS,
    *SEMGREP,
    *SHELLCHECK,
    *SOURCE_CHECKS,
    *TEXT_LINTERS,
    *WEB_LINTERS,
    *XML_LINTERS,
)
