#!/usr/bin/env bash
# tree-sitter-ruby 0.23.1 finds a syntax error in two forms that Ruby has had for years, although
# Ruby's own parser (Prism, npm package @ruby/prism 1.9.0) accepts them:
#   ->(x; y) { x }        a lambda with a variable of its own (the same in a block, |x; y|, is read)
#   def f = puts "a"      an endless method whose body is a command without parentheses (since 3.1)
# A reader that skips what has an error loses these definitions. Exit code 0: still so.
# Needs python3, node, PyPI and npm.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install \
    tree-sitter==0.26.1 tree-sitter-ruby==0.23.1
npm install --silent --no-audit --no-fund --prefix "$folder" @ruby/prism@1.9.0 > /dev/null

cat > "$folder/prism.mjs" <<'JS'
import { loadPrism } from "@ruby/prism";
const parse = await loadPrism();
const texts = JSON.parse(process.argv[2]);
console.log(JSON.stringify(texts.map(text => parse(text).errors.length > 0)));
JS
cat > "$folder/ask.py" <<'PY'
import json
import subprocess
import sys

import tree_sitter
import tree_sitter_ruby

CASES = {  # code: whether tree-sitter finds an error, whether Prism does
    "f = ->(x; y) { x }\n": (True, False),
    'def f = puts "a"\n': (True, False),
    "f = proc { |x; y| x }\n": (False, False),
    'def f = puts("a")\n': (False, False),
    "def f(\n": (True, True),
}
command = ["node", "--no-warnings", "prism.mjs", json.dumps(list(CASES))]
answer = subprocess.run(command, capture_output=True, check=True, cwd=sys.argv[1])
parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_ruby.language()))
as_expected = True
for (text, expected), by_prism in zip(CASES.items(), json.loads(answer.stdout), strict=True):
    by_tree_sitter = parser.parse(text.encode()).root_node.has_error
    print(f"{text.strip():24} error in tree-sitter: {by_tree_sitter!s:6} in Prism: {by_prism}")
    as_expected &= (by_tree_sitter, by_prism) == expected
sys.exit(0 if as_expected else 1)
PY
"$folder/venv/bin/python" "$folder/ask.py" "$folder"
