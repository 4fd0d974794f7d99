"""Facts say of any random history what the aggregates themselves say, at any position.

The oracle is the write model: each stream's events folded into its aggregate, which knows nothing
of facts.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from random import Random
from typing import Any, TypeVar
from uuid import UUID

import pytest

from crm_es.aggregates import BEGINNINGS
from crm_es.aggregates.engagement.call import Call
from crm_es.aggregates.engagement.call_state import CallState
from crm_es.aggregates.engagement.interaction import Interaction
from crm_es.aggregates.marketing.campaign import Campaign
from crm_es.aggregates.marketing.member import CampaignMember
from crm_es.aggregates.party.customer import Customer
from crm_es.aggregates.sales.lead import Lead
from crm_es.aggregates.sales.opportunity import Opportunity
from crm_es.aggregates.sales.order import Order
from crm_es.aggregates.service.case import Case
from crm_es.log.envelope import Record
from crm_es.log.mapper import EventMapper
from fact_store import Facts, facts_of
from histories import History
from world import World

COMMANDS = 6_000
POSITIONS = 6
"""So many positions of the past are asked for, and the head."""

_PAIRED = ("customer.contact_point", "customer.restriction")
"""Of these one may be ended before it is begun, if some of the events are left out."""
_TALKING = {"call.answered", "call.held", "call.resumed", "call.transferred"}

A = TypeVar("A")


class Past:
    """A history, the facts of it, and its aggregates as they stood at a position."""

    def __init__(self, world: World, facts: Facts) -> None:
        self.facts = facts
        self.records: list[Record] = world.log.read(0, 1_000_000)
        self.head = self.records[-1].position
        random = Random(11)
        self.positions = [self.head, *(random.randrange(1, self.head) for _ in range(POSITIONS))]
        self._mapper = EventMapper()
        self._known: dict[tuple[int, int | None], dict[UUID, Any]] = {}

    def at(self, kind: type[A], position: int, *, occurred_by: int | None = None) -> dict[UUID, A]:
        """Aggregates of one kind by the events up to a position, and to a business time."""
        key = (position, occurred_by)
        if key not in self._known:
            self._known[key] = self._folded(position, occurred_by)
        return {id: one for id, one in self._known[key].items() if isinstance(one, kind)}

    def has_gone_on(self, id: UUID) -> bool:
        """Whether history tells of a call that went on after its end: its figures are anyone's."""
        topics = [record.topic for record in self.records if record.stream_id == id.bytes]
        over = [n for n, topic in enumerate(topics) if topic in {"call.ended", "call.recorded"}]
        return bool(over) and any(topic in _TALKING for topic in topics[over[0] :])

    def _folded(self, position: int, occurred_by: int | None) -> dict[UUID, Any]:
        found: dict[UUID, Any] = {}
        known = self.records[:position]
        begun = {r.stream_id: r.position for r in known if r.topic in BEGINNINGS}
        for record in known:
            if record.position < begun[record.stream_id]:  # the last of several lives counts
                continue
            if occurred_by is not None and record.topic.startswith(_PAIRED):
                continue
            counts_from = record.occurred_at if record.precision else record.recorded_at
            if occurred_by is not None and counts_from > occurred_by:
                continue
            id = UUID(bytes=record.stream_id)
            if id not in found and record.topic not in BEGINNINGS:
                continue
            event = self._mapper.decode(
                id, record.version, record.topic, record.schema_version, record.occurred_at,
                record.data,
            )  # fmt: skip
            if record.topic in BEGINNINGS:
                found[id] = event.mutate(None)
            else:
                event.apply(found[id])
        return found

    def asked(self, sql: str, position: int) -> dict[Any, Any]:
        """Rows of a question as of a position: all but the last column by the last."""
        rows = self.facts.asked(sql, as_of=position)
        return {row[:-1]: row[-1] for row in rows}


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Past]:
    folder = tmp_path_factory.mktemp("past")
    world = World(folder)
    History(world, seed=5).run(COMMANDS)
    with facts_of(folder) as facts:
        yield Past(world, facts)
    world.close()


def test_nothing_is_rejected_or_parked(past: Past) -> None:
    assert past.facts.asked("from rejected") == []
    assert past.facts.store.tables.parked == {}


def nonzero(counts: Mapping[Any, Any]) -> dict[Any, Any]:
    return {key: value for key, value in counts.items() if value}


def test_order_lines_are_what_is_left_of_every_order(past: Past) -> None:
    sql = """
        select order_id, line, ifnull(sum(quantity), 0), ifnull(sum(amount), 0),
            ifnull(sum(discount), 0), ifnull(sum(cost), 0), sum(lines)
        from fact_order_line where is_known(position) group by all
    """
    for position in past.positions:
        found = {row[:2]: row[2:] for row in past.facts.asked(sql, as_of=position)}
        for id, order in past.at(Order, position).items():
            for number in range(1, len(order.ordered) + 1):
                line = order.line(number)
                ordered, gone = line.ordered, order.is_void
                left = ordered.quantity - line.returned
                share = line.back(number, Decimal(0))
                assert share.amount == 0
                quantity, amount, discount, cost, lines = found.pop((id, number))
                assert lines == (0 if gone else 1)
                if gone:
                    # History may have taken back more than there was: the rest is what is undone.
                    assert quantity == min(left, Decimal(0))
                else:
                    assert quantity == left
                if gone or not line.returned:
                    whole = (ordered.amount, ordered.discount or 0, ordered.cost or 0)
                    assert (amount, discount, cost) == ((0, 0, 0) if gone else whole)
        # What is left is of lives that were taken back before the thing began anew.
        assert not any(figure for row in found.values() for figure in row)


