"""Runs commands as a person types them, in this process."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from enrich.cli import main as enrich_main
from loaders.land import main as land_main


def ask(*words: str | Path) -> Result:
    """Run `enrich`; a traceback fails the test."""
    return _one_line(CliRunner().invoke(enrich_main, [*map(str, words)]))


def land(*words: str | Path) -> Result:
    return _one_line(CliRunner().invoke(land_main, [*map(str, words)]))


def _one_line(result: Result) -> Result:
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result
