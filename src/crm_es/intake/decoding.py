"""Bytes to text, strictly: the encoding is said and never guessed, gz is unpacked within bounds."""

from __future__ import annotations

import codecs
import hashlib
import io
import zlib
from collections.abc import Iterator
from pathlib import Path

from crm_es.errors import Invalid
from crm_es.intake.hints import BOMS, hint
from crm_es.intake.limits import Limits

CHUNK_SIZE = 2**20
GZ_MAGIC = b"\x1f\x8b"
_RATIO_FREE = 2**20  # bytes; below that a high ratio harms nobody
_NO_TEXT_FILE_USES = {"idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined"}


class TextFile:
    """The text of one file in pieces, with every kind of line end turned into a line feed.

    Iterating raises Invalid for the whole file: what cannot be decoded is never left out.
    ``sha256`` is of the bytes as stored and known once all of them were read.
    """

    def __init__(self, path: Path, encoding: str, limits: Limits) -> None:
        self.path, self.limits = path, limits
        self.encoding = checked_encoding(encoding)
        self._sha256 = hashlib.sha256()
        self.size = 0
        """Characters read so far."""

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()

    def __iter__(self) -> Iterator[str]:
        line_ends = io.IncrementalNewlineDecoder(None, translate=True)
        for text in self._decoded():
            self.size += len(text)
            yield line_ends.decode(text)
        yield line_ends.decode("", final=True)

    def _decoded(self) -> Iterator[str]:
        chunks = self._bounded()
        chunk = next(chunks, b"")
        codec, bom = self._codec(chunk)
        decoder = codecs.getincrementaldecoder(codec)("strict")
        offset, chunk = bom, chunk[bom:]
        while chunk:
            yield self._decode(decoder, chunk, offset)
            offset += len(chunk)
            chunk = next(chunks, b"")
        yield self._decode(decoder, b"", offset)

    def _codec(self, start: bytes) -> tuple[str, int]:
        """The codec to use and the length of the byte order mark in front."""
        boms = BOMS.get(self.encoding, {})
        for bom, codec in boms.items():
            if start.startswith(bom):
                return codec, len(bom)
        if boms and self.encoding != "utf-8" and start:
            raise self._refused(
                "encoding.byte_order",
                f"{self.encoding} needs a byte order mark at byte 0 and there is none; "
                f"say {self.encoding}-le or {self.encoding}-be{hint(start, 0, self.encoding)}.",
            )
        return self.encoding, 0

    def _decode(self, decoder: codecs.IncrementalDecoder, chunk: bytes, offset: int) -> str:
        """An empty chunk is the end."""
        held = decoder.getstate()[0]
        try:
            return decoder.decode(chunk, not chunk)
        except UnicodeDecodeError as error:
            seen = held + chunk
            told = hint(seen, error.start, self.encoding)
            raise self._refused(
                "encoding.undecodable",
                f"byte {offset - len(held) + error.start} is not {self.encoding}{told}.",
            ) from None

    def _bounded(self) -> Iterator[bytes]:
        size = 0
        for chunk in self._unpacked():
            size += len(chunk)
            if self.limits.bytes_max is not None and size > self.limits.bytes_max:
                raise self._refused(
                    "file.too_large", f"more than {self.limits.bytes_max} bytes of text."
                )
            yield chunk

    def _unpacked(self) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            if file.read(len(GZ_MAGIC)) == GZ_MAGIC:
                file.seek(0)
                yield from self._gunzipped(file)
                return
            file.seek(0)
            while chunk := file.read(CHUNK_SIZE):
                self._sha256.update(chunk)
                yield chunk

    def _gunzipped(self, file: io.BufferedReader) -> Iterator[bytes]:
        packed = unpacked = 0
        member = _member()
        while chunk := file.read(CHUNK_SIZE):
            self._sha256.update(chunk)
            packed += len(chunk)
            while chunk:
                if member.eof:
                    self._allow_another(chunk)
                    member = _member()
                try:
                    text = member.decompress(chunk, CHUNK_SIZE)
                except zlib.error:
                    raise self._refused("gz.corrupt", "the gz stream is damaged.") from None
                unpacked += len(text)
                self._allow_ratio(packed, unpacked)
                if text:  # else that was a header, and an empty piece would mean the end
                    yield text
                chunk = member.unused_data if member.eof else member.unconsumed_tail
        if not member.eof:
            raise self._refused("gz.truncated", "the gz stream ends before its end.")

    def _allow_another(self, rest: bytes) -> None:
        if self.limits.gz_ratio_max is not None or not rest.startswith(GZ_MAGIC[:1]):
            raise self._refused("gz.members", "something follows the end of the gz stream.")

    def _allow_ratio(self, packed: int, unpacked: int) -> None:
        ratio = self.limits.gz_ratio_max
        if ratio is not None and unpacked > max(ratio * packed, _RATIO_FREE):
            raise self._refused("gz.ratio", f"it unpacks to more than {ratio} times its size.")

    def _refused(self, code: str, detail: str) -> Invalid:
        return Invalid(code, f"{self.path.name}: {detail}")


def checked_encoding(name: str) -> str:
    """A text encoding's own name. Raises Invalid for what is no encoding of text files."""
    try:
        codec = codecs.lookup(name)
    except LookupError:
        raise Invalid("encoding.unknown", f"There is no encoding {name!r}.") from None
    own = codec.name.replace("_", "-")
    is_text = getattr(codec, "_is_text_encoding", True)
    if not is_text or own in _NO_TEXT_FILE_USES or codec.incrementaldecoder is None:
        raise Invalid("encoding.unknown", f"{name!r} is not an encoding of text files.")
    return "utf-8" if own == "utf-8-sig" else own


def _member() -> zlib._Decompress:
    return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
