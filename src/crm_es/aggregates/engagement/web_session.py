"""A web session: the pages one visitor looked at, and what the visit to the site came to."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from eventsourcing.domain import AggregateCreated

from crm_es.aggregates.base import Aggregate, Occasion
from crm_es.aggregates.engagement.moments import Moment
from crm_es.aggregates.fields import Personal, Plain, Precision

INACTIVITY = timedelta(minutes=30)


class PageKind(StrEnum):
    """What was done; a search, a message and a booking are what a session can reach."""

    PAGE = "page"
    PRODUCT = "product"
    SEARCH = "search"
    CART = "cart"
    CHECKOUT = "checkout"
    MESSAGE = "message"
    BOOKING = "booking"


class _Session(Aggregate.Event):
    """Whose session, and what it had come to by then."""

    customer_id: UUID | None
    visitor: Plain
    device: Plain | None
    campaign_id: UUID | None
    pages: int | None
    searched: bool
    messaged: bool
    booked: bool


class WebSession(Aggregate):
    """Anonymous -> identified -> ended. Half an hour without a page ends it.

    The visitor is a pseudonym. Who it was may turn out later, even after the end: that is one more
    event, and the pages before it stay as they were told.
    """

    TOPIC = "web_session"

    def __init__(self) -> None:
        self.customer_id: UUID | None = None
        self.visitor = ""
        self.device: str | None = None
        self.campaign_id: UUID | None = None
        self.pages: int | None = 0
        self.reached: set[PageKind] = set()
        self.began: Moment | None = None
        self.seen: Moment | None = None
        self.seconds: int | None = None
        self.is_ended = False
        self.is_retracted = False

    # What can happen, and the little of it that later decisions need.

    class Recorded(_Session, AggregateCreated):
        TOPIC = "web_session.recorded"
        entry_path: Plain | None
        referrer: Plain | None
        ended_at: datetime | None
        seconds: int | None
        source: Plain | None
        source_id: Plain | None
        attributes: dict[Plain, Any]
        sealed_attributes: dict[Plain, Personal[str]]

        def apply(self, session: WebSession) -> None:
            _take(session, self)
            session.seconds, session.is_ended = self.seconds, True

    class Started(_Session, AggregateCreated):
        TOPIC = "web_session.started"
        at_precision: Precision
        entry_path: Plain | None
        referrer: Plain | None
        source: Plain | None
        source_id: Plain | None
        attributes: dict[Plain, Any]
        sealed_attributes: dict[Plain, Personal[str]]

        def apply(self, session: WebSession) -> None:
            _take(session, self)
            session.began = Moment(self.timestamp, self.at_precision)
            session.seen = session.began if session.began.is_known else None

    class PageViewed(Aggregate.Event):
        """``number`` counts the pages of the session from 1."""

        TOPIC = "web_session.page_viewed"
        customer_id: UUID | None
        visitor: Plain
        device: Plain | None
        at_precision: Precision
        number: int
        kind: PageKind
        path: Plain
        sku: Plain | None
        terms: Personal[str] | None

        def apply(self, session: WebSession) -> None:
            session.pages = self.number
            session.reached.add(self.kind)
            seen = Moment(self.timestamp, self.at_precision)
            is_late = session.seen is not None and seen.at < session.seen.at
            if seen.is_known and not is_late:
                session.seen = seen

    class Identified(_Session):
        TOPIC = "web_session.identified"
        took_place_at: datetime
        seconds: int | None
        is_ended: bool

        def apply(self, session: WebSession) -> None:
            session.customer_id = self.customer_id

    class Ended(_Session):
        """The whole session once more, so that a fact needs no other event."""

        TOPIC = "web_session.ended"
        started_at: datetime
        ended_at: datetime
        seconds: int | None
        is_timeout: bool

        def apply(self, session: WebSession) -> None:
            session.seconds, session.is_ended = self.seconds, True

    class Reattributed(_Session):
        """It was somebody else's: both parties' stories tell so."""

        TOPIC = "web_session.reattributed"
        SUBJECTS = ("customer_id", "from_customer_id")
        from_customer_id: UUID | None
        took_place_at: datetime
        seconds: int | None
        is_ended: bool

        def apply(self, session: WebSession) -> None:
            session.customer_id = self.customer_id

    class Retracted(_Session):
        TOPIC = "web_session.retracted"
        took_place_at: datetime
        seconds: int | None
        is_ended: bool
        reason: Plain

        def apply(self, session: WebSession) -> None:
            session.is_retracted = True

    # What we allow.

    @classmethod
    def log(cls, id: UUID, on: Occasion, ended: Moment | None, /, **facts: Any) -> Self:
        began = Moment.of(on)
        is_forward = ended is None or not began.is_after(ended)
        on.must(is_forward, "web_session.ends_before_it_starts", "It would end before it starts.")
        return cls.begin(
            cls.Recorded, on, id, facts, ended_at=ended and ended.at,
            seconds=ended.seconds_since(began) if ended and is_forward else None,
        )  # fmt: skip

    @classmethod
    def start(cls, id: UUID, on: Occasion, /, **facts: Any) -> Self:
        return cls.begin(
            cls.Started, on, id, facts, at_precision=on.precision, pages=0, searched=False,
            messaged=False, booked=False,
        )  # fmt: skip

    def view(
        self, kind: PageKind, path: str, sku: str | None, terms: str | None, on: Occasion
    ) -> None:
        self._must_stand(on)
        on.must(not self.is_ended, "web_session.ended", "The session is over.")
        on.must(not self._has_expired(on), "web_session.expired", "It was quiet for too long.")
        self.record(
            self.PageViewed, on, customer_id=self.customer_id, visitor=self.visitor,
            device=self.device, at_precision=on.precision, number=(self.pages or 0) + 1,
            kind=kind, path=path, sku=sku, terms=terms,
        )  # fmt: skip

    def identify(self, customer_id: UUID, on: Occasion) -> None:
        if customer_id == self.customer_id:
            return
        self._must_stand(on)
        on.must(self.customer_id is None, "web_session.identified", "It is somebody else's.")
        if self.customer_id is not None:  # so history says: then both are told that it moves
            self.reattribute(customer_id, on)
            return
        self.record(
            self.Identified, on, **{**self._session(), "customer_id": customer_id},
            took_place_at=self.created_on, seconds=self.seconds, is_ended=self.is_ended,
        )  # fmt: skip

    def finish(self, on: Occasion) -> None:
        """End it: now, or where it was last seen when that is too long ago."""
        if self.is_ended:
            return
        self._must_stand(on)
        is_timeout = self._has_expired(on)
        last = self.seen if is_timeout and self.seen else Moment.of(on)
        is_forward = self.seen is None or not self.seen.is_after(last)
        on.must(is_forward, "web_session.ends_before_it_starts", "It would end before it starts.")
        self.record(
            self.Ended, on, **self._session(), started_at=self.created_on, ended_at=last.at,
            seconds=last.seconds_since(self.began), is_timeout=is_timeout,
        )  # fmt: skip

    def reattribute(self, customer_id: UUID | None, on: Occasion) -> None:
        if customer_id != self.customer_id:
            self._must_stand(on)
            self.record(
                self.Reattributed, on, **{**self._session(), "customer_id": customer_id},
                from_customer_id=self.customer_id, took_place_at=self.created_on,
                seconds=self.seconds, is_ended=self.is_ended,
            )  # fmt: skip

    def retract(self, reason: str, on: Occasion) -> None:
        if not self.is_retracted:
            self.record(
                self.Retracted, on, **self._session(), took_place_at=self.created_on,
                seconds=self.seconds, is_ended=self.is_ended, reason=reason,
            )  # fmt: skip

    def _session(self) -> dict[str, Any]:
        return {
            "customer_id": self.customer_id, "visitor": self.visitor, "device": self.device,
            "campaign_id": self.campaign_id, "pages": self.pages,
            **{name: kind in self.reached for name, kind in REACHES.items()},
        }  # fmt: skip

    def _has_expired(self, on: Occasion) -> bool:
        quiet = None if self.seen is None else Moment.of(on).seconds_since(self.seen)
        return quiet is not None and quiet > INACTIVITY.total_seconds()

    def _must_stand(self, on: Occasion) -> None:
        on.must(not self.is_retracted, "web_session.retracted", "It was taken back.")


REACHES = {
    "searched": PageKind.SEARCH, "messaged": PageKind.MESSAGE, "booked": PageKind.BOOKING,
}  # fmt: skip


def _take(session: WebSession, event: _Session) -> None:
    session.customer_id, session.visitor = event.customer_id, event.visitor
    session.device, session.campaign_id = event.device, event.campaign_id
    session.pages = event.pages
    session.reached = {kind for name, kind in REACHES.items() if getattr(event, name)}
