"""Sealed texts opened at the edge: one walk over a document, and what is erased shows as erased."""

from __future__ import annotations

from typing import Any

from crm_es.log.export import in_the_clear
from crm_es.log.sealing import Sealer

ERASED = {"erased": True}
"""What stands where a text stood whose person is erased."""


def opened(document: Any, sealer: Sealer) -> Any:
    """JSON values with every token replaced by its text. Raises KeyMissing, Tampered.

    A key that was destroyed meanwhile opens nothing, however often it was used before.
    """
    sealer.refresh()

    def open_(token: str) -> Any:
        text = sealer.open(token)
        return ERASED if text is None else text

    return in_the_clear(document, open_)
