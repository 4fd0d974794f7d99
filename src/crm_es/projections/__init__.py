"""What can be seen: views for operation, facts for analysis, and the wording of the timeline."""
