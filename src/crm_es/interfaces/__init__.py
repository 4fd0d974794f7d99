"""Where people and machines speak to the CRM."""
