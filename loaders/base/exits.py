"""The exit codes of `land.py` and `enrich`, documented in the help of both."""

from __future__ import annotations

EXIT_NO = 1
EXIT_USAGE = 2
EXIT_BUSY = 3
EXIT_DAMAGED = 4
