"""Files that a tool has written, and files with attributes, get the kind that keeps them apart."""

from __future__ import annotations

import pytest
from kind_models import own_kinds

PAGE = b"<!DOCTYPE html>\n<html><body>text</body></html>\n"
CODE = b"let a = 1\n"

# Files that make a folder one that a tool has written, and files that are not enough.
BUILT = {
    "Sphinx": ("site/searchindex.js site/objects.inv", "site/searchindex.js"),
    "MkDocs": ("site/search/search_index.json site/sitemap.xml site/404.html", "site/404.html"),
    "Javadoc": ("site/element-list site/help-doc.html", "site/help-doc.html"),
    "Doxygen": ("site/doxygen.css site/dynsections.js", "site/doxygen.css"),
    "rustdoc": ("site/crates.js site/settings.html", "site/settings.html"),
    "npm": ("package.json", "sub/package.json"),
    "Maven": ("pom.xml", "sub/pom.xml"),
    "Cargo": ("Cargo.toml", "sub/Cargo.toml"),
    "CocoaPods": ("Podfile", "sub/Podfile"),
}
FOLDERS = {"npm": "dist", "Maven": "target", "Cargo": "target", "CocoaPods": "Pods"}


@pytest.mark.parametrize("tool", BUILT)
def test_a_folder_that_a_tool_writes_is_known_by_the_marks_of_the_tool(tool: str) -> None:
    folder = FOLDERS.get(tool, "site")
    kind = "vendored" if tool == "CocoaPods" else "generated"
    for marks, right in zip(BUILT[tool], (kind, "source"), strict=True):
        files = [(name, b"{}\n") for name in marks.split()]
        kinds = own_kinds([*files, (f"{folder}/deep/a.js", CODE), (f"{folder}x/a.js", CODE)])
        assert kinds[f"{folder}/deep/a.js"][0] == right
        assert kinds[f"{folder}x/a.js"][0] == "source"
        assert kinds[f"{folder}/deep/a.js"][2] == (right == "generated" and folder == "site")


def test_attributes_make_files_those_of_others_and_own_ones_again() -> None:
    files = ("a.js", "b.js", "c.js", "vendor/d.js", "vendor/e.js", "package-lock.json", "docs/f.md")
    rules = [
        ("file", "a.js", {"is_vendored": True}),
        ("file", "b.js", {"is_generated": True}),
        ("file", "c.js", {"is_documentation": True}),
        ("file", "vendor/d.js", {"is_vendored": False}),
        ("file", "package-lock.json", {"is_generated": False}),
        ("file", "docs/f.md", {"is_vendored": True}),
    ]
    kinds = own_kinds([(file, CODE) for file in files], rules)
    assert [kinds[file][0] for file in files] == [
        *("vendored", "generated", "doc"),
        *("source", "vendored", "other", "doc"),
    ]


def test_a_rule_on_a_folder_is_about_the_files_directly_in_it() -> None:
    files = ("out/a.js", "out/deep/b.js", "c.js", "d.js")
    rules = [("folder", "out", {"is_ignored": True}), ("file", "c.js", {"is_ignored": True})]
    kinds = own_kinds([(file, CODE) for file in files], rules)
    assert [kinds[file][1] for file in files] == [True, False, True, False]


def test_generated_pages_are_documentation_and_generated_code_is_not() -> None:
    page = PAGE.replace(b"<html>", b'<html><meta name="generator" content="Hugo 0.1">')
    kinds = own_kinds([("p/a.html", page), ("p/b.html", PAGE), ("p/c.min.js", CODE)])
    assert kinds["p/a.html"] == ("generated", False, True)
    assert kinds["p/b.html"][2] is False and kinds["p/c.min.js"] == ("generated", False, False)
