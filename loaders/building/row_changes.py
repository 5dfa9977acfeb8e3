"""The rows that relations lose and gain in a build, and the parts that they touch.

Rows are noted for those relations that some node reads part by part (see `parts`). Such a node is
then made again for the touched parts alone, if it was made from the very rows before the changes.
Nothing of this outlives the build.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb

from loaders.building import kept
from loaders.building.parts import DATABASE, TOUCHED, Belonging, Parts
from loaders.building.plan import SCHEMAS, Node

# A database in memory: the touched parts of what a node reads, and of what it makes.
_PARTIAL = "partial"
# Hash of a row → how many such rows there are now, less how many there were.
_GAINS = "row_gains"


class Changes:
    """The changes in *db* that some of *nodes* can use."""

    def __init__(self, db: duckdb.DuckDBPyConnection, nodes: Iterable[Node]) -> None:
        self._db = db
        by_part = [node for node in nodes if node.by_part]
        self._wanted = {name for node in by_part if node.by_part for name in node.by_part.reads}
        self._views = {node.relation: node for node in by_part if node.is_view}
        # Relation → digest of what it contained before.
        self._before: dict[str, str] = {}
        self._made: str | None = None
        db.execute(f"attach ':memory:' as {_PARTIAL}")
        for schema in SCHEMAS:
            db.execute(f"create schema if not exists {_PARTIAL}.{schema}")

    def are_wanted_of(self, relation: str) -> bool:
        """Say whether a node can use the changes of *relation*."""
        return relation in self._wanted

    def undone(self, contents: Mapping[str, str]) -> dict[str, str]:
        """Return the *contents* of relations as they were before their changes."""
        return {**contents, **self._before}

    def touch(self, node: Node, contents: Mapping[str, str]) -> bool:
        """Write to TOUCHED the parts of *node* that are to be made again; say if they are known."""
        parts, before = node.by_part, self.undone(contents)
        changed = [name for name in node.reads if before.get(name) != contents.get(name)]
        if parts is None or not changed or not parts.reads.keys() >= {*changed}:
            return False
        touched = " union ".join(parts.touched_by(name, _noted(name)) for name in changed)
        self._db.execute(f"create or replace temp table {TOUCHED} as {touched}")
        [(is_known,)] = self._db.execute(f"select count(*) = count(part) from {TOUCHED}").fetchall()
        return bool(is_known)

    def restrict(self, node: Node) -> list[str]:
        """Let the statements that are returned read the touched parts of *node* alone; those of a
        table are executed.
        """
        assert node.by_part
        self._drop_made()
        self._restrict_reads(node.by_part, dict(node.by_part.reads))
        if node.relation is None:
            return [*node.statements_in(_PARTIAL, node.by_part.reads)]
        for statement in node.statements_in(_PARTIAL, {*node.by_part.reads, node.relation}):
            self._db.execute(statement)
        self._made = f"{_PARTIAL}.{node.relation}"
        return []

    def _restrict_reads(self, parts: Parts, restricted: dict[str, Belonging]) -> None:
        """Make a view in _PARTIAL for each relation that is read; *restricted* has all of these."""
        for name, belonging in parts.reads.items():
            view = self._views.get(name)
            self._db.execute(f"drop view if exists {_PARTIAL}.{name}")
            if view and _can_be_made(view, belonging, restricted):
                # The engine would make all rows of the view before it takes those of the parts.
                assert view.by_part
                restricted |= view.by_part.reads
                self._restrict_reads(view.by_part, restricted)
                for statement in view.statements_in(_PARTIAL, {*view.by_part.reads, name}):
                    self._db.execute(statement)
            else:
                self._db.execute(f"create view {_PARTIAL}.{name} as {parts.restricted(name)}")

    def _drop_made(self) -> None:
        """Drop the last table in _PARTIAL, whose name the next node may read."""
        if self._made:
            self._db.execute(f"drop table {self._made}")
        self._made = None

    def replace_touched(self, node: Node, before: str) -> str:
        """Replace the rows of the touched parts of *node* by those in _PARTIAL.

        Return the digest of its contents, which was *before*.
        """
        assert node.relation and node.by_part
        table, new = f"{DATABASE}.{node.relation}", f"{_PARTIAL}.{node.relation}"
        is_touched = f"{node.by_part.column} in (select part from {TOUCHED})"
        self._compare(f"(select * from {table} where {is_touched})", new)
        self._note_gains(node.relation, before, f"(select * from {table} where {is_touched})", new)
        noted = _noted(node.relation)
        self._db.execute(
            f"delete from {table} as one where {is_touched}"
            f" and hash(one) in (select row_hash from {noted} where row_gain < 0);"
            f" insert into {table} select * exclude (row_hash, row_gain) from {noted}"
            " where row_gain > 0"
        )
        [gains] = self._db.execute(
            "select coalesce(sum(gain), 0), coalesce(bit_xor(row_hash) filter (gain % 2 <> 0), 0),"
            f" coalesce(sum(gain * cast(row_hash as hugeint)), 0) from {_GAINS}"
        ).fetchall()
        return kept.contents_with(before, *gains)

    # -- notes -------------------------------------------------------------------------------------

    def note_landed(self, relation: str, before: str, rows: str) -> None:
        """Note the *rows* (SQL) that have landed since *relation* contained *before*."""
        self._db.execute(f"create temp view {_noted(relation)} as from {rows}")
        self._before[relation] = before

    def note_view(self, node: Node, before: str) -> None:
        """Note that the view *node* has changed in no more than the touched parts."""
        assert node.relation and node.by_part
        rows = f"select part as {node.by_part.column} from {TOUCHED}"
        self._db.execute(f"create temp table {_noted(node.relation)} as {rows}")
        self._before[node.relation] = before

    def note_table(self, relation: str, before: str, old: str) -> None:
        """Note how *relation* differs from the table *old*, unless in most rows."""
        new = f"{DATABASE}.{relation}"
        self._compare(old, new)
        [(is_most,)] = self._db.execute(
            f"select 2 * (select count(*) from {_GAINS}) > (select count(*) from {new})"
        ).fetchall()
        if not is_most:
            self._note_gains(relation, before, old, new)

    def _compare(self, old: str, new: str) -> None:
        """Write to _GAINS how the rows of *new* differ from those of *old*."""
        self._db.execute(
            f"""
            create or replace temp table {_GAINS} as
            select row_hash, sum(gain) as gain
            from (
                select hash(one) as row_hash, -1 as gain from {old} as one
                union all
                select hash(one), 1 from {new} as one
            )
            group by row_hash
            having sum(gain) <> 0
            """
        )

    def _note_gains(self, relation: str, before: str, old: str, new: str) -> None:
        self._db.execute(
            f"""
            create temp table {_noted(relation)} as
            select *, hash(one) as row_hash, -1 as row_gain from {old} as one
            where hash(one) in (select row_hash from {_GAINS})
            union all
            select *, hash(one), 1 from {new} as one
            where hash(one) in (select row_hash from {_GAINS})
            """
        )
        self._before[relation] = before


def _can_be_made(view: Node, belonging: Belonging, restricted: Mapping[str, Belonging]) -> bool:
    """Say whether *view* can be made of the touched parts of what it reads itself."""
    parts = view.by_part
    return (
        parts is not None
        and belonging == Belonging(parts.column or "", None, belonging.shared)
        and all(restricted.get(name, one) == one for name, one in parts.reads.items())
    )


def _noted(relation: str) -> str:
    """Return the name of the table of the rows that *relation* has lost and gained."""
    return f'"changed {relation}"'
