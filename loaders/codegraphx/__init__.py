"""CodeGraphX: its artifacts and its catalogue database, landed as what they say.

tables.py          what lands: the schema of every table
formats.py         what each artifact looks like, as data
artifacts.py       one landing: find, recognise, compare with what is known, read, land
files.py           which files there are, and each as one moment of it
recognising.py     what a file is, by its content
readers.py         an artifact into landed rows, by way of
    lines.py, events.py        JSONL: scan, ast, events
    documents.py               one JSON document: reports, manifests, snapshots
    sqlite.py, catalog.py, search.py
strict_json.py     what is JSON
sheaf.py           all rows of an artifact, or none
known.py           what landed before
paths.py, checkouts.py         one key for the many spellings of a path
pointers.py, looks.py          what artifacts point at, and whether it is there
"""
