"""The process of a build: `python -m loaders.building`.

It waits for a line on standard input, with the order as JSON: `progress`, the path of a file to
which it appends a line for each node (its unique id, and the number of all); `full`, whether to
keep nothing; `command`, for the record. Then it builds and publishes. It ends without a build if
the input ends before a line, or if the process that started it ends.

The last line on standard output is a JSON object: `statuses`, `made` and `seconds` of the nodes,
and `unchanged_since` if there was nothing to build. Exit code 0: published, or nothing to build.
Exit code 1: not published. A build that could not start ends with COULD_NOT_START plus a code of
`loaders.base.exits`; the last line on standard error is the reason.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator

import duckdb

from loaders.base import programs
from loaders.base.ending import end_with_parent
from loaders.base.engine_paths import plain_path
from loaders.base.exits import EXIT_NO
from loaders.base.paths import PROJECT_ROOT, Locations, locations
from loaders.building import plan as plans
from loaders.building.build import Done, build
from loaders.building.plan import Plan
from loaders.building.planning import COULD_NOT_START, could_not_start
from loaders.publishing.refusals import REFUSING, refusal_of


class NoPlan(Exception):
    """dbt could not build the models; its exit code, and the output that says why."""

    def __init__(self, code: int, output: str) -> None:
        super().__init__(output)
        self.code = code


class Planning:
    """The plan for this version of the code, made by dbt in its own process if there is none."""

    def __init__(self, where: Locations) -> None:
        self._folder, self._key = plans.folder_of(where), plans.key_now()
        self._plan = plans.load(self._folder, self._key)
        self._process: subprocess.Popen[str] | None = None
        if self._plan is None:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    *("-m", "loaders.building.planning"),
                    *(plain_path(self._folder), self._key),
                ],
                env=programs.environment(where),
                # Python imports from the folder that it is started in.
                cwd=PROJECT_ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="backslashreplace",
            )

    def plan(self) -> Plan:
        """Return the plan, as soon as it is made. Raises NoPlan."""
        if self._process is not None:
            output, _ = self._process.communicate()
            self._plan = plans.load(self._folder, self._key)
            if self._plan is None:
                raise NoPlan(self._process.returncode, output)
            self._process = None
        assert self._plan is not None  # loaded, or just made
        return self._plan

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()


@contextlib.contextmanager
def noting(path: str | None) -> Iterator[Done]:
    """Give a function that appends a line for each node to the file *path*."""
    with contextlib.ExitStack() as stack:
        file = None
        # Without the file, only the progress is missing.
        with contextlib.suppress(OSError):
            if path:
                file = stack.enter_context(open(path, "w", encoding="utf-8", buffering=1))

        def done(unique_id: str, total: int) -> None:
            if file is not None:
                with contextlib.suppress(OSError):
                    file.write(f"{unique_id} {total}\n")

        yield done


def main() -> int:
    """Return the exit code, after the build or without one."""
    end_with_parent()
    where = locations()
    planning = Planning(where)
    line = sys.stdin.readline()
    if not line:
        planning.stop()
        return 0
    order = json.loads(line)
    try:
        plan = planning.plan()
        with noting(order.get("progress")) as done:
            built = build(where, plan, done, command=order["command"], full=order["full"])
    except NoPlan as error:
        return _not_planned(error)
    except REFUSING as error:
        refusal = refusal_of(error)
        return could_not_start(refusal.code, refusal.line)
    except (duckdb.Error, MemoryError) as error:
        return could_not_start(EXIT_NO, f"{type(error).__name__}: {error}")
    for text in built.outcome.errors:
        print(f"[ERROR] {text}", file=sys.stderr)
    print(built.line, file=sys.stderr if built.code else sys.stdout)
    print(built.as_json())
    return built.code


def _not_planned(error: NoPlan) -> int:
    """Print the output of dbt, and the reason why it gave no plan."""
    output = str(error).strip()
    print(output)
    reason = output.splitlines()[-1] if output else "dbt ended without a word"
    return could_not_start(max(EXIT_NO, error.code - COULD_NOT_START), reason)


if __name__ == "__main__":
    sys.exit(main())
