"""Two moments and what lies between them, as far as both are known."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from crm_es.aggregates.base import Occasion
from crm_es.aggregates.fields import Precision, is_before


class Moment(NamedTuple):
    at: datetime
    precision: Precision

    @classmethod
    def of(cls, on: Occasion) -> Moment:
        return cls(on.at, on.precision)

    @property
    def is_known(self) -> bool:
        """Whether it is known to the minute: only then can it be reckoned with."""
        return self.precision >= Precision.MINUTE

    def is_after(self, other: Moment | None) -> bool:
        """Whether it surely lies behind the other, at the coarser of their precisions."""
        return other is not None and is_before(*other, *self) is True

    def seconds_since(self, other: Moment | None) -> int | None:
        """Whole seconds, never below 0; None unless both are known."""
        if other is None or not self.is_known or not other.is_known:
            return None
        return max(int((self.at - other.at).total_seconds()), 0)


def is_past(planned_at: datetime, on: Occasion) -> bool:
    """Whether a time that was planned may have come."""
    return not Moment(planned_at, Precision.EXACT).is_after(Moment.of(on))
