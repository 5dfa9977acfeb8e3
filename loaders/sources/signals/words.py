"""The words that signals are made of: three seeds say what a word, a module and a call stand for.

`seeds/role_words.csv` gives the family of a word (`fetched` → gather), `seeds/role_modules.csv` the
purpose of an imported module (`requests` → network), `seeds/role_calls.csv` the deed of a call
(`os.walk` → walks files). Whatever is in none of them is no signal.
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
# Longer names are no names: minified or generated text.
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
    """Return a digest of the three seeds: other words give other signals of the same file."""
    together = hashlib.sha256()
    for name in _SEEDS:
        together.update(_seed(name).read_bytes())
    return together.hexdigest()[:12]


@lru_cache(maxsize=1 << 16)
def families(name: str) -> tuple[str | None, ...]:
    """Return the family of each word of an identifier, in order; None for a word that has none.

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
    """Return what a module is for, by its longest known beginning; None where nobody wrote that down."""
    table = _table("role_modules")
    name = module.replace("::", ".").replace("node:", "")
    while name:
        if found := table.get(name):
            return found
        # `google.cloud.x` by dots, `lodash/get` by slashes; `@babel/parser` is one name.
        name = name.rpartition("/" if "/" in name else ".")[0]
    return None


@lru_cache(maxsize=1 << 16)
def deed(call: str) -> str | None:
    """Return what a call does, by its last two names (`os.walk`), else by its last (`rglob`)."""
    table = _table("role_calls")
    head, _, last = call.rpartition(".")
    return table.get(f"{head.rpartition('.')[2]}.{last}") or table.get(last)
