"""What can be read, a file per department: lists with cursors, single things, their history."""
