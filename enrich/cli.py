"""Ask what there is, how fresh and how healthy it is, what is missing, and what to do next.

\b
Begin with   enrich refresh-meta ~/code
then ask     enrich status · enrich next-actions · enrich show PROJECT

\b
Exit codes
  0  fine
  1  refresh-meta did not publish; gaps --fail-on found something that bad; a scan of a campaign failed
  2  bad usage, or nothing is published yet
  3  busy: a crawl, a build or somebody writing is in the way
  4  the landing zone, a backup or the published file is damaged, or of a newer format
  130, 143  interrupted by a signal; 141: the reader of the output is gone
"""

from __future__ import annotations

from importlib import import_module

import click

from enrich.adoption import adoption
from enrich.ask import gap_history, gaps, next_actions, projects, runs, sql
from enrich.backup import backup, restore, verify
from enrich.dependencies import dependencies
from enrich.history import history, sha_at
from enrich.options import OneLineErrors
from enrich.refresh import refresh_meta
from enrich.roles import roles
from enrich.rules import rules
from enrich.show import show
from enrich.sources import rollback, sources
from enrich.status import status
from enrich.waive import ignore, waive, waivers
from loaders.base import programs
from loaders.base.commands import refusing_empty
from loaders.base.permissions import keep_private

# Command → the module of enrich.codegraphx that has it; imported by whoever asks for it, so that nobody else waits.
_OF_CODEGRAPHX = {
    "backlog": "backlog",
    "campaign": "scans",
    "chunk-scan": "scans",
    "collectors": "collectors",
    "intelligence": "intelligence",
    "index-audit": "index_audit",
    "export": "export",
}


class InOrder(OneLineErrors):
    """Lists its commands in the order in which a newcomer needs them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*self.commands, *_OF_CODEGRAPHX]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name in _OF_CODEGRAPHX:
            module = import_module(f"enrich.codegraphx.{_OF_CODEGRAPHX[name]}")
            return refusing_empty(getattr(module, name.replace("-", "_")))
        return super().get_command(ctx, name)


@click.group(cls=InOrder, help=__doc__)
def main() -> None:
    programs.keep_out()
    keep_private()


for _command in (
    refresh_meta, status, next_actions, gaps, gap_history, show, projects, dependencies, roles, history, sha_at,
    waive, ignore, waivers, rules, adoption, runs, sources, rollback, backup, restore, verify, sql,
):  # fmt: skip
    main.add_command(_command)


if __name__ == "__main__":
    main()
