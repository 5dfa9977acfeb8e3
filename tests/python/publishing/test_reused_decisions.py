"""The scripted life of decisions, configuration and code; its control hides a dependency."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import pytest
from real_work import lines, write
from scripted_life import OF_DECISIONS, Life, differences, live

from loaders.building import kept
from loaders.building.plan import Node

_VICTIM = "int_files__states"


@contextmanager
def _hidden_dependencies() -> Iterator[None]:
    """Let one table not notice that what it reads has changed."""
    known = kept.inputs_of

    def inputs_of(
        node: Node, contents: Mapping[str, str], variables: Mapping[str, str]
    ) -> str | None:
        is_victim = node.relation == f"internal.{_VICTIM}"
        return known(node, dict.fromkeys(contents, "") if is_victim else contents, variables)

    with mock.patch.object(kept, "inputs_of", inputs_of):
        yield


@pytest.mark.parametrize("steps", [4, pytest.param(len(OF_DECISIONS), marks=pytest.mark.long)])
def test_after_each_decision_and_change_of_code_the_tables_are_those_of_a_whole_build(
    tmp_path: Path, steps: int
):
    life, scratch = Life(tmp_path / "life"), tmp_path / "whole"
    assert live(life, OF_DECISIONS[:steps], scratch) == []
    with _hidden_dependencies():
        for count in (40, 41):
            write(life.code / "lib/src/lib/hidden.py", lines(count, "hidden"))
            life.pass_minutes()
            life.refresh()
    assert any(_VICTIM in line for line in differences(life, scratch))
