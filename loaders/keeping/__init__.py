"""Verify, clean, back up and restore.

This package is above `zone` and `publishing`, because each of its tasks deals with both: with the
landing zone and with the published files that belong to it.
"""
