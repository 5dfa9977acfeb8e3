"""The options of `enrich refresh-meta`: quiet, JSON, a dry run, and to resume a broken one."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from enrich_fixtures import Workspace

from enrich.commands.operate import build_progress
from enrich.commands.operate.build_progress import (
    BuildProgress,
    LastBuild,
    progress_text,
    read_progress,
)
from loaders.base.locks import FileLock
from loaders.base.paths import locations
from loaders.building.__main__ import noting
from loaders.publishing.builds import refresh_lock
from loaders.publishing.refresh_record import last_refresh
from loaders.sources.contents import land as contents_land
from loaders.sources.crawl import source as crawl_source
from loaders.zone.landing import LandingZone
from loaders.zone.source_form import Refresh

STEPS = ["crawl", "codegraphx", "signals", "manifests", "git", "reports", "runs", "build"]


# -- output ----------------------------------------------------------------------------------------


def test_a_quiet_refresh_prints_only_problems(workspace, dbt, code) -> None:
    good = workspace.ask("refresh-meta", "--quiet", str(code))
    assert (good.exit_code, good.stdout, good.stderr) == (0, "", "")

    dbt.outcome = "not published: 3 of 4 nodes"
    bad = workspace.ask("refresh-meta", "--quiet")
    assert (bad.exit_code, bad.stdout) == (1, "")
    assert bad.stderr.startswith("not published: 3 of 4 nodes\n")


def test_the_document_has_every_step_run_and_count(workspace, dbt, code) -> None:
    answer = workspace.ask("refresh-meta", "--json", str(code))
    found = json.loads(answer.stdout)
    assert (answer.exit_code, answer.stderr, found["exit_code"]) == (0, "", 0)
    assert found["is_published"] and found["outcome"] == "published: version 7"
    assert [(step["step"], step["status"]) for step in found["steps"]] == [
        (name, "done") for name in STEPS
    ]
    assert found["steps"][0]["lines"] == ["crawled: 1 file in 0 repositories, 1 change landed"]
    assert found["steps"][0]["counts"] == [{"action": "crawl", **_counts(1, landed=1)}]
    assert found["runs"][0]["action"] == "crawl" and found["runs"][0]["landed"] == 1
    assert found["roots"] == [str(code)] and found["duration_seconds"] > 0


def _counts(discovered: int, **others: int) -> dict[str, int]:
    zero = {"landed": 0, "unchanged": 0, "skipped": 0, "quarantined": 0}
    return {"discovered": discovered, **zero, **others}


def test_the_document_is_also_written_if_nothing_is_published(
    workspace, dbt, code, monkeypatch
) -> None:
    dbt.outcome = "not published: 3 of 4 nodes"
    found = json.loads(workspace.ask("refresh-meta", "--json", str(code)).stdout)
    assert (found["exit_code"], found["is_published"]) == (1, False)
    assert found["outcome"] == "not published: 3 of 4 nodes"
    assert found["steps"][-1]["status"] == "broken off"

    with FileLock(refresh_lock(locations()), "refresh"):
        answer = workspace.ask("refresh-meta", "--json", str(code))
    found = json.loads(answer.stdout)
    assert (answer.exit_code, found["exit_code"], found["steps"]) == (3, 3, [])
    assert "already under way (refresh, pid " in found["outcome"]

    found = json.loads(workspace.ask("refresh-meta", "--json", str(code / "typo")).stdout)
    assert found["exit_code"] == 2 and found["outcome"].endswith("no such folder")

    monkeypatch.setattr(crawl_source, "_crawl_group", lambda *_: False)
    found = json.loads(workspace.ask("refresh-meta", "--json", str(code)).stdout)
    assert found["exit_code"] == 1 and found["outcome"].endswith("nothing of this could be crawled")


def test_the_record_keeps_the_exit_code_which_make_replaces(workspace, dbt, code) -> None:
    for outcome, code_kept in (("not published: x", 1), ("published: version 7", 0)):
        dbt.outcome = outcome
        assert workspace.ask("refresh-meta", str(code)).exit_code == code_kept
        record = json.loads((locations().work_folder / "refresh.json").read_text())
        assert (record["exit_code"], record["outcome"]) == (code_kept, outcome)


# -- a dry run -------------------------------------------------------------------------------------


def test_a_dry_run_counts_and_writes_nothing(workspace, dbt, code) -> None:
    before = sorted(workspace.published.parent.rglob("*"))
    answer = workspace.ask("refresh-meta", "--dry-run", str(code))
    assert answer.exit_code == 0 and sorted(workspace.published.parent.rglob("*")) == before
    assert answer.stdout == (
        "crawled: 1 file in 0 repositories, 1 change would land\n"
        "not known before the crawl has landed: changes of signals, manifests, git\n"
        "a build of everything would follow\n"
        "dry run: nothing was landed, built or published\n"
    )
    assert workspace.ask("refresh-meta", str(code)).exit_code == 0
    entries = len(LandingZone(workspace.landing).entries())
    (code / "b.py").write_text("print(2)\n")
    found = json.loads(workspace.ask("refresh-meta", "--dry-run", "--json").stdout)
    assert found["is_dry_run"] and found["steps"][0]["counts"][0]["landed"] == 1
    assert len(LandingZone(workspace.landing).entries()) == entries and len(dbt.calls) == 1


# -- to resume -------------------------------------------------------------------------------------


def test_a_broken_refresh_goes_on_with_the_step_that_broke(
    workspace, dbt, code, monkeypatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", str(workspace.landing))

    with monkeypatch.context() as broken:
        broken.setattr(contents_land, "land_contents", full)
        assert workspace.ask("refresh-meta", str(code)).exit_code == 1
    record = last_refresh(locations())
    assert (record.done, record.under_way, record.exit_code) == (STEPS[:2], "signals", 1)

    answer = workspace.ask("refresh-meta", "--resume", "--json")
    found = json.loads(answer.stdout)
    assert answer.exit_code == 0 and found["is_resumed"] and found["is_published"]
    assert [(step["step"], step["status"]) for step in found["steps"]] == [
        *((name, "done before") for name in STEPS[:2]), *((name, "done") for name in STEPS[2:])
    ]  # fmt: skip
    again = workspace.ask("refresh-meta", "--resume")
    assert (again.exit_code, len(dbt.calls)) == (0, 1)
    assert again.stdout == "nothing is left of the last refresh: published: version 7\n"


def test_a_red_build_is_repeated_alone(workspace, dbt, code, monkeypatch) -> None:
    dbt.outcome = "not published: 3 of 4 nodes"
    assert workspace.ask("refresh-meta", str(code)).exit_code == 1
    dbt.outcome = "published: version 7"
    monkeypatch.setattr(crawl_source, "_crawl_group", lambda *_: pytest.fail("crawled again"))
    answer = workspace.ask("refresh-meta", "--resume", str(code))
    assert answer.exit_code == 0
    assert answer.stdout.startswith("resumed: the refresh of ")
    assert (
        "done before: crawl, codegraphx, signals, manifests, git, reports, runs; " in answer.stdout
    )


def test_an_interrupted_crawl_uses_what_had_been_read(workspace, dbt, code, monkeypatch) -> None:
    resumed = []

    def crawl(zone: object, roots: object, profile: str, refresh: SimpleNamespace) -> bool:
        resumed.append(refresh.is_resumed)
        if len(resumed) == 1:
            raise KeyboardInterrupt
        return True

    monkeypatch.setattr(crawl_source, "_crawl_group", crawl)
    assert workspace.ask("refresh-meta", str(code)).exit_code == 130
    assert workspace.ask("refresh-meta", "--resume", str(code)).exit_code == 0
    assert resumed == [False, True]


def test_a_refresh_that_cannot_go_on_is_refused(workspace, dbt, code, tmp_path) -> None:
    LandingZone(workspace.landing)
    none = workspace.ask("refresh-meta", "--resume", str(code))
    assert (none.exit_code, dbt.calls) == (2, []) and "no refresh is recorded" in none.stderr

    dbt.outcome = "not published: 3 of 4 nodes"
    assert workspace.ask("refresh-meta", str(code)).exit_code == 1
    (tmp_path / "other").mkdir()
    other = workspace.ask("refresh-meta", "--resume", str(tmp_path / "other"))
    assert other.exit_code == 2 and "was of other folders" in other.stderr
    for words in (("--dry-run",), ("--profile", "default")):
        assert workspace.ask("refresh-meta", "--resume", *words).exit_code == 2
    path = locations().work_folder / "refresh.json"
    for content in (
        b"",
        b"[]",
        b"{}",
        path.read_bytes().replace(b'"done": [', b'"done": 3, "x": ['),
    ):
        path.write_bytes(content)
        assert workspace.ask("refresh-meta", "--resume").exit_code == 2


# -- progress --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("done", "total", "elapsed", "left"),
    [
        # the last build, as long as this one has no pace of its own
        ([], 4, 2.0, 38.0),
        ([], 4, 60.0, 0.0),
        # half of the work in 30 s
        (["a", "b"], 4, 30.0, 30.0),
        (["a", "b", "c", "d"], 4, 60.0, 0.0),
        # a node that the last build did not have is an average one
        (["a", "b", "new"], 5, 30.0, 20.0),
    ],
)
def test_the_time_left_follows_the_durations_of_the_last_build(
    done: list[str], total: int, elapsed: float, left: float
) -> None:
    last = LastBuild(nodes={"a": 18.0, "b": 2.0, "c": 10.0, "d": 10.0})
    assert last.seconds_left(done, total, elapsed) == pytest.approx(left)


def test_the_first_build_has_only_its_pace() -> None:
    assert LastBuild().seconds_left([], 10, 5.0) is None
    assert LastBuild().seconds_left("abcde", 10, 5.0) == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("done", "total", "left", "text"),
    [
        (0, 0, None, "building and testing …"),
        (3, 10, None, "building and testing: 3 of 10 nodes"),
        (3, 10, 99.4, "building and testing: 3 of 10 nodes, about 99 s left"),
        (3, 10, 240.0, "building and testing: 3 of 10 nodes, about 4 min left"),
    ],
)
def test_the_line_of_progress(done: int, total: int, left: float | None, text: str) -> None:
    assert progress_text(done, total, left) == text


def test_nodes_that_end_are_noted_and_read(tmp_path: Path) -> None:
    file = tmp_path / "progress"
    with noting(str(file)) as done:
        done("model.a", 2)
        done("test.b", 2)
    with file.open("a") as written:
        written.write("model.half")
    assert read_progress(file) == ({"model.a", "test.b"}, 2)
    assert read_progress(tmp_path / "none") == (set(), 0)
    with noting(str(tmp_path / "none" / "progress")) as done:
        done("model.a", 2)


def test_a_log_gets_a_plain_line_only_if_a_build_takes_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "progress").write_text("model.a 2\n")
    monkeypatch.setattr(build_progress, "_CHECK_SECONDS", 0.01)
    progress = BuildProgress(tmp_path / "progress", LastBuild(), lambda line: None)
    with progress:
        progress._is_over.wait(0.05)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(build_progress, "_PLAIN_SECONDS", 0.02)
    progress = BuildProgress(tmp_path / "progress", LastBuild(), lambda line: None)
    with progress:
        progress._is_over.wait(1.0)
    assert capsys.readouterr().err.startswith(
        "building and testing: 1 of 2 nodes, about 0 s left\n"
    )


def test_results_that_cannot_be_read_are_none() -> None:
    for content in ("", "[]", "{}", '{"statuses": {"a": 1}, "made": 3}', "published\n[1]\n"):
        assert LastBuild.read(content) == LastBuild()
    whole = '{"statuses": {"a": "success"}, "made": [], "seconds": {}, "unchanged_since": null}'
    assert LastBuild.read(f"published: version 2\n{whole}\n").line == "made 0 of 1 nodes, kept 1"


# -- warnings --------------------------------------------------------------------------------------


@pytest.fixture
def problems(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The problems that every crawl has."""
    found: list[str] = []

    def crawl(zone: LandingZone, roots: object, profile: str, refresh: Refresh) -> bool:
        with zone.run("crawl", ["test"]) as run:
            for text in found:
                run.problem(text)
        refresh.report.warnings(run, [])
        return True

    monkeypatch.setattr(crawl_source, "_crawl_group", crawl)
    return found


