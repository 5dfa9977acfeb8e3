"""Look up words, modules and calls in the three seeds that define their meaning.

`seeds/role_words.csv` gives the family of a word (`fetched` → gather), `seeds/role_modules.csv` the
purpose of an imported module (`requests` → network), `seeds/role_calls.csv` the effect of a call
(`os.walk` → walks files). Words that are in none of them are not signals.
"""

from __future__ import annotations

import csv
import hashlib
import re
from functools import cache, lru_cache
from pathlib import Path

from loaders.base.paths import PROJECT_ROOT

_SEEDS = ("role_words", "role_modules", "role_calls")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
# Longer names are minified or generated text.
_LONGEST_NAME = 80


def _seed(name: str) -> Path:
    return PROJECT_ROOT / "seeds" / f"{name}.csv"


@cache
def _table(name: str) -> dict[str, str]:
    with open(_seed(name), encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        return {row[0]: row[1] for row in rows}


@cache
def digest() -> str:
    """Return a digest of the three seeds; if it changes, the same file may have other signals."""
    together = hashlib.sha256()
    for name in _SEEDS:
        together.update(_seed(name).read_bytes())
    return together.hexdigest()[:12]


@lru_cache(maxsize=1 << 16)
def families(name: str) -> tuple[str | None, ...]:
    """Return the family of each word of an identifier, in order; None for unknown words.

    `parseHTTPHeader` → (parse, net, codec); a name of digits or other scripts → ().
    """
    if len(name) > _LONGEST_NAME:
        return ()
    table = _table("role_words")
    return tuple([table.get(word.lower()) for word in _PART.findall(name)])


@lru_cache(maxsize=1 << 14)
def family(word: str) -> str | None:
    """Return the family of one lower-case word of prose."""
    return _table("role_words").get(word)


@lru_cache(maxsize=1 << 14)
def purpose(module: str) -> str | None:
    """Return the purpose of a module, by its longest known prefix; None if it is unknown."""
    table = _table("role_modules")
    name = module.replace("::", ".").replace("node:", "")
    while name:
        if found := table.get(name):
            return found
        # Prefixes end at slashes if there are any, as in `lodash/get`, else at dots.
        name = name.rpartition("/" if "/" in name else ".")[0]
    return None


@lru_cache(maxsize=1 << 16)
def effect(call: str) -> str | None:
    """Return the effect of a call, by its last two names (`os.walk`), else its last (`rglob`)."""
    table = _table("role_calls")
    head, _, last = call.rpartition(".")
    return table.get(f"{head.rpartition('.')[2]}.{last}") or table.get(last)
