"""The signals of a few lines of code, in each language, and in files that are not code."""

from __future__ import annotations

import textwrap

import pytest
from hostile_sources import HOSTILE

from loaders.sources.contents.parsed import Parsed
from loaders.sources.signals.extract import extract
from loaders.sources.signals.words import effect, families, purpose


def signals(
    source: str | bytes, language: str = "Python", ending: str = ""
) -> dict[str, tuple[int, int]]:
    raw = source if isinstance(source, bytes) else textwrap.dedent(source).lstrip("\n").encode()
    return {
        signal: (count, line)
        for signal, count, line in extract(Parsed(raw, language, ending)).signals
    }


# -- words -----------------------------------------------------------------------------------------


def test_a_name_is_split_into_the_families_of_its_words():
    assert families("parse_HTTPHeader") == ("parse", "net", "codec")
    assert families("fetchedPages") == ("gather", "render")
    assert families("__x1__") == (None,) and families("a" * 81) == ()


def test_a_module_is_recognised_by_its_longest_prefix():
    assert purpose("urllib.parse") == "url" and purpose("urllib.request") == "network"
    assert purpose("@babel/parser") == "parsing" and purpose("node:fs") == "files"
    assert purpose("nobody_knows_this") is None


def test_a_call_is_recognised_by_its_last_two_names_or_its_last():
    assert effect("os.walk") == "walks files" and effect("self.root.rglob") == "walks files"
    assert effect("subprocess.check_output") == "asks a program" and effect("frobnicate") is None


# -- Python ----------------------------------------------------------------------------------------

PYTHON = {
    "imports and what they are for": (
        "import requests\nfrom urllib import request as r\nr.urlopen(1)\n",
        {"import: network": (2, 1), "use: network": (1, 3)},
    ),
    "calls and their families": (
        """
        import os, subprocess
        def run():
            for folder in os.walk("."):
                print(folder)
            subprocess.run(["ls"])
        """,
        {
            "call: walks files": (1, 3),
            "call: prints": (1, 4),
            "call: spawns": (1, 5),
            "shape: loop": (1, 3),
        },
    ),
    "words of definitions": (
        "class JsonReporter(BaseFormatter):\n    def render_table(self, rows):\n        return 1\n",
        {
            "class kind: report": (1, 1),
            "base kind: format": (1, 1),
            "function verb: render": (1, 2),
            "shape: method": (1, 2),
        },
    ),
    "docstrings": (
        '"""Scans repositories."""\ndef f():\n    """Validate one."""\n    return 2\n',
        {"first doc: scan": (1, 1), "first doc: vcs": (1, 1), "doc: check": (1, 3)},
    ),
    "argument parsers and entry points": (
        """
        import argparse
        def main():
            argparse.ArgumentParser().add_argument("--x")
        if __name__ == "__main__":
            main()
        """,
        {
            "import: arguments": (1, 1),
            "call: takes arguments": (2, 3),
            "shape: text of an option": (1, 3),
            "shape: main guard": (1, 4),
            "function verb: run": (1, 2),
        },
    ),
    "test frameworks": (
        "import pytest\n@pytest.fixture\ndef x(): pass\ndef test_x(x):\n    assert x == 1\n",
        {
            "import: testing": (1, 1),
            "shape: test fixture": (1, 2),
            "shape: test function": (1, 4),
            "shape: assertion": (1, 5),
        },
    ),
    "shapes of data": (
        (
            "from dataclasses import dataclass\n@dataclass\nclass A:\n    x: int\n"
            "class E(ValueError): pass\n"
        ),
        {
            "shape: data class": (1, 2),
            "shape: class field": (1, 4),
            "shape: exception class": (1, 5),
            "shape: class without methods": (2, 3),
        },
    ),
    "re-exports": (
        "from .a import b\nfrom .c import *\n__all__ = ['b']\n",
        {
            "shape: no definitions": (1, 1),
            "shape: relative import": (2, 1),
            "shape: star import": (1, 2),
            "shape: export list": (1, 3),
        },
    ),
    "verdicts, visitors, yields": (
        """
        class V:
            def visit_Name(self, node):
                yield node
            def is_bad(self, node):
                return node.id == "x"
        """,
        {
            "shape: visitor method": (1, 2),
            "shape: yields": (1, 3),
            "shape: returns a verdict": (1, 5),
        },
    ),
    "reading and rewriting files": (
        "def fix(p):\n    t = open(p).read()\n    open(p, 'w').write(t.replace('a', 'b'))\n",
        {
            "shape: opens to read": (1, 2),
            "shape: opens to write": (1, 3),
            "call: edits text": (1, 3),
            "function verb: fix": (1, 1),
        },
    ),
}


