"""Every drill imports this first: it makes the modules of `tests/python/support` importable."""

import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT), str(PROJECT / "tests" / "python" / "support")]
