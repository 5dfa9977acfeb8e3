"""Tests inside source files are counted, and a readme says whether its project is deprecated."""

from __future__ import annotations

import ast

import pytest

from loaders.sources.contents.languages import README
from loaders.sources.contents.parsed import Parsed
from loaders.sources.signals.extract import extract
from loaders.sources.signals.inline_tests import count_inline_tests, count_python_tests
from loaders.sources.signals.lifecycle import lifecycle_of

_RUST = """
fn first() -> char { '{' }
#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn counts() { assert_eq!(r#"}"}"#, "{\\"{"); /* } */ } // }
}
fn last() {}
"""


@pytest.mark.parametrize(
    ("language", "text", "lines"),
    [
        ("Rust", _RUST, 6),
        ("Rust", "#[cfg(test)]\nmod tests;\nfn code() {}\n", 2),
        ("Rust", "#[tokio::test]\nasync fn one() {\n}\nfn code() {}\n", 3),
        ("Rust", "#![cfg(test)]\nfn one() {}\n", 3),
        ("Rust", "#[cfg(not(test))]\nmod code { fn test() {} }\n// #[test]\n", 0),
        ("D", "int one() { return 1; }\n@safe unittest\n{\n    assert(one == 1);\n}\n", 4),
        ("D", "// unittest {\nint unittests() { return 1; }\n", 0),
        (
            "Zig",
            'test "one" {\n    const text = \n        \\\\ }\n    ;\n}\nfn tester() void {}\n',
            5,
        ),
        (
            "Julia",
            'one() = 1\n@testset "a" begin\n    @test one() == 1\nend\nfunction two()\nend',
            3,
        ),
        ("Nim", 'suite "a":\n  test "b":\n    check 1 == 1\nproc code() = discard\n', 3),
        ("C++", 'int code();\nTEST_CASE("a") {\n  CHECK(code());\n}\nvoid TEST_HELPER() {}\n', 3),
        ("TypeScript", "export {}\nif (import.meta.vitest) {\n  it('x', () => {})\n}\n", 3),
        ("Clojure", "(defn code [])\n(deftest one\n  (is true))\n(def x 1)\n", 2),
        # An example is documentation, and a word is not a test.
        ("Go", "func ExampleOne() {}\n", 0),
        ("Ruby", "def test\nend\n", 0),
    ],
)
def test_inline_tests_are_counted_by_the_marks_of_the_language(language, text, lines) -> None:
    assert count_inline_tests(text, language) == lines


def test_python_counts_classes_of_tests_and_test_functions() -> None:
    text = """
class One(unittest.TestCase):
    def test_one(self):
        pass

class TestBase:
    name = 1

def test_two():
    pass

def testing():
    pass
"""
    assert count_python_tests(ast.parse(text)) == 5
    assert extract(Parsed(text.encode(), "Python")).inline_test_lines == 5
    assert extract(Parsed(b"def broken(:\n", "Python")).inline_test_lines is None


@pytest.mark.parametrize("piece", ["/*", '"', "#[test]\n", "{", 'r#"', "test {", "unittest("])
def test_a_hostile_file_costs_linear_time(piece: str) -> None:
    for language in ("Rust", "D", "Zig", "C"):
        assert count_inline_tests(piece * 60_000, language) >= 0


_ABOUT_THE_PROJECT = {
    "deprecated": [
        "# Deprecated!\n\nSee the issue.",
        "# name (deprecated)",
        "# name - DEPRECATED\n",
        "name\n====\n\n**This project is deprecated**, use another.",
        "# name\n\n> Deprecated in favor of another.",
        "This project has reached its end of life.",
        "![state](https://img.shields.io/badge/status-deprecated-red.svg)\n# name",
    ],
    "archived": [
        "# [ARCHIVED] name",
        "> **Warning**\n> This repository has been archived\n> and is read only.",
        "> [!CAUTION]\n> This repo is archived; work goes on elsewhere.",
        "This repository was archived on 2024-01-01.",
        "This project has been archived (see below).",
    ],
    "unmaintained": [
        "**NO LONGER MAINTAINED**\n",
        "# name\n\nThis package is no longer\nmaintained. Use another.",
        "⚠️ This library is not actively maintained anymore.",
        "This project is dead, but see the new one.",
        "This repo is no longer active.",
        "This library isn’t maintained anymore.",
        "# name\n\nName is no longer actively maintained. Version 2 was its final release.",
        "I no longer maintain this project.",
        "Development has ceased.",
        "[![Maintenance](https://img.shields.io/badge/Maintained%3F-no-red.svg)](x)",
        "![](https://img.shields.io/maintenance/no/2019.svg)",
        "This package is abandoned and unsupported.",
        "The project is no longer developed by its author.",
        "[![No Maintenance Intended](http://unmaintained.tech/badge.svg)](http://unmaintained.tech/)",
        "[![Status](https://www.repostatus.org/badges/latest/abandoned.svg)](x)",
    ],
    "unstated": [
        "# name\n\nFinds deprecated calls in code.",
        "# deprecated\n\nA decorator for functions that are deprecated.",
        "The old interface is deprecated. Use the new one.",
        "Python 2 is no longer supported.",
        "This library is not supported on Windows.",
        "# name\n\n- Archived: lists archived repositories",
        "This package is the successor of another, which is deprecated.",
        "The original project is no longer maintained. This fork continues it.",
        "The upstream repository has been archived.",
        "Our previous package is deprecated.",
        "The v1 package is deprecated.",
        "This library was abandoned by its author in 2015, and we revived it.",
        "This tool is dead simple to use.",
        "# name\n\nname is dead simple.",
        "# name\n\nname has reached 1.0.",
        "This project isn't dead.",
        "We no longer maintain Python 2 support.",
        "[![Maintenance](https://img.shields.io/badge/Maintained%3F-yes-green.svg)](x)",
        "This app is inactive by default.",
        "The repository is archived every night.",
        "This project is in maintenance mode.",
        "# name\n" + "words\n\n" * 60 + "This project is deprecated.",
        "",
    ],
}


@pytest.mark.parametrize(
    ("state", "text"),
    [(state, text) for state, texts in _ABOUT_THE_PROJECT.items() for text in texts],
)
def test_a_readme_says_whether_its_project_lives(state: str, text: str) -> None:
    assert lifecycle_of(text) == state
    assert extract(Parsed(text.encode(), README)).lifecycle == state


@pytest.mark.parametrize(
    ("text", "has_text"),
    [
        ("## License\n\n> Permission is hereby granted, free of\n> charge, to any person …", True),
        ("Redistribution and use in source and binary forms, with or without …", True),
        ("Permission to use, copy, modify, and/or distribute this software for any", True),
        ("you can redistribute it and/or\nmodify it under the terms of the GNU", True),
        ('Licensed under the Apache License, Version 2.0 (the "License");', True),
        ("## License\n\nMIT", False),
        ("Licensed under the Apache License, Version 2.0.", False),
        ("Permission to use the camera is asked for.", False),
    ],
)
def test_the_text_of_a_licence_is_not_its_name(text: str, has_text: bool) -> None:
    assert extract(Parsed(text.encode(), README)).signals == [("licence: text", 1, 1)] * has_text
