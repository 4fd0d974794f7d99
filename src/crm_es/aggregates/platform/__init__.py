"""What runs the CRM itself: imports, definitions of fields."""
