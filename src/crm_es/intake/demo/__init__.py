"""A demo company: two years of business as commands, the same every time, with planted stories."""
