"""The supervisor: parts start in order, come back when they fall, and stop backwards."""

from __future__ import annotations

import os
import signal
import textwrap
import threading
from pathlib import Path
from time import monotonic, sleep

import pytest

from crm_es.interfaces.supervisor import GaveUp, Part, Supervisor

PROGRAM = """
import pathlib, signal, sys, time
name, folder = sys.argv[1], pathlib.Path(sys.argv[2])
def end(*_):
    with (folder / "story").open("a") as story: story.write(f"{name} stopped\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
with (folder / "story").open("a") as story: story.write(f"{name} started\\n")
(folder / name).touch()
while True: time.sleep(0.01)
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "part_under_test.py").write_text(textwrap.dedent(PROGRAM))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


def part(name: str, folder: Path) -> Part:
    arguments = ["part_under_test", name, str(folder)]
    return Part(name, arguments, (folder / name).exists)


def until(condition: object, seconds: float = 10.0) -> None:
    end = monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert monotonic() < end
        sleep(0.01)


def test_parts_start_in_order_and_stop_backwards(module: Path) -> None:
    supervisor = Supervisor([part("log", module), part("api", module)])
    supervisor.run(supervisor.stop)
    story = (module / "story").read_text().splitlines()
    assert story == ["log started", "api started", "api stopped", "log stopped"]


def test_a_part_that_falls_comes_back(module: Path) -> None:
    parts = [part("log", module)]
    supervisor = Supervisor(parts)
    ready = threading.Event()
    thread = threading.Thread(target=supervisor.run, args=(ready.set,))
    thread.start()
    assert ready.wait(10)
    assert parts[0].process is not None
    os.kill(parts[0].process.pid, signal.SIGKILL)
    until(lambda: (module / "story").read_text().count("log started") == 2)
    supervisor.stop()
    thread.join(10)
    assert not thread.is_alive()


def test_a_part_that_cannot_start_ends_the_server(module: Path) -> None:
    broken = Part("broken", ["no_such_module_anywhere"], lambda: False)
    first = part("log", module)
    with pytest.raises(GaveUp):
        Supervisor([first, broken]).run(lambda: None)
    assert first.process is not None
    assert first.process.poll() == 0
