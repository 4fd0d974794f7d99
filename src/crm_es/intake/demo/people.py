"""The customers of the demo: when they come, who they are, how they can be reached."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from crm_es.intake.demo.company import (
    COUNTRIES,
    FIRST_NAMES,
    JOBS,
    LAST_NAMES,
    ORIGINS,
    PLACES,
    REPS,
    SEGMENTS,
    TRADES,
)
from crm_es.intake.demo.script import DAYS, Script, office_hours, weighted


@dataclass(frozen=True)
class Person:
    """One customer of the demo, as the other scripts know it."""

    number: int
    id: UUID
    segment: str
    owner: str
    country: str
    since: datetime
    origin: str
    lead_id: UUID | None

    @property
    def is_company(self) -> bool:
        return self.segment != "home"


def arrivals(script: Script, customers: int) -> list[datetime]:
    """When each customer comes: more every month, most in autumn, on working days."""
    random = script.chance("arrivals")
    weights = [_pull(script.start + timedelta(days=day), day) for day in range(DAYS)]
    days = sorted(random.choices(range(DAYS), weights, k=customers))
    return [office_hours(random, script.start + timedelta(days=day)) for day in days]


def _pull(date: datetime, day: int) -> float:
    season = 1 + 0.45 * math.cos((date.timetuple().tm_yday - 290) / 365 * 2 * math.pi)
    return season * (1 + day / DAYS)


def tell(script: Script, customers: int) -> list[Person]:
    """Everyone who comes, and every lead that never becomes a customer."""
    people = [_person(script, n, at) for n, at in enumerate(arrivals(script, customers))]
    for n in range(customers // 2):
        _lost_lead(script, n)
    return people


def _person(script: Script, n: int, at: datetime) -> Person:
    random = script.chance("person", n)
    segment, country = weighted(random, SEGMENTS), weighted(random, COUNTRIES)
    owner, origin = random.choice(REPS), weighted(random, ORIGINS)
    id = script.id(at, "customer", n)
    lead = script.id(at, "lead", n) if random.random() < 0.6 else None  # noqa: PLR2004
    name = _company(random) if segment != "home" else _name(random)
    since = at
    if lead is not None:
        since = _worked_lead(script, random, lead, origin, owner, at, name)
    script.add(
        since, "RegisterCustomer", customer_id=id, name=name, owner=owner, country=country,
        kind="person" if segment == "home" else "organisation",
        tier="A" if segment == "industry" else "B" if segment == "small business" else "C",
        attributes={"segment": segment},
    )  # fmt: skip
    _contact_points(script, random, id, n, since)
    if lead is not None:
        script.add(since + timedelta(minutes=2), "ConvertLead", lead_id=lead, customer_id=id)
    script.add(
        since + timedelta(minutes=3), "ChangeCustomerLifecycle", customer_id=id, stage="active"
    )
    if segment != "home":
        _staff(script, random, id, n, owner, since)
    return Person(n, id, segment, owner, country, since, origin, lead)


def _staff(script: Script, random: Random, company: UUID, n: int, owner: str, at: datetime) -> None:
    """The people one speaks to at a company; now and then one of them leaves."""
    for number, (title, role) in enumerate(random.sample(JOBS, random.randint(1, 2))):
        person = script.id(at, "contact", n, number)
        known = script.add(
            at + timedelta(minutes=5), "RegisterCustomer", customer_id=person, kind="person",
            name=_name(random), owner=owner,
        )  # fmt: skip
        affiliation = script.id(known, "affiliation", n, number)
        script.add(
            known + timedelta(minutes=1), "StartAffiliation", affiliation_id=affiliation,
            person_id=person, organisation_id=company, title=title, role=role, is_primary=True,
        )  # fmt: skip
        if random.random() < 0.12:  # noqa: PLR2004
            left = known + timedelta(days=random.uniform(90, 500))
            script.add(left, "EndAffiliation", affiliation_id=affiliation, reason="left")


def _worked_lead(
    script: Script, random: Random, id: UUID, origin: str, owner: str, at: datetime, name: str
) -> datetime:
    """A lead from its first word to the day it is ready to become a customer."""
    _captured(script, random, id, origin, at, name)
    assigned = script.add(
        at + timedelta(hours=random.uniform(0.2, 30)), "AssignLead", lead_id=id, owner=owner
    )
    worked = script.add(assigned + timedelta(hours=random.uniform(1, 70)), "WorkLead", lead_id=id)
    script.add(worked, "ScoreLead", lead_id=id, score=random.randrange(40, 100))
    ready = office_hours(random, worked + timedelta(days=random.uniform(1, 21)))
    return script.add(ready, "QualifyLead", lead_id=id) + timedelta(minutes=5)


def _lost_lead(script: Script, n: int) -> None:
    random = script.chance("lost lead", n)
    at = office_hours(random, script.start + timedelta(days=random.uniform(0, DAYS)))
    id = script.id(at, "lost lead", n)
    _captured(script, random, id, weighted(random, ORIGINS), at, _name(random))
    owner = random.choice(REPS)
    assigned = script.add(at + timedelta(hours=9), "AssignLead", lead_id=id, owner=owner)
    script.add(assigned + timedelta(days=1), "ScoreLead", lead_id=id, score=random.randrange(60))
    if random.random() < 0.8:  # noqa: PLR2004 - some are still waiting
        ended = assigned + timedelta(days=random.uniform(3, 40))
        reason = random.choice(("no interest", "no answer", "not our market"))
        script.add(ended, "DisqualifyLead", lead_id=id, reason=reason)


def _captured(
    script: Script, random: Random, id: UUID, origin: str, at: datetime, name: str
) -> None:
    script.add(
        at, "CaptureLead", lead_id=id, origin=origin, name=name, phone=_phone(random),
        page=random.choice(("/heat-pumps", "/controllers", "/advice", "/contact")),
    )  # fmt: skip


def _contact_points(script: Script, random: Random, id: UUID, n: int, at: datetime) -> None:
    script.add(
        at + timedelta(seconds=30), "AddContactPoint", customer_id=id, channel="email",
        contact_point_id=script.id(at, "email", n), value=f"customer{n}@example.org",
    )  # fmt: skip
    if random.random() < 0.7:  # noqa: PLR2004
        script.add(
            at + timedelta(seconds=40), "AddContactPoint", customer_id=id, channel="phone",
            contact_point_id=script.id(at, "phone", n), value=_phone(random),
        )  # fmt: skip


def _name(random: Random) -> str:
    return f"{random.choice(FIRST_NAMES)} {random.choice(LAST_NAMES)}"


def _company(random: Random) -> str:
    return f"{random.choice(PLACES)}-{random.choice(TRADES)} {random.choice(('GmbH', 'AG', 'SE'))}"


def _phone(random: Random) -> str:
    return f"+49 30 555{random.randrange(10_000):04d}"
