"""Whatever is asked of cases, in any order: what then still holds."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from crm_es.aggregates.service.case import Case
from crm_es.aggregates.service.case_state import NEXT, CaseState, LinkKind, PendingOn
from play import Play
from scenario import NOON

CASES = [f"00000000-0000-0000-0000-00000000000{n}" for n in (1, 2)]
CUSTOMERS = [None, "00000000-0000-0000-0000-00000000000a"]

_id, _staff = st.sampled_from(CASES), st.sampled_from(["bob", "eve"])
_maybe = st.sampled_from([None, "bob", "eve"])
_word, _code = st.sampled_from([None, "low", "high"]), st.sampled_from(["repaired", "replaced"])
_count, _flag = st.sampled_from([None, 0, 1, 5]), st.sampled_from([None, True, False])

BODIES: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "OpenCase": {
        "kind": st.just("complaint"), "assignee": _maybe, "group": _maybe, "priority": _word,
        "subject": _word,
    },
    "RouteCase": {"group": _staff},
    "AssignCase": {"assignee": _staff, "group": _maybe},
    "AcknowledgeCase": {},
    "StartCase": {},
    "PendCase": {"on": st.sampled_from(PendingOn), "reason": _word},
    "ResumeCase": {},
    "ResolveCase": {"code": _code},
    "ReopenCase": {},
    "CloseCase": {"code": st.sampled_from([None, "repaired"])},
    "EscalateCase": {"level": st.sampled_from([1, 2, 3])},
    "ReclassifyCase": {"priority": _word, "category": _word},
    "MarkCaseDuplicate": {"of_case_id": _id},
    "RejectCase": {"reason": st.just("spam")},
    "LinkCase": {"kind": st.sampled_from(LinkKind), "linked_id": _id},
    "UnlinkCase": {
        "kind": st.sampled_from(LinkKind), "linked_id": _id, "reason": st.just("mixed up"),
    },
    "BlockCase": {"by_case_id": _id},
    "UnblockCase": {"by_case_id": _id, "reason": st.just("waived")},
    "RecordCaseUpdate": {
        "state": st.sampled_from([None, *CaseState]), "assignee": _maybe, "priority": _word,
        "pending_on": st.sampled_from([None, *PendingOn]), "reassignments": _count,
        "reopenings": _count, "disputed": _flag, "code": st.sampled_from([None, "repaired"]),
    },
    "ReattributeCase": {"customer_id": st.just(None)},
    "RetractCase": {"reason": st.just("test")},
}  # fmt: skip
RECORDS = {"OpenCase", "RecordCaseUpdate"}
"""Each time something that happened; all others ask for how things should stand."""

_times = {
    "at": st.integers(0, 50).map(lambda days: (NOON + timedelta(days=days)).isoformat()),
    "at_precision": st.sampled_from(["exact", "day", "month", "unknown"]),
}
asked = st.sampled_from(sorted(BODIES)).flatmap(
    lambda name: st.tuples(
        st.just(name), st.fixed_dictionaries({"case_id": _id, **BODIES[name], **_times})
    )
)


@given(st.lists(asked, max_size=40), st.booleans())
@settings(max_examples=200, deadline=None)
def test_asking_anything_of_cases_is_answered_or_refused(asked: Any, is_history: Any) -> None:
    play = Play(is_history=is_history)
    for name, body in asked:
        before = sum(map(len, play.events.values()))
        told = play.do(name, **body)
        if isinstance(told, str):
            assert sum(map(len, play.events.values())) == before
            assert not is_history or told in {"case.not_found", "case.exists"}
        elif name not in RECORDS:
            assert play.do(name, **body) == []
    for events in play.lives():
        _holds(events, is_history=is_history)


def _holds(events: list[Any], *, is_history: bool) -> None:
    assert isinstance(events[0], Case.Opened)
    assert sum(event.is_first_response for event in events) <= 1
    opened = (events[0].opened_at, events[0].opened_precision)
    for before, event in itertools.pairwise(events):
        assert event.from_state is before.to_state
        assert (event.opened_at, event.opened_precision) == opened
        is_step = event.from_state is not event.to_state
        assert is_history or not is_step or event.to_state in NEXT[event.from_state]
        is_done = event.to_state in {CaseState.RESOLVED, CaseState.CLOSED}
        assert is_done or event.resolved_at is None
    gone = [n for n, event in enumerate(events) if isinstance(event, Case.Retracted)]
    assert is_history or gone in ([], [len(events) - 1])
