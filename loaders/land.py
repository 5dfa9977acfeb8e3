"""Land facts about the world in the landing zone.

Exit codes: 0 healthy facts landed or were unchanged; 1 nothing was healthy, or with --strict
something was quarantined; 2 bad usage; 3 what is asked for is already under way; 4 the landing zone
is damaged, or of a newer format; 130 and 143 interrupted by a signal; 141 the reader of the output is gone.
"""

from __future__ import annotations

if __name__ == "__main__":
    # The imports below take a while, in which an interrupt may come, too.
    from loaders.base import ending

    ending.prepare()

import contextlib
import functools
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from loaders.base import ending, programs
from loaders.base.commands import Commands
from loaders.base.errors import NotOurs
from loaders.base.exits import EXIT_BUSY, EXIT_DAMAGED, EXIT_NO, EXIT_USAGE
from loaders.base.locks import Busy
from loaders.base.paths import canonical_root, clean_text, locations, text_of
from loaders.base.permissions import keep_private
from loaders.base.secret_forms import masked, told
from loaders.publishing import builds
from loaders.zone.landing import LandingError, LandingZone
from loaders.zone.runs import Run

_PROBLEMS_SHOWN = 10


def fail_in_one_line(command: Callable[..., Any]) -> Callable[..., Any]:
    """Make a command end with one line and its documented code instead of a traceback."""

    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        with ending.quietly():
            try:
                return command(*args, **kwargs)
            except Busy as error:
                click.echo(clean_text(str(error)), err=True)
                ending.leave(EXIT_BUSY)
            except LandingError as error:
                click.echo(clean_text(str(error)), err=True)
                ending.leave(EXIT_USAGE if isinstance(error, NotOurs) else EXIT_DAMAGED)
            except BrokenPipeError:
                raise
            except OSError as error:
                where = os.fsdecode(error.filename or locations().landing)
                click.echo(clean_text(f"{where}: {error.strerror or error}"), err=True)
                ending.leave(EXIT_NO)

    return wrapped


@click.group(cls=Commands, help=__doc__)
def main() -> None:
    programs.keep_out()
    keep_private()


def progress_line() -> Callable[[str], None]:
    """Return a writer of one changing line on a terminal, of nothing elsewhere."""
    if not sys.stderr.isatty():
        return lambda line: None
    return lambda line: click.echo(f"\r\x1b[K{clean_text(line)[:100]}", nl=False, err=True)


def show_warnings(run: Run, remarks: Sequence[str]) -> None:
    """Write what a run met on stderr, in a few lines; all of it is in the run's record."""
    for line in [*remarks, *run.problems[:_PROBLEMS_SHOWN]]:
        click.echo(clean_text(f"warning: {line}"), err=True)
    if run.masker.counts:
        click.echo(f"secrets replaced by a mark: {told(run.masker.counts)}", err=True)
    if run.problem_count > _PROBLEMS_SHOWN:
        click.echo(
            f"warning: {run.problem_count - _PROBLEMS_SHOWN} more problems are in the run's record",
            err=True,
        )


@main.command()
@click.argument("roots", nargs=-1, required=True, metavar="ROOT...")
@click.option(
    "--profile",
    default="default",
    show_default=True,
    help="Exclude profile, from seeds/exclude_profiles.csv.",
)
@click.option("--dry-run", is_flag=True, help="Say what would land, and land nothing.")
@click.option("--strict", is_flag=True, help="Exit 1 when anything could not be read.")
@click.option(
    "--resume", is_flag=True, help="Go on from what an interrupted crawl of a root had read."
)
@click.option("--rehash", is_flag=True, help="Read every file again, whatever its times say.")
@click.option("--json", "as_json", is_flag=True, help="Print the totals as JSON.")
@fail_in_one_line
def crawl(
    roots: tuple[str, ...],
    profile: str,
    dry_run: bool,
    strict: bool,
    resume: bool,
    rehash: bool,
    as_json: bool,
) -> None:
    """Crawl folders: projects, files with size, times and SHA-256, repositories.

    Only what changed since the last crawl is read and landed. The folders are registered, so that
    `enrich refresh-meta` crawls them again. What an interrupted crawl had read is thrown away unless
    this one is to --resume.
    """
    from loaders.sources.crawl.mounts import refuse_as_root
    from loaders.sources.registered import land_roots

    if resume and (dry_run or rehash):
        raise click.UsageError(
            "--resume goes on with a crawl; it cannot be joined with --dry-run or --rehash"
        )
    progress = progress_line()
    given = [*map(canonical_root, roots)]
    refuse_as_root(given)
    with _zone(dry_run, given) as zone:
        run, summaries, remarks = land_roots(
            zone,
            given,
            profile,
            sys.argv,
            progress,
            is_rehearsal=dry_run,
            resume=resume,
            rehash=rehash,
        )
    progress("")
    show_warnings(run, remarks)
    _report(run, summaries, as_json, dry_run)
    healthy = any(summary.state == "complete" for summary in summaries)
    if not healthy or (strict and run.counts.quarantined):
        sys.exit(EXIT_NO)


