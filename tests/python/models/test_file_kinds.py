"""Kinds and languages of files are right by name and content, as their ecosystems define them."""

from __future__ import annotations

import json

import pytest
from file_kind_cases import CASES, DOCUMENTS
from kind_models import what_they_are


@pytest.fixture(scope="module")
def answers():
    db = what_they_are([(path, content) for path, content, *_ in CASES])
    rows = db.execute("select file, file_kind, language from kinds").fetchall()
    return {file: (kind, language) for file, kind, language in rows}


def test_no_case_is_named_twice() -> None:
    paths = [path for path, *_ in CASES]
    assert len(paths) == len(set(paths))


@pytest.mark.parametrize(("path", "kind", "language"), [(p, k, la) for p, _, k, la, _ in CASES])
def test_a_file_is_what_its_name_and_content_are(answers, path, kind, language) -> None:
    assert answers[path] == (kind, language)


_VIM = b'" Name:   Sun colours\n" Author: Ada <ada@example.org>\n\nhi clear\n'


@pytest.mark.parametrize(
    ("path", "content", "expected"),
    [
        ("a.py", b"x = 1\n", (True, False)),
        ("b.py", b"# Copyright (c) 2015 Ada\nx = 1\n", (True, True)),
        ("c.c", b"/*\n * Copyright 2009-2013 Ada\n */\nint a;\n", (True, True)),
        ("d.go", b"package d\n\n// Copyright 2014 Ada\nvar a = 1\n", (True, False)),
        ("e.js", b"const a = 'Copyright 2014 Ada';\n", (True, False)),
        ("f.sh", b"#!/bin/sh\n# SPDX-FileCopyrightText: Ada\ntrue\n", (True, True)),
        ("g.vim", _VIM, (True, True)),
        ("h.vim", b'" The author of a message\nlet a = 1\n', (True, False)),
        ("i.less", b"a { b: c }\n", (False, False)),
        ("j.html", b"<p>Copyright 2014 Ada</p>\n", (False, False)),
        ("k.tf", b"variable a {}\n", (False, False)),
        ("l.md", b"Copyright 2014 Ada\n", (False, False)),
    ],
)
def test_programs_need_tests_and_may_begin_with_a_notice(path, content, expected) -> None:
    db = what_they_are([(path, content)])
    assert db.execute("select needs_tests, has_notice from kinds").fetchone() == expected


def _documents(path: str) -> tuple[bool, bool, bool]:
    db = what_they_are([(path, b"x\n"), ("a.py", b"x = 1\n")])
    found = db.execute(
        "select coalesce(bool_or(is_readme), false), coalesce(bool_or(is_license), false)"
        " from documents"
    ).fetchone()
    [ci] = db.execute("select bool_or(file_kind = 'ci') from kinds").fetchone()
    return (*found, ci)


@pytest.mark.parametrize(("path", "what"), DOCUMENTS)
def test_readmes_licences_and_ci_are_found_where_they_are_documented(path, what) -> None:
    expected = tuple(what == one for one in ("readme", "license", "ci"))
    assert _documents(path) == expected


def _notebook(cells: list[dict], **metadata: object) -> bytes:
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4}).encode()


def test_the_code_cells_of_a_notebook_are_its_source() -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Title\n", "text"]},
        {
            "outputs": [{"source": "no"}],
            "source": ["import os\n", "os.getcwd()"],
            "cell_type": "code",
        },
        {"cell_type": "code", "source": "x = 1\n"},
        {"cell_type": "code", "source": []},
    ]
    python = _notebook(cells, kernelspec={"name": "python3", "language": "python"})
    old = {"cell_type": "code", "input": ["1 + 1"], "language": "julia"}
    db = what_they_are(
        [
            ("a.ipynb", python),
            ("r.ipynb", _notebook(cells, kernelspec={"name": "ir"})),
            ("text.ipynb", _notebook(cells[:1], kernelspec={"name": "python3"})),
            ("old.ipynb", json.dumps({"worksheets": [{"cells": [old]}]}).encode()),
            ("broken.ipynb", python[:-9]),
            ("other.ipynb", b'{"a": 1}'),
            ("deep.ipynb", b"[" * 100_000),
        ]
    )
    rows = db.execute(
        "select file, file_kind, language, source_line_count from kinds order by file"
    ).fetchall()
    assert rows == [
        ("a.ipynb", "source", "Python", 3),
        ("broken.ipynb", "other", "Jupyter Notebook", 1),
        ("deep.ipynb", "other", "Jupyter Notebook", 1),
        ("old.ipynb", "source", "Julia", 1),
        ("other.ipynb", "other", "Jupyter Notebook", 1),
        ("r.ipynb", "source", "R", 3),
        ("text.ipynb", "doc", "Python", 0),
    ]
