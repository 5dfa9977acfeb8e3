"""The tools of all readers: the rows of a report, its beginning, streams of values."""
