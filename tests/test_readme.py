"""The README keeps its word: the commands of its tour run as they stand, and its links lead on."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(section: str) -> list[str]:
    """The shell of one section."""
    text = README.split(f"## {section}\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"```sh\n(.*?)```", text, re.DOTALL)


@pytest.mark.slow
def test_the_tour_runs_as_it_stands(tmp_path: Path) -> None:
    tour = blocks("A tour")
    assert tour
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(  # noqa: S603 - our own README
        ["bash", "-euo", "pipefail", "-c", "\n".join(tour)],  # noqa: S607 - whichever bash it is
        cwd=tmp_path, env={"PATH": path, "HOME": str(tmp_path), "COLUMNS": "120"},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for told in ("Ada Blanc", "Inbound call", "are what the log says", "customer.registered"):
        assert told in done.stdout


def test_what_it_tells_to_make_can_be_made() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    told = set(re.findall(r"\bmake ([a-z-]+)", README))
    assert {"run", "check"} <= told <= targets


def test_its_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert links
    absent = [link for link in links if "://" not in link and not (ROOT / link).exists()]
    assert not absent


def test_every_folder_of_its_map_is_there() -> None:
    folders = re.findall(r"^\| `(src/[^`]+)`", README, re.MULTILINE)
    assert folders
    assert all((ROOT / folder).exists() for folder in folders)


def test_every_target_of_the_makefile_says_what_it_does() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    for target in phony.split():
        assert re.search(rf"^{target}:.*## \S", makefile, re.MULTILINE), target
