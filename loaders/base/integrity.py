"""The rules that every healthy row of a landed table keeps, and their SQL.

A table declares its rules beside its schema (`loaders.zone.schemas.RULES`). A row that breaks one
is rejected: a build sets it aside with its reason and publishes the rest
(`loaders.publishing.rejects`). A rule asks one row, or the rows of one run, and never what another
run landed: which of these counts is for the models to decide.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

import pyarrow as pa

# A double holds every whole number up to here, and no sum over a table leaves 64 bits.
MOST = 1 << 53
# Longer than any system call takes, and short enough to be split at every slash.
_LONGEST_PATH = 32_768
_PLACE_LENGTH = 200
_NO_RUN = "run_id: not a committed run"


@dataclass(frozen=True)
class Rules:
    """The rules of one landed table for its rows.

    A list of columns is one text, separated by spaces.
    """

    source: str  # who lands it, as a person says it: crawl, git, codegraphx …
    key: str  # what a run says at most once; none of it NULL or empty
    repeats: bool = False  # whether a run may say the same twice all the same
    required: str = ""  # further columns that are never NULL
    words: Mapping[str, str] = field(default_factory=dict)  # column → the words that it may have
    paths: str = ""  # absolute and normalised
    inner_paths: str = ""  # normalised, below a folder that the row does not repeat
    names: str = ""  # of an entry of a folder
    keys: str = ""  # path keys of any system (loaders.sources.artifacts.path_keys)
    counts: str = ""  # 0 to MOST
    ratios: str = ""  # 0 to 1
    sizes: str = ""  # 0 or more
    json: str = ""  # valid JSON
    json_lists: str = ""  # JSON lists of texts
    moments: str = ""  # our own clock's: not before 1970
    more: Mapping[str, str] = field(
        default_factory=dict
    )  # reason → condition that holds for healthy rows
    clashes: Mapping[str, str] = field(
        default_factory=dict
    )  # reason → condition on a row and another of its run


def fault_of(rules: Rules, schema: pa.Schema, landed: Collection[str] | None = None) -> str:
    """Return an SQL expression: why a row is rejected, NULL for a healthy one.

    *landed* are the columns that the rows were landed with, where older code did not know all of
    *schema*: of the others nothing is asked. It expects a relation `log` with the column `run_id`:
    the committed runs.
    """
    cases = [f"when run_id is null or run_id not in (select run_id from log) then '{_NO_RUN}'"]
    cases += [
        # A condition that raises an error on a value rejects that row: no row may end the whole
        # check.
        f"when not coalesce(try(coalesce({condition}, {'false' if is_needed else 'true'})), false)"
        f" then '{_quoted(reason)}'"
        for reason, condition, is_needed in _conditions(rules, schema)
        if landed is None or not is_needed or reason.partition(":")[0] in landed
    ]
    return f"case {' '.join(cases)} end"


def _conditions(rules: Rules, schema: pa.Schema) -> Iterator[tuple[str, str, bool]]:
    """Yield (reason, condition of a healthy row, whether NULL breaks it)."""
    texts = {item.name for item in schema if pa.types.is_string(item.type)}
    for name in rules.key.split():
        yield (
            f"{name}: missing",
            f"\"{name}\" <> ''" if name in texts else f'"{name}" is not null',
            True,
        )
    for name in rules.required.split():
        yield f"{name}: missing", f'"{name}" is not null', True
    for name, words in rules.words.items():
        listed = ", ".join(f"'{word}'" for word in words.split())
        yield f"{name}: not one of {words}", f'"{name}" in ({listed})', False
    for name in rules.paths.split():
        yield f"{name}: not an absolute, normalised path", _absolute(f'"{name}"'), False
    for name in rules.inner_paths.split():
        yield f"{name}: not a normalised path", _inner(f'"{name}"'), False
    for name in rules.names.split():
        yield f"{name}: not a name", _name(f'"{name}"'), False
    for name in rules.keys.split():
        yield f"{name}: not a path", f'length("{name}") between 1 and {_LONGEST_PATH}', False
    for name in rules.counts.split():
        yield f"{name}: not a count", f'"{name}" between 0 and {MOST}', False
    for name in rules.sizes.split():
        yield f"{name}: less than 0", f'"{name}" >= 0', False
    for name in rules.ratios.split():
        yield f"{name}: not between 0 and 1", f'"{name}" between 0 and 1', False
    for name in rules.json.split():
        yield f"{name}: not JSON", f'json_valid("{name}")', False
    for name in rules.json_lists.split():
        condition = (
            f"json_type(\"{name}\") = 'ARRAY' and coalesce("
            f"list_bool_and(list_transform(json_extract(\"{name}\", '$[*]'),"
            " lambda item: json_type(item) = 'VARCHAR')), true)"
        )
        yield f"{name}: not a JSON list of texts", condition, False
    for name in rules.moments.split():
        yield f"{name}: before 1970", f"\"{name}\" >= timestamp '1970-01-01'", False
    yield from _of_types(schema)
    yield from ((reason, condition, False) for reason, condition in rules.more.items())


def _of_types(schema: pa.Schema) -> Iterator[tuple[str, str, bool]]:
    """Yield what no value of a type may be, whatever its column."""
    for item in schema:
        name, kind = f'"{item.name}"', item.type
        if pa.types.is_timestamp(kind):
            # Python's own times end there, and those of readers with them.
            condition = f"{name} between timestamp '0001-01-01' and timestamp '9999-12-30'"
            yield f"{item.name}: not a time", condition, False
        elif pa.types.is_date(kind):
            yield (
                f"{item.name}: not a day",
                f"{name} between date '0001-01-01' and date '9999-12-30'",
                False,
            )
        elif pa.types.is_floating(kind):
            yield f"{item.name}: not a finite number", f"isfinite({name})", False
        elif pa.types.is_list(kind):
            yield (
                f"{item.name}: an element is NULL",
                f"len(list_filter({name}, lambda one: one is null)) = 0",
                False,
            )


def _absolute(path: str) -> str:
    """Return the condition that the text *path* is an absolute, normalised POSIX path."""
    return (
        f"({path} = '/' or starts_with({path}, '/') and not ends_with({path}, '/')"
        f" and not contains({path}, '//') and not contains({path} || '/', '/./')"
        f" and not contains({path} || '/', '/../')) and {_shown(path)}"
    )


def _inner(path: str) -> str:
    return (
        f"{path} <> '' and not starts_with({path}, '/') and not ends_with({path}, '/')"
        f" and not contains({path}, '//') and not contains('/' || {path} || '/', '/./')"
        f" and not contains('/' || {path} || '/', '/../') and {_shown(path)}"
    )


def _name(name: str) -> str:
    return f"{name} not in ('', '.', '..') and not contains({name}, '/') and {_shown(name)}"


def _shown(text: str) -> str:
    """Return the condition that a name's text holds no control character
    (`loaders.base.paths.text_of`).
    """
    return f"not regexp_matches({text}, '[\\x00-\\x1f\\x7f]')"


def place_of(rules: Rules, schema: pa.Schema) -> str:
    """Return an SQL expression: which row it is, by its key, as text of bounded length."""
    kinds = {item.name: item.type for item in schema}
    # A day that no calendar has cannot be written as text.
    parts = [
        f"'{name} ' || coalesce(left(cast(\"{name}\" as varchar), {_PLACE_LENGTH}), 'NULL')"
        for name in rules.key.split()
        if pa.types.is_string(kinds[name]) or pa.types.is_integer(kinds[name])
    ]
    return f"concat_ws(', ', {', '.join(parts)})"


def _quoted(text: str) -> str:
    return text.replace("'", "''")
