"""The small inputs of `shared/data/cases` give the right values: cases.csv names input and value.

Needs ../shared (or META_SHARED_DIR).
"""

from __future__ import annotations

import pytest
from answers import Answers, is_right
from cases_world import CASES, NOW, Question, build_cases, questions
from product import Product
from replayed_build import refresh

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not CASES.exists(), reason=f"{CASES}: not here"),
]


@pytest.fixture(scope="module")
def cases(tmp_path_factory) -> Answers:
    """The workspace of all cases, refreshed once.

    DuckDB would take the names of the two folders for columns of a Hive partition.
    """
    home = tmp_path_factory.mktemp("cases") / "state=NY" / "run_id=5"
    build_cases(home / "code")
    product = Product(home, now=NOW)
    refresh(product, home / "code")
    return Answers(product, home / "code")


@pytest.mark.parametrize("row", questions(), ids=lambda row: f"{row.case}: {row.asked}")
def test_the_value_is_right(cases: Answers, row: Question) -> None:
    answer = cases.answer(row.how, row.question)
    assert is_right(row.how, answer, row.right), f"{answer!r}, right is {row.right!r}"


def test_every_case_has_a_question() -> None:
    cases = {path.name for path in CASES.iterdir() if path.is_dir()} - {"__pycache__"}
    assert {row.case for row in questions()} == cases
