"""The command line: it reads the published file, and lands decisions as events."""
