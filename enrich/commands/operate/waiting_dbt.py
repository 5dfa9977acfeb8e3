"""Starts dbt early: `python -m enrich.commands.operate.waiting_dbt ARGUMENT…`.

Imports dbt, waits for a line on standard input, and then runs `dbt ARGUMENT…`. The line is the JSON
text of the path of a file, to which it appends a line for each node that ends: its unique id and
the number of all nodes. It ends without a build if the input ends before a line. It also ends when
the process that started it ends, so that a killed refresh leaves no build behind.

Exit codes 0 and 1 are those of dbt. A build that could not start, or that broke off, ends with
COULD_NOT_START plus a code of `loaders.base.exits`; the last line on standard error is the reason.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
import traceback
from threading import Thread
from typing import IO, Any

from loaders.base.exits import EXIT_NO
from loaders.base.paths import clean_text
from loaders.base.remedies import SET_UP

COULD_NOT_START = 10
# Read before dbt is imported, because the parent may end during the import.
_PARENT = os.getppid()
_CHECK_SECONDS = 0.5


def _end_with_parent() -> None:
    while os.getppid() == _PARENT:
        time.sleep(_CHECK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


class _Noting:
    """Gets every event of dbt, and writes those of nodes that ended to a file."""

    def __init__(self, path: str) -> None:
        self._total = 0
        self._file: IO[str] | None = None
        # Without the file, only the progress is missing.
        with contextlib.suppress(OSError):
            self._file = open(path, "w", encoding="utf-8", buffering=1)

    def __call__(self, message: Any) -> None:
        self._total = getattr(message.data, "total", 0) or self._total
        if message.info.name != "NodeFinished" or self._file is None:
            return
        node = message.data.node_info
        # dbt does not count ephemeral models, which are part of those that read them.
        if node.materialized != "ephemeral":
            with contextlib.suppress(OSError):
                self._file.write(f"{node.unique_id} {self._total}\n")


def main() -> int:
    """Return the exit code, after dbt has run or could not start."""
    Thread(target=_end_with_parent, daemon=True).start()
    try:
        # dbt would import its adapter only during the build; here, the crawl hides the time.
        import dbt.adapters.duckdb  # noqa: F401
        from dbt.cli.exceptions import ExceptionExit, ResultExit
        from dbt.cli.main import cli

        from loaders.publishing import landed_plugin
    except ImportError as error:
        sys.stdin.readline()
        return _could_not_start(EXIT_NO, f"dbt cannot be imported: {error}; run: {SET_UP}")
    order = sys.stdin.readline()
    if not order:
        return 0
    landed_plugin.is_of_refresh = True
    try:
        cli(prog_name="dbt", standalone_mode=False, obj={"callbacks": [_Noting(json.loads(order))]})
    except ResultExit:
        return 1
    except ExceptionExit as error:
        code, line = landed_plugin.refusal or (EXIT_NO, _one_line(str(error.exception)))
        landed_plugin.end_early(line)
        return _could_not_start(code, line)
    except Exception as error:
        traceback.print_exc()
        return _could_not_start(EXIT_NO, f"{type(error).__name__}: {error}")
    return 0


def _could_not_start(code: int, line: str) -> int:
    print(_one_line(line), file=sys.stderr)
    return COULD_NOT_START + code


def _one_line(text: str) -> str:
    return clean_text(" ".join(text.split()))


if __name__ == "__main__":
    sys.exit(main())
