"""Damage a genuine JSON report in many ways, to show that its reader refuses it in one line."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

_TYPES: tuple[Any, ...] = (
    None, True, -1, 0, 10**30, 1e300, "", "x" * 50_000, "\x00", "\U0001f600", [], {}, [None],
    [[]], {"x": None}, ["x"], [{}], "9999999-01-01T00:00:00Z", "file://[x", "%zz",
)  # fmt: skip


def mutations(report: bytes, count: int = 30, seed: int = 1) -> Iterator[bytes]:
    """Yield *report*, torn at every twentieth, and *count* times with a value that was replaced or
    left out.
    """
    for part in range(1, 20):
        yield report[: len(report) * part // 20]
    document = json.loads(report)
    places = list(_places(document))
    chance = random.Random(seed)
    for _ in range(count):
        mutant = copy.deepcopy(document)
        *way, last = chance.choice(places)
        owner = mutant
        for step in way:
            owner = owner[step]
        if chance.random() < 0.25:
            del owner[last]
        else:
            owner[last] = chance.choice(_TYPES)
        yield json.dumps(mutant).encode()


def _places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if way:
        yield way
    if isinstance(value, dict | list):
        for key, one in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _places(one, (*way, key))
