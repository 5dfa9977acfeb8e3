"""Why a build could not start: a documented exit code, and one line."""

from __future__ import annotations

import os
from typing import NamedTuple

import click

from loaders.base.errors import NotOurs
from loaders.base.exits import EXIT_BUSY, EXIT_DAMAGED, EXIT_NO, EXIT_USAGE
from loaders.base.locks import Busy
from loaders.base.paths import clean_text, locations
from loaders.zone.landing import LandingError

# The errors that keep a build from starting.
REFUSING = (Busy, LandingError, click.ClickException, OSError)


class Refusal(NamedTuple):
    """A documented exit code, and one line."""

    code: int
    line: str


def refusal_of(error: Exception) -> Refusal:
    """Return the exit code and the line for one of the errors REFUSING."""
    if isinstance(error, Busy):
        return Refusal(EXIT_BUSY, clean_text(str(error)))
    if isinstance(error, LandingError):
        code = EXIT_USAGE if isinstance(error, NotOurs) else EXIT_DAMAGED
        return Refusal(code, clean_text(str(error)))
    if isinstance(error, click.ClickException):
        return Refusal(error.exit_code, clean_text(error.message))
    assert isinstance(error, OSError)
    where = os.fsdecode(error.filename or locations().landing)
    return Refusal(EXIT_NO, clean_text(f"{where}: {error.strerror or error}"))
