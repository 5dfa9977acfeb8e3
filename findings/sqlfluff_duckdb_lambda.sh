#!/usr/bin/env bash
# sqlfluff 4.5.0, dialect duckdb, does not parse DuckDB's own form of a lambda with more than one
# parameter. It parses the older arrow, which DuckDB 2.0.1 refuses unless lambda_syntax is set:
#   list_reduce(l, (total, one) -> total + one)          parsed
#   list_transform(l, lambda one: one + 1)               parsed
#   list_reduce(l, lambda total, one: total + one)       unparsable section
# SQL that DuckDB 2 runs by default is an error for the linter, and the other way round.
# Exit code 0: still so. Needs python3 and PyPI.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install sqlfluff==4.5.0 duckdb==2.0.1

cat > "$folder/ask.py" <<'PY'
import sys

import duckdb
import sqlfluff

STATEMENTS = {
    "select list_reduce([1, 2], (total, one) -> total + one) as result": True,
    "select list_transform([1, 2], lambda one: one + 1) as result": True,
    "select list_reduce([1, 2], lambda total, one: total + one) as result": False,
}
is_so = True
with duckdb.connect() as database:
    arrow = next(iter(STATEMENTS))
    try:
        database.execute(arrow)
        is_so = False
    except duckdb.BinderException as error:
        print(str(error).partition(".")[0])
    database.execute("set lambda_syntax = 'ENABLE_SINGLE_ARROW'")
    for statement, is_parsed in STATEMENTS.items():
        [(result,)] = database.execute(statement).fetchall()
        found = sqlfluff.lint(statement + "\n", dialect="duckdb")
        fails = any(violation["code"] == "PRS" for violation in found)
        print("unparsable" if fails else "parsed    ", result, statement)
        is_so = is_so and fails != is_parsed
sys.exit(0 if is_so else 1)
PY
"$folder/venv/bin/python" "$folder/ask.py"
