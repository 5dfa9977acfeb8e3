"""The scripted life: after each step, a refresh leaves the tables of a whole build.

Decisions and changes of the code are in test_reused_decisions.py, for another worker.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from scripted_life import OF_FACTS, Life, live


@pytest.mark.parametrize("steps", [6, pytest.param(len(OF_FACTS), marks=pytest.mark.long)])
def test_after_each_change_of_the_world_the_tables_are_those_of_a_whole_build(
    tmp_path: Path, steps: int
):
    assert live(Life(tmp_path / "life"), OF_FACTS[:steps], tmp_path / "whole") == []
