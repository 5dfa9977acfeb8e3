"""Secrets in texts do not land: a mark replaces them, and harmless text stays unchanged."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from codegraphx_fixtures import catalog, write
from codegraphx_fixtures import land as land_artifacts
from git_fixtures import commit, git, make_repository
from history_world import crawl_history
from hypothesis import given
from hypothesis import strategies as st
from product import Product
from replayed_build import refresh
from secret_texts import HARMLESS, IN_TEXT, KEY_LINES, TOKENS, pem, some
from worlds import CrawlOnce, landed

from loaders.base import masking, secret_forms
from loaders.base.masking import LEFT, Masker, group_of, masked_columns
from loaders.base.secret_forms import forms, masked, masked_value
from loaders.keeping.cleaning import mask_secrets
from loaders.sources import registry
from loaders.zone import schemas
from loaders.zone.landing import LandingZone
from loaders.zone.runs import TableWriter

ALL_TOKENS = [(form, token) for form, tokens in TOKENS.items() for token in tokens]
ALL_TEXTS = [(form, text, secret) for form, texts in IN_TEXT.items() for text, secret in texts]
GITHUB, GITLAB, OTHER = (
    TOKENS["GitHub token"][0],
    TOKENS["GitLab token"][0],
    "gh" + f"p_{some(36, seed=2)}",
)
SECRETS = [GITHUB, GITLAB, OTHER, "hunter2", *KEY_LINES]


def everything(zone: LandingZone) -> dict[str, list[dict[str, Any]]]:
    return {table: sorted(landed(zone, table), key=repr) for table in registry.TABLES}


def leaks(zone: LandingZone) -> list[str]:
    """Return which secrets are anywhere in the zone: in a row, a record, a note."""
    text = json.dumps(everything(zone), default=repr)
    text += "".join(path.read_text() for path in zone.path.rglob("*.json"))
    return [secret for secret in SECRETS if secret in text]


# -- the forms -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("form", "token"), ALL_TOKENS)
@pytest.mark.parametrize(
    "around", ["{}", "use {} now", "x='{}';", "feature/{}", "a_{}.", "\\x1b{}", "\n{}\n", "({})"]
)
def test_a_token_is_recognised_in_any_context(form: str, token: str, around: str) -> None:
    counts: Counter[str] = Counter()
    now = masked(around.format(token), counts=counts)
    assert now == around.format(f"[secret: {form}]")
    assert counts == {form: 1}


@pytest.mark.parametrize(("form", "text", "secret"), ALL_TEXTS)
def test_a_secret_is_recognised_by_its_context(form: str, text: str, secret: str) -> None:
    counts: Counter[str] = Counter()
    now = masked(text, counts=counts)
    assert secret in text and secret not in now
    assert f"[secret: {form}]" in now and counts == {form: 1}


@pytest.mark.parametrize("text", HARMLESS)
def test_ordinary_text_stays(text: str) -> None:
    assert masked(text) == text


def test_each_form_has_its_control() -> None:
    """A row without a control here could stay wrong unnoticed.

    Those of a rare kind share the one of their neighbours.
    """
    rare = {
        "end of a private key", "RubyGems token", "Grafana token", "Notion token", "New Relic key",
        "Postman key", "Sentry token", "Doppler token",
    }  # fmt: skip
    assert {form.name for form in forms()} == {*TOKENS, *IN_TEXT} | rare


def test_the_rest_of_a_text_stays_identical() -> None:
    text = f"Ünïcode\t{GITHUB}\n  two  blanks, password=hunter2, end\n"
    assert (
        masked(text)
        == "Ünïcode\t[secret: GitHub token]\n  two  blanks, password=[secret: password], end\n"
    )


def test_many_secrets_of_a_text_are_each_replaced() -> None:
    counts: Counter[str] = Counter()
    text = " ".join(token for _, token in ALL_TOKENS)
    now = masked(text, counts=counts)
    assert not [token for _, token in ALL_TOKENS if token in now]
    assert counts.total() == len(ALL_TOKENS)


_SECRET_BITS = [*(token for _, token in ALL_TOKENS), *(text for _, text, _ in ALL_TEXTS)]
_BITS = [*_SECRET_BITS, *HARMLESS, " ", "\n", "password=", "'"]


_ANY_MARK = re.compile(r"\[secret: [^\]]*\]")


@given(st.lists(st.one_of(st.sampled_from(_BITS), st.text(max_size=5)), max_size=6).map("".join))
def test_a_mask_is_not_masked_again(text: str) -> None:
    once = masked(text)
    assert masked(once) == once
    named = masked(text, "key")
    assert masked(named, "key") == named


@given(st.lists(st.one_of(st.sampled_from(_BITS), st.text(max_size=5)), max_size=6).map("".join))
def test_the_quick_check_misses_no_secret(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    rows = pa.table({"note": pa.array([text])})
    [landed] = Masker().table("waiver_events", rows)["note"].to_pylist()
    # If two forms overlap, either may name the mark.
    assert _ANY_MARK.sub("[secret]", landed) == _ANY_MARK.sub("[secret]", masked(text))


def test_masked_names_stay_distinct_and_stable() -> None:
    first, second = f"refs/heads/fix-{GITHUB}", f"refs/heads/fix-{OTHER}"
    now = [masked(name, "zone") for name in (first, second, first)]
    assert now[0] == now[2] != now[1]
    assert all(
        re.fullmatch(r"refs/heads/fix-\[secret: GitHub token [0-9a-f]{10}\]", name) for name in now
    )
    assert masked(first, "another zone") != now[0], "without the key they cannot be compared"
    # The mark reveals next to nothing about values that can be guessed.
    assert re.fullmatch(
        r"x-password=\[secret: password [0-9a-f]{4}\]", masked("x-password=hunter2", "zone")
    )
    assert masked(f"refs/heads/{GITHUB}", "zone") == "refs/heads/" + masked(GITHUB, "zone"), (
        "a name below another"
    )


@pytest.mark.parametrize(
    ("name", "value", "is_secret"),
    [
        ("password", "hunter2", True),
        ("db_password", "correct horse", True),
        ("apiKey", some(20), True),
        ("password", "None", False),
        ("token", "identifier", False),
        ("password_hint", "blue", False),
        ("name", "hunter2", False),
        ("path", f"/x/{GITHUB}", True),
    ],
)
def test_values_of_a_document_are_judged_by_their_names(
    name: str, value: str, is_secret: bool
) -> None:
    assert ("[secret: " in masked_value(name, value)) == is_secret


def test_a_bad_row_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for row in ("one,token,(", "one,other,x", "one2,token,x"):
        seed = tmp_path / "forms.csv"
        seed.write_text(f"name,kind,pattern\n{row}\n")
        monkeypatch.setattr(secret_forms, "SEED", seed)
        with pytest.raises(secret_forms.BadForm, match="one"):
            forms.__wrapped__()


# -- which columns ---------------------------------------------------------------------------------


def test_every_column_of_text_is_in_a_group() -> None:
    for table, schema in {**registry.TABLES, "runs": schemas.RUNS}.items():
        masked_columns(table, schema)


def test_no_path_is_masked() -> None:
    paths = (
        "path",
        "root_path",
        "repository_path",
        "worktree_path",
        "directory_path",
        "path_key",
        "artifact_path",
    )
    assert {group_of(table, name) for table in registry.TABLES for name in paths} == {LEFT}
    assert group_of("crawl_files", "name") == LEFT


def test_documents_stay_documents() -> None:
    document = {
        "password": "hunter2",
        "list": [{"text": f"a {GITHUB}"}],
        "token": 12,
        "pem": pem(),
        GITHUB: 1.5,
    }
    raw = json.dumps(document, ensure_ascii=False)
    rows = pa.table({"document": [raw, None, '{"plain": "Ü"}', "{broken password=hunter2"]})
    masker = Masker("zone")
    [now, nothing, plain, broken] = masker.table("codegraphx_reports", rows)["document"].to_pylist()
    assert (nothing, plain, broken) == (
        None,
        '{"plain": "Ü"}',
        "{broken password=[secret: password]",
    )
    assert json.loads(now) == {
        "password": "[secret: password]",
        "list": [{"text": "a [secret: GitHub token]"}],
        "token": 12,
        "pem": "[secret: private key]",
        masked(GITHUB, "zone"): 1.5,
    }
    assert masker.counts == {"password": 2, "GitHub token": 2, "private key": 1}


def test_secrets_in_lists_are_masked() -> None:
    schema = registry.TABLES["codegraphx_ast_rows"]
    row = {
        "functions": [{"name": f"f_{GITHUB}", "line": 1}, None],
        "calls": ["print", GITHUB, None],
        "imports": [],
        "function_calls": [{"name": "f", "line": None, "calls": ["x", GITHUB]}],
    }
    rows = pa.Table.from_pylist([row, {}], schema)
    mark = masked(GITHUB, "zone")
    [now, empty] = Masker("zone").table("codegraphx_ast_rows", rows).to_pylist()
    assert now["functions"] == [{"name": f"f_{mark}", "line": 1}, None]
    assert (now["calls"], now["imports"]) == (["print", mark, None], [])
    assert now["function_calls"] == [{"name": "f", "line": None, "calls": ["x", mark]}]
    assert set(empty.values()) == {None}


def test_rows_without_secrets_are_not_touched() -> None:
    rows = pa.table(
        {"subject": ["fix it", None], "body": ["", HARMLESS[0]], "author_name": ["A", "B"]}
    )
    assert Masker("zone").table("git_commits", rows).equals(rows)


@pytest.mark.parametrize("searched_bytes", [1, 256 << 20])
def test_a_secret_is_found_in_any_column_chunk_and_portion(
    monkeypatch: pytest.MonkeyPatch, searched_bytes: int
) -> None:
    """All columns are searched in one array, repeated texts once: none is missed, none is moved."""
    monkeypatch.setattr(masking, "_SEARCHED_BYTES", searched_bytes)
    columns = ["author_name", "subject", "body"]
    for place in range(30):
        rows = [{name: f"{name} {number % 3}" for name in columns} for number in range(10)]
        expected = [dict(row) for row in rows]
        column = columns[place // 10]
        rows[place % 10][column] = f"the {GITHUB}"
        expected[place % 10][column] = f"the {masked(GITHUB)}"
        chunks = pa.concat_tables(pa.Table.from_pylist(rows[at : at + 4]) for at in (0, 4, 8))
        assert Masker("zone").table("git_commits", chunks).to_pylist() == expected


# -- what lands ------------------------------------------------------------------------------------


@pytest.fixture
def leaky(world: Path) -> Path:
    """A repository with secrets in everything that git lets people write."""
    path = make_repository(world / "leaky")
    git(
        path,
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        f"Add {GITHUB}\n\nlog in with password=hunter2\n\n{pem()}",
    )
    encrypted = pem("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC,00FF")
    git(path, "commit", "-q", "--allow-empty", "-m", encrypted)
    git(
        path, "commit", "-q", "--allow-empty", "-m", f"escaped \x1b{GITLAB}", GIT_AUTHOR_NAME=GITLAB
    )
    git(
        path,
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        "mail",
        GIT_COMMITTER_EMAIL=f"{GITLAB}@example.org",
    )
    git(path, "branch", f"fix-{GITHUB}")
    git(path, "branch", f"fix-{OTHER}")
    git(path, "branch", "x/password=hunter2")
    git(path, "tag", f"v-{GITLAB}")
    git(path, "tag", "-a", f"w-{GITLAB}", "-m", f"by {GITHUB}")
    git(path, "symbolic-ref", f"refs/heads/alias-{GITHUB}", f"refs/heads/fix-{GITHUB}")
    git(path, "worktree", "add", "-q", "-b", f"linked-{GITHUB}", str(world / "linked"))
    git(path, "remote", "add", "origin", f"https://host/{GITHUB}/x.git")
    git(path, "checkout", "-q", f"fix-{GITHUB}")
    (path / "link").symlink_to(GITHUB)
    return path


def test_no_fact_from_git_lands_with_a_secret(zone: LandingZone, world: Path, leaky: Path) -> None:
    summary = crawl_history(zone, world)
    assert summary.commits == 7
    assert leaks(zone) == []
    assert summary.run is not None
    counts = summary.run.manifest("completed", [], None)["masked"]
    assert counts["GitLab token"] >= 5 and counts["private key"] == 1 and counts["password"] == 3
    bodies = {row["body"] for row in landed(zone, "git_commits")}
    assert "log in with password=[secret: password]\n\n[secret: private key]" in bodies
    # The whole of a block that a blank line divides between subject and body is one.
    assert any(body.startswith("[secret: end of a private key]") for body in bodies)


def test_masked_branches_stay_distinct_and_join(
    zone: LandingZone, world: Path, leaky: Path
) -> None:
    crawl_history(zone, world)
    names = [
        row["ref_name"] for row in landed(zone, "git_refs") if row["repository_path"] == str(leaky)
    ]
    assert len(names) == len(set(names))
    assert (
        len([name for name in names if name.startswith("refs/heads/fix-[secret: GitHub token ")])
        == 2
    )
    heads = {
        row["head_ref"] for row in landed(zone, "git_repositories") if row["path"] == str(leaky)
    }
    heads |= {
        row["head_ref"] for row in landed(zone, "crawl_repositories") if row["path"] == str(leaky)
    }
    assert len(heads) == 1 and heads <= set(names)
    aliases = [
        row for row in landed(zone, "git_refs") if row["ref_name"].startswith("refs/heads/alias-")
    ]
    # One of the repository and one of the work tree that is linked to it.
    assert len(aliases) == 2 and {row["symbolic_target"] for row in aliases} <= set(names)


def test_a_second_run_lands_nothing(zone: LandingZone, world: Path, leaky: Path) -> None:
    broken = make_repository(world / "broken")
    (broken / ".git" / "HEAD").write_text(f"ref: refs/heads/{GITHUB}\n")
    (broken / ".git" / "refs" / "heads" / GITHUB).write_text("nonsense\n")
    crawl_history(zone, world)
    assert any("[secret: " in (row["reason"] or "") for row in landed(zone, "crawl_repositories"))
    before = everything(zone)
    again = crawl_history(zone, world)
    assert again.run is None and again.lines_run is None
    now = everything(zone)
    assert {table for table in now if now[table] != before[table]} <= {"crawl_roots"}
    assert leaks(zone) == []


def test_no_fact_from_an_artifact_lands_with_a_secret(zone: LandingZone, world: Path) -> None:
    node = {"kind": "node", "label": "Project", "uid": "a", "props": {"uid": "a", "name": GITHUB}}
    good = json.dumps(node) + "\n"
    rejects = [
        f'{{"kind": "oops", "password": "hunter2", "x": "{GITHUB}"}}',
        f"no json at all {GITLAB} password=hunter2",
        "x" * 100 + f" {GITHUB}",  # the excerpt ends in the middle of it
        '{"key": "' + pem(line_end="\\n") + '"}',
    ]
    write(world / "events.jsonl", (good + "\n".join(rejects) + "\n").encode())
    report = {
        "status": "ok",
        "source_path": "/x",
        "scan_artifact": "/y",
        "password": "hunter2",
        "note": pem(),
    }
    write(
        world / "summary.json",
        json.dumps(report | {"scan_rows": 1, "extra": {"token": GITLAB}}).encode(),
    )
    catalog(
        world / "project_catalog.db",
        "create table settings (name text, password text, port int)",
        f"insert into settings values ('{GITHUB}', 'hunter2', 5432)",
    )
    run, summary = land_artifacts(zone, world)
    assert {one.kind for one in summary.artifacts} >= {"events", "catalog"}
    assert leaks(zone) == []
    excerpts = [row["excerpt"] for row in landed(zone, "artifact_rejects")]
    assert len(excerpts) == 4 and "password=[secret: password]" in excerpts[1]
    assert not any(GITHUB[:8] in excerpt for excerpt in excerpts)
    [other] = landed(zone, "catalog_other_rows")
    assert json.loads(other["row"]) == {
        "name": "[secret: GitHub token]", "password": "[secret: password]", "port": 5432
    }  # fmt: skip
    assert run.masker.counts["password"] >= 3


def test_command_and_messages_of_a_run_contain_no_secret(zone: LandingZone) -> None:
    argv = ["land.py", "--map-prefix", "https://me:hunter2@host=/x", "--note", f"see {GITHUB}"]
    with zone.run("test", argv) as run:
        note = json.loads((run.directory / "started.json").read_text())
        run.problem(f"cannot fetch https://me:hunter2@host/x with {GITLAB}")
        run.problem("cannot open /x")
    with pytest.raises(OSError), zone.run("test", argv):
        raise OSError(f"token={some(20)} was refused: password=hunter2")
    assert leaks(zone) == []
    assert note["argv"][4] == "see [secret: GitHub token]"
    first, second = (entry.manifest for entry in zone.entries())
    assert first["error_count"] == 2 and first["error_message"].endswith("; cannot open /x")
    assert first["masked"] == {"GitHub token": 1, "GitLab token": 1, "password of a URL": 2}
    assert "[secret: secret] was refused" in second["error_message"]


def test_a_dry_run_prints_no_secret(zone: LandingZone) -> None:
    with zone.rehearsal("test", [GITHUB]) as run:
        run.problem(GITHUB)
    assert run.problems == ["[secret: GitHub token]"]


# -- what landed before ----------------------------------------------------------------------------


@pytest.fixture
def before(zone: LandingZone, world: Path, leaky: Path, crawl_once: CrawlOnce) -> LandingZone:
    """A zone that an older version filled without masking, in several runs."""
    make_repository(world / "healthy")
    with pytest.MonkeyPatch.context() as patch:
        # As append_table was: rows went to disk as they came.
        patch.setattr(Masker, "table", lambda self, name, rows: rows)
        patch.setattr(Masker, "message", lambda self, text: text)
        patch.setattr("loaders.zone.run_folders.masked_message", lambda text: text)
        crawl_history(zone, world)
        commit(world / "healthy", "more.txt", 9)
        crawl_history(zone, world)
        with zone.run("decisions", ["enrich", "waive", "--note", GITHUB]) as run:
            run.table("waiver_events").append_rows([{"gap_type": "X", "note": f"because {GITHUB}"}])
            run.problem("password=hunter2")
    assert set(leaks(zone)) == set(SECRETS)
    return zone


def _as_masked_now(zone: LandingZone) -> dict[str, list[dict[str, Any]]]:
    """Every row as it would land today."""
    masker = Masker(zone.identity["zone_id"])
    return {
        name: sorted(
            masker.table(name, pa.Table.from_pylist(landed(zone, name), schema)).to_pylist(),
            key=repr,
        )
        for name, schema in registry.TABLES.items()
    }


def test_cleaning_masks_landed_secrets_and_nothing_else(before: LandingZone, world: Path) -> None:
    wanted, runs = _as_masked_now(before), [entry.run_id for entry in before.entries()]
    files = {file.path for entry in before.entries() for file in entry.files}
    cleaned = mask_secrets(before, ["test"])
    assert cleaned.run is not None and cleaned.damaged == []
    assert everything(before) == wanted
    assert [entry.run_id for entry in before.entries()][:-1] == runs
    # Only files with a secret were written again.
    tables = {Path(path).name.partition(".")[0] for path in cleaned.run.replaces}
    assert {"git_commits", "git_refs", "git_repositories", "waiver_events"} <= tables
    assert tables.isdisjoint(
        {"git_changes", "git_members", "git_lines", "crawl_commits", "crawl_directories"}
    )
    assert len(cleaned.run.replaces) < len(files)
    assert cleaned.run.masker.counts["GitHub token"] >= 8
    # The log is a chain; nothing else is left on disk once a published build has read it.
    assert cleaned.records == 1 and cleaned.notes == 1
    before.discard_replaced(before.log.newest())
    assert not [path for path in cleaned.run.replaces if (before.path / path).exists()]
    notes = "".join(path.read_text() for path in before.runs.rglob("started.json"))
    assert not [secret for secret in SECRETS if secret in notes]


def test_cleaning_again_finds_nothing(before: LandingZone, world: Path) -> None:
    mask_secrets(before, ["test"])
    entries = len(before.entries())
    again = mask_secrets(before, ["test"])
    assert again.run is None and (again.notes, again.records) == (0, 1)
    assert len(before.entries()) == entries
    # The next run does not land any of it again either.
    summary = crawl_history(before, world)
    assert summary.run is None


def test_a_clean_zone_has_nothing_to_clean(zone: LandingZone, world: Path, leaky: Path) -> None:
    crawl_history(zone, world)
    entries = len(zone.entries())
    cleaned = mask_secrets(zone, ["test"])
    assert (cleaned.run, cleaned.notes, cleaned.records, cleaned.damaged) == (None, 0, 0, [])
    assert len(zone.entries()) == entries


def test_cleaning_names_a_damaged_file_and_leaves_it(before: LandingZone) -> None:
    [victim] = [
        file.path
        for entry in before.entries()
        for file in entry.files
        if file.table == "waiver_events"
    ]
    victim.write_bytes(victim.read_bytes()[:-1])
    cleaned = mask_secrets(before, ["test"])
    assert cleaned.damaged == [str(victim)] and cleaned.run is not None
    assert not any("waiver_events" in path for path in cleaned.run.replaces)


def test_the_writer_of_every_run_masks(zone: LandingZone) -> None:
    """Whatever lands passes TableWriter: nothing goes around it."""
    with zone.run("test") as run:
        assert isinstance(run.table("waiver_events"), TableWriter)
        run.table("waiver_events").append({item.name: [GITHUB] if item.name == "note" else [None]
            for item in registry.TABLES["waiver_events"]})  # fmt: skip
    assert [row["note"] for row in landed(zone, "waiver_events")] == ["[secret: GitHub token]"]


def test_from_the_folder_to_the_published_file(tmp_path: Path, world: Path, leaky: Path) -> None:
    product = Product(tmp_path / "home")
    answer = refresh(product, world)
    assert (
        "secrets replaced by a mark: " in answer.stderr
        and GITHUB not in answer.stdout + answer.stderr
    )
    [(count,)] = product.query("select max(masked_count) from ingest_runs where action = 'git'")
    assert count > 10
    reported = json.dumps(product.query("select * from git_commits"), default=str)
    reported += json.dumps(product.query("select * from git_refs"), default=str)
    reported += json.dumps(product.query("select * from ingest_runs"), default=str)
    assert "[secret: GitHub token" in reported and not [
        secret for secret in SECRETS if secret in reported
    ]
    waiver = ("--reason", "planned", "--until", "never", "--owner", "me")
    product.enrich("waive", "HIGH_*:" + str(world), *waiver, "--note", "password=hunter2")
    shown = product.enrich("sha-at", str(leaky / "src" / "file 0.txt"), "2030-01-01").stdout
    assert "file 0.txt" in shown or re.search("[0-9a-f]{40}", shown)
    cleaned = product.land("compact", "--mask-secrets")
    assert (
        cleaned.stdout == "compact: 0 files and 0 notes of runs held secrets and were rewritten\n"
    )