def _shown(workspace: Workspace, code: Path) -> tuple[list[str], str]:
    """Return the warnings of a refresh, and its line about the known ones."""
    answer = workspace.ask("refresh-meta", str(code))
    assert answer.exit_code == 0, answer.stderr
    known = [line for line in answer.stdout.splitlines() if line.startswith("known warnings")]
    return answer.stderr.splitlines(), "".join(known)


def test_a_warning_that_repeats_is_shown_once_and_a_new_one_always(
    workspace, dbt, code, problems
) -> None:
    listed = "; list them: enrich warnings list"
    problems.append("/a: unreadable")
    assert _shown(workspace, code) == (["warning: /a: unreadable"], "")
    problems.append("/b: unreadable")
    assert _shown(workspace, code) == (
        ["warning: /b: unreadable"],
        f"known warnings: 1 shown before{listed}",
    )
    assert _shown(workspace, code) == ([], f"known warnings: 2 shown before{listed}")
    problems.remove("/a: unreadable")
    assert _shown(workspace, code) == ([], f"known warnings: 1 shown before{listed}")
    # It was gone, and is news.
    problems.append("/a: unreadable")
    assert _shown(workspace, code)[0] == ["warning: /a: unreadable"]
    found = json.loads(workspace.ask("refresh-meta", "--json", str(code)).stdout)
    assert (found["warnings"], found["warning_counts"]["known"]) == ([], 2)


