"""Members of campaigns: who was targeted and touched, and what came back, arm by arm."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from crm_es.projections.views.amounts import AMOUNT_PLACES, minus, plus, units
from crm_es.projections.views.base import Event, Fold, Key, State, View, id_bytes, table
from crm_es.projections.views.folds import alters, begun, gone, when
from crm_es.projections.views.paging import LIMIT, Page, page

KINDS_MAX = 20
"""So many kinds of response a member shows."""

MEMBER = table(
    "campaign_member",
    sa.Column("customer_id", sa.LargeBinary(16), nullable=False),
    sa.Column("campaign_id", sa.LargeBinary(16), nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("arm", sa.Text),
    sa.Column("is_control", sa.Boolean, nullable=False),
    sa.Column("is_targeted", sa.Boolean, nullable=False),
    sa.Column("kinds", sa.Text, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("value", sa.BigInteger, nullable=False),
    sa.Column("touches", sa.Integer, nullable=False),
    sa.Column("responses", sa.Integer, nullable=False),
    indexes=(
        ("customer_id", "at"), ("campaign_id", "at"), ("campaign_id", "stage", "at"),
        (
            "campaign_id", "arm", "is_control", "is_targeted", "kinds", "currency", "stage",
            "touches", "responses", "value",
        ),
    ),
)  # fmt: skip
"""``kinds`` are those of its responses, sorted, one a line; ``currency`` is that of their value in
ten-thousandths, or * when they are in several and only the state knows them. The last index answers
for 64,000 members without a look at their rows."""

SEVERAL = "*"
_TOLD = {"arm": "arm", "is_control": "is_control", "stage": "to_stage"}


def _joined(*, is_targeted: bool) -> Fold:
    def fold(_: State | None, event: Event) -> State:
        return begun(
            event, "campaign_id", "customer_id", "arm", "is_control", "previous_outcome",
            "previous_contacts", "days_since_previous", "source", "source_id",
            stage=event.data["to_stage"], is_targeted=is_targeted, touches=0, touched_at=None,
            responses=0, bots=0, responded_at=None, kinds={}, values={}, opted_out_for=None,
        )  # fmt: skip

    return fold


def _retargeted(state: State, event: Event) -> None:
    _tell(state, event)
    state["is_targeted"] = True


def _touched(state: State, event: Event) -> None:
    _tell(state, event)
    state["touches"] = event.data["touches"]
    state["touched_at"] = max(when(event), state["touched_at"] or 0)


def _responded(state: State, event: Event) -> None:
    _tell(state, event)
    _count(state, event, event.data["evidence"], 1)
    state["responded_at"] = max(when(event), state["responded_at"] or 0)


def _reclassified(state: State, event: Event) -> None:
    _count(state, event, event.data["from_evidence"], -1)
    _count(state, event, event.data["evidence"], 1)


def _response_retracted(state: State, event: Event) -> None:
    _tell(state, event)
    _count(state, event, event.data["evidence"], -1)


def _opted_out(state: State, event: Event) -> None:
    _tell(state, event)
    state["opted_out_for"] = event.data["reason"]


def _tell(state: State, event: Event) -> None:
    for name, source in _TOLD.items():
        state[name] = event.data[source]


def _count(state: State, event: Event, evidence: str, sign: int) -> None:
    """Count a response in or out. One of a bot is none."""
    data = event.data
    if evidence == "bot":
        state["bots"] += sign
        return
    state["responses"] += sign
    kinds, values, kind, currency = state["kinds"], state["values"], data["kind"], data["currency"]
    if kind in kinds or len(kinds) < KINDS_MAX:
        kinds[kind] = kinds.get(kind, 0) + sign
        if not kinds[kind]:
            del kinds[kind]
    if data["value"] is not None and currency is not None:
        known = values.get(currency, "0")
        values[currency] = (plus if sign > 0 else minus)(known, data["value"])
        if values[currency] == "0":
            del values[currency]


def _worth(values: dict[str, str]) -> tuple[str, int]:
    """(currency, value in ten-thousandths), as the columns have it."""
    if not values:
        return "", 0
    (currency, text), *others = values.items()
    worth = units(text, AMOUNT_PLACES) or 0
    return (SEVERAL, 0) if others or abs(worth) >= 2**63 else (currency, worth)


VIEW = View(
    name="campaign_members",
    version=1,
    key=Key.STREAM,
    folds={
        "campaign_member.targeted": _joined(is_targeted=True),
        "campaign_member.noticed": _joined(is_targeted=False),
        "campaign_member.retargeted": alters(_retargeted),
        "campaign_member.touched": alters(_touched),
        "campaign_member.responded": alters(_responded),
        "campaign_member.response_reclassified": alters(_reclassified),
        "campaign_member.response_retracted": alters(_response_retracted),
        "campaign_member.opted_out": alters(_opted_out),
        "campaign_member.retracted": gone,
    },
    table=MEMBER,
    pick=lambda s: (
        id_bytes(s["customer_id"]), id_bytes(s["campaign_id"]), s["at"], s["stage"], s["arm"],
        s["is_control"], s["is_targeted"], "\n".join(sorted(s["kinds"])), *_worth(s["values"]),
        s["touches"], s["responses"],
    ),
)  # fmt: skip


def campaign_members(
    db: sa.Connection,
    *,
    campaign: UUID | None = None,
    customer: UUID | None = None,
    stage: str | None = None,
    arm: str | None = None,
    is_control: bool | None = None,
    after: str | None = None,
    limit: int = LIMIT,
) -> Page:
    """Members, the latest targeted first."""
    equal = {
        "campaign_id": campaign, "customer_id": customer, "stage": stage, "arm": arm,
        "is_control": is_control,
    }  # fmt: skip
    return page(db, MEMBER, MEMBER.c.at, equal=equal, after=after, limit=limit)
