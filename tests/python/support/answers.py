"""Answers questions about a workspace by asking the product, for tables of right answers.

A question is a text and `how` to ask it: `sql`, `manifest`, `excluded` or `page`.
"""

from __future__ import annotations

import csv
import hashlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from product import Product
from worlds import landed

from loaders.sources.crawl.excludes import load_excludes
from loaders.zone.landing import LandingZone


@dataclass(frozen=True)
class Answers:
    """Asks an installation about the workspace below *root*, which `$root` in a question names."""

    product: Product
    root: Path

    def answer(self, how: str, question: str) -> str:
        ways = {
            "sql": self._sql,
            "manifest": self._manifest,
            "excluded": self._excluded,
            "page": self._page,
        }
        return ways[how](question.replace("$root", os.fspath(self.root)))

    def _sql(self, query: str) -> str:
        return rows_as_text(self.product.query(query))

    def _manifest(self, place: str) -> str:
        """The scopes and names of a manifest, as landed, and whether they are all."""
        zone = LandingZone(self.product.landing)
        sha256 = hashlib.sha256((self.root / place).read_bytes()).hexdigest()
        package = [row for row in landed(zone, "manifest_packages") if row["sha256"] == sha256][-1]
        if package["state"] != "read":
            return f"not read: {package['reason']}"
        needs = [row for row in landed(zone, "manifest_dependencies") if row["sha256"] == sha256]
        names = sorted({f"{row['scope']} {row['canonical_name']}" for row in needs})
        return "; ".join([*names, "complete" if package["is_complete"] else "not complete"])

    def _excluded(self, asked: str) -> str:
        """The names that a row of an exclude profile excludes; `asked` is `pattern => names`."""
        pattern, _, names = asked.partition(" => ")
        seed = self.product.home / "profiles.csv"
        with seed.open("w", encoding="utf-8", newline="") as file:
            rows = [["profile", "kind", "pattern", "reason"], ["mine", "gitignore", pattern, "x"]]
            csv.writer(file).writerows(rows)
        given = {name.encode() for name in names.split("|")}
        found = load_excludes("mine", seed).reasons_for_files(b"/root", b"/root", given)
        return "|".join(sorted(name.decode() for name in found))

    def _page(self, asked: str) -> str:
        """Whether the output of a command has a pattern; `asked` is `command => pattern`."""
        command, _, pattern = asked.partition(" => ")
        page = " ".join(self.product.enrich(*command.split()).stdout.split())
        return value_as_text(re.search(pattern, page) is not None)


def is_right(how: str, answer: str, right: str) -> bool:
    """Whether an answer is right.

    A manifest that is reported as not complete may have fewer dependencies, but none that is wrong.
    """
    if how != "manifest" or not answer.endswith("not complete"):
        return answer == right
    return set(answer.split("; ")[:-1]) <= set(right.split("; "))


def rows_as_text(rows: Iterable[tuple[Any, ...]]) -> str:
    """Rows as one text: `|` between columns, `; ` between rows, nothing for NULL."""
    return "; ".join("|".join(value_as_text(value) for value in row) for row in rows)


def value_as_text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
