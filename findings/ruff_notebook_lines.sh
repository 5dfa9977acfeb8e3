#!/usr/bin/env bash
# ruff 0.17.6 reports one finding in a Jupyter notebook at three different places:
#   concise, json   cell 4, line 1 of that cell, and json names the cell
#   sarif, rdjson   line 3 of the file: the line in all code cells put together, and nothing says so
#   gitlab, github  line 1 of the file, for each finding
# The finding is in none of these lines of the .ipynb file, and only the first form can be resolved.
# Who joins SARIF with the file by its line is shown another line. Exit code 0: still so.
# Needs python3 and PyPI.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install ruff==0.17.6 nbformat==5.11.1

cat > "$folder/ask.py" <<'PY'
import json
import subprocess
import sys

import nbformat.v4 as v4
from nbformat import write

ruff, notebook = sys.argv[1:]
cells = [
    v4.new_markdown_cell("# A title\n\nA paragraph"),
    v4.new_code_cell("x = 1\n"),
    v4.new_markdown_cell("More words\nin two lines"),
    v4.new_code_cell("import os\ny = 2\n"),
]
write(v4.new_notebook(cells=cells), notebook)


def report(form):
    command = [ruff, "check", "--isolated", "--no-cache", "--select", "F401"]
    answer = subprocess.run([*command, "--output-format", form, notebook], capture_output=True)
    return answer.stdout.decode()


(as_json,) = json.loads(report("json"))
(as_sarif,) = json.loads(report("sarif"))["runs"][0]["results"]
(as_gitlab,) = json.loads(report("gitlab"))
(as_rdjson,) = json.loads(report("rdjson"))["diagnostics"]
with open(notebook) as file:
    true_line = next(n for n, line in enumerate(file, 1) if "import os" in line)
seen = {
    "json": (as_json["cell"], as_json["location"]["row"]),
    "sarif": as_sarif["locations"][0]["physicalLocation"]["region"]["startLine"],
    "rdjson": as_rdjson["location"]["range"]["start"]["line"],
    "gitlab": as_gitlab["location"]["positions"]["begin"]["line"],
    "github": int(report("github").split(",line=")[1].split(",")[0]),
}
print(seen, "· the line of the file:", true_line)
expected = {"json": (4, 1), "sarif": 3, "rdjson": 3, "gitlab": 1, "github": 1}
sys.exit(0 if seen == expected and true_line not in (1, 3) else 1)
PY
"$folder/venv/bin/python" "$folder/ask.py" "$folder/venv/bin/ruff" "$folder/notebook.ipynb"
