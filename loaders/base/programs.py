"""Programs: the folders that are searched for them, and the environment of a started program.

Nothing in a crawled folder may run, and a search for a program is a way to run what is in a
folder. This module is the only one that searches. It never searches an entry of PATH that is

* relative or empty, since such an entry means whatever folder a command is typed in;
* a crawled root or a folder below one, also by another name (a symbolic link, `..`, other case).

It also passes over a program that is a symbolic link into a crawled root. The system's own folders
(`/usr/bin` and the like) stay in use even if `/` is crawled: a crawl of them does not make
them foreign. A folder of PATH that other users may write to stays in use as well: it belongs to the
person's own setup, and their shell also runs programs from it.

The variable PATH of this process keeps only the entries that are left, so that all that is started
from here, by us or by a library, searches nothing else. The same holds for the folders from which
Python takes modules and the system takes libraries. A folder for temporary files that is relative
or in a crawled root is not used either: we would write there.
"""

from __future__ import annotations

import os
import stat
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Iterator, Mapping

from loaders.base.paths import CODE_ROOT, Locations, is_beneath

# A program that is also here is taken from here if it is to read what is foreign.
_USUAL = ("/usr/local/bin", "/usr/bin", "/bin", "/opt/homebrew/bin")
_SYSTEM = ("/usr/bin", "/bin", "/usr/sbin", "/sbin")
# Further variables of folders to search: an empty entry means the working folder in each.
_SEARCHED = ("PYTHONPATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FRAMEWORK_PATH")
_TEMPORARY = ("TMPDIR", "TEMP", "TMP")
# dbt takes defaults of its options from these, and reads more of them from a file.
_SETTINGS_OF_DBT = "DBT_"
_NO_DOTENV = {"PYTHON_DOTENV_DISABLED": "1"}

# Canonical path of a root that is kept out → its device and inode, or None if it does not exist.
_roots: dict[bytes, tuple[int, int] | None] = {}


def keep_out(roots: Iterable[bytes] = ()) -> None:
    """From now on find nothing in these *roots* (absolute paths), nor in relative entries of PATH.

    Holds for this process and for all that it starts.
    """
    _roots.update((real, _identity(real)) for real in map(os.path.realpath, roots))
    _replace("PATH", _left("PATH", os.defpath, _SYSTEM), ":".join(_SYSTEM))
    for variable in _SEARCHED:
        _replace(variable, _left(variable, "", (str(CODE_ROOT),)), None)
    for variable in _TEMPORARY:
        given = os.environ.get(variable, "")
        if given and (not os.path.isabs(given) or _is_kept_out(given, ())):
            del os.environ[variable]
            tempfile.tempdir = None  # to be looked up again


def find(name: str, *, usual_first: bool = False) -> str | None:
    """Return the absolute path of the program *name*, or None.

    PATH decides, or, with *usual_first*, the usual folders before it.
    """
    usual = [folder for folder in _USUAL if usual_first and not _is_kept_out(folder, _SYSTEM)]
    for folder in [*usual, *_left("PATH", os.defpath, _SYSTEM)]:
        path = os.path.join(folder, name)
        if _is_program(path) and not _leads_into_a_root(path, folder):
            return path
    return None


def usual_path() -> str:
    """Return a PATH of the usual folders, for a program that inherits nothing from this process."""
    return ":".join(folder for folder in _USUAL if not _is_kept_out(folder, _SYSTEM))


def environment(where: Locations, inherited: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the variables for dbt or a program of this product that works on the data at *where*.

    Settings for dbt are left out, be they variables or in a file `.env` in a folder around the
    clone: they are meant for another project.
    """
    kept = {
        name: value for name, value in inherited.items() if not name.startswith(_SETTINGS_OF_DBT)
    }
    return kept | _NO_DOTENV | where.environment()


def own(name: str) -> str:
    """Return the path of a program that is installed with our libraries: `enrich`, `dbt`.

    It is beside the interpreter or, after `pip install --user`, in the user's folder of programs.
    """
    user = sysconfig.get_path("scripts", sysconfig.get_preferred_scheme("user"))
    folders = (os.path.dirname(sys.executable), sysconfig.get_path("scripts"), user)
    paths = [os.path.join(folder, name) for folder in folders]
    return next(filter(os.path.exists, paths), paths[0])


# -- which folders are searched --------------------------------------------------------------------


def _left(variable: str, default: str, exempt: Iterable[str]) -> list[str]:
    """Return the entries of a search path that may be searched, in their order."""
    entries = os.environ.get(variable, default).split(os.pathsep)
    return [entry for entry in entries if os.path.isabs(entry) and not _is_kept_out(entry, exempt)]


def _replace(variable: str, entries: list[str], if_none: str | None) -> None:
    """Write a search path back. One without entries means the working folder to many programs."""
    left = os.pathsep.join(entries) or if_none
    if left is None:
        os.environ.pop(variable, None)
    elif left != os.environ.get(variable):
        os.environ[variable] = left


def _is_kept_out(folder: str, exempt: Iterable[str]) -> bool:
    """Say whether *folder* is in a crawled root and not in one of the *exempt* folders."""
    real = os.path.realpath(os.fsencode(folder))
    if any(is_beneath(real, os.path.realpath(os.fsencode(other))) for other in exempt):
        return False
    return bool(_roots_around(real))


def _roots_around(real: bytes) -> set[bytes]:
    """Return the roots that are, or hold, the canonical path *real*: by name or by identity.

    Names alone do not tell if they differ only in case, or if a folder is mounted twice.
    """
    around = set(map(_identity, _with_parents(real))) - {None}
    return {
        root for root, identity in _roots.items() if identity in around or is_beneath(real, root)
    }


def _with_parents(path: bytes) -> Iterator[bytes]:
    yield path
    while path not in (b"/", b""):
        path = os.path.dirname(path)
        yield path


def _identity(path: bytes) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino


# -- which files are programs ----------------------------------------------------------------------


def _is_program(path: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode) and os.access(path, os.X_OK)
    except (OSError, ValueError):
        return False


def _leads_into_a_root(path: str, folder: str) -> bool:
    """Say whether the program is a link into a root that does not hold its *folder* as well."""
    real, home = os.path.realpath(os.fsencode(path)), os.path.realpath(os.fsencode(folder))
    return bool(_roots_around(real) - _roots_around(home))
