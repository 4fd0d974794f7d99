"""Customers: who they are now, and the list one searches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa

from crm_es.errors import Invalid
from crm_es.projections.views.base import Event, Fold, Key, State, View, id_bytes, table
from crm_es.projections.views.customer_figures import FIGURES
from crm_es.projections.views.folds import alters, begun, changes, described, gone, keep, when
from crm_es.projections.views.items import instant
from crm_es.projections.views.paging import LIMIT, Page, found, page

CONTACT_POINTS_MAX = PREFERENCES_MAX = 100
"""So many of each a profile has, the first."""

CUSTOMER = table(
    "customer",
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.Text),
    sa.Column("owner", sa.Text),
    sa.Column("tier", sa.Text),
    sa.Column("country", sa.Text),
    sa.Column("lifecycle", sa.Text),
    sa.Column("source", sa.Text),
    sa.Column("source_id", sa.Text),
    sa.Column("parent_id", sa.LargeBinary(16)),
    sa.Column("further_roles", sa.Text),
    indexes=(("at",),),
    sparse=(("owner", "at"), ("source_id",), ("parent_id",), ("further_roles",)),
)


def _registered(_: State | None, event: Event) -> State:
    return begun(
        event, "kind", "name", "tax_id", "source", "source_id", "owner", "country", "tier",
        "attributes", "sealed_attributes", lifecycle="prospect", roles=["customer"],
        parent_id=None, closed_for=None,
        is_unreachable=False,
        contact_points={}, preferences={}, restrictions={},
    )  # fmt: skip


def _point_added(state: State, event: Event) -> None:
    data = event.data
    point = {"channel": data["channel"], "value": data["value"], "label": data.get("label")}
    point.update(is_verified=False, is_valid=True)
    state["is_unreachable"] = False
    keep(state["contact_points"], data["contact_point_id"], point, CONTACT_POINTS_MAX)


def _point(**fixed: bool) -> Fold:
    @alters
    def fold(state: State, event: Event) -> None:
        point = state["contact_points"].get(event.data["contact_point_id"])
        if point is not None:
            point.update(fixed)

    return fold


def _point_removed(state: State, event: Event) -> None:
    state["contact_points"].pop(event.data["contact_point_id"], None)


def _preferred(state: State, event: Event) -> None:
    keep(state["preferences"], event.data["topic"], event.data["value"], PREFERENCES_MAX)


def _role_granted(state: State, event: Event) -> None:
    if event.data["role"] not in state["roles"]:
        state["roles"].append(event.data["role"])


def _role_ended(state: State, event: Event) -> None:
    if event.data["role"] in state["roles"]:
        state["roles"].remove(event.data["role"])


def _restriction(*, is_active: bool) -> Fold:
    @alters
    def fold(state: State, event: Event) -> None:
        data = event.data
        state["restrictions"][data["scope"]] = {
            "is_active": is_active, "reason": data["reason"], "by": data["by"],
            "since": instant(when(event)),
        }  # fmt: skip

    return fold


def _restriction_lifted(state: State, event: Event) -> None:
    state["restrictions"].pop(event.data["scope"], None)


def _further_roles(state: State) -> str | None:
    further = [role for role in state["roles"] if role != "customer"]
    return f",{','.join(further)}," if further else None


VIEW = View(
    name="customers",
    version=1,
    key=Key.STREAM,
    folds={
        "customer.registered": _registered,
        "customer.renamed": changes("name"),
        "customer.tax_id_changed": changes("tax_id"),
        "customer.contact_point_added": alters(_point_added),
        "customer.contact_point_verified": _point(is_verified=True),
        "customer.contact_point_invalidated": _point(is_valid=False),
        "customer.contact_point_removed": alters(_point_removed),
        "customer.declared_unreachable": changes(is_unreachable=True),
        "customer.preference_stated": alters(_preferred),
        "customer.tier_changed": changes(to={"tier": "to_tier"}),
        "customer.ownership_transferred": changes(to={"owner": "to_owner"}),
        "customer.parent_set": changes("parent_id"),
        "customer.country_changed": changes(to={"country": "to_country"}),
        "customer.attributes_changed": alters(described),
        "customer.role_granted": alters(_role_granted),
        "customer.role_ended": alters(_role_ended),
        "customer.lifecycle_changed": changes(to={"lifecycle": "to_stage"}),
        "customer.restriction_proposed": _restriction(is_active=False),
        "customer.restricted": _restriction(is_active=True),
        "customer.restriction_lifted": alters(_restriction_lifted),
        "customer.closed": changes(to={"closed_for": "reason"}, lifecycle="closed"),
        "customer.won_back": changes(lifecycle="active", closed_for=None),
        "customer.retracted": gone,
    },
    table=CUSTOMER,
    pick=lambda s: (
        s["at"], s["kind"], s["owner"], s["tier"], s["country"], s["lifecycle"], s["source"],
        s["source_id"], id_bytes(s["parent_id"]), _further_roles(s),
    ),
)  # fmt: skip


def customers(
    db: sa.Connection,
    *,
    kind: str | None = None,
    owner: str | None = None,
    tier: str | None = None,
    country: str | None = None,
    lifecycle: str | None = None,
    source: str | None = None,
    source_id: str | None = None,
    parent: UUID | None = None,
    role: str | None = None,
    attribute: tuple[str, Any] | None = None,
    by: Literal["registered", "heard_of"] = "registered",
    after: str | None = None,
    limit: int = LIMIT,
) -> Page:
    """Customers, the latest registered first, or those last heard of.

    ``attribute`` is the name and the plain value of a custom one. Names are sealed, so a search
    by name is the search index's, and ``customers_by_id`` shows what it finds.
    """
    where: list[sa.ColumnElement[bool]] = []
    if role not in {None, "customer"}:
        further = CUSTOMER.c.further_roles
        where += [further >= "", further.contains(f",{role},", autoescape=True)]
    if attribute is not None:
        where.append(_has(*attribute))
    equal = {
        "kind": kind, "owner": owner, "tier": tier, "country": country, "lifecycle": lifecycle,
        "source": source, "source_id": source_id, "parent_id": parent,
    }  # fmt: skip
    if by == "registered":
        order, source_of = CUSTOMER.c.at, None
    else:
        order = FIGURES.c.last_at
        source_of = FIGURES.join(CUSTOMER, CUSTOMER.c.key == FIGURES.c.key)
    return page(
        db, CUSTOMER, order, equal=equal, where=where, rows=source_of, after=after, limit=limit
    )


def _has(attribute: str, value: Any) -> sa.ColumnElement[bool]:
    if not attribute.isidentifier():
        raise Invalid("attribute.name", "That is no name of an attribute.", pointer="/attribute")
    path = f"$.attributes.{attribute}"
    is_it: sa.ColumnElement[bool] = sa.func.json_extract(CUSTOMER.c.state, path) == value
    return is_it


def customers_by_id(db: sa.Connection, ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """Those of the given customers that are registered, in the given order."""
    return found(db, CUSTOMER, ids)
