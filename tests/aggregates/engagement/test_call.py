"""Calls: rung, taken, held, handed on, ended; a miss is called back or let go with a reason."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from contacts import (
    ANN,
    BOB,
    NOBODY,
    after,
    answered,
    call_step,
    counted,
    ended,
    recorded_call,
    registered,
    rung,
)
from crm_es.aggregates.engagement.call import Call
from crm_es.aggregates.engagement.call_conversation import LEGS_MAX
from crm_es.aggregates.engagement.call_state import (
    UNANSWERED,
    Callback,
    CallResult,
    CallState,
    Direction,
)
from crm_es.aggregates.engagement.call_times import CallLeg
from crm_es.aggregates.fields import Precision
from crm_es.commands.base import Command
from crm_es.commands.engagement.call import (
    AnswerCall,
    CompleteCallback,
    DispositionCall,
    EndCall,
    HoldCall,
    LinkCallToCase,
    ReattributeCall,
    RecordCall,
    ResumeCall,
    RetractCall,
    StartCall,
    TransferCall,
    UnlinkCallFromCase,
    WaiveCallback,
)
from scenario import SUBJECT, Fact, fact, given, in_history

CASE, OTHER_CASE = UUID(int=31), UUID(int=32)


def start(**more: Any) -> StartCall:
    return StartCall(**{"call_id": SUBJECT, "direction": Direction.INBOUND, **more})


def record(**more: Any) -> RecordCall:
    return RecordCall(**{"call_id": SUBJECT, **more})


def answer(seconds: float = 10, agent: str = "bob") -> AnswerCall:
    return AnswerCall(call_id=SUBJECT, agent=agent, at=after(seconds=seconds))


def hold(seconds: float = 100) -> HoldCall:
    return HoldCall(call_id=SUBJECT, at=after(seconds=seconds))


def resume(seconds: float = 100) -> ResumeCall:
    return ResumeCall(call_id=SUBJECT, at=after(seconds=seconds))


def transfer(seconds: float = 100, agent: str = "eve") -> TransferCall:
    return TransferCall(call_id=SUBJECT, agent=agent, at=after(seconds=seconds))


def end(seconds: float = 100, result: CallResult | None = None, **more: Any) -> EndCall:
    return EndCall(call_id=SUBJECT, result=result, at=after(seconds=seconds), **more)


def reattribute(customer_id: Any) -> ReattributeCall:
    return ReattributeCall(call_id=SUBJECT, customer_id=customer_id, at=after(minutes=7))


def held(seconds: float, **more: Any) -> Fact:
    return call_step(Call.Held, after(seconds=seconds), **{"agent": "bob", **more})


def resumed(seconds: float, hold_seconds: int | None, **more: Any) -> Fact:
    return call_step(
        Call.Resumed, after(seconds=seconds), agent="bob", hold_seconds=hold_seconds, **more
    )


def transferred(at: datetime, seconds: int | None, **more: Any) -> Fact:
    hands = {"from_agent": "bob", "to_agent": "eve", "seconds": seconds}
    return call_step(Call.Transferred, at, **{**hands, **more})


def talked(seconds: int | None, **more: Any) -> Fact:
    """The end of a call that bob took after ten seconds."""
    call = {
        "agent": "bob", "result": CallResult.ANSWERED, "seconds": seconds, "wait_seconds": 10,
        "needs_callback": False, "legs": (CallLeg("bob", seconds),),
    }  # fmt: skip
    return ended(**{**call, **more})


dispose = DispositionCall(call_id=SUBJECT, outcome="sold")
call_back = CompleteCallback(call_id=SUBJECT)
waive = WaiveCallback(call_id=SUBJECT, reason="a robot")
link = LinkCallToCase(call_id=SUBJECT, case_id=CASE)
unlink = UnlinkCallFromCase(call_id=SUBJECT, case_id=CASE)
retract = RetractCall(call_id=SUBJECT, reason="twice", at=after(minutes=9))

RINGING = (rung(),)
TALKING = (*RINGING, answered())
ON_HOLD = (*TALKING, held(40))
ENDED = (*TALKING, talked(90))
MISSED = (*RINGING, ended())
RETRACTED = (recorded_call(), counted(Call.Retracted, reason="twice"))


# A call in progress.


def test_a_call_begins_to_ring_with_its_number_sealed() -> None:
    given(registered()).when(
        start(customer_id=ANN, phone="+43 1 234", type="hotline", line="mobile")
    ).then(rung(customer_id=ANN, phone="+43 1 234", type="hotline", line="mobile"))


def test_a_call_is_known_by_its_id() -> None:
    given(*RINGING).when(start()).then_refused("call.exists")
    given(*RINGING).when(record()).then_refused("call.exists")


def test_whoever_takes_a_call_says_how_long_it_rang() -> None:
    given(*RINGING).when(answer(10)).then(answered(10))


def test_a_call_that_was_talked_through_comes_to_its_length() -> None:
    given(*TALKING).when(end(100, summary="Wants a pump.")).then(
        talked(90, summary="Wants a pump.")
    )


def test_time_on_hold_is_not_talked() -> None:
    given(*TALKING, held(40)).when(resume(60)).then(resumed(60, 20))
    once = (*TALKING, held(40), resumed(60, 20))
    given(*once, held(70)).when(resume(75)).then(resumed(75, 25))
    given(*once).when(end(100)).then(talked(70, hold_seconds=20, legs=(CallLeg("bob", 90),)))


def test_who_hangs_up_on_hold_was_held_to_the_end() -> None:
    given(*ON_HOLD).when(end(100)).then(talked(30, hold_seconds=60, legs=(CallLeg("bob", 90),)))


def test_talking_and_holding_are_never_more_than_the_call_took() -> None:
    twisted = (*TALKING, held(10), resumed(20, 5_000))
    given(*twisted).when(end(100)).then(talked(0, hold_seconds=90, legs=(CallLeg("bob", 90),)))


def test_a_transfer_keeps_the_call_and_tells_its_legs() -> None:
    given(*TALKING).when(transfer(40)).then(transferred(after(seconds=40), 30))
    handed = transferred(after(seconds=40), 30)
    given(*TALKING, handed).when(end(100)).then(
        talked(90, agent="eve", legs=(CallLeg("bob", 30), CallLeg("eve", 60)))
    )


def test_a_call_on_hold_can_be_handed_on() -> None:
    given(*ON_HOLD).when(transfer(50)).then(transferred(after(seconds=50), 40))


def test_a_call_is_not_handed_on_for_ever() -> None:
    hands = [
        transferred(after(seconds=20), 0, from_agent=f"a{n}", to_agent=f"a{n + 1}")
        for n in range(LEGS_MAX - 1)
    ]
    given(*TALKING, *hands[:-1]).when(transfer(30)).then_found()
    given(*TALKING, *hands).when(transfer(30)).then_refused("call.too_many_legs")


def test_times_that_are_not_known_have_no_length() -> None:
    vague = {"at_precision": Precision.DAY}
    given(*RINGING).when(
        AnswerCall(call_id=SUBJECT, agent="bob", at=after(seconds=10), at_precision=Precision.DAY)
    ).then(answered(10, wait_seconds=None, **vague))
    given(*RINGING, answered(10, wait_seconds=None, **vague)).when(end(100)).then(
        talked(None, wait_seconds=None)
    )
    given(*TALKING, held(40, **vague)).when(resume(60)).then(resumed(60, None))
    given(*TALKING, held(40), resumed(60, None)).when(end(100)).then(
        talked(None, hold_seconds=None, legs=(CallLeg("bob", 90),))
    )


@pytest.mark.parametrize(
    ("facts", "command"),
    [
        (TALKING, answer(5)),
        (TALKING, hold(5)),
        (ON_HOLD, resume(30)),
        (TALKING, transfer(5)),
        (TALKING, end(5)),
        (RINGING, end(-1)),
    ],
)
def test_nothing_happens_before_what_is_known(facts: tuple[Fact, ...], command: Command) -> None:
    if isinstance(command, AnswerCall):
        facts, command = RINGING, answer(-1)
    given(*facts).when(command).then_refused("call.out_of_order")
    in_history(*facts).when(command).then_found("call.out_of_order")


def test_a_time_that_is_not_known_makes_nobody_forget_one_that_is() -> None:
    some_day = answered(10, wait_seconds=None, at_precision=Precision.UNKNOWN)
    given(*RINGING, some_day).when(end(-1)).then_refused("call.out_of_order")


# Its end.


@pytest.mark.parametrize(
    ("direction", "result"),
    [
        (Direction.INBOUND, CallResult.MISSED),
        (Direction.OUTBOUND, CallResult.NO_ANSWER),
        (Direction.INTERNAL, CallResult.NO_ANSWER),
    ],
)
def test_a_call_nobody_took_was_missed_or_not_answered(
    direction: Direction, result: CallResult
) -> None:
    is_missed = direction is Direction.INBOUND
    given(rung(direction)).when(end(60)).then(
        ended(direction=direction, result=result, needs_callback=is_missed)
    )


def test_no_answer_to_somebody_who_called_us_is_a_miss() -> None:
    given(*RINGING).when(end(60, CallResult.NO_ANSWER)).then(ended(result=CallResult.NO_ANSWER))
    given(*RINGING).when(end(60, CallResult.BUSY)).then(
        ended(result=CallResult.BUSY, needs_callback=False)
    )


def test_nobody_answered_a_call_that_nobody_took() -> None:
    given(*RINGING).when(end(60, CallResult.ANSWERED)).then_refused("call.unanswered")
    in_history(*RINGING).when(end(60, CallResult.ANSWERED)).then_found("call.unanswered")


@pytest.mark.parametrize("result", sorted(UNANSWERED))
def test_nobody_missed_a_call_that_was_taken(result: CallResult) -> None:
    given(*TALKING).when(end(100, result)).then_refused("call.answered")
    in_history(*TALKING).when(end(100, result)).then_found("call.answered")


# After the fact.


def test_a_call_of_history_needs_nothing_but_its_id() -> None:
    in_history().when(record()).then(recorded_call()).with_findings()


def test_a_call_of_history_keeps_the_words_of_its_source() -> None:
    in_history().when(
        record(
            customer_id=ANN, agent="Yara Edwards", direction=Direction.OUTBOUND, type="Outbound",
            outcome="Attended Dialled", seconds=170, attempts=3, line="cellular", source="zoho",
            source_id="5805028000000768001", summary="Wants a pump.", wait_seconds=9,
            hold_seconds=1,
        )
    ).then(
        recorded_call(
            customer_id=ANN, agent="Yara Edwards", direction=Direction.OUTBOUND, type="Outbound",
            outcome="Attended Dialled", result=CallResult.ANSWERED, seconds=170, attempts=3,
            line="cellular", source="zoho", source_id="5805028000000768001",
            summary="Wants a pump.", wait_seconds=9, hold_seconds=1,
        )
    ).with_findings()  # fmt: skip


@pytest.mark.parametrize("seconds", [0, None])
def test_what_came_of_a_call_without_a_length_is_unknown(seconds: int | None) -> None:
    in_history().when(record(seconds=seconds)).then(recorded_call(seconds=seconds))


def test_two_equal_calls_are_two_calls() -> None:
    in_history(recorded_call(on=NOBODY)).when(record()).then(recorded_call())


def test_a_missed_call_lasted_no_time() -> None:
    odd = record(result=CallResult.MISSED, seconds=5)
    given().when(odd).then_refused("call.talked_unanswered")
    in_history().when(odd).then_found("call.talked_unanswered")
    given().when(record(result=CallResult.MISSED, seconds=0)).then_found()


@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize("result", list(CallResult))
def test_only_who_called_us_in_vain_is_to_be_called_back(
    direction: Direction, result: CallResult
) -> None:
    is_miss = direction is Direction.INBOUND and result in {"missed", "no_answer"}
    given().when(record(direction=direction, result=result)).then(
        recorded_call(direction=direction, result=result, needs_callback=is_miss)
    )


def test_a_customer_must_be_known_unless_it_is_history() -> None:
    for command in (start(customer_id=ANN), record(customer_id=ANN)):
        given().when(command).then_refused("customer.unknown")
        in_history().when(command).then_found()


# Calling back.


def test_a_missed_call_is_called_back_by_a_call() -> None:
    given(*MISSED, recorded_call(on=NOBODY)).when(
        CompleteCallback(call_id=SUBJECT, by_call_id=NOBODY)
    ).then(fact(Call.CallbackDone, customer_id=None, by_call_id=NOBODY))


def test_a_missed_call_is_let_go_with_a_reason() -> None:
    given(*MISSED).when(waive).then(fact(Call.CallbackWaived, customer_id=None, reason="a robot"))


def test_a_callback_is_a_call_that_is_there_and_another_one() -> None:
    given(*MISSED).when(CompleteCallback(call_id=SUBJECT, by_call_id=NOBODY)).then_refused(
        "call.unknown"
    )
    given(*MISSED).when(CompleteCallback(call_id=SUBJECT, by_call_id=SUBJECT)).then_refused(
        "call.own_callback"
    )


DONE = (*MISSED, fact(Call.CallbackDone, customer_id=None, by_call_id=None))
WAIVED = (*MISSED, fact(Call.CallbackWaived, customer_id=None, reason="a robot"))


@pytest.mark.parametrize(
    ("facts", "command"),
    [(ENDED, call_back), (ENDED, waive), (DONE, waive), (WAIVED, call_back), (RINGING, waive)],
)
def test_nobody_is_called_back_who_does_not_wait_for_it(
    facts: tuple[Fact, ...], command: Command
) -> None:
    given(*facts).when(command).then_refused("call.no_callback")
    in_history(*facts).when(command).then_found("call.no_callback")


# What it was about, and with whom.


def test_a_disposition_says_what_it_was_before() -> None:
    given(recorded_call(outcome="open")).when(dispose).then(
        counted(Call.Dispositioned, outcome="open", from_outcome="open", to_outcome="sold")
    )


def test_history_links_a_call_to_any_number_of_cases() -> None:
    in_history(recorded_call(case_id=OTHER_CASE)).when(link).then(
        fact(Call.LinkedToCase, customer_id=None, case_id=CASE)
    )
    linked = fact(Call.LinkedToCase, customer_id=None, case_id=CASE)
    in_history(recorded_call(), linked).when(unlink).then(
        fact(Call.UnlinkedFromCase, customer_id=None, case_id=CASE)
    )
    unlinked = fact(Call.UnlinkedFromCase, customer_id=None, case_id=CASE)
    in_history(recorded_call(), linked, unlinked).when(unlink).then_nothing()
    in_history(recorded_call(), linked, unlinked).when(link).then(linked)


def test_a_call_is_linked_to_a_case_that_is_there() -> None:
    given(recorded_call()).when(link).then_refused("case.unknown")
    given().when(record(case_id=CASE)).then_refused("case.unknown")
    in_history().when(record(case_id=CASE)).then(recorded_call(case_id=CASE)).with_findings()


def test_moving_to_another_customer_tells_both_what_is_moved() -> None:
    said = {"agent": "bob", "direction": Direction.OUTBOUND, "result": CallResult.ANSWERED}
    figures = {
        "seconds": 170, "wait_seconds": 9, "hold_seconds": 1, "attempts": 3, "line": "cellular",
        "type": "Outbound", "outcome": "sold",
    }  # fmt: skip
    call = recorded_call(customer_id=ANN, **said, **figures)
    given(registered(BOB), call).when(reattribute(BOB)).then(
        counted(Call.Reattributed, customer_id=BOB, from_customer_id=ANN, **said, **figures)
    )
    given(call).when(reattribute(None)).then(
        counted(Call.Reattributed, customer_id=None, from_customer_id=ANN, **said, **figures)
    )
    assert Call.Reattributed.SUBJECTS == ("customer_id", "from_customer_id")


def test_nothing_is_moved_to_a_customer_nobody_knows() -> None:
    given(recorded_call()).when(reattribute(NOBODY)).then_refused("customer.unknown")


def test_taking_back_a_miss_says_that_it_waited_for_a_callback() -> None:
    given(*MISSED).when(retract).then(
        counted(
            Call.Retracted, direction=Direction.INBOUND, result=CallResult.MISSED, seconds=0,
            wait_seconds=60, hold_seconds=0, callback=Callback.REQUIRED, reason="twice",
        )
    )  # fmt: skip


def test_taking_back_a_call_in_progress_says_so() -> None:
    given(*TALKING).when(retract).then(
        counted(
            Call.Retracted, state=CallState.IN_PROGRESS, agent="bob",
            direction=Direction.INBOUND, reason="twice",
        )
    )  # fmt: skip


# What is so, and what does not follow.


@pytest.mark.parametrize(
    ("facts", "command"),
    [
        (TALKING, answer(20)),
        (ON_HOLD, hold()),
        (TALKING, resume()),
        (TALKING, transfer(agent="bob")),
        (ENDED, end(200)),
        ((recorded_call(outcome="sold"),), dispose),
        (DONE, call_back),
        (WAIVED, waive),
        ((recorded_call(case_id=CASE),), unlink.model_copy(update={"case_id": OTHER_CASE})),
        ((recorded_call(),), reattribute(None)),
        (RETRACTED, retract),
    ],
)
def test_asking_for_what_is_so_records_nothing(facts: tuple[Fact, ...], command: Command) -> None:
    given(*facts).when(command).then_nothing()
    in_history(*facts).when(command).then_nothing()


@pytest.mark.parametrize(
    ("facts", "command", "code"),
    [
        *((RINGING, c, "call.ringing") for c in (hold(), resume(), transfer())),
        (TALKING, answer(agent="eve"), "call.in_progress"),
        (ON_HOLD, answer(60), "call.on_hold"),
        *((ENDED, c, "call.ended") for c in (answer(200), hold(200), resume(200), transfer(200))),
        *(
            (RETRACTED, c, "call.retracted")
            for c in (dispose, call_back, waive, reattribute(ANN), link)
        ),
        (
            (*RINGING, counted(Call.Retracted, state=CallState.RINGING, reason="twice")),
            end(60),
            "call.retracted",
        ),
    ],
)
def test_what_does_not_follow_is_refused_and_in_history_a_finding(
    facts: tuple[Fact, ...], command: Command, code: str
) -> None:
    if command is not link:
        given(registered(), *facts).when(command).then_refused(code)
    decided = in_history(*facts).when(command)
    if command in {call_back, waive}:
        decided.then_found(code, "call.no_callback")
    else:
        decided.then_found(code)


def test_no_call_goes_on_that_is_not_there() -> None:
    for command in (answer(), hold(), resume(), transfer(), end(), dispose, waive, retract):
        given().when(command).then_refused("call.not_found")
        in_history().when(command).then_refused("call.not_found")


def test_a_call_is_no_other_kind_of_thing() -> None:
    given(registered(SUBJECT)).when(start()).then_refused("id.of_other_kind")
    given(registered(SUBJECT)).when(answer()).then_refused("call.not_found")
