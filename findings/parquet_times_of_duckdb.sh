#!/usr/bin/env bash
# DuckDB 2.0.1 writes three kinds of times to Parquet as something else and gives no warning:
#   interval '1 microsecond'     comes back as an interval of zero (Parquet counts milliseconds),
#                                while a negative interval is refused with an error
#   '10:00:00+05'::timetz        comes back as 05:00:00+00: the offset is gone, and the two are not equal
#   time '24:00:00'              comes back as 24:00:00 in DuckDB and as 00:00:00 in pyarrow 26.0.1
# Who lands rows as Parquet and reads them again does not read what was written.
# Exit code 0: still so. Needs python3 and PyPI.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install duckdb==2.0.1 pyarrow==26.0.1

cat > "$folder/ask.py" <<'PY'
import sys

import duckdb
import pyarrow.parquet as parquet

file = sys.argv[1]
database = duckdb.connect()
database.execute("""
    create table written as
    select
        interval '1 microsecond' as short,
        '10:00:00+05'::timetz as zoned,
        time '24:00:00' as midnight
""")
database.execute(f"copy written to '{file}' (format parquet)")
COMPARED = """
    select r.short = interval 0 seconds, w.short = r.short, r.zoned::varchar, w.zoned = r.zoned,
           r.midnight::varchar
    from written as w, read as r
"""
database.execute(f"create view read as from read_parquet('{file}')")
in_duckdb = database.execute(COMPARED).fetchone()
in_pyarrow = str(parquet.read_table(file)["midnight"][0].as_py())
try:
    database.execute(f"copy (select interval '-1 day' as i) to '{file}.2' (format parquet)")
    negative = "written"
except duckdb.Error as error:
    negative = str(error)
print("short is zero, is equal · zoned, is equal · midnight:", in_duckdb)
print("midnight in pyarrow:", in_pyarrow, "· a negative interval:", negative)
as_expected = in_duckdb == (True, False, "05:00:00+00", False, "24:00:00") and in_pyarrow == "00:00:00"
sys.exit(0 if as_expected and "negative intervals" in negative else 1)
PY
"$folder/venv/bin/python" "$folder/ask.py" "$folder/times.parquet"
