"""History as git has it: landed once, whatever happens to repositories.

Asked for any file and time.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import history_truth
import pytest
from git_fixtures import FIRST_COMMIT_AT_S, commit, git, lose_a_tree, make_repository, object_path
from history_world import change, crawl_history, history_world
from hostile_set import plant_set
from jinja2 import Environment
from product import Product
from replayed_build import build, refresh
from worlds import landed

from loaders.base.paths import PROJECT_ROOT
from loaders.keeping.compact import compact
from loaders.safe_git import changes as git_changes
from loaders.safe_git import reader as git_reader
from loaders.safe_git.changes import LineReader, Pair, RawReader
from loaders.safe_git.commits import READER, parse_commit
from loaders.safe_git.mailmap import parse_mailmap
from loaders.sources.git_history import history_rows, known_history
from loaders.sources.git_history.land import land_history
from loaders.zone.landing import LandingZone

TABLES = ("commits", "git_commits", "git_refs", "file_versions", "v_file_history")
# Half a year after all of it.
NOW = "2024-06-01T00:00:00"
FULL = ("tangled", "clone", "mirror.git", "linked")


# -- what git says, piece by piece -----------------------------------------------------------------


def test_a_commit_is_parsed_as_by_git() -> None:
    found = parse_commit(
        b"tree t\nparent p\nparent q\nauthor Z\xc3\xb6e <z@example.org> 1700000000 +0530\n"
        b"committer A <b> <c@d> 99999999999999999999 +0000\nencoding latin-1\ngpgsig -----BEGIN\n"
        b" parent x\n\n"
        b"\n  One\ntwo \x1b[31m\xe9\n\nbody\n\n\tmore\x00\nhttps://me:pw@host/x\n"
    )
    assert (found.tree, found.parents) == ("t", ["p", "q"])
    assert (found.author.email, found.author.at_s, found.author.zone) == (
        "z@example.org",
        1_700_000_000,
        "+0530",
    )
    assert (found.committer.name, found.committer.email, found.committer.at_s) == ("A", "b", None)
    assert found.subject == "One two \\x1b[31mé"
    assert found.body == "body\n\n    more\\x00\nhttps://host/x"


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        (b"+0530", "+0530"),
        (b"+051800", "+51800"),
        (b"-700", "-0700"),
        (b"-7:00", "-0007"),
        (b"-0000", "+0000"),
        (b"+99999999999", "+0000"),
        (b"", None),
        (b"+", None),
        (b"0530", None),
    ],
)
def test_a_zone_is_that_of_git(zone: bytes, shown: str | None) -> None:
    who = b"A <a@b> 1700000000 " + zone
    found = parse_commit(b"tree t\nauthor " + who + b"\ncommitter " + who + b"\n\nx\n")
    assert (found.author.zone, found.committer.zone, found.author.at_s) == (
        shown,
        shown,
        1_700_000_000,
    )


@pytest.mark.parametrize(
    ("message", "subject", "body"),
    [
        (b"a\r\nb \r\n\r\n\r\nbody\r\nx\r\n", "a b", "body\nx"),
        (b"s\n \t\n\n  \n  b1\n b2  \n\n\n", "s", "  b1\n b2  "),
        (b"\n\n", "", ""),
        (b"only", "only", ""),
        (b"a\rb\n\nc\rd\n", "a\\x0db", "c\\x0dd"),
        (b"s\n\x0c\nb\n", "s \\x0c b", ""),
    ],
)
def test_subject_and_body_are_those_of_git(message: bytes, subject: str, body: str) -> None:
    found = parse_commit(b"tree t\n\n" + message)
    assert (found.subject, found.body) == (subject, body)


_MAILMAP = """\
# Comment <a@example.org> <b@example.org>
Ann Proper <ann@new.example> <ANN@old.example> # trailing
Ann B <annb@new.example> ann b <shared@example.org>
Bob Proper <shared@example.org>
Zed One <zed@example.org>
Zed Two <zed@example.org>
<zed@two.example> <zed@example.org>
Empty <empty@new.example> Nameless <>
Tabs\t<tabs@new.example>\t<tabs@example.org>
<no-change@example.org>
Unclosed <unclosed@example.org
No address here
"""
_AUTHORS = (
    "Ann <ann@OLD.example>",
    "ANN B <Shared@example.org>",
    "Bob <shared@example.org>",
    "Zed <zed@example.org>",
    "Nameless <>",
    "Other <>",
    "T <tabs@example.org>",
    "N <no-change@example.org>",
    "U <unclosed@example.org>",
    "B <b@example.org>",
)


def test_a_mailmap_is_read_as_by_git(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "r")
    (repository / ".mailmap").write_text(_MAILMAP)
    expected = git(repository, "check-mailmap", *_AUTHORS).decode().splitlines()
    mapped = {
        (mapping.commit_email, mapping.commit_name): mapping
        for mapping in parse_mailmap(_MAILMAP.encode())
    }
    found = []
    for author in _AUTHORS:
        name, email = author.removesuffix(">").split(" <")
        keys = ((email.lower(), name.lower()), (email.lower(), ""))
        mapping = next((mapped[key] for key in keys if key in mapped), None)
        proper = (mapping.proper_name, mapping.proper_email) if mapping else (None, None)
        found.append(f"{proper[0] or name} <{proper[1] or email}>")
    assert found == expected


@pytest.mark.parametrize(
    ("subject", "body", "remote", "number"),
    [
        ("Merge pull request #12 from ann/topic", "", "github.com", 12),
        ("Merge pull request #12 in PROJ/repo from topic to master", "", "bitbucket.org", 12),
        ("Merge pull request 12 from topic into main", "", "dev.azure.com", 12),
        ("Merged PR 12: Add a thing", "", "dev.azure.com", 12),
        ("Merged in topic (pull request #12)", "", "bitbucket.org", 12),
        ("Merge pull request 'Add (a) thing' (#12) from topic into main", "", "codeberg.org", 12),
        ("Add a thing (#12)", "", "github.com", 12),
        ('Revert "Add a thing (#12)" (#15)', "", "github.com", 15),
        ("gh-1: Add a thing (GH-12)", "", "github.com", 12),
        ("Merge branch 'topic' into 'main'", "x\n\nSee merge request g/sub/p!12", "gitlab.com", 12),
        ("Merge branch 'topic' into 'main'", "See merge request !12\n", "gitlab.com", 12),
        ("Add a thing (!12)", "", "gitlab.com", 12),
        ("Auto merge of #12 - ann:topic, r=bob", "", "github.com", 12),
        (
            "Add",
            "Change-Id: I12\nReviewed-on: https://review.example/c/p/+/12",
            "review.example",
            12,
        ),
        ("Add", "Reviewed-on: https://codeberg.org/o/p/pulls/12", "codeberg.org", 12),
        # Negative twins.
        ("Add", "Change-Id: I1234567890123456789012345678901234567890", "review.example", None),
        ("Add a thing (#12)", "", "https://gitlab.com", None),
        ("Fix (#12) in the parser", "", "github.com", None),
        ("Fix #12", "Fixes #12, see !13", "github.com", None),
        ('Revert "Merge pull request #12 from ann/topic"', "", "github.com", None),
        ('Revert "Merge branch"', "This reverts merge request !12", "gitlab.com", None),
        ("Quote", "> See merge request g/p!12", "gitlab.com", None),
        ("Quote", "as in See merge request g/p!12", "gitlab.com", None),
        ("Merged PRs 12 and 13", "", "github.com", None),
        ("Add (#12, #13)", "", "github.com", None),
        ("Add a colour (#12a)", "", "github.com", None),
        ("Add (#99999999999999999999)", "", "github.com", None),
        ("Merge branch 'pr/12'", "", "github.com", None),
    ],
)
def test_the_number_of_a_request(subject: str, body: str, remote: str, number: int | None) -> None:
    macro = (PROJECT_ROOT / "macros/engine/request_number.sql").read_text()
    remote = remote if "://" in remote else f"https://{remote}/o/p"
    module: Any = Environment().from_string(macro).module
    with duckdb.connect() as db:
        query = f"select {module.request_number('subject', 'body', 'remote')}"
        row = "select $1::varchar as subject, $2::varchar as body, $3::varchar as remote"
        found = db.execute(f"{query} from ({row})", [subject, body, remote]).fetchone()
    assert found == (number,)


@pytest.mark.parametrize(
    "data", [b"", b"\n\n", b"tree", b"author\ncommitter <\n\n", b"encoding rot13\n\nx"]
)
def test_a_commit_of_garbage_is_not_an_error(data: bytes) -> None:
    parse_commit(data)


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_output_may_be_split_anywhere(size: int) -> None:
    one, two = "1" * 40, "2" * 40
    head = f":100644 100644 {'a' * 40} {'b' * 40} "
    raw = (
        f"{one}\0{head}M\0:odd {one}\0{head}R086\0é\0new\0{two}\0{two}\0:000000 100644"
        f" {'0' * 40} {'b' * 40} A\0z\0"
    )
    taken: list = []
    reader = RawReader([Pair(one, None, 1), Pair(two, one, 1), Pair(two, "x", 2)], 0, taken.append)
    data = raw.encode()
    for start in range(0, len(data), size):
        reader.feed(data[start : start + size])
    reader.flush()
    (found,) = taken
    assert found.paths == [f":odd {one}", "new", "z"] and found.old_paths == [None, "é", None]
    rows = [
        number
        for number, count in zip(found.pairs, found.counts, strict=True)
        for _ in range(count)
    ]
    assert rows == [0, 0, 2] and reader.current == 2


def test_lines_with_names_of_any_kind() -> None:
    taken: list = []
    reader = LineReader([Pair("1" * 40, None, 1)], 0, taken.append)
    reader.feed(b"1" * 40 + b"\0003\t4\tplain\0-\t-\ta\tb\\x\0000\t1\t\0old\0new\xff\0")
    reader.flush()
    assert taken[0].heads == ["3\t4", "-\t-", "0\t1"]
    assert taken[0].paths == ["plain", "a\\x09b\\x5cx", "new\\xff"] and taken[0].old_paths == [
        None,
        None,
        "old",
    ]


# -- landing ---------------------------------------------------------------------------------------


def test_a_second_run_lands_nothing(zone: LandingZone, tmp_path: Path) -> None:
    root = history_world(tmp_path / "code")
    first = crawl_history(zone, root)
    assert first.run.counts.landed == first.repositories == 6 and first.run.problems == []
    commits = [
        row["commit_sha"] for row in landed(zone, "git_commits") if row["changes_state"] == "read"
    ]
    assert (
        len(commits) == len(set(commits)) == len(git(root / "tangled", "rev-list", "--all").split())
    )
    runs = len(zone.entries())
    second = land_history(zone)
    assert (second.unchanged, second.runs, len(zone.entries())) == (6, [], runs)


def test_only_what_is_new_lands(zone: LandingZone, tmp_path: Path) -> None:
    root = history_world(tmp_path / "code")
    crawl_history(zone, root)
    change(root)
    found = crawl_history(zone, root)
    assert found.commits == 2
    new = {row["subject"] for row in landed(zone, "git_commits", found.run.run_id)}
    assert new == {"new", "by force"}
    # Commits that no ref reaches any longer stay, with a mark.
    left = [row for row in landed(zone, "git_members", found.run.run_id) if not row["is_reachable"]]
    assert {row["repository_path"] for row in left} == set()
    git(root / "tangled", "checkout", "-q", "main~1")
    git(root / "tangled", "branch", "-f", "main", "main~1")
    git(root / "linked", "reset", "-q", "--hard", "main")
    found = crawl_history(zone, root)
    left = [row for row in landed(zone, "git_members", found.run.run_id) if not row["is_reachable"]]
    assert found.commits == 0 and {Path(row["repository_path"]).name for row in left} == {
        "tangled",
        "linked",
    }


def test_how_branches_and_tags_moved_lands_with_what_they_lost(
    zone: LandingZone, tmp_path: Path
) -> None:
    origin = make_repository(tmp_path / "code" / "origin", "-b", "main", commits=3)
    git(origin, "branch", "topic")
    clone, shallow = tmp_path / "code" / "clone", tmp_path / "code" / "shallow"
    git(tmp_path, "clone", "-q", str(origin), str(clone))
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{origin}", str(shallow))
    crawl_history(zone, tmp_path / "code")
    assert landed(zone, "git_ref_changes") == []

    lost = git(origin, "rev-parse", "main").decode()
    git(origin, "reset", "-q", "--hard", "main~1")
    git(origin, "branch", "-q", "-D", "topic")
    added = [commit(origin, f"other {day}.txt", day) for day in (7, 8)]
    git(origin, "tag", "v1")
    git(clone, "fetch", "-q", "--prune", "origin")
    git(shallow, "fetch", "-q", "--depth", "1", "origin")
    run = crawl_history(zone, tmp_path / "code").run

    rows = landed(zone, "git_ref_changes", run.run_id)
    assert [
        (Path(row["repository_path"]).name, row["ref_name"], row["change_type"], row["relation"])
        for row in sorted(rows, key=lambda row: (row["repository_path"], row["ref_name"]))
    ] == [
        ("clone", "refs/remotes/origin/main", "moved", "diverged"),
        ("clone", "refs/remotes/origin/topic", "deleted", None),
        ("clone", "refs/tags/v1", "created", None),
        ("origin", "refs/heads/main", "moved", "diverged"),
        ("origin", "refs/heads/topic", "deleted", None),
        ("origin", "refs/tags/v1", "created", None),
        ("shallow", "refs/remotes/origin/main", "moved", "unknown"),
        ("shallow", "refs/tags/v1", "created", None),
    ]
    [rewritten] = [
        row for row in rows if row["is_default"] and row["repository_path"] == str(origin)
    ]
    assert (rewritten["lost_commits"], rewritten["lost_count"]) == ([lost], 1)
    assert (rewritten["added_commits"], rewritten["added_count"]) == (added[::-1], 2)
    assert rewritten["has_common_commit"] and rewritten["commit_before"] == lost

    # Compaction keeps what the next comparison needs.
    compact(zone, ["test"])
    git(clone, "pull", "-q", "--rebase", "origin", "main")
    git(clone, "branch", "kept", lost)
    rows = landed(zone, "git_ref_changes", crawl_history(zone, tmp_path / "code").run.run_id)
    assert [(row["ref_name"], row["change_type"], row["relation"]) for row in rows] == [
        ("refs/heads/kept", "created", None),
        ("refs/heads/main", "moved", "diverged"),
    ]


def test_texts_of_an_older_reader_are_parsed_again_once(
    zone: LandingZone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_repository(tmp_path / "code" / "one", commits=3)
    crawl_history(zone, tmp_path / "code")
    changes = landed(zone, "git_changes")
    for module in (git_reader, history_rows, known_history):
        monkeypatch.setattr(module, "READER", READER + 1)
    assert land_history(zone).commits == 0
    rows = landed(zone, "git_commits")
    assert sorted(row["changes_state"] for row in rows) == ["read"] * 3 + ["text"] * 3
    assert {row["reader"] for row in rows} == {READER, READER + 1}
    assert landed(zone, "git_changes") == changes
    assert land_history(zone).run is None


def test_a_shallow_clone_that_is_completed_is_read_again(zone: LandingZone, tmp_path: Path) -> None:
    origin = make_repository(tmp_path / "origin", commits=5)
    root = tmp_path / "code"
    root.mkdir()
    git(root, "clone", "-q", "--depth", "2", f"file://{origin}", str(root / "clone"))
    first = crawl_history(zone, root)
    (state,) = landed(zone, "git_repositories")
    assert (state["state"], state["reason"], state["is_shallow"], state["commit_count"]) == (
        "truncated",
        "shallow",
        True,
        2,
    )
    assert sorted(row["changes_state"] for row in landed(zone, "git_commits")) == [
        "boundary",
        "read",
    ]
    assert first.run.problems == [] and land_history(zone).unchanged == 1
    git(root / "clone", "fetch", "-q", "--unshallow")
    found = crawl_history(zone, root)
    assert found.commits == 4
    assert {row["changes_state"] for row in landed(zone, "git_commits", found.run.run_id)} == {
        "read"
    }


def test_missing_contents_cost_inexact_renames_and_lines_only(
    zone: LandingZone, tmp_path: Path
) -> None:
    repository = make_repository(tmp_path / "code/repository", commits=3)
    lost = git(repository, "rev-parse", "HEAD~1:src/file 1.txt")
    git(repository, "mv", "src/file 1.txt", "src/moved.txt")
    (repository / "src/moved.txt").write_text("file 1.txt\nmore\n")
    commit(repository, "file 3.txt", 3)
    commit(repository, "file 4.txt", 4)
    object_path(repository, lost).unlink()
    found = crawl_history(zone, tmp_path / "code")
    states = [row["changes_state"] for row in landed(zone, "git_commits")]
    assert (
        sorted(states) == ["exact"] * states.count("exact") + ["read"] * states.count("read")
        and len(states) == 5
    )
    assert {row["state"] for row in landed(zone, "git_lines")} >= {"read", "objects_missing"}
    assert found.run.problems == []


def test_a_missing_tree_leaves_its_reason_and_the_rest(zone: LandingZone, tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "code/repository", commits=3)
    lose_a_tree(repository)
    found = crawl_history(zone, tmp_path / "code")
    (state,) = landed(zone, "git_repositories")
    assert (state["state"], state["reason"], state["unread_count"]) == (
        "truncated",
        "objects_missing: 1 commits",
        1,
    )
    assert len(landed(zone, "git_changes")) == 2 and "objects_missing" in found.run.problems[0]


def test_a_commit_beyond_the_limit_is_refused_and_the_next_ones_are_read(
    zone: LandingZone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = make_repository(tmp_path / "code/repository", commits=1)
    for number in range(60):
        (repository / f"{number}.txt").write_text(str(number))
    commit(repository, "many", 1)
    commit(repository, "after", 2)
    monkeypatch.setattr(git_changes, "MOST_CHANGES", 50)
    crawl_history(zone, tmp_path / "code")
    states = {row["subject"]: row["changes_state"] for row in landed(zone, "git_commits")}
    assert states == {"file 0.txt": "read", "many": "too_many_changes", "after": "read"}
    # Held back, or not counted: a model joins changes to commits that were read.
    assert land_history(zone).unchanged == 1


def test_hostile_repositories_leave_their_reasons_and_delay_no_other(
    zone: LandingZone, tmp_path: Path
) -> None:
    healthy = make_repository(tmp_path / "code/healthy")
    place, expected = plant_set(tmp_path / "code/set", tmp_path)
    found = crawl_history(zone, tmp_path / "code")
    assert list(place.marks.iterdir()) == []
    states = {row["path"]: row for row in landed(zone, "git_repositories")}
    assert states[str(healthy)]["state"] == "read" and states[str(healthy)]["commit_count"] == 3
    for path, (state, _) in expected.items():
        row = states.get(os.fsdecode(path))
        if row and state == "refused":
            assert row["state"] in ("refused", "truncated") and row["reason"], path
    assert found.run.counts.discovered == found.repositories
    again = land_history(zone)
    assert again.commits == 0


def test_damaged_landed_files_are_landed_again(zone: LandingZone, tmp_path: Path) -> None:
    make_repository(tmp_path / "code/repository")
    run = crawl_history(zone, tmp_path / "code").run
    before = len(landed(zone, "git_changes"))
    next((zone.runs / run.run_id).glob("git_changes*")).write_bytes(b"")
    found = land_history(zone)
    assert found.commits == 3 and len(landed(zone, "git_changes", found.run.run_id)) == before


def test_a_folder_without_repositories_is_named(zone: LandingZone, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="no repository was crawled here"):
        land_history(zone, [os.fsencode(tmp_path)])


# -- published -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lived:
    root: Path
    product: Product


@pytest.fixture(scope="module")
def lived(tmp_path_factory) -> Lived:
    base = tmp_path_factory.mktemp("history")
    root = history_world(base / "code")
    product = Product(base / "product", now=NOW)
    refresh(product, root)
    return Lived(root, product)


def test_published_history_equals_the_output_of_git(lived: Lived) -> None:
    with duckdb.connect(str(lived.product.published), read_only=True) as db:
        for name in FULL:
            assert not any(history_truth.differences(db, str(lived.root / name)).values()), name
        (shallow,) = db.execute(
            "select count(*) from commits where project_path = $1 and is_reachable",
            [str(lived.root / "shallow")],
        ).fetchone()
        assert shallow == 3 or shallow == len(
            git(lived.root / "shallow", "rev-list", "--all").split()
        )


def test_any_file_at_any_time_equals_the_output_of_git(lived: Lived) -> None:
    with duckdb.connect(str(lived.product.published), read_only=True) as db:
        asked = [
            triple for triple in history_truth.triples(db, 600) if Path(triple[0]).name in FULL
        ]
        answers, _ = history_truth.ask(db, asked)
        expected = [history_truth.answer_of_git(db, *triple) for triple in asked]
        assert answers == expected
        assert 100 < sum(blob is not None for blob, _ in expected) < len(asked)


def test_a_file_is_followed_through_its_renames(lived: Lived) -> None:
    project = str(lived.root / "tangled")
    rows = lived.product.query(
        """
        select file_path, change_type from file_versions
        where file_lineage_id = (
            select any_value(file_lineage_id) from file_versions
            where project_path = $1 and file_path = 'src/c.py'
        )
        order by chain_place
        """,
        project,
    )
    assert [path for path, _ in rows][:3] == ["lib/a.py", "lib/b.py", "src/c.py"]
    assert [change for _, change in rows][:3] == ["A", "R", "R"]


def test_lines_are_counted_if_possible(lived: Lived) -> None:
    project = str(lived.root / "tangled")
    rows = dict(
        lived.product.query(
            "select file_path, lines_added from git_commits where project_path = $1 and subject"
            " = 'binary'",
            project,
        )
    )
    assert rows["binary.bin"] is None and rows["vendored"] == 1
    added = lived.product.query(
        "select lines_added, lines_removed from git_commits where project_path = $1 and subject"
        " = 'Rename a to b'",
        project,
    )
    assert added == [(1, 1)]


def test_no_password_of_a_url_is_published(lived: Lived) -> None:
    rows = lived.product.query(
        "select subject, body from commits where subject like 'Merge https%'"
    )
    assert set(rows) == {("Merge https://example.org/x", "See https://example.org/y?z.")}


def test_sha_at_and_history_answer(lived: Lived) -> None:
    path = lived.root / "tangled/src/c.py"
    at = FIRST_COMMIT_AT_S + 12 * 86_400
    commit_then = git(
        lived.root / "tangled", "rev-list", "-1", "--first-parent", f"--before={at}", "main"
    ).decode()
    blob = git(lived.root / "tangled", "rev-parse", f"{commit_then}:src/c.py").decode()
    time = "2023-11-26T23:13:20+01:00"
    assert lived.product.enrich("sha-at", path, time).stdout == f"{blob} {commit_then}\n"
    found = json.loads(lived.product.enrich("sha-at", "--json", path, time).stdout)
    assert (found["blob_id"], found["commit_sha"], found["file_path"]) == (
        blob,
        commit_then,
        "src/c.py",
    )
    on_three = git(lived.root / "tangled", "rev-parse", "three:src/c.py", "three").decode().split()
    assert (
        lived.product.enrich("sha-at", "--ref", "three", path, "2030-01-01").stdout.split()
        == on_three
    )
    assert lived.product.enrich("sha-at", "--ref", "none", path, time, check=False).returncode == 2
    gone = lived.product.enrich("sha-at", path, "2030-01-01")
    assert gone.stdout == "" and "did not exist" in gone.stderr
    unborn = json.loads(lived.product.enrich("sha-at", "--json", path, "2001-01-01").stdout)
    assert unborn["blob_id"] is None and unborn["commit_sha"] is None
    assert lived.product.enrich("sha-at", path, "noon", check=False).returncode == 2
    assert lived.product.enrich("sha-at", "/nowhere/x", "2024-01-01", check=False).returncode == 2
    changes = json.loads(lived.product.enrich("history", path, "--format", "json").stdout)
    assert [row["change_type"] for row in changes][-1] == "A" and changes[0]["change_type"] == "D"
    assert {row["file_path"] for row in changes} >= {"lib/a.py", "lib/b.py", "src/c.py"}


def test_change_coupling_and_ownership(lived: Lived) -> None:
    project = str(lived.root / "tangled")
    coupled = lived.product.query(
        """
        select file_path_a, file_path_b, shared_revisions, coupling_ratio from v_change_coupling
        where project_path = $1
        """,
        project,
    )
    assert coupled == [("pair/x.py", "pair/y.py", 6, 1.0)]
    owned = lived.product.query(
        """
        select main_author_email, main_author_share, bus_factor, author_count, revisions
        from v_ownership where project_path = $1 and subject = 'pair/x.py'
        """,
        project,
    )
    assert owned == [("ada@example.org", 1.0, 1, 1, 6)]
    hot = lived.product.query(
        """
        select file_path, recent_revisions, recent_changed_lines from v_hotspots
        where project_path = $1 and file_path like 'pair/%'
        """,
        project,
    )
    assert sorted(hot) == [("pair/x.py", 6, 11), ("pair/y.py", 6, 11)]
    (grace,) = lived.product.query(
        "select author_names, commit_count from git_authors where author_email like 'grace@%'"
    )
    assert grace == ('["Grace"]', 1)


@pytest.mark.parametrize("name", FULL)
def test_authors_are_mapped_as_by_git(lived: Lived, name: str) -> None:
    rows = lived.product.query(
        "select commit_sha, person_name, person_email from commits where project_path = $1",
        str(lived.root / name),
    )
    log = git(lived.root / name, "log", "--all", "--format=%H%x00%aN%x00%aE").decode()
    expected = {tuple(line.split("\0")) for line in log.splitlines()}
    assert len(expected) > 30 and expected <= set(rows)


def test_bots_and_requests_are_recognised(lived: Lived) -> None:
    rows = lived.product.query(
        """
        select author_name, is_bot, request_number, subject, body from commits
        where project_path = $1 and author_name not in ('Ada', 'Grace') order by authored_at
        """,
        str(lived.root / "tangled"),
    )
    assert rows == [
        ("Old Name", False, None, "one of the old", "with a body"),
        ("Alan B", False, 7, "by Alan (#7)", ""),
        ("Barbara", False, 8, "Merged PR 8: by Barbara", ""),
        ("dependabot[bot]", True, 9, "Bump (#9)", ""),
        ("Abbot", False, None, "by a person (see #10)", ""),
    ]
    bots = lived.product.query("select author_name from git_authors where is_bot")
    assert bots == [("dependabot[bot]",)]


def test_a_line_of_history_counts_once(lived: Lived) -> None:
    for relation in ("v_ownership", "v_hotspots", "v_change_coupling", "git_pending_merges"):
        counted = lived.product.query(
            f"select distinct project_path from {relation} where not is_repeat"
        )
        assert counted == [(str(lived.root / "tangled"),)], relation
        repeats = lived.product.query(
            f"select count(distinct project_path) from {relation} where is_repeat"
        )
        assert repeats > [(0,)], relation


def test_projects_that_are_copies_of_one_another(lived: Lived) -> None:
    pairs = {
        frozenset((Path(a).name, Path(b).name)): relation
        for a, b, relation in lived.product.query(
            "select project_a_path, project_b_path, relation from v_project_lineage"
        )
    }
    assert {
        pairs[frozenset(("tangled", other))] for other in ("clone", "mirror.git", "linked")
    } == {"same"}
    assert pairs[frozenset(("tangled", "shallow"))] in ("a_ahead", "b_ahead")


def test_agent_sessions_and_pending_merges(lived: Lived) -> None:
    project = lived.root / "tangled"
    sessions = lived.product.query(
        "select workspace_path, branch, is_main, agent_name from git_agent_sessions where"
        " project_path = $1",
        str(project),
    )
    assert set(sessions) == {
        (str(project), "main", True, "Ada"),
        (str(lived.root / "linked"), "three", False, "Ada"),
    }
    (cloned,) = lived.product.query(
        "select last_action, last_activity_at from git_agent_sessions where project_path = $1",
        str(lived.root / "clone"),
    )
    assert cloned[0] == "clone" and cloned[1].timestamp() < FIRST_COMMIT_AT_S + 86_400
    pending = lived.product.query(
        """
        select branch, ahead_count, behind_count, is_checked_out
        from git_pending_merges where project_path = $1
        """,
        str(project),
    )
    counts = git(project, "rev-list", "--left-right", "--count", "three...main").decode().split()
    assert pending == [("three", int(counts[0]), int(counts[1]), True)]
    merges = lived.product.query(
        "select branch, status from git_merge_history where project_path = $1 order by merged_at",
        str(project),
    )
    assert len(merges) == 4 and {status for _, status in merges} == {"success"}


def test_messages_are_resolved_to_the_files_they_mention(lived: Lived) -> None:
    project = lived.root / "tangled"
    rows = lived.product.query(
        """
        select distinct mentions.mention, mentions.kind, mentions.named_sha, mentions.blob_id
        from v_code_references as mentions
        inner join commits using (project_id, commit_sha)
        where commits.project_path = $1 and (subject = 'both 3' or subject like 'in the words%')
        """,
        str(project),
    )
    found = {mention: (kind, sha, blob) for mention, kind, sha, blob in rows}
    then = git(project, "log", "--format=%H", "--grep=^both 3$", "main").decode()
    first = git(project, "rev-list", "--max-parents=0", "--first-parent", "main").decode()
    assert found["pair/x.py"] == (
        "path",
        then,
        git(project, "rev-parse", f"{then}:pair/x.py").decode(),
    )
    assert found["lib/nowhere.py"] == found["lib/b.py"] == ("path", None, None)
    assert found["feedface1"] == ("commit", None, None)
    assert found[first[:9]] == ("commit", first, None)


def test_a_message_mentions_files_and_commits_and_nothing_that_looks_like_them(
    lived: Lived,
) -> None:
    project = lived.root / "tangled"
    first = git(project, "rev-list", "--max-parents=0", "--first-parent", "main").decode()
    rows = lived.product.query(
        """
        select mentions.mention, mentions.kind, mentions.is_resolved
        from v_code_references as mentions
        inner join commits using (project_id, commit_sha)
        where commits.project_path = $1 and subject like 'in the words%'
        """,
        str(project),
    )
    assert sorted(rows) == sorted(
        [
            (first[:9], "commit", True),
            (f"someone/tangled@{first[:8]}", "commit", True),
            (f"https://forge.example/someone/tangled/commit/{first}", "commit", True),
            ("x.py", "path", True),
            ("pair/y.py", "path", True),
        ]
    )


def test_incremental_and_full_give_equal_tables(lived: Lived, tmp_path: Path) -> None:
    change(lived.root)
    again, fresh = lived.product, Product(tmp_path / "fresh", now=NOW)
    for product in (again, fresh):
        product.crawl(lived.root)
        product.land("git")
        build(product)
    path = "meta.duckdb.d/build/meta.duckdb"
    with duckdb.connect() as db:
        db.execute(f"attach '{again.home / path}' as again (read_only)")
        db.execute(f"attach '{fresh.home / path}' as fresh (read_only)")
        for name in TABLES:
            columns = [row[0] for row in db.execute(f"describe again.main.{name}").fetchall()]
            kept = ", ".join(column for column in columns if column != "source_run_id")
            # A first run does not find commits that no ref reaches any longer, nor those of a
            # folder that has moved.
            known = "project_path in (select project_path from fresh.main.git_refs)"
            # Only a zone that saw a folder move knows that its project keeps its id.
            known += " and not ends_with(project_path, '/moved.git')"
            known += " and is_reachable" if "is_reachable" in columns else ""
            for one, other in (("again", "fresh"), ("fresh", "again")):
                query = f"select {kept} from {one}.main.{name} where {known} except all"
                rows = db.execute(
                    f"{query} select {kept} from {other}.main.{name} where {known}"
                ).fetchall()
                assert rows == [], (name, one)
