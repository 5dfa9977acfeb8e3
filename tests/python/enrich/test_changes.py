"""`enrich changes` in its three forms, and where a comparison begins."""

from __future__ import annotations

import json
from datetime import datetime

import duckdb
import pytest
from enrich_fixtures import EVIL, HOSTILE, JQ, NEWEST, OBEYED, Workspace

from enrich.answers.change_page import write_first_lines
from enrich.answers.version_changes import Since, in_words, since
from enrich.db import Published
from enrich.options import Refusal
from loaders.publishing.previous import Previous, previous_of
from loaders.publishing.published_versions import swap_in

RUNS = [("r1", "crawl"), ("r2", "observe")]


@pytest.fixture
def workspace(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("META_NOW", "2026-03-03T12:00:00")
    return workspace


def follow(workspace: Workspace, *before: object) -> None:
    """Let the published file follow a version, as publishing does."""
    with duckdb.connect(str(workspace.published)) as db:
        db.execute(
            "create macro published_before() as table select * from (values (?, ?, ?, ?))"
            " as before (version, as_of, landed_up_to, recorded_run_id)".replace("?", "{}").format(
                *before
            )
        )


def test_the_page_lists_the_most_important_first(workspace: Workspace) -> None:
    shown = workspace.ask("changes", "--since", "2026-02-01").stdout
    assert shown.splitlines()[:2] == [
        "Changed since 2026-02-01 00:00 UTC",
        "1 project renamed, 1 finding opened, 7 tags made",
    ]
    assert shown.splitlines()[3:7] == [
        "jq",
        "  /w/jq",
        "  Renamed from jqlang to jq",
        "  7 tags made: v1, v2, v3, v4, v5 and 2 more",
    ]
    assert not OBEYED.search(shown)


def test_markdown_shows_names_as_they_are(workspace: Workspace) -> None:
    shown = workspace.ask("changes", "--since", "5 days", "--format", "markdown").stdout
    assert shown.startswith("# Changed since 2026-02-26 12:00 UTC\n\n1 project renamed, ")
    assert "## jq\n\n/w/jq\n\n- Renamed from jqlang to jq\n" in shown
    assert not OBEYED.search(shown) and "\\[red\\]" in shown and "[red]" not in shown


def test_json_has_every_column(workspace: Workspace) -> None:
    shown = json.loads(workspace.ask("changes", "--since", "2026-02-01", "--format", "json").stdout)
    assert shown["since"] == {"at": "2026-02-01T00:00:00Z", "version": None}
    assert shown["counts"] == {"project_renamed": 1, "finding_opened": 1, "tag_created": 7}
    assert [one["project_id"] for one in shown["projects"]] == [JQ, EVIL]
    assert shown["projects"][1]["changes"][0]["sentence"] == HOSTILE


def test_only_what_the_version_before_did_not_have(workspace: Workspace) -> None:
    assert workspace.ask("changes").stdout == (
        "this is the first published version: nothing to compare it with\n"
    )
    follow(workspace, 7, "timestamp '2026-02-28 02:00'", 1, "null")
    assert "Changed since version 7 (2026-02-28 02:00 UTC)\n1 project renamed, 7 tags made\n" in (
        workspace.ask("changes").stdout
    )
    only = workspace.ask("changes", "--project", JQ, "--since", "2026-03-02").stdout
    assert only == "nothing changed since 2026-03-02 00:00 UTC\n"


def test_what_that_version_was_the_first_to_see_is_not_new(workspace: Workspace) -> None:
    follow(workspace, 7, "timestamp '2026-02-28'", 0, "'r1'")
    assert "finding" not in workspace.ask("changes").stdout


def test_a_refresh_ends_with_the_first_lines(workspace: Workspace, capsys) -> None:
    write_first_lines(Published())
    assert capsys.readouterr().out == ""
    follow(workspace, 7, "timestamp '2026-02-28 02:00'", 0, "null")
    write_first_lines(Published())
    shown = capsys.readouterr().out.splitlines()
    assert shown[:4] == [
        "",
        "Changed since version 7 (2026-02-28 02:00 UTC)",
        "1 project renamed, 1 finding opened, 7 tags made",
        "  jq: Renamed from jqlang to jq",
    ]


@pytest.mark.parametrize(
    ("given", "at"),
    [
        ("2026-02-01", datetime(2026, 2, 1)),
        ("20260201", datetime(2026, 2, 1)),
        ("2026-02-01T08:30", datetime(2026, 2, 1, 8, 30)),
        ("2026-02-01T08:30+02:00", datetime(2026, 2, 1, 6, 30)),
        ("7 days", datetime(2026, 2, 24, 12)),
        ("1 Day", datetime(2026, 3, 2, 12)),
        ("2w", datetime(2026, 2, 17, 12)),
        ("3 hours", datetime(2026, 3, 3, 9)),
    ],
)
def test_a_comparison_begins_at_a_date_or_a_span(workspace, given: str, at: datetime) -> None:
    assert since(Published(), given) == Since(at)


@pytest.mark.parametrize("given", ["yesterday", "7", "-1 days", "99999 w\x1b", "", "2026-13-01"])
def test_anything_else_is_refused_in_one_line(workspace: Workspace, given: str) -> None:
    result = workspace.ask("changes", "--since", given)
    assert result.exit_code == 2 and not OBEYED.search(result.stderr)


def test_a_comparison_begins_at_a_kept_version(workspace: Workspace) -> None:
    from loaders.base.paths import locations

    draft = workspace.published.with_name("draft.duckdb")
    workspace.published.rename(draft)
    facts = {"as_of": "2026-02-28T00:00:00", "landed_up_to": 1, "landed_last": "r1"}
    swap_in(draft, locations(), facts | {"recorded_run_id": "r2", "contract": {}})
    begin = since(Published(), "1")
    assert begin == Since(datetime(2026, 2, 28), 1, 1, "r2")
    assert str(begin) == "version 1 (2026-02-28 00:00 UTC)"
    with pytest.raises(Refusal, match="version 3 is not kept any more; kept versions: 1"):
        since(Published(), "3")


def test_a_note_says_what_its_version_had() -> None:
    note = {"generation": 4, "as_of": "2026-03-01T12:00:00", "landed_up_to": 1}
    assert previous_of(note, RUNS) == Previous(4, NEWEST, 1, "r2")  # by older code
    named = note | {"landed_last": "r1", "recorded_run_id": None}
    assert previous_of(named, RUNS) == Previous(4, NEWEST, 1, None)
    assert previous_of(named | {"landed_last": "x"}, RUNS) is None  # another zone
    assert previous_of(named | {"landed_up_to": 9}, RUNS) is None
    assert previous_of({}, RUNS) is None


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({"project_new": 1, "finding_grown": 1}, "1 new project, 1 finding grew"),
        ({"project_new": 2, "finding_grown": 1200}, "2 new projects, 1,200 findings grew"),
        ({"history_rewritten": 1, "of_newer_code": 2}, "1 branch rewritten, 2 of_newer_code"),
    ],
)
def test_numbers_in_words(numbers: dict[str, int], words: str) -> None:
    assert in_words(numbers) == words
