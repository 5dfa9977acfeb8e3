"""Asks the models of kinds and languages what files are: their SQL, over rows made in memory."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import PurePosixPath

import duckdb
import jinja2
import pyarrow as pa
from product import PROJECT

from loaders.sources.crawl.content_tags import PROBE, tags_of, text_in
from loaders.sources.crawl.notebooks import code_of

ROOT = "/w/project"
MODELS = """
    int_files__languages int_files__rule_places int_files__name_kinds int_files__directory_kinds
    int_files__kinds int_files__current int_files__document_names
""".split()
OWN_MODELS = """
    int_files__path_rules int_files__built_folders int_files__path_statements int_files__own_kinds
""".split()
SEEDS = "file_kinds file_kind_rules file_languages".split()
_FOLDER = PROJECT / "models" / "intermediate" / "files"
_STATES = pa.schema(
    [(name, pa.string()) for name in "path directory_path name state kind code_language".split()]
    + [(name, pa.int64()) for name in "size_bytes line_count code_lines code_bytes".split()]
    + [("is_binary", pa.bool_()), ("tags", pa.list_(pa.string()))]
)


def what_they_are(files: Iterable[tuple[str, bytes]]) -> duckdb.DuckDBPyConnection:
    """Return a connection with the models over *files* (path in the project, content).

    `kinds` has a row per file; `documents` one per file whose name is that of a document.
    """
    states = [_state(path, content) for path, content in files]
    folders = sorted(
        {os.fspath(above) for row in states for above in PurePosixPath(row["path"]).parents}
    )
    db = duckdb.connect()
    db.register("int_files__states", pa.Table.from_pylist(states, _STATES))
    db.register(
        "int_structure__directories",
        pa.table(
            {
                "path": folders,
                "project_path": [ROOT] * len(folders),
                "state": ["listed"] * len(folders),
            }
        ),
    )
    for seed in SEEDS:
        db.execute(f"create table {seed} as from read_csv('{PROJECT}/seeds/{seed}.csv')")
    for model in MODELS:
        db.execute(f"create table {model} as {_sql(model)}")
    for view, model in (("kinds", "int_files__kinds"), ("documents", "int_files__document_names")):
        file = f"substr(path, {len(ROOT) + 2}) as file"
        db.execute(f"create view {view} as select {file}, * from {model}")
    return db


def own_kinds(
    files: Iterable[tuple[str, bytes]], rules: Iterable[tuple[str, str, dict[str, bool]]] = ()
) -> dict[str, tuple[str, bool, bool]]:
    """Return file → its kind, whether it is named as ignored, whether it is built documentation.

    *rules* are the kind and the path of a landed rule for paths, and its facts.
    """
    db = what_they_are(files)
    facts = ["is_ignored", "is_vendored", "is_generated", "is_documentation", "is_filtered"]
    names = ["run_seq", "top_path", "kind", "path", "state", *facts]
    rows = [
        [1, ROOT, kind, f"{ROOT}/{path}", None, *(stated.get(fact) for fact in facts)]
        for kind, path, stated in rules
    ]
    types = ["bigint", *["varchar"] * 4, *["boolean"] * len(facts)]
    columns = ", ".join(map(" ".join, zip(names, types, strict=True)))
    db.execute(f"create table stg_crawl__path_rules ({columns})")
    for row in rows:
        db.execute(f"insert into stg_crawl__path_rules values ({', '.join('?' * len(row))})", row)
    for model in OWN_MODELS:
        db.execute(f"create table {model} as {_sql(model)}")
    found = db.execute(
        f"select substr(path, {len(ROOT) + 2}), file_kind, is_named_ignored, is_doc_build"
        " from int_files__own_kinds"
    )
    return {file: (kind, ignored, built) for file, kind, ignored, built in found.fetchall()}


def _state(path: str, content: bytes) -> dict[str, object]:
    place = PurePosixPath(ROOT, path)
    text = text_in(content[:PROBE], place.name)
    lines = None if text is None else content.count(b"\n") + (not content.endswith(b"\n"))
    head = content[:PROBE] if text is None else text
    code = code_of(content) if place.suffix == ".ipynb" else None
    return {
        "path": os.fspath(place),
        "directory_path": os.fspath(place.parent),
        "name": place.name,
        "state": "present",
        "kind": "file",
        "size_bytes": len(content),
        "line_count": lines,
        "is_binary": lines is None,
        "tags": tags_of(place.name, head, content[-600:], len(content), lines),
        "code_language": code and code.language,
        "code_lines": code and code.lines,
        "code_bytes": code and code.size_bytes,
    }


def _sql(model: str) -> str:
    if model == "int_files__current":
        # The projects of the files do not matter here.
        return "select * from int_files__states inner join int_files__kinds using (path)"
    environment = jinja2.Environment()
    environment.globals |= {
        "ref": lambda name: name,
        "config": lambda **_: "",
        "is_beneath": lambda path, above: f"starts_with({path} || '/', {above} || '/')",
        "last_part": lambda path: f"regexp_extract({path}, '[^/]*$')",
        "matches_glob": lambda text, pattern: f"({text} glob {pattern})",
    }
    return environment.from_string((_FOLDER / f"{model}.sql").read_text()).render()
