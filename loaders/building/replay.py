"""Executes a plan over one moment of the landing zone: it makes what changed, and keeps the rest.

A node is kept if everything that makes it is the same: its SQL, and the contents of what it reads.
A table that was made again and came out equal is, for its readers, the same. A data test that
passed is kept likewise; one that failed is run again. A node that declares parts (see `parts`) is
made again in those that the changes touch.
"""

from __future__ import annotations

import contextlib
import json
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import duckdb

from loaders.building import kept
from loaders.building.kept import Made
from loaders.building.plan import SCHEMAS, Node, Plan
from loaders.building.row_changes import Changes
from loaders.publishing import build_database
from loaders.publishing.moment import Moment

_COMMITS_AFTER_SECONDS = 0.5


class TestFailed(Exception):
    """A data test found rows."""


@dataclass
class Outcome:
    """How each node ended, as dbt calls it; how long those took that were made; what went wrong."""

    statuses: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    # Relation → digest of its contents, for those that this build can read by now.
    contents: dict[str, str] = field(default_factory=dict)

    @property
    def made(self) -> list[str]:
        """The nodes that were made, in their order."""
        return list(self.seconds)


class Replay:
    """One build in *db*, whose schema `landed` shows *moment*."""

    def __init__(self, db: duckdb.DuckDBPyConnection, plan: Plan, moment: Moment) -> None:
        self._db, self._plan = db, plan
        self._variables = moment.variables
        self._landed = {f"landed.{name}": one for name, one in moment.relations.items()}
        self._changes = Changes(db, plan.nodes)
        # Without own rules, what they find is known.
        self._knows_all = not moment.own_rules
        self._broken: set[str] = set()
        # Those made in the transaction that is open since then.
        self._uncommitted: list[tuple[Node, Made | None, str]] = []
        # The notes of these and of landed relations, which the end of the transaction writes.
        self._notes: dict[str, Made] = {}
        self._open_since: float | None = None
        self.outcome = Outcome()
        self._contents = self.outcome.contents
        self._contents |= {name: relation.digest for name, relation in self._landed.items()}

    def run(self, done: Callable[[str, int], None], *, full: bool = False) -> Outcome:
        """Make or keep every node; call *done* with the unique id of each, and their number."""
        for schema in SCHEMAS:
            self._db.execute(f"create schema if not exists {schema}")
        there = kept.remove_unknown(self._db, self._plan.nodes)
        known = kept.read(self._db)
        planned = {node.unique_id for node in self._plan.nodes}
        kept.forget(self._db, known.keys() - planned - self._landed.keys())
        self._note_landed(known)
        for node in self._plan.nodes:
            before = known.get(node.unique_id)
            if full or (node.relation and node.relation not in there):
                before = None
            self._settle(node, before)
            done(node.unique_id, len(self._plan.nodes))
        try:
            self._remember_landed(known)
            self._commit()
        except duckdb.Error as error:
            self._undo()
            self.outcome.errors.append(str(error))
        return self.outcome

    def _note_landed(self, known: Mapping[str, Made]) -> None:
        """Note what has landed since the last build, if no more than that has changed."""
        for name, relation in self._landed.items():
            before = known.get(name)
            if before and before.contents != relation.digest and self._changes.are_wanted_of(name):
                rows = relation.rows_since(json.loads(before.inputs))
                if rows:
                    self._changes.note_landed(name, before.contents, rows)

    def _remember_landed(self, known: Mapping[str, Made]) -> None:
        self._begin()
        for name, relation in self._landed.items():
            made = Made(json.dumps(relation.marks), relation.digest)
            if self._changes.are_wanted_of(name) and made != known.get(name):
                self._notes[name] = made

    def _settle(self, node: Node, before: Made | None) -> None:
        """Keep *node* if it is as it was made *before*, else make it."""
        if self._broken.intersection(node.reads):
            self._fail(node, "skipped")
            return
        inputs = None
        if self._knows_all or not node.asks_own_rules:
            inputs = kept.inputs_of(node, self._contents, self._variables)
        if before is not None and inputs is not None and before.inputs == inputs:
            made = before
        else:
            began = time.perf_counter()
            try:
                made = self._make_in_memory(node, before, inputs or "")
            except TestFailed as error:
                self._fail(node, "fail", f"{node.unique_id}: {error}")
                return
            except duckdb.Error as error:
                self._undo()
                self._fail(node, "error", f"{node.unique_id}: {error}")
                return
            self.outcome.seconds[node.unique_id] = time.perf_counter() - began
        self.outcome.statuses[node.unique_id] = made.contents if node.kind == "test" else "success"
        if node.relation:
            self._contents[node.relation] = made.contents

    def _make_in_memory(self, node: Node, before: Made | None, inputs: str) -> Made:
        """Make *node*, with all the memory of a build if that at its beginning is too little."""
        try:
            return self._make(node, before, inputs)
        except duckdb.OutOfMemoryException:
            lost = self._roll_back()
            self._db.execute(build_database.memory_settings())
            for one in lost:
                self._make(*one)
            return self._make(node, before, inputs)

    def _make(self, node: Node, before: Made | None, inputs: str) -> Made:
        """Make *node*, and note that in the same transaction. Raises duckdb.Error, TestFailed."""
        # As it was made before, if only parts of it that are known have changed since.
        in_parts = before if before and self._touches_known_parts(node, before) else None
        statements: Iterable[str] = node.statements
        if in_parts and not node.is_view:
            # It writes to a database of its own, and a transaction writes to one only.
            self._commit()
            statements = self._changes.restrict(node)
        self._begin()
        if node.kind == "test":
            contents = self._test(node, statements)
        elif node.is_view:
            contents = self._make_view(node, inputs)
            if in_parts:
                self._changes.note_view(node, in_parts.contents)
        elif in_parts:
            contents = self._changes.replace_touched(node, in_parts.contents)
        else:
            contents = self._make_table(node, before)
        made = Made(inputs, contents)
        self._notes[node.unique_id] = made
        self._uncommitted.append((node, before, inputs))
        if self._open_since and time.monotonic() > self._open_since + _COMMITS_AFTER_SECONDS:
            self._commit()
        return made

    # A commit waits for the disk, longer than most nodes take: many nodes share one.

    def _begin(self) -> None:
        if self._open_since is None:
            self._db.begin()
            self._open_since = time.monotonic()

    def _commit(self) -> None:
        if self._open_since is not None:
            kept.write(self._db, self._notes)
            self._db.commit()
        self._open_since, self._uncommitted, self._notes = None, [], {}

    def _roll_back(self) -> list[tuple[Node, Made | None, str]]:
        """End the transaction; return the nodes that were made in it, and are undone."""
        # A failed commit has ended it.
        with contextlib.suppress(duckdb.Error):
            self._db.rollback()
        lost, self._open_since = self._uncommitted, None
        self._uncommitted, self._notes = [], {}
        return lost

    def _undo(self) -> None:
        for node, _, _ in self._roll_back():
            self.outcome.seconds.pop(node.unique_id, None)
            self._fail(node, "skipped")

    def _touches_known_parts(self, node: Node, before: Made) -> bool:
        """Say whether only known parts of *node*, as it was made *before*, have changed."""
        if node.kind == "test" and before.contents != "pass":
            return False
        contents = self._changes.undone(self._contents)
        was_made_from = kept.inputs_of(node, contents, self._variables)
        return before.inputs == was_made_from and self._changes.touch(node, self._contents)

    def _make_view(self, node: Node, inputs: str) -> str:
        """Make a view; return its contents. Its rows follow from what makes it."""
        self._db.execute(f"drop view if exists {node.relation}")
        for statement in node.statements:
            self._db.execute(statement)
        return inputs or uuid.uuid4().hex

    def _make_table(self, node: Node, before: Made | None) -> str:
        """Make a table as a whole; return its contents."""
        assert node.relation is not None  # only tests make nothing
        schema, _, name = node.relation.partition(".")
        old = None
        if before is not None and self._changes.are_wanted_of(node.relation):
            old = f"{schema}.{name}_before"
            self._db.execute(f"alter table {node.relation} rename to {name}_before")
        self._db.execute(f"drop table if exists {node.relation}")
        for statement in node.statements:
            self._db.execute(statement)
        contents = kept.contents_of(self._db, node.relation)
        if before is not None and old is not None:
            has_columns = contents.split()[0] == before.contents.split()[0]
            if contents != before.contents and has_columns:
                self._changes.note_table(node.relation, before.contents, old)
            self._db.execute(f"drop table {old}")
        return contents

    def _test(self, node: Node, statements: Iterable[str]) -> str:
        """Return how a data test ended. Raises TestFailed, duckdb.Error."""
        for statement in statements:
            [(failures, is_warning, is_error)] = self._db.execute(statement).fetchall()
            if is_error and not node.warns:
                raise TestFailed(f"{failures:,} rows fail the test")
            if is_warning:
                return "warn"
        return "pass"

    def _fail(self, node: Node, status: str, error: str | None = None) -> None:
        """Note that *node* is not green: what reads it, or reads what it tests, is skipped."""
        self.outcome.statuses[node.unique_id] = status
        if error:
            self.outcome.errors.append(error)
        if node.relation:
            self._broken.add(node.relation)
        elif status == "fail":
            self._broken.update(name for name in node.reads if not name.startswith("landed."))
