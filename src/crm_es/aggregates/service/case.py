"""A case: a complaint, an incident or a request, from its opening until it is closed."""

from __future__ import annotations

from typing import Any, Self
from uuid import UUID

from eventsourcing.domain import AggregateCreated

from crm_es.aggregates.base import Occasion
from crm_es.aggregates.fields import Personal, Plain
from crm_es.aggregates.service.case_file import CaseEvent, CaseFile
from crm_es.aggregates.service.case_state import (
    BLOCKERS_MAX,
    LINKS_MAX,
    SETTLED,
    CaseState,
    LinkKind,
    PendingOn,
)
from crm_es.aggregates.service.case_work import CaseWork


class Case(CaseWork):
    """New -> assigned -> in progress <-> pending -> resolved -> closed; reopened when resolved.

    A new one may turn out to be a duplicate or be rejected. An update is what a source reports of
    its own case; it is recorded even if nothing in it is new.
    """

    TOPIC = "case"

    # What can happen, and the little of it that later decisions need.

    class Opened(CaseEvent, AggregateCreated):
        TOPIC = "case.opened"
        number: Plain | None
        subcategory: Plain | None
        region: Plain | None
        subject: Personal[str] | None
        description: Personal[str] | None
        call_id: UUID | None
        order_id: UUID | None
        source: Plain | None
        source_id: Plain | None
        attributes: dict[Plain, Any]
        sealed_attributes: dict[Plain, Personal[str]]

        def apply(self, case: CaseFile) -> None:
            super().apply(case)
            found = {LinkKind.CALL: self.call_id, LinkKind.ORDER: self.order_id}
            case.links = {(kind, id) for kind, id in found.items() if id is not None}

    class Routed(CaseEvent):
        TOPIC = "case.routed"
        from_group: Plain | None
        reason: Plain | None

    class Reclassified(CaseEvent):
        TOPIC = "case.reclassified"
        from_kind: Plain
        from_channel: Plain | None
        from_category: Plain | None
        from_product: Plain | None
        from_priority: Plain | None

    class MarkedDuplicate(CaseEvent):
        TOPIC = "case.marked_duplicate"
        of_case_id: UUID

    class Rejected(CaseEvent):
        TOPIC = "case.rejected"
        reason: Plain

    class Linked(CaseEvent):
        TOPIC = "case.linked"
        link: LinkKind
        linked_id: UUID

        def apply(self, case: CaseFile) -> None:
            super().apply(case)
            case.links.add((self.link, self.linked_id))

    class Unlinked(CaseEvent):
        TOPIC = "case.unlinked"
        link: LinkKind
        linked_id: UUID
        reason: Plain

        def apply(self, case: CaseFile) -> None:
            super().apply(case)
            case.links.discard((self.link, self.linked_id))

    class Blocked(CaseEvent):
        TOPIC = "case.blocked"
        by_case_id: UUID

        def apply(self, case: CaseFile) -> None:
            super().apply(case)
            case.blockers.add(self.by_case_id)

    class Unblocked(CaseEvent):
        TOPIC = "case.unblocked"
        by_case_id: UUID
        reason: Plain

        def apply(self, case: CaseFile) -> None:
            super().apply(case)
            case.blockers.discard(self.by_case_id)

    class Updated(CaseEvent):
        """What a source reports, beside its own words; None is what it does not say."""

        TOPIC = "case.updated"
        source_state: Plain | None
        pending_on: PendingOn | None
        resolution: Plain | None
        reassignments: int | None
        reopenings: int | None
        is_in_sla: bool | None
        disputed: bool | None
        timely: bool | None

        def apply(self, case: CaseFile) -> None:
            super().apply(case)
            case.pending_on = self.pending_on
            case.resolution = self.resolution
            if self.reassignments is not None:
                case.reassignments = self.reassignments
            if self.reopenings is not None:
                case.reopenings = self.reopenings

    class Reattributed(CaseEvent):
        """It was about somebody else: both parties' stories tell so."""

        TOPIC = "case.reattributed"
        SUBJECTS = ("customer_id", "from_customer_id")
        from_customer_id: UUID | None

    class Retracted(CaseEvent):
        TOPIC = "case.retracted"
        reason: Plain

        def apply(self, case: CaseFile) -> None:
            super().apply(case)
            case.is_retracted = True

    # What we allow.

    @classmethod
    def open(cls, id: UUID, on: Occasion, /, **facts: Any) -> Self:
        """Begin it; with an assignee it is assigned from the start."""
        state = CaseState.NEW if facts["assignee"] is None else CaseState.ASSIGNED
        return cls.begin(
            cls.Opened, on, id, facts, from_state=None, to_state=state, opened_at=on.at,
            opened_precision=on.precision, resolved_at=None, is_first_response=False,
        )  # fmt: skip

    def route(self, group: str, reason: str | None, on: Occasion) -> None:
        if group != self.told.group:
            self._must_be_open(on)
            self._tell(self.Routed, on, group=group, from_group=self.told.group, reason=reason)

    def reclassify(self, on: Occasion, **new: str | None) -> None:
        """Change what is given of kind, channel, category, product and priority."""
        before = {name: getattr(self.told, name) for name in new}
        changed = {n: value for n, value in new.items() if value not in {None, before[n]}}
        if changed:
            self._must_stand(on)
            was = {f"from_{name}": value for name, value in before.items()}
            self._tell(self.Reclassified, on, **was, **changed)

    def mark_duplicate(self, of_case_id: UUID, on: Occasion) -> None:
        if self.state is not CaseState.DUPLICATE:
            on.must(of_case_id != self.id, "case.duplicate_of_itself", "It cannot repeat itself.")
            self._tell(self.MarkedDuplicate, on, CaseState.DUPLICATE, of_case_id=of_case_id)

    def reject(self, reason: str, on: Occasion) -> None:
        if self.state is not CaseState.REJECTED:
            self._tell(self.Rejected, on, CaseState.REJECTED, reason=reason)

    def link(self, link: LinkKind, id: UUID, on: Occasion) -> None:
        if (link, id) not in self.links:
            self._must_stand(on)
            on.must(len(self.links) < LINKS_MAX, "case.links_max", f"{LINKS_MAX} is the limit.")
            self._tell(self.Linked, on, link=link, linked_id=id)

    def unlink(self, link: LinkKind, id: UUID, reason: str, on: Occasion) -> None:
        if (link, id) in self.links:
            self._tell(self.Unlinked, on, link=link, linked_id=id, reason=reason)

    def block(self, by_case_id: UUID, on: Occasion) -> None:
        if by_case_id not in self.blockers:
            self._must_be_open(on)
            on.must(by_case_id != self.id, "case.blocked_by_itself", "It cannot wait for itself.")
            on.must(
                len(self.blockers) < BLOCKERS_MAX, "case.blockers_max",
                f"{BLOCKERS_MAX} is the limit.",
            )  # fmt: skip
            self._tell(self.Blocked, on, by_case_id=by_case_id)

    def unblock(self, by_case_id: UUID, reason: str, on: Occasion) -> None:
        if by_case_id in self.blockers:
            self._tell(self.Unblocked, on, by_case_id=by_case_id, reason=reason)

    def update(
        self, state: CaseState, group: str | None, assignee: str | None, on: Occasion, **said: Any
    ) -> None:
        """Without a group or an assignee those it has stay."""
        said["pending_on"] = said["pending_on"] or self.pending_on
        said["resolution"] = said["resolution"] or self.resolution
        if state is not CaseState.PENDING:
            said["pending_on"] = None
        if state not in SETTLED:
            said["resolution"] = None
        self._tell(
            self.Updated, on, state, **said, group=group or self.told.group,
            assignee=assignee or self.told.assignee,
        )  # fmt: skip

    def reattribute(self, customer_id: UUID | None, on: Occasion) -> None:
        if customer_id != self.told.customer_id:
            self._must_stand(on)
            self._tell(
                self.Reattributed, on, customer_id=customer_id,
                from_customer_id=self.told.customer_id,
            )  # fmt: skip

    def retract(self, reason: str, on: Occasion) -> None:
        if not self.is_retracted:
            self.record(self.Retracted, on, **self._facts(self.state, on), reason=reason)
