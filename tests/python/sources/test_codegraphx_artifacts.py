"""Artifacts of every kind land as what they are.

Torn, hostile and absurd ones cost one line and one row.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from codegraphx_fixtures import (
    AST_ROW,
    DOCUMENTS,
    EDGE,
    HASHES,
    LINES,
    NAMES,
    NODES,
    SCAN_ROW,
    content,
    land,
    landed,
    lines,
    without_run,
    write,
)

from loaders.sources.codegraphx import artifact_formats
from loaders.sources.codegraphx.tables import TABLES
from loaders.zone.landing import LandingZone

KINDS = [*LINES, *DOCUMENTS]
FORMS = {
    form.kind: form
    for form in (*artifact_formats.DOCUMENTS, *artifact_formats.LINES)
    if form is not artifact_formats.OLD_AST
}
ROWS = sorted(table for table in TABLES if table.startswith("codegraphx_"))


def all_rows(zone: LandingZone) -> int:
    return sum(len(landed(zone, table)) for table in ROWS)


def is_balanced(run) -> bool:
    counts = run.counts
    return (
        counts.discovered == counts.landed + counts.unchanged + counts.skipped + counts.quarantined
    )


# -- what they are ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_recognised_by_its_content_under_any_name(
    zone: LandingZone, world: Path, kind: str
):
    write(world / "some.file", content(kind))
    run, summary = land(zone, world)
    assert [(one.kind, one.state, one.quarantined) for one in summary.artifacts] == [
        (kind, "landed", 0)
    ]
    assert run.problem_count == 0 and run.counts.landed == summary.artifacts[0].rows == all_rows(
        zone
    )
    [artifact] = landed(zone, "artifacts")
    assert (
        artifact["size_bytes"] == len(content(kind))
        and artifact["row_count"] == summary.artifacts[0].rows
    )


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_depends_on_the_order_of_keys_or_on_layout(
    zone: LandingZone, world: Path, kind: str
):
    def reordered(value):
        return dict(reversed(value.items())) if isinstance(value, dict) else value

    if kind in LINES:
        raw = "".join(
            json.dumps(reordered(row), separators=(",", ":")) + "\n" for row in LINES[kind]
        )
    else:
        raw = json.dumps(reordered(DOCUMENTS[kind]))
    write(world / "one.file", raw.encode())
    run, summary = land(zone, world)
    assert [(one.kind, one.state, one.quarantined) for one in summary.artifacts] == [
        (kind, "landed", 0)
    ]


def test_other_files_are_skipped_and_counted(zone: LandingZone, world: Path):
    write(world / "parse.cache.json", b'{"files": {"a.py": {"hash": "0", "row": {}}}}')
    write(world / "config/projects.yaml", b"projects: []\n")
    write(world / "package.json", b'{"name": "x", "version": "1.0.0"}')
    write(world / "list.json", b"[]")
    write(world / "report.txt", b"rank name\n")
    write(world / "picture.png", b"\x89PNG\r\n\x1a\n\0")
    write(world / "empty", b"")
    write(world / "utf16.json", '{"campaign_id": 1}'.encode("utf-16"))
    write(world / ".git/scan.jsonl", content("scan"))
    (world / "link.jsonl").symlink_to(write(world.parent / "outside.jsonl", content("scan")))
    os.mkfifo(world / "events.jsonl")
    run, summary = land(zone, world)
    assert (run.counts.skipped, run.counts.discovered, run.problem_count) == (11, 11, 0)
    assert not summary.artifacts and not summary.healthy_given


def test_a_named_file_that_is_not_an_artifact_is_reported(zone: LandingZone, world: Path):
    other = write(world / "package.json", b'{"name": "x"}')
    run, summary = land(zone, other)
    assert run.problems == [f"{other}: no artifact of CodeGraphX that is known here"]
    assert run.counts.quarantined == 1 and [one.state for one in summary.artifacts] == [
        "quarantined"
    ]


def test_rows_land_with_their_values(zone: LandingZone, world: Path):
    write(world / "scan.jsonl", content("scan"))
    write(world / "ast.jsonl", content("ast"))
    write(world / "events.jsonl", content("events"))
    land(zone, world)
    [scan] = without_run(landed(zone, "codegraphx_scan_rows"), "artifact_path")
    expected = SCAN_ROW | {
        "root_key": "/srv/app",
        "path_key": "/srv/app/main.py",
        "position": 1,
        "size_bytes": 12,
    }
    assert scan == {name: value for name, value in expected.items() if name != "size"}
    [ast] = without_run(landed(zone, "codegraphx_ast_rows"), "artifact_path")
    assert ast == AST_ROW | {"path_key": "/srv/app/main.py", "position": 1}
    events = landed(zone, "codegraphx_events")
    assert [event["position"] for event in events] == [1, 2, 3, 4, 5, 6]
    assert [event["label"] for event in events] == [
        "Project",
        "File",
        "Function",
        "Symbol",
        "Module",
        "CONTAINS",
    ]
    assert (events[1]["path"], events[1]["path_key"], events[1]["line_count"]) == (
        "/srv/app/main.py",
    ) * 2 + (3,)
    assert (events[2]["name"], events[2]["line"], events[2]["signature_hash"]) == (
        "main",
        1,
        "0" * 64,
    )
    assert (
        events[5]["uid"] is None
        and events[5]["src_uid"] == "app"
        and events[5]["dst_label"] == "File"
    )
    assert all(event["src_uid"] is None for event in events[:5])


def test_a_document_lands_without_its_long_lists_which_land_as_items(
    zone: LandingZone, world: Path
):
    write(world / "delta.json", content("delta"))
    land(zone, world)
    [report] = landed(zone, "codegraphx_reports")
    delta = DOCUMENTS["delta"]
    assert json.loads(report["document"]) == {
        name: delta[name] for name in ("old", "new", "counts")
    }
    items = [
        (one["list"], one["position"], json.loads(one["item"]))
        for one in landed(zone, "codegraphx_report_items")
    ]
    assert items == [
        (name, 1, delta[name][0]) for name in ("categories", "changed_functions", "changed_files")
    ]


def test_identities_land_as_entries_and_their_copies_do_not(zone: LandingZone, world: Path):
    write(world / "load.state.json", content("load_state"))
    whole_state = {
        **DOCUMENTS["snapshot"],
        "meta": {**DOCUMENTS["load_state"], "hash_source": "state"},
    }
    write(world / "snapshot.json", json.dumps(whole_state, indent=2).encode())
    land(zone, world)
    entries = landed(zone, "codegraphx_snapshot_entries")
    assert [(one["identity"], one["hash"]) for one in entries] == [*HASHES.items()] * 2
    documents = [json.loads(one["document"]) for one in landed(zone, "codegraphx_reports")]
    assert not any("hashes" in one or "records" in one for one in documents)
    assert documents[1]["meta"] == {"hash_source": "state", **documents[0]}


# -- older and odd forms ---------------------------------------------------------------------------


def variant_of(zone: LandingZone, world: Path, name: str, raw: bytes) -> tuple[str | None, int]:
    write(world / name, raw)
    run, summary = land(zone, world)
    [one] = summary.artifacts
    assert one.state == "landed", one
    return one.variant, run.counts.landed


@pytest.mark.parametrize("kind", KINDS)
def test_a_byte_order_mark_is_ignored(zone: LandingZone, world: Path, kind: str):
    variant, _ = variant_of(zone, world, "x", b"\xef\xbb\xbf" + content(kind))
    assert variant == "bom"


@pytest.mark.parametrize("kind", KINDS)
def test_line_ends_of_windows(zone: LandingZone, world: Path, kind: str):
    raw = content(kind).replace(b"\n", b"\r\n")
    variant, rows = variant_of(zone, world, "x", raw)
    assert variant == "crlf" and rows == all_rows(zone) > 0


@pytest.mark.parametrize("kind", LINES)
def test_an_empty_file_of_lines_has_no_rows(zone: LandingZone, world: Path, kind: str):
    assert variant_of(zone, world, NAMES[kind], b"") == ("empty", 0)
    assert [row["kind"] for row in landed(zone, "artifacts")] == [kind]


def test_blank_lines_are_not_rows(zone: LandingZone, world: Path):
    raw = b"\n" + content("scan") + b"  \n\n" + content("scan") + b"\n"
    assert variant_of(zone, world, "x", raw) == (None, 2)
    assert [row["position"] for row in landed(zone, "codegraphx_scan_rows")] == [2, 5]


def test_summaries_of_older_versions_have_fewer_keys(zone: LandingZone, world: Path):
    old = DOCUMENTS["chunk_scan_summary"] | {
        "chunk_results": [{"chunk": "chunk_01", "scan_file": "", "rows": 0}]
    }
    del old["tag"]
    assert variant_of(zone, world, "x", json.dumps(old).encode()) == ("without_tag", 2)


def test_a_report_of_older_versions_is_a_bare_list_with_summaries_as_text(
    zone: LandingZone, world: Path
):
    item = {
        "source_path": "C:\\repo\\app",
        "source_project": "app",
        "status": "enriched",
        "scan_count": 1,
        "scan_artifact": "C:\\codegraphx\\data\\scan.jsonl",
        "scan_stdout": "done\r\n\r\n",
        "collectors_summary": '{"status": "completed"}',
        "intelligence_summary": "",
    }
    assert variant_of(zone, world, "x", json.dumps([item]).encode()) == ("bare_list", 2)
    [landed_item] = landed(zone, "codegraphx_report_items")
    assert json.loads(landed_item["item"]) == item
    assert {row["path_key"] for row in landed(zone, "artifact_pointers")} == {
        "c:/repo/app",
        "c:/codegraphx/data/scan.jsonl",
    }


def test_a_snapshot_of_older_versions_has_sha1(zone: LandingZone, world: Path):
    old = DOCUMENTS["snapshot"] | {"hashes": {name: digest[:40] for name, digest in HASHES.items()}}
    assert variant_of(zone, world, "x", json.dumps(old).encode()) == ("sha1", 3)


def test_load_meta_of_older_versions_has_no_value_for_fresh(zone: LandingZone, world: Path):
    old = {name: value for name, value in DOCUMENTS["load_meta"].items() if name != "fresh"}
    assert variant_of(zone, world, "x", json.dumps(old).encode())[0] == "without_fresh"


def test_ast_rows_of_older_versions(zone: LandingZone, world: Path):
    old = {
        "project": "app",
        "path": "a.py",
        "kind": "file",
        "root_type": "module",
        "bytes": 12,
        "error": "",
    }
    assert variant_of(zone, world, "x", lines([old])) == (None, 1)
    [row] = landed(zone, "codegraphx_ast_rows")
    assert (row["path"], row["functions"], row["line_count"]) == ("a.py", None, None)


def test_file_nodes_of_older_versions_do_not_name_the_project(zone: LandingZone, world: Path):
    old = json.loads(json.dumps(NODES[1]))
    del old["props"]["project"]
    assert variant_of(zone, world, "x", lines([old])) == (None, 1)
    assert landed(zone, "codegraphx_events")[0]["project"] is None


def test_keys_of_a_newer_version_are_harmless(zone: LandingZone, world: Path):
    for kind in LINES:
        rows = [row | {"newer": {"key": 1.5}} for row in LINES[kind]]
        write(world / kind, lines(rows))
    for kind, document in DOCUMENTS.items():
        newer = (
            [one | {"newer": None} for one in document]
            if kind == "backlog"
            else document | {"newer": [1, {}]}
        )
        write(world / kind, json.dumps(newer).encode())
    run, summary = land(zone, world)
    assert run.problems == []
    assert {one.kind for one in summary.artifacts} == set(KINDS)


def test_empty_lists_are_recognised_by_their_names_alone(zone: LandingZone, world: Path):
    write(world / "enrichment_backlog_final.json", b"[]")
    write(world / "something.json", b"[]")
    run, summary = land(zone, world)
    assert [(one.kind, one.rows) for one in summary.artifacts] == [
        ("backlog", 1)
    ] and run.counts.skipped == 1


# -- torn, hostile, absurd -------------------------------------------------------------------------

DEEP = b"[" * 100_000 + b"]" * 100_000


def begun_with(raw: bytes, member: bytes) -> bytes:
    """Put *member* in the place of the first one of the first object of *raw*."""
    place = raw.index(b"{") + 1
    return raw[:place] + member + b", " + raw[place:]


def ended_with(raw: bytes, member: bytes) -> bytes:
    place = raw.rindex(b"}")
    return raw[:place] + b", " + member + raw[place:]


SPOILS = {
    "cut": (lambda raw: raw[: len(raw) // 2], ("ends in the middle", "not JSON", "cut off")),
    "deep first": (lambda raw: begun_with(raw, b'"deep": ' + DEEP), ("nested deeper than 64",)),
    "deep last": (lambda raw: ended_with(raw, b'"deep": ' + DEEP), ("nested deeper than 64",)),
    "deep and cut": (
        lambda raw: begun_with(raw, b'"deep": ' + DEEP[:100_000])[:100_050],
        ("nested deeper than 64",),
    ),
    "beyond 64 bits": (
        lambda raw: ended_with(raw, b'"huge": 18446744073709551616'),
        ("a number beyond 64 bits",),
    ),
    "just beyond 64 bits": (
        lambda raw: ended_with(raw, b'"huge": 9223372036854775808'),
        ("a number beyond 64 bits",),
    ),
    "beyond any float": (
        lambda raw: ended_with(raw, b'"huge": 1e400'),
        ("a number beyond 64 bits",),
    ),
    "NaN": (lambda raw: ended_with(raw, b'"odd": NaN'), ("NaN", "not JSON")),
    "-Infinity": (lambda raw: ended_with(raw, b'"odd": -Infinity'), ("Infinity", "not JSON")),
    "duplicate": (lambda raw: ended_with(raw, b'"two": 1, "two": 2'), ("duplicate key",)),
    "escaped duplicate": (
        lambda raw: ended_with(raw, b'"two": 1, "t\\u0077o": 2'),
        ("duplicate key",),
    ),
    "lone surrogate": (lambda raw: ended_with(raw, b'"half": "\\ud83d"'), ("surrogate",)),
    "lone low surrogate": (lambda raw: ended_with(raw, b'"half": "\\ude00 "'), ("surrogate",)),
    "not UTF-8": (lambda raw: ended_with(raw, b'"text": "\xff"'), ("not UTF-8",)),
    "surrogate bytes": (lambda raw: ended_with(raw, b'"text": "\xed\xa0\x80"'), ("not UTF-8",)),
    "control character": (lambda raw: ended_with(raw, b'"text": "a\x1bc"'), ("not JSON",)),
    "NUL": (lambda raw: ended_with(raw, b'"text": "a\0c"'), ("not JSON",)),
    "trailing comma": (lambda raw: ended_with(raw, b'"text": "a",'), ("not JSON",)),
}


@pytest.mark.parametrize("spoil", SPOILS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_artifact_costs_one_warning_and_one_row(
    zone: LandingZone, world: Path, kind: str, spoil: str
):
    """In the JSONL formats one row is damaged here, and it is the only row."""
    one_row = lines(LINES[kind][-1:]) if kind in LINES else content(kind)
    make, reasons = SPOILS[spoil]
    write(world / NAMES[kind], make(one_row))
    neighbour = write(world / "other" / "parse.meta.json", content("parse_meta"))
    run, summary = land(zone, world)
    spoilt = [one for one in summary.artifacts if one.path != str(neighbour)]
    assert [(one.kind, one.state) for one in spoilt] == [(kind, "quarantined")]
    assert any(reason in spoilt[0].reason for reason in reasons), spoilt[0].reason
    assert run.counts.quarantined == run.problem_count == 1 and is_balanced(run)
    assert run.problems[0].startswith(str(world / NAMES[kind])) and run.problems[0].isprintable()
    assert all_rows(zone) == 1, "the neighbour landed, and nothing else"


@pytest.mark.parametrize("spoil", SPOILS)
@pytest.mark.parametrize("kind", LINES)
def test_a_damaged_line_costs_only_that_line(zone: LandingZone, world: Path, kind: str, spoil: str):
    """All that a spoilt line takes is itself; a cut one, which has no end of line, is the last."""
    make, reasons = SPOILS[spoil]
    good, bad = content(kind) * 3, make(lines(LINES[kind][-1:])).rstrip(b"\n")
    raw = good + bad if "cut" in spoil else good + bad + b"\n" + good
    write(world / "x", raw)
    run, summary = land(zone, world)
    rows = len(LINES[kind]) * (3 if "cut" in spoil else 6)
    assert (run.counts.landed, run.counts.quarantined, run.problem_count) == (
        rows,
        1,
        1,
    ) and is_balanced(run)
    [reject] = landed(zone, "artifact_rejects")
    assert reject["position"] == len(LINES[kind]) * 3 + 1
    assert any(reason in reject["reason"] for reason in reasons), reject["reason"]
    assert len(reject["excerpt"]) <= 120 * 4 and reject["excerpt"].isprintable()
    assert summary.artifacts[0].variant == ("cut" if "cut" in spoil else None)


def wrong_fields() -> list[tuple[str, str]]:
    return [(kind, name) for kind in KINDS for name in FORMS[kind].fields if kind != "backlog"]


@pytest.mark.parametrize(("kind", "name"), wrong_fields())
def test_a_field_of_another_type_is_reported_by_name(
    zone: LandingZone, world: Path, kind: str, name: str
):
    if kind in LINES:
        rows = [row for row in LINES[kind] if name in row][:1] or LINES[kind][:1]
        raw = lines([rows[0] | {name: [3]}])
    else:
        raw = json.dumps(DOCUMENTS[kind] | {name: [3]}).encode()
    write(world / NAMES[kind], raw)
    run, summary = land(zone, world)
    assert [(one.kind, one.state) for one in summary.artifacts] == [(kind, "quarantined")]
    assert f"{name} is of another type" in run.problems[0] and run.problem_count == 1
    assert run.counts.quarantined == 1 and all_rows(zone) == 0


def wrong_item_fields() -> list[tuple[str, str, str]]:
    return [
        (kind, list_name, name)
        for kind in DOCUMENTS
        for list_name, fields in FORMS[kind].lists.items()
        for name in fields
        if kind == "backlog" or DOCUMENTS[kind].get(list_name)
    ]


@pytest.mark.parametrize(("kind", "list_name", "name"), wrong_item_fields())
def test_an_element_with_a_field_of_another_type_is_left_out(
    zone: LandingZone, world: Path, kind: str, list_name: str, name: str
):
    document = json.loads(json.dumps(DOCUMENTS[kind]))
    elements = document if kind == "backlog" else document[list_name]
    healthy = len(elements)
    elements.append(elements[0] | {name: [3]})
    elements.append("no object")
    write(world / "x", json.dumps(document).encode())
    run, summary = land(zone, world)
    assert [(one.kind, one.state, one.quarantined) for one in summary.artifacts] == [
        (kind, "landed", 2)
    ]
    rejects = landed(zone, "artifact_rejects")
    assert [one["position"] for one in rejects] == [healthy + 1, healthy + 2]
    assert (
        f"{name} is of another type" in rejects[0]["reason"]
        and "not an object" in rejects[1]["reason"]
    )
    assert run.problem_count == 1


@pytest.mark.parametrize("kind", ["snapshot", "load_state"])
def test_an_invalid_hash_costs_its_entry(zone: LandingZone, world: Path, kind: str):
    spoilt = DOCUMENTS[kind] | {
        "hashes": {**HASHES, "node:File:x": 3, "node:File:y": {"deep": [1]}}
    }
    write(world / "x", json.dumps(spoilt).encode())
    run, _ = land(zone, world)
    assert [row["identity"] for row in landed(zone, "codegraphx_snapshot_entries")] == [*HASHES]
    assert [row["excerpt"] for row in landed(zone, "artifact_rejects")] == [
        "node:File:x",
        "node:File:y",
    ]
    assert (run.counts.quarantined, run.problem_count) == (2, 1)


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_an_empty_file_is_not_a_document(zone: LandingZone, world: Path, kind: str):
    write(world / NAMES[kind], b" \n")
    run, summary = land(zone, world)
    assert [(one.kind, one.state, one.reason) for one in summary.artifacts] == [
        (kind, "quarantined", "empty")
    ]


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (EDGE | {"kind": "hyperedge"}, "neither node nor edge"),
        ({name: value for name, value in EDGE.items() if name != "src_uid"}, "no src_uid"),
        (EDGE | {"dst_uid": None}, "no dst_uid"),
        (EDGE | {"uid": "x"}, "edge with a uid"),
        (NODES[0] | {"type": "CALLS"}, "node with a type"),
        ({name: value for name, value in NODES[0].items() if name != "uid"}, "no uid"),
        (NODES[0] | {"props": None}, "no props"),
        (NODES[0] | {"props": []}, "props is of another type"),
        (NODES[2] | {"props": {"line": 1.0}}, "props is of another type"),
        (NODES[2] | {"props": {"line": True}}, "props is of another type"),
        ("text", "not an object"),
        ([EDGE], "not an object"),
        (None, "not an object"),
    ],
)
def test_an_invalid_event_is_left_out(zone: LandingZone, world: Path, event: object, reason: str):
    write(world / "x", lines([EDGE, event, *NODES]))
    run, _ = land(zone, world)
    [reject] = landed(zone, "artifact_rejects")
    assert reject["position"] == 2 and reason in reject["reason"]
    assert run.counts.landed == 6


def test_entries_that_are_not_files_are_never_opened(zone: LandingZone, world: Path):
    os.mkfifo(world / "scan.jsonl")
    run, _ = land(zone, world / "scan.jsonl")
    assert run.problems == [f"{world / 'scan.jsonl'}: cannot be read: not a regular file"]
    (world / "loop").symlink_to(world, target_is_directory=True)
    run, _ = land(zone, world)
    assert (run.counts.skipped, run.counts.discovered) == (2, 2)


def test_a_file_of_holes_is_not_read(zone: LandingZone, world: Path):
    path = write(world / "events.jsonl", content("events"))
    os.truncate(path, 1 << 40)
    run, _ = land(zone, world)
    assert "sparse" in run.problems[0] and run.counts.quarantined == 1


def test_hidden_characters_of_a_name_are_shown_and_kept(zone: LandingZone, world: Path):
    name = b"sc\x1b[31man\xff.jsonl"
    path = os.fsencode(world) + b"/" + name
    with open(path, "wb") as file:
        file.write(content("scan") + b"odd\n")
    run, _ = land(zone, world)
    [artifact] = landed(zone, "artifacts")
    assert (
        artifact["artifact_path"] == f"{world}/sc\\x1b[31man\\xff.jsonl"
        and artifact["path_bytes"] == path
    )
    assert run.problems[0].isprintable()
    assert land(zone, world)[0].counts.unchanged == 1
