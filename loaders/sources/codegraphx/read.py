"""Read one artifact of any format and write its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from loaders.sources.artifacts.artifact_files import BOM, ArtifactFile
from loaders.sources.artifacts.artifact_rows import ArtifactWriter
from loaders.sources.artifacts.path_keys import PathKeys
from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.codegraphx import catalogue_files, events, search_index
from loaders.sources.codegraphx.artifact_formats import EVENTS, Document, Lines
from loaders.sources.codegraphx.documents import Part, as_json, parts_of
from loaders.sources.codegraphx.lines import Reject, blocks_of, check_of_keys, rows_of
from loaders.sources.codegraphx.pointers import Pointer, Pointers, pointers_of_rows
from loaders.sources.codegraphx.recognising import Recognised, recognise
from loaders.sources.codegraphx.sqlite import DatabaseFile

_SHA1_DIGITS = 40


@dataclass
class Reading:
    """One artifact while it is read: the writer of its rows, and the facts found so far."""

    writer: ArtifactWriter
    keys: PathKeys
    folder: Path  # for private copies
    progress: Callable[[int], None] = lambda rows: None
    kind: str | None = None
    variants: set[str] = field(default_factory=set)
    path_keys: set[str] = field(default_factory=set)  # of the paths it points at
    reject_count: int = 0
    first_reject: Reject | None = None

    def add(self, table: str, columns: Mapping[str, Sequence[Any]]) -> None:
        self.writer.add(table, columns)
        self.progress(self.writer.row_count)

    def reject(self, rejects: Iterable[Reject]) -> None:
        """Write rejected rows."""
        rejects = list(rejects)
        if rejects:
            self.first_reject = self.first_reject or rejects[0]
            self.reject_count += len(rejects)
            positions, reasons, excerpts = zip(*rejects, strict=True)
            columns = {"position": positions, "reason": reasons, "excerpt": excerpts}
            self.writer.add("artifact_rejects", columns, counts=False)

    def add_pointers(self, pointers: Iterable[Pointer]) -> None:
        """Write the paths that the artifact points at."""
        pointers = list(pointers)
        if pointers:
            columns = dict(zip(Pointer._fields, zip(*pointers, strict=True), strict=True))
            self.path_keys.update(columns["path_key"])
            self.writer.add("artifact_pointers", columns, counts=False)


def read_artifact(
    file: ArtifactFile, database: DatabaseFile | None, reading: Reading, *, only_catalogs: bool
) -> bool:
    """Read *file*; return whether it is an artifact. Raises Invalid for an invalid artifact."""
    if database:
        return _read_database(database, reading, only_catalogs)
    if only_catalogs:
        return False
    found = recognise(file)
    if found.form is None:
        return False
    reading.kind = found.form.kind
    if found.fault:
        raise Invalid(found.fault)
    file.begin_digest()
    reading.variants |= _variants_of_bytes(file, found)
    if isinstance(found.form, Lines):
        _read_lines(file, found.form, reading)
    else:
        _read_document(file, found, reading)
    return True


def _variants_of_bytes(file: ArtifactFile, found: Recognised) -> set[str]:
    head = file.head(64 << 10)
    signs = {"bom": head.startswith(BOM), "crlf": b"\r\n" in head, "empty": found.is_empty}
    return {name for name, is_so in signs.items() if is_so}


# -- lines -----------------------------------------------------------------------------------------


def _read_lines(file: ArtifactFile, form: Lines, reading: Reading) -> None:
    check = events.CHECK if form is EVENTS else check_of_keys(form)
    for block in blocks_of(file.text_stream()):
        if isinstance(block, Reject):
            reading.reject([block])
            continue
        for rows in rows_of(block, form, check):
            if rows.table.num_rows:
                reading.add(
                    form.table,
                    _landed_columns(rows.table, form, reading.keys) | {"position": rows.positions},
                )
            reading.reject(rows.rejects)
            if rows.rejects and rows.rejects[-1].is_cut:
                reading.variants.add("cut")
    first = reading.first_reject
    if first and not reading.writer.row_count:
        raise Invalid(
            f"none of its lines is a row of {form.kind}; line {first.position}: {first.reason}"
        )


def _landed_columns(rows: pa.Table, form: Lines, keys: PathKeys) -> dict[str, Any]:
    if form is EVENTS:
        columns = events.columns_of(rows)
    else:
        columns = {_RENAMED.get(name, name): rows[name] for name in rows.column_names}
    for name in ("root", "path"):
        if name in columns:
            columns[f"{name}_key"] = _keys_of(columns[name], keys)
    return columns


_RENAMED = {"size": "size_bytes"}


def _keys_of(paths: pa.ChunkedArray, keys: PathKeys) -> pa.Array:
    """Return the key of each path; the key of repeated paths is computed once."""
    coded = paths.combine_chunks().dictionary_encode()
    return pa.array(map(keys.of, coded.dictionary.to_pylist()), pa.string()).take(coded.indices)


# -- documents -------------------------------------------------------------------------------------


def _read_document(file: ArtifactFile, found: Recognised, reading: Reading) -> None:
    form = found.form
    assert isinstance(form, Document)
    pointers = Pointers(form.kind, reading.keys)
    if found.is_list and form.keys:
        reading.variants.add("bare_list")
    for part in parts_of(file.text_stream(), form):
        reading.reject(part.rejects)
        if part.items:
            pointers.add_items(part.items)
            _add_items(reading, form.kind, part)
        if part.entries:
            _add_entries(reading, part)
        if part.document is not None:
            if not found.is_list:
                reading.variants |= {
                    f"without_{name}" for name in form.fields if name not in part.document
                }
            _add_document(reading, form.kind, part.document)
            reading.add_pointers(pointers.of_document(part.document))


def _add_document(reading: Reading, kind: str, document: Mapping[str, Any]) -> None:
    reading.add(
        "codegraphx_reports", {"position": [1], "kind": [kind], "document": [as_json(document)]}
    )


# Kinds of documents whose elements are projects.
_OF_PROJECTS = ("backlog", "campaign")


def _add_items(reading: Reading, kind: str, part: Part) -> None:
    columns: dict[str, Sequence[Any]] = {
        "position": [position for position, _ in part.items],
        "kind": [kind] * len(part.items),
        "list": [part.list_name] * len(part.items),
        "item": [as_json(item) for _, item in part.items],
    }
    if kind in _OF_PROJECTS:
        columns["path_key"] = [reading.keys.of(item.get("path")) for _, item in part.items]
    reading.add("codegraphx_report_items", columns)


def _add_entries(reading: Reading, part: Part) -> None:
    positions, identities, hashes = zip(*part.entries, strict=True)
    if any(len(digest) == _SHA1_DIGITS for digest in hashes):
        reading.variants.add("sha1")
    columns = {"position": positions, "identity": identities, "hash": hashes}
    reading.add("codegraphx_snapshot_entries", columns)


# -- databases -------------------------------------------------------------------------------------


def _read_database(file: DatabaseFile, reading: Reading, only_catalogs: bool) -> bool:
    if not file.mentions([*catalogue_files.WORDS, *search_index.WORDS]):
        return False
    with file.copied(reading.folder) as database:
        relations = database.relations()
        if search_index.is_search_index(relations) and not only_catalogs:
            reading.kind = "search_db"
            for columns, rejects in search_index.read_rows(database, relations):
                reading.add("codegraphx_search_rows", columns)
                reading.reject(rejects)
            _add_document(
                reading, "search_db", {"search_meta": search_index.read_meta(database, relations)}
            )
        elif catalogue_files.is_catalog(relations):
            reading.kind = "catalog"
            for rows in catalogue_files.read_catalog(database, relations, reading.keys):
                reading.add(rows.table, rows.columns)
                reading.reject(rows.rejects)
                reading.add_pointers(pointers_of_rows(rows.table, rows.columns, reading.keys))
        else:
            return False
    if file.has_log:
        reading.variants.add("wal")
    return True
