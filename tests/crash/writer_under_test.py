"""A writer that appends for ever and tells each acknowledged command on its standard output.

Every command is a customer with a rename and a contact point in one unit: three events, one
transaction. A line ``<command id> <position>`` is written only after the answer. While a batch is
committed the next is decided, as the writer does where commits are slow.
"""

import os
import sys
import threading
from pathlib import Path
from queue import SimpleQueue
from random import Random
from time import time_ns

import orjson

from crm_es.aggregates import EVENTS
from crm_es.application import Crm, Tenant
from crm_es.application.under_way import UnderWay
from crm_es.commands import REGISTRY
from crm_es.log.envelope import Circumstances, Submission, new_id
from crm_es.log.keys import KeyStore
from crm_es.log.sqlite import SQLiteLog

assert EVENTS
WHENCE = Circumstances("crash test")


def unit(random: Random) -> list[Submission]:
    customer = str(new_id())
    bodies = (
        ("RegisterCustomer", {"customer_id": customer, "name": "Ann"}),
        ("RenameCustomer", {"customer_id": customer, "name": "Anna"}),
        (
            "AddContactPoint",
            {"customer_id": customer, "contact_point_id": str(new_id()), "channel": "email",
             "value": f"{random.getrandbits(60)}@example.org"},
        ),
    )  # fmt: skip
    return [
        Submission(new_id(), REGISTRY[name].model_validate_json(orjson.dumps(body)), WHENCE)
        for name, body in bodies
    ]


def main(folder: Path, seed: int) -> None:
    random = Random(seed)
    log = SQLiteLog(folder / "log.sqlite")
    log.create_table()
    if os.environ.get("CONTROL"):  # a writer that promises what it does not keep
        log.db.execute("pragma synchronous=normal")
        log.check_durability = lambda: None  # type: ignore[method-assign]
    keys = KeyStore(folder / "keys.sqlite", bytes(32))
    crm = Crm(log, keys, tenant=Tenant(), clock=lambda: time_ns() // 1000)
    under_way: SimpleQueue[tuple[list[list[Submission]], UnderWay]] = SimpleQueue()

    def commit() -> None:
        while True:
            units, staged = under_way.get()
            for some, answers in zip(units, staged.commit(), strict=True):
                for submission, answer in zip(some, answers, strict=True):
                    position = orjson.loads(answer)["position"]  # type: ignore[arg-type]
                    sys.stdout.write(f"{submission.command_id} {position}\n")
            sys.stdout.flush()

    threading.Thread(target=commit, daemon=True).start()
    while True:
        units = [unit(random) for _ in range(random.randint(1, 5))]
        under_way.put((units, crm.stage(units)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
