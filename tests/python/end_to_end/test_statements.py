"""The table of statements is whole; tests/drills/statements.py asks them."""

from __future__ import annotations

from pathlib import Path

from real_clones import missing_sources, sources
from statements import statements


def test_there_are_200_statements_with_a_right_answer_and_a_reason() -> None:
    rows = statements()
    assert [row.id for row in rows] == [str(number) for number in range(1, 201)]
    assert {row.how for row in rows} <= {"sql", "page", "manifest"}
    assert {row.state for row in rows} == {"before", "after"}
    assert all(row.known_by for row in rows)
    assert len({row.question for row in rows}) == 200


def test_the_sources_are_public_repositories_at_one_commit(tmp_path: Path) -> None:
    assert len(sources()) >= 15
    assert all(len(source.commit) == 40 for source in sources().values())
    assert missing_sources(tmp_path) == list(sources())
