"""Options that every program has, and the command `completion`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
from click.shell_completion import get_completion_class

from loaders.base.tools import tool_version

# -h is easier to type. The commands of a group take this setting from it.
HELP_NAMES = {"help_option_names": ["-h", "--help"]}
_SHELLS = ("bash", "zsh", "fish")
_START_FILES = """
    \b
    echo 'eval "$({program} completion bash)"' >> ~/.bashrc
    echo 'eval "$({program} completion zsh)"' >> ~/.zshrc       # after compinit
    {program} completion fish > ~/.config/fish/completions/{program}.fish
"""


def completion_of(program: str) -> click.Command:
    """Return the command `completion` of *program*."""

    @click.command(
        "completion",
        help="Print what lets a shell complete words.\n\n"
        f"Add it to what your shell reads when it starts:\n{_START_FILES.format(program=program)}",
    )
    @click.argument("shell", type=click.Choice(_SHELLS))
    @click.pass_context
    def completion(context: click.Context, shell: str) -> None:
        kind = get_completion_class(shell)
        assert kind is not None, "click has one for each of these"
        variable = f"_{program.upper()}_COMPLETE"
        script = kind(context.find_root().command, {}, program, variable)
        # Its own method would run the shell to ask for its version.
        click.echo(script.source_template % script.source_vars())

    return completion


def version_option(program: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the option `--version` of *program*."""

    def show(context: click.Context, _: click.Parameter, is_asked: bool) -> None:
        if is_asked and not context.resilient_parsing:
            click.echo(f"{program} {tool_version()}")
            context.exit()

    return click.option(
        "--version", is_flag=True, is_eager=True, expose_value=False, callback=show,
        help="Show the version.",
    )  # fmt: skip
