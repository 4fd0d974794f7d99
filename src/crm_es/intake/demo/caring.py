"""How the demo's customers are looked after: calls, visits, activities, cases, the web."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from crm_es.intake.demo.company import AGENTS, COMPLAINTS
from crm_es.intake.demo.people import Person
from crm_es.intake.demo.script import Script, office_hours

SUMMARIES = (
    "Asked about the delivery date.", "Wants an offer for a second unit.", "Billing question.",
    "Booked the yearly service.", "Reported a noise at night.", "Thanked for the quick help.",
)  # fmt: skip


def tell(script: Script, person: Person) -> None:
    """Every contact of one customer that is no sale."""
    random = script.chance("caring", person.number)
    days = (script.until - person.since).days
    if days <= 0:
        return
    calls = {"home": 2.2, "small business": 5.0, "industry": 12.0}[person.segment]
    for n in range(int(random.expovariate(1 / calls))):
        call(script, random, person, _some_day(random, person, days), n)
    if random.random() < {"home": 0.16, "small business": 0.3, "industry": 0.6}[person.segment]:
        at = _some_day(random, person, days)
        case(script, random, person, at, 0, random.choice(COMPLAINTS))
    if person.is_company:
        for n in range(random.randint(0, 3)):
            visit(script, random, person, _some_day(random, person, days), n)
        _next_step(script, random, person)
    for n in range(random.randint(0, 3)):
        _session(script, random, person, _some_day(random, person, days), n)
    if random.random() < 0.5:  # noqa: PLR2004
        at = _some_day(random, person, days)
        script.add(
            at, "RecordInteraction", interaction_id=script.id(at, "mail", person.number),
            customer_id=person.id, kind="email", direction="outbound", agent=person.owner,
            channel="email", subject="Your heat pump", body="The brochure you asked for.",
        )  # fmt: skip


def call(script: Script, random: Random, person: Person, at: datetime, n: int) -> None:
    """One call: most are answered, some are missed and then called back or let go."""
    id = script.id(at, "call", person.number, n)
    is_inbound = random.random() < 0.55  # noqa: PLR2004
    is_answered = random.random() < (0.86 if is_inbound else 0.68)
    agent = random.choice(AGENTS) if is_inbound else person.owner
    missed = "missed" if is_inbound else "no_answer"
    script.add(
        at, "RecordCall", call_id=id, customer_id=person.id, agent=agent,
        direction="inbound" if is_inbound else "outbound",
        result="answered" if is_answered else missed,
        seconds=random.randrange(40, 1_500) if is_answered else 0,
        summary=random.choice(SUMMARIES) if is_answered else None,
    )  # fmt: skip
    if is_inbound and not is_answered and random.random() < 0.75:  # noqa: PLR2004
        later = at + timedelta(hours=random.uniform(0.3, 30))
        script.add(later, "CompleteCallback", call_id=id)


def case(
    script: Script, random: Random, person: Person, at: datetime, n: int, category: str
) -> None:
    """One complaint from its opening to its close; some come back, some are still open."""
    id = script.id(at, "case", person.number, n)
    agent = random.choice(AGENTS)
    script.add(
        at, "OpenCase", case_id=id, kind="complaint", customer_id=person.id, channel="phone",
        category=category, priority=random.choice(("low", "normal", "high")),
        subject=f"{category} at the heat pump",
    )  # fmt: skip
    at = script.add(
        at + timedelta(hours=random.uniform(0.2, 8)), "AssignCase", case_id=id, assignee=agent,
        group="service",
    )  # fmt: skip
    at = script.add(at + timedelta(hours=random.uniform(0.5, 20)), "StartCase", case_id=id)
    if random.random() < 0.3:  # noqa: PLR2004
        at = script.add(at, "PendCase", case_id=id, on="customer", reason="photos are missing")
        at += timedelta(hours=random.uniform(5, 90))
        script.add(at, "ResumeCase", case_id=id)
    if random.random() < 0.06:  # noqa: PLR2004 - still in work
        return
    at = script.add(
        at + timedelta(hours=random.uniform(1, 120)), "ResolveCase", case_id=id,
        code="repaired" if category in {"noise", "leak"} else "explained",
    )  # fmt: skip
    if random.random() < 0.07:  # noqa: PLR2004
        at = script.add(
            at + timedelta(days=2), "ReopenCase", case_id=id, reason="it happened again"
        )
        script.add(at + timedelta(hours=1), "StartCase", case_id=id)
        at = script.add(at + timedelta(days=3), "ResolveCase", case_id=id, code="replaced")
    script.add(at + timedelta(days=1), "CloseCase", case_id=id)


def visit(script: Script, random: Random, person: Person, at: datetime, n: int) -> None:
    """A visit planned a week ahead, made, and reported."""
    id = script.id(at, "visit", person.number, n)
    planned = at + timedelta(days=7)
    script.add(
        at, "PlanVisit", visit_id=id, customer_id=person.id, agent=person.owner,
        planned_at=planned.isoformat(), purpose="site survey",
    )  # fmt: skip
    if random.random() < 0.08:  # noqa: PLR2004
        script.add(planned, "CancelVisit", visit_id=id, reason="customer was away")
        return
    came = script.add(planned, "CheckInVisit", visit_id=id)
    stayed = timedelta(minutes=random.randint(20, 150))
    left = script.add(came + stayed, "CheckOutVisit", visit_id=id)
    script.add(
        left + timedelta(hours=2), "ReportVisit", visit_id=id,
        report="Saw the boiler room; there is space for the tank.", outcome="interested",
    )  # fmt: skip


def _next_step(script: Script, random: Random, person: Person) -> None:
    """What the owner means to do next, in the weeks around the end of the story."""
    due = script.until + timedelta(days=random.uniform(-9, 25))
    at = due - timedelta(days=14)
    if at <= person.since:
        return
    id = script.id(at, "follow-up", person.number)
    script.add(
        at, "ScheduleActivity", activity_id=id, customer_id=person.id, kind="call back",
        title="Ask about the second building", owner=person.owner, planned_at=due.isoformat(),
    )  # fmt: skip
    if due < script.until and random.random() < 0.6:  # noqa: PLR2004 - the rest are overdue
        script.add(due, "CompleteActivity", activity_id=id, outcome="reached")


def _session(script: Script, random: Random, person: Person, at: datetime, n: int) -> None:
    pages = random.randint(1, 14)
    ended = at + timedelta(seconds=pages * random.randint(15, 90))
    script.add(
        at, "RecordWebSession", session_id=script.id(at, "session", person.number, n),
        visitor=f"v{person.number:05d}", customer_id=person.id, pages=pages,
        device=random.choice(("phone", "laptop", "tablet")), ended_at=ended.isoformat(),
        searched=pages > 3, messaged=False, booked=pages > 12,  # noqa: PLR2004
    )  # fmt: skip


def _some_day(random: Random, person: Person, days: int) -> datetime:
    return office_hours(random, person.since + timedelta(days=random.uniform(0.5, days)))
