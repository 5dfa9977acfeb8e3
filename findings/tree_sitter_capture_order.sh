#!/usr/bin/env bash
# tree-sitter for Python 0.26.1: QueryCursor.captures lists the nodes of a capture in an order that
# changes each time that the same source is parsed. Twenty parses of 400 calls of a function gave 20
# orders, none of them that of the source. QueryCursor.matches keeps the order of the source.
# Whoever takes the first node of a capture for the first in the file is mostly wrong, and
# differently so in each run.
# Exit code 0: still so. Needs python3 and PyPI.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install \
    tree-sitter==0.26.1 tree-sitter-javascript==0.25.0

cat > "$folder/ask.py" <<'PY'
import sys

import tree_sitter
import tree_sitter_javascript

language = tree_sitter.Language(tree_sitter_javascript.language())
source = b"\n".join(b"run(%d);" % number for number in range(400))
query = tree_sitter.Query(language, "(call_expression function: (identifier) @called)")


def parsed():
    return tree_sitter.Parser(language).parse(source)


def captured():
    tree = parsed()
    found = tree_sitter.QueryCursor(query).captures(tree.root_node)["called"]
    return tuple(node.start_point.row for node in found)


def matched():
    tree = parsed()
    found = tree_sitter.QueryCursor(query).matches(tree.root_node)
    return tuple(node.start_point.row for _, names in found for node in names["called"])


in_order = tuple(range(400))
captures, matches = {captured() for _ in range(20)}, {matched() for _ in range(20)}
print("orders of captures:", len(captures), "· of the source:", in_order in captures)
print("orders of matches:", len(matches), "· of the source:", in_order in matches)
is_so = len(captures) > 1 and all(sorted(rows) == list(in_order) for rows in captures)
sys.exit(0 if is_so and matches == {in_order} else 1)
PY
"$folder/venv/bin/python" "$folder/ask.py"
