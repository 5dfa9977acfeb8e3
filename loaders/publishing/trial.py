"""Judge by a rule with other thresholds, now and at earlier moments, in a database that is never
published.

Run in a process of its own, with the request as JSON on standard input and META_DB_PATH naming a
file in a scratch folder: `python -m loaders.publishing.trial`. Writes one line of JSON for each
moment, on a copy of standard output that dbt does not write to.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from typing import Any

import duckdb
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from loaders.base.engine_paths import plain_path
from loaders.base.paths import PROJECT_ROOT, Locations, locations
from loaders.publishing.trial_changes import Findings, compared


class TrialError(Exception):
    """dbt could not build what the rule needs; the message says why."""


class Bench:
    """One rule, built again and again: dbt parses once."""

    def __init__(self, gap_type: str, where: Locations) -> None:
        self._gap_type = gap_type
        self._model = f"gap_{gap_type.lower()}"
        self._where = where
        places = [*("--project-dir", str(PROJECT_ROOT)), *("--profiles-dir", str(PROJECT_ROOT))]
        scratch = [
            "--target-path",
            plain_path(where.work_folder / "target"),
            "--log-path",
            plain_path(where.work_folder),
        ]
        self._options = [
            *places,
            *scratch,
            "--log-level",
            "error",
            "--log-level-file",
            "none",
            "--no-use-colors",
        ]
        parsed = dbtRunner().invoke(["parse", *self._options])
        if not parsed.success:
            raise TrialError(str(parsed.exception or "dbt cannot parse its models"))
        assert isinstance(parsed.result, Manifest)  # `parse` gives one
        self._manifest = parsed.result
        # dbt cannot copy what is disabled, and nothing here asks for it.
        self._manifest.disabled.clear()
        self._run("seed")

    def judge(self, selection: str, variables: Mapping[str, Any]) -> Findings:
        """Build the *selection* and return the findings of the rule."""
        self._run("run", "--select", selection, "--vars", json.dumps(dict(variables)))
        return self._read()

    def _run(self, *command: str) -> None:
        # An invocation leaves in its manifest what it compiled, and does not compile that again.
        done = dbtRunner(manifest=self._manifest.deepcopy()).invoke([*command, *self._options])
        if not done.success:
            raise TrialError(_what_failed(done))

    def _read(self) -> Findings:
        # dbt keeps its own file open, in a configuration that no second reader may have.
        copy = self._where.engine_folder / "verdicts.duckdb"
        shutil.copyfile(self._where.build_database, copy)
        with duckdb.connect(plain_path(copy), read_only=True) as db:
            rows = db.execute(_FINDINGS.format(model=self._model)).fetchall()
        return {
            (project, subject): (stake, confidence) for project, subject, stake, confidence in rows
        }

    def compare(self, moment: str | None, thresholds: Mapping[str, float]) -> dict[str, Any]:
        """Return what the *thresholds* change at *moment* (ISO 8601 in UTC; None: now)."""
        variables = {"as_of": moment} if moment else {}
        before = self.judge(f"+{self._model}", variables)
        trial = {**variables, "rule_thresholds": {self._gap_type: dict(thresholds)}}
        return compared(moment, before, self.judge(rebuilt_for(self._model), trial))


def rebuilt_for(model: str) -> str:
    """Return what dbt selects to judge again: all that a threshold can reach on its way to *model*.

    The numbers of a rule are also read by models that it only builds on, such as the coverage of
    each project.
    """
    return f"int_rules__thresholds+,+{model}"


# A rule that gives no stake or confidence of its own has the default, which no threshold changes.
_FINDINGS = """
    select project_path, subject, stake, confidence_ratio
    from (
        select * from internal.{model}
        union all by name
        select null::double as stake, null::double as confidence_ratio where false
    )
    where verdict = 'fail'
    order by all
"""


def _what_failed(done: Any) -> str:
    if done.exception:
        return str(done.exception)
    return "; ".join(
        f"{result.node.name}: {result.message}"
        for result in done.result
        if result.status == "error"
    )


def main() -> int:
    """Read the request (`gap_type`, `thresholds`, `moments`), write a line for each moment."""
    request = json.load(sys.stdin)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    where = locations()
    try:
        bench = Bench(request["gap_type"], where)
        for moment in request["moments"]:
            print(
                json.dumps(bench.compare(moment, request["thresholds"])), file=answers, flush=True
            )
    except TrialError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
