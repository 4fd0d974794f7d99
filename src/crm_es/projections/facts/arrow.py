"""Rows of the log as Arrow columns, made from whole buffers and not value by value."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any

import pyarrow as pa

from crm_es.aggregates.fields import Precision
from crm_es.log.envelope import COLUMNS

_ID = 16
_UUID = pa.uuid()
_TIME = pa.timestamp("us", "UTC")
_PRECISIONS = pa.array([precision.name.lower() for precision in sorted(Precision)])


def table(columns: Sequence[Sequence[Any]]) -> pa.Table:
    """The log's COLUMNS, each a sequence of as many values."""
    made = [_MAKERS[name](column) for name, column in zip(COLUMNS, columns, strict=True)]
    return pa.table(made, names=list(COLUMNS))


def _ids(column: Sequence[bytes]) -> pa.Array:
    return _packed_ids(b"".join(column))


def _some_ids(column: Sequence[bytes | None]) -> pa.Array:
    return pa.ExtensionArray.from_storage(_UUID, pa.array(column, pa.binary(_ID)))


def _integers(column: Sequence[int]) -> pa.Array:
    buffer = pa.py_buffer(array("q", column))
    return pa.Array.from_buffers(pa.int64(), len(column), [None, buffer])


def _times(column: Sequence[int]) -> pa.Array:
    return _integers(column).view(_TIME)


def _repeated(column: Sequence[str | None]) -> pa.Array:
    """Few different values, each told once."""
    names = list(dict.fromkeys(column))
    number = {name: n for n, name in enumerate(names)}
    codes = pa.py_buffer(array("i", map(number.__getitem__, column)))
    indices = pa.Array.from_buffers(pa.int32(), len(column), [None, codes])
    return pa.DictionaryArray.from_arrays(indices, pa.array(names, pa.string()))


def _precisions(column: Sequence[int]) -> pa.Array:
    codes = pa.py_buffer(array("b", column))
    indices = pa.Array.from_buffers(pa.int8(), len(column), [None, codes])
    return pa.DictionaryArray.from_arrays(indices, _PRECISIONS)


def _json(column: Sequence[bytes]) -> pa.Array:
    ends = array("i", accumulate(map(len, column), initial=0))
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(column))]
    return pa.Array.from_buffers(pa.binary(), len(column), buffers).cast(pa.string())


def _lists_of_ids(column: Sequence[bytes]) -> pa.Array:
    ends = array("i", (end // _ID for end in accumulate(map(len, column), initial=0)))
    offsets = pa.Array.from_buffers(pa.int32(), len(ends), [None, pa.py_buffer(ends)])
    return pa.ListArray.from_arrays(offsets, _packed_ids(b"".join(column)))


def _packed_ids(packed: bytes) -> pa.Array:
    plain = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(_ID), len(packed) // _ID, [None, pa.py_buffer(packed)]
    )
    return pa.ExtensionArray.from_storage(_UUID, plain)


_MAKERS: dict[str, Callable[[Any], pa.Array]] = {
    "position": _integers,
    "event_id": _ids,
    "stream_id": _ids,
    "version": _integers,
    "topic": _repeated,
    "schema_version": _integers,
    "occurred_at": _times,
    "precision": _precisions,
    "recorded_at": _times,
    "findings": _repeated,
    "actor": _repeated,
    "on_behalf_of": _repeated,
    "command_id": _ids,
    "correlation_id": _ids,
    "causation_id": _some_ids,
    "depth": _integers,
    "subjects": _lists_of_ids,
    "data": _json,
}
