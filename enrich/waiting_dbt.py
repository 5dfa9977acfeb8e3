"""dbt that is ready before there is work for it: `python -m enrich.waiting_dbt ARGUMENT…`.

Imports dbt, waits for a line on standard input, and is then `dbt ARGUMENT…`. Where there comes none, it ends.
It also ends when the process that started it does: a refresh that was killed leaves no build behind.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from threading import Thread

_PARENT = os.getppid()
_SECONDS = 0.5

# dbt imports its adapter when it has read the profile, which is later than it could.
import dbt.adapters.duckdb  # noqa: F401
from dbt.cli.main import cli


def _end_with_parent() -> None:
    while os.getppid() == _PARENT:
        time.sleep(_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__" and sys.stdin.readline():
    Thread(target=_end_with_parent, daemon=True).start()
    cli(prog_name="dbt")
