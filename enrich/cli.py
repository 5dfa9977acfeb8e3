"""Ask which projects you have, how healthy they are, what is missing, and what to do next.

\b
Begin with   enrich refresh-meta ~/code
then ask     enrich status · enrich next-actions · enrich show PROJECT

\b
Exit codes
  0  success
  1  refresh-meta did not publish; --fail-on found what it names; a scan failed;
     a file or the output cannot be read or written, such as on a full disk;
     doctor found a problem
  2  bad usage; nothing is published yet; a file of another program is in the way
  3  busy: a crawl, a build or another writer is running
  4  the landing zone, a backup or the published file is damaged or of a newer
     format
  130, 143  interrupted by a signal
  141  the reader of the output has closed it
"""

from __future__ import annotations

import difflib
from importlib import import_module

import click

from enrich.options import OneLineErrors
from loaders.base import programs
from loaders.base.commands import refusing_empty
from loaders.base.permissions import keep_private
from loaders.base.program_options import HELP_NAMES, version_option

# Group of the help → command → the module of enrich.commands with a function of the same name. A
# command is imported when it is called, so that no command waits for the imports of another.
GROUPS = {
    "Ask": {
        "status": "ask.status",
        "next-actions": "ask.next_actions",
        "changes": "ask.change_report",
        "sql": "ask.sql",
    },
    "Findings and rules": {
        "gaps": "findings.gaps",
        "gap-history": "findings.gaps",
        "rules": "findings.rules",
    },
    "Projects and files": {
        "projects": "projects.project_list",
        "show": "projects.project_page",
        "dependencies": "projects.dependencies",
        "packages": "projects.packages",
        "technologies": "projects.technologies",
        "unsaved": "projects.unsaved_work",
        "roles": "projects.roles",
    },
    "Code": {
        "code": "code.code_page",
        "callers": "code.callers",
        "imports": "code.import_list",
        "map": "code.code_map",
        "export-graph": "code.graph_export",
    },
    "Reports of other tools": {
        "quality": "reports.quality",
        "coverage": "reports.coverage",
        "tests": "reports.test_list",
        "vulnerabilities": "reports.vulnerabilities",
        "export-sarif": "reports.sarif_export",
    },
    "History": {
        "history": "history.file_history",
        "sha-at": "history.file_history",
        "hotspots": "history.hotspots",
        "coupling": "history.coupling",
        "owners": "history.owners",
        "branches": "history.branches",
        "lineage": "history.lineage",
    },
    "Decisions": {
        "waive": "decisions.waive",
        "ignore": "decisions.waive",
        "waivers": "decisions.waive",
        "warnings": "decisions.warnings",
    },
    "Refresh and operate": {
        "refresh-meta": "operate.refresh",
        "sources": "operate.source_list",
        "config": "operate.configuring",
        "runs": "operate.run_list",
        "run": "operate.script_runs",
        "adoption": "operate.adoption",
        "rollback": "operate.rollback",
        "backup": "operate.backup",
        "restore": "operate.backup",
        "verify": "operate.backup",
        "doctor": "operate.doctor",
        "schedule": "operate.schedule",
        "completion": "operate.completion",
    },
    "CodeGraphX": {
        "backlog": "codegraphx.backlog",
        "campaign": "codegraphx.scans",
        "chunk-scan": "codegraphx.scans",
        "collectors": "codegraphx.collectors",
        "intelligence": "codegraphx.intelligence",
        "index-audit": "codegraphx.index_audit",
        "export": "codegraphx.export",
    },
}
_MODULES = {name: module for group in GROUPS.values() for name, module in group.items()}


class Grouped(OneLineErrors):
    """Imports a command when it is called, and lists the commands in groups."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*_MODULES]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _MODULES:
            return None
        module = import_module(f"enrich.commands.{_MODULES[name]}")
        return refusing_empty(getattr(module, name.replace("-", "_")))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            # click looks for similar names only among commands that are imported.
            if near := difflib.get_close_matches(args[0], _MODULES, n=3):
                hint = f"Did you mean {' or '.join(near)}?"
                # click declares it final, but nothing has used it yet.
                error.message = f"{error.message} {hint}"  # type: ignore[misc]
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        longest = max(map(len, _MODULES))
        for title, names in GROUPS.items():
            commands = {name: self.get_command(ctx, name) for name in names}
            limit = formatter.width - 6 - longest
            with formatter.section(title):
                formatter.write_dl(
                    [
                        (name.ljust(longest), command.get_short_help_str(limit))
                        for name, command in commands.items()
                        if command is not None
                    ]
                )


@click.group(cls=Grouped, help=__doc__, context_settings=HELP_NAMES)
@version_option("enrich")
def main() -> None:
    programs.keep_out()
    keep_private()


if __name__ == "__main__":
    main()
