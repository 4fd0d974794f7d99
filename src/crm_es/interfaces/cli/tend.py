"""Placeholder until the views are there."""

COMMANDS = ()
