"""Refresh, sources, backups."""
