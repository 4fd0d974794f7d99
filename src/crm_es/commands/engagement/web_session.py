"""What can be asked of a web session."""

from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from crm_es.aggregates.engagement.moments import Moment
from crm_es.aggregates.engagement.web_session import PageKind, WebSession
from crm_es.commands.attributes import Attributes, definitions, sort_attributes
from crm_es.commands.base import Command, Desk
from crm_es.commands.fields import Code, Count, Id, Instant, Line, SourceId
from crm_es.commands.party.reference import known_customer, mentioned
from crm_es.errors import Conflict


def _without_query(path: str) -> str:
    if not path.startswith("/") or "?" in path or "#" in path:
        raise PydanticCustomError("path.format", "a path such as /heat-pumps is expected")
    return path


Path = Annotated[
    Line,
    AfterValidator(_without_query),
    WithJsonSchema({"type": "string", "pattern": "^/[^?#]*$", "examples": ["/heat-pumps"]}),
]
"""A page's path. Queries are refused: they are where addresses and search terms leak from."""


class _SessionCommand(Command):
    TARGET = "session_id"
    session_id: Id

    def session(self, desk: Desk) -> WebSession:
        return desk.get(WebSession, self.session_id)


class _NewSession(Command):
    TARGET = "session_id"
    session_id: Id
    visitor: SourceId = Field(description="A pseudonym: a cookie's id, never a name.")
    customer_id: Id | None = None
    device: Code | None = None
    campaign_id: Id | None = None
    entry_path: Path | None = None
    referrer: Code | None = Field(default=None, description="The site the visitor came from.")
    source: Code | None = None
    source_id: SourceId | None = None
    attributes: Attributes = {}

    def reads(self) -> Iterable[UUID]:
        ids = mentioned(self.session_id, self.customer_id)
        return (*ids, *definitions("web_session", self.attributes))

    def must_be_new(self, desk: Desk) -> None:
        if desk.standing(WebSession, self.session_id) is not None:
            raise Conflict("web_session.exists", f"Session {self.session_id} is there.")
        known_customer(desk, self.customer_id)


class RecordWebSession(_NewSession):
    """Record a session that is over: when it ended, and what it reached."""

    ended_at: Instant | None = Field(default=None, description="Null is unknown.")
    pages: Count | None = None
    searched: bool = False
    messaged: bool = False
    booked: bool = False

    def decide(self, desk: Desk) -> None:
        self.must_be_new(desk)
        plain, sealed = sort_attributes("web_session", self.attributes, desk)
        ended = None if self.ended_at is None else Moment(self.ended_at, desk.precision)
        WebSession.log(
            self.session_id, desk, ended, customer_id=self.customer_id, visitor=self.visitor,
            device=self.device, campaign_id=self.campaign_id, pages=self.pages,
            searched=self.searched, messaged=self.messaged, booked=self.booked,
            entry_path=self.entry_path, referrer=self.referrer, source=self.source,
            source_id=self.source_id, attributes=plain, sealed_attributes=sealed,
        )  # fmt: skip


class StartWebSession(_NewSession):
    """A visitor comes to the site."""

    def decide(self, desk: Desk) -> None:
        self.must_be_new(desk)
        plain, sealed = sort_attributes("web_session", self.attributes, desk)
        WebSession.start(
            self.session_id, desk, customer_id=self.customer_id, visitor=self.visitor,
            device=self.device, campaign_id=self.campaign_id, entry_path=self.entry_path,
            referrer=self.referrer, source=self.source, source_id=self.source_id,
            attributes=plain, sealed_attributes=sealed,
        )  # fmt: skip


class TrackPage(_SessionCommand):
    """Note that a page was looked at. After half an hour's quiet a new session has to start."""

    path: Path
    kind: PageKind = PageKind.PAGE
    sku: SourceId | None = Field(default=None, description="The product shown or put in the cart.")
    terms: Line | None = Field(default=None, description="What was searched for.")

    def decide(self, desk: Desk) -> None:
        self.session(desk).view(self.kind, self.path, self.sku, self.terms, desk)


class IdentifyVisitor(_SessionCommand):
    """Say who the visitor of a session is. Pages looked at before stay as they were told."""

    customer_id: Id

    def reads(self) -> Iterable[UUID]:
        return mentioned(self.session_id, self.customer_id)

    def decide(self, desk: Desk) -> None:
        known_customer(desk, self.customer_id)
        self.session(desk).identify(self.customer_id, desk)


class EndWebSession(_SessionCommand):
    """End a session; one that has been quiet for half an hour ended with its last page."""

    def decide(self, desk: Desk) -> None:
        self.session(desk).finish(desk)


class ReattributeWebSession(_SessionCommand):
    """Say that a session was another customer's, or nobody's we know."""

    customer_id: Id | None

    def reads(self) -> Iterable[UUID]:
        return mentioned(self.session_id, self.customer_id)

    def decide(self, desk: Desk) -> None:
        known_customer(desk, self.customer_id)
        self.session(desk).reattribute(self.customer_id, desk)


class RetractWebSession(_SessionCommand):
    """Take back a session that was recorded by mistake."""

    reason: Code

    def decide(self, desk: Desk) -> None:
        self.session(desk).retract(self.reason, desk)


COMMANDS = (
    RecordWebSession, StartWebSession, TrackPage, IdentifyVisitor, EndWebSession,
    ReattributeWebSession, RetractWebSession,
)  # fmt: skip
