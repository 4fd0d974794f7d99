"""Findings: what imported history broke of today's rules, until someone puts it right."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from crm_es.aggregates import BEGINNINGS, EVENTS
from crm_es.projections.views.base import Event, Fold, Key, State, View, id_bytes, table
from crm_es.projections.views.folds import gone, when
from crm_es.projections.views.items import id_text
from crm_es.projections.views.paging import LIMIT, Page, matching, page

DATA_QUALITY = table(
    "data_quality",
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("customer_id", sa.LargeBinary(16)),
    sa.Column("import_id", sa.LargeBinary(16)),
    sa.Column("actor", sa.Text),
    sa.Column("owner", sa.Text),
    sa.Column("findings", sa.Integer, nullable=False),
    indexes=(("kind", "at"), ("customer_id", "at"), ("import_id", "at"), ("owner", "at"), ("at",)),
)
"""One row for each thing that has findings; ``import_id`` is the flow that brought the latest."""

_OWNER = ("owner", "agent", "assignee", "to_owner", "to_agent")


def _noted(state: State | None, event: Event) -> State | None:
    if event.findings is None:
        return state
    data = event.data
    if state is None:
        state = {"kind": event.topic.partition(".")[0], "at": when(event), "findings": {}}
    by_code = state["findings"]
    for code in event.findings.split(","):
        by_topic = by_code.setdefault(code, {})
        by_topic[event.topic] = by_topic.get(event.topic, 0) + 1
    state["customer_id"] = data.get("customer_id")
    state["actor"] = event.actor
    state["import_id"] = id_text(event.correlation_id)
    state["owner"] = next((data[name] for name in _OWNER if data.get(name) is not None), None)
    return state


def _told_anew(_: State | None, event: Event) -> State | None:
    """What was told anew counts as it is told now."""
    return _noted(None, event)


def _fold(topic: str) -> Fold:
    return _told_anew if topic in BEGINNINGS else _OTHERWISE.get(topic.partition(".")[2], _noted)


_OTHERWISE: dict[str, Fold] = {"corrected": _told_anew, "retracted": gone}

VIEW = View(
    name="data_quality",
    version=1,
    key=Key.STREAM,
    folds={kind.TOPIC: _fold(kind.TOPIC) for kind in EVENTS},
    table=DATA_QUALITY,
    pick=lambda s: (
        s["kind"], s["at"], id_bytes(s["customer_id"]), id_bytes(s["import_id"]), s["actor"],
        s["owner"], sum(sum(topics.values()) for topics in s["findings"].values()),
    ),
    asks_whence=True,
)  # fmt: skip


def findings(
    db: sa.Connection,
    *,
    code: str | None = None,
    kind: str | None = None,
    owner: str | None = None,
    actor: str | None = None,
    customer: UUID | None = None,
    import_id: UUID | None = None,
    after: str | None = None,
    limit: int = LIMIT,
) -> Page:
    """Things with findings, the latest of them first."""
    by = DATA_QUALITY.c.at
    where = [] if code is None else [_has(code)]
    equal = {
        "kind": kind, "owner": owner, "actor": actor, "customer_id": customer,
        "import_id": import_id,
    }  # fmt: skip
    return page(db, DATA_QUALITY, by, equal=equal, where=where, after=after, limit=limit)


def finding_counts(
    db: sa.Connection,
    *,
    kind: str | None = None,
    owner: str | None = None,
    actor: str | None = None,
    import_id: UUID | None = None,
) -> list[dict[str, Any]]:
    """By code and by the topic of the events that broke the rule: how many things, how often."""
    code = sa.func.json_each(DATA_QUALITY.c.state, "$.findings").table_valued("key", "value")
    topic = sa.func.json_each(code.c.value).table_valued("key", "value")
    equal = {"kind": kind, "owner": owner, "actor": actor, "import_id": import_id}
    query = (
        sa.select(code.c.key, topic.c.key, sa.func.count(), sa.func.sum(topic.c.value))
        .select_from(DATA_QUALITY.join(code, sa.true()).join(topic, sa.true()))
        .where(*matching(DATA_QUALITY, equal))
        .group_by(code.c.key, topic.c.key)
        .order_by(sa.func.count().desc(), code.c.key, topic.c.key)
    )
    return [
        {"code": code, "topic": topic, "records": records, "findings": times}
        for code, topic, records, times in db.execute(query)
    ]


def _has(code: str) -> sa.ColumnElement[bool]:
    entry = sa.func.json_each(DATA_QUALITY.c.state, "$.findings").table_valued("key")
    return sa.exists(sa.select(entry.c.key).where(entry.c.key == code))
