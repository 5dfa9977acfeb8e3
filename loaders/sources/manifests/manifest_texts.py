"""From bytes to text, TOML and JSON, within limits that keep the standard parsers quick and whole."""

from __future__ import annotations

import codecs
import json
import tomllib
from typing import Any

from loaders.sources.manifests.manifest_facts import Refused

# The time that a dotted key takes in tomllib grows with the square of its parts.
_MOST_DOTS_IN_LINE = 2000


def text_of_file(raw: bytes) -> str:
    """Return the text of a file: UTF-8, or what its byte order mark says. Raises Refused."""
    encoding = (
        "utf-16" if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    )
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        raise Refused("not UTF-8") from None
    if "\0" in text:
        raise Refused("no text: it holds a NUL")
    return text


def load_toml(raw: bytes) -> dict[str, Any]:
    """Return the document. Raises Refused."""
    text = text_of_file(raw)
    if any(line.count(".") > _MOST_DOTS_IN_LINE for line in text.splitlines()):
        raise Refused(f"a line with more than {_MOST_DOTS_IN_LINE} dots")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Refused(f"not TOML: {error}") from None
    except (ValueError, RecursionError) as error:
        raise Refused(f"not TOML as it is read here: {_why(error)}") from None


def load_json(raw: bytes) -> dict[str, Any]:
    """Return the document, which is an object. Raises Refused."""
    try:
        document = json.loads(text_of_file(raw))
    except json.JSONDecodeError as error:
        raise Refused(f"not JSON: {error}") from None
    except (ValueError, RecursionError) as error:
        raise (
            error
            if isinstance(error, Refused)
            else Refused(f"not JSON as it is read here: {_why(error)}")
        ) from None
    if not isinstance(document, dict):
        raise Refused("not a JSON object")
    return document


def _why(error: Exception) -> str:
    return (
        "nested too deep"
        if isinstance(error, RecursionError)
        else str(error).partition("\n")[0][:100]
    )
