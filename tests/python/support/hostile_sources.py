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
# Nested code that does not count as minified, so that it is parsed.
_NESTED = {
    "deep sum": b"x = a" + b" &&\n b" * 20_000 + b";\n",
    "deep calls": b"f(\n" * 5_000 + b")\n" * 5_000,
    "deep blocks": b"if (a) {\n" * 3_000,
    "deep conditions": b"if (a) {}" + b" else if (b) {\n}" * 3_000,
    "deep functions": b"int f() {\n" * 500 + b"}\n" * 500,
    "open comment": b"/*\n" * 200,
    "open heredocs": b"x = <<E\n" * 500,
    "conditions of a preprocessor": b"#if A\n" * 2_000 + b"#endif\n" * 2_000,
    "heads of macros": b'\nA_MACRO("a", ("b",' * 2_000,
    "words of macros": b"A_MACRO\n" * 5_000 + b"int f() {}\n",
    "truncated": b"int f(int a) {\n  if (a) {\n    return g(",
    "UTF-16": "int f() {}\n".encode("utf-16") * 500,
}
HOSTILE |= _NESTED