def test_orders_count_and_are_worth_what_their_lines_are(past: Past) -> None:
    for position in past.positions:
        worth = past.asked(
            "select order_id, sum(amount) from fact_order where is_known(position) group by 1",
            position,
        )
        lines = past.asked(
            "select order_id, sum(amount) from fact_order_line where is_known(position) group by 1",
            position,
        )
        assert nonzero(worth) == nonzero(lines)
        counts = past.asked(
            "select order_id, sum(orders) from fact_order where is_known(position) group by 1",
            position,
        )
        assert counts == {
            (id,): int(not order.is_void) for id, order in past.at(Order, position).items()
        }


def test_the_pipeline_at_any_position_is_a_sum_of_legs(past: Past) -> None:
    sql = """
        select status, stage, owner, currency, close_on,
            (sum(deals), sum(ifnull(amount, 0)), sum(weighted))
        from pipeline_leg group by all
    """
    for position in past.positions:
        expected: dict[Any, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 3)
        for deal in past.at(Opportunity, position).values():
            if not deal.is_retracted:
                key = (
                    deal.status.value, deal.stage, deal.owner, deal.currency,
                    deal.expected_close_on,
                )  # fmt: skip
                amount = deal.amount or Decimal(0)
                sums = expected[key]
                expected[key] = [sums[0] + 1, sums[1] + amount, sums[2] + amount * deal.probability]
        found = {k: list(v) for k, v in past.asked(sql, position).items() if any(v)}
        assert found == dict(expected)


def test_a_deal_at_any_moment_is_its_events_up_to_then(past: Past) -> None:
    """Also where something was told late, which a sum of legs by time cannot know."""
    times = sorted(record.occurred_at for record in past.records)
    for moment in Random(3).sample(times, 5):
        expected = {
            id: (deal.status.value, deal.stage, deal.owner, deal.amount, deal.probability)
            for id, deal in past.at(Opportunity, past.head, occurred_by=moment).items()
            if not deal.is_retracted
        }
        found = past.facts.asked(
            "select opportunity_id, status, stage, owner, amount, probability"
            " from opportunity_at(make_timestamptz(?::bigint))",
            moment,
        )
        assert {row[0]: row[1:] for row in found} == expected


def test_deals_end_to_end_are_what_became_of_them(past: Past) -> None:
    sql = """
        select opportunity_id, (status, stage, owner, amount, pushes)
        from opportunity_life where not is_retracted
    """
    for position in past.positions:
        expected = {
            (id,): (deal.status.value, deal.stage, deal.owner, deal.amount, deal.pushes)
            for id, deal in past.at(Opportunity, position).items()
            if not deal.is_retracted
        }
        assert past.asked(sql, position) == expected


def test_leads_stand_in_the_stage_they_stand_in(past: Past) -> None:
    for position in past.positions:
        expected = {
            (id,): (lead.stage.value, lead.owner)
            for id, lead in past.at(Lead, position).items()
            if not lead.is_retracted
        }
        sql = "select lead_id, (stage, owner) from lead_life where not is_retracted"
        assert past.asked(sql, position) == expected
        counted = past.facts.asked(
            "select ifnull(sum(leads), 0) from fact_lead_stage where is_known(position)",
            as_of=position,
        )
        assert counted[0][0] == len(expected)


def test_calls_count_by_whatever_they_are_counted_by(past: Past) -> None:
    sql = """
        select customer_id, agent, direction, result, type, outcome, line, campaign_id,
            (sum(calls), ifnull(sum(seconds), 0)::bigint, sum(attempts))
        from fact_call where is_known(position) and calls <> 0 and call_id not in ({})
        group by all
    """
    strange = [id for id in past.at(Call, past.head) if past.has_gone_on(id)]
    sql = sql.format(", ".join(f"uuid '{id}'" for id in strange) or "null::uuid")
    for position in past.positions:
        expected: dict[Any, list[int]] = defaultdict(lambda: [0, 0, 0])
        for call in past.at(Call, position).values():
            if call.is_retracted or past.has_gone_on(call.id):
                continue
            if call.state is CallState.ENDED:
                key = (
                    call.customer_id, call.agent, call.direction.value, call.result.value,
                    call.type, call.outcome, call.line, call.campaign_id,
                )  # fmt: skip
                one = (1, call.seconds or 0, call.attempts)
                expected[key] = [a + b for a, b in zip(expected[key], one, strict=True)]
        found = {k: list(v) for k, v in past.asked(sql, position).items() if any(v)}
        assert found == dict(expected)


