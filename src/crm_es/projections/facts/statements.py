"""A child's program: some statements on one DuckDB file, read as JSON from standard input.

It knows nothing of this package, so that it starts at once and runs isolated (``python -I``).
"""

import json
import os
import sys

import duckdb


def main() -> None:
    os.nice(10)  # whoever waits for an answer goes before a copy of what is known
    asked = json.load(sys.stdin)
    db = duckdb.connect(asked["path"], config=asked["config"])
    db.execute("set enable_progress_bar = false")
    db.execute("set global TimeZone = 'UTC'")
    db.execute("set enable_external_access = false")
    for statement, parameters in asked["statements"]:
        db.execute(statement, parameters or None)
    db.execute("force checkpoint")
    db.close()


if __name__ == "__main__":
    main()
