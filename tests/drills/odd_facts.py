"""Plants odd facts, one at a time, in every landed table, and checks that the rest is unchanged.

By hand, prints its tally as one line of JSON and exits 1 if anything broke:

    python tests/drills/odd_facts.py --count 1000 --seed 1 --real-every 100

A fact is a copy of a landed row with something odd in one column. It lands in a run, by
`LandingZone.run` and `Run.table`, that lands all of its table's loader again:
- `beside`: with a key of its own, beside the healthy rows;
- `instead`: in place of the row that it is a copy of;
- `again`: with the key of that row, beside it.

A rejected fact is in `v_rejects`, its run counts it, and the healthy rows of every landed table are
those of the twin, which never got it. A build is a function of these, so all else is equal too.
Every `--replay-every`-th is replayed all the same. A fact that is kept must be one that keeps the
rules of its table; then all of the build is replayed, and each row that the twin has, and that is
not about what the fact is about, must be present and unchanged in the relations of facts (FACTS).
Judgements over all facts together (ranks, scores, sums, measures) may differ.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import on_path  # noqa: F401

# isort: split
from typing import Any
from unittest import mock

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from odd_world import NOW, build_odd_base
from product import Product
from replay import Replay, Replayed, Standing, Tables

from loaders.sources import registry
from loaders.zone import landing
from loaders.zone.landing import LandingZone

Row = dict[str, Any]
KINDS = (
    "null",
    "empty",
    "huge",
    "copy",
    "order",
    "future",
    "1970",
    "encoding",
    "word",
    "negative",
    "largest",
)
WAYS = ("beside", "beside", "instead", "again")
# Relations with a row per landed thing and without a judgement on others.
FACTS = (
    "projects",
    "files",
    "packages",
    "commits",
    "git_commits",
    "git_refs",
    "git_repositories",
    "file_versions",
    "codegraphx_projects",
    "codegraphx_enrichment",
    "codegraphx_file_signals",
    "codegraphx_project_signals",
    "codegraphx_project_intelligence",
    "codegraphx_dependency_edges",
    "codegraphx_call_edges",
    "codegraphx_complexity_nodes",
    "codegraphx_similarity_pairs",
    "codegraphx_artifacts",
    "codegraphx_scan_files",
    "codegraphx_events",
    "codegraphx_snapshot_deltas",
    "codegraphx_churn",
    "codegraphx_campaign_runs",
    "codegraphx_backlog_items",
)
# A row of these may also affect everything below its path: only rows elsewhere must stay.
_STRUCTURE = (
    "crawl_",
    "artifacts",
    "source_events",
    "path_looks",
    "catalog_projects",
    "artifact_pointers",
)
# Ends the key of a copy that is a row of its own.
_FRESH = "fresh"


@dataclasses.dataclass
class Fact:
    """One odd row, how it lands, and what it is a copy of."""

    table: str
    kind: str
    way: str
    column: str
    row: Row
    original: Row

    def __str__(self) -> str:
        return (
            f"{self.table}.{self.column}: {self.kind}, {self.way}: {self.row.get(self.column)!r}"[
                :300
            ]
        )


@dataclasses.dataclass
class Tally:
    """The result of the drill."""

    facts: int = 0
    rejected: int = 0
    kept: int = 0
    replayed: int = 0
    really_built: int = 0
    tables: Counter = dataclasses.field(default_factory=Counter)
    kinds: Counter = dataclasses.field(default_factory=Counter)
    broken: list[str] = dataclasses.field(default_factory=list)
    seconds: float = 0

    def show(self) -> int:
        print(
            json.dumps(vars(self) | {"broken": len(self.broken), "what_broke": self.broken[:40]}),
            flush=True,
        )
        return 1 if self.broken else 0


# -- odd values ------------------------------------------------------------------------------------

_ENCODED = (
    "\x1b[31mred",
    "a\x00b",
    "caf\xe9",
    "\u202egnp.exe",
    "\\xff\\xfe",
    "\ufeffbom",
    "a\tb\nc",
    "😀",
    "ｆｕｌｌ",
)


def odd_value(kind: str, item: pa.Field, value: Any, rng: random.Random) -> Any:
    """Return an odd value of *kind* for the column *item* that has *value*.

    Raises LookupError if none suits its type.
    """
    of_type = item.type
    if kind == "null":
        return None
    if kind in ("copy", "order"):
        return value
    if pa.types.is_string(of_type):
        texts = {
            "empty": lambda: "",
            "huge": lambda: (value or "x") + rng.choice(("x" * 300_000, "/x" * 5_000, "x/" * 200)),
            "encoding": lambda: rng.choice((str(value or ""), "/")) + rng.choice(_ENCODED),
            "word": lambda: rng.choice(
                ("no such word", "a/../b", "//", ".", "..", "a//b", "[", "{", "'", "%s", "/")
            ),
            "negative": lambda: "-1",
            "largest": lambda: "9" * 400,
            "1970": lambda: "1970-01-01T00:00:00Z",
            "future": lambda: "9999-12-31T23:59:59Z",
        }
        return texts[kind]()
    if pa.types.is_list(of_type):
        element = (value or [None])[0]
        lists = {
            "empty": [],
            "huge": [element] * 10_000,
            "word": [None],
            "negative": [_negated(element)],
            "largest": [_negated(element, 2**63 - 1)],
            "encoding": [*(value or []), *(value or [])],
        }
        return lists[kind]
    if pa.types.is_timestamp(of_type):
        times = {
            "future": 253_402_300_799_999_999,
            "1970": 0,
            "largest": 2**63 - 1,
            "negative": -(2**63) + 1,
            "huge": -(2**63),
            "word": 1_900_000_000_000_000,
            "empty": -62_135_596_800_000_001,
        }
        return pa.scalar(times[kind], pa.int64()).cast(of_type)
    if pa.types.is_date(of_type):
        days = {
            "future": 2_932_896,
            "1970": 0,
            "largest": 2**31 - 1,
            "negative": -719_163,
            "huge": -(2**31),
        }
        return pa.scalar(days[kind], pa.int32()).cast(of_type)
    if pa.types.is_integer(of_type):
        bits = of_type.bit_width - (0 if pa.types.is_unsigned_integer(of_type) else 1)
        numbers = {
            "largest": 2**bits - 1,
            "empty": 0,
            "huge": 2 ** min(bits - 1, 53),
            "1970": 1970,
            "word": 7,
        }
        if not pa.types.is_unsigned_integer(of_type):
            numbers |= {"negative": rng.choice((-1, -(2**bits)))}
        return numbers[kind]
    if pa.types.is_floating(of_type):
        return {
            "largest": float("inf"),
            "negative": -1.0,
            "word": float("nan"),
            "huge": 1e308,
            "empty": 0.0,
        }[kind]
    if pa.types.is_decimal(of_type):
        return {
            "largest": Decimal("9999.999"),
            "negative": Decimal("-9999.999"),
            "empty": Decimal(0),
        }[kind]
    if pa.types.is_boolean(of_type):
        return {"word": not value, "empty": False}[kind]
    if pa.types.is_binary(of_type):
        return {"empty": b"", "huge": b"x" * 300_000, "encoding": b"\xff\x00\xfe", "word": b"word"}[
            kind
        ]
    raise LookupError(kind)


def _negated(element: Any, number: int = -1) -> Any:
    if isinstance(element, dict):
        return {
            name: number if isinstance(value, int) else value for name, value in element.items()
        }
    return "-1" if isinstance(element, str) else None


# -- planting --------------------------------------------------------------------------------------


class Field:
    """The installation that facts are planted in: its rows, and the action of each table."""

    def __init__(self, base: Product, scratch: Path) -> None:
        self.base, self.scratch = base, scratch
        self.rows: dict[str, list[Row]] = {table: [] for table in registry.TABLES}
        self.action_of: dict[str, str] = {}
        for entry in LandingZone(base.landing).entries():
            for file in entry.files:
                self.action_of[file.table] = entry.action
                newest = {_identity(file.table, row): row for row in self.rows[file.table]}
                for row in pq.read_table(file.path).to_pylist():
                    newest[_identity(file.table, row)] = row
                self.rows[file.table] = list(newest.values())

    def facts(self, rng: random.Random) -> Iterator[Fact]:
        """Yield facts without end, one table after the other."""
        while True:
            for table in rng.sample(list(registry.TABLES), len(registry.TABLES)):
                yield self._fact(table, rng)

    def _fact(self, table: str, rng: random.Random) -> Fact:
        while True:
            item = rng.choice([item for item in registry.TABLES[table] if item.name != "run_id"])
            kind, way, original = rng.choice(KINDS), rng.choice(WAYS), rng.choice(self.rows[table])
            row = dict(original) if way != "beside" else _of_its_own(table, original, rng)
            try:
                row[item.name] = odd_value(kind, item, row[item.name], rng)
            except LookupError:
                continue
            return Fact(table, kind, "again" if kind == "copy" else way, item.name, row, original)

    def plant(
        self, fact: Fact | None, table: str, name: str, *, without: Row | None = None
    ) -> Path:
        """Land all of the loader of *table* again with *fact*, in a copy of the zone.

        A row that it is to land *without* is left out.
        """
        home = self.scratch / name
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(self.base.landing, home / "landing", copy_function=_link)
        action = self.action_of[table]
        with (
            mock.patch.dict("os.environ", {"META_NOW": NOW, "META_HOST_LABEL": "testhost"}),
            # The same run in the victim and in the twin.
            mock.patch.object(landing.secrets, "token_hex", lambda size: "0" * 2 * size),
            LandingZone(home / "landing").run(action, ["odd"]) as run,
        ):
            for one, rows in self.rows.items():
                if self.action_of[one] != action:
                    continue
                if one == table:
                    rows = [row for row in rows if row is not without]
                    if fact:
                        place = 0 if fact.kind == "order" else len(rows)
                        rows = [*rows[:place], fact.row, *rows[place:]]
                if rows:
                    run.table(one).append_table(
                        pa.concat_tables([_arrow(one, row, run.run_id) for row in rows])
                    )
        return home / "landing"


def _link(source: str, target: str) -> None:
    Path(target).hardlink_to(source)


def _identity(table: str, row: Row) -> Any:
    rules = registry.RULES[table]
    if rules.repeats:
        return repr({name: value for name, value in row.items() if name != "run_id"})
    return tuple(row[name] for name in rules.key.split())


def _of_its_own(table: str, original: Row, rng: random.Random) -> Row:
    """Return a copy of a row with a key of its own: another name, digest or place."""
    row, number = dict(original), rng.randrange(10**6)
    name = registry.RULES[table].key.split()[-1]
    value = row[name]
    if isinstance(value, str) and len(value) in (32, 40, 64) and value.isalnum():
        row[name] = f"{number:06}{value[6:]}"
    elif isinstance(value, str):
        row[name] = f"{value}{_FRESH}{number}"
    elif isinstance(value, int):
        row[name] = value + 1 + number
    return row


def _arrow(table: str, row: Mapping[str, Any], run_id: str) -> pa.Table:
    schema = registry.TABLES[table]
    values = {**row, "run_id": run_id}
    arrays = [
        pa.array([value.value], pa.int64()).cast(item.type)
        if isinstance(value := values[item.name], pa.Scalar) and pa.types.is_timestamp(item.type)
        else pa.array([value.value], pa.int32()).cast(item.type)
        if isinstance(value, pa.Scalar)
        else pa.array([value], item.type)
        for item in schema
    ]
    return pa.table(arrays, schema=schema)


# -- the drill -------------------------------------------------------------------------------------


class Drill:
    """Plants facts and looks what became of them."""

    def __init__(self, base: Product, scratch: Path) -> None:
        self.field, self.scratch = Field(base, scratch), scratch
        self.replay = Replay(base)
        self.tally = Tally()
        self._twins: dict[Any, Replayed] = {}
        self._standings: dict[str, Standing] = {}

    def take(self, fact: Fact, *, replays: bool, builds: bool) -> None:
        """Plant one fact and note what is broken."""
        self.tally.facts += 1
        self.tally.tables[fact.table] += 1
        self.tally.kinds[fact.kind] += 1
        try:
            zone = self.field.plant(fact, fact.table, "victim", without=_replaced(fact))
        except (OverflowError, pa.ArrowException, UnicodeError) as error:
            raise AssertionError(f"{fact} cannot land: {error}") from error
        found = self.replay.replay(zone, self.scratch / "builds", NOW)
        broken = [*found.wrong]
        if found.rejects:
            self.tally.rejected += 1
            broken += self._rejected(fact, found)
        else:
            self.tally.kept += 1
        if (not found.rejects or replays) and not broken:
            self.tally.replayed += 1
            tables, wrong = self._build(fact.table, zone)
            broken += wrong
            if not found.rejects and not wrong:
                broken += self._kept(fact, tables)
        if builds:
            broken += self._really(zone)
        for what in broken:
            self.tally.broken.append(f"{fact}: {what}")
            print(f"{fact}: {what}", file=sys.stderr, flush=True)

    def _rejected(self, fact: Fact, found: Replayed) -> list[str]:
        """Return what is wrong with a rejected fact: it must be the only one."""
        if [(table, run) for table, run, *_ in found.rejects] != [(fact.table, found.run_id)]:
            return [f"other rows are rejected: {found.rejects}"]
        twins = [self._twin(fact.table, _replaced(fact))]
        if found.healthy[fact.table] in [twin.healthy[fact.table] for twin in twins]:
            return []
        # If two rows have one key, either may be the one that stays; it is one of them.
        rest = found.healthy[fact.table] - twins[0].healthy[fact.table]
        lost = twins[0].healthy[fact.table] - found.healthy[fact.table]
        if fact.way == "again" and rest.total() == 1 and lost.total() == 1:
            return []
        return [f"the healthy rows are others: {list(rest)[:2]}, not {list(lost)[:2]}"]

    def _kept(self, fact: Fact, tables: Tables) -> list[str]:
        """Return the rows of facts that are lost though they are not about the fact."""
        twin = self._standing(fact.table).tables
        about = _about(fact)
        lost = []
        for name in FACTS:
            missing = Counter(map(repr, twin[f"main.{name}"])) - Counter(
                map(repr, tables[f"main.{name}"])
            )
            lost += [
                f"{name}: lost {row[:300]}"
                for row in missing
                if not any(word in row for word in about)
            ]
        return lost[:2]

    def _twin(self, table: str, without: Row | None) -> Replayed:
        action = self.field.action_of[table]
        key = (action, table if without else None, repr(without))
        if key not in self._twins:
            zone = self.field.plant(None, table, "twin", without=without)
            self._twins[key] = self.replay.replay(zone, self.scratch / "builds", NOW)
            assert not self._twins[key].rejects, self._twins[key].rejects
        return self._twins[key]

    def close(self) -> None:
        """Close the built twins."""
        while self._standings:
            self._standings.popitem()[1].close()

    def _standing(self, table: str) -> Standing:
        action = self.field.action_of[table]
        if action not in self._standings:
            zone = self.field.plant(None, table, f"twin-{action}")
            self._standings[action] = Standing(self.replay, zone, self.scratch / "builds", NOW)
        return self._standings[action]

    def _build(self, table: str, zone: Path) -> tuple[Tables, list[str]]:
        try:
            return self._standing(table).victim(zone, table)
        except duckdb.Error as error:
            # Some errors end a database.
            self._standings.pop(self.field.action_of[table])
            return {}, [f"{type(error).__name__}: {str(error)[:300]}"]

    def _really(self, zone: Path) -> list[str]:
        """Let dbt build it; the result must be that of the replay."""
        self.tally.really_built += 1
        tables, wrong = self.replay.run(zone, self.scratch / "builds", NOW)
        product = Product(zone.parent, now=NOW)
        for leftover in (
            product.published,
            product.published.with_name("meta.duckdb.d"),
            product.target,
        ):
            shutil.rmtree(leftover, ignore_errors=True)
        shutil.copytree(self.field.base.target, product.target)
        answer = product.dbt("build", check=False)
        if wrong or "published: version" not in answer.stdout:
            return [f"dbt build and its replay ({wrong}): {answer.stdout[-1500:]}"]
        return [
            f"dbt build has other rows in {name} than its replay"
            for name, rows in tables.items()
            if Counter(map(repr, rows)) != Counter(map(repr, product.query(f"from {name}")))
        ]


def _replaced(fact: Fact) -> Row | None:
    return fact.original if fact.way == "instead" else None


def _about(fact: Fact) -> list[str]:
    """Return the texts by which rows are known to be about a fact or about what it is a copy of."""
    about = set()
    for row in (fact.row, fact.original):
        for name, value in row.items():
            if isinstance(value, str) and name != "run_id" and (len(value) > 12 or "/" in value):
                about.add(repr(value)[1:-1])
        # A report names a file by its project and its path in there; a scan gives it its full path.
        if row.get("project") and row.get("rel_path"):
            about.add(repr((row["project"], row["rel_path"]))[1:-1])
    if fact.table.startswith(_STRUCTURE):
        # A folder, a repository or an artifact contains what is below it; "" is part of every text.
        about |= {path.rsplit("/", 1)[0] for path in about if path.startswith("/")}
    return sorted(one for one in about if one) or [""]


def drill(
    count: int, seed: int, replay_every: int, real_every: int, home: Path | None = None
) -> Tally:
    """Plant *count* facts."""
    with tempfile.TemporaryDirectory() as folder:
        base = Product(home / "base", now=NOW) if home else build_odd_base(Path(folder) / "odd")
        with closing(Drill(base, Path(folder))) as one:
            return drill_with(one, count, seed, replay_every, real_every)


def drill_with(one: Drill, count: int, seed: int, replay_every: int, real_every: int = 0) -> Tally:
    """Plant *count* facts with *one* drill, which keeps its twins; return a tally of their own."""
    rng, began = random.Random(seed), time.monotonic()
    one.tally = Tally()
    for number, fact in zip(range(1, count + 1), one.field.facts(rng), strict=False):
        one.take(
            fact,
            replays=bool(replay_every and number % replay_every == 0),
            builds=bool(real_every and number % real_every == 0),
        )
        if number % 50 == 0:
            print(f"{number}: {len(one.tally.broken)} broken", file=sys.stderr, flush=True)
    one.tally.seconds = round(time.monotonic() - began, 1)
    return one.tally


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the drill by hand."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--replay-every", type=int, default=10)
    parser.add_argument("--real-every", type=int, default=100)
    parser.add_argument(
        "--base", type=Path, help="a folder in which build_odd_base has made its world"
    )
    given = parser.parse_args(arguments)
    return drill(given.count, given.seed, given.replay_every, given.real_every, given.base).show()


if __name__ == "__main__":
    sys.exit(main())
