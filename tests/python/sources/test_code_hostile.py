"""No content stops the extraction of code, whatever language its name claims."""

from __future__ import annotations

import pytest
from hostile_sources import HOSTILE

from loaders.sources.code import extract as extracting
from loaders.sources.contents.parsed import Parsed

LANGUAGES = {
    "C": "c",
    "C#": "cs",
    "C++": "cpp",
    "Go": "go",
    "Java": "java",
    "JavaScript": "js",
    "PHP": "php",
    "Python": "py",
    "Ruby": "rb",
    "Rust": "rs",
    "Shell": "sh",
    "TypeScript": "ts",
    "COBOL": "cob",
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_files_give_their_lines_and_no_error(kind: str, language: str) -> None:
    source = (b"<?php\n" if language == "PHP" else b"") + HOSTILE[kind]
    code = extracting.extract(Parsed(source, language, LANGUAGES[language]))
    assert code.parse_state in ("tree", "partial", "lines")
    assert (code.total_lines or 0) >= (code.blank_lines or 0) >= 0
    assert all(0 < one.start_line <= one.end_line for one in code.symbols)
