"""Starts dbt early: `python -m enrich.commands.operate.waiting_dbt ARGUMENT…`.

Imports dbt, waits for a line on standard input, and then runs `dbt ARGUMENT…`. It ends without a
build if the input ends before a line. A running build ends when the process that started it ends,
so that a killed refresh leaves no build behind.

Exit codes 0 and 1 are those of dbt. A build that could not start, or that broke off, ends with
COULD_NOT_START plus a code of `loaders.base.exits`; the last line on standard error is the reason.
"""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from threading import Thread

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


def main() -> int:
    """Return the exit code, after dbt has run or could not start."""
    try:
        # dbt would import its adapter only during the build; here, the crawl hides the time.
        import dbt.adapters.duckdb  # noqa: F401
        from dbt.cli.exceptions import ExceptionExit, ResultExit
        from dbt.cli.main import cli

        from loaders.publishing import landed_plugin
    except ImportError as error:
        sys.stdin.readline()
        return _could_not_start(EXIT_NO, f"dbt cannot be imported: {error}; run: {SET_UP}")
    if not sys.stdin.readline():
        return 0
    Thread(target=_end_with_parent, daemon=True).start()
    landed_plugin.is_of_refresh = True
    try:
        cli(prog_name="dbt", standalone_mode=False)
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
