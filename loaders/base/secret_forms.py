"""Secrets in texts that others wrote: what they look like, and the mark that takes their place.

The forms are rows of seeds/secret_forms.csv, for people to change:

    token     a pattern of what is a secret wherever it is written; its group, if it has one
    mixed     the same, if it has a digit in it, or a capital letter after a small one
    url       a pattern over a URL; its group, unless that is the number of a port
    password  names whose value is a secret, as in `password=…`
    value     the same, for names that programs and prose use for much else

Patterns are in the syntax that RE2 and Python's `re` share. In a *text* the mark is
`[secret: GitHub token]`. In a *name*, which other rows refer to, it ends in a keyed hash, so that
two names stay two. A mark is not masked again.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property, partial
from typing import Any

from loaders.base.paths import PROJECT_ROOT

SEED = PROJECT_ROOT / "seeds" / "secret_forms.csv"
_PATTERNS, _NAMES = ("token", "mixed", "url"), ("password", "value")
# Before a token comes no letter or digit, but for the escape of what cannot be shown.
_BEFORE = r"(?:^|[^A-Za-z0-9]|\\x[0-9a-f]{2})"
_AROUND = r"[\]\\\"'`]{0,4}"  # the end of a name that is quoted, or a key
_SIGN = r"\s{0,4}(?:=>|:=|[:=])\s{0,4}"
# Without quotes it ends at a blank, or before the next name.
_PIECE = r"[^\s\"'`,;&]+"
_VALUE = rf"\\?\"[^\"\n]*|'[^'\n]*|`[^`\n]*|{_PIECE}(?:[,;&](?![\w.-]{{1,40}}[=:]){_PIECE})*"
# RE2 holds no long repetition, and need not count.
_LONG_REPETITION = re.compile(r"\{(\d+),\d{3,}\}")
# A password can be guessed: few digits of its hash are of little help.
_HASH_DIGITS, _HASH_DIGITS_OF_PASSWORD = 10, 4
_ROUNDS = 20


class BadForm(ValueError):
    """A row of the seed that is not a form; the message says which and why."""


@dataclass(frozen=True)
class Form:
    """One row of the seed."""

    name: str
    kind: str
    given: str

    @property
    def is_named(self) -> bool:
        return self.kind in _NAMES

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The pattern whose group `secret` is what is replaced."""
        if self.is_named:
            return _compiled(
                rf"(?i:(?P<name>{self.given})){_AROUND}(?P<sign>{_SIGN})(?P<secret>{_VALUE})"
            )
        inner = self.given if re.compile(self.given).groups else f"({self.given})"
        return _compiled(inner if self.kind == "url" else _BEFORE + inner)

    @cached_property
    def ending(self) -> re.Pattern[str]:
        """The pattern of a name that ends in one of these."""
        return _compiled(rf"(?i:{self.given})$")

    @property
    def quick(self) -> str:
        """A pattern for RE2 that every text matches in which there may be one."""
        if self.kind == "url":
            return r"://\S*@"
        if self.is_named:
            return rf"(?i:{self.given}){_AROUND}{_SIGN}"
        return _BEFORE + _LONG_REPETITION.sub(r"{\1,}", self.given)


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


@cache
def forms() -> tuple[Form, ...]:
    """Return the forms, in their order. Raises BadForm."""
    with open(SEED, encoding="utf-8", newline="") as file:
        return tuple(_form(row) for row in csv.DictReader(file))


def _form(row: dict[str, Any]) -> Form:
    form = Form(row["name"], row["kind"], row["pattern"])
    # Digits in a mark would look like those of a secret.
    if form.kind not in (*_PATTERNS, *_NAMES) or not re.fullmatch("[A-Za-z][A-Za-z ]*", form.name):
        kinds = ", ".join((*_PATTERNS, *_NAMES))
        raise BadForm(
            f"{SEED}: {form.name}: its name is not of letters, or its kind is not one of {kinds}"
        )
    try:
        _ = form.regex
    except re.error as error:
        raise BadForm(f"{SEED}: {form.name}: {error}") from None
    return form


