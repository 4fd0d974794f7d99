"""A child's program: one SELECT of somebody else on a snapshot, within hard limits.

DuckDB has no boundary of privilege: its settings are one wall, the limits of this process another,
and being killed the last. It knows nothing of this package (``python -I``). The request is JSON on
standard input; the answer is lines of JSON: what the columns are, then each row, then how it ended.
"""

import ctypes
import json
import math
import os
import resource
import sys
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

MIB = 1 << 20
BATCH = 500
_NO_NEW_PRIVILEGES = 38  # PR_SET_NO_NEW_PRIVS of <linux/prctl.h>
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000  # CLONE_NEW... of <linux/sched.h>

Limits = dict[str, int]


def main() -> None:
    asked = json.load(sys.stdin)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, 64)
    import duckdb  # noqa: PLC0415 - the limits come first

    limits: Limits = asked["limits"]
    _limit(resource.RLIMIT_AS, limits["address_mib"] * MIB)
    _limit(resource.RLIMIT_CPU, limits["cpu_seconds"])
    _leave_the_network()
    try:
        db = _open(duckdb, asked, limits)
        statements = db.extract_statements(asked["sql"])
        allowed = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}
        if len(statements) != 1 or statements[0].type not in allowed:
            _end("sql.not_one_select", "Exactly one SELECT is answered.")
        _answer(db.execute(statements[0]), limits)
    except duckdb.Error as error:
        _end("sql.failed", str(error)[:2_000])
    except (MemoryError, RecursionError):
        _end("sql.too_large", "That takes more memory than there is for a question.")


def _limit(what: int, most: int) -> None:
    resource.setrlimit(what, (most, most))


def _leave_the_network() -> None:
    """No new rights, and a network of its own in which there is nobody, where the kernel lets us.

    What is in the wheel of DuckDB cannot open a connection anyway.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    with suppress(AttributeError, OSError):
        libc.unshare(_NEW_USER | _NEW_NETWORK)
        libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)


def _open(duckdb: Any, asked: dict[str, Any], limits: Limits) -> Any:
    """The snapshot, with all of DuckDB's own bolts drawn."""
    config = {
        "enable_external_access": "false", "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false", "allow_community_extensions": "false",
        "python_enable_replacements": "false", "threads": "1",
        "memory_limit": f"{limits['memory_mib']}MiB", "temp_directory": "",
        "max_temp_directory_size": "0KB",
    }  # fmt: skip
    db = duckdb.connect(asked["snapshot"], read_only=True, config=config)
    db.execute("set enable_progress_bar = false")
    db.execute("set TimeZone = 'UTC'")
    if asked["as_of"] is not None:
        db.execute(f"set variable as_of_position = {int(asked['as_of'])}")
    db.execute("set lock_configuration = true")
    return db


def _answer(found: Any, limits: Limits) -> None:
    columns = [[name, str(kind)] for name, kind, *_ in found.description or ()]
    size = _tell(columns)
    rows = 0
    while batch := found.fetchmany(BATCH):
        for row in batch:
            if rows == limits["rows"] or size > limits["bytes"]:
                _end(None, "", is_cut=True)
            size += _tell([_plain(value) for value in row])
            rows += 1
    _end(None, "")


def _plain(value: Any) -> Any:  # noqa: PLR0911 - a return per kind of value
    if value is None or isinstance(value, (bool, str, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat() if value.tzinfo else value.isoformat()
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    if isinstance(value, dict):
        return {str(_plain(key)): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [_plain(one) for one in value]
    return str(value)


def _tell(line: Any) -> int:
    return sys.stdout.buffer.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")


def _end(code: str | None, detail: str, *, is_cut: bool = False) -> None:
    _tell({"code": code, "detail": detail, "is_cut": is_cut})
    sys.stdout.flush()
    os._exit(0)  # nothing of what runs is waited for


if __name__ == "__main__":
    main()
