"""Parse bytes as text, TOML and JSON, within limits that keep the standard parsers fast."""

from __future__ import annotations

import codecs
import json
import tomllib
from typing import Any

from loaders.sources.manifests.manifest_facts import InvalidManifest

# tomllib needs quadratic time for the parts of a dotted key.
_MOST_DOTS_IN_LINE = 2000


def text_of_file(raw: bytes) -> str:
    """Return the text of a file: UTF-8, or UTF-16 with a byte order mark.

    Raises InvalidManifest.
    """
    encoding = (
        "utf-16" if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    )
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        raise InvalidManifest("not UTF-8") from None
    if "\0" in text:
        raise InvalidManifest("not text: contains a NUL")
    return text


def load_toml(raw: bytes) -> dict[str, Any]:
    """Return the document. Raises InvalidManifest."""
    text = text_of_file(raw)
    if any(line.count(".") > _MOST_DOTS_IN_LINE for line in text.splitlines()):
        raise InvalidManifest(f"a line with more than {_MOST_DOTS_IN_LINE} dots")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidManifest(f"not TOML: {error}") from None
    except (ValueError, RecursionError) as error:
        raise InvalidManifest(f"TOML beyond the limits of the parser: {_reason(error)}") from None


def load_json(raw: bytes) -> dict[str, Any]:
    """Return the document, which must be an object. Raises InvalidManifest."""
    try:
        document = json.loads(text_of_file(raw))
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


def _reason(error: Exception) -> str:
    return (
        "nested too deeply"
        if isinstance(error, RecursionError)
        else str(error).partition("\n")[0][:100]
    )
