"""Rows in: files and a declared mapping become the commands anyone may send."""
