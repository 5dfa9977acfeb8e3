"""Signals of source files: what a reader would point at when saying what job a file's code does."""
