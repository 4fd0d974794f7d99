"""Frames: cut anywhere they come out whole, and nonsense is refused."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_es.log.frames import FRAME_SIZE_MAX, BadFrame, Frame, Unpacker, pack, socket_path

frames = st.lists(st.tuples(st.integers(0, 2**32 - 1), st.lists(st.binary(max_size=50))))


@given(frames, st.integers(1, 40))
def test_frames_come_out_as_they_went_in(sent: list[tuple[int, list[bytes]]], step: int) -> None:
    stream = b"".join(pack(number, payloads) for number, payloads in sent)
    unpacker, received = Unpacker(), list[Frame]()
    for start in range(0, len(stream), step):
        received += unpacker.feed(stream[start : start + step])
    assert received == [Frame(number, payloads) for number, payloads in sent]


@pytest.mark.parametrize(
    "nonsense",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        struct.pack("<II", FRAME_SIZE_MAX + 1, 1),
        struct.pack("<II", 3, 1),
        struct.pack("<III", 8, 1, 500),
        struct.pack("<II", 6, 1) + b"xx",
    ],
)
def test_nonsense_is_no_frame(nonsense: bytes) -> None:
    with pytest.raises(BadFrame):
        list(Unpacker().feed(nonsense))


def test_a_folder_with_a_long_name_still_has_a_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 120)
    deep.mkdir()
    path = socket_path(deep, "writer.sock")
    assert len(str(path)) < 100
    assert path == socket_path(deep, "writer.sock")
    assert path != socket_path(deep, "facts.sock")
    assert path.parent.stat().st_mode & 0o077 == 0
