"""Files and symbols by the names that people type."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from typing import Any

from enrich.answers.code_queries import SYMBOLS
from enrich.answers.projects import names_of
from enrich.db import Published
from enrich.lookup import present_path
from enrich.options import Refusal
from loaders.base.paths import canonical_root, text_of

_MOST_CHOICES = 20
_NO_CODE = "enrich refresh-meta FOLDER reads the code of a folder"


def find_file(published: Published, given: str, condition: str = "true") -> dict[str, Any] | None:
    """Return the row of `codebase_metadata` of the own file that *given* names, or None.

    It is a path on this machine, or the end of one. *condition* is SQL over `codebase_id`. Raises
    Refusal if it is the end of several.
    """
    where = present_path(published, text_of(canonical_root(given)))
    exact = "rtrim(codebase_path, '/') || '/' || path"
    found = published.query(
        f"select * from codebase_metadata where {exact} = $1 and {condition}", [where]
    ).dicts()
    if not found and not os.path.isabs(os.path.expanduser(given)):
        found = published.query(
            f"select * from codebase_metadata where ends_with({exact}, $1) and {condition}"
            " order by codebase_path, path",
            ["/" + given.removeprefix("./").lstrip("/")],
        ).dicts()
    if len(found) > 1:
        paths = [f"{one['codebase_path']}/{one['path']}" for one in found]
        raise Refusal(_choices(f"{given} matches {len(paths)} files; give the path of one:", paths))
    return found[0] if found else None


def the_file(published: Published, given: str, condition: str = "true") -> dict[str, Any]:
    """Return what `find_file` does. Raises Refusal if there is no such file."""
    if (found := find_file(published, given, condition)) is None:
        raise Refusal(f"{given}: is not an own file here; `enrich map` lists those with code")
    return found


def find_symbols(published: Published, given: str, condition: str = "true") -> list[dict[str, Any]]:
    """Return the rows of `code_symbols` that *given* names, in the order of their places.

    It is a name, the end of a qualified name (`Class.method`), the id of a symbol, or one of these
    after the end of a path and a colon (`core.py:main`). *condition* is SQL over `project_id`.
    """
    file, _, name = given.rpartition(":") if not given.endswith(":") else ("", "", given)
    # C++, Rust and Ruby separate names by two colons, and PHP and Ruby have signs of their own.
    if file.endswith(":") or "/" in name:
        file, name = "", given
    name = name.replace("::", ".").replace("#", ".").removesuffix("()")
    return published.query(
        f"""
        select * from ({SYMBOLS})
        where {condition}
            and (
                name = $name or qualified_name = $name
                or ends_with(qualified_name, '.' || $name)
                or (length($name) >= 8 and starts_with(symbol_id, $name))
            )
            and ($file = '' or ends_with(project_path || '/' || file_path, '/' || $file))
        order by project_path, file_path, start_line, qualified_name
        """,
        {"name": name, "file": file.removeprefix("./").lstrip("/")},
    ).dicts()


def the_symbol(published: Published, given: str, condition: str = "true") -> dict[str, Any]:
    """Return the only symbol that *given* names. Raises Refusal if there are none or several.

    Definitions of one name in one file are one symbol, such as overloads: the longest is returned,
    with the ids of all as `symbol_ids`.
    """
    found = _longest(find_symbols(published, given, condition))
    # A whole qualified name is meant before the ends of others.
    exact = [one for one in found if "." in given and one["qualified_name"] == given]
    found = exact if len(exact) == 1 else found
    if len(found) == 1:
        return found[0]
    if not found:
        raise Refusal(_unknown(published, given))
    names = names_of(published)
    raise Refusal(
        _choices(
            f"{given} matches {len(found)} symbols; give FILE:NAME, a qualified name, or an id:",
            [_choice(one, names) for one in found],
        )
    )


def _longest(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    alike: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for one in found:
        alike.setdefault((one["file_id"], one["qualified_name"]), []).append(one)
    return [
        max(ones, key=lambda one: one["end_line"] - one["start_line"])
        | {"symbol_ids": [one["symbol_id"] for one in ones]}
        for ones in alike.values()
    ]


def _choice(symbol: Mapping[str, Any], names: Mapping[str, str]) -> str:
    project = names.get(symbol["project_path"], symbol["project_path"])
    place = f"{project}/{symbol['file_path']}:{symbol['start_line']}"
    return f"{symbol['symbol_id'][:8]}  {place}  {symbol['kind']} {symbol['qualified_name']}"


def _unknown(published: Published, given: str) -> str:
    if not published.query("select 1 from code_symbols limit 1").rows:
        return f"no code was read yet; {_NO_CODE}"
    rows = published.query(
        "select distinct name from code_symbols where levenshtein(lower(name), lower($1)) <= 3",
        [given.rpartition(".")[2][:100]],
    ).rows
    near = difflib.get_close_matches(given, [name for (name,) in rows], n=3)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    return f"no own file or symbol here is called {given}{hint}"


def _choices(head: str, choices: list[str]) -> str:
    lines = [head, *(f"  {one}" for one in choices[:_MOST_CHOICES])]
    if len(choices) > _MOST_CHOICES:
        lines.append(f"  … and {len(choices) - _MOST_CHOICES} more")
    return "\n".join(lines)
