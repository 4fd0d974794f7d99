"""The writer process: one per log, reached over its socket, and killed without loss."""

from __future__ import annotations

import asyncio
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from uuid import UUID

import orjson
import pytest

import crm_es
from crm_es import bootstrap
from crm_es.application import digest
from crm_es.commands import REGISTRY
from crm_es.errors import Conflict, Invalid, Unavailable
from crm_es.interfaces.writer.remote import AsyncRemoteSubmitter, RemoteSubmitter
from crm_es.interfaces.writer.wire import pack_answers, pack_unit, unpack_answers, unpack_unit
from crm_es.log.attempt import Answer
from crm_es.log.envelope import Circumstances, Submission, new_id
from crm_es.log.failures import Failed
from crm_es.log.lock import WriterRunning
from crm_es.log.queue import DirectSubmitter, Submitter
from crm_es.settings import Settings
from world import World

WRITER = """
import sys
import crm_es
from crm_es import bootstrap
from crm_es.settings import Settings
sys.exit(not bootstrap.writer_process(Settings(data=sys.argv[1])))
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(data=tmp_path)
    bootstrap.init(settings)
    return settings


def start(settings: Settings) -> subprocess.Popen[bytes]:
    source = str(Path(crm_es.__file__).parents[1])
    writer = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", WRITER, str(settings.data)], env={"PYTHONPATH": source}
    )
    deadline = monotonic() + 20
    while not bootstrap.writer_socket(settings).exists():
        assert writer.poll() is None
        assert monotonic() < deadline
        sleep(0.02)
    return writer


@contextmanager
def running(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    writer = start(settings)
    try:
        yield writer
    finally:
        writer.terminate()
        assert writer.wait(20) == 0


def register(id: UUID | None = None, *, command_id: UUID | None = None) -> Submission:
    return submission("RegisterCustomer", command_id, customer_id=id or new_id(), name="Ann")


def rename(id: UUID, name: str) -> Submission:
    return submission("RenameCustomer", customer_id=id, name=name)


def submission(name: str, command_id: UUID | None = None, /, **body: Any) -> Submission:
    return Submission(command_id or new_id(), REGISTRY[name](**body), Circumstances("ann"))


def test_a_unit_comes_back_as_it_went(world: World) -> None:
    whence = Circumstances("ann", "bea", new_id(), new_id(), 3, new_id())
    command = REGISTRY["AddContactPoint"].model_validate_json(
        orjson.dumps(
            {
                "customer_id": new_id(), "contact_point_id": new_id(), "channel": "email",
                "value": "ann@example.org", "at": "2020-02-03T04:05:06.123456+07:00",
                "at_precision": "minute",
            }
        )
    )  # fmt: skip
    unit = [Submission(new_id(), command, whence, 7, digest(command)), register()]
    unit[1] = unit[1]._replace(digest=digest(unit[1].command))
    assert unpack_unit(pack_unit(unit)) == unit


def test_answers_come_back_as_they_went() -> None:
    answers: list[Answer] = [
        b'{"position":1}',
        Conflict("case.closed", "It is closed.", pointer="/case_id"),
        Unavailable("queue.full", "Later."),
        Failed("KeyError"),
    ]
    found = unpack_answers(pack_answers(answers))
    assert found[0] == answers[0]
    for sent, received in zip(answers[1:], found[1:], strict=True):
        assert type(sent) is type(received)
        assert str(sent) == str(received)
    assert isinstance(found[1], Conflict)
    assert (found[1].code, found[1].pointer) == ("case.closed", "/case_id")


def test_without_a_writer_a_command_line_is_its_own(settings: Settings) -> None:
    submitter = bootstrap.open_submitter(settings)
    assert isinstance(submitter, DirectSubmitter)
    check_units(submitter)
    submitter.close()


def test_with_a_writer_everyone_goes_through_its_socket(settings: Settings) -> None:
    with running(settings):
        submitter = bootstrap.open_submitter(settings)
        assert isinstance(submitter, RemoteSubmitter)
        check_units(submitter)
        submitter.close()


def check_units(submitter: Submitter) -> None:
    """Each unit is recorded whole or not at all, and answers come in order."""
    ann, bea = new_id(), new_id()
    repeated = register(ann)
    answers = submitter.submit(
        [
            [repeated, rename(ann, "Anna")],
            [register(bea), register(ann)],
            [register(bea), rename(bea, "Beate"), repeated],
        ]
    )
    receipts = [orjson.loads(answer) for answer in answers[0] if isinstance(answer, bytes)]
    assert [receipt["position"] for receipt in receipts] == [1, 2]
    assert [type(answer) for answer in answers[1]] == [Conflict, Conflict]
    assert all(isinstance(answer, bytes) for answer in answers[2])
    assert answers[2][2] == answers[0][0]


def test_a_second_writer_is_refused_and_told_of_the_first(settings: Settings) -> None:
    with running(settings) as writer:
        with pytest.raises(WriterRunning, match=f"Process {writer.pid} is already the writer"):
            bootstrap.OwnCrm(settings)
        second = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-c", WRITER, str(settings.data)],
            env={"PYTHONPATH": str(Path(crm_es.__file__).parents[1])},
            capture_output=True, timeout=30, check=False,
        )  # fmt: skip
        assert second.returncode != 0
        assert str(writer.pid) in second.stderr.decode()
        assert writer.poll() is None
    bootstrap.OwnCrm(settings).close()


def test_a_unit_of_another_release_is_refused_not_fatal(settings: Settings) -> None:
    strange = register()
    unknown = pack_unit([strange]).replace(b"RegisterCustomer", b"RegisterCustomeX")
    with running(settings):
        submitter = RemoteSubmitter(bootstrap.writer_socket(settings))
        ((answer,),) = [unpack_answers(a) for a in submitter._line.exchange([unknown])]
        assert isinstance(answer, Invalid)
        assert answer.code == "command.unreadable"
        assert isinstance(submitter.submit([[strange]])[0][0], bytes)
        submitter.close()


def test_nobody_answers_for_a_writer_that_is_not_there(settings: Settings) -> None:
    submitter = RemoteSubmitter(bootstrap.writer_socket(settings))
    submitter._line._patience = 0.2
    ((answer,),) = submitter.submit([[register()]])
    assert isinstance(answer, Unavailable)
    assert answer.code == "writer.silent"


def test_killed_again_and_again_the_writer_loses_and_doubles_nothing(settings: Settings) -> None:
    """Clients go on through every kill: each command takes effect once, each receipt is true."""
    kills, chance = 4, random.Random(7)

    async def client(submitter: AsyncRemoteSubmitter, stop: asyncio.Event) -> list[bytes]:
        receipts: list[bytes] = []
        while not stop.is_set():
            ((answer,),) = await submitter.submit([[register()]])
            assert isinstance(answer, bytes), answer
            receipts.append(answer)
        return receipts

    async def scene() -> list[bytes]:
        writer = await asyncio.to_thread(start, settings)
        submitter, stop = AsyncRemoteSubmitter(bootstrap.writer_socket(settings)), asyncio.Event()
        clients = [asyncio.create_task(client(submitter, stop)) for _ in range(8)]
        for _ in range(kills):
            await asyncio.sleep(chance.uniform(0.2, 0.5))
            writer.send_signal(signal.SIGKILL)
            await asyncio.to_thread(writer.wait)
            bootstrap.writer_socket(settings).unlink()
            writer = await asyncio.to_thread(start, settings)
        await asyncio.sleep(0.2)
        stop.set()
        receipts = [receipt for some in await asyncio.gather(*clients) for receipt in some]
        await submitter.close()
        writer.terminate()
        assert await asyncio.to_thread(writer.wait) == 0
        return receipts

    receipts = asyncio.run(scene())
    assert len(receipts) > kills * 8
    log = bootstrap.open_log(settings)
    stored = {record.position: record for record in log.read(0, 1_000_000)}
    assert len(stored) == len(receipts)
    for receipt in map(orjson.loads, receipts):
        record = stored[receipt["position"]]
        assert str(UUID(bytes=record.command_id)) == receipt["command_id"]
        assert str(UUID(bytes=record.stream_id)) == receipt["stream_id"]
    log.close()
