"""The text of what is called: as written, without arguments, texts and white space."""

from __future__ import annotations

import re

_LONGEST = 200
_PLAIN = re.compile(rb"[\w$#@\x80-\xff]+(?:(?:\.|\?\.|::|->|\\)[\w$#\x80-\xff]+)*")
_TEXT = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`""", re.DOTALL)
_INNERMOST = re.compile(r"\([^()\[\]{}]*\)|\[[^()\[\]{}]*\]|\{[^()\[\]{}]*\}")
_MARKS = {"(": "\0\1", "[": "\2\3", "{": "\4\5"}
_NEW = re.compile(r"(?<=\bnew)\s+(?=\w)")
_UNMARK = str.maketrans("\0\1\2\3\4\5\6", "()[]{} ")
_DEEPEST = 8


def callee_text(source: bytes, start: int, end: int, name: str) -> str:
    """Return the text of the callee from *start* to *end*; *name*: its last name, or nothing.

    `a.b(c).d` is `a.b().d`. A long or deep text is shortened to `().name`.
    """
    if end - start <= _LONGEST:
        text = source[start:end]
        if _PLAIN.fullmatch(text):
            return text.decode("utf-8", "replace")
        if short := _without_arguments(text.decode("utf-8", "replace")):
            return short
    return f"().{name}" if name else "()"


def _without_arguments(text: str) -> str | None:
    text = _TEXT.sub('""', text)
    for _depth in range(_DEEPEST):
        inner = _INNERMOST.sub(lambda found: _MARKS[found[0][0]], text)
        if inner == text:
            break
        text = inner
    if any(mark in text for mark in "()[]{}"):
        return None
    return "".join(_NEW.sub("\6", text).split()).translate(_UNMARK)
