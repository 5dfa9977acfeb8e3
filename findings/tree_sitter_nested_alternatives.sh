#!/usr/bin/env bash
# tree-sitter 0.26.1: in a query, a list of alternatives with a capture, inside of another list,
# finds only its first alternative. The query compiles without an error. On `f(a, 1, "s")`:
#   [(identifier) (number)] @x               f, a, 1
#   [[(identifier) (number)] @x (string)]    f, a
#   [(identifier) @x (number) @x (string)]   f, a, 1
# Whoever composes a query from parts that are lists themselves loses nodes in silence.
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
tree = tree_sitter.Parser(language).parse(b'f(a, 1, "s")')


def captured(text):
    cursor = tree_sitter.QueryCursor(tree_sitter.Query(language, text))
    found = sorted(node.text.decode() for node in cursor.captures(tree.root_node)["x"])
    print(f"{text:42}", ", ".join(found))
    return found


alone = captured("[(identifier) (number)] @x")
nested = captured("[[(identifier) (number)] @x (string)]")
flat = captured("[(identifier) @x (number) @x (string)]")
sys.exit(0 if alone == flat == ["1", "a", "f"] and nested == ["a", "f"] else 1)
PY
"$folder/venv/bin/python" "$folder/ask.py"
