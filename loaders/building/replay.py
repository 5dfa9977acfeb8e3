"""Executes a plan over one moment of the landing zone: it makes what changed, and keeps the rest.

A node is kept if everything that makes it is the same: its SQL, and the contents of what it reads.
A table that was made again and came out equal is, for its readers, the same. A data test that
passed is kept likewise; one that failed is run again.
"""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

import duckdb

from loaders.building import kept
from loaders.building.kept import Made
from loaders.building.plan import Node, Plan
from loaders.publishing.moment import Moment

_SCHEMAS = ("internal", "staging", "seeds")


class TestFailed(Exception):
    """A data test found rows."""


@dataclass
class Outcome:
    """How each node ended, as dbt calls it; how long those took that were made; what went wrong."""

    statuses: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    @property
    def made(self) -> list[str]:
        """The nodes that were made, in their order."""
        return list(self.seconds)


class Replay:
    """One build in *db*, whose schema `landed` shows *moment*."""

    def __init__(self, db: duckdb.DuckDBPyConnection, plan: Plan, moment: Moment) -> None:
        self._db, self._plan = db, plan
        self._variables = moment.variables
        # Relation → digest of its contents, for those that this build can read by now.
        self._contents = {
            f"landed.{name}": relation.digest for name, relation in moment.relations.items()
        }
        # Without own rules, what they find is known.
        self._knows_all = not moment.own_rules
        self._broken: set[str] = set()
        self.outcome = Outcome()

    def run(self, done: Callable[[str, int], None], *, full: bool = False) -> Outcome:
        """Make or keep every node; call *done* with the unique id of each, and their number."""
        for schema in _SCHEMAS:
            self._db.execute(f"create schema if not exists {schema}")
        there = kept.remove_unknown(self._db, self._plan.nodes)
        known = kept.read(self._db)
        kept.forget(self._db, known.keys() - {node.unique_id for node in self._plan.nodes})
        for node in self._plan.nodes:
            before = known.get(node.unique_id)
            if full or (node.relation and node.relation not in there):
                before = None
            self._settle(node, before)
            done(node.unique_id, len(self._plan.nodes))
        return self.outcome

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
                made = self._make(node, inputs or "")
            except (duckdb.Error, TestFailed) as error:
                # A failed commit has ended its transaction.
                with contextlib.suppress(duckdb.Error):
                    self._db.rollback()
                is_test = isinstance(error, TestFailed)
                self._fail(node, "fail" if is_test else "error", f"{node.unique_id}: {error}")
                return
            self.outcome.seconds[node.unique_id] = time.perf_counter() - began
        self.outcome.statuses[node.unique_id] = made.contents if node.kind == "test" else "success"
        if node.relation:
            self._contents[node.relation] = made.contents

    def _make(self, node: Node, inputs: str) -> Made:
        """Make *node*, and note that, in one transaction. Raises duckdb.Error, TestFailed."""
        self._db.begin()
        if node.kind == "test":
            contents = self._test(node)
        else:
            assert node.relation is not None  # only tests make nothing
            self._drop(node)
            for statement in node.statements:
                self._db.execute(statement)
            # The rows of a view follow from what makes it.
            contents = (
                (inputs or uuid.uuid4().hex)
                if node.is_view
                else kept.contents_of(self._db, node.relation)
            )
        made = Made(inputs, contents)
        kept.write(self._db, node.unique_id, made)
        self._db.commit()
        return made

    def _drop(self, node: Node) -> None:
        assert node.relation is not None
        schema, _, name = node.relation.partition(".")
        kind = "view" if node.is_view else "table"
        self._db.execute(f'drop {kind} if exists "{schema}"."{name}"')

    def _test(self, node: Node) -> str:
        """Return how a data test ended. Raises TestFailed, duckdb.Error."""
        for statement in node.statements:
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
