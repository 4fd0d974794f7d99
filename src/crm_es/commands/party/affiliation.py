"""What can be asked of an affiliation."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from pydantic import Field

from crm_es.aggregates.fields import Precision
from crm_es.aggregates.party.affiliation import Affiliation, Period
from crm_es.aggregates.party.customer import Customer
from crm_es.aggregates.party.customer_state import PartyKind
from crm_es.commands.base import Command, Desk, TimePrecision
from crm_es.commands.fields import Code, Id, Instant, Line, SourceId
from crm_es.commands.party.reference import known_customer
from crm_es.errors import Conflict, Invalid

PRIMARIES_MAX = 100


class _AffiliationCommand(Command):
    TARGET = "affiliation_id"
    affiliation_id: Id

    def affiliation(self, desk: Desk) -> Affiliation:
        return desk.get(Affiliation, self.affiliation_id)


class StartAffiliation(Command):
    """Note that a person is at an organisation, from the command's time on.

    A person has one primary affiliation at a time, unless it is said to have several employers.
    """

    TARGET = "affiliation_id"
    affiliation_id: Id
    person_id: Id
    organisation_id: Id
    title: Line | None = Field(default=None, description="What they are there, in words.")
    role: Code | None = Field(default=None, description="Their part in buying: user, decider, ...")
    is_primary: bool = False
    is_multi_employer: bool = Field(default=False, description="May be primary beside others.")
    until: Instant | None = Field(default=None, description="The end, if it is known already.")
    until_precision: TimePrecision = Precision.EXACT
    source: Code | None = None
    source_id: SourceId | None = None

    def reads(self) -> Iterable[UUID]:
        return (self.affiliation_id, self.person_id, self.organisation_id)

    def decide(self, desk: Desk) -> None:
        if desk.standing(Affiliation, self.affiliation_id) is not None:
            raise Conflict("affiliation.exists", f"Affiliation {self.affiliation_id} is started.")
        if self.person_id == self.organisation_id:
            raise Invalid(
                "affiliation.with_itself", "Nobody works at themselves.", pointer="/organisation_id"
            )
        _known(desk, self.person_id, PartyKind.PERSON)
        _known(desk, self.organisation_id, PartyKind.ORGANISATION)
        others = list(_primaries(self.person_id, desk)) if self.is_primary else []
        Affiliation.start(
            self.affiliation_id, desk,
            Period(desk.at, desk.precision, self.until, self.until_precision),
            _but(self.affiliation_id, self.person_id, others),
            person_id=self.person_id, organisation_id=self.organisation_id, title=self.title,
            role=self.role, is_primary=self.is_primary, is_multi_employer=self.is_multi_employer,
            source=self.source, source_id=self.source_id,
        )  # fmt: skip
        if self.is_primary and all(other.id != self.affiliation_id for other in others):
            _enter(self.person_id, self.affiliation_id, len(others), desk)


class ChangeAffiliationTitle(_AffiliationCommand):
    """Note that a person has another title or part at the same organisation."""

    title: Line
    role: Code | None = None

    def decide(self, desk: Desk) -> None:
        self.affiliation(desk).change_title(self.title, self.role, desk)


class MakeAffiliationPrimary(_AffiliationCommand):
    """Make this the primary affiliation of its person."""

    def decide(self, desk: Desk) -> None:
        affiliation = self.affiliation(desk)
        others = list(_primaries(affiliation.person_id, desk))
        affiliation.make_primary(_but(affiliation.id, affiliation.person_id, others), desk)
        if affiliation not in others:
            _enter(affiliation.person_id, self.affiliation_id, len(others), desk)


class MakeAffiliationSecondary(_AffiliationCommand):
    """Make this one affiliation among others of its person."""

    def decide(self, desk: Desk) -> None:
        self.affiliation(desk).make_secondary(desk)


class EndAffiliation(_AffiliationCommand):
    """Note that a person is no longer at the organisation."""

    reason: Code | None = None

    def decide(self, desk: Desk) -> None:
        self.affiliation(desk).end(self.reason, desk)


class RetractAffiliation(_AffiliationCommand):
    """Take back an affiliation that was recorded by mistake."""

    reason: Code

    def decide(self, desk: Desk) -> None:
        self.affiliation(desk).retract(self.reason, desk)


def _known(desk: Desk, id: UUID, kind: PartyKind) -> None:
    known_customer(desk, id)
    if not desk.is_history:
        is_kind = desk.get(Customer, id).kind is kind
        desk.must(is_kind, f"affiliation.no_{kind}", f"{id} is no {kind}.")


def _primaries(person_id: UUID, desk: Desk) -> Iterator[Affiliation]:
    """Every affiliation of a person that is or was primary: one claim each, numbered."""
    for n in range(PRIMARIES_MAX):
        holder = desk.holder("affiliation.primary", f"{person_id}/{n}")
        if holder is None:
            return
        yield desk.get(Affiliation, holder)
    raise Conflict("affiliation.primaries_too_many", f"{PRIMARIES_MAX} of a person is the limit.")


def _but(id: UUID, person_id: UUID, affiliations: Iterable[Affiliation]) -> list[Affiliation]:
    """The others of a person; one that began anew may have become somebody else's."""
    return [one for one in affiliations if one.id != id and one.person_id == person_id]


def _enter(person_id: UUID, affiliation_id: UUID, n: int, desk: Desk) -> None:
    desk.claim("affiliation.primary", f"{person_id}/{n}", affiliation_id)


COMMANDS = (
    StartAffiliation, ChangeAffiliationTitle, MakeAffiliationPrimary, MakeAffiliationSecondary,
    EndAffiliation, RetractAffiliation,
)  # fmt: skip
