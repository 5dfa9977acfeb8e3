"""Parse bytes as text, TOML and JSON, within limits that keep the standard parsers fast."""

from __future__ import annotations

import codecs
import json
import re
from typing import Any

import tomli

from loaders.sources.manifests.manifest_facts import InvalidManifest

# tomli needs quadratic time for the parts of a dotted key.
_MOST_DOTS_IN_LINE = 2000

# A text or a comment without an end is the rest: looking for its end again and again would take
# quadratic time.
_TEXT = r'"(?:[^"\\]|\\(?:.|\Z))*(?:"|\Z)'
_TEXT_OR_COMMENT = re.compile(rf"{_TEXT}|//[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_LAST_COMMA = re.compile(rf"({_TEXT})|,(?=\s*[}}\]])", re.DOTALL)

# A UTF-32 mark begins with a UTF-16 one.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CODING = re.compile(rb"#.*?coding[:=]\s*([-_.a-zA-Z0-9]+)")
# Their decoders need quadratic time.
_SLOW_CODECS = ("idna", "punycode")


def text_of_file(raw: bytes, *, errors: str = "strict", encoding: str | None = None) -> str:
    """Return the text of a file: by its byte order mark, else in *encoding*, else UTF-8.

    `errors="replace"` is for the formats whose tool replaces invalid bytes. Raises InvalidManifest.
    """
    marked = next((name for mark, name in _MARKS if raw.startswith(mark)), None)
    # A byte order mark says UTF-8 whatever a declaration says.
    is_utf_8 = encoding is None or raw.startswith(codecs.BOM_UTF8)
    used = marked or ("utf-8-sig" if is_utf_8 else str(encoding))
    try:
        if codecs.lookup(used).name in _SLOW_CODECS:
            raise LookupError
        text = raw.decode(used, errors)
    except UnicodeError:
        raise InvalidManifest(f"not {used.removesuffix('-sig').upper()}") from None
    except LookupError:
        raise InvalidManifest(f"in the encoding {used[:40]}, which is not known") from None
    if "\0" in text:
        raise InvalidManifest("not text: contains a NUL")
    return text


def coding_of(raw: bytes) -> str | None:
    """Return the encoding that a comment in the first two lines names, as pip finds it, if any."""
    found = (_CODING.match(line) for line in raw.split(b"\n", 2)[:2])
    return next((match[1].decode("ascii") for match in found if match), None)


def load_toml(raw: bytes) -> dict[str, Any]:
    """Return the document, in TOML 1.1. Raises InvalidManifest."""
    text = text_of_file(raw)
    if any(line.count(".") > _MOST_DOTS_IN_LINE for line in text.splitlines()):
        raise InvalidManifest(f"a line with more than {_MOST_DOTS_IN_LINE} dots")
    try:
        return tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        raise InvalidManifest(f"not TOML: {error}") from None
    except (ValueError, RecursionError) as error:
        raise InvalidManifest(f"TOML beyond the limits of the parser: {_reason(error)}") from None


def load_json(raw: bytes) -> dict[str, Any]:
    """Return the document, which must be an object. Raises InvalidManifest."""
    try:
        # npm replaces bytes that are not UTF-8.
        document = json.loads(text_of_file(raw, errors="replace"))
    except json.JSONDecodeError as error:
        raise InvalidManifest(f"not JSON: {error}") from None
    except (ValueError, RecursionError) as error:
        raise (
            error
            if isinstance(error, InvalidManifest)
            else InvalidManifest(f"JSON beyond the limits of the parser: {_reason(error)}")
        ) from None
    if not isinstance(document, dict):
        raise InvalidManifest("not a JSON object")
    return document


def without_comments(text: str) -> str:
    """Return JSON of *text*: JSON that may have comments and commas after the last member."""
    bare = _TEXT_OR_COMMENT.sub(lambda match: match[0] if match[0].startswith('"') else " ", text)
    return _LAST_COMMA.sub(lambda match: match[1] or "", bare)


def _reason(error: Exception) -> str:
    return (
        "nested too deeply"
        if isinstance(error, RecursionError)
        else str(error).partition("\n")[0][:100]
    )
