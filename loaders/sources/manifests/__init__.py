"""Manifests: what packages say they are and what they need.

Read as text and data; nothing of theirs is run.
"""
