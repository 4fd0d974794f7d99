"""Digests of views: equal for equal rows, wherever and however they were made."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from hashlib import sha256

import orjson

from crm_es.projections.views.base import View
from crm_es.projections.views.rows import ViewTable


def digest_of(db: sqlite3.Connection, view: View) -> str:
    """SHA-256 over a view's rows in order of their keys, each a line of JSON."""
    found = sha256()
    for row in db.execute(ViewTable(view).all):
        found.update(orjson.dumps(row, bytes.hex, orjson.OPT_APPEND_NEWLINE))
    return found.hexdigest()


def digests(db: sqlite3.Connection, views: Iterable[View]) -> dict[str, str]:
    """By view. One moment only within a transaction."""
    return {view.name: digest_of(db, view) for view in views}
