"""Whatever is asked of campaigns and their members, in any order: what then still holds."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from crm_es.aggregates.marketing.campaign import Campaign
from crm_es.aggregates.marketing.member import CampaignMember
from crm_es.aggregates.marketing.member_state import Evidence, MemberStage
from play import Play
from scenario import NOON

CAMPAIGN, *PEOPLE = [f"00000000-0000-0000-0000-00000000000{n}" for n in (1, 2, 3)]
RECORDS = [f"00000000-0000-0000-0000-00000000001{n}" for n in (1, 2)]

_person = {"customer_id": st.sampled_from(PEOPLE)}
_record, _amount = st.sampled_from(RECORDS), st.sampled_from(["0", "30", "90.5"])
_arm, _flag = st.sampled_from([None, "mail", "control"]), st.sampled_from([None, True, False])
_code = st.sampled_from(["a", "b"])
_response = {**_person, "response_id": _record}
ARMS = [{"name": "mail"}, {"name": "control", "is_control": True}]

BODIES: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "PlanCampaign": {"name": st.just("Spring"), "arms": st.sampled_from([[], ARMS])},
    "ApproveCampaignBudget": {
        "budget": st.sampled_from(["0", "100"]), "tolerance": st.sampled_from(["0", "0.5"])
    },
    "LaunchCampaign": {},
    "PauseCampaign": {},
    "ResumeCampaign": {},
    "CompleteCampaign": {},
    "CancelCampaign": {"reason": _code},
    "RecordSpend": {"spend_id": _record, "amount": _amount},
    "RetractSpend": {"spend_id": _record, "reason": _code},
    "RetractCampaign": {"reason": _code},
    "TargetMember": {**_person, "arm": _arm, "is_control": _flag},
    "RecordTouch": {**_person, "wave": st.sampled_from([None, "a", "b"])},
    "RecordResponse": {**_response, "kind": st.just("visit"), "value": _amount},
    "ReclassifyResponse": {**_response, "evidence": st.sampled_from(Evidence)},
    "RetractResponse": {**_response, "reason": _code},
    "OptOut": _person,
    "RetractMember": {**_person, "reason": _code},
}  # fmt: skip
REPEATABLE = {"RecordTouch"}
"""Each time something that happened, and nothing tells one from the other but the command."""
KNOWN_BY_ID = {"PlanCampaign", "RecordSpend", "RecordResponse"}
NEVER_A_FINDING = {
    "campaign.not_found", "campaign.exists", "campaign_member.not_found", "spend.exists",
    "spend.not_found", "response.exists", "response.not_found",
}  # fmt: skip

_times = {"at": st.integers(0, 50).map(lambda days: (NOON + timedelta(days=days)).isoformat())}
asked = st.sampled_from(sorted(BODIES)).flatmap(
    lambda name: st.tuples(
        st.just(name),
        st.fixed_dictionaries({"campaign_id": st.just(CAMPAIGN), **BODIES[name], **_times}),
    )
)


@given(st.lists(asked, max_size=40), st.booleans(), st.booleans())
@settings(max_examples=200, deadline=None)
def test_asking_anything_of_campaigns_is_answered_or_refused(
    asked: Any, is_history: Any, is_running: Any
) -> None:
    play = Play(is_history=is_history)
    for person in PEOPLE:
        play.do("RegisterCustomer", customer_id=person, kind="person")
    if is_running:
        play.do("PlanCampaign", campaign_id=CAMPAIGN, name="Spring", arms=ARMS)
        play.do("ApproveCampaignBudget", campaign_id=CAMPAIGN, budget="100")
        play.do("LaunchCampaign", campaign_id=CAMPAIGN)
    for name, body in asked:
        before = sum(map(len, play.events.values()))
        told = play.do(name, **body)
        if isinstance(told, str):
            assert sum(map(len, play.events.values())) == before
            assert not is_history or told in NEVER_A_FINDING
        elif name in KNOWN_BY_ID:
            assert str(play.do(name, **body)).endswith(".exists")
        elif name not in REPEATABLE:
            assert play.do(name, **body) == []
    for events in play.lives():
        if isinstance(events[0], Campaign.Planned):
            _campaign_holds(events, is_history=is_history)
        elif isinstance(events[0], CampaignMember.Event):
            _member_holds(events, is_history=is_history)


def _campaign_holds(events: list[Any], *, is_history: bool) -> None:
    spent, limit = Decimal(0), Decimal(0)
    for event in events:
        if isinstance(event, Campaign.BudgetApproved):
            limit = (event.budget or Decimal(0)) * (1 + event.tolerance)
        elif isinstance(event, Campaign.SpendRecorded):
            spent += event.amount
            assert is_history or spent <= limit
        elif isinstance(event, Campaign.SpendRetracted):
            spent -= event.amount
        elif isinstance(event, Campaign.Retracted):
            assert spent == 0
        if hasattr(event, "spent"):
            assert event.spent == spent


def _member_holds(events: list[Any], *, is_history: bool) -> None:
    standing: dict[Any, tuple[Any, ...]] = {}
    is_out, touches = False, 0
    for event in events:
        if isinstance(event, CampaignMember.Touched):
            touches += 1
            assert event.touches == touches
            assert is_history or not (is_out or event.is_control)
        elif isinstance(event, CampaignMember.Responded):
            standing[event.response_id] = _counted(event, event.evidence)
        elif isinstance(event, CampaignMember.ResponseReclassified):
            assert standing[event.response_id] == _counted(event, event.from_evidence)
            standing[event.response_id] = _counted(event, event.evidence)
        elif isinstance(event, CampaignMember.ResponseRetracted):
            assert standing.pop(event.response_id) == _counted(event, event.evidence)
        elif isinstance(event, CampaignMember.Retracted):
            assert standing == {}
            assert len(event.touched) == event.touches == touches
        is_out = is_out or event.to_stage is MemberStage.OPTED_OUT
        assert not is_out or event.to_stage is MemberStage.OPTED_OUT


def _counted(response: Any, evidence: Evidence) -> tuple[Any, ...]:
    """All that a response is counted by: what takes it out must say the very same."""
    return (
        response.arm, response.is_control, response.kind, response.value, response.currency,
        response.is_first, response.touches, evidence,
    )  # fmt: skip
