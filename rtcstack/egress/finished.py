"""What finishing a recording comes to, and whether there is room for it: what the dispatcher has to know of `finish.py`."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from rtcstack.egress.container.stream_info import StreamInfo, in_a_word
from rtcstack.egress.job import RESERVE_BYTES, Span
from rtcstack.egress.spool import Order
from rtcstack.errors import PartUnavailable

_LEAST_BYTES: Final = 1024 * 1024
"""For what is noted and told meanwhile."""


class JoinDied(PartUnavailable):
    """The process that was to make one file of the parts died."""


class Finished(msgspec.Struct, frozen=True):
    """A finished recording. Paths are strings so that this travels as JSON."""

    path: str
    """An ordinary MP4, or an OGG; the same file as the part when there was one, of the same kind, and it was intact."""
    index_path: str
    """Empty for an OGG."""
    size_bytes: int
    duration_ms: int
    streams: tuple[StreamInfo, ...]
    spans: tuple[Span, ...]
    recovered: bool
    """Whether a part was not closed in order and ends with its last whole fragment."""


def object_metadata(order: Order, finished: Finished, sha256: str) -> dict[str, str]:
    """Return what the object is to carry; `sha256` is the file's, in hexadecimal digits."""
    return {
        **order.metadata,
        "rtcstack-egress": order.egress_id,
        "rtcstack-duration-ms": str(finished.duration_ms),
        **{f"rtcstack-{stream.kind}": in_a_word(stream) for stream in finished.streams},
        "rtcstack-sha256": sha256,
    }


def lacks_room(parts: Sequence[Path], out: Path) -> bool:
    """Whether the disk cannot take the parts once more; what the next try removes counts as free: a draft, a file already joined.

    What recordings that run need to end is kept back; where there is less than that they have ended.
    """
    free_bytes = shutil.disk_usage(out.parent).free
    reserve_bytes = RESERVE_BYTES if free_bytes >= RESERVE_BYTES else _LEAST_BYTES
    own_bytes = _own_bytes(draft_of(out)) + _own_bytes(out)
    return (
        free_bytes + own_bytes < sum(part.stat().st_size for part in parts if part.exists()) + reserve_bytes
    )


def _own_bytes(file: Path) -> int:
    """Return what its removal frees: nothing when it is a part's other name."""
    try:
        stat = file.stat()
    except FileNotFoundError:
        return 0
    return stat.st_size if stat.st_nlink == 1 else 0


def draft_of(out: Path) -> Path:
    return out.with_name(f"{out.name}.draft")
