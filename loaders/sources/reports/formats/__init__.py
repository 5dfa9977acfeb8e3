"""The formats of reports: one module per tool, or per format that many tools write."""
