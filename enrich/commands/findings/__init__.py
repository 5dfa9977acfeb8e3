"""Findings, and the rules that flag them."""
