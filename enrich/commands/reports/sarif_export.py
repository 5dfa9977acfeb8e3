"""`enrich export-sarif`: the findings of rules as a SARIF log."""

from __future__ import annotations

import click

from enrich import options
from enrich.answers.sarif_log import sarif_log
from enrich.db import Published
from enrich.file_output import put, target
from enrich.project_choice import Choice
from enrich.render import json_text
from loaders.base.figures import counted
from loaders.base.paths import clean_text

_RULES = "select * from v_rules order by gap_type"
_FINDINGS = """
    select * from v_gap_backlog where {condition}
    order by project_path nulls last, gap_type, subject, finding_id
"""
_AS_OF = "select strftime(max(ended_at), '%Y-%m-%dT%H:%M:%SZ') from ingest_runs"


@click.command("export-sarif")
@click.argument("words", nargs=-1, required=True, metavar="[PROJECT] FILE")
@click.option("--all", "everything", is_flag=True, help="The findings of the whole workspace.")
@click.option("--force", is_flag=True, help="Replace an existing FILE.")
@options.db_option
def export_sarif(words: tuple[str, ...], everything: bool, force: bool, db: str | None) -> None:
    """Write the findings of rules as a SARIF log.

    Other tools can show FILE.

    PROJECT is a name, a path in it, or the start of its id; or give --all. A waived finding is a
    suppressed result, and the fingerprint of a result is the id of the finding.
    """
    if len(words) != (1 if everything else 2):
        raise click.UsageError("give PROJECT and FILE, or --all and FILE")
    path = target(words[-1], force)
    with Published(db) as published:
        condition = "true" if everything else Choice(words[0]).condition(published)
        findings = published.query(_FINDINGS.format(condition=condition)).dicts()
        rules = published.query(_RULES).dicts()
        [[as_of]] = published.query(_AS_OF).rows
    put([json_text(sarif_log(rules, findings, as_of), 1), "\n"], path, force)
    click.echo(clean_text(f"exported: {counted(len(findings), 'finding')}: {path}"))