def _landing_zone(roots: Sequence[bytes] = ()) -> LandingZone:
    """Open the landing zone.

    From here on, nothing in a registered root or in one of *roots* is run or written to.
    """
    from loaders.sources.registered import keep_roots_out

    zone = LandingZone(locations().landing)
    keep_roots_out(zone, roots)
    return zone


@contextlib.contextmanager
def _zone(dry_run: bool, roots: Sequence[bytes] = ()) -> Iterator[LandingZone]:
    """Open the landing zone; a dry run without one has an empty one, which is deleted afterwards."""
    if not dry_run or locations().landing.exists():
        yield _landing_zone(roots)
        return
    programs.keep_out(roots)
    with tempfile.TemporaryDirectory() as scratch:
        yield LandingZone(Path(scratch))


def _totals(run: Run, dry_run: bool = False) -> dict[str, Any]:
    counts = {"discovered": run.counts.discovered, **asdict(run.counts)}
    return {"run_id": run.run_id, "dry_run": dry_run, **counts, "errors": run.problem_count}


def _counts(run: Run) -> str:
    counts = {"discovered": run.counts.discovered, **asdict(run.counts)}
    return ", ".join(f"{value} {name}" for name, value in counts.items())


def _report(run: Run, summaries: list[Any], as_json: bool, dry_run: bool) -> None:
    if as_json:
        roots = [asdict(summary) | {"root": text_of(summary.root)} for summary in summaries]
        click.echo(json.dumps(_totals(run, dry_run) | {"roots": roots}))
    else:
        repositories = sum(summary.repositories for summary in summaries)
        gone = sum(summary.gone for summary in summaries)
        what = "crawl, dry run" if dry_run else "crawl"
        click.echo(
            f"{what}: {_counts(run)}; {gone} gone; {repositories} repositories; {run.problem_count} problems"
        )


_map_prefix_option = click.option(
    "--map-prefix",
    "map_prefixes",
    multiple=True,
    metavar="OLD=NEW",
    help="The folder that artifacts know as OLD lies here at NEW; may be repeated.",
)


@main.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@_map_prefix_option
@click.option("--dry-run", is_flag=True, help="Say what would land, and land nothing.")
@click.option("--strict", is_flag=True, help="Exit 1 when anything could not be taken.")
@click.option("--json", "as_json", is_flag=True, help="Print the totals and each artifact as JSON.")
@fail_in_one_line
def codegraphx(paths: tuple[str, ...], **options: Any) -> None:
    """Land what CodeGraphX wrote: artifacts, data folders, whole checkouts, catalogues.

    Each file is known by its content; what is no artifact is skipped and counted. Only what changed
    since it was landed last lands. The paths are registered, and so are the mapped prefixes, so that
    `enrich refresh-meta` lands them again.
    """
    _land_artifacts("codegraphx", paths, **options)


@main.command()
@click.argument("paths", nargs=-1, required=True, metavar="FILE.db...")
@_map_prefix_option
@click.option("--dry-run", is_flag=True, help="Say what would land, and land nothing.")
@click.option("--strict", is_flag=True, help="Exit 1 when anything could not be taken.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print the totals and each catalogue as JSON."
)
@fail_in_one_line
def catalog(paths: tuple[str, ...], **options: Any) -> None:
    """Land every table of a CodeGraphX catalogue (project_catalog.db), a SQLite database.

    It is read from a private copy; the database itself is not touched. Columns and tables that
    CodeGraphX does not know land as JSON. The file is registered, so that `enrich refresh-meta` lands
    it again.
    """
    _land_artifacts("catalog", paths, **options)


