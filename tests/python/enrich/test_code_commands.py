"""The commands about code: lookups by name, and graphs as files."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import networkx
import pytest
from code_fixtures import CORE, EVIL_FILE, EVIL_SYMBOL, PARSE, RUN
from enrich_fixtures import EVIL, HOSTILE, JQ, OBEYED, Workspace

from enrich.answers.graph_files import WRITERS, Graph

FORMS = [*WRITERS]
# Text that a format might read as its own syntax, or refuse.
NASTY = HOSTILE + "\"'\\ --> ]]> </script><script>alert(1)</script> &amp; <b> ${x} \ufffe\uffff"


def _one(workspace: Workspace, *words: str) -> dict:
    answer = workspace.ask(*words, "--format", "json")
    assert answer.exit_code == 0, answer.stderr
    [found] = json.loads(answer.stdout)
    return found


@pytest.mark.parametrize(
    ("given", "key"),
    [("/w/jq/src/core.py", CORE), ("src/core.py", CORE), ("./parse.py", PARSE)],
)
def test_a_file_is_found_by_its_path_and_the_end_of_it(workspace, given, key):
    found = _one(workspace, "code", given)
    assert found["id"] == key


@pytest.mark.parametrize(
    "given",
    ["Engine.run", "src/core.py:run", "core.py:Engine.run", "Engine::run()", RUN[:8] + RUN[8:]],
)
def test_a_symbol_is_found_by_its_name_its_file_and_its_id(workspace, given):
    found = _one(workspace, "code", given)
    assert (found["symbol_id"], found["kind"]) == (RUN, "method")


def test_overloads_are_one_symbol_with_the_callers_of_all(workspace):
    calls = json.loads(workspace.ask("callers", "Engine.run", "--format", "json").stdout)
    assert [(call["line"], call["resolved_via"]) for call in calls] == [(3, "type"), (2, "name")]


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        (("code", "core.py"), ["core.py matches 2 files", "/w/jq/src/core.py"]),
        (("imports", "core.py"), ["core.py matches 2 files", "/w/jq/tests/core.py"]),
        (("callers", "run"), ["run matches 2 symbols", "jq/src/core.py:9  method Engine.run"]),
        (("code", "Engine.runs"), ["no own file or symbol here is called Engine.runs"]),
        (("callers", "rum"), ["is called rum; did you mean run?"]),
        (("imports", "nothing.py"), ["nothing.py: is not an own file here"]),
        (("code", "x", "--project", "nowhere"), ["no project is called nowhere"]),
        (("export-graph", "jq", "--type", "x"), ["there are CallGraph, ImportGraph"]),
    ],
)
def test_what_is_not_found_or_not_clear_is_reported_with_exit_code_2(workspace, words, lines):
    answer = workspace.ask(*words)
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert all(line in answer.stderr for line in lines), answer.stderr
    assert "Traceback" not in answer.stderr


def test_imports_show_both_directions_and_what_they_lead_to(workspace):
    rows = json.loads(workspace.ask("imports", "/w/jq/src/core.py", "--format", "json").stdout)
    assert [(row["direction"], row["leads_to"], row["file_path"]) for row in rows] == [
        ("imports", "package", None),
        ("imports", "file", "src/parse.py"),
        ("imported by", "file", rows[2]["file_path"]),
    ]
    assert rows[1]["module"] == ".parse"


@pytest.mark.parametrize("words", [("code", EVIL_SYMBOL), ("callers", EVIL_SYMBOL), ("map",)])
def test_hostile_names_of_code_reach_no_terminal(workspace, words):
    answer = workspace.ask(*words)
    assert answer.exit_code == 0
    assert "[red]" in answer.stdout or words[0] != "code"
    assert not OBEYED.search(answer.stdout)


@pytest.mark.parametrize("form", FORMS)
def test_a_graph_names_its_run_and_its_project(workspace, tmp_path, form):
    path = tmp_path / "graph"
    shown = workspace.ask("export-graph", "jq", "--format", form).stdout
    answer = workspace.ask("export-graph", "jq", "--format", form, "--output", str(path))
    assert (answer.exit_code, answer.stdout) == (0, f"exported: 3 nodes, 1 edge: {path}\n")
    assert path.read_text(encoding="utf-8") == shown
    assert "r1" in shown and JQ in shown and "src/parse.py" in shown

    again = workspace.ask("export-graph", "jq", "--output", str(path))
    assert again.exit_code == 2 and "--force replaces it" in again.stderr
    assert workspace.ask("export-graph", "jq", "--output", str(path), "--force").exit_code == 0
    assert [*tmp_path.glob("*.draft")] == []


def test_ends_that_are_not_known_stay_in_the_graph(workspace):
    graph = json.loads(workspace.ask("export-graph", EVIL).stdout)
    types = {node["id"]: node["node_type"] for node in graph["nodes"]}
    assert types == {EVIL_FILE: "file", CORE: "file", "0" * 32: "unknown"}
    calls = json.loads(workspace.ask("export-graph", EVIL, "--type", "callgraph").stdout)
    assert {edge["graph_type"] for edge in calls["edges"]} == {"CallGraph"}


def _nasty() -> Graph:
    nodes = [
        {"id": "a", "name": NASTY, "file_path": NASTY, NASTY: 1, "size": 1},
        {"id": NASTY, "name": None, "size": 2.5, "is_test": True},
    ]
    edges = [{"id": "e", "source": "a", "target": NASTY, "edge_type": NASTY}]
    return Graph({"run_id": NASTY, "project_id": "p"}, nodes, edges)


@pytest.mark.parametrize("form", FORMS)
def test_no_format_obeys_a_hostile_name(form):
    text = "".join(WRITERS[form](_nasty()))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)


def test_graphml_and_json_are_read_by_networkx():
    graph = networkx.read_graphml(io.BytesIO("".join(WRITERS["graphml"](_nasty())).encode()))
    linked = networkx.node_link_graph(json.loads("".join(WRITERS["json"](_nasty()))), edges="edges")
    for read in (graph, linked):
        assert read.is_directed() and len(read) == 2 and read.number_of_edges() == 1
        assert read.graph["project_id"] == "p"
        [name] = [values["name"] for _, values in read.nodes(data=True) if "name" in values]
        assert "</script>" in name and "\x1b" not in name
    assert {values["size"] for _, values in graph.nodes(data=True)} == {1.0, 2.5}


def test_dot_has_every_name_in_one_quoted_string():
    text = "".join(WRITERS["dot"](_nasty()))
    quoted = r'"(?:[^"\\]|\\.)*"'
    pair = f"{quoted}={quoted}"
    attributes = rf"\[{pair}(?:, {pair})*\]"
    statement = rf"  (?:{pair}|{quoted}(?: -> {quoted})? {attributes});\n"
    assert re.fullmatch(rf"digraph {{\n(?:{statement})+}}\n", text)
    # A name with one quote that is not escaped would end its string.
    assert not re.fullmatch(rf"digraph {{\n(?:{statement})+}}\n", text.replace('\\"', '"', 1))


def test_the_page_opens_without_a_network_and_obeys_no_name():
    text = "".join(WRITERS["html"](_nasty()))
    assert text.count("<script") == text.count("</script>") == 2
    data = re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1]
    assert not set(data) & set("<>&") and "alert(1)" in json.loads(data)["nodes"][0]["name"]
    # The only address is the name of SVG; nothing is fetched, and no text becomes code or markup.
    assert re.findall(r"\w+://[^\s\"')]+", text.replace(data, "")) == ["http://www.w3.org/2000/svg"]
    for word in (
        "eval",
        "Function(",
        "innerHTML",
        "document.write",
        "fetch(",
        "src=",
        "href=",
        "@import",
    ):
        assert word not in text.replace(data, "").replace("default-src", ""), word
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    assert policy.startswith("default-src 'none';") and "unsafe" not in policy


def test_graphml_declares_every_attribute_once():
    root = ElementTree.fromstring("".join(WRITERS["graphml"](_nasty())))
    space = "{http://graphml.graphdrawing.org/xmlns}"
    keys = {key.get("id"): key.get("attr.type") for key in root.iter(f"{space}key")}
    used = {data.get("key") for data in root.iter(f"{space}data")}
    assert used == set(keys)
    assert set(keys.values()) <= {"string", "long", "double", "boolean"}


def test_an_empty_graph_is_still_a_file_of_its_format(tmp_path: Path):
    for form in FORMS:
        assert "".join(WRITERS[form](Graph()))
    assert (
        len(networkx.read_graphml(io.BytesIO("".join(WRITERS["graphml"](Graph())).encode()))) == 0
    )
