"""Land the code of source files and notebooks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from loaders.sources.code.extract import extract, extractor_version
from loaders.sources.code.facts import Code
from loaders.sources.code.pack import pack
from loaders.sources.code.tables import TABLES
from loaders.sources.contents.extractor import Extractor
from loaders.sources.contents.land import land_contents
from loaders.zone.landing import LandingZone
from loaders.zone.runs import Run

CODE = Extractor("code", TABLES, extractor_version, extract, pack, Code, "its code", notebooks=True)


def land_code(
    zone: LandingZone, argv: Sequence[str], progress: Callable[[str], None] = lambda line: None
) -> Run | None:
    """Land the code of every source content on disk that has none of this version yet; None where
    all have.

    Raises Busy where another run does so, LandingError where the zone is damaged.
    """
    return land_contents(zone, argv, [CODE], progress)[0]
