"""CodeGraphX: its artifacts and its catalogue database.

tables.py              what lands: the schema of every table
artifact_formats.py    what each artifact looks like, as data; field_types.py its types
catalogue_columns.py   the tables of a catalogue
land.py                one landing: find, recognise, compare with what is known, read, land
artifact_files.py      which files there are, and each as one moment of it
recognising.py         what a file is, by its content
read.py                an artifact into landed rows, by way of
    lines.py, events.py        JSONL: scan, ast, events
    documents.py               one JSON document: reports, manifests, snapshots
    sqlite.py, catalogue_files.py, search_index.py
strict_json.py         what is JSON
artifact_rows.py       all rows of an artifact, or none
known_artifacts.py     what landed before
path_keys.py, checkouts.py     one key for the many spellings of a path
pointers.py, existence.py      the paths in artifacts, and whether they exist
"""
