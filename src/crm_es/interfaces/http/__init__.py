"""HTTP: commands in, receipts and resources out, refusals as problems (RFC 9457)."""
