"""The asking side: reads the published file, never the landing zone's innards."""
