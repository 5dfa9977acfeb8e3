"""Land the signals of source files and readmes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from loaders.sources.contents.extractor import Extractor
from loaders.sources.contents.land import land_contents
from loaders.sources.signals.extract import Extract, extract, extractor_version, pack
from loaders.sources.signals.tables import TABLES
from loaders.zone.landing import LandingZone
from loaders.zone.runs import Run

SIGNALS = Extractor(
    "signals",
    TABLES,
    extractor_version,
    extract,
    pack,
    lambda state: Extract(state, []),
    "its role",
    readmes=True,
)


def land_signals(
    zone: LandingZone, argv: Sequence[str], progress: Callable[[str], None] = lambda line: None
) -> Run | None:
    """Land the signals of every source content on disk that has none of this version yet; None
    where all have.

    Raises Busy where another run does so, LandingError where the zone is damaged.
    """
    return land_contents(zone, argv, [SIGNALS], progress)[0]
