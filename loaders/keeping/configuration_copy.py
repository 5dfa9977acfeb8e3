"""The configuration in a backup: a copy of its files in `config/`.

A backup again makes the copy equal. A restore brings back files that are missing, and leaves any
other, which a person may have changed meanwhile.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from loaders.base.inside import is_real_folder
from loaders.base.paths import clean_text
from loaders.base.sealed import read_file
from loaders.configuration.copies import names_in, write_files
from loaders.configuration.csv_rows import MOST_BYTES
from loaders.configuration.folder import RULES, config_folder, is_missing

FOLDER = "config"


def back_up_configuration(target: Path) -> tuple[int, list[str]]:
    """Copy the configuration to the backup *target*; return the number of files, and a line for
    each that cannot be read.

    Raises OSError if the copy cannot be written.
    """
    folder, copies = config_folder(), target / FOLDER
    # A folder above it may be closed to this user.
    if folder is None or not os.path.isdir(folder):
        return 0, []
    files, faults = _readable(folder)
    if files:
        write_files(files, copies)
    if is_real_folder(copies):
        for name in names_in(copies):
            if is_missing(folder / name):
                (copies / name).unlink()
    return len(files), faults


def restore_configuration(source: Path) -> tuple[int, list[str]]:
    """Copy the configuration files that are missing here from the backup *source*; return their
    number, and a line for each that is not copied.
    """
    folder, copies = config_folder(), source / FOLDER
    if folder is None or not is_real_folder(copies):
        return 0, []
    files, faults = _readable(copies)
    missing = {name: raw for name, raw in files.items() if is_missing(folder / name)}
    if missing:
        write_files(missing, folder)
    for name in files.keys() - missing.keys():
        if _readable(folder)[0].get(name) != files[name]:
            faults.append(f"{folder / name}: has another content; left unchanged")
    return len(missing), sorted(faults)


def copies_in(target: Path) -> Iterator[Path]:
    """Yield the own files and folders of the copy in *target*."""
    copies = target / FOLDER
    if is_real_folder(copies):
        yield copies
        yield from (copies / name for name in names_in(copies))
        if is_real_folder(copies / RULES):
            yield copies / RULES


def _readable(folder: Path) -> tuple[dict[str, bytes], list[str]]:
    files, faults = {}, []
    try:
        names = names_in(folder)
    except OSError as error:
        return {}, [clean_text(f"{folder}: {error.strerror}; not copied")]
    for name in names:
        try:
            files[name] = read_file(folder / name, at_most=MOST_BYTES)
        except OSError as error:
            reason = error.strerror or os.strerror(error.errno or 0)
            faults.append(clean_text(f"{folder / name}: {reason}; not copied"))
    return files, faults
