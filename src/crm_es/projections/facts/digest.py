"""Digests of tables: equal for the same rows, in whatever order they stand."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb


def digest_of(db: duckdb.DuckDBPyConnection, table: str) -> str:
    """One table's. Comparable between processes of one release of DuckDB."""
    sql = f"select count(*), sum(hash(row)), bit_xor(hash(row)) from {table} as row"
    count, total, mixed = db.execute(sql).fetchall()[0]
    return f"{count}-{total or 0:x}-{mixed or 0:016x}"


def digest(db: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> dict[str, str]:
    """By table."""
    return {table: digest_of(db, table) for table in tables}
