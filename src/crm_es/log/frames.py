"""Frames on the writer's socket: a number, and some payloads that travel together.

A frame is u32 size of what follows, u32 number, then for each payload u32 size and its bytes, all
little-endian. An answer bears its request's number and as many payloads.
"""

from __future__ import annotations

import os
import struct
import tempfile
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

FRAME_SIZE_MAX = 64 * 1024 * 1024
_HEAD, _SIZE = struct.Struct("<II"), struct.Struct("<I")
_SOCKET_PATH_MAX = 100
"""The kernel's limit is 108 bytes here and 104 elsewhere."""


class BadFrame(Exception):  # noqa: N818 - reads as what happened
    """The other side does not speak this protocol, or sends more than is allowed."""


class Frame(NamedTuple):
    number: int
    payloads: list[bytes]


def pack(number: int, payloads: Iterable[bytes]) -> bytes:
    """Raises BadFrame when it would be larger than the other side takes."""
    parts = [b""]
    for payload in payloads:
        parts += (_SIZE.pack(len(payload)), payload)
    size = sum(map(len, parts)) + 4
    if size > FRAME_SIZE_MAX:
        raise BadFrame(f"A frame of {size} bytes; {FRAME_SIZE_MAX} are the limit.")
    parts[0] = _HEAD.pack(size, number)
    return b"".join(parts)


class Unpacker:
    """Bytes in, as they come; whole frames out."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, received: bytes) -> Iterator[Frame]:
        """Raises BadFrame, and then the connection is of no more use."""
        self._buffer += received
        buffer, start = self._buffer, 0
        while len(buffer) - start >= _HEAD.size:
            size, number = _HEAD.unpack_from(buffer, start)
            if not _SIZE.size <= size <= FRAME_SIZE_MAX:
                raise BadFrame(f"A frame of {size} bytes; {FRAME_SIZE_MAX} are the limit.")
            end = start + 4 + size
            if len(buffer) < end:
                break
            yield Frame(number, _payloads(bytes(buffer[start + _HEAD.size : end])))
            start = end
        del buffer[:start]


def _payloads(body: bytes) -> list[bytes]:
    found, start = [], 0
    while start < len(body):
        if start + 4 > len(body):
            raise BadFrame("A payload's size is cut off.")
        (size,) = _SIZE.unpack_from(body, start)
        start += 4 + size
        if start > len(body):
            raise BadFrame("A payload is cut off.")
        found.append(body[start - size : start])
    return found


def socket_path(folder: Path, name: str) -> Path:
    """Where a process that owns something in this folder listens.

    In the folder itself, or, where that path is too long for a socket, under a name derived from
    it in a folder of this user's own below the temporary one.
    """
    path = folder.resolve() / name
    if len(os.fsencode(path)) <= _SOCKET_PATH_MAX:
        return path
    private = Path(tempfile.gettempdir()) / f"crm-es-{os.getuid()}"
    private.mkdir(mode=0o700, exist_ok=True)
    found = private.lstat()
    if found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise PermissionError(f"{private} must belong to this user alone.")
    return private / f"{blake2b(os.fsencode(path), digest_size=12).hexdigest()}.sock"