def test_a_quiet_refresh_prints_a_fault_of_the_configuration_once(
    workspace, dbt, code, problems, tmp_path, monkeypatch
) -> None:
    monkeypatch.setenv("META_CONFIG_DIR", str(tmp_path / "team"))
    (tmp_path / "team").mkdir()
    (tmp_path / "team" / "rule_thresholds.csv").write_text("gap_type,threshold,value\nNO,x,1\n")
    first = workspace.ask("refresh-meta", "--quiet", str(code))
    assert first.stdout == ""
    assert first.stderr.startswith("warning: configuration: rule_thresholds.csv:2: gap_type: NO")
    assert workspace.ask("refresh-meta", "--quiet", str(code)).output == ""
    assert [row["action"] for row in _listed(workspace)] == ["configuration"]
    status = json.loads(workspace.ask("status", "--json").stdout)
    assert status["configuration_faults"] == 1


def test_more_new_warnings_than_fit_are_shown_by_the_next_refresh(
    workspace, dbt, code, problems
) -> None:
    problems.extend(f"/{number:02}: unreadable" for number in range(60))
    first, _ = _shown(workspace, code)
    assert len(first) == 11 and first[-1] == "warning: 50 more problems are in the run's record"
    second, known = _shown(workspace, code)
    assert second[0] == "warning: /10: unreadable" and known.startswith(
        "known warnings: 10 shown before"
    )


