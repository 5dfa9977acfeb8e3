"""Text of C and C++ without the macros that no parser can understand without their definitions.

A macro in front of a type (`LIB_API int f(void)`), after parameters (`void f() NOEXCEPT {`), in
the head of a class, or the text of a macro that is the head of a function (`TEST("of text") {`).
By convention such names are upper case. They become blanks, so that all places stay equal. It
changes only what the parser sees.
"""

from __future__ import annotations

import re

_WORD = rb"[A-Z0-9_]{2,}"
_ARGUMENTS = rb"\((?:[^()\n]|\([^()\n]*\))*\)"
# A type and a name, which may follow a macro.
_TYPE_AND_NAME = (
    rb"\s+(?!const\b|volatile\b|and\b|or\b)[A-Za-z_][\w:]*(?:<[^;{}()]{0,200}>)?[\s*&]+"
    rb"(?:[\w:]+[ \t]+)*[*&~\w]"
)


def _not_after(*texts: bytes) -> bytes:
    """Return the assertions that none of *texts* is in front of the first letter."""
    return b"".join(b"(?<!" + text + b".)" for text in texts)


_IN_HEAD_OF_CLASS = (
    rb"(?:(?<=class .)|(?<=struct .))" + _WORD + rb"\b(?:" + _ARGUMENTS + rb")?"
    rb"(?=\s+[A-Za-z_][\w:]*\s*(?:final\s*)?[:{;<])"
)
_AFTER_PARAMETERS = (
    rb"(?:(?<=\)\s.)|(?<=\)\sconst\s.)|(?<=override\s.)|(?<=noexcept\s.))" + _WORD + rb"(?:"
    rb"\b(?=\s*(?:[;{]|override|final|:[^:]|= ))|" + _ARGUMENTS +
    rb"(?=\s*(?:\{|override|final|= )))"
)  # fmt: skip
_BEFORE_CONSTRUCTOR = (
    _WORD + rb"\b(?=\s+(?:\w+::)*(\w+)(?:<[^;{}()]{0,100}>)?::~?\1\()|" +
    _WORD + rb"(?=\s+\w+\([^;{}()]{0,300}\)\s*(?:noexcept\s*)?:[^:])|"
    rb"(?<=explicit .)" + _WORD + rb"(?=\s+[\w~]+\()"
)  # fmt: skip
_BEFORE_TYPE = (
    _not_after(
        b"define ", b"defined ", b"ifdef ", b"ifndef ", b"undef ", b"struct ", b"enum ", b"if ",
        b"if !", b"[&|] ", b"[&|] !",
    )
    + _WORD + rb"\b(?:" + _ARGUMENTS + rb")?(?=" + _TYPE_AND_NAME + rb")"
)  # fmt: skip
_AFTER_NAME = (
    rb"(?<=\w\s.)"
    + _not_after(
        b"return ", b"else ", b"throw ", b"new ", b"await ", b"define ", b"do ", rb"\n\s"
    )
    + _WORD + _ARGUMENTS + rb"(?=\s*(?:;|=[^=]|\{\}))"
)  # fmt: skip
_ALONE = rb"(?<=\n.)" + _WORD + rb"[ \t]*(?=\n(?:\s*\n|#|\w+\s+\w))"
_MACRO = re.compile(
    rb"""[A-Z](?<![\w"'].)(?:"""
    + b"|".join(
        (_IN_HEAD_OF_CLASS, _AFTER_PARAMETERS, _BEFORE_CONSTRUCTOR, _BEFORE_TYPE, _AFTER_NAME,
         _ALONE)
    )
    + rb")",
    re.DOTALL,
)  # fmt: skip

_TEXT = rb'"(?:[^"\\\n]|\\.)*"'
_PART = rb'[^()"{};]|' + _TEXT
_INNER = rb"\((?:" + _PART + rb"|\((?:" + _PART + rb'|\([^()"{};]*\))*\))*\)'
# The arguments of a macro, of which one is a text, before a body.
_HEAD = re.compile(
    rb'(?<=\n)([A-Z][A-Z0-9_]+[ \t]*\()([^()"\n;{}]{0,80}' + _TEXT + rb"(?:" + _PART + rb"|"
    + _INNER + rb")*)(?=\)\s*\{)"
)  # fmt: skip
_VISIBLE = re.compile(rb"[^\n]")
_CONDITION = re.compile(rb"^[ \t]*#[ \t]*(?:el)?if\b(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)


def simple_conditions(source: bytes) -> bytes:
    """Return *source* without logical operators in the conditions of directives.

    Like lizard, no measure counts them: a directive is one decision.
    """
    return _CONDITION.sub(_without_operators, source) if b"#" in source else source


def without_macros(source: bytes) -> bytes:
    """Return *source*, of the same length, with blanks in place of such macros."""
    source = _MACRO.sub(_blanks, simple_conditions(source))
    return _HEAD.sub(_blank_arguments, source) if b'"' in source else source


def _without_operators(found: re.Match[bytes]) -> bytes:
    return found[0].replace(b"&&", b"==").replace(b"||", b"==")


def _blanks(found: re.Match[bytes]) -> bytes:
    return _VISIBLE.sub(b" ", found[0])


def _blank_arguments(found: re.Match[bytes]) -> bytes:
    return found[1] + _VISIBLE.sub(b" ", found[2])