def _land_artifacts(
    action: str,
    paths: tuple[str, ...],
    map_prefixes: tuple[str, ...],
    dry_run: bool,
    strict: bool,
    as_json: bool,
) -> None:
    from loaders.sources.codegraphx.path_keys import parse_prefix
    from loaders.sources.registered import land_codegraphx

    prefixes = [parse_prefix(given) for given in map_prefixes]
    progress = progress_line()
    with _zone(dry_run) as zone:
        run, summary = land_codegraphx(
            zone,
            map(canonical_root, paths),
            sys.argv,
            progress,
            action=action,
            prefixes=prefixes,
            is_rehearsal=dry_run,
        )
    progress("")
    show_warnings(run, summary.remarks)
    if as_json:
        click.echo(json.dumps(_totals(run, dry_run) | summary.as_object()))
    else:
        what = f"{action}, dry run" if dry_run else action
        click.echo(
            f"{what}: {_counts(run)}; {clean_text(str(summary))}; {run.problem_count} problems"
        )
    if not summary.healthy_given or (strict and run.counts.quarantined):
        sys.exit(EXIT_NO)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print the totals as JSON.")
@fail_in_one_line
def signals(as_json: bool) -> None:
    """Read the source files that were crawled for what shows their roles.

    A content that has signals already costs nothing. A file that is no longer what was crawled is
    left to the next crawl.
    """
    from loaders.sources.signals.land import land_signals

    progress = progress_line()
    run = land_signals(_landing_zone(), sys.argv, progress)
    progress("")
    if run is None:
        click.echo(json.dumps({"run_id": None, "landed": 0}) if as_json else "signals: nothing new")
        return
    show_warnings(run, [])
    click.echo(
        json.dumps(_totals(run))
        if as_json
        else f"signals: {_counts(run)}; {run.problem_count} problems"
    )


@main.command()
@click.option("--strict", is_flag=True, help="Exit 1 when any manifest could not be read.")
@click.option("--json", "as_json", is_flag=True, help="Print the totals as JSON.")
@fail_in_one_line
def manifests(strict: bool, as_json: bool) -> None:
    """Read the manifests of all that was crawled: which package each is, and what it needs.

    A manifest is read once for each content; `enrich refresh-meta` does it after the crawl.
    """
    from loaders.sources.manifests.land import land_manifests

    progress = progress_line()
    run = land_manifests(_landing_zone(), sys.argv, progress)
    progress("")
    show_warnings(run, [])
    click.echo(
        json.dumps(_totals(run))
        if as_json
        else f"manifests: {_counts(run)}; {run.problem_count} problems"
    )
    healthy = run.counts.landed or run.counts.unchanged or not run.counts.discovered
    if not healthy or (strict and run.problem_count):
        sys.exit(EXIT_NO)


@main.command()
@click.argument("roots", nargs=-1, metavar="[ROOT]...")
@click.option(
    "--lines/--no-lines",
    default=True,
    help="Count the lines of new commits, too; takes by far the longest.",
)
@click.option("--strict", is_flag=True, help="Exit 1 when anything could not be read.")
@click.option("--json", "as_json", is_flag=True, help="Print the totals as JSON.")
@fail_in_one_line
def git(roots: tuple[str, ...], lines: bool, strict: bool, as_json: bool) -> None:
    """Land the history of crawled repositories: commits, refs, what each commit changed, work trees.

    Of the repositories in the folders named, or of all. Only what is not landed yet is read, whatever
    was rebased, pushed by force, deleted or moved; what no ref reaches any more stays, marked. In the
    end the lines that commits added and removed are counted, of new commits only.
    """
    from loaders.sources.git_history.land import land_history

    progress = progress_line()
    zone, folders = _landing_zone(), [*map(canonical_root, roots)]
    summary = land_history(zone, folders, sys.argv, progress, most_lines=None if lines else 0)
    progress("")
    for run in summary.runs:
        show_warnings(run, [])
    if as_json:
        totals = [_totals(run) for run in summary.runs]
        click.echo(json.dumps(summary.as_object() | {"runs": totals}))
    else:
        click.echo(f"git: {summary}")
    quarantined = sum(run.counts.quarantined for run in summary.runs)
    if quarantined and (strict or quarantined == summary.repositories):
        sys.exit(EXIT_NO)


@main.command()
@click.argument("zone", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
@fail_in_one_line
def verify(zone: Path | None, as_json: bool) -> None:
    """Read everything that was landed and name each file that is not as it was.

    ZONE is a landing zone or a backup of one; default: the landing zone in use. Exit code 4: something is damaged.
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
    "--mask-secrets", is_flag=True, help="Write anew what holds a secret that landed long ago."
)
@fail_in_one_line
def compact(mask_secrets: bool) -> None:
    """Merge the many small landed files of many runs into few; every row and every run is kept.

    The files that are replaced go after the next published build.
    """
    from loaders.zone.compact import compact as compact_zone

    zone = _landing_zone()
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
    with ending.quietly():
        main()
