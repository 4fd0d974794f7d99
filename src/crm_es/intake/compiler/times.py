"""How times are told from text: one guarded branch for each format, one offset for each stretch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from crm_es.intake.compiler.layers import Layers
from crm_es.intake.mapping.time_formats import ISO, UNIX, UNIX_MS, TimeFormat
from crm_es.intake.sql import literal

_FIRST, _LAST = datetime(1899, 12, 30, tzinfo=UTC), datetime(2200, 1, 3, tzinfo=UTC)


def moment(layers: Layers, cell: str, formats: Sequence[TimeFormat], zone: str) -> str:
    """The name of a timestamp in UTC; null where no format fits the cell."""
    instants = [_instant(cell, one) for one in formats if one.has_zone is not False]
    locals_ = [_local(cell, one) for one in formats if not one.has_zone]
    known = layers.name(_first(instants)) if instants else ""
    if not locals_:
        return known
    local = layers.name(_first(locals_))
    if zone == "UTC":
        return layers.name(f"coalesce({known}, {local})") if known else local
    shifted = f"{local} - to_seconds({_offset(local, offsets(zone))})"
    return layers.name(f"coalesce({known}, {shifted})" if known else shifted)


def local_moment(layers: Layers, cell: str, formats: Sequence[TimeFormat]) -> str:
    """The name of a timestamp as it stands in the cell, whatever its zone."""
    return layers.name(_first([_as_written(cell, one) for one in formats]))


def precision(cell: str, formats: Sequence[TimeFormat]) -> str:
    """How exactly the format that fits tells the time: a text, null where none fits."""
    told = {one.precision for one in formats}
    if len(told) == 1 and None not in told:
        return f"case when {cell} is not null then {literal(str(formats[0].precision))} end"
    branches = [
        f"when {_fits(cell, one)} then "
        + (f"iso_precision({cell})" if one.precision is None else literal(one.precision))
        for one in formats
    ]
    return f"case {' '.join(branches)} end"


def _first(branches: Sequence[str]) -> str:
    return f"case {' '.join(branches)} end"


def _fits(cell: str, one: TimeFormat) -> str:
    return f"regexp_full_match({cell}, {literal(one.shape)})"


def _instant(cell: str, one: TimeFormat) -> str:
    if one.text == ISO:
        value = f"make_timestamp(epoch_us(try_cast(iso_text({cell}) as timestamptz)))"
        return f"when {_fits(cell, one)} and iso_has_zone({cell}) then {value}"
    if one.text in (UNIX, UNIX_MS):
        micros = 1_000_000 if one.text == UNIX else 1_000
        value = f"make_timestamp(try_cast({cell} as bigint) * {micros})"
        return f"when {_fits(cell, one)} and length({cell}) <= {_digits(micros)} then {value}"
    plain = f"regexp_replace({cell}, '[Zz]$', '+00:00')" if one.text.endswith("%z") else cell
    value = f"make_timestamp(epoch_us(try_strptime({plain}, {literal(one.text)})))"
    return f"when {_fits(cell, one)} then {value}"


def _digits(micros: int) -> int:
    """So many characters of a count stay within the years that a timestamp holds."""
    return 11 if micros == 1_000_000 else 14  # noqa: PLR2004 - see above


def _local(cell: str, one: TimeFormat) -> str:
    if one.text == ISO:
        value = f"try_cast(iso_text({cell}) as timestamp)"
        return f"when {_fits(cell, one)} and not iso_has_zone({cell}) then {value}"
    return f"when {_fits(cell, one)} then try_strptime({cell}, {literal(one.text)})"


def _as_written(cell: str, one: TimeFormat) -> str:
    if one.text == ISO:
        return f"when {_fits(cell, one)} then try_cast(left({cell}, 10) as timestamp)"
    return _instant(cell, one) if one.has_zone else _local(cell, one)


@lru_cache(maxsize=32)
def offsets(zone: str) -> tuple[tuple[datetime | None, int], ...]:
    """(local time from which it holds, seconds east of UTC), the first without a time.

    A local time the clock skipped, or showed twice, is read with the offset before the change, as
    RFC 5545 and java.time do: the step stands at the change in the larger of both offsets.
    """
    info = ZoneInfo(zone)
    steps: list[tuple[datetime | None, int]] = [(None, _seconds(_FIRST, info))]
    day = _FIRST
    while day < _LAST:
        after = day + timedelta(days=1)
        before, now = _seconds(day, info), _seconds(after, info)
        if before != now:
            change = _change(day, after, info)
            at = change.replace(tzinfo=None) + timedelta(seconds=max(before, now))
            steps.append((at, now))
        day = after
    return tuple(steps)


def _seconds(at: datetime, zone: ZoneInfo) -> int:
    offset = at.astimezone(zone).utcoffset()
    return round(offset.total_seconds()) if offset else 0


def _change(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The first second of the new offset, between two moments with different ones."""
    before = _seconds(low, zone)
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        low, high = (middle, high) if _seconds(middle, zone) == before else (low, middle)
    return high


def _offset(local: str, steps: Sequence[tuple[datetime | None, int]]) -> str:
    """A search by halves: a row goes through eight or nine comparisons, not through hundreds."""
    if len(steps) == 1:
        return str(steps[0][1])
    half = len(steps) // 2
    at = literal(str(steps[half][0]))
    early, late = _offset(local, steps[:half]), _offset(local, steps[half:])
    return f"case when {local} < timestamp {at} then {early} else {late} end"
