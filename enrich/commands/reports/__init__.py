"""The commands about reports of other tools."""
