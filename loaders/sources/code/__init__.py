"""The code of source files: symbols, imports, calls, base types, and measures of each content."""
