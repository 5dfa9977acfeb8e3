"""Cut values out of a stream of JSON, and give each to a parser that wants it whole.

Where a value ends is found without parsing it. The parser then decides: of two texts that begin at
the same brace, at most one is an object.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import msgspec
import numpy as np

from loaders.sources.artifacts.strict_json import DEEPEST, Invalid, parse

_BLOCK = 1 << 16
_ENDS = "it ends in the middle"

_SPACE = re.compile(rb"[ \t\r\n]*")
_STRING = re.compile(rb'"(?:[^"\\]+|\\.)*+"', re.DOTALL)
# Everything up to the next bracket outside of a string, or to a string that is not complete.
_TO_BRACKET = re.compile(rb'(?:[^"{}\[\]]+|"(?:[^"\\]+|\\.)*+")*+', re.DOTALL)
_WORD = re.compile(rb'[^\s,:"{}\[\]]+')
# The text between two objects of a list, up to the first key of the second.
_BETWEEN = re.compile(rb'[ \t\r\n]*,[ \t\r\n]*\{[ \t\r\n]*(?:"[^"\\]*"|\})')
_LONGEST_BETWEEN = 512
_SHOWN = 40
_LONGEST_AFTER = 4096
_QUOTE = ord('"')


_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def decoded(raw: bytes) -> Any:
    """Return the value of *raw*. Raises Invalid."""
    try:
        value = _decode(raw)
    except UnicodeDecodeError:
        raise Invalid("not UTF-8") from None
    except RecursionError:
        raise Invalid(f"nested deeper than {DEEPEST}") from None
    except msgspec.DecodeError as error:
        raise Invalid(_reason_of(str(error), raw)) from None
    if isinstance(value, (dict, list)) and not _is_as_written(value, raw):
        return parse(raw)
    return value


def _is_as_written(value: Any, raw: bytes) -> bool:
    """Return whether no object in *raw* has a key twice, as far as quotation marks show it."""
    try:
        again = _encode(value)
    except RecursionError:
        return False
    return _quotes_in(again) == _quotes_in(raw) and rb"\u0022" not in raw


def _quotes_in(text: bytes) -> int:
    # In text with many of them, this is ten times as fast as bytes.count.
    return int(np.count_nonzero(np.frombuffer(text, np.uint8) == _QUOTE))


def _reason_of(message: str, raw: bytes) -> str:
    if "surrogate" in message or ("truncated" in message and rb"\u" in raw):
        return "lone surrogate"
    if "truncated" in message:
        return "not JSON: a word that is not whole"
    if "out of range" in message:
        return "a number beyond 64 bits"
    return f"not JSON: {message.removeprefix('JSON is malformed: ').partition(' (byte')[0]}"


class Pieces:
    """The pieces of a document, in their order. All methods raise Invalid."""

    LARGEST = 32 << 20  # bytes of one value

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._text = b""
        self._at = 0  # the place in the text where the next piece begins
        self._before = 0  # bytes of the document before the text
        self._depth = 0
        self._between = b""  # what came between the last two objects of a list
        self._singly = 0  # up to this byte of the document, objects are cut one by one

    def peek(self) -> bytes:
        """Return the first character of the next piece."""
        while True:
            match = _SPACE.match(self._text, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._text):
                return self._text[self._at : self._at + 1]
            if not self._more():
                raise Invalid(_ENDS)

    @contextmanager
    def inside(self, opening: bytes) -> Iterator[None]:
        """Read the members of an object or the elements of a list; `has_next` leaves it."""
        self._expect(opening)
        self._depth += 1
        yield
        self._depth -= 1

    def has_next(self, closing: bytes, *, is_first: bool) -> bool:
        """Go to the next member, and return whether there is one."""
        if self.peek() == closing:
            self._at += 1
            return False
        if not is_first:
            self._expect(b",")
            if self.peek() == closing:
                raise self._unexpected()
        return True

    def key(self) -> str:
        """Return the key of the next member, whose value is then the next piece."""
        if self.peek() != b'"':
            raise self._unexpected()
        key: str = decoded(self._cut_string())
        self._expect(b":")
        return key

    def cut(self) -> bytes:
        """Return the text of the next value."""
        first = self.peek()
        if first == b'"':
            return self._cut_string()
        if first in (b"{", b"["):
            return self._cut_brackets()
        while (match := _WORD.match(self._text, self._at)) and match.end() == len(self._text):
            self._check_size(match.end())
            if not self._more():
                break
        if not match:
            raise self._unexpected()
        return self._take(match.end())

    def elements(self) -> Iterator[Any]:
        """Yield the next value, and those after it in its list that can be cut out together."""
        if self.peek() == b"{" and self._between and self._before + self._at >= self._singly:
            end = self._text.rfind(self._between, self._at) + 1
            if end:
                try:
                    values = decoded(b"[" + self._text[self._at : end] + b"]")
                except Invalid:
                    # It was cut inside of an object, or something in it is invalid.
                    self._singly = self._before + len(self._text)
                else:
                    self._at = end
                    yield from values
                    return
        raw = self.cut()
        yield decoded(raw)
        self._between = self._seen_between() if raw.endswith(b"}") else b""

    def finish(self, after: re.Pattern[bytes] | None = None) -> None:
        """Go to the end of the stream: only white space may come, or text of the form *after*."""
        try:
            self.peek()
        except Invalid:
            return
        while len(self._text) - self._at < _LONGEST_AFTER and self._more():
            pass
        rest = self._text[self._at :]
        if after is None or not after.fullmatch(rest):
            shown = rest[:_SHOWN].decode("utf-8", "replace").splitlines()[0]
            raise Invalid(f"not JSON: text after the document: {shown}")

    # -- the text ----------------------------------------------------------------------------------

    def _more(self) -> bool:
        rest = self._text[self._at :]
        # A long value is not searched and copied again for every block.
        block = self._stream.read(max(_BLOCK, len(rest)))
        self._text = rest + block
        self._before += self._at
        self._at = 0
        return bool(block)

    def _take(self, end: int) -> bytes:
        piece = self._text[self._at : end]
        self._at = end
        return piece

    def _cut_string(self) -> bytes:
        while not (match := _STRING.match(self._text, self._at)):
            self._check_size(len(self._text))
            if not self._more():
                raise Invalid(_ENDS)
        return self._take(match.end())

    def _cut_brackets(self) -> bytes:
        length, depth = 0, 0  # what is seen of the value
        while True:
            match = _TO_BRACKET.match(self._text, self._at + length)
            length = (match.end() if match else 0) - self._at
            bracket = self._text[self._at + length : self._at + length + 1]
            if bracket in (b"", b'"'):
                self._check_size(len(self._text))
                if not self._more():
                    raise Invalid(_ENDS)
                continue
            length += 1
            depth += 1 if bracket in b"{[" else -1
            if self._depth + depth > DEEPEST:
                raise Invalid(f"nested deeper than {DEEPEST}")
            if not depth:
                return self._take(self._at + length)

    def _seen_between(self) -> bytes:
        """Return what comes between an object that was cut and the next one."""
        if len(self._text) - self._at < _LONGEST_BETWEEN:
            self._more()
        match = _BETWEEN.match(self._text, self._at)
        return b"}" + match[0] if match else b""

    def _check_size(self, end: int) -> None:
        if end - self._at > self.LARGEST:
            raise Invalid(f"a value of more than {self.LARGEST} bytes")

    def _expect(self, character: bytes) -> None:
        if self.peek() != character:
            raise self._unexpected()
        self._at += 1

    def _unexpected(self) -> Invalid:
        return Invalid(f"not JSON: unexpected text at byte {self._before + self._at + 1}")
