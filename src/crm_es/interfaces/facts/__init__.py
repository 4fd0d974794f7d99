"""The facts process, and the way to it for everyone else."""
