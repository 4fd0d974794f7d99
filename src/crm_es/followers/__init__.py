"""Who reads the log: each follower keeps its place in its own store, beside what it made of it."""