@cache
def any_form() -> str:
    """Return the pattern for RE2 that every text matches in which there may be a secret."""
    return "|".join(f"(?:{quick})" for quick in dict.fromkeys(form.quick for form in forms()))


def masked(
    text: str,
    key: str | None = None,
    counts: Counter[str] | None = None,
    among: Iterable[Form] | None = None,
) -> str:
    """Return *text* with a mark in the place of every secret, and count them in *counts* by form.

    With *key* the text is a name: its marks end in a hash that only the holder of the key can make.
    Only forms *among* these are looked for, if any are given.
    """
    for _ in range(_ROUNDS):
        before = text
        for form in forms() if among is None else among:
            text = form.regex.sub(partial(_replaced, form, key=key, counts=counts), text)
        if text == before:
            break
        # Text directly after a secret now begins a word.
        among = None
    return text


def masked_value(
    name: str, value: str, key: str | None = None, counts: Counter[str] | None = None
) -> str:
    """Return *value*, which a document has under *name*, masked: also if only its name gives it
    away.
    """
    text = masked(value, key, counts)
    if text != value:
        return text
    for form in forms():
        if form.is_named and form.ending.search(name) and _is_quoted_secret(form.kind, name, value):
            return _mark(form, value, key, counts)
    return value


def _mark(form: Form, secret: str, key: str | None, counts: Counter[str] | None) -> str:
    if counts is not None:
        counts[form.name] += 1
    if key is None:
        return f"[secret: {form.name}]"
    digest = hmac.new(
        key.encode(), secret.encode("utf-8", "surrogatepass"), hashlib.sha256
    ).hexdigest()
    digits = _HASH_DIGITS if form.kind == "token" else _HASH_DIGITS_OF_PASSWORD
    return f"[secret: {form.name} {digest[:digits]}]"


def _replaced(
    form: Form, found: re.Match[str], key: str | None, counts: Counter[str] | None
) -> str:
    """Return what takes the place of what was *found*: itself, where that only looks like a
    secret.
    """
    if form.is_named:
        span = _span_of_value(form.kind, found)
    else:
        span = found.span(1) if _IS_SECRET[form.kind](form, found[1]) else None
    if span is None:
        return found[0]
    text, (start, end) = found.string, span
    return (
        text[found.start() : start]
        + _mark(form, text[start:end], key, counts)
        + text[end : found.end()]
    )


# -- secrets with a form of their own --------------------------------------------------------------

# A name made of words, as in glpat-is-the-prefix-of-it.
_WORDS = re.compile(r"[a-z]{1,15}(?:[-_][a-z]{1,15}){2,}")
_MIXED = re.compile(r"\d|[a-z][A-Z]")
_PORT = re.compile(r"\d{1,5}[/?#].*")
_FILLED_IN_URL = re.compile(r"\[secret: |\$[{(A-Z]|[<{%]|[*xX.]+$")


def _is_of_url(form: Form, found: str) -> bool:
    if _FILLED_IN_URL.match(found) or _PORT.fullmatch(found):
        return False
    return not form.name.startswith("user") or any(map(str.isdigit, found))


_IS_SECRET = {
    "token": lambda form, found: not _WORDS.fullmatch(found),
    "mixed": lambda form, found: _MIXED.search(found) is not None and not _WORDS.fullmatch(found),
    "url": _is_of_url,
}


# -- values of a name -----------------------------------------------------------------------

