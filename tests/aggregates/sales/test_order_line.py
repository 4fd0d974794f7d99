"""The money of a line, cut in pieces: all of them together are exactly the line."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crm_es.aggregates.sales.order_line import LineState, net
from trade import line

HALF = Fraction(1, 2_000_000)
_prices = st.decimals(0, 10**11, places=6, allow_nan=False)
_quantities = st.decimals("0.0001", 10**9, places=4, allow_nan=False)


@given(_quantities, _prices, _prices, st.lists(st.decimals(0, 1, places=3), min_size=1, max_size=6))
def test_the_pieces_of_a_line_are_the_line(
    quantity: Decimal, amount: Decimal, cost: Decimal, cuts: Any
) -> None:
    state = LineState(line(str(quantity), str(amount), cost=cost, discount=amount))
    pieces = []
    for cut in (*sorted(cuts), Decimal(1)):
        wanted = (quantity * cut).quantize(Decimal("0.0001")) - state.returned
        if wanted > 0:
            pieces.append(state.back(1, wanted))
            state.returned += wanted
    pieces.append(state.rest(1))
    assert sum(piece.amount for piece in pieces) == amount
    assert sum(piece.cost or 0 for piece in pieces) == cost
    assert sum(piece.discount or 0 for piece in pieces) == amount
    assert sum(piece.quantity for piece in pieces) == quantity
    assert all(piece.amount >= 0 for piece in pieces)


@given(_quantities, _prices, st.decimals(0, 1, places=6), _prices)
def test_what_a_line_stands_for_is_rounded_once_at_the_end(
    quantity: Decimal, price: Decimal, rate: Decimal, off: Decimal
) -> None:
    amount, discount = net(quantity, price, rate, off)
    assert discount is not None
    gross = Fraction(quantity) * Fraction(price)
    taken_off = gross * Fraction(rate) + Fraction(off)
    assert abs(Fraction(amount) - (gross - taken_off)) <= HALF
    assert abs(Fraction(discount) - taken_off) <= HALF


@given(_quantities, _prices)
def test_nothing_is_taken_off_where_nothing_is_said(quantity: Decimal, price: Decimal) -> None:
    amount, discount = net(quantity, price, None, None)
    assert discount is None
    assert abs(Fraction(amount) - Fraction(quantity) * Fraction(price)) <= HALF
