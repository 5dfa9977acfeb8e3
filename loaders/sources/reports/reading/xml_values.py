"""Stream an XML document: only the elements with given tags, one at a time.

No entity is declared or fetched: a document type may only name an external definition, which is
not read.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from typing import Any, BinaryIO
from xml.parsers import expat

from loaders.sources.artifacts.strict_json import LONGEST_LINE, Invalid

# No tool nests deeper: the deepest are the keywords of Robot Framework.
_DEEPEST = 512
# The limit for what is kept at one time, in bytes, and what an element adds to it by itself.
_LARGEST_ELEMENT = 32 << 20
_SIZE_OF_ELEMENT = 100
# Text beyond this length is left out.
_LONGEST_TEXT = 64 << 10
# Tags whose treatment is remembered.
_MOST_TAGS = 10_000
_BLOCK = 128 << 10
_SPACE = b" \t\r\n"
_TORN = {
    expat.errors.codes[message]
    for message in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
    )
}


class Element:
    """An element that has ended. Its tag has no namespace if that is an expected one."""

    __slots__ = ("_kept_before", "_kind", "attributes", "children", "parent", "tag", "text")
    _kept_before: int  # only of wanted ones

    def __init__(
        self,
        kind: _Kind,
        attributes: dict[str, str],
        parent: Element | None,
        children: list[Element] | None,
    ) -> None:
        self._kind = kind
        self.tag = kind.tag
        self.attributes = attributes
        self.parent = parent  # is still open; None of a child that was kept
        self.children = children  # None if they are not kept
        self.text = ""

    def get(self, name: str) -> str | None:
        """Return the attribute *name*."""
        return self.attributes.get(name)

    def child(self, tag: str) -> Element | None:
        """Return the first child with *tag*."""
        return next((one for one in self.children or () if one.tag == tag), None)

    def child_text(self, tag: str) -> str | None:
        """Return the text of the first child with *tag*, without spaces around it."""
        found = self.child(tag)
        return None if found is None else found.text.strip()


def elements_of(
    stream: BinaryIO,
    wanted: Iterable[str],
    *,
    bare: Iterable[str] = (),
    texts: Iterable[str] | None = None,
    namespaces: Container[str] = ("",),
) -> Iterator[Element]:
    """Yield each element with a *wanted* tag when it ends, with its content, except for elements in
    it that were yielded before. Elements with a *bare* tag are yielded without content.

    Of these, only elements with a tag in *texts* (None: all) have their text, up to 64 KB. An
    element in one of the *namespaces* has a tag without it; elsewhere it is `namespace tag`.
    Raises Invalid for invalid XML, deep nesting, and content or attributes beyond the limits.
    """
    reader = _Reader(_Kinds(wanted, bare, texts, namespaces))
    block = stream.read(_BLOCK)
    while block and not block.strip(_SPACE):
        block = stream.read(_BLOCK)
    block = block.lstrip(_SPACE)
    while block:
        yield from reader.ended_in(block)
        block = stream.read(_BLOCK)
    yield from reader.ended_in(b"")


class _Kind:
    """How the elements with one tag are treated."""

    __slots__ = ("is_bare", "is_taken", "is_wanted", "is_yielded", "tag")

    def __init__(self, tag: str, kinds: _Kinds) -> None:
        self.tag = tag
        self.is_wanted = tag in kinds.wanted
        self.is_bare = tag in kinds.bare
        self.is_yielded = self.is_wanted or self.is_bare
        self.is_taken = kinds.texts is None or tag in kinds.texts


class _Kinds(dict[str, _Kind]):
    def __init__(
        self,
        wanted: Iterable[str],
        bare: Iterable[str],
        texts: Iterable[str] | None,
        namespaces: Container[str],
    ) -> None:
        self.wanted = frozenset(wanted)
        self.bare = frozenset(bare)
        self.texts = None if texts is None else frozenset(texts)
        self._namespaces = namespaces

    def __missing__(self, tag: str) -> _Kind:
        namespace, _, name = tag.rpartition(" ")
        kind = _Kind(name if namespace in self._namespaces else tag, self)
        if len(self) < _MOST_TAGS:
            self[tag] = kind
        return kind


class _Reader:
    """The state of one document."""

    def __init__(self, kinds: _Kinds) -> None:
        self._kinds = kinds
        self._fed = 0
        self._ended: list[Element] = []
        self._state: Callable[[], tuple[Element | None, int]] = lambda: (None, 0)
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = _refuse_subset
        self._parser.EntityDeclHandler = _refuse_entity
        self._parser.SkippedEntityHandler = _refuse_entity
        self._set_handlers()

    def ended_in(self, block: bytes) -> list[Element]:
        """Feed *block*, the last of which is empty, and return the elements that end in it."""
        self._ended.clear()
        try:
            self._parser.Parse(block, not block)
        except expat.ExpatError as error:
            raise Invalid(_reason_of(error, is_end=not block)) from None
        except Invalid as error:
            raise Invalid(f"{error}, at line {self._parser.CurrentLineNumber}") from None
        except (LookupError, ValueError):
            raise Invalid("not XML: its encoding is not known") from None
        self._fed += len(block)
        if block:
            self._check_limits()
        return self._ended

    def _check_limits(self) -> None:
        if self._fed - self._parser.CurrentByteIndex > LONGEST_LINE:
            raise Invalid(f"a tag or comment of more than {LONGEST_LINE} bytes")
        element, kept = self._state()
        if kept > _LARGEST_ELEMENT:
            raise Invalid(f"an element of more than {_LARGEST_ELEMENT} bytes")
        depth = 0
        while element is not None:
            depth += 1
            element = element.parent
        if depth > _DEEPEST:
            raise Invalid(f"nested deeper than {_DEEPEST}")

    def _set_handlers(self) -> None:
        """Set the handlers: closures, because they are called for each element."""
        parser, ended, kinds = self._parser, self._ended, self._kinds
        current: Element | None = None
        parts: list[str] = []
        length = 0
        is_taking = is_paused = False  # paused: in an element without text of one with text
        kept = 0

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal current, is_paused
            kind = kinds[tag]
            outer = current
            if kind.is_wanted or (
                outer is not None and outer.children is not None and not kind.is_bare
            ):
                current = Element(kind, attributes, outer, [])
                current._kept_before = kept
                take = kind.is_taken
            else:
                current = Element(kind, attributes, outer, None)
                take = False
            if take or is_taking:
                is_paused = is_paused or (is_taking and not take)
                switch(outer, take)

        def end(_: str) -> None:
            nonlocal current, is_paused, kept
            element = current
            assert element is not None
            outer = current = element.parent
            if is_taking or is_paused:
                switch(element, takes(outer))
                is_paused = is_paused and not is_taking
            if element._kind.is_yielded:
                ended.append(element)
                if element.children is not None:
                    kept = element._kept_before
            elif element.children is not None:
                # It is kept without being wanted: so is what is around it.
                outer.children.append(element)  # type: ignore[union-attr]
                element.parent = None  # A cycle would stay in memory.
                kept += _SIZE_OF_ELEMENT + sum(map(len, element.attributes.values()))

        def takes(element: Element | None) -> bool:
            return element is not None and element._kind.is_taken and element.children is not None

        def take_text(text: str) -> None:
            nonlocal length, kept
            if length < _LONGEST_TEXT:
                parts.append(text[: _LONGEST_TEXT - length])
                length += len(text)
                kept += len(text)

        def switch(element: Element | None, take: bool) -> None:
            """Give *element* the text that was taken, and take that which follows, or not."""
            nonlocal length, is_taking
            if parts and element is not None:
                element.text += "".join(parts)
            parts.clear()
            length = 0
            if take is not is_taking:
                is_taking = take
                parser.CharacterDataHandler = take_text if take else None

        parser.StartElementHandler = start
        parser.EndElementHandler = end
        self._state = lambda: (current, kept)


def _reason_of(error: expat.ExpatError, *, is_end: bool) -> str:
    place = f"line {error.lineno}, column {error.offset + 1}"
    if is_end and error.code in _TORN:
        return f"it ends in the middle, at {place}"
    return f"not XML: {expat.ErrorString(error.code)}, at {place}"


def _refuse_subset(_name: str, _system: str | None, _public: str | None, has_subset: bool) -> None:
    if has_subset:
        raise Invalid("a document type with declarations of its own")


def _refuse_entity(*_: Any) -> None:
    raise Invalid("an entity that is not one of the five of XML")
