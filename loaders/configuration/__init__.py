"""The user's configuration: rows of CSV files outside the clone that add to the seeds or override
them.

`folder` says where they are, `forms` what a row may hold (from seeds/_seeds.yml), `csv_rows` reads
a file, and `configured` gives the rows that count and a line for each that does not.
"""
