"""Texts that people read contain no banned phrasing; `banned.csv` gives each with its reason."""

from __future__ import annotations

import re

import banned
import pytest

PHRASES = banned.read_phrases()

PLAIN = """
There is no limit, and there are no further options. What projects exist, and in what state?
It is no longer read; 3 is no more than a guess. What to do next is on one page.
Of course the standard layout applies, and the outlay, the belief and the layer are the same.
`NULL where` and `catalog` are names in code. In turn, a switch is turned off or into another.
From now on, `land.py catalog` reads project_catalog.db, and NULL stands for an unknown value.
"""


@pytest.mark.parametrize("phrase", PHRASES, ids=lambda phrase: phrase.example)
def test_every_phrase_is_found_in_its_example(phrase):
    assert list(banned.find([(1, phrase.example)], [phrase]))


def test_plain_english_is_accepted():
    lines = list(enumerate(PLAIN.strip().splitlines(), 1))
    text = [(number, re.sub("`[^`]*`", "X", line)) for number, line in lines]
    assert list(banned.find(text, PHRASES)) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("page.md", "# A page\n\nIt is read by\nnobody.\n"),
        ("page.md", "\n\n| a | read by nobody |\n"),
        ("model.sql", "select 1\nfrom x\n-- for nobody\nwhere 1 = 1\n"),
        ("model.sql", "select\n    1,\n    'for nobody' as because\n"),
        ("model.yml", "models:\n  - name: x\n    description: for nobody\n"),
        ("code.py", "x = 1\ny = 2\n# for nobody\nz = 3\n"),
        ("code.py", "x = 1\ny = 2\nraise ValueError(f'{x} is for nobody')\n"),
        ("code.py", "def f():\n    '''Do it.\n    For nobody.'''\n"),
        ("Makefile", "\n\nhelp: ## for nobody\n"),
        ("seeds/rules.csv", "rule,note\nA,fine\nB,for nobody\n"),
    ],
)
def test_a_planted_phrase_is_found_with_its_line(tmp_path, name, text):
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    found = [hit for passage in banned.passages_of(file) for hit in banned.find(passage, PHRASES)]
    assert [(line, words) for line, words, _ in found] == [(_line_of("nobody", text), "nobody")]


def _line_of(word: str, text: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if word in line)


def test_no_text_contains_a_banned_phrasing():
    assert [str(hit) for hit in banned.hits_in(banned.read_by_people(), PHRASES)] == []
