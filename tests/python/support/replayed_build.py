"""Builds an installation in this process, as a refresh does, by a plan that all tests share.

dbt takes 15 to 20 seconds of CPU for a build of a small workspace; its SQL and publishing take
four. dbt makes the plan once per version of the code (`loaders.building`). test_golden compares
such a build with one of dbt.

For tests of the rows that a build makes. Tests of dbt itself run dbt.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest import mock

from click.testing import CliRunner, Result
from product import PROJECT, Product

from enrich.cli import main as enrich_main
from enrich.commands.operate import build_process
from loaders.base.paths import locations
from loaders.building import plan as plans
from loaders.building.build import build as build_all
from loaders.building.build import holding_the_lock, make
from loaders.building.plan import UNIT_TESTS, Node, Plan
from loaders.publishing import build_database, builds, configured_seeds
from loaders.publishing.moment import Moment

_CACHE = PROJECT / ".venv" / ".cache" / "plans"
_KEPT = 5
_COMMAND = "dbt build"
_OFF = {UNIT_TESTS: "off"}


@functools.cache
def plan() -> Plan:
    """Return the plan of this version of the code, which dbt makes if it has not yet been made."""
    return plan_in(folder(), plans.key_now(_OFF))


@functools.cache
def folder() -> Path:
    """Return the folder of the plan of this version of the code."""
    return _CACHE / plans.key_now(_OFF)


def plan_of(code: Path) -> Plan:
    """Return the plan of another version of the code, in the folder *code*."""
    with mock.patch.object(plans, "PROJECT_ROOT", code):
        key = plans.key_now(_OFF)
    return plan_in(_CACHE / key, key, code)


def plan_in(place: Path, key: str, code: Path = PROJECT) -> Plan:
    """Return the plan with the *key* in the folder *place*; dbt makes it if there is none."""
    _CACHE.mkdir(parents=True, exist_ok=True)
    with open(_CACHE / "lock", "w") as lock:
        # One worker makes it, and the others wait for it.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (found := plans.load(place, key)) is None:
            command = [sys.executable, "-m", "loaders.building.planning", str(place), key]
            # Python imports from the folder that it is started in. The output of dbt is long.
            made = subprocess.run(
                command, cwd=code, env=os.environ | _OFF, capture_output=True, text=True
            )
            assert made.returncode == 0, made.stdout[-4000:] + made.stderr[-2000:]
            others = sorted(_CACHE.glob("*/"), key=lambda path: path.stat().st_mtime)
            for old in others[:-_KEPT]:
                shutil.rmtree(old)
            found = plans.load(place, key)
    assert found is not None, place
    return found


def parsed() -> Path | None:
    """Return what dbt remembers of its parse of this version of the code, if it has parsed it."""
    path = folder() / "target" / "partial_parse.msgpack"
    return path if path.exists() else None


def give_plan(work_folder: Path) -> None:
    """Put the plan of this version of the code into a work folder, if dbt has made it."""
    for name in ("plan.json", "manifest.json"):
        if (folder() / name).exists():
            (work_folder / plans.FOLDER).mkdir(parents=True, exist_ok=True)
            shutil.copy(folder() / name, work_folder / plans.FOLDER)


def build(product: Product, *, full: bool = True) -> str:
    """Build and publish *product*, whose project may differ from this clone in its seeds only: all
    of it, or not *full*, which keeps what did not change, as a refresh does.

    Return the line about the published version. A statement or a test that fails is an error.
    """
    plan()
    if not product.target.exists():
        shutil.copytree(folder() / "target", product.target)
    with _as_in_a_process(product):
        built = build_all(
            locations(), _of_project(product.project), _ignored, command=_COMMAND, full=full
        )
    assert built.line.startswith("published: "), [built.line, *built.outcome.errors]
    return built.line


def refresh(product: Product, *words: str | Path, code: int = 0) -> Result:
    """Run `enrich refresh-meta` with such a build, which keeps what it can, in this process.

    It must end with the exit *code*.
    """

    def start(*_: object) -> _Process:
        return _Process(product.project)

    command = ["refresh-meta", *map(str, words)]
    with _as_in_a_process(product), mock.patch.object(build_process, "_start", start):
        answer = CliRunner().invoke(enrich_main, command, catch_exceptions=False)
    assert answer.exit_code == code, f"{command} ended with {answer.exit_code}\n{answer.output}"
    return answer


class _Process:
    """Stands for the process that builds in a refresh."""

    pid = 0

    def __init__(self, project: Path) -> None:
        self._project = project
        self.returncode: int | None = None

    def poll(self) -> int | None:
        return self.returncode

    def communicate(self, given: str | None = None) -> tuple[str, str]:
        self.returncode = 0
        if not given:
            return "", ""
        order = json.loads(given)
        built = build_all(
            locations(),
            _of_project(self._project),
            _ignored,
            command=order["command"],
            full=order["full"],
        )
        self.returncode = built.code
        return f"{built.line}\n{built.as_json()}\n", "\n".join(built.outcome.errors)


@contextlib.contextmanager
def _as_in_a_process(product: Product) -> Iterator[None]:
    """Have the environment of a command of *product*, and keep the umask of this process."""
    plan()
    before = os.umask(0o022)
    os.umask(before)
    seeds = product.project / "seeds"
    try:
        with (
            mock.patch.dict(os.environ, product._environment(), clear=True),
            mock.patch.object(configured_seeds, "SEEDS", seeds),
        ):
            yield
    finally:
        os.umask(before)


def unpublished(product: Product) -> str:
    """Build *product* as if its build died before it published; return the request to do so."""
    with _as_in_a_process(product), holding_the_lock(locations()):
        where, invocation_id = locations(), str(uuid.uuid4())
        build_database.make_ready(where.build_database, is_whole=True)
        builds.begin(where, invocation_id, _COMMAND)
        with Moment(where) as moment:
            _, request = make(
                where, _of_project(product.project), moment, _ignored, invocation_id, full=True
            )
        return json.dumps(request | {"command": _COMMAND})


def _of_project(project: Path) -> Plan:
    """Return the plan over the seeds of another *project*."""
    if project == PROJECT:
        return plan()
    mine, other = f"'{PROJECT}/seeds/", f"'{project}/seeds/"

    def moved(node: Node) -> Node:
        statements = tuple(text.replace(mine, other) for text in node.statements)
        return replace(node, statements=statements)

    return replace(plan(), nodes=tuple(map(moved, plan().nodes)))


def _ignored(unique_id: str, total: int) -> None:
    """Show no progress."""
