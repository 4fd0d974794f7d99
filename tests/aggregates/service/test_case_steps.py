"""Every command that moves a case, in every state: taken, refused, or nothing to do."""

from __future__ import annotations

from typing import Any

import pytest

from cases import (
    OTHER,
    S,
    assign,
    close,
    opened,
    pend,
    reject,
    reopen,
    repeat,
    resolve,
    resume,
    standing,
    start,
)
from crm_es.aggregates.service.case import Case
from crm_es.aggregates.service.case_state import NEXT, CaseState
from crm_es.commands.base import Command
from scenario import decided, given

There = CaseState | str | None
"""Where a case goes, the code of the refusal, or None where there is nothing to do."""

ASK: dict[str, tuple[Command, type[Any], str | None, dict[CaseState, There]]] = {
    "assign": (assign, Case.Assigned, None, {S.NEW: S.ASSIGNED, S.UNKNOWN: S.ASSIGNED}),
    "start": (start, Case.Started, "case.state_order", {
        S.ASSIGNED: S.IN_PROGRESS, S.IN_PROGRESS: None, S.PENDING: "case.pending",
        S.REOPENED: S.IN_PROGRESS, S.UNKNOWN: S.IN_PROGRESS,
    }),
    "pend": (pend, Case.Pended, "case.state_order", {
        S.IN_PROGRESS: S.PENDING, S.PENDING: None, S.UNKNOWN: S.PENDING,
    }),
    "resume": (resume, Case.Resumed, "case.not_pending", {
        S.IN_PROGRESS: None, S.PENDING: S.IN_PROGRESS,
    }),
    "resolve": (resolve, Case.Resolved, "case.state_order", {
        S.IN_PROGRESS: S.RESOLVED, S.PENDING: S.RESOLVED, S.RESOLVED: None, S.UNKNOWN: S.RESOLVED,
    }),
    "reopen": (reopen, Case.Reopened, "case.state_order", {
        S.RESOLVED: S.REOPENED, S.REOPENED: None, S.UNKNOWN: S.REOPENED,
    }),
    "close": (close, Case.Closed, "case.no_resolution", {S.RESOLVED: S.CLOSED, S.CLOSED: None}),
    "repeat": (repeat, Case.MarkedDuplicate, "case.state_order", {
        S.NEW: S.DUPLICATE, S.DUPLICATE: None, S.UNKNOWN: S.DUPLICATE,
    }),
    "reject": (reject, Case.Rejected, "case.state_order", {
        S.NEW: S.REJECTED, S.REJECTED: None, S.UNKNOWN: S.REJECTED,
    }),
}  # fmt: skip
"""By command what it does in some states, and before it the answer in all others."""
STEPS = [
    pytest.param(state, command, kind, there.get(state, otherwise), id=f"{name} when {state}")
    for name, (command, kind, otherwise, there) in ASK.items()
    for state in CaseState
]


@pytest.mark.parametrize(("state", "command", "kind", "there"), STEPS)
def test_a_step_is_taken_refused_or_there_is_nothing_to_do(
    state: CaseState, command: Command, kind: type[Any], there: There
) -> None:
    facts, is_refused = (*standing(state), opened(on=OTHER)), type(there) is str
    if is_refused:
        given(*facts).when(command).then_refused(str(there))
    desk = decided(facts, command, is_history=is_refused)
    assert not is_refused or there in desk.findings
    told = [(type(event), event.from_state, event.to_state) for _, event in desk.recorded]
    assert [(one, was) for one, was, _ in told] == ([] if there is None else [(kind, state)])
    assert is_refused or [now for _, _, now in told] == ([] if there is None else [there])


def test_the_steps_of_the_commands_are_those_of_the_machine() -> None:
    """What some command does live is what an update may report, and the other way round."""
    taken = {
        (state, there)
        for _, _, _, expected in ASK.values()
        for state, there in expected.items()
        if isinstance(there, CaseState) and state is not S.UNKNOWN
    }
    machine = {(was, now) for was, nexts in NEXT.items() for now in nexts if was is not S.UNKNOWN}
    assert taken == machine
