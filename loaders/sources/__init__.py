"""The sources of facts, one folder each: its tables, its readers, and how it lands."""
