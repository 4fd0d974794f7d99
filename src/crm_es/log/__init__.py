"""The event log: the only truth. Envelope, recorders, mapper, seal, append queue."""
