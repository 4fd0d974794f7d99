"""P1: when the power goes, everything acknowledged is there, though unsynced sectors are not.

The same writer with ``synchronous=NORMAL`` does lose what it acknowledged: the test can see a loss.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from random import Random
from uuid import UUID

import pytest

from crash.test_writer import HERE, SOURCE, losses

ROUNDS = int(os.environ.get("CRM_ES_CRASH_ROUNDS", "10"))
WRITES = (30, 600)
"""Between which of its writes the writer loses power."""


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        if os.environ.get("CI"):
            pytest.fail("a C compiler is needed to build the power loss shim")
        pytest.skip("there is no C compiler to build the power loss shim with")
    library = tmp_path_factory.mktemp("shim") / "powerloss.so"
    source = HERE / "powerloss.c"
    command = [compiler, "-O1", "-shared", "-fPIC", "-o", library, source, "-ldl", "-lpthread"]
    subprocess.run(list(map(str, command)), check=True)  # noqa: S603 - our own source
    return library


def lose_power(shim: Path, folder: Path, seed: int, **more: str) -> list[tuple[UUID, int]]:
    """Run a writer until the power goes. What it had acknowledged by then."""
    random = Random(seed)
    folder.mkdir()
    acked = folder.parent / f"{folder.name}.acked"
    with acked.open("w") as out:
        subprocess.run(  # noqa: S603 - our own program
            [sys.executable, str(HERE / "writer_under_test.py"), str(folder), str(seed)],
            stdout=out,
            check=False,
            timeout=60,
            env={
                **os.environ, **more, "PYTHONPATH": str(SOURCE), "LD_PRELOAD": str(shim),
                "POWERLOSS_DIR": str(folder), "POWERLOSS_AT": str(random.randint(*WRITES)),
                "POWERLOSS_KEEP": str(random.choice((0, 100, 500, 900))),
                "POWERLOSS_SEED": str(seed),
            },
        )  # fmt: skip
    whole = acked.read_text().rpartition("\n")[0].splitlines()
    return [(UUID(line.split()[0]), int(line.split()[1])) for line in whole]


def test_nothing_acknowledged_is_lost_with_the_power(shim: Path, tmp_path: Path) -> None:
    acknowledged = 0
    for seed in range(ROUNDS):
        folder = tmp_path / str(seed)
        acked = lose_power(shim, folder, seed)
        acknowledged += len(acked)
        assert not losses(folder, acked)
    assert acknowledged > ROUNDS


def test_a_writer_that_does_not_sync_is_caught(shim: Path, tmp_path: Path) -> None:
    caught = 0
    for seed in range(ROUNDS):
        folder = tmp_path / str(seed)
        acked = lose_power(shim, folder, seed, CONTROL="1")
        try:
            caught += bool(losses(folder, acked))
        except Exception:  # noqa: BLE001 - a log that cannot even be read is a loss too
            caught += 1
    assert caught > 0
