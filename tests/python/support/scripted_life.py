"""The scripted life of a small workspace, step by step, and what each step may cost a refresh.

A step changes the world, the decisions, the configuration, the landing zone, the published file or
the clock, and names how many nodes a refresh may make for it at most. After each step the tables of
the reused build are compared with those of a whole build of the same moment.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import replayed_build
from equal_tables import differences_of_builds
from git_fixtures import git
from product import BIN, PROJECT, Product
from real_work import commit, lines, write

from loaders.base.paths import Locations
from loaders.building import kept
from loaders.building.plan import Node, Plan
from loaders.publishing.published_versions import current_note

_FIRST = datetime(2026, 3, 2, 2, tzinfo=UTC)
_PATIENCE_SECONDS = 600
# A folder on another host, which this one has below its own root.
_ELSEWHERE = "/srv/elsewhere"


@dataclass
class Life:
    """The workspace `code` below *home*, and the installation that looks at it."""

    home: Path
    day: datetime = _FIRST
    product: Product = field(init=False)
    # That of the code; a step may change it.
    plan: Plan = field(default_factory=replayed_build.plan)

    def __post_init__(self) -> None:
        self.product = Product(self.home / "installation")
        self.product.home.mkdir(parents=True)
        self.pass_days(0)

    @property
    def code(self) -> Path:
        return self.home / "code"

    @property
    def work_folder(self) -> Path:
        return self.product.published.with_name("meta.duckdb.d")

    @property
    def build_database(self) -> Path:
        return self.work_folder / "build/meta.duckdb"

    @property
    def where(self) -> Locations:
        return Locations(self.product.published, self.product.landing)

    def pass_days(self, days: int) -> None:
        self.day += timedelta(days=days)
        self.product.now = self.day.isoformat()

    def pass_minutes(self) -> None:
        """Let a later refresh of the same day have a moment of its own."""
        self.day += timedelta(minutes=7)
        self.product.now = self.day.isoformat()

    def commit(self, name: str, message: str) -> None:
        commit(self.code / name, message, (self.day - timedelta(days=1)).strftime("%Y-%m-%d"))

    def configure(self, file: str, header: str, *rows: str) -> None:
        write(self.product.config / file, "\n".join((header, *rows)) + "\n")

    def refresh(self, *words: str | Path, code: int = 0) -> dict[str, Any]:
        """Refresh, by the plan of the code as it is now; return the report."""
        with mock.patch.object(replayed_build, "plan", return_value=self.plan):
            answer = replayed_build.refresh(self.product, "--json", *words, self.code, code=code)
        return json.loads(answer.stdout)


def whole_build(life: Life, folder: Path, *, is_published: bool = True) -> Path:
    """Build a twin of *life* from nothing, of the moment that its build saw; return its database.

    If that build was published, its version notes the moment, and how far it has read the log: what
    landed after that, such as what the build itself observed, is taken from the twin's log. Data
    tests and comments make no rows, and are left out.
    """
    twin = Product(folder, life.product.now, dict(life.product.environment), life.product.project)
    for name in ("landing", "config"):
        if (life.product.home / name).exists():
            shutil.copytree(life.product.home / name, folder / name)
    if is_published:
        note = current_note(life.where)
        assert note is not None
        twin.now = f"{note['as_of']}+00:00"
        for entry in (folder / "landing/log").iterdir():
            if entry.suffix == ".json" and int(entry.stem) > note["landed_up_to"]:
                entry.unlink()
    plan = replace(life.plan, nodes=tuple(_making(life.plan.nodes)))
    with (
        mock.patch.object(replayed_build, "plan", return_value=plan),
        # It keeps nothing, and need not know what it has made.
        mock.patch.object(kept, "contents_of", return_value=""),
    ):
        replayed_build.unpublished(twin)
    return folder / "meta.duckdb.d/build/meta.duckdb"


def differences(life: Life, scratch: Path, *, is_published: bool = True) -> list[str]:
    """Return how the last build differs from a whole build, in a line for each table."""
    whole = whole_build(life, scratch, is_published=is_published)
    found = differences_of_builds(life.build_database, whole)
    shutil.rmtree(scratch)
    return found


def live(life: Life, steps: Iterable[Step], scratch: Path) -> list[str]:
    """Take the *steps*, and refresh after each; return what is wrong, in a line each."""
    wrong = []
    for step in steps:
        life.pass_minutes()
        step.done(life)
        report = life.refresh(code=0 if step.publishes else 1)
        made = report["build"]["made_nodes"]
        found = differences(life, scratch, is_published=step.publishes)
        if len(made) > step.most:
            found.append(f"{len(made)} nodes were made: {made}")
        wrong += [f"{step.text}: {line}" for line in found]
    return wrong


def _making(nodes: Iterable[Node]) -> Iterator[Node]:
    """Yield the nodes that make a relation, with the statements that make its rows."""
    for node in nodes:
        if node.kind != "test":
            rest = (text for text in node.statements if not text.lower().startswith("comment"))
            yield replace(node, statements=tuple(rest))


@dataclass(frozen=True)
class Step:
    """One step of a life: *done* is followed by a refresh that makes *most* nodes at most."""

    text: str
    done: Callable[[Life], object]
    most: int
    publishes: bool = True


def begin(life: Life) -> None:
    """Make three repositories, one of them with a remote, and a folder with a manifest."""
    for name, needs in (("api", 'dependencies = ["lib>=1"]\n'), ("lib", ""), ("web", "")):
        folder = life.code / name
        described = f'[project]\nname = "{name}"\nversion = "1.0.0"\n{needs}'
        write(folder / "pyproject.toml", described)
        write(folder / "README.md", f"# {name}\n")
        write(folder / f"src/{name}/core.py", lines(2500 if name == "web" else 60, name))
        write(folder / f"src/{name}/more.py", lines(9, "more"))
        git(folder, "init", "--quiet")
        life.commit(name, "Begin")
    for number in range(3):
        write(life.code / f"lib/src/lib/part_{number}.py", lines(5, f"part_{number}"))
        life.commit("lib", f"Part {number}")
    write(life.code / "papers/pyproject.toml", '[project]\nname = "papers"\n')


def _edit(life: Life) -> None:
    write(life.code / "api/src/api/core.py", lines(61, "api"))


def _rename(life: Life) -> None:
    folder = life.code / "api/src/api"
    (folder / "more.py").rename(folder / "further.py")


def _delete(life: Life) -> None:
    (life.code / "api/src/api/further.py").unlink()


def _new(life: Life) -> None:
    write(life.code / "tool/tool.py", lines(30, "tool"))
    write(life.code / "tool/pyproject.toml", '[project]\nname = "tool"\n')
    git(life.code / "tool", "init", "--quiet")
    life.commit("tool", "Begin")


def _move(life: Life) -> None:
    (life.code / "tools").mkdir()
    (life.code / "tool").rename(life.code / "tools/tool")


def _force(life: Life) -> None:
    git(life.code / "lib", "reset", "--quiet", "--hard", "HEAD~2")
    write(life.code / "lib/src/lib/other.py", lines(6, "other"))
    life.commit("lib", "Another part")


def _forget(life: Life) -> None:
    shutil.rmtree(life.code / "tools")


def _foreign_artifacts(life: Life) -> None:
    """Land the scan that another host made of the same project."""
    folder = life.home / "artifacts"
    path = f"{_ELSEWHERE}/web/src/web/core.py"
    row = {"project": "web", "root": f"{_ELSEWHERE}/web", "path": path, "ext": ".py", "size": 9}
    write(folder / "scan.jsonl", json.dumps({**row, "rel_path": "src/web/core.py"}) + "\n")
    prefix = f"{_ELSEWHERE}={life.code}"
    life.product.land("codegraphx", "--map-prefix", prefix, folder)


def _damage(life: Life) -> None:
    """Cut the end of a file that no source can land again, and keep a copy."""
    file = _remembered(life)
    shutil.copy(file, life.home / "whole.parquet")
    file.write_bytes(file.read_bytes()[:-40])


def _repair(life: Life) -> None:
    shutil.copy(life.home / "whole.parquet", _remembered(life))


def _remembered(life: Life) -> Path:
    return min((life.product.landing / "runs").glob("*-observe-*/rule_observations.*.parquet"))


def _kill(life: Life) -> None:
    """Kill a refresh with its children as soon as its build has begun, after an edit."""
    write(life.code / "lib/src/lib/other.py", lines(8, "other"))
    life.product.remember_a_plan()
    process = life.product.start(BIN / "enrich", "refresh-meta", str(life.code))
    note, until = life.where.start_note, time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until and process.poll() is None and not note.exists():
        time.sleep(0.02)
    for pid in (_pid_of(note), process.pid):
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
    process.communicate()


def _pid_of(note: Path) -> int | None:
    try:
        return int(json.loads(note.read_bytes())["pid"])
    except (OSError, ValueError):
        return None


def _threshold(life: Life) -> None:
    row = "HIGH_SIZE_LOW_TEST_COVERAGE,min_source_lines,100,lines,"
    life.configure("rule_thresholds.csv", "gap_type,threshold,value,unit,note", row)


def _weight(life: Life) -> None:
    life.configure("health_weights.csv", "term,maximum,note", "health_tests,20,")


def _override(life: Life) -> None:
    row = f"{life.code}/web/src/web/more.py,reporter,It reports.,mira,2026-03-01"
    life.configure("role_overrides.csv", "path_pattern,role,reason,owner,decided_on", row)


def _waive(life: Life) -> None:
    until = (life.day + timedelta(days=3)).strftime("%Y-%m-%d")
    words = ("--reason", "planned", "--until", until, "--owner", "mira")
    life.product.enrich("waive", "HIGH_SIZE_LOW_TEST_COVERAGE", *words)


def _unconfigure(life: Life) -> None:
    shutil.rmtree(life.product.config)


# -- the code --------------------------------------------------------------------------------------

_CODE = replayed_build.PROJECT / ".venv" / ".cache" / "code_of_a_life"
_READ_BY_DBT = ("loaders", "macros", "models", "seeds", "tests/dbt")
_RULE = "gap_of_a_life"
_RULE_ROW = "OF_A_LIFE,Small project,project,low,0.1,1,low,It is small.,Let it grow.,"
_RULE_SQL = """
select
    'OF_A_LIFE' as gap_type,
    project_id,
    project_path,
    project_path as subject,
    'fail' as verdict,
    {{ json_object(['project_name']) }} as evidence,
    last_seen as facts_at,
    source_run_id as run_id,
