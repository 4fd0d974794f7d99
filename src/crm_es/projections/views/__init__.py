"""What people and services look at: one fold per view, rows in SQLite, queries beside them."""
