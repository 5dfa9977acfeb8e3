"""Imported first by every drill: what the tests have in `tests/python/support` can be imported."""

import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT), str(PROJECT / "tests" / "python" / "support")]