def test_interactions_count_for_whom_and_what_they_are(past: Past) -> None:
    sql = """
        select kind, customer_id, employee, direction, channel, product, sum(contacts)::int
        from fact_interaction
        where is_known(position) and kind in
            ('email', 'sms', 'message', 'meeting', 'letter', 'material', 'other')
        group by all
    """
    for position in past.positions:
        expected = Counter(
            (
                told["kind"].value, told["customer_id"], told["agent"], told["direction"].value,
                told["channel"], told["product"],
            )
            for one in past.at(Interaction, position).values()
            if not one.is_retracted
            for told in [one.told]
        )  # fmt: skip
        assert nonzero(past.asked(sql, position)) == dict(expected)


def test_cases_count_for_whom_they_are_opened(past: Past) -> None:
    for position in past.positions:
        standing = {
            id: case for id, case in past.at(Case, position).items() if not case.is_retracted
        }
        expected = Counter(case.told.customer_id for case in standing.values())
        sql = """
            select customer_id, sum(cases)::int from fact_case where is_known(position)
            group by 1
        """
        found = {key[0]: count for key, count in nonzero(past.asked(sql, position)).items()}
        assert found == dict(expected)
        life = past.asked(
            'select case_id, (state, assignee, "group") from case_life where not is_retracted',
            position,
        )
        assert life == {
            (id,): (case.state.value, case.told.assignee, case.told.group)
            for id, case in standing.items()
        }


def test_members_touches_and_responses_are_those_that_stand(past: Past) -> None:
    for position in past.positions:
        members, responses = Counter[Any](), Counter[Any]()
        touches: Counter[Any] = Counter()
        for one in past.at(CampaignMember, position).values():
            key = (one.campaign_id, one.customer_id)
            if one.is_targeted and not one.is_retracted:
                members[(*key, one.arm, one.is_control)] += 1
            touches[key] += 0 if one.is_retracted else len(one.touches)
            for id, evidence in one.evidence.items():
                responses[(*key, id, evidence.value)] += 1
        assert nonzero(
            past.asked(
                "select campaign_id, customer_id, arm, is_control, sum(members)::int"
                " from fact_campaign_member where is_known(position) group by all",
                position,
            )
        ) == dict(members)
        assert nonzero(
            past.asked(
                "select campaign_id, customer_id, sum(touches)::int"
                " from fact_campaign_touch where is_known(position) group by all",
                position,
            )
        ) == nonzero(touches)
        assert nonzero(
            past.asked(
                "select campaign_id, customer_id, response_id, evidence, sum(responses)::int"
                " from fact_campaign_response where is_known(position) group by all",
                position,
            )
        ) == dict(responses)


def test_spend_is_what_the_campaigns_have_spent(past: Past) -> None:
    for position in past.positions:
        expected = {
            (id,): campaign.spent
            for id, campaign in past.at(Campaign, position).items()
            if campaign.spent and not campaign.is_retracted
        }
        sql = """
            select campaign_id, sum(amount) from fact_campaign_spend where is_known(position)
            group by 1
        """
        assert nonzero(past.asked(sql, position)) == expected


def test_customers_at_any_moment_are_their_events_up_to_then(past: Past) -> None:
    """SCD2 by business time: what the version valid at t says, the fold up to t says."""
    times = sorted(record.occurred_at for record in past.records)
    for moment in [*Random(4).sample(times, 6), times[-1]]:
        expected = {
            id: (one.owner, one.tier, one.country, one.lifecycle.value, one.is_retracted)
            for id, one in past.at(Customer, past.head, occurred_by=moment).items()
        }
        found = past.facts.asked(
            """
            select customer_id, owner, tier, country, lifecycle, is_retracted
            from dim_customer, (select make_timestamptz(?::bigint) as t)
            where valid_from <= t and (valid_to is null or t < valid_to)
            """,
            moment,
        )
        assert {row[0]: row[1:] for row in found} == expected


def test_customers_as_we_knew_them_are_their_events_up_to_the_position(past: Past) -> None:
    for position in past.positions:
        expected = {
            id: (one.owner, one.tier, one.country, one.lifecycle.value, one.is_retracted)
            for id, one in past.at(Customer, position).items()
        }
        found = past.facts.asked(
            """
            select customer_id, owner, tier, country, lifecycle, is_retracted
            from dim_customer_known
            where known_from <= $1 and (known_to is null or $1 < known_to)
            """,
            position,
        )
        assert {row[0]: row[1:] for row in found} == expected
        current = past.facts.asked(
            "select customer_id, owner, tier, country, lifecycle, is_retracted"
            " from dim_customer_known where is_current",
            as_of=position,
        )
        assert {row[0]: row[1:] for row in current} == expected


def test_customers_count_unless_they_were_taken_back(past: Past) -> None:
    for position in past.positions:
        standing = [one for one in past.at(Customer, position).values() if not one.is_retracted]
        sql = "select sum(customers) from fact_customer_change where is_known(position)"
        assert past.facts.asked(sql, as_of=position)[0][0] == len(standing)
