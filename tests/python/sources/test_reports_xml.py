"""The stream of XML elements: what it yields, and what it refuses in one line."""

from __future__ import annotations

import io
import tracemalloc

import pytest

from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.reports.reading import xml_values
from loaders.sources.reports.reading.xml_values import Element, elements_of

_CASES = b"""
<suites name="all"><suite name="one"><case n="1"><failure>a<b>c</b>d</failure><out>loud</out></case>
<case n="2"/></suite><suite name="two"/></suites>"""


def _read(content: bytes, wanted: str = "case", **options: object) -> list[Element]:
    return list(elements_of(io.BytesIO(content), wanted.split(), **options))  # type: ignore[arg-type]


def test_elements_are_yielded_when_they_end_and_know_those_around_them() -> None:
    found = _read(_CASES, bare=("suite",), texts=("failure",))
    assert [(one.tag, one.attributes) for one in found] == [
        ("case", {"n": "1"}),
        ("case", {"n": "2"}),
        ("suite", {"name": "one"}),
        ("suite", {"name": "two"}),
    ]
    first = found[0]
    assert first.parent is not None and first.parent.parent is not None
    assert (first.parent.get("name"), first.parent.parent.get("name")) == ("one", "all")
    assert first.child_text("failure") == "ad", "the text of the element itself"
    assert first.child_text("out") == "", "a text that is not asked for"
    assert found[2].children is None and found[1].child("failure") is None


def test_all_text_in_wanted_elements_is_taken_if_none_is_named() -> None:
    (first, _) = _read(_CASES)
    assert (first.child_text("failure"), first.child_text("out")) == ("ad", "loud")


def test_an_inner_wanted_element_is_left_out_of_the_outer_one() -> None:
    content = b"<c n='1'><name>x</name><c n='2'><name>y</name></c></c>"
    inner, outer = _read(content, "c")
    assert (inner.child_text("name"), outer.child_text("name")) == ("y", "x")
    assert outer.child("c") is None


def test_only_expected_namespaces_are_left_out_of_tags() -> None:
    content = b'<bom xmlns="http://a/1" xmlns:o="http://b"><c/><o:c/></bom>'
    assert len(_read(content, "c", namespaces=("http://a/1",))) == 1
    assert not _read(content, "c")
    assert len(_read(content, "c", namespaces=("http://b",))) == 1


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", ""),
        ("latin-1", "<?xml version='1.0' encoding='ISO-8859-1'?>"),
        ("cp1252", "<?xml version='1.0' encoding='windows-1252'?>"),
        ("utf-16", "<?xml version='1.0' encoding='UTF-16'?>"),
        ("utf-16", ""),
    ],
)
def test_encodings(encoding: str, declared: str) -> None:
    (case,) = _read(f"{declared}<s><case n='größe'/></s>".encode(encoding))
    assert case.get("n") == "größe"


def test_a_document_type_that_only_names_an_external_definition_is_harmless() -> None:
    for kind in ('SYSTEM "http://x/coverage-04.dtd"', 'PUBLIC "-//JACOCO//DTD" "report.dtd"', ""):
        assert _read(f"<!DOCTYPE s {kind}><s><case/></s>".encode())


_BOMB = '<!DOCTYPE s [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><s><case n="&b;"/></s>'
_HOSTILE = {
    _BOMB: "a document type with declarations of its own, at line 1",
    '<!DOCTYPE s [<!ATTLIST case n CDATA "x">]><s><case/></s>': "declarations of its own",
    '<!DOCTYPE s SYSTEM "x"><s><case>&x;</case></s>': "an entity that is not one of the five",
    "<s><case>&x;</case></s>": "not XML: undefined entity, at line 1, column 10",
    "<s>\n<case n='1'>": "it ends in the middle, at line 2, column 13",
    "<s>\n<case n='1": "it ends in the middle, at line 2, column 1",
    "": "it ends in the middle, at line 1, column 1",
    "<s><case></s>": "not XML: mismatched tag, at line 1, column 12",
    "<s><case n='1' n='2'/></s>": "not XML: duplicate attribute",
    "<s><case>\x1b</case></s>": "not XML: not well-formed (invalid token), at line 1, column 10",
    "<s><case>&#0;</case></s>": "not XML: reference to invalid character number",
    "<s/><s/>": "not XML: junk after document element",
    "<?xml version='1.0' encoding='klingon'?><s/>": "not XML: ",
    "<a:s/>": "not XML: unbound prefix",
    "<s>" + "<d>" * 600: "nested deeper than 512",
    "<s><!-- " + "x" * (2 << 20) + "--></s>": "a tag or comment of more than 1048576 bytes",
    "<s><case n='" + "x" * (2 << 20) + "'/></s>": "a tag or comment of more than 1048576 bytes",
    "<s><case>" + "<p/>" * 200_000 + "</case></s>": "an element of more than 9999999 bytes",
}


@pytest.mark.parametrize("content", _HOSTILE, ids=lambda content: content[:40])
def test_what_is_refused_says_why_and_where(content: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_values, "LONGEST_LINE", 1 << 20)
    monkeypatch.setattr(xml_values, "_LARGEST_ELEMENT", 9_999_999)
    with pytest.raises(Invalid) as raised:
        _read(content.encode())
    assert _HOSTILE[content] in str(raised.value)
    assert "\n" not in str(raised.value)


def test_bytes_that_are_not_in_the_encoding_are_refused() -> None:
    with pytest.raises(Invalid, match="not XML: not well-formed"):
        _read(b"<s><case n='gr\xf6\xdfe'/></s>")


def test_many_elements_that_end_one_after_the_other_are_within_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(xml_values, "_LARGEST_ELEMENT", 200_000)
    content = b"<suite>" + b"<case><failure>no</failure></case>" * 20_000 + b"</suite>"
    assert len(_read(content, "case suite")) == 20_001


def test_a_long_text_is_cut_and_a_long_output_costs_no_memory() -> None:
    content = b"<s><case><failure>" + b"x" * (40 << 20) + b"</failure></case><case/></s>"
    stream = io.BytesIO(content)
    tracemalloc.start()
    first, _ = elements_of(stream, ("case",), texts=("failure",))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(first.child_text("failure") or "") == 64 << 10
    assert peak < 4 << 20
