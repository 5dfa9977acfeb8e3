"""dbt that is ready before there is work for it: `python -m enrich.waiting_dbt ARGUMENT…`.

Imports dbt, waits for a line on standard input, and is then `dbt ARGUMENT…`. Where there comes none, it ends.
"""

from __future__ import annotations

import sys

# dbt imports its adapter when it has read the profile, which is later than it could.
import dbt.adapters.duckdb  # noqa: F401
from dbt.cli.main import cli

if __name__ == "__main__" and sys.stdin.readline():
    cli(prog_name="dbt")
