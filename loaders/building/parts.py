"""Parts of relations: the rows that have the same value in one column, such as those of a project.

A model or a data test may declare in its config how its rows fall into parts:

    meta:
      parts:
        of: project_id
        reads:
          commits: project_id
          int_git__changes: commit_sha in commits

This promises that the rows of a part follow from the rows of the same part of each relation that is
named here, and from any rows of the other relations that are read. If only the former change, only
the parts that they touch are made again. A relation without the column is named with a column
that it shares with another one, which says to which parts a row belongs (`path in files.file_path`,
if the names differ). A data test has no `of`: each of its failures follows from one part.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# The build database, as the SQL of a plan names it.
DATABASE = "meta"
# The table of the parts that a node makes again, in its column `part`.
TOUCHED = "touched_parts"
_BELONGING = re.compile(r"(\w+)(?: in ((?:landed\.)?\w+)(?:\.(\w+))?)?")


@dataclass(frozen=True)
class Belonging:
    """Which column of a relation names the part of a row, or is *shared* with the relation
    *through*, which names it.
    """

    column: str
    through: str | None = None
    shared: str = ""


@dataclass(frozen=True)
class Parts:
    """Which column of a node names the part of a row, and how what it reads belongs to parts."""

    column: str | None
    reads: Mapping[str, Belonging]

    @classmethod
    def declared(cls, meta: Mapping[str, Any], relations: Iterable[str]) -> Parts:
        """Return what *meta* declares for a node that reads *relations*. Raises ValueError."""
        by_name = {_name(relation): relation for relation in relations}
        reads = dict(_belongings(meta["reads"], by_name))
        for relation in reads:
            passed = [relation]
            while through := reads[passed[-1]].through:
                if through not in reads or through in passed:
                    raise ValueError(f"parts: {through} has no column that names the part")
                passed.append(through)
        return cls(meta.get("of"), reads)

    def restricted(self, relation: str) -> str:
        """Return the SQL of the rows of *relation* that belong to the parts in TOUCHED."""
        return f"select * from {DATABASE}.{relation} where {self._is_touched(relation)}"

    def touched_by(self, relation: str, changed: str) -> str:
        """Return the SQL of the parts to which the *changed* rows of *relation* belong."""
        one = self.reads[relation]
        if not one.through:
            return f"select {one.column} as part from {changed}"
        shared = f"{one.shared} in (select {one.column} from {changed})"
        return self.touched_by(
            one.through, f"(select * from {DATABASE}.{one.through} where {shared})"
        )

    def _is_touched(self, relation: str) -> str:
        one = self.reads[relation]
        if not one.through:
            return f"{one.column} in (select part from temp.{TOUCHED})"
        there = f"{DATABASE}.{one.through} where {self._is_touched(one.through)}"
        return f"{one.column} in (select {one.shared} from {there})"


def _belongings(
    declared: Mapping[str, str], by_name: Mapping[str, str]
) -> Iterator[tuple[str, Belonging]]:
    for name, text in declared.items():
        found = _BELONGING.fullmatch(text)
        if found is None:
            raise ValueError(f"parts: {text!r} is not `COLUMN` or `COLUMN in RELATION`")
        column, through, shared = found.groups()
        for other in filter(None, (name, through)):
            if other not in by_name:
                raise ValueError(f"parts: {other} is not read")
        yield by_name[name], Belonging(column, through and by_name[through], shared or column)


def _name(relation: str) -> str:
    """Return the name of a relation in declarations: that of the model, or `landed.table`."""
    return relation if relation.startswith("landed.") else relation.partition(".")[2]
