"""The form of a source: everything that the rest of the program uses of it.

A source is a folder of `loaders.sources`, with `tables.py` (its landed tables), `read.py` and
`land.py` (from the world to rows, and from rows to a run) and `source.py`, which makes its
`Source`. `loaders.sources.registry` lists all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from loaders.zone.reporting import Report
from loaders.zone.schemas import Table

if TYPE_CHECKING:
    from loaders.zone.landing import LandingZone
    from loaders.zone.registered import Registered


@dataclass(frozen=True)
class Refresh:
    """A refresh under way, for the sources that it lands again."""

    argv: Sequence[str]
    # Exclude profile → the roots to crawl by it.
    roots: Mapping[str, Sequence[bytes]] = field(default_factory=dict)
    # Whether these roots were named on the command line. Otherwise they are all registered roots.
    is_named: bool = False
    # Whether an earlier refresh broke off in this step: what it had read is used.
    is_resumed: bool = False
    # Show what would land, and land nothing.
    is_dry_run: bool = False
    report: Report = field(default_factory=Report)


@dataclass(frozen=True)
class Source:
    """One source of facts.

    `source.py` imports what reads and lands only in the functions that need it, so that a command
    which does not use a source does not pay for it.
    """

    name: str
    tables: Mapping[str, Table]
    # The commands of `land.py`, with their options. The docstring of each is its help.
    commands: Sequence[click.Command]
    # Lands the source again in a refresh, changes only, and reports at most a line. None: never.
    land_again: Callable[[LandingZone, Refresh], None] | None = None
    # Whether `land_again` can show in a dry run what would land: it reads no crawled facts.
    has_dry_run: bool = False
    # Kinds of registered sources (see `loaders.zone.registered`) → the meaning of their paths.
    kinds: Mapping[str, str] = field(default_factory=dict)
    # Finds a path that a person typed among the registered sources if its kind has paths that are
    # not folders of this machine.
    registered_path: Callable[[str, Sequence[Registered]], bytes | None] | None = None
    # How to replace a damaged file other than from a backup, and the loss. None: no other way.
    remedy: str | None = None
