"""What can be asked of the department platform."""
