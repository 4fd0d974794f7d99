"""Bootstrap offers what it says, and loads no more than was asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

from crm_es import bootstrap

HEAVY = ("duckdb", "pyarrow", "fastapi", "sqlalchemy")


def test_everything_it_lists_is_there() -> None:
    for name in bootstrap.__all__:
        assert getattr(bootstrap, name)
    with pytest.raises(AttributeError):
        bootstrap.no_such_part  # type: ignore[attr-defined] # noqa: B018 - it is asked for


def test_the_writer_loads_neither_analysis_nor_http() -> None:
    program = (
        "import sys; from crm_es import bootstrap; bootstrap.writer_process;"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    ran = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert ran.stdout == "[]\n"
