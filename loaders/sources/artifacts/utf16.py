"""UTF-16 with a byte order mark, as Windows PowerShell writes what a tool prints, as UTF-8."""

from __future__ import annotations

import codecs
import io
import re
from typing import BinaryIO

from loaders.sources.artifacts.strict_json import Invalid

MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BLOCK = 1 << 18
# The encoding that an XML document declares is not the one that its readers see.
_DECLARED = re.compile(r"""(\s*<\?xml[^>]{0,200}?)\s+encoding\s*=\s*["'][^"'>]*["']""")


def as_utf8(stream: BinaryIO) -> BinaryIO:
    """Return what *stream* holds as UTF-8, without the mark. Reads raise Invalid."""
    return io.BufferedReader(_Decoded(stream), _BLOCK)


class _Decoded(io.RawIOBase):
    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-16")()
        self._waiting = b""
        self._is_first = True

    def readable(self) -> bool:
        return True

    # A BufferedReader gives memoryviews; Python 3.11 has no name for all buffers.
    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        block = b"more"
        while block and not self._waiting:
            block = self._stream.read(_BLOCK)
            try:
                text = self._decoder.decode(block, not block)
            except UnicodeDecodeError:
                raise Invalid("not UTF-16, which its first bytes say") from None
            if self._is_first and text:
                text = _DECLARED.sub(r"\1", text, count=1)
                self._is_first = False
            self._waiting = text.encode("utf-8")
        size = min(len(buffer), len(self._waiting))
        buffer[:size], self._waiting = self._waiting[:size], self._waiting[size:]
        return size
