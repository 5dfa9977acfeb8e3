"""The plan of a build: the nodes of dbt in their order, and the SQL that dbt executed for each.

The SQL follows from the code alone; what has landed, what is configured and the time are relations
and variables of the engine, which the SQL reads. A plan therefore holds for every landing zone, as
long as the code is the same.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from loaders.base.digests import digest_of
from loaders.base.paths import PROJECT_ROOT, Locations
from loaders.base.sealed import replace_durably
from loaders.building.parts import Parts
from loaders.publishing import graph_functions
from loaders.publishing.build_database import code_fingerprint

FOLDER = "plan"
# The target folder of dbt, in the folder of the plan.
TARGET = "target"
UNIT_TESTS = "META_UNIT_TESTS"
_FILE, _MANIFEST = "plan.json", "manifest.json"
# A relation as dbt writes it, or as hooks and macros do, without quotes.
_RELATION = re.compile(r'(?:"meta"\.)?"?\b(internal|landed|main|seeds|staging)\b"?\."?(\w+)"?')
_VARIABLE = re.compile(r"\bgetvariable\('(\w+)'\)")
_FILE_READ = re.compile(r"^\s*copy\s+\S+\s+from\s+'((?:[^']|'')+)'", re.IGNORECASE)
# Functions whose result depends on more than what a node reads.
_UNKNOWN = re.compile(
    r"\b(now|random|uuid\w*|gen_random_uuid|setseed|today|get_current_\w+|transaction_timestamp"
    r"|current_local\w+|read_\w+|glob)\s*\(|\bcurrent_(timestamp|date|time)\b",
    re.IGNORECASE,
)
_COMMENT = "comment on"
SCHEMAS = ("internal", "landed", "main", "seeds", "staging")
_OWN_RULES = "judge_by_own_rules()"


@dataclass(frozen=True)
class Node:
    """A seed, a model or a data test, and what dbt executed for it.

    *relation* is `schema.name` of what it makes; a test makes nothing. *warns* says that a failure
    of this test is only a warning. *parts* is what its config says about parts.
    """

    unique_id: str
    kind: str
    statements: tuple[str, ...]
    relation: str | None = None
    is_view: bool = False
    warns: bool = False
    parts: Mapping[str, Any] | None = None

    @cached_property
    def by_part(self) -> Parts | None:
        """How the rows of this node follow from parts of what it reads, None if that is not
        declared. Raises ValueError.
        """
        return Parts.declared(self.parts, self.reads) if self.parts else None

    def statements_in(self, catalog: str, relations: Collection[str]) -> Iterator[str]:
        """Yield the statements that make rows, with these *relations* taken from *catalog*."""

        def moved(found: re.Match[str]) -> str:
            is_one = ".".join(found.groups()) in relations
            return f'"{catalog}"."{found[1]}"."{found[2]}"' if is_one else found[0]

        for text in self.statements:
            if not text.startswith(_COMMENT):
                yield _RELATION.sub(moved, text)

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """Every relation that is named in the SQL, in order."""
        names = {".".join(found) for text in self.statements for found in _RELATION.findall(text)}
        return tuple(sorted(names - {self.relation}))

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """Every variable of the engine that the SQL reads."""
        return tuple(sorted({name for text in self.statements for name in _VARIABLE.findall(text)}))

    @cached_property
    def files(self) -> tuple[Path, ...]:
        """Every file that the SQL reads by its path: that of a seed."""
        found = (_FILE_READ.match(text) for text in self.statements)
        return tuple(Path(one.group(1).replace("''", "'")) for one in found if one)

    @cached_property
    def is_known(self) -> bool:
        """Say whether the same SQL over the same relations makes the same rows."""
        return not any(_UNKNOWN.search(text) for text in self.statements)

    @cached_property
    def asks_graphs(self) -> bool:
        """Say whether the SQL calls a function of graphs."""
        return any(call in text for call in graph_functions.CALLS for text in self.statements)

    @cached_property
    def asks_own_rules(self) -> bool:
        """Say whether the SQL calls the user's own rules, which may read every core table."""
        return any(_OWN_RULES in text for text in self.statements)


@dataclass(frozen=True)
class Plan:
    """The nodes in the order in which dbt ran them, and the unit tests that passed."""

    key: str
    invocation_id: str
    nodes: tuple[Node, ...]
    unit_tests: tuple[str, ...] = ()
    # The manifest of dbt, as JSON.
    manifest: str = field(default="", repr=False)

    def manifest_of(self, invocation_id: str) -> str:
        """Return the manifest, as of another build of the same code."""
        return self.manifest.replace(self.invocation_id, invocation_id)


def key_now(environment: Mapping[str, str] = os.environ) -> str:
    """Return what a plan depends on: the code, where it is, and whether its unit tests ran."""
    proves = environment.get(UNIT_TESTS, "on")
    return digest_of(code_fingerprint(PROJECT_ROOT), str(PROJECT_ROOT), proves)


def folder_of(where: Locations) -> Path:
    return where.work_folder / FOLDER


def load(folder: Path, key: str) -> Plan | None:
    """Return the plan in *folder*, if it has one that is whole and has the *key*."""
    try:
        record = json.loads((folder / _FILE).read_bytes())
        if record["key"] != key:
            return None
        manifest = (folder / _MANIFEST).read_text(encoding="utf-8")
        if hashlib.sha256(manifest.encode()).hexdigest() != record["manifest_sha256"]:
            return None
        nodes = tuple(
            Node(**{**node, "statements": tuple(node["statements"])}) for node in record["nodes"]
        )
        unit_tests = tuple(record["unit_tests"])
        return Plan(key, record["invocation_id"], nodes, unit_tests, manifest)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def save(folder: Path, plan: Plan) -> None:
    """Write *plan* into *folder*: the manifest, then the record that names it. Raises OSError."""
    record: dict[str, Any] = {
        "key": plan.key,
        "invocation_id": plan.invocation_id,
        "manifest_sha256": hashlib.sha256(plan.manifest.encode()).hexdigest(),
        "unit_tests": plan.unit_tests,
        "nodes": [asdict(node) for node in plan.nodes],
    }
    replace_durably(folder / _MANIFEST, plan.manifest.encode())
    replace_durably(folder / _FILE, json.dumps(record).encode())
