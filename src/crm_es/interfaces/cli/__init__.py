"""The command line: ``crm-es``."""
