"""People and organisations: customers, employees, and who belongs where."""
