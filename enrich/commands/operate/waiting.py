"""The option `--wait [SECONDS]`: to wait for what holds a lock, instead of exit code 3."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import click

from loaders.base.locks import Busy, patience
from loaders.base.paths import clean_text

_WAIT = "--wait"
# Longer than any refresh, and a number that every clock can add.
WITHOUT_END = 1e9


class WaitingCommand(click.Command):
    """A command whose `--wait` may have a number of seconds after it, or none.

    click would take any word after it for its value, such as the folder to crawl.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, [*_with_values(args)])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Busy as error:
            if ctx.params["seconds"] is not None:
                raise
            raise Busy(f"{error}; with --wait, this one follows it") from None


def _with_values(args: list[str]) -> Iterator[str]:
    rest = iter(args)
    for word in rest:
        if word == "--":
            yield from (word, *rest)
        elif word != _WAIT:
            yield word
        else:
            following = next(rest, None)
            if following is not None and _is_number(following):
                yield f"{_WAIT}={following}"
            else:
                yield f"{_WAIT}={WITHOUT_END}"
                yield from _with_values([*([] if following is None else [following]), *rest])


def _is_number(word: str) -> bool:
    try:
        return math.isfinite(float(word))
    except ValueError:
        return False


class _Seconds(click.ParamType):  # type: ignore[type-arg]  # click 8.1 takes no argument there
    name = "[SECONDS]"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        seconds = float(value) if _is_number(value) else -1.0
        if seconds < 0:
            self.fail(f"{value} is not a number of seconds", param, ctx)
        return min(seconds, WITHOUT_END)


wait_option = click.option(
    _WAIT,
    "seconds",
    type=_Seconds(),
    metavar="[SECONDS]",
    help="Wait for another refresh, build or crawl to end; without it, exit with 3.",
)


def waiting(seconds: float | None, *, is_quiet: bool = False) -> AbstractContextManager[None]:
    """Wait in this block for locks that others hold, up to *seconds* in all; None: not at all."""

    def announce(line: str) -> None:
        if not is_quiet:
            click.echo(clean_text(line), err=True)

    return patience.lasting(seconds or 0.0, announce)
