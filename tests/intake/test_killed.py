"""An import is killed with -9 whenever and run again: it ends as one clean run ends."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from random import Random
from time import monotonic, sleep

from importing import rejects_in, told
from world import World

HERE = Path(__file__).parent
SOURCE = Path(__file__).parents[2] / "src"
KILLS = int(os.environ.get("CRM_ES_CRASH_ROUNDS", "5"))

MAPPING = """
name = "shop"
[files.lines]
match = "lines.csv"
[[rows]]
from = "lines"
once = ["customer"]
repeats = "ignore"
[[rows.do]]
command = "RegisterCustomer"
customer_id = { id = ["customer", "{customer}"] }
name = { text = "Customer {customer}" }
at = { column = "at", time = "iso" }
[[rows]]
from = "lines"
[[rows.do]]
command = "CancelOrder"
order_id = { id = ["order", "{after}"] }
reason = { const = "wrong" }
at = { column = "at", time = "iso" }
when = { after = { present = true } }
[[rows.do]]
command = "RegisterProduct"
product_id = { id = ["product", "{sku}", "{order}"] }
sku = { text = "{sku}-{order}" }
at = { column = "at", time = "iso" }
[[rows]]
from = "lines"
group = ["order"]
[[rows.do]]
command = "PlaceOrder"
order_id = { id = ["order", "{order}"] }
customer_id = { id = ["customer", "{customer}"] }
at = { column = "at", time = "iso" }
[rows.do.lines.each]
sku = "sku"
quantity = { column = "quantity", number = "decimal", required = true }
amount = { column = "amount", number = "decimal", required = true }
"""
"""Every seventh row cancels an order that only a later rule places: refused in one clean run."""


def lines(orders: int) -> str:
    random = Random(5)
    rows = ["order,customer,sku,quantity,amount,at,after"]
    for n in range(orders):
        for sku in "abc"[: 1 + n % 3]:
            quantity = "x" if n % 50 == 49 and sku == "a" else str(random.randint(-1, 5))
            after = str(n) if n % 7 == 0 and sku == "a" else ""
            rows.append(f"{n},{n % 97},{sku},{quantity},{n % 13},2024-01-01,{after}")
    return "\n".join(rows) + "\n"


def start(world: Path, mapping: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, str(HERE / "importer_under_test.py"), str(world), str(mapping)],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
    )


def events_in(world: Path) -> int:
    try:
        db = sqlite3.connect(f"file:{world / 'log.sqlite'}?mode=ro", uri=True)
        return int(db.execute("select ifnull(max(position), 0) from event").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def killed_at(world: Path, mapping: Path, position: int) -> bool:
    """Run until the log has so many events, then kill. False if it came to its end."""
    process = start(world, mapping)
    deadline = monotonic() + 60
    while process.poll() is None and events_in(world) < position:
        assert monotonic() < deadline
        sleep(0.002)
    process.kill()
    return process.wait() != 0


def test_a_killed_import_run_again_ends_as_one_clean_run(tmp_path: Path) -> None:
    (tmp_path / "lines.csv").write_text(lines(3_000))
    mapping = tmp_path / "shop.toml"
    mapping.write_text(MAPPING)
    clean, broken = tmp_path / "clean", tmp_path / "broken"
    clean.mkdir()
    broken.mkdir()
    assert start(clean, mapping).wait() == 0
    whole, random = events_in(clean), Random(7)
    kills = sum(
        killed_at(broken, mapping, at)
        for at in sorted(random.randint(1, whole - 600) for _ in range(KILLS))
    )
    assert kills == KILLS
    assert start(broken, mapping).wait() == 0
    one, other = World(clean), World(broken)
    assert told(one) == told(other)
    (first,), (second,) = clean.glob("imports/*.csv"), broken.glob("imports/*.csv")
    assert rejects_in(first) == rejects_in(second)
    assert len({reject["code"] for reject in rejects_in(first)}) >= 3
    assert [path.suffix for path in (broken / "imports").iterdir()] == [".csv"], "nothing is left"
    one.close()
    other.close()
