"""The writer process, and the way to it for everyone else."""