from {{ ref('projects') }}
"""


def _change_code(life: Life, number: int, change: Callable[[Path], None]) -> None:
    """Let refreshes run the code as *change* leaves a copy of it, always in the same folder."""
    folder = _CODE / str(number)
    shutil.rmtree(folder, ignore_errors=True)
    for name in _READ_BY_DBT:
        shutil.copytree(PROJECT / name, folder / name, ignore=_COMPILED)
    for name in (".dbtignore", "dbt_project.yml", "profiles.yml", "pyproject.toml"):
        shutil.copy(PROJECT / name, folder / name)
    change(folder)
    life.product.project, life.plan = folder, replayed_build.plan_of(folder)


_COMPILED = shutil.ignore_patterns("__pycache__")


def _replace(file: Path, before: str, after: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert before in text, f"{file}: {before} has no such text"
    file.write_text(text.replace(before, after, 1), encoding="utf-8")


def _macro_model_and_test(code: Path) -> None:
    _replace(code / "macros/stake.sql", "100.0 * greatest", "99.0 * greatest")
    no_basics = code / "models/gaps/gap_no_basics.sql"
    _replace(no_basics, "'not_applicable'", "'unknown'")
    _replace(code / "tests/dbt/singular/can_be_broken.sql", "1 as broken", "2 as broken")


def _rule_and_column(code: Path) -> None:
    _macro_model_and_test(code)
    write(code / f"models/gaps/{_RULE}.sql", _RULE_SQL)
    first = "        'gap_abandoned_project',\n"
    _replace(code / "macros/rule_models.sql", first, f"{first}        '{_RULE}',\n")
    rules, reasons = code / "seeds/gap_rules.csv", code / "seeds/waiver_reasons.csv"
    rules.write_text(rules.read_text(encoding="utf-8") + _RULE_ROW + "\n", encoding="utf-8")
    rows = reasons.read_text(encoding="utf-8").splitlines()
    reasons.write_text("\n".join([f"{rows[0]},note", *(f"{row},a" for row in rows[1:])]) + "\n")


def _first_code(life: Life) -> None:
    life.product.project, life.plan = PROJECT, replayed_build.plan()


_ALL = 10_000
# Changes of the world and of the landing zone, and time that passes.
OF_FACTS = (
    Step("the first refresh", begin, _ALL),
    Step("nothing happened", lambda life: None, 123),
    Step("a file was edited", _edit, 230),
    Step("a file was renamed", _rename, 227),
    Step("a file was deleted", _delete, 235),
    Step("a repository is new", _new, 280),
    Step("it was moved", _move, 274),
    Step("a branch was rewritten", _force, 267),
    Step("a repository was deleted", _forget, 263),
    Step("artifacts of another host landed", _foreign_artifacts, 165),
    Step("a landed file was damaged", _damage, 124, publishes=False),
    Step("it was repaired", _repair, 113),
    Step("a compaction", lambda life: life.product.land("compact"), 144),
    Step("a build was killed", _kill, 225),
    Step("a rollback", lambda life: life.product.enrich("rollback"), 109),
    Step("a day passed", lambda life: life.pass_days(1), 143),
    Step("a month passed", lambda life: life.pass_days(31), 155),
    Step("a year passed", lambda life: life.pass_days(365), 152),
)
# Decisions, configuration and changes of the code.
OF_DECISIONS = (
    Step("the first refresh", begin, _ALL),
    Step("a waiver was given", _waive, 134),
    Step("it ended by time alone", lambda life: life.pass_days(4), 153),
    Step("a threshold changed", _threshold, 166),
    Step("a weight changed", _weight, 120),
    Step("a role was overridden", _override, 140),
    Step("nothing is configured any more", _unconfigure, 183),
    Step(
        "a macro, a model and a test changed",
        lambda life: _change_code(life, 1, _macro_model_and_test),
        183,
    ),
    Step(
        "a rule and a column of a seed were added",
        lambda life: _change_code(life, 2, _rule_and_column),
        177,
    ),
    Step("the first code again: both were removed", _first_code, 203),
)
