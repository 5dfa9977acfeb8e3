"""CodeGraphX as a source: its commands, and how a refresh lands its artifacts again."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import click

from loaders.base.exits import EXIT_NO
from loaders.base.figures import counted
from loaders.base.loader_options import dry_run_option, strict_option
from loaders.base.paths import canonical_root
from loaders.sources.artifacts.path_keys import (
    MAP_PREFIX,
    map_prefix_option,
    parse_path,
    parse_prefix,
)
from loaders.sources.codegraphx.tables import CATALOG, TABLES
from loaders.sources.codegraphx.tables import CODEGRAPHX as ARTIFACTS
from loaders.zone.landing import LandingZone
from loaders.zone.registered import Registered, registered_sources
from loaders.zone.reporting import (
    fail_in_one_line,
    progress_line,
    show_files_landed,
    zone_for,
)
from loaders.zone.source_form import Refresh, Source


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@map_prefix_option
@dry_run_option
@strict_option
@click.option("--json", "as_json", is_flag=True, help="Print the totals and each artifact as JSON.")
@fail_in_one_line
def codegraphx(paths: tuple[str, ...], **options: Any) -> None:
    """Land what CodeGraphX wrote: artifacts, data folders, whole checkouts, catalogues.

    Files are recognised by content; anything else is skipped and counted. Only changes land. The
    paths and the mapped prefixes are registered, so that `enrich refresh-meta` lands them again.
    """
    _land_artifacts("codegraphx", paths, **options)


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="FILE.db...")
@map_prefix_option
@dry_run_option
@strict_option
@click.option(
    "--json", "as_json", is_flag=True, help="Print the totals and each catalogue as JSON."
)
@fail_in_one_line
def catalog(paths: tuple[str, ...], **options: Any) -> None:
    """Land every table of a CodeGraphX catalogue (project_catalog.db), a SQLite database.

    It is read from a private copy; the database itself is not touched. Columns and tables that
    CodeGraphX does not make land as JSON. The file is registered, so that `enrich refresh-meta`
    lands it again.
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
    from loaders.sources.codegraphx.land import land_codegraphx

    prefixes = [parse_prefix(given) for given in map_prefixes]
    progress = progress_line()
    with zone_for(dry_run) as zone:
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
    show_files_landed(action, run, summary, is_dry_run=dry_run, as_json=as_json)
    if not summary.healthy_given or (strict and run.counts.quarantined):
        sys.exit(EXIT_NO)


def land_again(zone: LandingZone, refresh: Refresh) -> None:
    """Land every registered artifact again, and check again whether the paths in them exist."""
    registered = registered_sources(zone, ARTIFACTS, CATALOG)
    if not registered:
        return
    from loaders.sources.codegraphx.land import land_codegraphx

    progress = refresh.report.progress()
    for action in (ARTIFACTS, CATALOG):
        paths = [source.path_bytes for source in registered if source.kind == action]
        if paths:
            run, summary = land_codegraphx(
                zone,
                paths,
                refresh.argv,
                progress,
                action=action,
                is_rehearsal=refresh.is_dry_run,
            )
            progress("")
            rows = counted(run.counts.landed, "row")
            outcome = "would be new or changed" if refresh.is_dry_run else "new or changed"
            refresh.report.line(
                f"landed: {counted(len(summary.artifacts), 'artifact')}, {rows} {outcome}"
            )
            refresh.report.warnings(run, summary.remarks)


def _registered_path(name: str, registered: Sequence[Registered]) -> bytes | None:
    """Return the key of the mapped prefix *name* if it is registered; it need not exist here."""
    keys = {source.path_bytes for source in registered if source.kind == MAP_PREFIX}
    if not keys:
        return None
    key = parse_path(name).key().encode()
    return key if key in keys else None


CODEGRAPHX = Source(
    "codegraphx",
    TABLES,
    [codegraphx, catalog],
    land_again,
    has_dry_run=True,
    kinds={
        ARTIFACTS: "artifacts of CodeGraphX",
        CATALOG: "a catalogue of CodeGraphX",
        MAP_PREFIX: "a folder as artifacts name it, with its path here beside it",
    },
    registered_path=_registered_path,
    remedy="land its artifacts again, which loses its older states",
)
