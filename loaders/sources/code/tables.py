"""The landed tables of code, each by the content of a file."""

from __future__ import annotations

import pyarrow as pa

from loaders.base.integrity import Rules
from loaders.base.masking import LEFT, NAME
from loaders.zone.schemas import Table, declare

PARSE_STATES = "tree partial lines too_large refused"
SYMBOL_KINDS = "function method class struct interface trait enum module type"
IMPORT_KINDS = "import from require dynamic include include_system use reexport"
BASE_KINDS = "extends implements embeds mixes_in"
VIA = "local self import type name"

_CONTENT = [("sha256", pa.string()), ("extractor_version", pa.string())]
_TARGET = [
    ("via", pa.string(), "How the content itself resolves it."),
    (
        "target",
        pa.string(),
        "The qualified name, or the member of the import, that it resolves to.",
    ),
    ("import_index", pa.int64(), "Index of the import that it goes through."),
]
_HAS_INDEX = {
    "import_index: missing": "via <> 'import' or import_index is not null",
}

TABLES = declare(
    Table(
        "content_code",
        "One row per source content and version of the extractor: how it was read, and the measures"
        " of the whole content.",
        [
            *_CONTENT,
            ("language", pa.string()),
            ("parse_state", pa.string()),
            ("total_lines", pa.int64(), "Number of lines."),
            ("code_lines", pa.int64(), "Lines with code."),
            ("comment_lines", pa.int64(), "Lines with nothing but comments or documentation."),
            ("blank_lines", pa.int64(), "Lines with nothing but white space."),
            ("error_lines", pa.int64(), "Lines inside what does not parse."),
            ("package", pa.string(), "The package or namespace that the content says it is in."),
            ("cyclomatic", pa.int64(), "Cyclomatic complexity, summed over functions."),
            ("cognitive", pa.int64(), "Cognitive complexity, summed over functions."),
            ("nesting", pa.int64(), "Deepest nesting of control structures."),
            ("distinct_operators", pa.int64(), "Halstead's n1."),
            ("distinct_operands", pa.int64(), "Halstead's n2."),
            ("operators", pa.int64(), "Halstead's N1."),
            ("operands", pa.int64(), "Halstead's N2."),
            ("maintainability_index", pa.float64(), "Maintainability index, 0 to 100."),
        ],
        Rules(
            "code",
            "sha256",
            required="extractor_version parse_state",
            words={"parse_state": PARSE_STATES},
            counts="total_lines code_lines comment_lines blank_lines error_lines cyclomatic"
            " cognitive nesting distinct_operators distinct_operands operators operands",
        ),
        masked={NAME: "package"},
    ),
    Table(
        "content_symbols",
        "One row per definition in a content.",
        [
            *_CONTENT,
            ("symbol_index", pa.int64(), "Number in the content, from 0."),
            ("qualified_name", pa.string(), "Names of the enclosing symbols and its own, by dots."),
            ("name", pa.string()),
            ("kind", pa.string(), "Kind of definition."),
            ("parent", pa.string(), "Qualified name of the enclosing symbol."),
            ("start_line", pa.int64(), "First line."),
            ("end_line", pa.int64(), "Last line."),
            ("parameters", pa.list_(pa.string()), "Names of the parameters."),
            ("has_docs", pa.bool_(), "Whether it has documentation."),
            ("is_exported", pa.bool_(), "Whether other files can name it."),
            ("code_lines", pa.int64(), "Lines with code."),
            ("cyclomatic", pa.int64(), "Cyclomatic complexity."),
            ("cognitive", pa.int64(), "Cognitive complexity."),
            ("nesting", pa.int64(), "Deepest nesting of control structures."),
        ],
        Rules(
            "code",
            "sha256 symbol_index",
            required="extractor_version qualified_name kind has_docs is_exported",
            words={"kind": SYMBOL_KINDS},
            counts="symbol_index start_line end_line code_lines cyclomatic cognitive nesting",
        ),
        masked={NAME: "qualified_name parent parameters"},
    ),
    Table(
        "content_imports",
        "One row per name, or module, that a content imports.",
        [
            *_CONTENT,
            ("import_index", pa.int64(), "Number in the content, from 0."),
            ("line", pa.int64()),
            ("kind", pa.string(), "Form of the import."),
            ("module", pa.string(), "The module, as written."),
            ("level", pa.int64(), "Leading dots of a relative import of Python; else 0."),
            ("name", pa.string(), "The name taken from it; *: all; NULL: the module itself."),
            ("bound_name", pa.string(), "The name that the content uses for it."),
            ("scope", pa.string(), "Qualified name of the symbol that it is inside."),
            ("is_type_only", pa.bool_(), "Whether only type checkers see it."),
        ],
        Rules(
            "code",
            "sha256 import_index",
            required="extractor_version kind module level is_type_only",
            words={"kind": IMPORT_KINDS},
            counts="import_index line level",
        ),
        masked={NAME: "module name bound_name scope"},
    ),
    Table(
        "content_calls",
        "One row per call in a content.",
        [
            *_CONTENT,
            ("call_index", pa.int64(), "Number in the content, from 0."),
            ("line", pa.int64()),
            ("caller", pa.string(), "Qualified name of the innermost symbol; NULL: top level."),
            ("callee", pa.string(), "The called expression as written, without arguments."),
            *_TARGET,
        ],
        Rules(
            "code",
            "sha256 call_index",
            required="extractor_version callee via",
            words={"via": VIA},
            counts="call_index line import_index",
            more=_HAS_INDEX,
        ),
        masked={NAME: "caller callee target", LEFT: "via"},
    ),
    Table(
        "content_bases",
        "One row per type that a type of a content inherits from.",
        [
            *_CONTENT,
            ("base_index", pa.int64(), "Number in the content, from 0."),
            ("symbol", pa.string(), "Qualified name of the inheriting type."),
            ("line", pa.int64()),
            ("kind", pa.string(), "Form of inheritance."),
            ("base", pa.string(), "The inherited type, as written."),
            *_TARGET,
        ],
        Rules(
            "code",
            "sha256 base_index",
            required="extractor_version symbol kind base via",
            words={"kind": BASE_KINDS, "via": VIA},
            counts="base_index line import_index",
            more=_HAS_INDEX,
        ),
        masked={NAME: "symbol base target", LEFT: "via"},
    ),
)
