"""Contents that are not code, or that are made to break what reads them."""

from __future__ import annotations

HOSTILE = {
    "bytes": bytes(range(256)) * 200,
    "no text": b"",
    "NUL": b"import os\0\nx = 1\n",
    "not UTF-8": b"\xff\xfe\xfadef parse(): pass\n",
    "brackets": b"(" * 100_000,
    "signs": b"-" * 200_000 + b"1",
    "sum": b"1" + b"+1" * 100_000,
    "attributes": b"a" + b".b" * 100_000,
    "lambdas": b"lambda:" * 50_000 + b"1",
    "blocks": b"".join(b" " * depth + b"if x:\n" for depth in range(90)) + b" " * 90 + b"pass\n",
    "open text": b"'''" + b"a" * 500_000,
    "one line": b"a=1;" * 500_000,
    "format": b'f"' + b"{" * 1000,
}
