"""Imports: begun, reported, failed and run again, given up, taken back."""

from __future__ import annotations

import itertools
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st
from pydantic import ValidationError

from crm_es.aggregates.base import personal_fields
from crm_es.aggregates.platform.import_batch import (
    FileReport,
    ImportBatch,
    ImportState,
    Kept,
    SourceFile,
)
from crm_es.commands.base import Command
from crm_es.commands.platform.import_batch import (
    AbandonImport,
    CommitImport,
    FailImport,
    FileReportBody,
    FinishRevert,
    KeptBody,
    RevertImport,
    SourceFileBody,
    StartImport,
)
from crm_es.errors import Refused
from play import Play
from scenario import SUBJECT, Fact, Given, TestDesk, fact, given, in_history

I = ImportState  # noqa: E741 - as the machine is written down
MAPPING, FIRST, SECOND = "a" * 64, "b" * 64, "c" * 64
ANN, EVENT = UUID(int=21), UUID(int=51)
REPORT = {
    "units": 4, "rows": 6, "used": 3, "skipped": {"blank": 1}, "rejected": {"cell.number": 2},
    "commands": {"RecordCall": 3}, "known": {"skipped": 1}, "findings": {"call.x": 1},
    "seconds": 7,
}  # fmt: skip


def start(**more: Any) -> StartImport:
    body = {
        "import_id": SUBJECT, "mapping": "calls", "mapping_sha256": MAPPING,
        "files": [
            SourceFileBody(role="calls", name="Ann Smith.csv", sha256=FIRST),
            SourceFileBody(role="calls", name="more.csv", sha256=SECOND),
        ],
    }  # fmt: skip
    return StartImport(**{**body, **more})


def commit(**more: Any) -> CommitImport:
    profile = FileReportBody(
        role="calls", rows=6, columns=["id", "seconds"], blanks={"seconds": 2}, duplicates=1
    )
    return CommitImport(**{"import_id": SUBJECT, "files": [profile], **REPORT, **more})


fail = FailImport(import_id=SUBJECT, code="file.header_column", detail="No column 'Id'", units=2)
abandon = AbandonImport(import_id=SUBJECT, reason="wrong file")
revert = RevertImport(import_id=SUBJECT, reason="wrong mapping")
finish = FinishRevert(
    import_id=SUBJECT, taken_back={"call": 2}, kept={"customer": 1},
    listed=[KeptBody(kind="customer", stream_id=ANN, code="touched", touched_by=EVENT)],
)  # fmt: skip


def started(**more: Any) -> Fact:
    facts = {
        "from_state": None, "to_state": I.STARTED, "mapping": "calls", "mapping_sha256": MAPPING,
        "files": (SourceFile("calls", FIRST), SourceFile("calls", SECOND)),
        "file_names": {"1": "Ann Smith.csv", "2": "more.csv"}, "is_history": True,
    }  # fmt: skip
    return fact(ImportBatch.Started, **{**facts, **more})


def moved(kind: type[Any], was: I, now: I, /, **more: Any) -> Fact:
    return fact(kind, from_state=was, to_state=now, **more)


def committed(**more: Any) -> Fact:
    profile = FileReport("calls", 6, ("id", "seconds"), {"seconds": 2}, 1)
    return moved(
        ImportBatch.Committed, I.STARTED, I.COMMITTED, **{"files": (profile,), **REPORT, **more}
    )


FAILED = moved(
    ImportBatch.Failed, I.STARTED, I.FAILED, code="file.header_column", detail="No column 'Id'",
    units=2,
)  # fmt: skip
ABANDONED = moved(ImportBatch.Abandoned, I.STARTED, I.ABANDONED, reason="wrong file")


def reverting(was: I) -> Fact:
    return moved(ImportBatch.RevertStarted, was, I.REVERTING, reason="wrong mapping")


REVERTED = moved(
    ImportBatch.Reverted, I.REVERTING, I.REVERTED, taken_back={"call": 2}, kept={"customer": 1},
    listed=(Kept("customer", ANN, "touched", EVENT),),
)  # fmt: skip

STATES: dict[ImportState, tuple[Fact, ...]] = {
    I.STARTED: (started(),),
    I.COMMITTED: (started(), committed()),
    I.FAILED: (started(), FAILED),
    I.ABANDONED: (started(), ABANDONED),
    I.REVERTING: (started(), committed(), reverting(I.COMMITTED)),
    I.REVERTED: (started(), committed(), reverting(I.COMMITTED), REVERTED),
}


def test_an_import_tells_its_mapping_and_its_files_and_seals_their_names() -> None:
    given().when(start()).then(started())
    assert personal_fields(ImportBatch.Started) == ("file_names",)
    assert personal_fields(ImportBatch.Failed) == ("detail",)


def test_an_import_is_nobodys_story() -> None:
    assert [kind for kind in ImportBatch.events() if kind.SUBJECTS] == []


def test_an_id_stands_for_one_mapping() -> None:
    given(started()).when(start(mapping_sha256=SECOND)).then_refused("import.other_mapping")


