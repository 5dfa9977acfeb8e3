"""Land facts about the world in the landing zone.

\b
Exit codes
  0  healthy facts landed or were unchanged
  1  nothing was healthy; with --strict, something was quarantined;
     a file or the output cannot be read or written, such as on a full disk
  2  bad usage; a file of another program is in the way
  3  busy: the same work is already in progress
  4  the landing zone is damaged or of a newer format
  130, 143  interrupted by a signal
  141  the reader of the output has closed it
"""

from __future__ import annotations

if __name__ == "__main__":
    # The imports below take a while. An interrupt may also come in that time.
    from loaders.base import ending

    ending.prepare()

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from loaders.base import ending, programs
from loaders.base.commands import Commands
from loaders.base.exits import EXIT_DAMAGED
from loaders.base.paths import clean_text, locations
from loaders.base.permissions import keep_private
from loaders.base.program_options import HELP_NAMES, completion_of, version_option
from loaders.base.secret_forms import masked
from loaders.publishing import builds
from loaders.sources.registry import SOURCES
from loaders.zone.landing import LandingZone
from loaders.zone.reporting import fail_in_one_line, open_zone, show_warnings


@click.group(cls=Commands, help=__doc__, context_settings=HELP_NAMES)
@version_option("land")
def main() -> None:
    programs.keep_out()
    keep_private()


for _source in SOURCES:
    for _command in _source.commands:
        main.add_command(_command)
main.add_command(completion_of("land"))


@main.command()
@click.argument("zone", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
@fail_in_one_line
def verify(zone: Path | None, as_json: bool) -> None:
    """Read everything that was landed and list every file that is damaged or missing.

    ZONE is a landing zone or a backup of one; default: the landing zone in use. Exit code 4:
    something is damaged.
    """
    from loaders.keeping.verify import verify as verify_zone

    found = verify_zone(zone or locations().landing)
    if as_json:
        click.echo(json.dumps(asdict(found)))
    else:
        for fault in found.faults:
            click.echo(clean_text(fault))
        outcome = f"{len(found.faults)} damaged" if found.faults else "all as landed"
        click.echo(
            f"verify: {found.entries} runs, {found.files} files, {found.bytes} bytes: {outcome}"
        )
    if found.faults:
        sys.exit(EXIT_DAMAGED)


@main.command()
@click.option(
    "--mask-secrets",
    is_flag=True,
    help="Rewrite files with secrets that landed before there was a mask for them.",
)
@fail_in_one_line
def compact(mask_secrets: bool) -> None:
    """Merge the many small landed files of many runs into few; every row and every run is kept.

    The files that are replaced go after the next published build.
    """
    from loaders.keeping.compact import compact as compact_zone

    zone = open_zone()
    if mask_secrets:
        _mask_secrets(zone)
        return
    run = compact_zone(zone, sys.argv)
    if run is None:
        click.echo("compact: nothing to merge")
        return
    show_warnings(run, [])
    parts = sum(len(writer.parts) for writer in run.writers.values())
    click.echo(
        f"compact: {run.counts.unchanged} rows of {len(run.replaces)} files merged into {parts}"
    )


def _mask_secrets(zone: LandingZone) -> None:
    from loaders.keeping.cleaning import drop_build, mask_secrets

    cleaned = mask_secrets(zone, sys.argv)
    if cleaned.run is not None:
        show_warnings(cleaned.run, [])
    for line in cleaned.lines(is_dropped=not cleaned.has_changed or drop_build(locations())):
        click.echo(line)
    for path in cleaned.damaged:
        click.echo(
            clean_text(f"{path}: damaged, not looked at; restore it from a backup"), err=True
        )
    if cleaned.damaged:
        sys.exit(EXIT_DAMAGED)


@main.command()
@click.option("--limit", default=20, show_default=True, help="How many of the newest runs.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")
@fail_in_one_line
def runs(limit: int, as_json: bool) -> None:
    """Show the newest runs, and what is under way."""
    zone = LandingZone(locations().landing)
    rows = [
        {"seq": entry.seq, **{name: entry.manifest[name] for name in _RUN_COLUMNS}}
        for entry in reversed(zone.entries()[-limit:])
    ]
    for note in zone.under_way():
        state = "under way" if note["is_alive"] else "killed; the next run of its kind clears it"
        rows.insert(0, {"seq": None, "run_id": note["run_id"], "status": state})
    if died := builds.last_death(locations()):
        rows.insert(
            0, {"seq": None, "run_id": f"build-{died.get('pid')}", "status": died["outcome"]}
        )
    for row in rows:
        if as_json:
            click.echo(json.dumps(row))
        else:
            counts = " ".join(
                f"{name} {row.get(name)}" for name in _RUN_COLUMNS[2:7] if row.get(name) is not None
            )
            message = masked(row.get("error_message") or "")
            line = f"{row['seq'] or '-':>6}  {row['run_id']}  {row['status']}  {counts}  {message}"
            click.echo(clean_text(line).rstrip())


_RUN_COLUMNS = (
    "run_id",
    "status",
    "discovered",
    "landed",
    "unchanged",
    "skipped",
    "quarantined",
    "started_at",
    "duration_seconds",
    "error_count",
    "error_message",
)

if __name__ == "__main__":
    ending.listen()
    ending.run(main)
