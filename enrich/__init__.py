"""The asking side: reads the published file; what it writes are landed events."""
