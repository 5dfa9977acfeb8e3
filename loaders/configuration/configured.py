"""The configured rows that count, and a line for each that does not.

A row with the key of a row of the seed changes it: its empty cells, and columns that the file
leaves out, keep the values of the seed. A row with another key is added. A fault costs the row that
has it and never a build: a reader of a seed gets the other rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from loaders.base.sealed import read_file
from loaders.configuration.checks import Fault, faults_of
from loaders.configuration.csv_rows import (
    MOST_BYTES,
    Record,
    Unusable,
    read_records,
    text_of_file,
)
from loaders.configuration.folder import RULES, config_folder, entries_of, is_missing
from loaders.configuration.forms import Form, forms, seed_rows
from loaders.configuration.own_rules import read_own_rules
from loaders.configuration.settings import Configuration, Configured, Problem, Row

# Seed → a check that needs code of a later package: the reason why a row is wrong, or None.
Further = Mapping[str, Callable[[Row], str | None]]
_KEPT_NAMES = (".git", ".gitignore", "README", "README.md")


def read_configuration(further: Further | None = None) -> Configuration:
    """Return what the configuration folder holds; nothing if there is none.

    Raises NoPlace if META_CONFIG_DIR cannot be a folder.
    """
    return read_folder(config_folder(), further)


def read_folder(folder: Path | None, further: Further | None = None) -> Configuration:
    """Return what *folder* holds."""
    found = Configuration(folder)
    try:
        names = entries_of(folder)
    except OSError as error:
        found.problems.append(Problem(str(folder), 0, error.strerror or str(error)))
        return found
    if folder is None or not names:
        return found
    known = forms()
    _note_strangers(found, names, known)
    builtin = [row["gap_type"] for row in seed_rows("gap_rules")]
    found.own_rules, faults = read_own_rules(folder, builtin)
    found.problems += faults
    # The rules first: rows of other files are about them.
    for name in sorted(known, key=lambda name: (name != "gap_rules", name)):
        if known[name].file in names:
            _read_file(found, folder / known[name].file, known[name], (further or {}).get(name))
    _drop_rules_without_a_row(found)
    return found


def effective_rows(name: str, configuration: Configuration | None = None) -> list[Row]:
    """Return the rows of a seed with the configured ones over them."""
    rows: list[Row] = [{**row} for row in seed_rows(name)]
    configuration = configuration or read_configuration()
    if name not in configuration.seeds:
        return rows
    configured = configuration.seeds[name]
    by_key = {_key(configured.form, row): row for row in rows}
    return [*(by_key | configured.rows).values()]


def _key(form: Form, row: Mapping[str, str | None]) -> tuple[str, ...]:
    return tuple(row.get(name) or "" for name in form.key)


def _drop_rules_without_a_row(found: Configuration) -> None:
    rows = found.seeds["gap_rules"].rows if "gap_rules" in found.seeds else {}
    for name, rule in list(found.own_rules.items()):
        if (name,) not in rows:
            reason = f"the rule {name} has no row in gap_rules.csv that counts"
            found.problems.append(Problem(rule.file, 0, reason))
            del found.own_rules[name]


def _note_strangers(found: Configuration, names: list[str], known: Mapping[str, Form]) -> None:
    files = {form.file for form in known.values()}
    for name in names:
        if name not in files and name != RULES and name not in _KEPT_NAMES and name[-1] != "~":
            reason = f"is not a file of the configuration; the files are: {', '.join(files)}"
            if name.endswith(".csv"):
                found.problems.append(Problem(name, 0, reason))


def _read_file(
    found: Configuration, path: Path, form: Form, further: Callable[[Row], str | None] | None
) -> None:
    try:
        names, records = read_records(text_of_file(read_file(path, at_most=MOST_BYTES)))
        _refuse_header(names, form)
    except Unusable as error:
        found.problems.append(Problem(form.file, error.line, error.reason))
        return
    except OSError as error:
        reason = error.strerror or str(error)
        if path.is_symlink():
            reason = "is a symbolic link; put the file itself here"
        if not is_missing(path):
            found.problems.append(Problem(form.file, 0, reason))
        return
    for name in names:
        if name and name not in form.columns:
            reason = f"no such column, so it is ignored; the columns are: {', '.join(form.columns)}"
            found.problems.append(Problem(form.file, 1, reason, value=name))
    found.problems += _read_rows(found, form, records, further)


def _refuse_header(names: list[str], form: Form) -> None:
    """Raise Unusable unless the header has the key of the seed."""
    missing = [name for name in form.key if name not in names]
    if not missing:
        return
    others = [other.file for other in forms().values() if set(names) == set(other.columns)]
    hint = f"; it is that of {others[0]}" if others else f"; it is {','.join(form.columns)}"
    raise Unusable(1, f"the header has no column {missing[0]}{hint}")


def _read_rows(
    found: Configuration,
    form: Form,
    records: list[Record],
    further: Callable[[Row], str | None] | None,
) -> Iterator[Problem]:
    """Take the rows that are right, and yield the problems of the others."""
    seeded = {_key(form, row): row for row in seed_rows(form.name)}
    configured = Configured(form)
    lines: dict[tuple[str, ...], int] = {}
    for record in records:
        if record.fault:
            yield Problem(form.file, record.line, record.fault)
            continue
        given = {name: record.cells.get(name) or None for name in form.columns}
        key = _key(form, given)
        row = {**(seeded.get(key) or {}), **{name: cell for name, cell in given.items() if cell}}
        complete = {name: row.get(name) or None for name in form.columns}
        faults = [*faults_of(form, given, complete, seeded.get(key), found)]
        if not faults and further and (reason := further(complete)):
            faults = [Fault(None, reason)]
        if not faults and key in lines:
            reason = f"has the key of line {lines[key]} ({', '.join(key)}), which counts"
            faults = [Fault(None, reason)]
        for fault in faults:
            value = given.get(fault.column) if fault.column else None
            yield Problem(form.file, record.line, fault.reason, fault.column, value)
        if not faults:
            lines[key] = record.line
            configured.rows[key] = complete
    if configured.rows:
        found.seeds[form.name] = configured
