"""The write side: commands come in together, and are decided and recorded in one transaction."""

from __future__ import annotations

import gc

from crm_es.application.crm import Crm, Tenant
from crm_es.application.receipts import digest, receipt_from

__all__ = ["Crm", "Tenant", "digest", "receipt_from", "settle_memory"]


def settle_memory() -> None:
    """Keep the garbage collector away from what lives as long as the process."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)