def test_an_accepted_warning_is_counted_until_it_is_withdrawn(
    workspace, dbt, code, problems
) -> None:
    problems.extend(["/a[1]: unreadable", "/b: unreadable", "/c: odd"])
    assert len(_shown(workspace, code)[0]) == 3
    rows = {row["warning"]: row for row in _listed(workspace)}
    given = ("--reason", "accepted_risk", "--owner", "Jo")
    by_id = workspace.ask("warnings", "accept", rows["/a[1]: unreadable"]["id"][:8], *given)
    assert by_id.stdout == "accepted from the next refresh: /a[1]: unreadable\n"
    assert workspace.ask("warnings", "accept", "/b*", *given, "--until", "never").exit_code == 0
    assert [row["state"] for row in _listed(workspace)] == ["accepted", "accepted", "known"]
    assert _listed(workspace)[0]["owner"] == "Jo"

    problems.append("/b2: unreadable")
    shown, known = _shown(workspace, code)
    assert shown == [] and known.startswith("known warnings: 1 shown before, 3 accepted; ")

    assert workspace.ask("warnings", "withdraw", "/b*").stdout == "withdrawn: /b*\n"
    assert _shown(workspace, code)[1].startswith("known warnings: 3 shown before, 1 accepted; ")
    assert workspace.ask("warnings", "withdraw", "/b*").exit_code == 2
    # Waivers of findings are another list.
    waived = workspace.ask("waive", "WARNING:/a[1]: unreadable", "--withdraw")
    assert waived.exit_code == 2


def _listed(workspace: Workspace) -> list[dict]:
    return json.loads(workspace.ask("warnings", "list", "--format", "json").stdout)


@pytest.mark.parametrize(
    "words",
    [
        ("none", "--reason", "accepted_risk", "--owner", "Jo"),
        ("/a*", "--reason", "laziness", "--owner", "Jo"),
        ("/a*", "--reason", "accepted_risk"),
        ("/a*", "--reason", "accepted_risk", "--owner", "Jo", "--until", "2001-01-01"),
    ],
)
def test_an_acceptance_without_sense_is_refused(workspace, dbt, code, problems, words) -> None:
    problems.append("/a: unreadable")
    _shown(workspace, code)
    assert workspace.ask("warnings", "accept", *words).exit_code == 2
    assert _listed(workspace)[0]["state"] == "known"


def test_without_a_refresh_there_are_no_warnings(workspace) -> None:
    assert workspace.ask("warnings", "list").stdout == "no refresh has ended\n"
    assert not workspace.landing.exists()
