"""What came of a campaign: reach, touches, responses and cost, arm by arm, control included.

One scan of an index over the campaign's members when it is asked for; nothing is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import orjson
import sqlalchemy as sa

from crm_es.projections.views.amounts import AMOUNT_PLACES, sums, text, total
from crm_es.projections.views.campaign_members import MEMBER, SEVERAL
from crm_es.projections.views.campaigns import CAMPAIGN
from crm_es.projections.views.items import Item, item


class Group(NamedTuple):
    """Members of one arm who gave the same kinds of responses, of value in one currency."""

    arm: str | None
    is_control: bool
    is_targeted: bool
    kinds: str
    currency: str
    members: int
    touched: int
    touches: int
    responders: int
    responses: int
    opted_out: int
    value: Decimal


def campaign_results(db: sa.Connection, campaign: UUID) -> Item | None:
    """A campaign with its results, in all and by arm; None when there is none.

    A rate is a share of the members of its arm: of those who responded at all, and of those who
    did by each kind of response. What bots did is left out. ``cost_per_response`` is spend by
    responses, in the campaign's currency.
    """
    row = db.execute(
        sa.select(CAMPAIGN.c.key, CAMPAIGN.c.version, CAMPAIGN.c.state).where(
            CAMPAIGN.c.key == campaign.bytes
        )
    ).first()
    if row is None:
        return None
    shown = item(row[0], row[1], orjson.loads(row[2]))
    groups = _groups(db, campaign)
    several = _of_several_currencies(db, campaign) if _has_several(groups) else []
    arms = sorted({(group.is_control, group.arm or "", group.arm) for group in groups})
    shown["results"] = {
        "all": _results(groups, several, Decimal(shown["spent"])),
        "arms": [
            {
                "arm": arm, "is_control": is_control,
                **_results(
                    [g for g in groups if (g.arm, g.is_control) == (arm, is_control)],
                    [v for v in several if v[:2] == (arm, is_control)],
                    None,
                ),
            }
            for is_control, _, arm in arms
        ],
    }  # fmt: skip
    return shown


def _groups(db: sa.Connection, campaign: UUID) -> list[Group]:
    member, one = MEMBER.c, sa.func.count()
    by = (member.arm, member.is_control, member.is_targeted, member.kinds, member.currency)
    query = (
        sa.select(
            *by, one, one.filter(member.touches > 0), sa.func.sum(member.touches),
            one.filter(member.responses > 0), sa.func.sum(member.responses),
            one.filter(member.stage == "opted_out"), *sums(member.value),
        )
        .where(member.campaign_id == campaign.bytes)
        .group_by(*by)
    )  # fmt: skip
    return [
        Group._make((*told, total(high, low, AMOUNT_PLACES)))
        for *told, high, low in db.execute(query)
    ]


def _has_several(groups: Iterable[Group]) -> bool:
    return any(group.currency == SEVERAL for group in groups)


def _of_several_currencies(
    db: sa.Connection, campaign: UUID
) -> list[tuple[str | None, bool, str, Decimal]]:
    """(arm, is control, currency, value) of the few members who paid in several currencies."""
    member = MEMBER.c
    query = sa.select(member.arm, member.is_control, member.state).where(
        member.campaign_id == campaign.bytes, member.currency == SEVERAL
    )
    return [
        (arm, is_control, currency, Decimal(value))
        for arm, is_control, state in db.execute(query)
        for currency, value in orjson.loads(state)["values"].items()
    ]


def _results(
    groups: Sequence[Group], several: Sequence[tuple[Any, Any, str, Decimal]], cost: Decimal | None
) -> Item:
    members = sum(group.members for group in groups)
    responders, responses = (sum(g.responders for g in groups), sum(g.responses for g in groups))
    by_kind: Counter[str] = Counter()
    values: dict[str, Decimal] = {}
    for group in groups:
        for kind in group.kinds.split("\n") if group.kinds else ():
            by_kind[kind] += group.members
        if group.currency not in {"", SEVERAL}:
            values[group.currency] = values.get(group.currency, Decimal(0)) + group.value
    for _, _, currency, value in several:
        values[currency] = values.get(currency, Decimal(0)) + value
    found: Item = {
        "members": members,
        "targeted": sum(group.members for group in groups if group.is_targeted),
        "reached": sum(group.touched for group in groups),
        "touches": sum(group.touches for group in groups),
        "responders": responders, "responses": responses,
        "response_rate": _rate(responders, members),
        "by_kind": {
            kind: {"members": n, "rate": _rate(n, members)} for kind, n in sorted(by_kind.items())
        },
        "opted_out": sum(group.opted_out for group in groups),
        "value": {currency: text(value) for currency, value in sorted(values.items())},
    }  # fmt: skip
    if cost is not None:
        found["cost"] = text(cost)
        found["cost_per_response"] = _rate(cost, responses, places=4)
    return found


def _rate(part: int | Decimal, whole: int, *, places: int = 6) -> str | None:
    """A quotient as decimal text; None of nothing."""
    if not whole:
        return None
    return text((Decimal(part) / whole).quantize(Decimal(1).scaleb(-places)))
