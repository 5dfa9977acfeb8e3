"""The commands of `codegraphx enrich`, answered from the published file, and the way back to its catalogue."""
