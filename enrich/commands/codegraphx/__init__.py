"""The commands of `codegraphx enrich`, answered from the published file, and the export to it."""