def test_an_import_reports_what_became_of_every_row() -> None:
    given(started()).when(commit()).then(committed())


@pytest.mark.parametrize("change", [{"rows": 7}, {"used": 2}, {"skipped": {}}, {"rejected": {}}])
def test_no_row_is_left_unaccounted_for(change: dict[str, Any]) -> None:
    given(started()).when(commit(**change)).then_refused("import.unaccounted")
    in_history(started()).when(commit(**change)).then_refused("import.unaccounted")


ASK: dict[str, tuple[Command, dict[ImportState, ImportState | str | None]]] = {
    "start": (start(), {
        I.STARTED: None, I.COMMITTED: None, I.FAILED: I.STARTED, I.ABANDONED: I.STARTED,
        I.REVERTING: "import.reverted", I.REVERTED: "import.reverted",
    }),
    "commit": (commit(), {
        I.STARTED: I.COMMITTED, I.COMMITTED: None, I.FAILED: "import.not_running",
        I.ABANDONED: "import.not_running", I.REVERTING: "import.reverted",
        I.REVERTED: "import.reverted",
    }),
    "fail": (fail, {
        I.STARTED: I.FAILED, I.COMMITTED: "import.not_running", I.FAILED: None,
        I.ABANDONED: "import.not_running", I.REVERTING: "import.reverted",
        I.REVERTED: "import.reverted",
    }),
    "abandon": (abandon, {
        I.STARTED: I.ABANDONED, I.COMMITTED: "import.not_running", I.FAILED: I.ABANDONED,
        I.ABANDONED: None, I.REVERTING: "import.not_running", I.REVERTED: "import.not_running",
    }),
    "revert": (revert, {
        I.STARTED: I.REVERTING, I.COMMITTED: I.REVERTING, I.FAILED: I.REVERTING,
        I.ABANDONED: I.REVERTING, I.REVERTING: None, I.REVERTED: None,
    }),
    "finish": (finish, {
        I.STARTED: "import.not_reverting", I.COMMITTED: "import.not_reverting",
        I.FAILED: "import.not_reverting", I.ABANDONED: "import.not_reverting",
        I.REVERTING: I.REVERTED, I.REVERTED: None,
    }),
}  # fmt: skip
STEPS = [
    pytest.param(state, command, expected[state], id=f"{name} when {state}")
    for name, (command, expected) in ASK.items()
    for state in ImportState
]


@pytest.mark.parametrize(("state", "command", "there"), STEPS)
def test_a_step_is_taken_refused_or_there_is_nothing_to_do(
    state: ImportState, command: Command, there: ImportState | str | None
) -> None:
    desk = TestDesk(Given(STATES[state]), command)
    if there is not None and not isinstance(there, ImportState):
        with pytest.raises(Refused) as refusal:
            command.decide(desk)
        assert refusal.value.code == there
        return
    command.decide(desk)
    told = [(event.from_state, event.to_state) for _, event in desk.recorded]
    assert told == ([] if there is None else [(state, there)])


@pytest.mark.parametrize("command", [commit(), fail, abandon, revert, finish])
def test_nothing_is_told_of_an_import_nobody_started(command: Command) -> None:
    given().when(command).then_refused("import.not_found")


def test_a_failure_says_why_and_how_far_it_came() -> None:
    given(started()).when(fail).then(FAILED)


def test_a_revert_reports_what_it_took_back_and_lists_what_it_kept() -> None:
    facts = (started(), committed())
    given(*facts).when(revert).then(reverting(I.COMMITTED))
    given(*facts, reverting(I.COMMITTED)).when(finish).then(REVERTED)


def test_an_interrupted_import_can_be_taken_back_as_far_as_it_came() -> None:
    given(started()).when(revert).then(reverting(I.STARTED))
    given(started(), FAILED).when(revert).then(reverting(I.FAILED))


@pytest.mark.parametrize("digest", ["", "a" * 63, "A" * 64, "g" * 64])
def test_a_digest_is_64_small_hexadecimal_digits(digest: str) -> None:
    with pytest.raises(ValidationError):
        start(mapping_sha256=digest)


def test_a_report_lists_so_many_that_were_kept() -> None:
    one = KeptBody(kind="call", stream_id=ANN, code="touched", touched_by=EVENT)
    with pytest.raises(ValidationError):
        FinishRevert(import_id=SUBJECT, listed=[one] * 1_001)


_ASKED = st.lists(st.sampled_from([command for command, _ in ASK.values()]), max_size=12)


@for_all(_ASKED, st.booleans())
@settings(max_examples=200, deadline=None)
def test_asking_anything_of_an_import_is_answered_or_refused(asked: Any, is_history: Any) -> None:
    play = Play(is_history=is_history)
    for command in asked:
        if not isinstance(play.decide(command), str):
            assert play.decide(command) == []
    for events in play.events.values():
        for before, event in itertools.pairwise(events):
            assert event.from_state is before.to_state
        last = [n for n, event in enumerate(events) if event.to_state is I.REVERTED]
        assert is_history or last in ([], [len(events) - 1])
