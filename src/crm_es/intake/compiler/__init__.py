"""A mapping's rules as guarded SQL: it never raises, and a bad cell yields a code."""

from collections.abc import Mapping, Sequence

from crm_es.intake.compiler.columns import Columns
from crm_es.intake.compiler.grouped import grouped
from crm_es.intake.compiler.program import Program, Selection
from crm_es.intake.compiler.single import single
from crm_es.intake.mapping.rules import Mapping as Whole
from crm_es.intake.mapping.rules import Rows

__all__ = ["Program", "compile_rows"]


def compile_rows(
    rows: Rows, mapping: Whole, view: str, known: Mapping[str, Sequence[str]], span_rows: int
) -> Program:
    """``view`` is where the rows are, ``known`` the columns of every view."""
    selection = Selection(rows, mapping, Columns(view, known), span_rows)
    return grouped(selection) if rows.group or rows.order else single(selection)
