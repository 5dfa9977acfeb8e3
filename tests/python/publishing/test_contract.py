"""The comparison of the contract can fail: it names every kind of change in every layer."""

from __future__ import annotations

import copy
from pathlib import Path

import duckdb
import pytest
from contract_layers import Layer, committed, disagreements

from loaders.publishing.contract import breaches

VIEW = "v_waivers"


def _renamed(layer: Layer) -> None:
    columns = dict(layer[VIEW])
    place = [*columns].index("owner")
    layer[VIEW][place] = ("keeper", columns["owner"])


def _retyped(layer: Layer) -> None:
    place = [*dict(layer[VIEW])].index("expires_on")
    layer[VIEW][place] = ("expires_on", "TIMESTAMP")


def _reordered(layer: Layer) -> None:
    columns = layer[VIEW]
    columns[0], columns[1] = columns[1], columns[0]


CHANGES = {
    "renamed": (_renamed, ["v_waivers.keeper", "v_waivers.owner"]),
    "retyped": (_retyped, ["v_waivers.expires_on"]),
    "reordered": (_reordered, ["v_waivers.gap_type", "v_waivers.waiver_id"]),
    "added": (lambda layer: layer[VIEW].append(("extra", "BIGINT")), ["v_waivers.extra"]),
    "dropped": (lambda layer: layer[VIEW].pop(), ["v_waivers.source_run_id"]),
    "a relation added": (lambda layer: layer.update({"v_new": []}), ["v_new"]),
    "a relation dropped": (lambda layer: layer.pop(VIEW), ["v_waivers"]),
}


@pytest.mark.parametrize("side", ["first", "second"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_the_contract_in_one_layer_is_named(change: str, side: str) -> None:
    make, names = CHANGES[change]
    layers = {"first": committed(), "second": committed()}
    make(layers[side])

    found = disagreements(layers["first"], layers["second"])

    assert sorted(line.partition(": ")[0] for line in found) == names


def test_equal_layers_do_not_differ() -> None:
    assert disagreements(committed(), copy.deepcopy(committed())) == []


def test_a_view_that_does_not_answer_is_named_unless_it_answered_before(tmp_path: Path) -> None:
    path = tmp_path / "published.duckdb"
    with duckdb.connect(str(path)) as db:
        db.execute("create table texts as select 'no number' as text")
        db.execute("create view v as select text from texts where cast(text as integer) > 0")
    contract = {"main.v": [("text", "VARCHAR")]}
    [line] = breaches(path, contract)
    assert line.startswith("main.v: does not answer")
    assert [*breaches(path, contract, answered={"main.v"})] == []
    [line] = breaches(path, {"main.v": [("words", "VARCHAR")]}, answered={"main.v"})
    assert "columns differ" in line
