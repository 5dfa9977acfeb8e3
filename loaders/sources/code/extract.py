"""Extract the code of one source file, which may be malformed."""

from __future__ import annotations

from loaders.sources.code import tree_code
from loaders.sources.code.facts import Code
from loaders.sources.code.grammar_choice import grammar_of
from loaders.sources.code.line_counts import count_lines
from loaders.sources.code.notebook_code import code_of_notebook, placed_in_file
from loaders.sources.code.python_facts import python_code
from loaders.sources.code.python_repair import repaired
from loaders.sources.contents.parsed import Parsed

# Increase it if the code gives other facts for the same content, of any language.
_VERSION = 1
# Increase that of a language if only its facts change: its contents alone are read again.
_OF_LANGUAGES: dict[str, int] = {}
# A content with more rows than this in a table is generated: only its lines are counted.
_MOST_ROWS = 50_000
_SHARED = frozenset(("javascript", "typescript", "tsx"))


def extractor_version(language: str = "") -> str:
    """Return a version that changes with all that the facts of a language depend on."""
    return f"{_VERSION}.{_OF_LANGUAGES.get(language, 0)}"


def extract(parsed: Parsed) -> Code:
    """Return the code of a content; never raises."""
    if parsed.ending == "ipynb":
        notebook = code_of_notebook(parsed)
        return placed_in_file(_extract(notebook.parsed), notebook.lines, notebook.error_lines)
    return _extract(parsed)


def _extract(parsed: Parsed) -> Code:
    code = _by_parser(parsed) if parsed.has_tree else None
    if code is None or _row_count(code) > _MOST_ROWS:
        total, blank = count_lines(parsed)
        return Code("lines", total, blank_lines=blank)
    return code


def _row_count(code: Code) -> int:
    """Return the rows of the largest table."""
    return max(len(code.symbols), len(code.imports), len(code.calls), len(code.bases))


def _by_parser(parsed: Parsed) -> Code | None:
    """Return the facts that a parser finds; None for a language without one."""
    if parsed.language == "Python":
        return _python(parsed)
    grammar = grammar_of(parsed)
    if grammar is None:
        return None
    # The signals of these need the same tree.
    tree = parsed.tree(grammar) if grammar in _SHARED else None
    return tree_code.extract(parsed.source, grammar, tree)


def _python(parsed: Parsed) -> Code | None:
    if parsed.python is not None:
        return python_code(parsed.python, parsed.text)
    found = repaired(parsed.text)
    if found is None:
        return None
    code = python_code(found.tree, found.text)
    state = "partial" if found.error_lines else "tree"
    return code._replace(parse_state=state, error_lines=found.error_lines)
