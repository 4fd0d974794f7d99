"""What bytes that cannot be decoded look like: a hint for people, on which nothing ever acts."""

from __future__ import annotations

import codecs
import re

BOMS = {
    "utf-8": {codecs.BOM_UTF8: "utf-8"},
    "utf-16": {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"},
    "utf-32": {codecs.BOM_UTF32_LE: "utf-32-le", codecs.BOM_UTF32_BE: "utf-32-be"},
}
"""Byte order marks by encoding."""
_HINTS = {
    "utf-8": "utf-8", "gb2312": "gb18030", "shift_jis": "shift_jis", "gb18030": "gb18030",
    "windows-1252": "windows-1252",
}  # fmt: skip
"""What the bytes may look like, and what to say then."""
_EAST_ASIAN = {"gb2312", "gb18030", "shift_jis"}
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_CUT_MAX = 4  # bytes of a character


def hint(seen: bytes, at: int, declared: str) -> str:
    """What the bytes around ``at`` look like, for a person to try. Never acted upon."""
    for bom, codec in BOMS["utf-16"].items():
        if seen.startswith(bom) and not declared.startswith("utf-16"):
            return f"; the file starts like utf-16 ({codec[-2:]}): try encoding = 'utf-16'"
    around = seen[max(at - 200, 0) : at + 200]
    for codec, name in _HINTS.items():
        if name != declared and _is_plausible(around, codec):
            return f"; the bytes look like {name}: try encoding = '{name}'"
    return ""


def _is_plausible(sample: bytes, codec: str) -> bool:
    """Whether a cut-out sample decodes into what people write: letters, no control characters."""
    text = _decoded(sample, codec)
    if not any(char.isalnum() for char in text):
        return False
    if any(not char.isprintable() and char not in "\r\n\t" for char in text):
        return False
    runs = _FOREIGN.findall(text)
    foreign = "".join(runs)
    if codec in _EAST_ASIAN:
        return all(map(_is_east_asian, foreign)) and len(foreign) > len(runs)
    return codec == "utf-8" or all(char.isalpha() or not char.isalnum() for char in foreign)


def _decoded(sample: bytes, codec: str) -> str:
    """A sample as text, less a character that is cut at either end; empty if it is none."""
    for start in range(_CUT_MAX):
        for end in range(_CUT_MAX):
            try:
                return sample[start : len(sample) - end].decode(codec)
            except UnicodeDecodeError:
                continue
    return ""


def _is_east_asian(char: str) -> bool:
    return "\u3000" <= char <= "\u9fff" or "\uff00" <= char <= "\uffef"
