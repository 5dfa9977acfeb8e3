"""Parse strict JSON within limits. Invalid input that Python's parser accepts is refused."""

from __future__ import annotations

import json
import math
import re
from array import array
from collections.abc import Iterator
from typing import Any, BinaryIO, NoReturn

import ijson
import numpy as np

# This backend is required, because the pure Python backend accepts much invalid JSON.
from ijson.backends import yajl2_c

DEEPEST = 64
# The limit, in bytes, of a string, number or run of spaces in a document, and of a line of JSONL.
LONGEST_LINE = 16 << 20

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
# One complete escape, which distinguishes a pair, a lone surrogate and an escaped backslash.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<alone>u[dD][89a-fA-F])|.)",
    re.DOTALL,
)
_LONGEST_ESCAPE = 12
_MANY = 100_000
_SMALLEST, _LARGEST = -(1 << 63), (1 << 63) - 1
_MOST_DIGITS = 20
_BEYOND = "a number beyond 64 bits"


class Invalid(ValueError):
    """The content is invalid or beyond the limits; the message is the reason."""


def parse(raw: bytes) -> Any:
    """Parse *raw*. Raises Invalid."""
    try:
        text = raw.decode("utf-8")
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_int=_integer,
            parse_float=_real,
        )
    except UnicodeDecodeError:
        raise Invalid("not UTF-8") from None
    except RecursionError:
        raise Invalid(f"nested deeper than {DEEPEST}") from None
    except json.JSONDecodeError as error:
        raise Invalid(f"not JSON: {error.msg} at character {error.pos + 1}") from None
    if _SURROGATE.search(raw) and any(match["alone"] for match in _ESCAPE.finditer(raw)):
        raise Invalid("lone surrogate")
    if depth_of(value) > DEEPEST:
        raise Invalid(f"nested deeper than {DEEPEST}")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Invalid("duplicate key in an object")
    return found


def _constant(word: str) -> NoReturn:
    raise Invalid(f"{word} is not a JSON number")


def _integer(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise Invalid(_BEYOND)
    if not _SMALLEST <= (number := int(digits)) <= _LARGEST:
        raise Invalid(_BEYOND)
    return number


def _real(digits: str) -> float:
    if math.isinf(number := float(digits)):
        raise Invalid(_BEYOND)
    return number


def depth_of(value: Any) -> int:
    """Return how deep lists and objects are nested in *value*; 0 if it is neither."""
    depth, level = 0, [value]
    while level := [one for one in level if isinstance(one, (dict, list))]:
        depth += 1
        level = [
            inner for one in level for inner in (one.values() if isinstance(one, dict) else one)
        ]
    return depth


Event = tuple[str, Any]


def events_of(stream: BinaryIO) -> Iterator[Event]:
    """Yield the events of the document in *stream*, named as in `ijson.basic_parse`.

    Raises Invalid for invalid JSON, duplicate keys, deep nesting, numbers beyond 64 bits, lone
    surrogates and overlong strings.
    """
    guarded = _GuardedStream(stream)
    keys: list[array[int] | None] = []
    try:
        # Without use_float, the parser crashes on a number with thousands of digits.
        for event, value in yajl2_c.basic_parse(guarded, use_float=True):
            guarded.since_event = 0
            if event == "map_key":
                # The parser gives a key only in an object.
                keys[-1].append(hash(value))  # type: ignore[union-attr]
            elif event in ("start_map", "start_array"):
                keys.append(array("q") if event == "start_map" else None)
                if len(keys) > DEEPEST:
                    raise Invalid(f"nested deeper than {DEEPEST}")
            elif event in ("end_map", "end_array") and _has_equal(keys.pop()):
                raise Invalid("duplicate key in an object")
            yield event, value
    except ijson.JSONError as error:
        raise Invalid(_reason_of(error)) from None
    except UnicodeDecodeError:
        raise Invalid("not UTF-8, or lone surrogate") from None


def _has_equal(hashes: array[int] | None) -> bool:
    """Return whether two keys of an object have the same hash; collisions are negligible."""
    return hashes is not None and len(
        np.unique(hashes) if len(hashes) > _MANY else set(hashes)
    ) < len(hashes)


def _reason_of(error: Exception) -> str:
    message = str(error)
    if "premature EOF" in message or "Incomplete" in message:
        return "it ends in the middle"
    if "overflow" in message:
        return _BEYOND
    if "UTF8" in message:
        return "not UTF-8"
    return f"not JSON: {message.splitlines()[0].strip()}"


class _GuardedStream:
    """A stream that refuses input which the parser would misread or buffer without limit."""

    def __init__(self, stream: BinaryIO) -> None:
        self.since_event = 0
        self._stream = stream
        self._waiting = b""
        self._has_ended = False

    def read(self, size: int) -> bytes:
        block = self._stream.read(size)
        self.since_event += len(block)
        if self.since_event > LONGEST_LINE:
            raise Invalid(f"a string of more than {LONGEST_LINE} bytes")
        if b"\v" in block or b"\f" in block:
            raise Invalid("not JSON: a control character that is not a space")
        self._check_surrogates(block)
        # The parser first reads 0 bytes, to learn the type of the result.
        if size and not block and not self._has_ended:
            # A newline at the end makes the parser report an incomplete token after the document.
            self._has_ended = True
            return b"\n"
        return block

    def _check_surrogates(self, block: bytes) -> None:
        """Check all complete escapes; the others are kept for the next block."""
        text = self._waiting + block
        self._waiting = b""
        if b"\\" not in text[-_LONGEST_ESCAPE:] and not _SURROGATE.search(text):
            return
        whole = len(text) - _LONGEST_ESCAPE if block else len(text)
        seen = max(whole, 0)
        for match in _ESCAPE.finditer(text):
            if match.start() >= whole:
                break
            if match["alone"]:
                raise Invalid("lone surrogate")
            seen = max(seen, match.end())
        self._waiting = text[seen:]
