"""Secrets inside findings: a message lands without the value that it quotes.

A tool that finds a hard-coded secret often repeats it in its message. Such a value has no form by
which `loaders.base.secret_forms` could find it: it is a secret because the rule is about secrets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

MARK = "[secret]"

_RULES_KEPT = 1 << 12
_LONGEST_NAME = 500

# CWE: passwords, keys and credentials in files or code.
_WEAKNESSES = frozenset({"256", "259", "260", "321", "540", "547", "798"})
_RULES = re.compile(r"(?i)\bB10[567]\b|\bS10[567]\b|\bG101\b|CKV_SECRET_|\bS(?:2068|6418|6437)\b")
_CWE = re.compile(r"(?i)\bcwe[-_ ]?(\d+)")
_NAMES = re.compile(
    r"secrets?|passw(?:or)?ds?|passphrases?|pwd|credentials?|creds|apikeys?"
    r"|(?:api|private|access|secret|encryption|signing|account|auth) keys?"
    r"|(?:api|access|auth|bearer|refresh|bot|oauth|session|jwt|personal) tokens?"
    r"|(?:hard ?coded|detected|leaked|exposed|generic)(?: \w+){0,3} (?:tokens?|keys?|jwt)"
    r"|tokens? (?:found|detected|leaked|exposed|in code)"
    r"|high entropy"
)
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

# From the first quote to the last one: a secret may have quotes in it.
_QUOTED = tuple(
    re.compile(rf"(?<!\w){begin}.*{end}(?!\w)", re.DOTALL)
    for begin, end in ("''", '""', "``", "“”", "‘’", "«»")
)
# Here the quoted text is the name of the variable.
_NAMED = re.compile(r"assigned to(?: argument| function default)?: ([\"'])[A-Za-z_]\w*\1")
_LAST_VALUE = re.compile(r"([:=]\s*)(\S{3,})(?=\s*$)")
_LOOKS_SECRET = re.compile(
    r"(?<![\w./-])(?=[\w+/=.~-]*\d)(?=[\w+/=.~-]*[A-Za-z])(?!(?i:cwe|cve)-)[\w+/=.~-]{8,}"
)
_SHORTEST_VALUE = 3


def is_about_secrets(*texts: str | None) -> bool:
    """Return whether a rule is about secrets in code: *texts* are its id, name and tags."""
    given = tuple(text[:_LONGEST_NAME] for text in texts if text)
    return _is_about_secrets(given)


@lru_cache(_RULES_KEPT)
def _is_about_secrets(texts: tuple[str, ...]) -> bool:
    for text in texts:
        if _RULES.search(text) or _WEAKNESSES.intersection(_CWE.findall(text)):
            return True
        if _NAMES.search(" ".join(_WORDS.findall(text)).lower()):
            return True
    return False


def without_secrets(
    message: str | None, about: Iterable[str | None] = (), values: Iterable[str | None] = ()
) -> str | None:
    """Return *message* without the secret *values*, as far as they are known.

    If its rule is about secrets, which *about* tells (see `is_about_secrets`), it also lands
    without its quoted values, and without any word in the form of a secret.
    """
    if message is None:
        return None
    # A longer value may contain a shorter one.
    for value in sorted(filter(None, values), key=len, reverse=True):
        if len(value.strip()) >= _SHORTEST_VALUE:
            message = message.replace(value, MARK).replace(value.strip(), MARK)
    if not is_about_secrets(*about):
        return message
    parts, end = [], 0
    for named in _NAMED.finditer(message):
        parts += [_without_values(message[end : named.start()]), named[0]]
        end = named.end()
    return "".join([*parts, _without_values(message[end:])])


def _without_values(text: str) -> str:
    for quoted in _QUOTED:
        text = quoted.sub(MARK, text)
    return _LOOKS_SECRET.sub(MARK, _LAST_VALUE.sub(rf"\1{MARK}", text))