_EMPTY = re.compile(r"[*xX.…?#_\-=]+")
# How a value begins that is filled in elsewhere, computed, a path, a URL, or marked already.
_FILLED_IN = re.compile(
    r"[<\[{(&|\\]"
    r"|\$[{(]|\$[A-Z_][A-Z0-9_]*$|\$[a-z_]+(?![A-Za-z0-9])|%[({sd]|%[A-Z_]+%|@[\[{(]"
    r"|[A-Za-z_][A-Za-z_.]{2,}[(\[]"
    r"|(?:\.{1,2}|~)/|(?:/[a-z][a-z0-9._-]{0,30})+/?$|[a-z+]+://"
)
_OBJECTS = (
    "self|this|args?|opts?|options?|config|cfg|conf|settings?|env|environ|request|req|params?|props|ctx|context|data|"
    "user|os|process|module|var|local|each|secrets?|vault|state|obj|form|input|output|response|res|event|values?|r"
)
_MEMBER = re.compile(rf"(?i)(?:{_OBJECTS})(?:\??\.[A-Za-z_]\w*)+")
_NOTHING = (
    "none|null|nil|undefined|true|false|yes|no|on|off|empty|unset|optional|required|string|str|bytes?|int|integer|bool|"
    "boolean|any|object|text|hidden|redacted|masked|removed|missing|invalid|default|unknown|todo|tbd|nan|void"
)
_VOCABULARY = (
    "my|your|the|an?|new|old|current|user|db|database|root|admin|access|refresh|auth|api|client|service|bot|session|"
    "csrf|password|passwd|passphrase|pwd|pass|token|secret|key|value|here|placeholder|example|name|id|hash|field|input|"
    "param|arg|env|var|file|path|type|is|of|for|to|in|and|or|with|without"
)
_ABOUT = re.compile(
    rf"(?i)(?:{_NOTHING})[!?]?|(?:{_VOCABULARY})(?:[_.\s-]?(?:{_VOCABULARY}))+|your[_-].*|test|testing"
)
_KIND_OF = re.compile(
    r"(?i)(?:u?int|float|utf|base|sha|md|uuid|hmac|rsa|ed|aes|hs|rs|es|oauth|v|http)-?[\d.]+\w{0,3}"
)
_TRIMMED = ".,;:!?)]}>"
_WORD = re.compile(r"[A-Za-z_][A-Za-z_-]*")
_SHORTEST = {"password": 3, "value": 4}
_LONG_WORD = 16


def _span_of_value(kind: str, found: re.Match[str]) -> tuple[int, int] | None:
    """Return where the secret is in `name=value`, or None if the value is not one."""
    raw, sign, name = found["secret"], found["sign"], found["name"]
    lead = 2 if raw.startswith('\\"') else 1 if raw[0] in "\"'`" else 0
    value = raw[lead:].rstrip("\\") if lead else raw.rstrip(_TRIMMED)
    if lead:
        is_secret = _is_quoted_secret(kind, name, value)
    elif _is_placeholder(kind, name, value) or _is_placeholder(
        kind, name, re.split("[,;&)]", value)[0]
    ):
        is_secret = False
    else:
        is_secret = sign == "=" or _is_no_sentence(kind, sign, value, found)
    start = found.start("secret") + lead
    return (start, start + len(value)) if is_secret else None


def _is_placeholder(kind: str, name: str, value: str) -> bool:
    """Say whether *value* stands for one, says that there is none, or is too short for one."""
    if len(value) < _SHORTEST[kind] or _EMPTY.fullmatch(value) or _FILLED_IN.match(value):
        return True
    if (
        any(regex.fullmatch(value) for regex in (_MEMBER, _ABOUT, _KIND_OF))
        or value.lower() == name.lower()
    ):
        return True
    return kind == "value" and value.isdigit() and len(value) < 12


def _is_quoted_secret(kind: str, name: str, value: str) -> bool:
    if _is_placeholder(kind, name, value):
        return False
    # Examples that are not secrets: unexpected token: "else" (a parser), secret: "keep it short"
    # (prose).
    return kind == "password" or not (
        " " in value or (_WORD.fullmatch(value) and len(value) < _LONG_WORD)
    )


def _is_no_sentence(kind: str, sign: str, value: str, found: re.Match[str]) -> bool:
    """Say whether a value without quotes, after a colon or blanks, is more than the next word of a
    sentence.
    """
    text, end = found.string, found.end("secret")
    is_last = text[end : end + 1] in ("", "\n", "\r")
    if _WORD.fullmatch(value):
        is_first = not text[: found.start()].rpartition("\n")[2].strip(" -*#>")
        return kind == "password" and ":" in sign and is_first and is_last and len(value) >= 6
    if not any(map(str.isdigit, value)):
        return kind == "password" and is_last
    return is_last or len(value) >= _LONG_WORD or (kind == "password" and len(value) >= 5)


def counts_text(counts: Counter[str]) -> str:
    """Return how many there were, in all and of each form."""
    each = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    return f"{counts.total()} ({each})"
