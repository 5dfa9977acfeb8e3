"""`enrich schedule`: the text that makes a scheduler refresh every night."""

from __future__ import annotations

import os
import re

import click

from enrich import options
from enrich.commands.operate.timetables import FORMS, Nightly, NotWritable
from loaders.base import programs
from loaders.base.paths import clean_text, locations
from loaders.base.remedies import FIRST_REFRESH

# A scheduler starts with few variables. These decide where the data is and how it is landed.
_KEPT = (
    "XDG_DATA_HOME",
    "XDG_CONFIG_HOME",
    "META_DB_PATH",
    "META_LANDING_DIR",
    "META_CONFIG_DIR",
    "META_HOST_LABEL",
    "META_SHARE",
    "META_CODEGRAPHX_ROOT",
)
_PLACES = ("META_DB_PATH", "META_LANDING_DIR", "META_CONFIG_DIR")
_USUAL_PATH = ("/usr/local/bin", "/usr/bin", "/bin")


@click.command()
@click.option(
    "--for",
    "form",
    type=click.Choice(list(FORMS)),
    required=True,
    help="The scheduler. github and gitlab need a runner of your own on this machine.",
)
@click.option(
    "--at",
    default="02:15",
    show_default=True,
    metavar="HH:MM",
    help="The time of day: local time, but UTC for github.",
)
@click.option(
    "--log",
    type=click.Path(),
    metavar="FILE",
    help="The file that gets the output of each refresh. Default: refresh.log beside the build "
    "database. "
    "github and gitlab keep it themselves.",
)
def schedule(form: str, at: str, log: str | None) -> None:
    """Print what makes a scheduler refresh.

    It refreshes every night, and nothing is changed here. The text has absolute paths and the
    variables of this shell that the data depends on, quoted for the scheduler, so that it works
    when it is pasted. The scheduler gets the exit code of `enrich refresh-meta`.
    """
    matched = re.fullmatch(r"(\d{1,2}):(\d{2})", at)
    if matched is None or int(matched[1]) > 23 or int(matched[2]) > 59:
        raise options.Refusal(f"--at {clean_text(at)}: a time of day has the form 02:15")
    file = os.path.abspath(os.path.expanduser(log or locations().work_folder / "refresh.log"))
    nightly = Nightly(
        hour=int(matched[1]),
        minute=int(matched[2]),
        program=programs.own("enrich"),
        log=file,
        variables=_variables(),
    )
    try:
        text = FORMS[form](nightly)
    except NotWritable as error:
        raise options.Refusal(f"{form} cannot express a path of yours: {error}") from None
    if not os.path.isdir(os.path.dirname(file)):
        line = f"{os.path.dirname(file)} does not exist yet; first run: {FIRST_REFRESH}"
        click.echo(clean_text(line), err=True)
    # Not through clean_text: each form has its own way to write what a terminal would obey.
    click.echo(text, nl=False)


def _variables() -> dict[str, str]:
    found = {name: os.environ[name] for name in _KEPT if os.environ.get(name)}
    for name in _PLACES:
        if name in found:
            found[name] = os.path.abspath(os.path.expanduser(found[name]))
    return {"PATH": _path(), **found}


def _path() -> str:
    """Return a PATH with git and, if it is installed, CodeGraphX."""
    folders = [
        os.path.dirname(path) for name in ("git", "codegraphx") if (path := programs.find(name))
    ]
    return ":".join(dict.fromkeys([*folders, *_USUAL_PATH]))
