"""MPEG transport streams (ISO/IEC 13818-1) on disk: how far one goes that nobody closed."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

PACKET: Final = 188
TICKS_HZ: Final = 90_000
_SYNC: Final = 0x47
_WRAP: Final = 1 << 33
_VIDEO_IDS: Final = range(0xE0, 0xF0)
_START: Final = b"\0\0\1"
_HEAD: Final = 14
"""Bytes of a packet of an elementary stream up to the end of its time stamp (2.4.3.6)."""
_PTS_FLAG: Final = 0x80


def cut(path: Path) -> int:
    """Cut off what is no whole packet; return how many bytes are left."""
    whole = path.stat().st_size // PACKET * PACKET
    os.truncate(path, whole)
    return whole


def span(path: Path) -> tuple[int, int] | None:
    """Return the first and the last time stamp, in ticks of 1/90000 s: those of pictures if there are any.

    None when no time stamp is found. Time stamps are taken to run on where they wrap.
    """
    stamps: dict[bool, list[int]] = {True: [], False: []}
    for stream_id, pts in _stamps(path.read_bytes()):
        stamps[stream_id in _VIDEO_IDS].append(pts)
    found = stamps[True] or stamps[False]
    if not found:
        return None
    first = found[0]
    return first, max(first + (pts - first + _WRAP // 2) % _WRAP - _WRAP // 2 for pts in found)


def _stamps(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield stream id and time stamp of each packet of the elementary streams that carries one."""
    for at in range(0, len(data) - PACKET + 1, PACKET):
        packet = data[at : at + PACKET]
        begins_unit, has_field = packet[1] & 0x40, packet[3] & 0x20
        payload = 4 + (1 + packet[4] if has_field else 0)
        head = packet[payload : payload + _HEAD]
        is_head = packet[0] == _SYNC and begins_unit and head.startswith(_START) and len(head) == _HEAD
        if is_head and head[7] & _PTS_FLAG:
            yield head[3], _pts(head[9:])


def _pts(field: bytes) -> int:
    """Return the 33 bits that five bytes hold, marker bits between them (2.4.3.7)."""
    return (
        (field[0] >> 1 & 0x07) << 30 | field[1] << 22 | (field[2] >> 1) << 15 | field[3] << 7 | field[4] >> 1
    )
