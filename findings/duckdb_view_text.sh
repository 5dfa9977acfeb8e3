#!/usr/bin/env bash
# DuckDB 2.0.1 reverses the names of EXCLUDE and REPLACE each time that it parses a view. The text of
# an untouched view in duckdb_views() is therefore another one after the database file is opened
# again, and another one after each round through its own text:
#   created with      exclude (alpha, beta, gamma)
#   same connection   EXCLUDE (gamma, beta, alpha)
#   file reopened     EXCLUDE (alpha, beta, gamma)
# Whoever compares the texts of views (a schema diff, a copy of a database) sees a change in none.
# Exit code 0: still so. Needs python3 and PyPI.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install duckdb==2.0.1

cat > "$folder/ask.py" <<'PY'
import re
import sys

import duckdb

file = sys.argv[1]
TEXT = "select sql from duckdb_views() where view_name = 'narrow'"


def names(database):
    [(text,)] = database.execute(TEXT).fetchall()
    return text, re.findall(r"alpha|beta|gamma", text)


database = duckdb.connect(file)
database.execute("create table wide as select 0 as kept, 1 as alpha, 2 as beta, 3 as gamma")
database.execute("create view narrow as select * exclude (alpha, beta, gamma) from wide")
_, created = names(database)
database.close()
database = duckdb.connect(file)
text, reopened = names(database)
database.execute("drop view narrow")
database.execute(text)
_, from_own_text = names(database)
print("created:", created, "· reopened:", reopened, "· made from its own text:", from_own_text)
written = ["alpha", "beta", "gamma"]
sys.exit(0 if (created, reopened, from_own_text) == (written[::-1], written, written[::-1]) else 1)
PY
"$folder/venv/bin/python" "$folder/ask.py" "$folder/views.duckdb"
