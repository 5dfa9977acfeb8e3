"""The paths that reports name: as written, and decoded and normalised as far as the text allows.

Which file of the workspace a path means is for the models to decide.
"""

from __future__ import annotations

import json
import re
from urllib.parse import unquote_to_bytes, urlsplit

from loaders.sources.artifacts.path_keys import RawPath, parse_path
from loaders.sources.reports.reading.report_facts import Place

_DRIVE = re.compile(r"/[A-Za-z]:[/\\]")
# A scheme of one letter is a drive.
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
# No system call takes a longer path.
_LONGEST = 32_768
_SHOWN = 200


def place_of(given: str, bases: tuple[str, ...] = (), form: str = "path") -> Place:
    """Return the path *given* as a row (see `Rows.path`)."""
    if len(given) > _LONGEST:
        return Place(given[:_SHOWN])
    folders = [path.key() for base in bases if (path := _parsed(base, _form_of(base)))]
    path = _parsed(given, form)
    if path is None or not path.parts:
        kind = "none"
    elif form == "package":
        kind = "package"
    else:
        kind = "absolute" if path.anchor else "relative"
    return Place(
        given,
        json.dumps(folders, ensure_ascii=False) if folders else None,
        None if path is None else path.key(),
        kind,
    )


def _form_of(base: str) -> str:
    return "uri" if _SCHEME.match(base) else "path"


def _parsed(given: str, form: str) -> RawPath | None:
    """Return *given*, decoded; None if it is not the path of a local file."""
    text = given.strip()
    if scheme := _SCHEME.match(text):
        if scheme[0].lower() != "file:":
            return None
        form = "uri"
    if form == "uri":
        try:
            path = urlsplit(text).path if scheme else text.partition("#")[0].partition("?")[0]
        except ValueError:
            return None
        # A path is bytes: bytes that are not UTF-8 are kept, as in `files`.
        text = unquote_to_bytes(path).decode("utf-8", "surrogateescape")
        if scheme and _DRIVE.match(text):
            text = text[1:]
    return None if not text or "\0" in text else parse_path(text)
