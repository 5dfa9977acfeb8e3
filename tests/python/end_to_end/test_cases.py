"""The small inputs of `shared/data/cases` give the right values: cases.csv names input and value.

Needs ../shared (or META_SHARED_DIR).
"""

from __future__ import annotations

import pytest
from cases_world import CASES, CasesWorld, Question, is_right, questions

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not CASES.exists(), reason=f"{CASES}: not here"),
]


@pytest.fixture(scope="module")
def cases(tmp_path_factory) -> CasesWorld:
    """The workspace of all cases, refreshed once."""
    return CasesWorld(tmp_path_factory.mktemp("cases")).refresh()


@pytest.mark.parametrize("question", questions(), ids=lambda row: f"{row.case}: {row.asked}")
def test_the_value_is_right(cases: CasesWorld, question: Question) -> None:
    answer = cases.answer(question)
    assert is_right(question, answer), f"{answer!r}, right is {question.right!r}"


def test_each_question_is_about_a_case_that_exists() -> None:
    assert {row.case for row in questions()} <= {path.name for path in CASES.iterdir()}
