"""How much a file may ask of us: what comes over HTTP is bounded, an operator's file is not."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """None means no limit."""

    bytes_max: int | None = None
    """Of the text once unpacked."""
    rows_max: int | None = None
    columns_max: int = 2_000
    cell_max: int = 131_072
    """Characters; the csv module refuses longer ones of itself."""
    gz_ratio_max: int | None = None
    """How many bytes one packed byte may become. A file with a ratio has one gz member only."""


OPERATOR = Limits()
UPLOAD = Limits(
    bytes_max=50 * 2**20, rows_max=100_000, columns_max=200, cell_max=32 * 2**10, gz_ratio_max=10
)
