"""Parse the XML of a pom as Maven 3.8 does: lenient about bytes, and with the entities of HTML.

The parser is expat. As Maven does, it skips a document type without reading it, so that a custom
entity is an error if it is used; depth and number of elements are limited.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from html.entities import name2codepoint
from typing import NoReturn
from xml.parsers import expat

from loaders.sources.manifests.manifest_facts import InvalidManifest
from loaders.sources.manifests.manifest_texts import text_of_file

_DEEPEST = 64
_MOST_ELEMENTS = 50_000
_LONGEST_TEXT = 1000
_DECLARED = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_DECLARATION = re.compile(r"<\?xml\s[^>]*\?>")
_UTF_16 = {b"<\0?\0": "utf-16-le", b"\0<\0?": "utf-16-be"}
# Names of Java that Python does not have.
_JAVA_NAMES = {"windows-31j": "cp932", "x-sjis": "shift_jis", "x-mswin-936": "gbk"}
# A document type with all that may be before it; each repetition is possessive, so that it is fast.
_DOCTYPE = re.compile(r"(?>\s++|<!--.*?-->|<\?.*?\?>)*+<!DOCTYPE", re.DOTALL)
_ENTITY = re.compile(r"&([A-Za-z]+[0-9]*);")
_BRACKET = re.compile(r"[\[\]>]")
_OF_XML = ("lt", "gt", "amp", "apos", "quot")
# Maven takes them for text; expat does not.
_CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass
class Element:
    """One element: its tag without a prefix, the text directly in it, and its children."""

    tag: str
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def all(self, *path: str) -> list[Element]:
        """Return the elements at *path*, tag by tag, below this one."""
        found = [self]
        for tag in path:
            found = [child for element in found for child in element.children if child.tag == tag]
        return found

    def text_at(self, *path: str) -> str:
        return next((element.text.strip() for element in self.all(*path)), "")


def parse_pom(raw: bytes) -> Element:
    """Return the root element. Raises InvalidManifest."""
    text = text_of_file(raw, errors="replace", encoding=_encoding(raw)).lstrip()
    text = _DECLARATION.sub("", text, count=1) if text.startswith("<?xml") else text
    text = _without_document_type(text)
    return _parsed(_ENTITY.sub(_character, _CONTROL.sub("\ufffd", text)))


def _encoding(raw: bytes) -> str:
    """Return the encoding that the bytes or the declaration give, by a name that Python has."""
    start = raw.lstrip()[:1024]
    if start[:4] in _UTF_16:
        return _UTF_16[start[:4]]
    declared = _DECLARED.match(start)
    name = declared[1].decode("ascii").lower() if declared else "utf-8"
    name = _JAVA_NAMES.get(name, name)
    for known in (name, name.removeprefix("x-")):
        try:
            return codecs.lookup(known).name
        except LookupError:
            continue
    # The names in a pom are ASCII, as are the first 128 characters of most encodings.
    return "ascii"


def _without_document_type(text: str) -> str:
    """Leave out the document type: as in Maven, it ends at the first `>` outside of brackets."""
    found = _DOCTYPE.match(text)
    if found is None:
        return text
    depth = 0
    for mark in _BRACKET.finditer(text, found.end()):
        depth += {"[": 1, "]": -1}.get(mark[0], 0)
        if mark[0] == ">" and depth == 0:
            return text[mark.end() :]
    raise InvalidManifest("not XML: the document type (DOCTYPE) does not end")


def _character(entity: re.Match[str]) -> str:
    code = None if entity[1] in _OF_XML else name2codepoint.get(entity[1])
    return entity[0] if code is None else chr(code)


def _parsed(text: str) -> Element:
    root = Element("")
    stack = [root]
    count = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if len(stack) > _DEEPEST or count > _MOST_ELEMENTS:
            raise InvalidManifest(
                "nested too deeply"
                if len(stack) > _DEEPEST
                else f"more than {_MOST_ELEMENTS} elements"
            )
        element = Element(tag.rpartition(":")[2])
        stack[-1].children.append(element)
        stack.append(element)

    def characters(part: str) -> None:
        if len(stack[-1].text) < _LONGEST_TEXT:
            stack[-1].text += part[:_LONGEST_TEXT]

    def refuse(*_: object) -> NoReturn:
        raise InvalidManifest("a second document type (DOCTYPE) is not allowed")

    # A text, unlike bytes, is not decoded by its declaration again.
    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda tag: stack.pop()
    parser.CharacterDataHandler = characters
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    try:
        parser.Parse(text, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise (
            error if isinstance(error, InvalidManifest) else InvalidManifest(f"not XML: {error}")
        ) from None
    return root.children[0]
