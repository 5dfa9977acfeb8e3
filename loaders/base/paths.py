"""Names of files as text, and where the product keeps its data.

A file's name is bytes. Its text form is for people and joins, and is reversible: UTF-8 stays
unchanged; bytes that are not UTF-8, control and invisible characters, and the backslash itself are
written as ``\\xNN``, one per byte. A name whose text equals its bytes needs no bytes beside it.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, AnyStr

import click

from loaders.base.exits import EXIT_USAGE

# The folder with our packages: the clone or, in an installed copy, Python's folder of libraries.
CODE_ROOT = Path(__file__).resolve().parents[2]
# The dbt project, with the seeds, as setup.py puts it into an installed copy. Nothing is written
# there: it may be read-only.
_INSTALLED = CODE_ROOT / "loaders" / "project"
IS_CLONE = not _INSTALLED.is_dir()
PROJECT_ROOT = CODE_ROOT if IS_CLONE else _INSTALLED
# The configuration folder; the package `configuration` reads it.
CONFIG_VARIABLE = "META_CONFIG_DIR"

_CONTROL = (
    "\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_UNSHOWN = re.compile(f"[{_CONTROL}]")
_UNSHOWN_OR_BACKSLASH = re.compile(f"[{_CONTROL}\\\\]")
_ESCAPED = re.compile(rb"\\x([0-9a-f]{2})")
# DuckDB takes a backslash for a separator, `?` for the start of a query, and its catalogue contains
# only UTF-8.
_NOT_OF_DATABASES = re.compile("[\\\\?\ud800-\udfff]")


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    undecoded = 0xDC80 <= ord(character) <= 0xDCFF
    raw = character.encode("utf-8", "surrogateescape" if undecoded else "surrogatepass")
    return "".join(f"\\x{byte:02x}" for byte in raw)


def text_of(name: bytes) -> str:
    """Return the text form of a file name or path given as bytes."""
    if name.isascii() and name.isalnum():
        return name.decode("ascii")
    return _UNSHOWN_OR_BACKSLASH.sub(_escape, name.decode("utf-8", "surrogateescape"))


def bytes_of(text: str) -> bytes:
    """Return the bytes whose text form is *text*: the inverse of :func:`text_of`."""
    return _unescape(text.encode("utf-8"))


def _unescape(text: bytes) -> bytes:
    return _ESCAPED.sub(lambda match: bytes([int(match.group(1), 16)]), text)


def bytes_if_different(name: bytes, text: str) -> bytes | None:
    """Return *name* where its text form hides something, else None."""
    return None if text.encode("utf-8") == name else name


def clean_text(text: str) -> str:
    """Return *text* (a message, a URL, a value) with nothing in it that a terminal would obey."""
    return _UNSHOWN.sub(_escape, text)


def canonical_root(given: str | bytes) -> bytes:
    """Return the absolute path, without symbolic links, of a folder that the user named.

    A path can also be given as the commands print it: unless a file has that very name, `\\xNN` is
    read as the byte that it shows. Raises click.UsageError for an empty name, which is what an
    unset variable of a shell gives.
    """
    if not given:
        raise click.UsageError("the name of a folder is empty")
    path = os.path.expanduser(os.fsencode(given))
    shown = _unescape(path)
    return os.path.realpath(path if b"\0" in shown or os.path.lexists(path) else shown)


def is_beneath(path: AnyStr, folder: AnyStr) -> bool:
    """Return whether *path* is *folder* or is below it, by its components."""
    slash = b"/" if isinstance(path, bytes) else "/"
    return path == folder or path.startswith(folder.rstrip(slash) + slash)


def opens_databases(path: str | os.PathLike[str]) -> bool:
    """Say whether DuckDB can open a database at *path*, which it follows through symbolic links
    first.
    """
    return not _NOT_OF_DATABASES.search(os.path.realpath(path))


@dataclass(frozen=True)
class Locations:
    """Where one installation keeps its data: the published file, what belongs to it, the landing
    zone.
    """

    published: Path
    landing: Path

    @property
    def work_folder(self) -> Path:
        """The work folder beside the published file: build database, its lock and state, published
        versions.
        """
        return self.published.with_name(self.published.name + ".d")

    @property
    def engine_folder(self) -> Path:
        """The folder in which DuckDB writes: the work folder, or another if DuckDB cannot open
        databases there.
        """
        if opens_databases(self.work_folder):
            return self.work_folder
        name = hashlib.sha256(os.fsencode(self.published)).hexdigest()[:16]
        return data_home() / "builds" / name

    @property
    def build_database(self) -> Path:
        return self.engine_folder / "build" / "meta.duckdb"

    @property
    def build_lock(self) -> Path:
        return self.work_folder / "build.lock"

    @property
    def build_state(self) -> Path:
        return self.work_folder / "state.json"

    @property
    def start_note(self) -> Path:
        return self.work_folder / "started.json"

    @property
    def versions(self) -> Path:
        return self.work_folder / "generations"

    def check(self) -> None:
        """Raise OSError if no published file or no landing zone can have these paths, whatever the
        disk.

        For use before anything is done.
        """
        # The longest names that are made or looked for there.
        longest = [
            (self.published, self.published.with_name(f"{self.published.name}.wal")),
            (self.published, self.versions / "00000000.duckdb.draft"),
            (self.landing, self.landing / "runs" / ("x" * 60) / ("x" * 60)),
        ]
        for path, name in longest:
            try:
                os.lstat(name)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise OSError(error.errno, error.strerror, str(path)) from None

    def environment(self) -> dict[str, str]:
        """The variables that make dbt, run from another folder, use these locations."""
        given = os.path.expanduser(os.environ.get(CONFIG_VARIABLE, ""))
        return {
            "META_DB_PATH": str(self.published),
            "META_LANDING_DIR": str(self.landing),
            "META_BUILD_DB_PATH": str(self.build_database),
            **({CONFIG_VARIABLE: os.path.abspath(given)} if given else {}),
        }


class NoPlace(click.ClickException):
    """It is not known where our data belongs; the message says which variable decides."""

    exit_code = EXIT_USAGE

    def show(self, file: Any = None) -> None:
        click.echo(clean_text(self.message), err=True)


def data_home() -> Path:
    """The folder that holds everything by default: outside the clone, the same from anywhere.

    Raises NoPlace if no variable names it and this user has no home.
    """
    base = os.environ.get("XDG_DATA_HOME")
    if not base or not os.path.isabs(base):
        base = os.path.join(_home(), ".local", "share")
    return Path(base) / "meta-collector"


def config_home() -> Path:
    """The folder of the configuration by default. Raises NoPlace as `data_home` does."""
    base = os.environ.get("XDG_CONFIG_HOME")
    if not base or not os.path.isabs(base):
        base = os.path.join(_home(), ".config")
    return Path(base) / "meta-collector"


def _home() -> str:
    home = os.environ.get("HOME")
    if not home:
        try:
            home = pwd.getpwuid(os.getuid()).pw_dir
        except KeyError:
            home = ""
    if not os.path.isabs(home):
        what = (
            f"HOME is {home!r}, which is not absolute"
            if home
            else "HOME is not set, and this user has no entry"
        )
        raise NoPlace(f"{what}: set HOME, or both META_DB_PATH and META_LANDING_DIR")
    return home


def _placed(variable: str, default: str) -> Path:
    """Return the absolute path that *variable* names, or else *default* in the data home.

    Raises NoPlace.
    """
    given = os.environ.get(variable)
    if not given:
        return data_home() / default
    if given == "~" or given.startswith("~/"):
        given = os.path.join(_home(), given[2:])
    expanded = os.path.expanduser(given)
    if expanded.startswith("~"):
        name = expanded.partition("/")[0]
        raise NoPlace(
            f"{variable}={given}: no user is called {name[1:]}; for a folder of that name give "
            f"./{name}"
        )
    return Path(os.path.abspath(expanded))


def published_at(given: str | os.PathLike[str]) -> Path:
    """Return the absolute path of the published file that *given* names.

    A symbolic link is followed to a file, or to a free name in an existing folder. Any other link
    is returned unchanged, and publishing refuses it.
    """
    path = Path(os.path.abspath(os.path.expanduser(given)))
    # A folder that may not be read is reported when the file is opened.
    if os.path.islink(path):
        target = Path(os.path.realpath(path))
        is_free = target.parent.is_dir() and not os.path.lexists(target)
        if is_free or target.is_file():
            return target
    return path


def locations() -> Locations:
    """Return the locations that META_DB_PATH and META_LANDING_DIR name, else the defaults.

    Raises NoPlace.
    """
    return Locations(
        published=published_at(_placed("META_DB_PATH", "meta.duckdb")),
        landing=_placed("META_LANDING_DIR", "landing"),
    )
