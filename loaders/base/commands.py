"""Groups of commands that refuse empty values: an unset shell variable would otherwise be read as a
value.
"""

from __future__ import annotations

from typing import Any

import click
from click.core import ParameterSource

from loaders.base.exits import EXIT_USAGE


class EmptyValue(click.ClickException):
    """An option or argument was given as an empty text; the message is one line."""

    exit_code = EXIT_USAGE

    def show(self, file: Any = None) -> None:
        click.echo(self.message, err=True)


class Commands(click.Group):
    """A group that refuses empty texts for every parameter of its commands, however deep."""

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        super().add_command(refusing_empty(cmd), name)


def refusing_empty(command: click.Command) -> click.Command:
    """Make *command*, and those in it, refuse empty texts; return it."""
    for parameter in command.params:
        _guard(parameter)
    for inner in getattr(command, "commands", {}).values():
        refusing_empty(inner)
    return command


def _guard(parameter: click.Parameter) -> None:
    """Check the text before its type converts it: an empty path would be the current folder."""
    convert = parameter.type_cast_value
    if getattr(convert, "refuses_empty", False):
        return

    def checked(context: click.Context, value: Any) -> Any:
        # A default may be an empty text.
        if context.get_parameter_source(parameter.name) != ParameterSource.DEFAULT:
            _refuse_empty(parameter, value)
        return convert(context, value)

    # The mark keeps a second call from wrapping the parameter again.
    checked.refuses_empty = True  # type: ignore[attr-defined]
    parameter.type_cast_value = checked  # type: ignore[method-assign, assignment]


def _refuse_empty(parameter: click.Parameter, value: Any) -> None:
    if "" not in (value if isinstance(value, (tuple, list)) else (value,)):
        return
    if isinstance(parameter, click.Option):
        raise EmptyValue(
            f"{max(parameter.opts, key=len)} is empty; give a value, or leave the option out"
        )
    raise EmptyValue(
        f"{parameter.make_metavar(click.get_current_context()).rstrip('.')} is empty; give a value"
    )