@pytest.mark.parametrize("case", PYTHON)
def test_signals_of_python(case: str):
    source, expected = PYTHON[case]
    found = signals(source)
    assert {signal: found.get(signal) for signal in expected} == expected


def test_python_that_does_not_parse_still_gives_its_words():
    found = extract(Parsed(b"import requests\ndef fetch_page(url):\n    print 'old'\n", "Python"))
    assert found.parse_state == "words"
    assert {"import: network", "function verb: gather"} <= {signal for signal, *_ in found.signals}


# -- JavaScript, TypeScript, others ----------------------------------------------------------------


def test_javascript_gives_calls_definitions_imports_and_comments():
    found = signals(
        """
        // Collects licences.
        const { execSync } = require("child_process");
        import fs from "fs";
        export class LicenseReporter extends Base {
          async renderReport(files) {
            for (const f of files) console.log(fs.readFileSync(f));
            return execSync("git log");
          }
        }
        """,
        "JavaScript",
    )
    expected = {
        "first doc: gather": (1, 1),
        "import: process": (1, 2),
        "use: files": (1, 6),
        "class kind: report": (1, 4),
        "function verb: render": (1, 5),
        "call: prints": (1, 6),
        "call: reads a file": (1, 6),
        "call: asks a program": (1, 7),
        "shape: loop": (1, 6),
    }
    assert {signal: found.get(signal) for signal in expected} == expected


def test_a_signal_of_a_script_has_its_first_line_each_time():
    # A query finds 400 nodes in another order each time.
    source = "\n".join(f"console.log({number}); execSync('git log');" for number in range(400))
    found = [signals(source, "JavaScript") for _ in range(5)]
    assert {one["call: prints"] for one in found} == {(400, 1)}
    assert {one["call: asks a program"] for one in found} == {(400, 1)}


@pytest.mark.parametrize("ending", ["ts", "tsx"])
def test_typescript_gives_types_and_parameters(ending: str):
    source = (
        "export interface ParserOptions { a: string }\nfunction parse(tokens: Token[]): Node {"
        " return walk(tokens) }\n"
    )
    found = signals(source, "TypeScript", ending)
    assert found["class kind: config"] == (1, 1) and found["shape: class without methods"] == (1, 1)
    assert found["function verb: parse"] == (1, 2) and found["parameter: parse"] == (1, 2)
    assert found["call: walks a tree"] == (1, 2)


def test_other_languages_give_their_words():
    rust = signals(
        """
        //! Queries the package manager.
        use std::process::Command;
        pub fn fetch_owner(path: &Path) -> Result<String> {
            let out = Command::new("dpkg").output()?;
            for line in out.lines() { println!("{}", line); }
        }
        """,
        "Rust",
    )
    assert rust["first doc: query"] == (1, 1) and rust["import: process"] == (1, 2)
    assert (
        rust["function verb: gather"] == (1, 3)
        and rust["call: spawns"] == (1, 4)
        and rust["call: prints"] == (1, 5)
    )
    shell = signals("# Cleans up\ncleanup() {\n  rm -rf x\n}\n", "Shell")
    assert shell["function verb: remove"] == (1, 2) and shell["first doc: remove"] == (1, 1)


# -- hostile ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["Python", "JavaScript", "TypeScript", "Rust", None])
@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_files_give_signals_and_no_error(kind: str, language: str | None):
    found = extract(Parsed(HOSTILE[kind], language))
    assert found.parse_state in ("tree", "words")
    assert all(count > 0 and line > 0 for _, count, line in found.signals)


def test_a_minified_file_is_not_parsed():
    source = b"function a(b){return b};" * 4000
    assert extract(Parsed(source, "JavaScript")).parse_state == "words"
