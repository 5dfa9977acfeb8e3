"""Recognise the text of a licence in a readme, by a sentence that only such a text has.

Sources: the texts of the licences at spdx.org, and the notices that the texts of the GPL and of the
Apache licence give for use. The name of a licence gives no permission.
"""

from __future__ import annotations

import re

from loaders.sources.signals.tally import Signal

LICENCE_TEXT = "licence: text"
_TEXTS = re.compile(
    r"permission is hereby granted, free of charge, to any person"
    r"|redistribution and use in source and binary forms,? with or without"
    r"|permission to use, copy, modify,? (?:and|and/or|or) distribute this software"
    r"|you can redistribute it and/or modify it under the terms of"
    r"|licensed under the apache license, version 2\.0 \(the [\"\u201c']license"
    r"|this is free and unencumbered software released into the public domain"
    r"|altered source versions must be plainly marked as such"
    r"|everyone is permitted to copy and distribute verbatim or modified copies"
    r"|subject to the terms of the mozilla public license"
)
_MARKUP = re.compile(r"[\s>*#_|-]+")


def licence_signals(text: str) -> list[Signal]:
    """Return one signal if *text* has that of a licence, else none; line breaks do not count."""
    plain = _MARKUP.sub(" ", text.lower())
    found = len(_TEXTS.findall(plain))
    return [(LICENCE_TEXT, found, 1)] if found else []
