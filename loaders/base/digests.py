"""Digests of values that this process compares with those of an earlier one."""

from __future__ import annotations

import hashlib
from typing import Any


def digest_of(*parts: Any) -> str:
    """Return the SHA-256 of *parts*, values whose `repr` says all that there is to them."""
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogateescape")).hexdigest()
