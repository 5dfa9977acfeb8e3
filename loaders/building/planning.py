"""Makes a plan: `python -m loaders.building.planning FOLDER KEY`.

dbt builds an empty landing zone in a temporary folder, with the unit tests of the models, and this
process records what it executes. It ends when the process that started it ends. Exit code 0: the
plan is in *FOLDER*. Exit code 1: dbt has failed, and its output says why. A build that could not
start ends with COULD_NOT_START plus a code of `loaders.base.exits`. The last line that it prints is
the reason.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from loaders.base.ending import end_with_parent
from loaders.base.engine_paths import plain_path
from loaders.base.exits import EXIT_NO
from loaders.base.paths import PROJECT_ROOT, clean_text, locations
from loaders.base.remedies import SET_UP
from loaders.building.plan import TARGET, Node, Plan, key_now, save
from loaders.publishing import builds

COULD_NOT_START = 10
_KINDS = ("seed", "model", "test")
# dbt names itself and the node in a comment before each statement.
_REMARK = re.compile(r"\A\s*/\*.*?\*/\s*", re.DOTALL)
# It also asks what there is; only these change anything.
_CHANGES = re.compile(r"\A(create|comment|copy|delete|insert)\b", re.IGNORECASE)
_TEST = re.compile(r"\A(with|select)\b.*\bshould_error\b", re.IGNORECASE | re.DOTALL)
# dbt shortens the statement that loads a seed, and adds this, even if there is nothing to shorten.
_SHORTENED = "..."
_END_OF_COPY = "DELIMITER ',')"


class Recorder:
    """Gets every event of dbt, and keeps the statements and the end of each node."""

    def __init__(self) -> None:
        self.statements: dict[str, list[str]] = {}
        self.statuses: dict[str, str] = {}

    def __call__(self, message: Any) -> None:
        name = message.info.name
        if name == "SQLQuery":
            node = message.data.node_info.unique_id
            if node:
                text = _REMARK.sub("", message.data.sql.strip())
                self.statements.setdefault(node, []).append(text)
        elif name == "NodeFinished":
            node = message.data.node_info
            self.statuses[node.unique_id] = str(node.node_status)

    def plan(self, key: str, manifest: Any, text: str) -> Plan:
        """Return the plan of a build that was green; *text* is its *manifest* as JSON."""
        nodes = [
            _node(manifest["nodes"][name], self.statements.get(name, []))
            for name in self.statuses
            if manifest["nodes"].get(name, {}).get("resource_type") in _KINDS
            and manifest["nodes"][name]["config"].get("materialized") != "ephemeral"
        ]
        unit_tests = tuple(name for name in self.statuses if name in manifest["unit_tests"])
        invocation_id = manifest["metadata"]["invocation_id"]
        return Plan(key, invocation_id, tuple(nodes), unit_tests, text)


def _node(facts: Mapping[str, Any], executed: list[str]) -> Node:
    kind, config = facts["resource_type"], facts["config"]
    parts = config.get("meta", {}).get("parts")
    if kind == "test":
        statements = [text for text in executed if _TEST.match(text)]
        warns = str(config.get("severity", "error")).lower() == "warn"
        return Node(facts["unique_id"], kind, tuple(statements), warns=warns, parts=parts)
    statements = [_whole(text) for text in executed if _CHANGES.match(text)]
    return Node(
        facts["unique_id"],
        kind,
        tuple(statements),
        f"{facts['schema']}.{facts['alias']}",
        is_view=config.get("materialized") == "view",
        parts=parts,
    )


def _whole(statement: str) -> str:
    """Return a statement that loads a seed without what dbt adds to it in its events."""
    if not statement.upper().startswith("COPY"):
        return statement
    text = statement.removesuffix(_SHORTENED).rstrip()
    if not text.endswith(_END_OF_COPY):
        raise ValueError(f"{PROJECT_ROOT}: is too long a path for the seeds in it; move the clone")
    return text


def make(folder: Path, key: str, scratch: Path) -> int:
    """Build nothing in *scratch*, and save the plan in *folder*. Returns the exit code."""
    import dbt.adapters.duckdb  # noqa: F401
    from dbt.cli.main import dbtRunner

    from loaders.publishing import landed_plugin

    recorder, target = Recorder(), folder / TARGET
    done = dbtRunner(callbacks=[recorder]).invoke(
        [
            "build",
            "--no-use-colors",
            *("--log-level-file", "none"),
            *("--project-dir", str(PROJECT_ROOT)),
            *("--profiles-dir", str(PROJECT_ROOT)),
            *("--target-path", plain_path(target)),
            *("--log-path", plain_path(scratch)),
        ]
    )
    if done.exception is not None:
        code, line = landed_plugin.refusal or (EXIT_NO, str(done.exception))
        landed_plugin.end_early(line)
        return could_not_start(code, line)
    if not done.success:
        outcome = (builds.last_build(locations()) or {}).get("outcome", "dbt ended early")
        print(f"the models cannot be built, even without data: {outcome}")
        return EXIT_NO
    if key_now() != key:
        return could_not_start(EXIT_NO, "the models changed while dbt read them; run it again")
    text = (target / "manifest.json").read_text(encoding="utf-8")
    save(folder, recorder.plan(key, json.loads(text), text))
    return 0


def could_not_start(code: int, line: str) -> int:
    print(clean_text(" ".join(line.split())), file=sys.stderr)
    return COULD_NOT_START + code


def main() -> int:
    """Return the exit code, after dbt has run or could not start."""
    end_with_parent()
    folder, key = Path(sys.argv[1]), sys.argv[2]
    try:
        with tempfile.TemporaryDirectory(prefix="meta-collector-plan-") as name:
            scratch = Path(name)
            os.environ |= {
                "META_LANDING_DIR": str(scratch / "landing"),
                "META_DB_PATH": str(scratch / "meta.duckdb"),
                "META_CONFIG_DIR": str(scratch / "configuration"),
            }
            (scratch / "configuration").mkdir()
            os.environ.pop("META_NOW", None)
            return make(folder, key, scratch)
    except ImportError as error:
        return could_not_start(EXIT_NO, f"dbt cannot be imported: {error}; run: {SET_UP}")
    except Exception as error:
        traceback.print_exc()
        return could_not_start(EXIT_NO, f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    sys.exit(main())
